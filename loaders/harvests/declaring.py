"""What a partner's graph is declared to be: whose it is, under which licence, how it is published.

In the form of ``sources.toml``: a later build reads the graph by it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from federation.partner import Partner
from loaders.harvests.dumps import Gathered
from loaders.harvests.kinds import OAI, SCRUTARI
from loaders.sources import IRI, LANGUAGES, NO_LICENCE

# Share-alike and copyleft: in a graph of its own, never merged with what others say.
SHARE_ALIKE = re.compile(r"/licenses/by(-nc)?-sa/|odbl|/[al]?gpl|gfdl|fdl-", re.IGNORECASE)
APART, MERGED = "named", "default"
# The loader of each kind that is not RDF.
LOADERS = {SCRUTARI: "scrutari", OAI: "oai_pmh"}


def graph_name(partner: str) -> str:
    """The name of the graph, and of the source, that holds a partner's data."""
    return f"partner-{partner}"


def declaration(
    partner: Partner, gathered: Gathered, publish: str, before: Mapping[str, Any] | None
) -> dict[str, Any]:
    """The source's table, without a path.

    ``publish``: as asked for, "" for as ``before``, the table of the last harvest, has it.
    """
    licence = partner.licence or gathered.licence
    is_iri = re.fullmatch(IRI.pattern, licence) is not None
    titles = {tag.partition("-")[0]: text for tag, text in sorted(partner.title.items())}
    title = titles.get("en") or next(iter(titles.values()), partner.name)
    loader = LOADERS.get(gathered.kind)
    table: dict[str, Any] = {
        "name": graph_name(partner.name),
        "kind": loader or "rdf_file",
        "title": {tag: _one_line(titles.get(tag, title)) for tag in LANGUAGES},
        "version": "",
        "licence": licence if is_iri else NO_LICENCE,
        # What the operator put into the entry is verified; what a partner says of itself is said.
        "licence_verified": is_iri and bool(partner.licence),
        "attribution": _one_line(title if is_iri or not licence else f"{title}: {licence}"),
        "publish": publish or (before or {}).get("publish") or _fitting(licence),
        # A record that cannot be used is told; the triples of RDF hang together.
        "on_error": "skip" if loader else "stop",
        "address": gathered.files[0].address,
    }
    if loader is None:
        addresses = [file.address for file in gathered.files]
        table["options"] = {"foreign": True, "base_iris": addresses}
    return table


def without_path(table: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in table.items() if key != "path"}


def _fitting(licence: str) -> str:
    return APART if SHARE_ALIKE.search(licence) else MERGED


def _one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
