"""Plain federation against the oracle: the same query over the merge of all sites in one store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from atlas.errors import NotFederable
from federation.partner import IRIS, NONE
from tests.federation.random_queries import Chance
from tests.federation.sites import PREFIXES, World, world

HEAD = (
    "@prefix ex: <http://example.org/> . @prefix other: <https://other.example.net/> .\n"
    "@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n"
)
# Each predicate is where it makes a rule of the planner tell: see the queries.
HERE = f"""{HEAD}
ex:a ex:p ex:b , ex:c . ex:b ex:p ex:d . ex:a a ex:C . ex:b a ex:C . ex:z a ex:C .
ex:a ex:n 5 . ex:b ex:n 7 . ex:a ex:label "one"@en , "un"@fr .
"""
FIRST = f"""{HEAD}
ex:b ex:q ex:d . ex:c ex:q ex:e . ex:a ex:p ex:b . ex:d ex:n 5 . other:u ex:q ex:d .
ex:a ex:about ex:m1 . ex:b ex:about ex:m2 . ex:k ex:about ex:m3 .
ex:k ex:addr [ ex:street "s2" ; ex:zip "z" ] , [ ex:street "s3" ] . ex:k2 ex:addr _:shared .
_:shared ex:street "s4" . ex:k3 ex:addr _:shared .
"""
SECOND = f"""{HEAD}
ex:d ex:r ex:f . ex:e ex:p ex:a . ex:z ex:broader ex:y . ex:y ex:broader ex:x .
ex:x ex:broader ex:z . ex:m2 ex:kind ex:big . ex:m1 ex:kind ex:small . ex:m3 ex:kind ex:big .
ex:f ex:n 7.0 . ex:lonely ex:only ex:a .
"""
QUERIES = [
    "SELECT * { ?a ex:p ?b . ?b ex:q ?c }",
    "SELECT DISTINCT ?c { ?a ex:p ?b . ?b ex:q ?c }",
    "SELECT * { ?a ex:p ?b . ?b ex:q ?c OPTIONAL { ?c ex:r ?d } }",
    # What stands behind an OPTIONAL or MINUS does not limit it.
    "SELECT * { ?a a ex:C OPTIONAL { ?a ex:about ?m } ?x ex:kind ex:big . ?m ex:kind ex:big }",
    "SELECT * { ?a a ex:C MINUS { ?a ex:about ?m } ?m ex:kind ex:big }",
    "SELECT * { ?a a ex:C OPTIONAL { ?a ex:about ?m } OPTIONAL { ?m ex:kind ?k } }",
    # Nor does what stands around their group.
    "SELECT * { ?m ex:kind ex:big { ?a a ex:C OPTIONAL { ?a ex:about ?m } } }",
    "SELECT * { ?m ex:kind ex:big { ?a a ex:C MINUS { ?a ex:about ?m } } }",
    "SELECT * { ?m ex:kind ex:big { ?a a ex:C FILTER NOT EXISTS { ?a ex:about ?m } } }",
    "SELECT * { ?m ex:kind ex:big { ?a a ex:C FILTER EXISTS { ?a ex:about ?m } } }",
    # A filter of an OPTIONAL sees what is before it.
    "SELECT * { ?a a ex:C OPTIONAL { ?x ex:about ?m FILTER NOT EXISTS { ?a ex:about ?m } } }",
    "SELECT * { ?a ex:n ?n OPTIONAL { ?b ex:n ?k FILTER(?k > ?n) } }",
    "SELECT * { { ?a ex:p ?b } UNION { ?a ex:q ?b } ?b ex:n ?n }",
    "SELECT * { { ?a ex:p ?b } UNION { ?a ex:about ?m } ?b ex:q ?c }",
    "SELECT * { ?a ex:n 5 }",
    "SELECT * { ?a ex:n 5.0 MINUS { ?a ex:p ?x } }",
    "SELECT * { ?a ex:n ?n . ?b ex:n ?n FILTER(?a != ?b) }",
    "SELECT ?a (COUNT(?b) AS ?n) { ?a ex:p ?b } GROUP BY ?a HAVING(COUNT(?b) > 1)",
    "SELECT (COUNT(*) AS ?n) { ?a ex:nowhere ?b } HAVING(EXISTS { ?x ex:q ex:d })",
    "SELECT (SUM(?n) AS ?sum) { ?a ex:n ?n }",
    "SELECT * { ?a a ex:C { SELECT ?a (COUNT(*) AS ?n) { ?a ex:about ?m } GROUP BY ?a } }",
    "SELECT * { ?m ex:kind ex:big { SELECT ?a (COUNT(*) AS ?n) { ?a ex:about ?m } GROUP BY ?a } }",
    "SELECT * { ?m ex:kind ex:big { SELECT ?a { ?a ex:about ?m } } }",
    "SELECT * { ?m ex:kind ex:big { SELECT ?m { ?a ex:about ?m } ORDER BY ?m LIMIT 1 } }",
    "SELECT * { ex:z a ex:C { SELECT (COUNT(*) AS ?n) { ?a ex:nowhere ?m } } }",
    # What is known before anything is asked does not reach where it must not either.
    "SELECT * { VALUES ?m { ex:m2 } { SELECT ?a { ?a ex:about ?m } } }",
    "SELECT * { VALUES ?m { ex:m2 } { SELECT (COUNT(*) AS ?n) { ?a ex:about ?m } } }",
    "SELECT ?a (COUNT(*) AS ?n) { ?a ex:about ?m } GROUP BY ?a VALUES ?m { ex:m2 }",
    "SELECT * { VALUES ?m { ex:m2 } { SELECT ?m { ?a ex:about ?m } ORDER BY ?m LIMIT 1 } }",
    "SELECT * { VALUES ?m { ex:m2 } { SELECT ?a (?x AS ?m) { ?a ex:about ?x } } }",
    "SELECT * { VALUES ?m { ex:m2 } { ?a a ex:C FILTER NOT EXISTS { ?a ex:about ?m } } }",
    "SELECT * { VALUES ?m { ex:m2 } { ?a a ex:C OPTIONAL { ?a ex:about ?m } } }",
    "SELECT * { VALUES ?m { ex:m2 } { ?a a ex:C MINUS { ?a ex:about ?m } } }",
    "SELECT * { VALUES ?m { ex:m2 } ?a a ex:C MINUS { ?a ex:about ?m } }",
    "SELECT ?a { ?a a ex:C OPTIONAL { ?a ex:about ?m } } VALUES ?m { ex:m2 }",
    "SELECT * { { ?a ex:p ?b } UNION { ?a ex:about ?m } OPTIONAL { ?m ex:kind ?k } }",
    "SELECT (EXISTS { ?a ex:q ?x } AS ?has) { ?a ex:p ?b }",
    "SELECT * { ?a ex:p ?b BIND(EXISTS { ?b ex:q ?x } AS ?has) FILTER(?has) }",
    "SELECT * { BIND(ex:a AS ?a) ?a ex:p ?b }",
    "SELECT * { ?a ex:p ?b BIND(?b AS ?x) ?x ex:q ?y }",
    "SELECT * { VALUES ?a { ex:a ex:k } ?a ?p ?o }",
    "SELECT * { VALUES (?a ?b) { (ex:a UNDEF) (UNDEF ex:d) } ?a ex:p ?b }",
    "SELECT * { ?a ex:p ?b } VALUES ?b { ex:b ex:d }",
    "SELECT * { VALUES ?n { 5 7.0 } ?a ex:n ?n }",
    "SELECT * { VALUES ?l { 'one'@en 'two' } ?a ex:label ?l }",
    'SELECT * { ?a ex:label ?l FILTER(LANG(?l) = "fr") }',
    'SELECT * { ?a ex:p ?b FILTER(STRENDS(STR(?b), "b")) }',
    "SELECT * { ?a ex:p/ex:q ?c }",
    "SELECT * { ?a (ex:p|^ex:q)+ ?c . ?a a ex:C }",
    "SELECT * { ex:z ex:broader* ?y }",
    "SELECT * { ?x ex:broader+ ex:x }",
    "SELECT * { ?a ex:broader+ ?b }",
    "SELECT * { ?a (ex:about*/ex:kind|ex:nowhere) ?b }",
    "SELECT * { ?a (ex:p*/ex:q/ex:r?)+ ?b }",
    "SELECT * { ?a ex:p*/ex:q ?b }",
    "SELECT * { ?x a ex:C . ?x ex:broader* ?y }",
    "SELECT * { VALUES ?x { ex:lonely ex:nobody } ?x ex:broader* ?y }",
    "SELECT * { VALUES ?x { ex:big ex:nobody } ?x ex:nowhere? ?y }",
    "SELECT * { ex:big ex:broader? ?y . ex:nobody ex:p? ?z }",
    "SELECT * { ex:a !(ex:p|a) ?x }",
    "SELECT * { ex:a !(^ex:only|ex:p) ?x }",
    "SELECT * { ?a ex:addr ?x . ?x ex:street ?s }",
    "SELECT * { ?a ex:addr ?x . ?x ex:street ?s OPTIONAL { ?x ex:zip ?z } }",
    "SELECT (COUNT(DISTINCT ?x) AS ?n) { ?a ex:addr ?x . ?x ex:street ?s }",
    "SELECT ?a ?b { ?a ex:addr [ ex:street ?s ] . ?b ex:addr [ ex:street ?s ] }",
    "SELECT * { ?s ?p ?o }",
    "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }",
    "SELECT * { ?a ex:nowhere ?b OPTIONAL { ?b ex:p ?c } }",
    "SELECT * { ?a ex:p ?b FILTER(?b = ex:b || EXISTS { ?b ex:q ?c }) }",
    "SELECT * {}",
    "ASK { ?a ex:p ?b . ?b ex:q ?c . ?c ex:r ?d }",
    "ASK { ?a ex:r ?b . ?b ex:q ?c }",
    "ASK { ?a ex:p ?b } VALUES (?a ?b) { (ex:a ex:d) (ex:b ex:d) (ex:c ex:b) }",
    "ASK { ?a ex:p ?b } VALUES (?a ?b) { (ex:a ex:d) (ex:b ex:c) }",
    "CONSTRUCT { ?a ex:leads ?c } WHERE { ?a ex:p ?b . ?b ex:q ?c }",
    "CONSTRUCT WHERE { ?a ex:p ?b . ?b ex:q ?c }",
]


@pytest.fixture(scope="module", params=["asked", "summaries", "small blocks"])
def sites(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    home = tmp_path_factory.mktemp("sites")
    block = 1 if request.param == "small blocks" else 500
    summaries = request.param == "summaries"
    with world(home, HERE, FIRST, SECOND, block=block, summaries=summaries) as made:
        yield made


@pytest.mark.parametrize("query", QUERIES)
def test_the_answer_is_that_of_one_store_that_holds_all(sites: World, query: str) -> None:
    assert sites.bag(query) == sites.truth(query)


def test_an_order_is_kept(sites: World) -> None:
    query = "SELECT ?a ?n { ?a ex:n ?n } ORDER BY DESC(?n) ?a"
    truth = sites.merge.query(PREFIXES + query)
    assert isinstance(truth, ox.QuerySolutions)
    assert [*map(str, sites.answer(query))] == [*map(str, truth)]


@pytest.mark.parametrize("seed", range(8))
def test_random_queries_over_random_sites(seed: int, tmp_path: Path) -> None:
    chance = Chance(seed)
    options: dict[str, Any] = {
        "block": chance.choice([1, 3, 500]),
        "summaries": chance.maybe(0.5),
        "sends": ("all", "all", IRIS, NONE)[seed % 4],
    }
    refused = 0
    with world(tmp_path, *chance.data(3, apart=chance.maybe(0.5)), **options) as made:
        for _ in range(25):
            query = chance.query()
            try:
                answer = made.bag(query)
            except NotFederable:
                refused += 1
                continue
            assert answer == made.truth(query), query
    assert refused < 6
