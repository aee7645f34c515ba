"""What is known here of a SERVICE's variables: from the parts around it that must hold."""

from __future__ import annotations

import pytest
from pyoxigraph import QuerySolutions

from federation.query.bindings import Bindings, find
from federation.query.context import Contexts, components, pattern
from federation.query.parts import Service, everything
from federation.query.scoping import certain, possible
from federation.query.structure import read
from federation.rows import Rows
from store.answers import Operation
from store.engine import LocalEngine

PREFIX = "PREFIX ex: <http://example.org/>\n"
HERE = """@prefix ex: <http://example.org/> .
ex:a ex:p ex:b ; ex:q 1 . ex:c ex:p ex:d ; ex:q 2 . ex:b ex:r "x" . _:n ex:p ex:d .
"""


@pytest.fixture(scope="module")
def engine() -> LocalEngine:
    made = LocalEngine()
    made.load(HERE.encode(), "text/turtle")
    return made


def bindings(engine: LocalEngine, text: str, *, most: int = 100) -> Bindings:
    """Of the first SERVICE in the text."""
    query = read(PREFIX + text)
    service = next(one for one in everything(query) if isinstance(one, Service))

    def local(operation: Operation) -> Rows:
        results = engine.run(operation)
        assert isinstance(results, QuerySolutions)
        names = tuple(variable.value for variable in results.variables)
        return Rows(names, [tuple(row) for row in results])

    pieces = Contexts(query, {}).of(service)
    shared = certain(service.group, {})
    return find(query, Operation(query.text), pieces, shared, local, most=most)


def found(bound: Bindings) -> list[tuple[tuple[str, ...], set[tuple[str, ...]]]]:
    return [
        (
            part.variables,
            {tuple(str(term).split("/")[-1].strip(">") for term in row) for row in part.rows},
        )
        for part in bound.parts
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{ ?s ex:p ?o SERVICE <urn:x> { ?s ex:x ?y } }", [(("s",), {("a",), ("c",)})]),
        ("{ SERVICE <urn:x> { ?s ex:x ?y } ?s ex:p ex:b }", [(("s",), {("a",)})]),
        # Values that hang together are found together, others apart.
        (
            "{ ?s ex:p ?o . ?t ex:r ?l SERVICE <urn:x> { ?s ex:x ?o . ?t ex:y ?z } }",
            [(("o", "s"), {("b", "a"), ("d", "c")}), (("t",), {("b",)})],
        ),
        # Filters count where all they need is certain; not on what a partner says.
        ("{ ?s ex:q ?n FILTER(?n > 1) SERVICE <urn:x> { ?s ex:x ?y } }", [(("s",), {("c",)})]),
        (
            "{ ?s ex:q ?n FILTER(?y > 1) SERVICE <urn:x> { ?s ex:x ?y } }",
            [(("s",), {("a",), ("c",)})],
        ),
        (
            "{ ?s ex:q ?n FILTER(RAND() > 2) SERVICE <urn:x> { ?s ex:x ?y } }",
            [(("s",), {("a",), ("c",)})],
        ),
        # What is computed counts where its inputs are certain and it has a value each time.
        ("{ ?s ex:r ?l BIND(IRI(CONCAT('urn:/', ?l)) AS ?t) SERVICE <urn:x> { ?t ex:x ?y } }",
         [(("t",), {("x",)})]),
        ("{ OPTIONAL { ?s ex:p ?o } SERVICE <urn:x> { ?s ex:x ?y } }", []),
        ("{ ?s ex:p ?o MINUS { SERVICE <urn:x> { ?s ex:x ?y } } ?s ex:q 1 }",
         [(("s",), {("a",)})]),
        # What stands behind an OPTIONAL counts only for what stands before it.
        ("{ ?o ex:r ?l OPTIONAL { SERVICE <urn:x> { ?s ex:x ?o } } ?s ex:q 1 }",
         [(("o",), {("b",)})]),
        ("{ { ?s ex:p ?o } UNION { ?s ex:q ?n } SERVICE <urn:x> { ?s ex:x ?n } }",
         [(("s",), {("a",), ("c",)})]),
        ("{ ?n ex:r ?l { SELECT ?s { ?s ex:q ?n SERVICE <urn:x> { ?s ex:x ?y } } } }",
         [(("s",), {("a",), ("c",)})]),
        ("{ ?s ex:q 1 { SELECT ?s { SERVICE <urn:x> { ?s ex:x ?n } } LIMIT 5 } }", []),
        ("{ SERVICE <urn:x> { ?s ex:x ?n } } VALUES ?s { ex:z }", [(("s",), {("z",)})]),
    ],
)  # fmt: skip
def test_bindings_are_those_that_every_solution_has(
    engine: LocalEngine, text: str, expected: list[tuple[tuple[str, ...], set[tuple[str, ...]]]]
) -> None:
    assert sorted(found(bindings(engine, f"SELECT * {text}"))) == sorted(
        (names, {tuple(row) for row in rows}) for names, rows in expected
    )


def test_where_no_solution_is_there_is_nothing_to_ask(engine: LocalEngine) -> None:
    assert bindings(engine, "SELECT * { ?s ex:no ?o SERVICE <urn:x> { ?s ex:x ?y } }").nothing
    assert bindings(engine, "SELECT * { ?a ex:no ?b SERVICE <urn:x> { ?s ex:x ?y } }").nothing
    # A blank node is no partner's.
    only = "SELECT * { ?s ex:p ex:d MINUS { ex:c ex:p ex:d } FILTER(isBlank(?s)) "
    assert bindings(engine, only + "SERVICE <urn:x> { ?s ex:x ?y } }").nothing


def test_too_many_pairs_become_the_values_of_one_variable_or_none(engine: LocalEngine) -> None:
    text = "SELECT * { ?s ?p ?o SERVICE <urn:x> { ?s ex:x ?o } }"
    assert len(bindings(engine, text).parts[0].variables) == 2
    assert found(bindings(engine, text, most=4))[0][0] == ("s",)
    assert bindings(engine, text, most=2) == Bindings([])


def test_pieces_stay_in_the_groups_that_they_come_from() -> None:
    query = read(PREFIX + "SELECT * { ?s ex:p ?o FILTER(?o != ?s) GRAPH ?g { ?s ex:q ?n "
                 "SERVICE <urn:x> { ?s ex:x ?n } } }")  # fmt: skip
    service = next(one for one in everything(query) if isinstance(one, Service))
    (members,) = components(Contexts(query, {}).of(service))
    text = pattern(members)
    # The graph's variable is another one there: it is bound only where the graph is left.
    assert "GRAPH ?graph_" in text
    assert text.count("FILTER(?o != ?s)") == 1
    assert text.index("GRAPH") < text.index("FILTER")


def test_what_an_optional_or_a_silent_site_binds_is_possible_and_not_certain() -> None:
    query = read(PREFIX + """SELECT * { ?a ex:p ?b OPTIONAL { ?a ex:q ?c } BIND(1 AS ?d)
        BIND(?a + 1 AS ?e) VALUES (?f ?g) { (1 UNDEF) } SERVICE SILENT <urn:x> { ?h ex:p 1 }
        { SELECT ?i (?j AS ?k) { ?i ex:p ?j } } }""")  # fmt: skip
    assert possible(query.where, {}) == set("abcdefghik")
    assert certain(query.where, {}) == set("abdi")
