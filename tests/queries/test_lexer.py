"""The lexer sees what the engine reads as SERVICE, FROM or GRAPH, and nothing in strings."""

from __future__ import annotations

import time
import timeit
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pyparsing.exceptions import ParseBaseException
from pyparsing.results import ParseResults
from rdflib import URIRef
from rdflib.plugins.sparql.parser import parseQuery
from rdflib.plugins.sparql.parserutils import CompValue

from queries.lexer import analyse

HERE = "http://example.org/"
# rdflib unescapes the whole text first; SPARQL 1.2 and the engine do not, so this is no query.
REFUSED = {"codepoint-esc-01-bad.rq"}


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("SELECT * {}", "SELECT"),
        ("# ASK\nPREFIX select: <urn:x> construct {} where {}", "CONSTRUCT"),
        ("BASE <urn:ask> DESCRIBE <urn:x>", "DESCRIBE"),
        ("PREFIX : <urn:> DESCRIBE:x", "DESCRIBE"),
        ("ASKFROM<urn:g>{}", "ASK"),
        ("INSERT DATA {}", "INSERT"),
        ("PREFIX ask: <urn:ask>", None),
        ("", None),
    ],
)
def test_the_form_is_the_first_keyword_after_the_prologue(text: str, form: str | None) -> None:
    assert analyse(text).form == form


def test_relative_names_start_from_the_base_and_what_is_no_iri_is_left_as_it_is() -> None:
    text = "SELECT * FROM <g> FROM <urn:h#> FROM <//[> { ?s ?p ?o }"
    graphs = analyse(text, "http://example.org/sparql").default_graphs
    assert graphs == ["http://example.org/g", "urn:h#", "//["]
    assert analyse(text).default_graphs == ["g", "urn:h#", "//["]


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { SERVICE <http://example.org/s> { ?s ?p ?o } }",
        "SELECT * { service silent<http://example.org/s>{ ?s ?p ?o } }",
        "SELECT * { SERVICESILENT<http://example.org/s>{ ?s ?p ?o } }",
        "SELECT * { ?s ?p trueSERVICE<http://example.org/s>{ ?s ?p ?o } }",
        "SELECT * { ?s ?p 1SERVICE<http://example.org/s>{ ?s ?p ?o } }",
        "SELECT * { ?s ?p 'x'SERVICE # why\n <http://example.org/s>{ ?s ?p ?o } }",
        "PREFIX : <http://example.org/> SELECT * { SERVICE:s{ ?s ?p ?o } }",
        "PREFIX : <http://example.org/> SELECT * { ?s ?p trueSERVICE:s{ ?s ?p ?o } }",
        "PREFIX service: <urn:x> PREFIX : <http://example.org/> SELECT * { SERVICE :s{} }",
        "PREFIX e: <http://example.org/> SELECT * { {} UNION { SERVICE e:s {} } }",
        r"SELECT * { SERVICE <http://example.org/\u0073> { ?s ?p ?o } }",
    ],
)
def test_a_service_is_seen_however_it_is_glued(text: str) -> None:
    analysis = analyse(text)
    assert analysis.uses_service
    assert analysis.services == [f"{HERE}s"]


def test_a_service_in_a_variable_is_seen() -> None:
    assert analyse("SELECT * { ?x ?y ?z SERVICE ?x { ?s ?p ?o } }").services == ["?x"]


def test_a_service_whose_address_no_token_begins_with_is_seen() -> None:
    assert analyse("SELECT * { SERVICE <http://example.org/|> {} }").uses_service


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { ?s ?p 'SERVICE <urn:x> {}' }",
        'SELECT * { ?s ?p """a " SERVICE <urn:x> {} "" b""" }',
        "SELECT * { ?s ?p '''\n' SERVICE <urn:x> {}\n''' }",
        r"SELECT * { ?s ?p 'it\'s SERVICE <urn:x> {}' }",
        "SELECT * { # SERVICE <urn:x> {}\n ?s ?p ?o }",
        "SELECT * { ?s <urn:service#SERVICE> ?o }",
        "SELECT * { ?s <urn:#> ?o } # GRAPH FROM SERVICE",
        "SELECT ?service { ?service ?from $graph }",
        "SELECT * { _:service ?p 'x'@service }",
        "PREFIX service: <urn:s> SELECT * { service:service a service:x ; service:y [] }",
        r"PREFIX e: <urn:s> SELECT * { ?s e:a\#SERVICE ?o ; e:b ?c }",
        "SELECT * { FILTER (?a<?b) }",
    ],
)
def test_a_service_in_a_string_a_comment_or_a_name_is_not_one(text: str) -> None:
    analysis = analyse(text)
    assert not analysis.uses_service
    assert not analysis.default_graphs
    assert not analysis.uses_graph


@pytest.mark.parametrize(
    ("text", "default", "named"),
    [
        ("SELECT * FROM <urn:a> FROM NAMED <urn:b> {}", ["urn:a"], ["urn:b"]),
        ("ASKFROM<urn:a>FROMNAMED<urn:b>{}", ["urn:a"], ["urn:b"]),
        ("PREFIX : <urn:> ASK FROM:a FROM NAMED:b {}", ["urn:a"], ["urn:b"]),
        (
            "BASE <http://e.org/x/> ASK FROM <a> FROM NAMED <../b> {}",
            *[[f"http://e.org/{p}"] for p in ("x/a", "b")],
        ),
        ("SELECT (1 AS ?x)FROM<urn:a>FROM<urn:b>{}", ["urn:a", "urn:b"], []),
        (r"PREFIX e: <urn:> ASK FROM e:a\/b {}", ["urn:a/b"], []),
        ("ASK { ?from ?named 'FROM <urn:a>' }", [], []),
    ],
)
def test_the_dataset_clauses_are_read(text: str, default: list[str], named: list[str]) -> None:
    analysis = analyse(text)
    assert (analysis.default_graphs, analysis.named_graphs) == (default, named)


def test_a_graph_named_through_a_prefix_is_among_the_names() -> None:
    text = "PREFIX g: <urn:graph/> SELECT * { GRAPH g:one { ?s ?p ?o } VALUES ?g { <urn:two> } }"
    assert {"urn:graph/one", "urn:two"} <= analyse(text).names


@pytest.mark.parametrize("text", ["{" * 300, "ASK { FILTER (" + "(" * 298, "ASK {" + "<< " * 299])
def test_every_kind_of_bracket_counts_as_nesting(text: str) -> None:
    assert analyse(text).depth == 300


def test_flat_chains_are_counted() -> None:
    assert analyse("ASK {" + " UNION ".join(["{}"] * 500) + "}").chained == 499
    assert analyse("ASK { FILTER (" + "||".join(["?a"] * 500) + ") }").chained == 500
    assert analyse("ASK { FILTER (" + "!" * 500 + "?a) }").chained == 501


@pytest.mark.parametrize(
    "piece",
    ["'", "'''", "<a", "\\", "a:", "?x ", "'\\", "a.b-", "@a-", "_:", '"-?\\"""{', '\\""": \n{'],
)
def test_reading_takes_time_in_proportion_to_the_text(piece: str) -> None:
    def seconds(length: int) -> float:
        text = piece * (length // len(piece))
        # Of the processor: on a busy machine the clock on the wall says nothing.
        timer = time.thread_time
        return min(timeit.repeat(lambda: analyse(text), timer=timer, number=1, repeat=3))

    assert seconds(160_000) < 40 * seconds(10_000) + 0.2


def test_a_long_string_that_is_not_closed_is_said_to_be_unreadable() -> None:
    """The engine would read two short strings and then the SERVICE."""
    assert analyse("SELECT * { VALUES ?x {'''x'} SERVICE <urn:x> {} } #\\'''").unclosed
    assert not analyse("SELECT * { VALUES ?x {'''x''' '' 'y'} }").unclosed


def test_every_service_from_and_graph_of_the_w3c_suites_is_found(atlas_data: Path) -> None:
    """Wherever rdflib can read a suite's query, it and the lexer agree on what it reaches for."""
    read = 0
    for path in sorted((atlas_data / "w3c-rdf-tests" / "sparql").rglob("*.rq")):
        text = path.read_bytes().decode("utf-8", errors="replace")
        parsed = parse(text)
        if parsed is None or path.name in REFUSED:
            continue
        read += 1
        _, query = parsed
        analysis = analyse(text)
        assert not analysis.unclosed, path
        assert analysis.form == query.name.removesuffix("Query").upper(), path
        nodes = list(walk(query))
        assert analysis.uses_service == ("ServiceGraphPattern" in names(nodes)), path
        assert analysis.uses_graph == ("GraphGraphPattern" in names(nodes)), path
        clauses = query.datasetClause or []
        assert len(analysis.default_graphs) == sum(bool(clause.default) for clause in clauses), path
        assert len(analysis.named_graphs) == sum(bool(clause.named) for clause in clauses), path
        for graph in (clause.default or clause.named for clause in clauses):
            if isinstance(graph, URIRef) and ":" in graph:
                assert str(graph) in analysis.default_graphs + analysis.named_graphs, path
    assert read > 800


def parse(text: str) -> Any:
    """What rdflib reads, None where it cannot."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return parseQuery(text)
        except (ParseBaseException, ValueError, TypeError, RecursionError):
            return None


def walk(node: Any) -> Iterator[CompValue]:
    if isinstance(node, CompValue):
        yield node
        for value in node.values():
            yield from walk(value)
    elif isinstance(node, list | ParseResults):
        for value in node:
            yield from walk(value)


def names(nodes: list[CompValue]) -> set[str]:
    return {node.name for node in nodes}


def test_an_escape_beyond_the_last_character_is_no_character() -> None:
    """The engine says that it is no IRI; what reads the text before must let it say so."""
    text = r"SELECT * { GRAPH <urn:\U0010FFFF> {} GRAPH <urn:\U00110000> {} }"
    assert analyse(text).names == {"urn:\U0010ffff", r"urn:\U00110000"}
