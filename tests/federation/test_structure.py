"""A query's parts are where they stand, and what the engine reads is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from atlas.errors import AtlasError, MalformedQuery
from federation.query.parts import (
    Bind,
    Filter,
    Graph,
    Group,
    Minus,
    Optional_,
    Service,
    SubSelect,
    Triples,
    Union,
    Values,
)
from federation.query.structure import read
from store.answers import Operation
from store.engine import LocalEngine


def names(text: str) -> list[str]:
    return [type(element).__name__ for element in read(text).where.elements]


def test_each_element_stands_where_it_is() -> None:
    text = """PREFIX ex: <urn:x:> BASE <http://example.org/>
    SELECT ?s (COUNT(*) AS ?n) FROM <urn:g> WHERE {
      ?s ex:p [ ex:q "}" ] ; ex:r ( 1 2.5 ) . _:b ex:p ?o .
      OPTIONAL { ?s ex:p ?x FILTER(?x < ?o) } MINUS { ?s ex:p 1 }
      GRAPH ?g { ?s ?p ?o } SERVICE SILENT <there> { ?s ex:p ?o }
      { ?s ex:p 1 } UNION { ?s ex:p 2 } UNION { { ?s ex:p 3 } }
      FILTER NOT EXISTS { ?s ex:no ?y } BIND(?o + 1 AS ?more)
      VALUES (?a ?b) { (UNDEF 1) } { SELECT DISTINCT ?s { ?s ex:p ?hidden } LIMIT 3 }
    } GROUP BY ?s HAVING(COUNT(*) > 1) ORDER BY ?s VALUES ?s { ex:a }"""
    query = read(text)
    kinds = (Triples, Triples, Optional_, Minus, Graph, Service, Union, Filter, Bind, Values, Group)
    assert tuple(map(type, query.where.elements)) == kinds
    first, second, _, _, graph, service, union, exists, bind, values, nested = query.where.elements
    assert query.part(first) == '?s ex:p [ ex:q "}" ] ; ex:r ( 1 2.5 )'
    assert isinstance(second, Triples)
    assert (second.variables, second.labels) == ({"o"}, {"_:b"})
    assert isinstance(graph, Graph)
    assert graph.name == "?g"
    assert isinstance(service, Service)
    assert (service.silent, query.iri(service.name)) == (True, "http://example.org/there")
    assert query.part(service.group) == "{ ?s ex:p ?o }"
    assert isinstance(union, Union)
    assert [len(branch.elements) for branch in union.branches] == [1, 1, 1]
    assert isinstance(exists, Filter)
    assert [query.part(group) for group in exists.expression.groups] == ["{ ?s ex:no ?y }"]
    assert isinstance(bind, Bind)
    assert (bind.name, bind.expression.variables) == ("more", {"o"})
    assert isinstance(values, Values)
    assert (values.names, values.undefined) == (("a", "b"), True)
    assert isinstance(nested, Group)
    (inner,) = nested.elements
    assert isinstance(inner, SubSelect)
    assert (inner.select.names, inner.select.distinct, inner.select.limited) == (("s",), True, True)
    select = query.select
    assert (select.names, select.plain, select.grouped) == (("s", "n"), {"s"}, True)
    assert select.values is not None
    assert query.declarations("ex:p") == "BASE <http://example.org/>\nPREFIX ex: <urn:x:>\n"


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("SELECT*{?s ?p ?o.?o ?p 1.}", ["Triples", "Triples"]),
        ("SELECT * { ?s ?p 1.5 . ?s ?p 1. ?s ?p 1e5, .5 }", ["Triples"] * 3),
        ("SELECT * { ?s ?p trueSERVICE<urn:x>{} }", ["Triples", "Service"]),
        ("SELECT * { ?s ?p 1SERVICE<urn:x>{} }", ["Triples", "Service"]),
        ("PREFIX : <urn:> SELECT * { SERVICE:x{} }", ["Service"]),
        ("PREFIX : <urn:> PREFIX SERVICE: <urn:s> SELECT * { SERVICE:x{} }", ["Service"]),
        ("PREFIX SERVICE: <urn:s> SELECT * { SERVICE:x SERVICE:y 1 }", ["Triples"]),
        ("SELECT * { SERVICESILENT<urn:x>{} }", ["Service"]),
        ("SELECT * { ?s ?p '''SERVICE <x> {''' # SERVICE <x> {\n }", ["Triples"]),
        ("SELECT * { ?s ?p ?o {| ?q ?r |} . FILTER(?o<?s&&?s>?o) }", ["Triples", "Filter"]),
        ("SELECT * { << ?s ?p ?o >> ?q ?r FILTERisIRI(?s) }", ["Triples", "Filter"]),
        ("SELECT * { OPTIONAL{}MINUS{}BIND(1AS?x)}", ["Optional_", "Minus", "Bind"]),
        ("ASK FROM <urn:g> {}", []),
        ("DESCRIBE <urn:x>", []),
        ("CONSTRUCT WHERE { ?s ?p ?o }", ["Triples"]),
        ("CONSTRUCT { ?s ?p '{' } FROM <urn:x> WHERE { ?s ?p ?o }", ["Triples"]),
    ],
)
def test_what_is_glued_together_is_told_apart(text: str, kinds: list[str]) -> None:
    assert names(text) == kinds


def test_a_comparison_is_no_iri_and_hides_no_variable() -> None:
    (condition,) = read("SELECT * { FILTER(?a<?b&&?c>?d || <urn:x>=?e) }").where.elements
    assert isinstance(condition, Filter)
    assert condition.expression.variables == set("abcde")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "SELECT",
        "SELECT * {",
        "SELECT * { ?s ?p ?o } }",
        "SELECT * { SERVICE { ?s ?p ?o } }",
        "SELECT * { SERVICE no:x { ?s ?p ?o ) } }",
        "SELECT * { FILTER }",
        "SELECT * { ?s ?p ( 1 2 }",
        "SELECT * { ?s ?p '''x }",
        "INSERT DATA { <urn:a> <urn:b> 1 }",
        "PREFIX ex <urn:x> SELECT * {}",
    ],
)
def test_what_cannot_be_read_is_said_with_its_place(text: str) -> None:
    with pytest.raises(MalformedQuery, match="line 1, column"):
        read(text)


def test_every_query_of_the_suites_that_the_engine_reads_is_read(atlas_data: Path) -> None:
    suites = ("w3c-rdf-tests", "queries-sib-sparql-examples", "queries-wdbench-wikidata-log")
    engine = LocalEngine()
    known = 0
    for path in sorted(path for suite in suites for path in (atlas_data / suite).rglob("*.rq")):
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        if accepts(engine, text):
            known += 1
            read(text, "http://example.org/")
    assert known > 700


def accepts(engine: LocalEngine, text: str) -> bool:
    """Whether the engine reads it; ASK runs at once, so it never calls anybody."""
    if "SERVICE" in text.upper() and "ASK" in text.upper():
        return False
    try:
        engine.run(Operation(text, base="http://example.org/"))
    except AtlasError:
        return False
    return True
