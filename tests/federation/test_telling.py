"""Rows that name the sites their triples come from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pyoxigraph as ox
import pytest

from atlas.errors import NotFederable
from federation.plain.sources import PRIVATE
from tests.federation.sites import BASE, World, shown, world

HEAD = "@prefix ex: <http://example.org/> .\n"
HERE = HEAD + "ex:a ex:p ex:b . ex:b ex:p ex:c . ex:a ex:n 5 ."
ONE = HEAD + "ex:a ex:p ex:b . ex:b ex:q ex:d . ex:k ex:addr [ ex:street 's' ; ex:zip 'z' ] ."
TWO = HEAD + "ex:d ex:r ex:e . ex:c ex:q ex:d . ex:k2 ex:addr [ ex:street 's' ] . ex:x ex:zip 'z' ."
FIRST, SECOND = f"{PRIVATE}site-0", f"{PRIVATE}site-1"


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("telling"), HERE, ONE, TWO, summaries=True) as made:
        yield made


def told(sites: World, query: str) -> dict[tuple[str, ...], set[str]]:
    """The sites of each row, by the last letters of its terms (of None too)."""
    answer = sites.answer(query, sources=True)
    assert answer.variables[-1] == ox.Variable("sources")
    rows = [list(row) for row in answer]
    return {tuple(shown(t)[-2:-1] for t in row[:-1]): set(row[-1].value.split()) for row in rows}


def test_a_row_names_each_site_that_holds_one_of_its_triples(sites: World) -> None:
    assert told(sites, "SELECT ?x ?y { ?x ex:p ?y }") == {
        ("a", "b"): {BASE, FIRST},
        ("b", "c"): {BASE},
    }
    assert told(sites, "SELECT ?x ?z { ?x ex:p/ex:q ?z }") == {
        ("a", "d"): {BASE, FIRST},
        ("b", "d"): {BASE, SECOND},
    }


def test_what_an_optional_or_a_branch_did_not_give_has_no_source(sites: World) -> None:
    assert told(sites, "SELECT ?x ?z { ?x ex:p ?y OPTIONAL { ?x ex:q ?z } }") == {
        ("a", "n"): {BASE, FIRST},
        ("b", "d"): {BASE, FIRST},
    }
    assert told(sites, "SELECT ?z { { ?x ex:r ?z } UNION { ?x ex:n ?z } }") == {
        ("e",): {SECOND},
        ("r",): {BASE},
    }


def test_the_triples_of_one_blank_node_go_together(sites: World) -> None:
    query = "SELECT ?k { ?k ex:addr [ ex:street 's' ; ex:zip 'z' ] }"
    assert told(sites, query) == {("k",): {FIRST}}


def test_a_sub_select_has_its_own_variables(sites: World) -> None:
    query = "SELECT * { ?y ex:p ex:c { SELECT ?x { ?x ex:r ?y } } }"
    assert told(sites, query) == {("d", "b"): {BASE, SECOND}}


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { ?x ex:p ?y . ?y ex:q ?z }",
        "SELECT ?x (STR(?y) AS ?t) WHERE { ?x ex:p ?y }",
        "SELECT ?s WHERE { ?s ?p ?o FILTER NOT EXISTS { ?s ex:p ?x } }",
        "SELECT * { ?x ex:p ?y MINUS { ?y ex:q ?z } } VALUES ?x { ex:a ex:b }",
        "SELECT * { ?x ex:p ?y } ORDER BY ?x LIMIT 1 OFFSET 1",
        "SELECT * {}",
    ],
)
def test_the_rows_are_the_same_without_their_sources(sites: World, query: str) -> None:
    rows: list[list[Any]] = [list(row) for row in sites.answer(query, sources=True)]
    bare = Counter(tuple(sorted(map(shown, row[:-1]))) for row in rows)
    assert bare == Counter(tuple(sorted(row)) for row in sites.truth(query).elements())


@pytest.mark.parametrize(
    "query",
    [
        "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }",
        "SELECT * { ?s ex:p ?o { SELECT ?s (COUNT(*) AS ?n) { ?s ?p ?x } GROUP BY ?s } }",
        "SELECT * { ex:a ex:p+ ?o }",
        "SELECT ?sources { ?sources ex:p ?o }",
        "ASK { ?s ex:p ?o }",
        "CONSTRUCT WHERE { ?s ex:p ?o }",
    ],
)
def test_what_has_no_rows_of_its_own_is_refused(sites: World, query: str) -> None:
    with pytest.raises(NotFederable):
        sites.answer(query, sources=True)
