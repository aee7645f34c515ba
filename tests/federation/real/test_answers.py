"""The atlas over five sites of others answers what one store with all their data answers."""

from __future__ import annotations

import pytest

from tests.endpoint.serving import Reply, Served
from tests.federation.real.conftest import JOINS, Need
from tests.federation.real.joins import Join
from tests.federation.real.oracle import Answer, Oracle, parsed
from tests.federation.real.queries import Query, written
from tests.federation.real.sites import HOLDERS, World, iri

pytestmark = pytest.mark.slow
JSON = "application/sparql-results+json"
NUMBERS = range(JOINS)
# What a join of some dozen rows over two sites may take: one engine of others took thousands.
REQUESTS = 6


def asked(served: Served, path: str, text: str) -> Reply:
    headers = {"Content-Type": "application/sparql-query", "Accept": JSON}
    return served.fetch(path, "POST", body=text, headers=headers)


def answered(sites: World, path: str, text: str) -> Answer:
    """The answer, with the addresses of the sites written as the queries call them."""
    reply = asked(sites.served, path, text)
    assert reply.status == 200, reply.text
    body = reply.body
    for site in sites.sites.values():
        body = body.replace(site.address.encode(), iri(site.name).encode())
    return parsed(body)


def names(query: Query) -> str:
    return query.name


@pytest.mark.parametrize("query", written("service"), ids=names)
def test_a_query_with_service_answers_as_one_store_does(
    query: Query, sites: World, oracle: Oracle, need: Need
) -> None:
    need(query.sites if "?site" not in query.text else HOLDERS)
    expected = oracle.by_service(query.text)
    assert expected
    assert answered(sites, "/sparql", query.text) == expected


@pytest.mark.parametrize("number", NUMBERS)
def test_a_generated_join_with_service_answers_as_one_store_does(
    number: int, sites: World, oracle: Oracle, joins: list[Join], need: Need
) -> None:
    need(HOLDERS)
    join = joins[number]
    for site in sites.sites.values():
        site.counts.clear()
    assert answered(sites, "/sparql", join.service) == oracle.by_service(join.service)
    assert 0 < sum(site.counts.requests for site in sites.sites.values()) <= REQUESTS


@pytest.mark.parametrize("query", written("plain"), ids=names)
def test_a_plain_query_over_all_sites_answers_as_one_store_does(
    query: Query, sites: World, oracle: Oracle, need: Need
) -> None:
    need(HOLDERS)
    expected = oracle.federated(query.text)
    assert expected
    assert answered(sites, "/federation/sparql", query.text) == expected


@pytest.mark.parametrize("number", NUMBERS)
def test_a_generated_plain_join_answers_as_one_store_does(
    number: int, sites: World, oracle: Oracle, joins: list[Join], need: Need
) -> None:
    need(HOLDERS)
    join = joins[number]
    expected = oracle.federated(join.plain)
    assert answered(sites, "/federation/sparql", join.plain) == expected


def test_the_joins_are_spread_over_the_sites(joins: list[Join], need: Need) -> None:
    need(HOLDERS)
    assert len(joins) == JOINS
    assert {site for join in joins for site in join.sites} >= set(HOLDERS)
    assert len({join.sites for join in joins}) > 15
