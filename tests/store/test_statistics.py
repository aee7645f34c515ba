"""The counts of the default graph are exact, at first and after each write; VoID says them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import cast

import rdflib
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Store, Triple, parse
from rdflib import RDF, VOID, Graph, URIRef

from store.engine import LocalEngine
from store.links import SKOS
from store.statistics import (
    PARTITIONS,
    RDF_TYPE,
    SD,
    Statistics,
    keep_void,
    void_dataset,
    void_graph,
    void_triples,
)

EX = "http://example.org/"
BASE = "https://example.org/atlas"
ENTRIES = [
    {
        "graph": f"{BASE}/graph/map",
        "name": "map",
        "triples": 7,
        "publish": "default",
        "title": {"fr": "Carte", "en": "Map"},
        "licence": "https://example.org/licence",
        "attribution": "A body",
        "source": "https://example.org/source",
    },
    {"graph": f"{BASE}/graph/apart", "name": "apart", "triples": 2, "publish": "named"},
    {"graph": f"{BASE}/graph/made-up", "name": "made-up", "triples": 1, "publish": "illustrative"},
]

MATCH = f"{SKOS}exactMatch"
ELSEWHERE = [NamedNode(iri) for iri in ("https://a.org/x", "https://a.org#y", "urn:x", "http://b/")]
NODES = st.sampled_from([NamedNode(f"{EX}{name}") for name in "abc"] + [BlankNode("b")] + ELSEWHERE)
TRIPLES = st.builds(
    Triple,
    NODES,
    st.sampled_from([RDF_TYPE, NamedNode(f"{EX}p"), NamedNode(f"{EX}q"), NamedNode(MATCH)]),
    st.one_of(NODES, st.just(Literal("text"))),
)


def counted(triples: set[Triple]) -> Statistics:
    store = Store()
    store.extend(Quad(triple.subject, triple.predicate, triple.object) for triple in triples)
    # What only a named graph holds must not count.
    store.add(Quad(NamedNode(f"{EX}z"), RDF_TYPE, NamedNode(f"{EX}Z"), NamedNode(f"{EX}g")))
    return Statistics.of(LocalEngine(store=store))


def test_each_triple_counts_for_its_property_and_each_type_for_its_class() -> None:
    a, b = NamedNode(f"{EX}a"), NamedNode(f"{EX}b")
    assert counted(
        {
            Triple(a, RDF_TYPE, NamedNode(f"{EX}Commune")),
            Triple(b, RDF_TYPE, NamedNode(f"{EX}Commune")),
            Triple(b, RDF_TYPE, BlankNode("expression")),
            Triple(a, NamedNode(f"{EX}name"), Literal("A")),
        }
    ) == Statistics(
        triples=4, classes={f"{EX}Commune": 2}, properties={RDF_TYPE.value: 3, f"{EX}name": 1}
    )


@settings(deadline=None)
@given(before=st.sets(TRIPLES, max_size=12), after=st.sets(TRIPLES, max_size=12))
def test_counts_kept_in_step_equal_counts_made_anew(
    before: set[Triple], after: set[Triple]
) -> None:
    assert counted(before).after(after - before, before - after) == counted(after)


def test_counts_survive_the_record() -> None:
    statistics = Statistics(3, {f"{EX}C": 1}, {f"{EX}p": 3}, {(MATCH, "https://a.org"): 2})
    assert Statistics.from_json(json.loads(json.dumps(statistics.to_json()))) == statistics


def described(statistics: Statistics, endpoint: str | None = None) -> Graph:
    graph = Graph()
    triples = void_triples(statistics, base=BASE, graphs=ENTRIES, endpoint=endpoint)
    graph.parse(data="".join(f"{triple} .\n" for triple in triples), format="nt")
    return graph


def count(graph: Graph, measure: URIRef) -> int:
    value = graph.value(URIRef(void_dataset(BASE).value), measure)
    assert isinstance(value, rdflib.Literal)
    return int(value)


def select(graph: Graph, query: str, **bindings: URIRef) -> set[tuple[str, ...]]:
    rows = graph.query(query, initNs={"void": VOID}, initBindings=bindings)
    return {tuple(map(str, row)) for row in cast(Iterable[Iterable[object]], rows)}


def test_void_says_the_counts_whole_and_by_class_and_property() -> None:
    graph = described(Statistics(5, {f"{EX}C": 2}, {f"{EX}p": 2, f"{EX}é": 3}))
    assert count(graph, VOID.triples) == 5
    assert count(graph, VOID.classes) == 1
    assert count(graph, VOID.properties) == 2
    assert select(
        graph,
        """SELECT ?of ?count WHERE {
          { ?d void:classPartition ?p . ?p void:class ?of ; void:entities ?count }
          UNION { ?d void:propertyPartition ?p . ?p void:property ?of ; void:triples ?count } }""",
    ) == {(f"{EX}C", "2"), (f"{EX}p", "2"), (f"{EX}é", "3")}
    assert "_:" not in graph.serialize(format="nt"), "all can be linked to"


def test_links_are_counted_by_property_and_by_the_authority_that_they_lead_to() -> None:
    a, match = NamedNode(f"{EX}a"), NamedNode(MATCH)
    links = counted({Triple(a, match, end) for end in (*ELSEWHERE, NamedNode(f"{EX}b"))}).links
    assert links == {(MATCH, "https://a.org"): 2, (MATCH, "http://b"): 1}
    more = {**links, (f"{SKOS}closeMatch", "http://b"): 1}
    triples = list(void_triples(Statistics(links=more), base=BASE, graphs=ENTRIES))
    assert len(triples) == len(set(triples)), "an authority is described once"
    graph = described(Statistics(links=links))
    assert select(
        graph,
        """SELECT ?property ?space ?triples WHERE { ?whole void:subset ?set .
          ?set a void:Linkset ; void:linkPredicate ?property ; void:triples ?triples ;
            void:subjectsTarget ?whole ; void:objectsTarget [ void:uriSpace ?space ] }""",
    ) == {(MATCH, "https://a.org/", "2"), (MATCH, "http://b/", "1")}


def test_counts_of_a_record_without_links_are_read_all_the_same() -> None:
    assert Statistics.from_json({"triples": 0, "classes": {}, "properties": {}}) == Statistics()


def test_void_tells_licence_title_and_source_of_each_graph_but_not_of_an_invented_one() -> None:
    graph = described(Statistics())
    dataset = URIRef(void_dataset(BASE).value)
    assert set(graph.objects(dataset, VOID.subset)) == {URIRef(f"{BASE}/graph/map")}
    assert select(
        graph,
        """SELECT ?title ?licence ?source ?rights ?triples WHERE { ?map dcterms:title ?title ;
          dcterms:license ?licence ; dcterms:source ?source ; dcterms:rights ?rights ;
          void:triples ?triples }""",
        map=URIRef(f"{BASE}/graph/map"),
    ) == {
        (title, "https://example.org/licence", "https://example.org/source", "A body", "7")
        for title in ("Carte", "Map")
    }
    assert (URIRef(f"{BASE}/graph/apart"), RDF.type, VOID.Dataset) in graph
    assert "made-up" not in graph.serialize(format="nt")


def test_void_names_the_service_only_where_its_address_is_known() -> None:
    dataset = URIRef(void_dataset(BASE).value)
    assert described(Statistics()).value(dataset, VOID.sparqlEndpoint) is None
    graph = described(Statistics(), "https://example.org/sparql")
    assert graph.value(dataset, VOID.sparqlEndpoint) == URIRef("https://example.org/sparql")
    service = URIRef("https://example.org/sparql#service")
    assert (service, RDF.type, URIRef(f"{SD}Service")) in graph


def test_void_lists_the_largest_of_very_many_classes_and_still_counts_them_all() -> None:
    many = {f"{EX}c{number}": number + 1 for number in range(PARTITIONS + 10)}
    graph = described(Statistics(1, many, {f"{EX}p": 1}))
    assert count(graph, VOID.classes) == PARTITIONS + 10
    listed = set(graph.objects(None, VOID["class"]))
    assert len(listed) == PARTITIONS
    assert URIRef(f"{EX}c{PARTITIONS + 9}") in listed
    assert URIRef(f"{EX}c0") not in listed


def test_the_description_is_kept_as_a_graph_of_the_record(tmp_path: Path) -> None:
    entry = keep_void(Statistics(1, {}, {f"{EX}p": 1}), base=BASE, graphs=ENTRIES, folder=tmp_path)
    written = list(parse(path=str(tmp_path / entry["file"]), format=RdfFormat.N_TRIPLES))
    assert len({quad.triple for quad in written}) == entry["triples"]
    assert entry["graph"] == void_graph(BASE) == f"{BASE}/graph/void"
    assert entry["publish"] == "named"
