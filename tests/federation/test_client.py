"""Queries to real sites on loopback: what is sent, and what bounds them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from atlas.errors import (
    ClientGone,
    Forbidden,
    NotFederable,
    PartnerFailed,
    PartnerLimit,
    PartnerRefused,
    QueryTimeout,
    SparqlError,
)
from federation.exchange.breaker import CLOSED, OPEN, Breakers
from federation.exchange.client import TRIVIAL, Client
from federation.partner import Limits, Partner
from tests.federation import faulty
from tests.federation.faulty import JSON, XML, Behaviour, Faulty, Seen, iri, literal
from tests.federation.fetching import PATIENCE, SELECT, rows, run, select, until

GOOD = faulty.solutions(["s"], [{"s": iri("http://example.org/1")}])


@pytest.fixture
def site() -> Iterator[Faulty]:
    with Faulty() as site:
        yield site


# What is sent and read.


def test_a_query_is_posted_as_a_form(site: Faulty) -> None:
    text = 'SELECT * WHERE { ?s ?p "é&=+%"@fr }\n# comment'
    select(site.partner(), text)
    [seen] = site.seen
    assert (seen.method, seen.path, seen.form) == ("POST", "/sparql", {"query": text})
    assert seen.headers["content-type"] == "application/x-www-form-urlencoded"
    assert seen.headers["accept"] == f"{JSON}, {XML};q=0.5"


def test_a_site_that_is_down_is_named(site: Faulty) -> None:
    with faulty.refusing() as port:
        partner = site.partner(endpoint=f"http://127.0.0.1:{port}/")
        with pytest.raises(PartnerFailed, match="The partner faulty refuses connections"):
            select(partner)


def test_a_partner_without_an_endpoint_is_not_asked() -> None:
    with pytest.raises(NotFederable, match="has no SPARQL endpoint"):
        select(Partner("p", dump="http://p.example/dump"))


def test_an_endpoint_on_a_private_address_is_not_asked(site: Faulty) -> None:
    with pytest.raises(Forbidden):
        select(site.partner(addresses=frozenset()))
    assert site.seen == []


# Limits.


def test_rows_beyond_the_limit_are_refused_naming_it(site: Faulty) -> None:
    site.script(rows(11))
    partner = site.partner(limits=Limits(rows=10))
    with pytest.raises(PartnerLimit, match="The partner faulty sends more than 10 rows"):
        select(partner)
    with pytest.raises(PartnerLimit, match="more than 5 rows"):
        select(partner, rows=5)
    assert len(select(site.partner(limits=Limits(rows=11)), rows=50)) == 11


def test_triples_beyond_the_limit_are_refused(site: Faulty) -> None:
    body = b"".join(b"<http://a> <http://b> %d .\n" % number for number in range(9))
    site.script(faulty.reply(body, "text/turtle"))
    with pytest.raises(PartnerLimit, match="more than 8 triples"):
        Client().construct(site.partner(), "CONSTRUCT {}", run(), triples=8)


@pytest.mark.parametrize("behaviour", [faulty.endless(), faulty.bomb(10**7)])
def test_bytes_beyond_the_limit_are_refused(site: Faulty, behaviour: Behaviour) -> None:
    site.script(behaviour)
    with pytest.raises(PartnerLimit, match="more than 100,000 bytes"):
        select(site.partner(limits=Limits(bytes=100_000)))


def test_an_answer_that_the_partner_cut_itself_is_not_taken_for_whole(site: Faulty) -> None:
    """As Virtuoso does, with status 200."""
    body = faulty.solutions(["s"], [{"s": literal(f"{number}")} for number in range(5)])
    site.script(faulty.reply(body, headers={"X-SPARQL-MaxRows": "5"}))
    with pytest.raises(PartnerLimit, match="The partner faulty ends every answer at 5 rows"):
        select(site.partner())
    site.script(faulty.reply(body, headers={"X-SPARQL-MaxRows": "10000"}))
    assert len(select(site.partner())) == 5
    site.script(faulty.reply(body, headers={"X-SQL-State": "S1TAT"}))
    with pytest.raises(PartnerFailed, match="ran out of its own time"):
        select(site.partner())


def test_what_all_partners_send_for_one_query_is_bounded(site: Faulty) -> None:
    site.script(rows(6))
    client, asked = Client(), run(rows=10)
    client.select(site.partner(), SELECT, asked)
    with pytest.raises(PartnerLimit, match="ATLAS_FEDERATION_ROWS"):
        client.select(site.partner(), SELECT, asked)


def test_so_many_requests_are_made_for_one_query(site: Faulty) -> None:
    client, asked = Client(), run(requests=2)
    for _ in range(2):
        client.select(site.partner(), SELECT, asked)
    with pytest.raises(PartnerLimit, match="ATLAS_FEDERATION_REQUESTS"):
        client.select(site.partner(), SELECT, asked)
    assert len(site.seen) == 2


def test_each_exchange_is_told(site: Faulty) -> None:
    site.script(rows(3), faulty.boolean(True))
    client, asked = Client(), run()
    client.select(site.partner(), SELECT, asked, bindings=7)
    client.ask(site.partner(), "ASK {}", asked)
    [first, second] = asked.exchanges
    assert (first.partner, first.text, first.bindings, first.rows) == ("faulty", SELECT, 7, 3)
    assert (first.bytes > 100, first.failed, second.rows) == (True, "", 1)


def test_a_partner_has_its_own_seconds(site: Faulty) -> None:
    site.script(faulty.hanging())
    with pytest.raises(PartnerFailed, match="did not answer in time"):
        select(site.partner(limits=Limits(seconds=0.3)))


def test_a_partner_that_had_no_time_is_not_to_blame(site: Faulty) -> None:
    site.script(faulty.hanging())
    client = Client(breakers=Breakers(failures=1))
    with pytest.raises(QueryTimeout, match="while the partner faulty still answered"):
        client.select(site.partner(limits=Limits(seconds=60)), SELECT, run(seconds=0.3))
    assert client.breakers.state("faulty") == CLOSED


# Many at a time.


def test_a_partner_is_asked_so_many_at_a_time(site: Faulty) -> None:
    site.script(faulty.late(0.02, rows(1)))
    client, partner, asked = Client(), site.partner(limits=Limits(concurrency=3)), run()
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda _: client.select(partner, SELECT, asked), range(24)))
    assert [len(answer) for answer in answers] == [1] * 24
    assert site.most == 3


@pytest.mark.parametrize(
    "behaviour",
    [
        faulty.status(500),
        faulty.html(),
        faulty.truncated(GOOD),
        faulty.steps(faulty.RESET),
        faulty.endless(),
        rows(99),
        faulty.redirect("http://evil.example/"),
    ],
)
def test_a_turn_is_given_back_whatever_happens(site: Faulty, behaviour: Behaviour) -> None:
    client = Client(breakers=Breakers(failures=100))
    partner = site.partner(limits=Limits(concurrency=1, rows=9, bytes=10_000))
    site.script(behaviour)
    for _ in range(3):
        with pytest.raises((PartnerFailed, PartnerLimit)):
            client.select(partner, SELECT, run())
    with pytest.raises(Forbidden):
        client.select(site.partner(addresses=frozenset()), SELECT, run())
    site.script(rows(1))
    assert len(client.select(partner, SELECT, run())) == 1


def test_a_cancellation_ends_those_who_are_asked_and_those_who_wait(site: Faulty) -> None:
    site.script(faulty.hanging())
    client, partner, asked = Client(), site.partner(limits=Limits(concurrency=2)), run()

    def ask() -> type[SparqlError] | None:
        try:
            client.select(partner, SELECT, asked)
        except SparqlError as error:
            return type(error)
        return None

    with ThreadPoolExecutor(5) as pool:
        outcomes = [pool.submit(ask) for _ in range(5)]
        until(lambda: len(site.seen) == 2)
        asked.cancelled.cancel()
        assert {outcome.result(PATIENCE) for outcome in outcomes} == {ClientGone}
    site.script(rows(1))
    assert len(client.select(partner, SELECT, run())) == 1
    assert client.breakers.state("faulty") == CLOSED


def test_who_waits_for_a_turn_waits_no_longer_than_the_query(site: Faulty) -> None:
    site.script(faulty.hanging())
    client, partner, first = Client(), site.partner(limits=Limits(concurrency=1)), run()

    def ask() -> None:
        with pytest.raises(ClientGone):
            client.select(partner, SELECT, first)

    holding = threading.Thread(target=ask, daemon=True)
    holding.start()
    until(lambda: len(site.seen) == 1)
    with pytest.raises(QueryTimeout, match="which is asked 1 requests at a time"):
        client.select(partner, SELECT, run(seconds=0.2))
    first.cancelled.cancel()
    holding.join(PATIENCE)
    assert len(site.seen) == 1


# The breaker.


def test_a_partner_that_fails_again_and_again_is_left_alone(site: Faulty) -> None:
    site.script(faulty.status(500))
    client = Client(breakers=Breakers(failures=3, pause=60))
    for _ in range(5):
        with pytest.raises(PartnerFailed):
            client.select(site.partner(), SELECT, run())
    assert [seen.query for seen in site.seen] == [SELECT, SELECT, SELECT, TRIVIAL]
    assert client.breakers.state("faulty") == OPEN


def asked_too_much(seen: Seen) -> Iterator[object]:
    """A site that is well, and never done with a query that is too much for it."""
    behaviour = faulty.boolean(True) if seen.query == TRIVIAL else faulty.hanging()
    yield from behaviour(seen)


def test_queries_that_are_too_much_for_a_partner_do_not_shut_it_for_others(site: Faulty) -> None:
    """Anybody may send such queries, to keep a partner from everybody."""
    site.script(asked_too_much)
    client = Client(breakers=Breakers(failures=2, pause=60))
    # As long as the site may take on a busy machine to say that it is well.
    partner = site.partner(limits=Limits(seconds=1))
    for _ in range(3):
        with pytest.raises(PartnerFailed, match="did not answer in time"):
            client.select(partner, SELECT, run())
        assert client.breakers.state("faulty") == CLOSED
    assert client.ask(site.partner(), TRIVIAL, run())


def test_a_probe_that_is_too_much_for_a_partner_shuts_it_no_longer(site: Faulty) -> None:
    site.script(faulty.status(500))
    client = Client(breakers=Breakers(failures=1, pause=0.001))
    with pytest.raises(PartnerFailed):
        client.select(site.partner(), SELECT, run())
    until(lambda: client.breakers.state("faulty") != OPEN)
    site.script(asked_too_much)
    with pytest.raises(PartnerFailed):
        client.select(site.partner(limits=Limits(seconds=1)), SELECT, run())
    assert client.breakers.state("faulty") == CLOSED


def test_a_partner_that_comes_back_is_asked_again(site: Faulty) -> None:
    site.script(*3 * [faulty.status(500)], rows(1))
    client = Client(breakers=Breakers(failures=2, pause=0.001))
    for _ in range(2):
        with pytest.raises(PartnerFailed):
            client.select(site.partner(), SELECT, run())
    until(lambda: client.breakers.state("faulty") != OPEN)
    assert len(client.select(site.partner(), SELECT, run())) == 1
    assert client.breakers.state("faulty") == CLOSED


def test_queries_that_a_partner_refuses_do_not_shut_it_for_others(site: Faulty) -> None:
    site.script(faulty.status(400))
    client = Client(breakers=Breakers(failures=2))
    for _ in range(5):
        with pytest.raises(PartnerRefused):
            client.select(site.partner(), "SELEKT", run())
    assert client.breakers.state("faulty") == CLOSED
