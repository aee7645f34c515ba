"""What the atlas says of itself as a dataset, with and without what a build has recorded."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from rdflib import RDF, VOID, Graph, Literal, URIRef

from store import Generations, LoadJob
from store.statistics import Statistics, keep_void, void_dataset, void_graph
from tests.endpoint.serving import Served, serving
from tests.endpoint.world import ATLAS, BASE, COMMUNES, EXAMPLE, PLACES, TALK

WELL_KNOWN = "/.well-known/void"
DATASET = URIRef(void_dataset(BASE).value)
COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
PARTITION = """SELECT ?entities {
  ?dataset void:classPartition ?part . ?part void:class ?class ; void:entities ?entities }"""


def described(served: Served) -> Graph:
    reply = served.fetch(WELL_KNOWN)
    assert (reply.status, reply.type) == (200, "text/turtle")
    return Graph().parse(data=reply.text, format="turtle")


def entities(graph: Graph, name: str) -> set[str]:
    of = {"class": URIRef(ATLAS + name)}
    rows = graph.query(PARTITION, initNs={"void": VOID}, initBindings=of)
    return {str(row[0]) for row in rows if isinstance(row, tuple)}


def test_the_counts_are_those_of_the_default_graph(served: Served) -> None:
    graph = described(served)
    total = int(next(iter(served.rows(COUNT)))[0])
    assert graph.value(DATASET, VOID.triples) == Literal(total)
    (counted,) = served.rows(f"SELECT (COUNT(*) AS ?n) {{ ?s a <{ATLAS}Commune> }}")
    assert entities(graph, "Commune") == set(counted) == {"2"}


def test_the_endpoint_is_the_one_that_was_asked(served: Served) -> None:
    endpoint = described(served).value(DATASET, VOID.sparqlEndpoint)
    assert endpoint == URIRef(f"{served.address}/sparql")
    assert served.fetch("/sparql").status == 200


def test_each_published_graph_is_described_and_the_illustrative_one_is_not(served: Served) -> None:
    graph = described(served)
    for iri in (PLACES, TALK):
        assert (URIRef(iri), RDF.type, VOID.Dataset) in graph
    licence = URIRef("https://creativecommons.org/licenses/by/4.0/")
    assert licence in set(graph.objects(URIRef(PLACES)))
    assert (URIRef(EXAMPLE), None, None) not in graph


@pytest.mark.parametrize("suffix", ["ttl", "nt", "rdf", "jsonld", "trig", "nq", "n3", "html"])
def test_every_format_has_a_suffix(served: Served, suffix: str) -> None:
    reply = served.fetch(f"{WELL_KNOWN}.{suffix}")
    assert reply.status == 200
    assert "Commune" in reply.text
    assert reply.headers["Access-Control-Allow-Origin"] == "*"


def test_a_page_shows_the_counts_to_people(served: Served) -> None:
    reply = served.fetch(WELL_KNOWN, headers={"Accept": "text/html", "Accept-Language": "en"})
    assert "What the atlas holds, counted" in reply.text
    row = reply.text.split(">atlas:Commune<")[1].split("</tr>")[0]
    assert '<td class="number">2</td>' in row


def test_the_page_has_what_every_name_of_the_description_leads_to(recorded: Served) -> None:
    graph = described(recorded)
    named = {str(node) for node in graph.all_nodes() if str(node).startswith(f"{BASE}{WELL_KNOWN}")}
    fragments = {name.partition("#")[2] for name in named}
    assert {one.split("-")[1] for one in fragments if "-" in one} >= {"class", "property"}
    page = recorded.fetch(WELL_KNOWN, headers={"Accept": "text/html"}).text
    ids = [unescape(one) for one in re.findall(r' id="([^"]*)"', page)]
    assert fragments <= set(ids)
    assert len(ids) == len(set(ids))


def test_nothing_is_sent_again_while_the_generation_is_the_same(served: Served) -> None:
    etag = served.fetch(WELL_KNOWN).headers["ETag"]
    assert served.fetch(WELL_KNOWN, headers={"If-None-Match": etag}).status == 304
    assert served.fetch(WELL_KNOWN, "HEAD").headers["ETag"] == etag


@pytest.fixture
def recorded(tmp_path: Path) -> Iterator[Served]:
    """A generation whose record has counts, as a build leaves it."""
    source = tmp_path / "source.nt"
    source.write_text(COMMUNES, "utf-8")
    entry = {"graph": PLACES, "name": "places", "triples": 4, "publish": "default"}
    generations = Generations(tmp_path / "home")
    with generations.stage() as staging:
        staging.load([LoadJob(source, PLACES)])
        statistics = Statistics.of(staging.engine)
        void = keep_void(statistics, base=BASE, graphs=[entry], folder=tmp_path)
        staging.load([LoadJob(tmp_path / void["file"], void["graph"], merged=False)])
        record = {
            "triples": statistics.triples,
            "statistics": statistics.to_json(),
            "graphs": [entry, void],
        }
        generations.publish(staging, record)
    with serving(tmp_path / "home", ATLAS_WORKERS="2") as server:
        yield server


def test_what_a_build_counted_is_told_and_is_in_the_store_too(recorded: Served) -> None:
    graph = described(recorded)
    assert graph.value(DATASET, VOID.triples) == Literal(4)
    assert (DATASET, VOID.subset, URIRef(PLACES)) in graph
    in_store = f"""PREFIX void: <{VOID}>
      SELECT ?triples {{ GRAPH <{void_graph(BASE)}> {{ <{DATASET}> void:triples ?triples }} }}"""
    assert recorded.rows(in_store) == {("4",)}
    assert recorded.rows(COUNT) == {("4",)}, "the description is no part of what it counts"
    assert recorded.fetch("/", headers={"Accept": "text/html"}).status == 200
