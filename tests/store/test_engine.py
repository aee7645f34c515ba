"""The engine in this process: forms, formats, datasets, errors."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, parse, parse_query_results

from atlas.errors import (
    AnswerTooBig,
    InstanceError,
    MalformedQuery,
    MalformedSource,
    NotAcceptable,
    UnknownFunction,
)
from store import LocalEngine, Operation
from store.blanks import FUNCTION, stand_in
from store.formats import BY_EXTENSION, BY_MEDIA_TYPE, FORMATS, SOLUTIONS

DATA = b"""
@prefix : <urn:x:> .
:a :name "A"@fr . :b :name "B"@en .
GRAPH :g { :c :name "C" }
GRAPH :h { :d :name "D" }
"""
NAMES = "SELECT ?s ?name { ?s <urn:x:name> ?name } ORDER BY ?s"
ALL = "CONSTRUCT WHERE { ?s ?p ?o }"
GRAPHS = "SELECT ?g { GRAPH ?g { ?s ?p ?o } } ORDER BY ?g"


@pytest.fixture
def engine() -> LocalEngine:
    engine = LocalEngine()
    engine.load(DATA, "application/trig")
    return engine


@pytest.mark.parametrize("row", FORMATS, ids=lambda row: row.extension)
def test_every_format_reads_back_as_it_was_written(engine: LocalEngine, row: object) -> None:
    assert isinstance(row, type(FORMATS[0]))
    if row.kind == SOLUTIONS:
        content = engine.query(Operation(NAMES), row.media_type).read()
        if row.extension == "csv":  # CSV has no terms to compare, only text.
            assert content.decode().splitlines()[1:] == ["urn:x:a,A", "urn:x:b,B"]
            return
        read = [
            dict(zip("sn", solution, strict=True))
            for solution in parse_query_results(content, row.engine)
        ]
        assert read[0] == {"s": NamedNode("urn:x:a"), "n": Literal("A", language="fr")}
    else:
        content = engine.query(Operation(ALL), row.media_type).read()
        assert len(list(parse(content, row.engine))) == 2


def test_the_tables_know_each_format_by_name_and_by_suffix() -> None:
    assert BY_MEDIA_TYPE["application/json"] is BY_EXTENSION["srj"]
    assert len(BY_EXTENSION) == len(FORMATS)


def test_solutions_leave_out_what_is_not_bound(engine: LocalEngine) -> None:
    rows = list(engine.solutions("SELECT ?s ?x { ?s ?p 'A'@fr OPTIONAL { ?s <urn:no> ?x } }"))
    assert rows == [{"s": NamedNode("urn:x:a")}]


def test_a_substitution_narrows_the_query(engine: LocalEngine) -> None:
    rows = list(engine.solutions(NAMES, {"s": NamedNode("urn:x:b")}))
    assert [row["name"] for row in rows] == [Literal("B", language="en")]


def test_the_dataset_of_an_operation_says_what_is_seen(engine: LocalEngine) -> None:
    def subjects(**dataset: tuple[str, ...]) -> list[str]:
        answer = engine.query(Operation(NAMES, **dataset), "text/csv").read().decode()
        return [line.split(",")[0] for line in answer.split()[1:]]

    assert subjects() == ["urn:x:a", "urn:x:b"]
    assert subjects(default_graphs=("urn:x:g",)) == ["urn:x:c"]
    assert subjects(default_graphs=("", "urn:x:h")) == ["urn:x:a", "urn:x:b", "urn:x:d"]


SHARED = b"""
@prefix : <urn:x:> .
:a :name "A" . :b :name "B" .
GRAPH :one { :a :name "A" . :c :name "C" }
GRAPH :two { :a :name "A" . :d :name "D" }
GRAPH :three { :e :name "E" }
"""
COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
NAMED = "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }"


@pytest.mark.parametrize(
    ("default", "named", "text", "count"),
    [
        (("urn:x:one", "urn:x:two"), None, COUNT, 3),
        (("", "urn:x:one"), None, COUNT, 3),
        (("urn:x:one", "urn:x:three"), None, COUNT, 3),
        (("urn:x:one", "urn:x:one"), None, COUNT, 2),
        (("urn:x:one", "urn:x:none"), None, COUNT, 2),
        (("", "urn:x:one", "urn:x:two", "urn:x:three"), None, COUNT, 5),
        (("urn:x:one", "urn:x:two"), None, NAMED, 5),
        (("urn:x:one", "urn:x:two"), ("urn:x:three",), NAMED, 1),
        (("urn:x:one", "urn:x:two"), (), NAMED, 0),
    ],
)
def test_a_triple_of_two_default_graphs_counts_once(
    default: tuple[str, ...], named: tuple[str, ...] | None, text: str, count: int
) -> None:
    engine = LocalEngine()
    engine.load(SHARED, "application/trig")
    answer = engine.query(Operation(text, default_graphs=default, named_graphs=named), "text/csv")
    assert answer.read().split() == [b"n", str(count).encode()]


def test_named_graphs_limit_what_graph_reaches_and_leave_the_default_graph(
    engine: LocalEngine,
) -> None:
    answer = engine.query(Operation(GRAPHS, named_graphs=("urn:x:h",)), "text/csv").read()
    assert answer.decode().split() == ["g", "urn:x:h"]
    answer = engine.query(Operation(NAMES, named_graphs=("urn:x:h",)), "text/csv").read()
    assert b"urn:x:a" in answer


def test_a_view_keeps_its_graphs_for_every_query(engine: LocalEngine) -> None:
    view = engine.view(("", "urn:x:g"))
    assert view.ask("ASK { <urn:x:c> ?p ?o . <urn:x:a> ?q ?r }")
    assert not engine.ask("ASK { <urn:x:c> ?p ?o }")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("ASK { ?s foo:p ?o }", "the prefix is not declared; put PREFIX with its namespace first."),
        ("SELECT ?x { ?s ?p ?x } GROUP BY ?s", "The SELECT contains a variable that is unbound."),
        ("ASK { ?s ?p ?o", 'expected one of ",", ".", ";", "{", "{|", "}", "~".'),
    ],
)
def test_what_is_wrong_with_a_query_is_told_for_people(
    engine: LocalEngine, text: str, says: str
) -> None:
    with pytest.raises(MalformedQuery, match=f": {re.escape(says)}$"):
        engine.query(Operation(text), "text/csv")


@pytest.mark.parametrize("text", ["SELEKT *", "SELECT * {", "PREFIX : <b> SELECT * {}"])
def test_what_is_not_sparql_is_told_with_its_place(engine: LocalEngine, text: str) -> None:
    with pytest.raises(MalformedQuery, match=r"at line 1, column \d+"):
        engine.run(Operation(text))


def test_a_form_that_gives_triples_gives_no_solutions(engine: LocalEngine) -> None:
    with pytest.raises(MalformedQuery, match="form"):
        list(engine.solutions(ALL))


def test_solutions_do_not_go_into_turtle_nor_triples_into_csv(engine: LocalEngine) -> None:
    with pytest.raises(NotAcceptable, match="text/turtle"):
        engine.query(Operation(NAMES), "text/turtle")
    with pytest.raises(NotAcceptable, match="text/csv"):
        engine.query(Operation(ALL), "text/csv")


def test_a_function_that_is_not_there_is_no_fault_of_the_syntax(engine: LocalEngine) -> None:
    with pytest.raises(UnknownFunction, match="<urn:f>"):
        engine.query(Operation("SELECT (<urn:f>(1) AS ?x) {}"), "text/csv")


@pytest.mark.parametrize(
    "triple",
    [
        "<urn:a> <http://example.org/1> <urn:b>",
        "<urn:a> <urn:p> <<( <urn:a> <http://example.org/1> <urn:b> )>>",
        r'<urn:a> <urn:p> "\u0001"',
    ],
)
def test_what_rdf_xml_cannot_say_is_not_acceptable(engine: LocalEngine, triple: str) -> None:
    operation = Operation(f"CONSTRUCT {{ {triple} }} {{}}")
    assert engine.query(operation, "text/turtle").size > 0
    with pytest.raises(NotAcceptable, match="RDF/XML"):
        engine.query(operation, "application/rdf+xml")


def test_json_ld_that_has_no_words_for_a_triple_term_is_no_fault(engine: LocalEngine) -> None:
    text = "CONSTRUCT { <urn:a> <urn:b> <<( <urn:c> <urn:d> 1 )>> } {}"
    assert engine.query(Operation(text), "text/turtle").size > 0
    with pytest.raises(NotAcceptable, match="another format"):
        engine.query(Operation(text), "application/ld+json")


def test_relative_iris_start_from_the_base_where_there_is_one(engine: LocalEngine) -> None:
    text = "ASK { FILTER (<g> = <http://example.org/g>) }"
    answer = engine.query(Operation(text, base="http://example.org/sparql"), "text/csv")
    assert b"true" in b"".join(answer)
    with pytest.raises(MalformedQuery):
        engine.query(Operation(text), "text/csv")


def test_an_answer_has_a_limit_in_bytes(engine: LocalEngine) -> None:
    with pytest.raises(AnswerTooBig, match="larger than 10 bytes"):
        engine.query(Operation(NAMES), "text/csv", limit=10)


def test_a_store_that_is_not_there_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(InstanceError, match="atlas build"):
        LocalEngine(tmp_path / "none")


def test_broken_data_is_told_as_a_source(engine: LocalEngine) -> None:
    with pytest.raises(MalformedSource, match="the data"):
        engine.load(b"<urn:a> <urn:b>", "text/turtle")


def test_a_blank_node_is_made_of_the_iri_that_stands_for_it() -> None:
    engine = LocalEngine()
    made = f"BIND(<{FUNCTION}>({stand_in(BlankNode('b1'))}) AS ?x)"
    text = f"SELECT ?x {{ {made} FILTER(isBlank(?x)) }}"
    answer = engine.query(Operation(text, blanks=True), "text/csv").read()
    assert answer == b"x\r\n_:b1\r\n"
    other = f"SELECT ?x {{ BIND(<{FUNCTION}>(<urn:other>) AS ?x) }}"
    assert engine.query(Operation(other, blanks=True), "text/csv").read() == b"x\r\n\r\n"
    with pytest.raises(UnknownFunction):
        engine.query(Operation(text), "text/csv")


def test_data_of_its_own_is_asked_instead_of_the_store_s() -> None:
    engine = LocalEngine()
    engine.load(b"<urn:a> <urn:p> <urn:b> .", "application/n-triples")
    count = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    first, second = b"<urn:a> <urn:p> <urn:b>", b"<urn:c> <urn:p> <urn:d>"
    data = b" .\n".join([first, second, second + b" <urn:g>", b""])
    assert engine.query(Operation(count, data=data), "text/csv").read() == b"n\r\n2\r\n"
    assert engine.query(Operation(count, data=b""), "text/csv").read() == b"n\r\n0\r\n"
    assert engine.query(Operation(count), "text/csv").read() == b"n\r\n1\r\n"
