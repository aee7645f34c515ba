"""``/sparql`` over real HTTP: forms, formats, datasets, refusals, faults."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

import pytest
from pyoxigraph import RdfFormat, parse
from rdflib import Graph, Literal, URIRef
from rdflib.compare import isomorphic
from rdflib.query import Result

from tests.endpoint.serving import Reply, Served
from tests.endpoint.world import ATLAS, BASE, EXAMPLE, NANCY, PLACES, TALK
from tests.waiting import until

LABEL = URIRef("http://www.w3.org/2000/01/rdf-schema#label")
SELECT = f"SELECT ?s ?label WHERE {{ ?s a <{ATLAS}Commune> ; <{LABEL}> ?label }}"
CONSTRUCT = (
    f"CONSTRUCT {{ ?s <{LABEL}> ?label }} WHERE {{ ?s a <{ATLAS}Commune> ; <{LABEL}> ?label }}"
)
RUNAWAY = "SELECT (COUNT(*) AS ?n) { " + " ".join(f"?a{n} ?b{n} ?c{n} ." for n in range(12)) + " }"
LABELS = {
    (URIRef(NANCY), Literal("Nancy", lang="fr")),
    (URIRef(f"{BASE}/id/commune/54357"), Literal("Maxéville", lang="fr")),
}
RESULTS = {
    "application/sparql-results+json": "json",
    "application/sparql-results+xml": "xml",
    "text/tab-separated-values": "tsv",
    "text/csv": "csv",
}
GRAPHS = ("text/turtle", "application/n-triples", "application/rdf+xml")
# rdflib's own readers of these warn of their own deprecation; the engine's reader is used instead.
READ_BY_ENGINE = ("application/ld+json", "text/n3", "application/trig", "application/n-quads")


@pytest.mark.parametrize("media_type", RESULTS)
def test_the_solutions_of_a_select_come_back_equal_in_every_format(
    served: Served, media_type: str
) -> None:
    reply = served.ask(SELECT, media_type)
    assert (reply.status, reply.type) == (200, media_type)
    result = Result.parse(io.BytesIO(reply.body), format=RESULTS[media_type])
    if media_type == "text/csv":  # CSV keeps neither kind nor language of a term.
        expected = {(str(s), str(label)) for s, label in LABELS}
        assert {tuple(map(str, row)) for row in result} == expected
    else:
        assert {tuple(row) for row in result} == LABELS


@pytest.mark.parametrize("media_type", RESULTS)
@pytest.mark.parametrize(("pattern", "expected"), [("?s a ?c", "true"), ("?s a ?s", "false")])
def test_an_ask_is_answered_in_every_format(
    served: Served, media_type: str, pattern: str, expected: str
) -> None:
    reply = served.ask(f"ASK {{ {pattern} }}", media_type)
    assert (reply.status, reply.type) == (200, media_type)
    if media_type.startswith("text/"):
        assert reply.text.strip() == expected
    else:
        result = Result.parse(io.BytesIO(reply.body), format=RESULTS[media_type])
        assert result.askAnswer is (expected == "true")


@pytest.mark.parametrize("media_type", GRAPHS)
@pytest.mark.parametrize("query", [CONSTRUCT, f"DESCRIBE ?s {{ ?s a <{ATLAS}Commune> }}"])
def test_the_triples_of_a_graph_query_come_back_equal_in_every_format(
    served: Served, media_type: str, query: str
) -> None:
    reply = served.ask(query, media_type)
    assert (reply.status, reply.type) == (200, media_type)
    graph = Graph().parse(io.BytesIO(reply.body), format=media_type)
    assert set(graph.subject_objects(LABEL)) == LABELS
    turtle = Graph().parse(data=served.ask(query, "text/turtle").text, format="turtle")
    assert isomorphic(graph, turtle)


@pytest.mark.parametrize("media_type", READ_BY_ENGINE)
def test_the_other_formats_hold_the_same_triples_in_the_default_graph(
    served: Served, media_type: str
) -> None:
    reply = served.ask(CONSTRUCT, media_type)
    assert (reply.status, reply.type) == (200, media_type)
    quads = list(parse(reply.body, format=RdfFormat.from_media_type(media_type)))
    assert {
        (URIRef(quad.subject.value), Literal(quad.object.value, lang="fr")) for quad in quads
    } == LABELS
    assert {str(quad.graph_name) for quad in quads} == {"DEFAULT"}


def test_get_and_both_kinds_of_post_answer_the_same(served: Served) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    direct = {"Content-Type": "application/sparql-query"}
    bodies = {
        served.ask(SELECT).body,
        served.fetch("/sparql", "POST", body=urlencode({"query": SELECT}), headers=form).body,
        served.fetch("/sparql", "POST", body=SELECT, headers=direct).body,
        served.fetch("/sparql/", "POST", body=SELECT, headers=direct).body,
    }
    assert len(bodies) == 1


def test_head_has_the_headers_of_get_and_no_body(served: Served) -> None:
    path = "/sparql?" + urlencode({"query": SELECT})
    got, head = served.fetch(path), served.fetch(path, "HEAD")
    assert head.body == b""
    for name in ("Content-Length", "Content-Type", "ETag", "Vary"):
        assert head.headers[name] == got.headers[name]


def test_an_unchanged_answer_is_304_and_another_format_is_not(served: Served) -> None:
    first = served.ask(SELECT, "text/csv")
    path, held = "/sparql?" + urlencode({"query": SELECT}), {"If-None-Match": first.headers["ETag"]}
    again = served.fetch(path, headers={"Accept": "text/csv", **held})
    assert (again.status, again.body) == (304, b"")
    assert served.fetch(path, headers={"Accept": "text/tab-separated-values", **held}).status == 200


def test_an_answer_that_is_no_function_of_the_data_is_not_to_be_kept(served: Served) -> None:
    reply = served.ask("SELECT (RAND() AS ?x) {}")
    assert "ETag" not in reply.headers
    assert reply.headers["Cache-Control"] == "no-store"


def test_any_origin_may_read_and_sees_the_headers(served: Served) -> None:
    reply = served.fetch("/sparql", "OPTIONS", headers={"Origin": "https://example.org"})
    assert reply.headers["Access-Control-Allow-Origin"] == "*"
    assert "POST" in reply.headers["Access-Control-Allow-Methods"]
    assert "ETag" in served.ask("ASK {}").headers["Access-Control-Expose-Headers"]


def test_the_default_graph_is_the_merge_without_the_illustrative_graph(served: Served) -> None:
    assert served.rows(f"SELECT ?s {{ ?s a <{ATLAS}Scheme> }}") == set()
    assert served.rows(f'SELECT (COUNT(*) AS ?n) {{ <{NANCY}> <{LABEL}> "Nancy"@fr }}') == {("1",)}


def test_graph_reaches_no_illustrative_graph_that_the_request_does_not_name(served: Served) -> None:
    every = "SELECT ?g { GRAPH ?g {} }"
    assert served.rows(every) == {(PLACES,), (TALK,)}
    assert served.rows(f"SELECT ?g {{ GRAPH ?g {{ ?s a <{ATLAS}Scheme> }} }}") == set()
    scheme = {(f"{BASE}/id/scheme/invented",)}
    inside = f"{{ ?s a <{ATLAS}Scheme> }}"
    assert served.rows(f"SELECT ?s {{ GRAPH <{EXAMPLE}> {inside} }}") == scheme
    assert (
        served.rows(f"PREFIX g: <{BASE}/graph/> SELECT ?s {{ GRAPH g:example {inside} }}") == scheme
    )
    assert served.rows(f"SELECT ?s FROM <{EXAMPLE}> {inside}") == scheme
    assert served.rows(f"SELECT ?s {inside}", **{"default-graph-uri": EXAMPLE}) == scheme
    named = {"named-graph-uri": EXAMPLE}
    assert served.rows(every, **named) == {(EXAMPLE,)}


def test_the_dataset_of_the_request_replaces_that_of_the_query(served: Served) -> None:
    query = f"SELECT ?s FROM <{TALK}> {{ ?s a ?c }}"
    assert served.rows(query) == {(f"{BASE}/id/relation/school-housing",)}
    assert len(served.rows(query, **{"default-graph-uri": PLACES})) == 2


def test_named_graphs_alone_leave_the_default_graph_empty(served: Served) -> None:
    assert served.rows("SELECT * { ?s ?p ?o }", **{"named-graph-uri": PLACES}) == set()
    assert served.rows(f"SELECT * FROM NAMED <{PLACES}> {{ ?s ?p ?o }}") == set()


def test_graphs_named_together_are_merged(served: Served) -> None:
    """A triple in two of them counts once, as the RDF merge has it."""
    pattern = f'{{ <{NANCY}> <{LABEL}> "Nancy"@fr }}'
    query = f"SELECT (COUNT(*) AS ?n) FROM <{PLACES}> FROM <{TALK}> {pattern}"
    assert served.rows(query) == {("1",)}


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("SELECT * FROM <http://127.0.0.1/data.ttl> { ?s ?p ?o }", {}),
        ("SELECT * FROM NAMED <file:///etc/passwd> { GRAPH ?g { ?s ?p ?o } }", {}),
        ("SELECT * { ?s ?p ?o }", {"default-graph-uri": "http://127.0.0.1/data.ttl"}),
        ("SELECT * { SERVICE <http://127.0.0.1:1/sparql> { ?s ?p ?o } }", {}),
        ("SELECT * { BIND (<http://127.0.0.1:1/> AS ?e) SERVICE ?e { ?s ?p ?o } }", {}),
        ("LOAD <http://127.0.0.1/data.ttl>", {}),
        ("INSERT DATA { <urn:a> <urn:b> <urn:c> }", {}),
    ],
)
def test_what_would_leave_this_atlas_or_change_it_is_forbidden_with_a_reason(
    served: Served, query: str, fields: dict[str, str]
) -> None:
    reply = served.ask(query, **fields)
    assert (reply.status, reply.slug) == (403, "forbidden")
    assert len(reply.json["detail"]) > 40


@pytest.mark.parametrize(
    ("path", "status", "slug"),
    [
        ("/sparql?query=ASK{}&query=ASK{}", 400, "bad-request"),
        ("/sparql?query=", 400, "bad-request"),
        ("/sparql?format=csv", 400, "bad-request"),
        ("/sparql?query=%FF", 400, "bad-request"),
        ("/sparql?query=SELECT%20%3Fx%20%7B", 400, "malformed-query"),
        ("/sparql?query=nonsense", 400, "malformed-query"),
        ("/sparql?query=ASK{}&format=turtle", 406, "not-acceptable"),
        ("/sparql?query=ASK{}&format=nothing", 406, "not-acceptable"),
        ("/sparql?update=CLEAR%20ALL", 400, "bad-request"),
        ("/nothing/here", 404, "not-found"),
    ],
)
def test_a_bad_request_is_a_problem_document(
    served: Served, path: str, status: int, slug: str
) -> None:
    reply = served.fetch(path.replace("{}", "%7B%7D"))
    assert (reply.status, reply.slug) == (status, slug)
    assert reply.json["status"] == status
    assert reply.json["title"]
    assert "Traceback" not in reply.text


def test_a_problem_s_type_leads_to_a_page_that_explains_it(served: Served) -> None:
    problem = served.ask("nonsense").json
    page = served.fetch(problem["type"].removeprefix(served.address), headers={"Accept": "*/*"})
    assert (page.status, page.type) == (200, "text/html")


def test_a_syntax_error_says_line_and_column(served: Served) -> None:
    problem = served.ask("SELECT *\n{ ?s ?p }").json
    assert (problem["line"], problem["column"]) == (2, 10)


def test_no_acceptable_format_is_refused_before_any_work(served: Served) -> None:
    # One that was asked of a worker first would be 503: its time would be over.
    reply = served.ask(RUNAWAY, "image/png")
    assert (reply.status, reply.slug) == (406, "not-acceptable")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods_are_refused_and_the_allowed_ones_told(served: Served, method: str) -> None:
    reply = served.fetch("/sparql", method)
    assert (reply.status, reply.slug) == (405, "method-not-allowed")
    assert {"GET", "HEAD", "POST"} <= set(reply.headers["Allow"].split(", "))


def test_a_body_of_another_type_is_refused(served: Served) -> None:
    reply = served.fetch("/sparql", "POST", body="ASK {}", headers={"Content-Type": "text/plain"})
    assert (reply.status, reply.slug) == (415, "unsupported-media-type")


@pytest.mark.parametrize(
    "query",
    [
        "ASK { FILTER (" + "(" * 20_000 + "1" + ")" * 20_000 + ") }",
        "ASK " + "{" * 20_000 + "}" * 20_000,
        "ASK { FILTER (" + "!" * 40_000 + "true) }",
        "ASK {" + "OPTIONAL { ?s ?p ?o } " * 5_000 + "}",
    ],
)
def test_a_query_that_would_end_the_engine_is_refused_before_it(served: Served, query: str) -> None:
    headers = {"Content-Type": "application/sparql-query"}
    reply = served.fetch("/sparql", "POST", body=query, headers=headers)
    assert (reply.status, reply.slug) == (400, "malformed-query")
    assert "at most" in reply.json["detail"]


def test_a_text_above_the_bound_is_too_large(served: Served) -> None:
    headers = {"Content-Type": "application/sparql-query"}
    reply = served.fetch("/sparql", "POST", body="ASK {}" + " " * 1024**2, headers=headers)
    assert (reply.status, reply.slug) == (413, "too-large")
    reply = served.fetch("/sparql", "POST", body=b"#" * (11 * 1024**2), headers=headers)
    assert (reply.status, reply.slug) == (413, "too-large")


def test_past_its_deadline_a_query_is_503_while_its_neighbours_are_answered(served: Served) -> None:
    def run_away(number: int) -> Reply:
        return served.ask(f"{RUNAWAY} # {number}", timeout="3")

    with ThreadPoolExecutor(2) as threads:
        runaways = [threads.submit(run_away, number) for number in range(2)]
        until(lambda: served.fetch("/health").json["busy"] >= 2)
        answered = 0
        while not any(runaway.done() for runaway in runaways):
            assert served.ask(f"ASK {{ ?s ?p ?o }} # {answered}").status == 200
            answered += 1
        replies = [runaway.result() for runaway in runaways]
    # Had they waited for the runaways, not even the second would have been asked.
    assert answered > 2
    for reply in replies:
        assert (reply.status, reply.slug) == (503, "query-timeout")
        assert reply.headers["Retry-After"]
        assert " 3 s " in reply.json["detail"]


def test_timeout_may_not_raise_the_server_s_deadline(served: Served) -> None:
    reply = served.ask(RUNAWAY, timeout="1000")
    assert (reply.status, reply.slug) == (503, "query-timeout")
    assert " 4 s " in reply.json["detail"]


def test_without_a_query_the_service_describes_itself(served: Served) -> None:
    sd = "http://www.w3.org/ns/sparql-service-description#"
    reply = served.fetch("/sparql")
    graph = Graph().parse(data=reply.text, format="turtle")
    assert set(graph.objects(None, URIRef(f"{sd}endpoint"))) == {URIRef(f"{served.address}/sparql")}
    names = set(graph.objects(None, URIRef(f"{sd}name")))
    assert names == {URIRef(PLACES), URIRef(TALK)}
    assert len(set(graph.objects(None, URIRef(f"{sd}resultFormat")))) == 11
    total = int(next(iter(served.rows("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")))[0])
    triples = URIRef("http://rdfs.org/ns/void#triples")
    assert Literal(total) in set(graph.objects(None, triples))
    for accept in GRAPHS + READ_BY_ENGINE:
        assert served.fetch("/sparql", headers={"Accept": accept}).type == accept


def test_without_a_query_a_person_gets_a_form(served: Served) -> None:
    reply = served.fetch("/sparql", headers={"Accept": "text/html,*/*;q=0.8"})
    assert reply.type == "text/html"
    assert "<textarea" in reply.text


def test_a_long_answer_comes_whole_and_only_its_length_to_a_head(served: Served) -> None:
    letters = "".join(chr(97 + n % 26) for n in range(5000))
    values = " ".join(f'"{n}{letters}"' for n in range(150))
    query = f"SELECT ?x {{ VALUES ?x {{ {values} }} }}"
    headers = {"Content-Type": "application/sparql-query", "Accept": "text/csv"}
    reply = served.fetch("/sparql", "POST", body=query, headers=headers)
    assert len(reply.text.split()) == 151
    assert len(reply.body) > 700_000
    product = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
    head = served.fetch("/sparql?" + urlencode({"query": product}), "HEAD")
    assert int(head.headers["Content-Length"]) > 256 * 1024
    assert head.body == b""
