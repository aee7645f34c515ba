"""The service description: the three tests of the W3C, and that nothing untrue is claimed.

https://www.w3.org/TR/sparql11-service-description/
"""

from __future__ import annotations

from pathlib import Path

import pytest
from rdflib import OWL, RDF, RDFS, VOID, BNode, Graph, Literal, Namespace, URIRef

from tests.endpoint.serving import Served, serving
from tests.endpoint.world import EXAMPLE, PLACES, TALK

SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
# Domain and range of the terms, as the vocabulary has them; None: any resource.
SCHEMA: dict[URIRef, tuple[URIRef, URIRef | None]] = {
    SD.endpoint: (SD.Service, None),
    SD.supportedLanguage: (SD.Service, SD.Language),
    SD.resultFormat: (SD.Service, None),
    SD.inputFormat: (SD.Service, None),
    SD.defaultEntailmentRegime: (SD.Service, SD.EntailmentRegime),
    SD.defaultDataset: (SD.Service, SD.Dataset),
    SD.defaultGraph: (SD.Dataset, SD.Graph),
    SD.namedGraph: (SD.Dataset, SD.NamedGraph),
    SD.name: (SD.NamedGraph, None),
    SD.graph: (SD.NamedGraph, SD.Graph),
}
# Instances that the vocabularies themselves declare.
KNOWN = {
    SD.Language: {SD.SPARQL10Query, SD.SPARQL11Query, SD.SPARQL11Update},
    SD.EntailmentRegime: {URIRef("http://www.w3.org/ns/entailment/Simple")},
}


@pytest.fixture(scope="module")
def graph(served: Served) -> Graph:
    """returns-rdf: GET on the endpoint returns RDF."""
    reply = served.fetch("/sparql", headers={"Accept": "application/rdf+xml"})
    assert (reply.status, reply.type) == (200, "application/rdf+xml")
    return Graph().parse(data=reply.text, format="xml")


def test_the_page_is_there_in_each_language(served: Served) -> None:
    for language in ("fr", "en", "es"):
        reply = served.fetch(f"/sparql?lang={language}", headers={"Accept": "text/html"})
        assert (reply.status, reply.type) == (200, "text/html")
        assert f'<html lang="{language}">' in reply.text


def test_has_endpoint_triple(served: Served, graph: Graph) -> None:
    assert (None, SD.endpoint, URIRef(f"{served.address}/sparql")) in graph


def test_conforms_to_schema(graph: Graph) -> None:
    used = {p for _, p, _ in graph if isinstance(p, URIRef) and p.startswith(SD)}
    assert used == SCHEMA.keys()
    for prop, (domain, range_) in SCHEMA.items():
        for subject, value in graph.subject_objects(prop):
            assert (subject, RDF.type, domain) in graph, (subject, prop)
            if range_ is not None:
                known = KNOWN.get(range_, set())
                assert value in known or (value, RDF.type, range_) in graph, (prop, value)
            assert isinstance(value, URIRef)


def test_everything_described_can_be_linked_to(graph: Graph) -> None:
    assert not [term for triple in graph for term in triple if isinstance(term, BNode)]


def test_what_is_not_true_of_the_service_is_not_claimed(graph: Graph) -> None:
    assert set(graph.objects(None, SD.feature)) == set()
    assert set(graph.objects(None, SD.supportedLanguage)) == {
        SD.SPARQL11Query,
        SD.SPARQL11Update,
    }
    assert (None, RDF.type, OWL.Ontology) not in graph
    assert not list(graph.objects(None, RDFS.comment))


def test_the_named_graphs_are_those_that_graph_reaches_unasked(
    served: Served, graph: Graph
) -> None:
    names = {str(name) for name in graph.objects(None, SD.name)}
    reached = {row[0] for row in served.rows("SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }")}
    assert names == reached == {PLACES, TALK}
    assert EXAMPLE not in names


def test_each_format_that_is_told_is_one_that_is_given(served: Served, graph: Graph) -> None:
    assert len(set(graph.objects(None, SD.resultFormat))) == 11
    assert len(set(graph.objects(None, SD.inputFormat))) >= 6


def test_a_person_gets_a_form_and_a_program_that_takes_anything_gets_rdf(served: Served) -> None:
    browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    assert served.fetch("/sparql", headers={"Accept": browser}).type == "text/html"
    assert served.fetch("/sparql", headers={"Accept": "*/*"}).type == "text/turtle"
    assert served.fetch("/sparql", headers={"Accept": "image/png"}).status == 406


def test_the_description_is_not_sent_again_while_it_is_the_same(served: Served) -> None:
    etag = served.fetch("/sparql").headers["ETag"]
    assert served.fetch("/sparql", headers={"If-None-Match": etag}).status == 304
    head = served.fetch("/sparql", "HEAD")
    assert (head.status, head.headers["ETag"], head.body) == (200, etag, b"")


TOKEN = "scratch-token-for-the-service-description"


def test_a_scratch_server_describes_itself_as_it_fills(tmp_path: Path) -> None:
    with serving(tmp_path, "--scratch", "--token", TOKEN, ATLAS_WORKERS="2") as scratch:
        before = Graph().parse(data=scratch.fetch("/sparql").text, format="turtle")
        assert (None, SD.endpoint, URIRef(f"{scratch.address}/sparql")) in before
        assert (None, RDF.type, SD.Dataset) in before
        reply = scratch.fetch(
            "/sparql",
            "POST",
            body="INSERT DATA { <urn:a> <urn:b> 1 . GRAPH <urn:g> { <urn:a> <urn:b> 2 } }",
            headers={
                "Content-Type": "application/sparql-update",
                "Authorization": f"Bearer {TOKEN}",
            },
        )
        assert reply.status in (200, 201, 204), reply.text
        after = Graph().parse(data=scratch.fetch("/sparql").text, format="turtle")
        assert set(after.objects(None, SD.name)) == {URIRef("urn:g")}
        void = Graph().parse(data=scratch.fetch("/.well-known/void").text, format="turtle")
        (dataset,) = void.subjects(VOID.sparqlEndpoint)
        assert void.value(dataset, VOID.triples) == Literal(1), "the default graph is its own"
