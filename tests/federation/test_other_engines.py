"""A partner whose engine keeps the writing of each value, as ours does not."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pyoxigraph as ox
import pytest
import rdflib

from tests.federation.sites import World, world
from tests.federation.small_site import JSON, SmallSite

HEAD = "@prefix ex: <http://example.org/> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n"
HERE = f"""{HEAD}
ex:a ex:n 5 , 7 ; ex:d "2020-01-02"^^xsd:date ; ex:t true ; ex:w "colour"@en-GB , "5" ;
     ex:x "1.50"^^xsd:decimal ; ex:y "2020"^^xsd:gYear .
"""
THERE = f"""{HEAD}
ex:p ex:num "5"^^xsd:int . ex:q ex:num "05"^^xsd:integer . ex:r ex:num "5.0"^^xsd:decimal .
ex:s ex:num "7"^^xsd:nonNegativeInteger . ex:t ex:num "5" .
ex:p ex:day "2020-01-02"^^xsd:date . ex:p ex:true "1"^^xsd:boolean .
ex:p ex:word "colour"@en-GB . ex:q ex:word "colour"@en . ex:p ex:dec 1.5 .
ex:p ex:year "2020"^^xsd:gYear .
"""


@dataclass
class Keeping(SmallSite):
    """A site whose engine is rdflib's, which reads one query at a time."""

    graph: rdflib.Graph = field(default_factory=rdflib.Graph)
    turn: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, text: str) -> tuple[int, str, bytes]:
        self.asked.append(text)
        with self.turn:
            return 200, JSON, self.graph.query(text).serialize(format="json") or b""


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    kept = rdflib.NORMALIZE_LITERALS
    rdflib.NORMALIZE_LITERALS = False
    try:
        with world(tmp_path_factory.mktemp("other"), HERE, THERE) as made:
            (site,) = made.partners
            graph = rdflib.Graph().parse(data=THERE, format="turtle")
            site.answer = Keeping(asked=site.asked, graph=graph).answer  # type: ignore[method-assign]
            yield made
    finally:
        rdflib.NORMALIZE_LITERALS = kept


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("SELECT * { ?a ex:n ?v . ?b ex:num ?v }", 3),
        ("SELECT * { ?b ex:num 5 }", 2),
        ("SELECT * { ?b ex:num ?v FILTER(?v = 5) }", 3),
        ("ASK { ?b ex:num 5.0 }", 1),
        ("ASK { ?b ex:dec 1.50 }", 1),
        ("ASK { ex:r ex:num 5 }", 1),
        ("SELECT * { ?b ex:num 5.0 } LIMIT 1", 1),
        ("SELECT * { VALUES ?v { 5 '5' } ?b ex:num ?v }", 3),
        ("SELECT * { ?a ex:d ?v . ?b ex:day ?v }", 1),
        ("SELECT * { ?a ex:t ?v . ?b ex:true ?v }", 1),
        ("SELECT * { ?a ex:w ?v . ?b ex:word ?v }", 1),
        ("SELECT * { ?a ex:x ?v . ?b ex:dec ?v }", 1),
        ("SELECT * { ?a ex:y ?v . ?b ex:year ?v }", 1),
        ("SELECT (SUM(?v) AS ?sum) { ?b ex:num ?v FILTER(isNumeric(?v)) }", 1),
        ("SELECT (COUNT(DISTINCT ?v) AS ?n) { ?b ex:num ?v }", 1),
        ("SELECT * { ?a ex:n ?v MINUS { ?b ex:num ?v } }", 0),
        ('SELECT * { ?b ex:num ?v FILTER(STR(?v) = "5") }', 4),
    ],
)
def test_a_value_is_found_however_it_is_written(sites: World, query: str, rows: int) -> None:
    found = sites.bag(query)
    assert found == sites.truth(query)
    assert sum(found.values()) == rows


def test_the_partner_keeps_what_this_engine_writes_anew(sites: World) -> None:
    (site,) = sites.partners
    _, _, body = site.answer("SELECT ?v { <http://example.org/q> <http://example.org/num> ?v }")
    solutions = ox.parse_query_results(body, format=ox.QueryResultsFormat.JSON)
    assert isinstance(solutions, ox.QuerySolutions)
    (row,) = solutions
    assert row[0].value == "05"
