"""An ORDER BY that sets numbers apart, read off the tokens."""

from __future__ import annotations

import pytest
from pyoxigraph import Store

from endpoint.reading.ordering import numbers_apart

SELECT = "SELECT * { ?s ?p ?o } "


@pytest.mark.parametrize(
    ("clause", "expected"),
    [
        ("ORDER BY ?o", "ORDER BY ASC(isNumeric(?o)) ?o"),
        ("order by ?s ?o LIMIT 3", "order by ASC(isNumeric(?s)) ?s ASC(isNumeric(?o)) ?o LIMIT 3"),
        ("ORDER BY DESC(?o)", "ORDER BY DESC(isNumeric((?o))) DESC(?o)"),
        ("ORDER BY asc(?o)", "ORDER BY ASC(isNumeric((?o))) asc(?o)"),
        ("ORDER BY (?o + 1)", "ORDER BY ASC(isNumeric((?o + 1))) (?o + 1)"),
        ("ORDER BY STR(?o) OFFSET 1", "ORDER BY ASC(isNumeric(STR(?o))) STR(?o) OFFSET 1"),
        (
            "ORDER BY <http://www.w3.org/2001/XMLSchema#integer>(?o)",
            "ORDER BY ASC(isNumeric(<http://www.w3.org/2001/XMLSchema#integer>(?o))) "
            "<http://www.w3.org/2001/XMLSchema#integer>(?o)",
        ),
        ("ORDER BY ?o # ASC(", "ORDER BY ASC(isNumeric(?o)) ?o # ASC("),
        ("ORDER BY ?o VALUES ?x { 1 }", "ORDER BY ASC(isNumeric(?o)) ?o VALUES ?x { 1 }"),
    ],
)
def test_each_key_stands_behind_one_that_sets_numbers_apart(clause: str, expected: str) -> None:
    text = numbers_apart(SELECT + clause)
    assert text == SELECT + expected
    Store().query(text)


def test_the_order_of_a_subquery_is_rewritten_too() -> None:
    text = numbers_apart("SELECT * { { SELECT ?o { ?s ?p ?o } ORDER BY ?o LIMIT 2 } } ORDER BY ?o")
    assert text is not None
    assert text.count("isNumeric") == 2
    Store().query(text)


@pytest.mark.parametrize(
    "text",
    [
        SELECT,
        SELECT + '# ORDER BY ?o\n FILTER(?o = "ORDER BY ?o")',
        SELECT + "ORDER BY",
        SELECT + "ORDER BY STR(?o",
        SELECT + "ORDER BY DESC ?o",
    ],
)
def test_what_is_not_read_with_certainty_is_left_alone(text: str) -> None:
    assert numbers_apart(text) is None
