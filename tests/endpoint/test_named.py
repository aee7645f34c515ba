"""The named queries as addresses, over real HTTP and with the real library."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from rdflib import Graph

from tests.endpoint.serving import Reply, Served
from tests.endpoint.world import NANCY, PLACES, TALK

LABEL = "/api/queries/cq49_label"


def run(served: Served, path: str, accept: str = "text/csv", **values: str) -> Reply:
    return served.fetch(f"{path}?{urlencode(values)}", headers={"Accept": accept})


def test_every_named_query_runs_or_says_which_parameter_it_needs(served: Served) -> None:
    listed = served.fetch("/api/queries/").json
    assert len(listed) >= 20
    for query in listed:
        path = query["url"].removeprefix(served.address)
        reply = served.fetch(path)
        required = [entry["name"] for entry in query["parameters"] if entry["required"]]
        if required:
            assert reply.status == 400, query["name"]
            assert required[0] in reply.json["detail"]
        else:
            assert reply.status == 200, reply.text


def test_a_query_answers_with_its_parameters_in_the_asked_format(served: Served) -> None:
    reply = run(served, LABEL, thing=NANCY, language="fr")
    assert (reply.status, reply.type) == (200, "text/csv")
    assert "Nancy" in reply.text
    as_json = run(served, LABEL, thing=NANCY, language="fr", format="json")
    assert as_json.type == "application/sparql-results+json"
    assert "Nancy" in as_json.text


def test_a_query_that_names_graphs_sees_those_that_are_published(served: Served) -> None:
    text = run(served, "/api/queries/cq50_stating_graphs", subject=NANCY).text
    assert PLACES in text
    assert TALK in text


def test_a_construct_query_answers_with_a_graph(served: Served) -> None:
    reply = run(served, "/api/queries/cq48_desmogram", "text/turtle")
    assert reply.type == "text/turtle"
    Graph().parse(data=reply.text, format="turtle")
    assert run(served, "/api/queries/cq48_desmogram", "text/csv").status == 406


@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        (f"{LABEL}?thing=urn:a&thing=urn:b", 400, "given 2 times"),
        (f"{LABEL}?nothing=1", 400, "no parameter 'nothing'"),
        (f"{LABEL}?thing=not-an-iri", 400, "thing"),
        (f"{LABEL}?thing=urn:a%3E%20%7D%20SERVICE%20%3Curn:b", 400, "thing"),
        ("/api/queries/nothing", 404, "There is no query 'nothing'"),
        ("/api/queries/nothing/about", 404, "There is no query 'nothing'"),
    ],
)
def test_a_bad_call_is_told_what_is_wrong(
    served: Served, path: str, status: int, says: str
) -> None:
    reply = served.fetch(path)
    assert reply.status == status
    assert says in reply.json["detail"]


def test_about_describes_the_query_and_its_parameters(served: Served) -> None:
    about = served.fetch(f"{LABEL}/about").json
    assert set(about["title"]) == {"fr", "en", "es"}
    assert [entry["name"] for entry in about["parameters"]] == ["thing", "language"]
    assert "SELECT" in about["query"]
