"""SPARQLWrapper and rdflib's stores, run for real against the served atlas."""

from __future__ import annotations

import pytest
from rdflib import Dataset, Graph, Literal, URIRef
from rdflib.plugins.stores.sparqlstore import SPARQLStore, SPARQLUpdateStore
from SPARQLWrapper import CSV, JSON, N3, POST, RDFXML, TSV, TURTLE, XML, SPARQLWrapper
from SPARQLWrapper.SPARQLExceptions import QueryBadFormed

from tests.clients.tools import TOKEN
from tests.endpoint.serving import Served
from tests.endpoint.test_sparql import CONSTRUCT, LABEL, LABELS, SELECT
from tests.endpoint.world import BASE, NANCY, PLACES, TALK

BEARER = {"Authorization": f"Bearer {TOKEN}"}
# rdflib 7 warns of classes that its own readers still use.
ITS_OWN_WARNINGS = pytest.mark.filterwarnings("ignore:.* is deprecated:DeprecationWarning")
S, P = URIRef("urn:x-python:s"), URIRef("urn:x-python:p")
GRAPH = URIRef("urn:x-python:graph")


def client(served: Served, query: str, *, method: str = "GET") -> SPARQLWrapper:
    wrapper = SPARQLWrapper(f"{served.address}/sparql")
    wrapper.setMethod(method)
    wrapper.setQuery(query)
    return wrapper


@pytest.mark.parametrize("method", ["GET", POST])
def test_sparqlwrapper_reads_solutions_in_its_formats(served: Served, method: str) -> None:
    asking = client(served, SELECT, method=method)
    expected = {(str(s), str(label)) for s, label in LABELS}
    asking.setReturnFormat(JSON)
    rows = asking.queryAndConvert()["results"]["bindings"]
    assert {(row["s"]["value"], row["label"]["value"]) for row in rows} == expected
    asking.setReturnFormat(XML)
    assert "Maxéville" in asking.queryAndConvert().toxml()
    for wanted in (CSV, TSV):
        asking.setReturnFormat(wanted)
        assert "Maxéville".encode() in asking.queryAndConvert()


@ITS_OWN_WARNINGS
@pytest.mark.parametrize("method", ["GET", POST])
@pytest.mark.parametrize(("wanted", "syntax"), [(TURTLE, "turtle"), (N3, "n3")])
def test_sparqlwrapper_reads_a_constructed_graph(
    served: Served, method: str, wanted: str, syntax: str
) -> None:
    asking = client(served, CONSTRUCT, method=method)
    asking.setReturnFormat(wanted)
    graph = Graph().parse(data=asking.queryAndConvert(), format=syntax)
    assert set(graph.subject_objects(LABEL)) == LABELS


@ITS_OWN_WARNINGS
@pytest.mark.parametrize("method", ["GET", POST])
def test_sparqlwrapper_reads_a_description(served: Served, method: str) -> None:
    asking = client(served, f"DESCRIBE <{NANCY}>", method=method)
    asking.setReturnFormat(RDFXML)
    described = asking.queryAndConvert()
    assert set(described.objects(URIRef(NANCY), LABEL)) == {Literal("Nancy", lang="fr")}


@pytest.mark.parametrize("method", ["GET", POST])
@pytest.mark.parametrize(("pattern", "truth"), [("?s ?p ?o", True), ("?s ?s ?s", False)])
def test_sparqlwrapper_reads_truth(served: Served, method: str, pattern: str, truth: bool) -> None:
    asking = client(served, f"ASK {{ {pattern} }}", method=method)
    asking.setReturnFormat(JSON)
    assert asking.queryAndConvert()["boolean"] is truth
    asking.setReturnFormat(XML)
    found = asking.queryAndConvert().getElementsByTagName("boolean")[0].firstChild
    assert found.data == str(truth).lower()


def test_sparqlwrapper_names_the_graphs_it_asks(served: Served) -> None:
    asking = client(served, f"ASK {{ <{NANCY}> a ?class }}")
    asking.setReturnFormat(JSON)
    asking.addDefaultGraph(TALK)
    assert asking.queryAndConvert()["boolean"] is False
    asking.addDefaultGraph(PLACES)
    assert asking.queryAndConvert()["boolean"] is True


def test_sparqlwrapper_tells_a_query_that_is_not_one_from_any_other_fault(served: Served) -> None:
    with pytest.raises(QueryBadFormed, match="malformed-query"):
        client(served, "SELECT nonsense").query()


def test_sparqlwrapper_updates_with_its_token(writable: Served) -> None:
    asking = client(
        writable, f"INSERT DATA {{ GRAPH <{GRAPH}> {{ <{S}> <{P}> 'wrapped' }} }}", method=POST
    )
    for name, value in BEARER.items():
        asking.addCustomHttpHeader(name, value)
    assert asking.isSparqlUpdateRequest()
    assert asking.query().response.status // 100 == 2
    rows = writable.rows(f"SELECT ?o {{ GRAPH <{GRAPH}> {{ <{S}> <{P}> ?o }} }}")
    assert ("wrapped",) in rows


def test_rdflib_s_store_reads_as_from_a_graph_of_its_own(served: Served) -> None:
    graph = Graph(SPARQLStore(f"{served.address}/sparql"))
    assert set(graph.objects(URIRef(NANCY), LABEL)) == {Literal("Nancy", lang="fr")}
    assert (URIRef(NANCY), LABEL, Literal("Nancy", lang="fr")) in graph
    assert (URIRef(NANCY), LABEL, Literal("Nancy", lang="es")) not in graph
    named = Graph(SPARQLStore(f"{served.address}/sparql"), identifier=URIRef(PLACES))
    assert {tuple(row) for row in named.query(SELECT)} == LABELS


@pytest.mark.parametrize("method", ["GET", "POST", "POST_FORM"])
@pytest.mark.parametrize("returned", ["xml", "json", "csv", "tsv"])
def test_rdflib_s_store_reads_by_each_way_of_the_protocol(
    served: Served, method: str, returned: str
) -> None:
    store = SPARQLStore(f"{served.address}/sparql", method=method, returnFormat=returned)
    found = {tuple(map(str, row)) for row in Graph(store).query(SELECT)}
    assert found == {(str(s), str(label)) for s, label in LABELS}


@pytest.mark.parametrize("returned", ["xml", "json"])
def test_rdflib_s_store_reads_truth(served: Served, returned: str) -> None:
    graph = Graph(SPARQLStore(f"{served.address}/sparql", returnFormat=returned))
    assert graph.query("ASK { ?s ?p ?o }").askAnswer is True
    assert graph.query("ASK { ?s ?s ?s }").askAnswer is False


def test_rdflib_s_store_reads_a_constructed_graph(served: Served) -> None:
    graph = Graph(SPARQLStore(f"{served.address}/sparql")).query(CONSTRUCT).graph
    assert graph is not None
    assert set(graph.subject_objects(LABEL)) == LABELS


@ITS_OWN_WARNINGS
def test_rdflib_s_store_sees_a_dataset_s_graphs(served: Served) -> None:
    dataset = Dataset(SPARQLStore(f"{served.address}/sparql"), default_union=True)
    rows = dataset.query("SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }")
    assert {str(row[0]) for row in rows} >= {PLACES, TALK}
    assert f"{BASE}/graph/example" not in {str(row[0]) for row in rows}


def test_rdflib_s_update_store_writes_and_reads_back(writable: Served) -> None:
    address = f"{writable.address}/sparql"
    store = SPARQLUpdateStore(address, address, headers=BEARER)
    graph = Graph(store, identifier=URIRef("urn:x-python:stored"))
    values = {Literal("été", lang="fr"), Literal(3), Literal('a "quoted"\nline'), URIRef(NANCY)}
    for value in values:
        graph.add((S, P, value))
    assert set(graph.objects(S, P)) == values
    graph.remove((S, P, Literal(3)))
    assert set(graph.objects(S, P)) == values - {Literal(3)}
    graph.update(f"DELETE WHERE {{ <{S}> <{P}> ?o }}")
    assert set(graph.objects(S, P)) == set()


def test_rdflib_s_update_store_commits_many_changes_as_one(writable: Served) -> None:
    address = f"{writable.address}/sparql"
    store = SPARQLUpdateStore(address, address, autocommit=False, headers=BEARER)
    graph = Graph(store, identifier=URIRef("urn:x-python:committed"))
    for number in range(20):
        graph.add((S, P, Literal(number)))
    asked = f"SELECT ?o {{ GRAPH <{graph.identifier}> {{ ?s ?p ?o }} }}"
    assert writable.rows(asked) == set()
    store.commit()
    assert writable.rows(asked) == {(str(number),) for number in range(20)}
