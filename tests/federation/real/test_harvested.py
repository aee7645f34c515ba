"""A static site's ScrutariData is harvested, and then answers together with a site that is asked.

The records are real ones of pages of Citego, which the site "experiences" (an atlas) publishes as
ScrutariData; here a plain web server serves that file from a folder.
"""

from __future__ import annotations

import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from federation.partner import Partner
from federation.sites.partners import PartnerFolder
from tests.endpoint.serving import ATLAS, environment, serving
from tests.federation.real.conftest import Need
from tests.federation.real.oracle import parsed
from tests.federation.real.sites import LOOPBACK, World, iri, partner
from tests.federation.real.test_answers import asked

pytestmark = pytest.mark.slow
FILE = "citego.xml"
PREFIXES = """\
PREFIX atlas: <https://w3id.org/atlas-relationnel/ontology/>
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX foaf: <http://xmlns.com/foaf/0.1/>
"""
HERE = "?here a atlas:Document ; dcterms:title ?title ; foaf:page ?page ."
THERE = "?there dcterms:title ?title ; foaf:page ?page ."
TOGETHER = (
    f"{PREFIXES} SELECT ?title ?page {{ {HERE} SERVICE <{iri('experiences')}> {{ {THERE} }} }}"
)
THEIRS = f"""{PREFIXES} SELECT ?title ?page {{
  {THERE} ?there atlas:publishedOn ?site FILTER(CONTAINS(STR(?site), "citego"))
}}"""


@contextmanager
def static(folder: Path) -> Iterator[str]:
    """The address of a web server that only has this folder."""
    command = [sys.executable, "-u", "-m", "http.server", "0", "--bind", LOOPBACK]
    with subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            assert process.stdout
            said = process.stdout.readline()
            yield said.split("(")[1].split(")")[0].rstrip("/")
        finally:
            process.terminate()


def test_a_static_site_is_harvested_and_joined_with_one_that_is_asked(
    sites: World, need: Need, tmp_path: Path
) -> None:
    need(["experiences"])
    site = sites.sites["experiences"]
    folder, home = tmp_path / "static", tmp_path / "home"
    folder.mkdir()
    with urllib.request.urlopen(f"{site.origin}/scrutari/{FILE}") as response:
        (folder / FILE).write_bytes(response.read())
    partners = PartnerFolder(home)
    partners.add(partner(site))
    with static(folder) as address:
        citego = Partner(
            "citego",
            dump=f"{address}/{FILE}",
            licence="https://creativecommons.org/licenses/by/4.0/",
            uses=frozenset({"harvest"}),
            addresses=frozenset({LOOPBACK}),
        )
        partners.add(citego)
        first, second = harvest(home), harvest(home)
    assert "documents" in first, first
    assert second != first
    with serving(home) as served:
        found = parsed(asked(served, "/sparql", TOGETHER).body)
    theirs = parsed(asked(sites.served, "/sparql", asked_there(THEIRS)).body)
    assert found == theirs
    assert not isinstance(found, bool)
    assert found.total() > 5


def asked_there(text: str) -> str:
    """The same, asked of the site alone."""
    head, _, body = text.partition("{")
    return f"{head} {{ SERVICE <{iri('experiences')}> {{ {body.rpartition('}')[0]} }} }}"


def harvest(home: Path) -> str:
    done = subprocess.run(
        [ATLAS, "harvest", "citego"],
        env=environment(home, COLUMNS="200"),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr
