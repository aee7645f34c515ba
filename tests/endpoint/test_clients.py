"""The clients that people use, run for real against the served atlas."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from rdflib import Graph, Literal, URIRef
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from SPARQLWrapper import CSV, JSON, POST, TSV, TURTLE, XML, SPARQLWrapper

from tests.endpoint.serving import Served
from tests.endpoint.test_sparql import CONSTRUCT, LABEL, LABELS, SELECT
from tests.endpoint.world import NANCY, PLACES


@pytest.mark.parametrize("method", ["GET", POST])
def test_sparqlwrapper_reads_solutions_in_its_formats(served: Served, method: str) -> None:
    client = SPARQLWrapper(f"{served.address}/sparql")
    client.setMethod(method)
    client.setQuery(SELECT)
    expected = {(str(s), str(label)) for s, label in LABELS}
    client.setReturnFormat(JSON)
    rows = client.queryAndConvert()["results"]["bindings"]
    assert {(row["s"]["value"], row["label"]["value"]) for row in rows} == expected
    client.setReturnFormat(XML)
    assert "Maxéville" in client.queryAndConvert().toxml()
    for wanted in (CSV, TSV):
        client.setReturnFormat(wanted)
        assert "Maxéville".encode() in client.queryAndConvert()


def test_sparqlwrapper_reads_a_graph(served: Served) -> None:
    client = SPARQLWrapper(f"{served.address}/sparql")
    client.setQuery(CONSTRUCT)
    client.setReturnFormat(TURTLE)
    graph = Graph().parse(data=client.queryAndConvert(), format="turtle")
    assert set(graph.subject_objects(LABEL)) == LABELS


def test_rdflib_s_store_reads_as_from_a_graph_of_its_own(served: Served) -> None:
    graph = Graph(SPARQLStore(f"{served.address}/sparql"))
    assert set(graph.objects(URIRef(NANCY), LABEL)) == {Literal("Nancy", lang="fr")}
    named = Graph(SPARQLStore(f"{served.address}/sparql"), identifier=URIRef(PLACES))
    assert {tuple(row) for row in named.query(SELECT)} == LABELS


def test_curl_asks_with_a_file_and_fails_on_an_error(served: Served) -> None:
    curl = shutil.which("curl")
    if curl is None:
        pytest.skip("curl is not installed")
    arguments = [curl, "-sS", "--fail", "-H", "Content-Type: application/sparql-query"]
    address = f"{served.address}/sparql?format=csv"

    def ask(query: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*arguments, "--data-binary", "@-", address],
            input=query,
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )

    assert sorted(ask(SELECT).stdout.split()[1:]) == sorted(f"{s},{label}" for s, label in LABELS)
    assert ask("nonsense").returncode == 22
