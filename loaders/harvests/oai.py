"""An OAI-PMH repository taken whole into one file: its name, its sets, its records in Dublin Core.

The file holds the protocol's own elements under one root, without the moment of the answers, so
that what has not changed gives the same file.
"""

from __future__ import annotations

import warnings
from importlib import import_module
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from atlas.errors import MissingTool
from loaders.harvests.fetching import Fetched, Fetcher
from loaders.harvests.kinds import OAI
from loaders.harvests.state import Kept

FILE = "records.xml"
# What an address may hold of the protocol; all else is the repository's own.
ARGUMENTS = {"verb", "metadataPrefix", "resumptionToken", "identifier", "from", "until", "set"}


def take(fetcher: Fetcher, address: str) -> tuple[Fetched, tuple[str, ...]]:
    """The records of the repository at an address, and what is to be told of them.

    Raises MissingTool, PartnerFailed, PartnerLimit, Forbidden; the list is whole or none.
    """
    try:
        # Sickle writes regular expressions in a way of which Python warns.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            walking = import_module("loaders.harvests.sickle")
    except ModuleNotFoundError as error:
        raise MissingTool(
            "OAI-PMH is harvested with Sickle, which is not installed; run: "
            "pip install 'atlas-relationnel[oai]'."
        ) from error
    base, wanted = repository(address)
    path = fetcher.folder / FILE
    notes = walking.write(fetcher, base, wanted, path)
    kept = Kept(path.name, "text/xml")
    return Fetched(address, path, OAI, kept, fresh=True), tuple(notes)


def repository(address: str) -> tuple[str, str]:
    """The base URL of the repository that an address leads to, and the one set that it names, ""
    where it names none."""
    parts = urlsplit(address)
    given = parse_qsl(parts.query, keep_blank_values=True)
    own = urlencode([(name, value) for name, value in given if name not in ARGUMENTS])
    return urlunsplit(parts._replace(query=own, fragment="")), dict(given).get("set", "")
