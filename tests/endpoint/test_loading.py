"""LOAD over real HTTP: a partner's documents alone, through the gate, for who may write."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from federation.partner import Partner
from federation.sites.partners import PartnerFolder
from tests.endpoint.serving import Served, serving
from tests.endpoint.world import publish_world
from tests.endpoint.writing import PARTNER, Desk, token
from tests.loaders.sites import Site
from tests.loaders.sites import serving as serving_site

TURTLE = "<urn:loaded> <urn:p> 1 . <> <urn:p> _:b . _:b <urn:p> 2 ."
LOADED = "ASK { <urn:loaded> <urn:p> 1 }"


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with serving_site() as site:
        yield site


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory, site: Site) -> Path:
    folder = tmp_path_factory.mktemp("loading")
    publish_world(folder)
    allowed = frozenset({"127.0.0.1"})
    partners = PartnerFolder(folder)
    harvest = frozenset({"harvest"})
    partners.add(Partner("site", dump=f"{site.address}/", addresses=allowed, uses=harvest))
    return folder


@pytest.fixture(scope="module")
def running(instance: Path) -> Iterator[Served]:
    with serving(instance, ATLAS_WORKERS="2", ATLAS_WRITE_BYTES="5000") as served:
        yield served


@pytest.fixture
def desk(running: Served, instance: Path, site: Site) -> Desk:
    site.asked.clear()
    return Desk(running, token(instance, PARTNER, f"{PARTNER}/*"))


def test_a_partner_s_document_is_loaded_in_its_turn(desk: Desk, site: Site) -> None:
    source = site.puts("/a.ttl", TURTLE, "text/turtle")
    graph = f"{PARTNER}/a"
    reply = desk.update(
        f"INSERT DATA {{ GRAPH <{graph}> {{ <urn:before> <urn:p> 1 }} }} ;"
        f"LOAD <{source}> INTO GRAPH <{graph}> ;"
        f"DELETE DATA {{ GRAPH <{graph}> {{ <urn:loaded> <urn:p> 1 }} }}"
    )
    assert reply.status == 201, reply.text
    rows = desk.served.rows(
        f"SELECT ?s {{ GRAPH <{graph}> {{ ?s <urn:p> ?o FILTER(isIRI(?s)) }} }}"
    )
    assert rows == {("urn:before",), (source,)}
    assert [path for _, path, _ in site.asked] == ["/a.ttl"]


def test_the_end_of_the_address_says_the_syntax_where_nothing_else_does(
    desk: Desk, site: Site
) -> None:
    source = site.puts("/b.nt", "<urn:loaded> <urn:p> <urn:o> .\n")
    assert desk.update(f"LOAD <{source}> INTO GRAPH <{PARTNER}/b>").status == 201


@pytest.mark.parametrize(
    ("source", "status", "slug", "said"),
    [
        ("http://127.0.0.1:1/x.ttl", 403, "forbidden", "only documents of partners"),
        ("file:///etc/passwd", 403, "forbidden", "only documents of partners"),
        ("{site}/none.ttl", 502, "partner-failed", "The partner site answers with status 404"),
        ("{site}/page", 502, "partner-failed", "serves text/html at"),
        ("{site}/away.ttl", 502, "partner-failed", "redirects to"),
        ("{site}/bad.ttl", 400, "malformed-data", "Turtle"),
        ("{site}/large.ttl", 507, "partner-limit", "more than 5,000 bytes"),
    ],
)
def test_what_cannot_be_loaded_is_told_and_writes_nothing(
    source: str, status: int, slug: str, said: str, desk: Desk, site: Site
) -> None:
    site.puts("/page", "<html>", "text/html")
    away = {"Location": "http://169.254.169.254/latest"}
    site.puts("/away.ttl", "", "text/turtle", status=302, headers=away)
    site.puts("/bad.ttl", "<urn:a> <urn:b", "text/turtle")
    site.puts("/large.ttl", "#" * 6000, "text/turtle")
    address = source.format(site=site.address)
    graph = f"{PARTNER}/never"
    first = f"INSERT DATA {{ GRAPH <{graph}> {{ <urn:never> <urn:p> 1 }} }}"
    reply = desk.update(f"{first} ; LOAD <{address}> INTO GRAPH <{graph}>")
    assert (reply.status, reply.slug) == (status, slug), reply.text
    assert said in reply.json["detail"]
    assert desk.served.ask("ASK { GRAPH ?g { <urn:never> ?p ?o } }", "text/csv").text == "false"


def test_silent_leaves_out_what_cannot_be_fetched(desk: Desk, site: Site) -> None:
    graph = f"{PARTNER}/silent"
    for address in (f"{site.address}/none.ttl", "http://127.0.0.1:1/x.ttl"):
        insert = f"INSERT DATA {{ GRAPH <{graph}> {{ <{address}> <urn:p> 1 }} }}"
        reply = desk.update(f"LOAD SILENT <{address}> INTO GRAPH <{graph}> ; {insert}")
        assert reply.status in (201, 204), reply.text
    assert len(desk.served.rows(f"SELECT ?s {{ GRAPH <{graph}> {{ ?s ?p ?o }} }}")) == 2


def test_nothing_is_fetched_for_who_may_not_write_there(desk: Desk, site: Site) -> None:
    source = site.puts("/c.ttl", TURTLE, "text/turtle")
    assert desk.update(f"LOAD <{source}> INTO GRAPH <urn:somebody-else>").status == 403
    assert desk.update(f"LOAD <{source}>").status == 403
    reply = desk.served.fetch(
        "/sparql",
        "POST",
        body=f"LOAD <{source}> INTO GRAPH <{PARTNER}/c>",
        headers={"Content-Type": "application/sparql-update"},
    )
    assert reply.status == 401
    assert site.asked == []
