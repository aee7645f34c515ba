"""The harness itself: it tells answers apart, and only where they differ."""

from __future__ import annotations

from dataclasses import replace

import pyoxigraph as ox
import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from tests.conformance.answers import Row, Table, as_csv, csv_table
from tests.conformance.comparing import same
from tests.conformance.exchanges import is_status
from tests.conformance.verdicts import is_ordered

XSD = "http://www.w3.org/2001/XMLSchema#"
A, B, C = BlankNode("a"), BlankNode("b"), BlankNode("c")
P = NamedNode("urn:p")


def answer(*rows: Row, ordered: bool = False) -> Table:
    return Table(frozenset({"x", "y"}), rows, ordered)


def number(text: str, datatype: str = "integer") -> Literal:
    return Literal(text, datatype=NamedNode(XSD + datatype))


def test_solutions_are_a_bag() -> None:
    one, two = {"x": P}, {"x": Literal("two")}
    assert same(answer(one, two), answer(two, one))
    assert not same(answer(one, one, two), answer(one, two, two))
    assert not same(answer(one), answer(one, one))


def test_their_order_counts_where_it_is_given() -> None:
    one, two = {"x": P}, {"x": Literal("two")}
    assert not same(answer(one, two, ordered=True), answer(two, one))
    assert same(answer(one, two, ordered=True), answer(one, two))


def test_reduced_may_leave_out_what_is_there_twice_and_nothing_else() -> None:
    one, two = {"x": P}, {"x": Literal("two")}
    lax = replace(answer(one, one, two), lax=True)
    assert same(lax, answer(one, two))
    assert same(lax, answer(one, one, two))
    assert not same(lax, answer(one, one))
    assert not same(lax, answer(one, one, one, two))


def test_blank_nodes_are_the_same_under_one_renaming_of_the_whole_answer() -> None:
    assert same(answer({"x": A, "y": B}, {"x": B}), answer({"x": C}, {"x": B, "y": C}))
    assert not same(answer({"x": A, "y": A}), answer({"x": A, "y": B}))
    assert not same(answer({"x": A, "y": B}), answer({"x": A, "y": A}))
    assert not same(answer({"x": A}, {"y": A}), answer({"x": A}, {"y": B}))
    assert not same(answer({"x": A}), answer({"x": P}))


def test_blank_nodes_within_triple_terms_are_renamed_too() -> None:
    assert same(answer({"x": Triple(A, P, A)}), answer({"x": Triple(B, P, B)}))
    assert not same(answer({"x": Triple(A, P, A)}), answer({"x": Triple(B, P, C)}))


def test_an_unbound_variable_is_no_empty_text() -> None:
    assert not same(answer({"x": P}), answer({"x": P, "y": Literal("")}))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (number("01"), number("1")),
        (number("-3", "negativeInteger"), number("-3")),
        (number("1.50", "decimal"), number("1.5", "decimal")),
        (number("1.0e6", "double"), number("1000000", "double")),
        (number("1", "boolean"), number("true", "boolean")),
        (number("2006-08-23+00:00", "date"), number("2006-08-23Z", "date")),
    ],
)
def test_two_texts_of_one_value_differ_as_terms_only(one: Literal, other: Literal) -> None:
    assert not same(answer({"x": one}), answer({"x": other}))
    assert same(answer({"x": one}), answer({"x": other}), by_value=True)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (number("1"), number("2")),
        (number("1"), number("1", "decimal")),
        (number("1", "float"), number("1", "double")),
        (number("x"), number("y")),
        (Literal("01"), Literal("1")),
        (number("2006-08-23", "date"), number("2006-08-23Z", "date")),
    ],
)
def test_other_values_are_never_the_same(one: Literal, other: Literal) -> None:
    assert not same(answer({"x": one}), answer({"x": other}), by_value=True)


def test_graphs_are_compared_by_isomorphism() -> None:
    one, other = (ox.Dataset([ox.Quad(node, P, node)]) for node in (A, B))
    assert same(one, other)
    assert not same(one, ox.Dataset([ox.Quad(A, P, B)]))
    assert not same(one, True)


def test_a_boolean_is_no_table() -> None:
    assert same(True, True)
    assert not same(True, False)
    assert not same(False, answer())


def test_csv_keeps_the_text_of_a_term_and_that_a_node_is_blank() -> None:
    body = b"x,y\r\nurn:p,_:z\r\n,01\r\n"
    assert same(as_csv(answer({"x": P, "y": A}, {"y": number("01")})), csv_table(body))


def test_csv_without_variables_still_counts_its_solutions() -> None:
    assert csv_table(b"\r\n\r\n\r\n") == Table(frozenset(), ({}, {}))


def test_only_the_order_of_the_query_itself_counts() -> None:
    assert is_ordered("SELECT * { ?s ?p ?o } ORDER BY ?s LIMIT 1")
    assert not is_ordered("SELECT * { SELECT ?s { ?s ?p ?o } ORDER BY ?s }")


def test_a_status_has_the_name_that_the_suite_gives_it() -> None:
    assert is_status(201, "Created")
    assert is_status(204, "NoContent")
    assert is_status(404, "StatusCode4xx")
    assert not is_status(200, "NoContent")
    assert not is_status(503, "StatusCode4xx")
