"""A partner that fails on its way to us: said by name, left out when asked for, no harm to others.

The partner is a real engine; between it and the atlas stands a proxy that spoils what it answers.
Each test declares a partner of its own, so that no failure counts against that of another test.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from federation.partner import Limits
from federation.sites.partners import PartnerFolder
from tests.endpoint.serving import Reply
from tests.federation.faulty import (
    HANG,
    JSON,
    RESET,
    Behaviour,
    Faulty,
    Seen,
    bomb,
    dripping,
    endless,
    forwarded,
    hanging,
    html,
    late,
    redirect,
    refusing,
    reply,
    status,
    steps,
)
from tests.federation.real.conftest import Need
from tests.federation.real.oracle import Oracle, parsed
from tests.federation.real.sites import Site, World, iri, partner
from tests.federation.real.test_answers import asked

pytestmark = pytest.mark.slow
NAME = "spoilt"
QUERY = f"""SELECT * {{
  ?region a <https://w3id.org/atlas-relationnel/ontology/Region> ;
    <http://www.w3.org/2000/01/rdf-schema#label> ?name .
  SERVICE <{iri(NAME)}> {{ ?place <http://www.w3.org/2004/02/skos/core#prefLabel> ?name }}
}}"""
SILENT = QUERY.replace("SERVICE", "SERVICE SILENT")
PLAIN = """SELECT * {
  ?region a <https://w3id.org/atlas-relationnel/ontology/Region> ;
    <http://www.w3.org/2000/01/rdf-schema#label> ?name .
  ?place <http://www.w3.org/2004/02/skos/core#prefLabel> ?name
}"""
MEGABYTE = 1024 * 1024


def changed(origin: str, change: Any) -> Behaviour:
    """What the engine answers, its head and its body changed."""

    def sent(seen: Seen) -> Iterator[Any]:
        head, *bodies = forwarded(origin)(seen)
        yield from change(head, b"".join(bodies))

    return sent


def lying_about_its_size(head: bytes, body: bytes) -> list[Any]:
    return [head.replace(b"Content-Length: ", b"Content-Length: 9"), body]


def cut(head: bytes, body: bytes) -> list[Any]:
    return [head, body[: len(body) // 2]]


def cut_and_said_to_be_whole(head: bytes, body: bytes) -> list[Any]:
    kept = body[: len(body) // 2]
    said = f"Content-Length: {len(body)}".encode(), f"Content-Length: {len(kept)}".encode()
    return [head.replace(*said), kept]


def called_something_else(head: bytes, body: bytes) -> list[Any]:
    return [head.replace(JSON.encode(), b"image/png"), body]


def broken_off(head: bytes, body: bytes) -> list[Any]:
    return [head, body[: len(body) // 2], RESET]


SPOILT = {
    "an error": lambda origin: status(500, b"Exception in thread main"),
    "overload": lambda origin: status(503),
    "a page": lambda origin: html(),
    "a page said to be results": lambda origin: reply(b"<html><body>Login</body></html>", JSON),
    "nothing": lambda origin: reply(b"", JSON),
    "other JSON": lambda origin: reply(b'{"message": "ok"}', JSON),
    "a redirect to a private address": lambda origin: redirect("http://10.0.0.1/sparql"),
    "silence": lambda origin: hanging(),
    "a silence after its head": lambda origin: changed(origin, lambda h, b: [h, HANG]),
    "drops": lambda origin: dripping(b"{" + b" " * 9_999, pause=0.5),
    "no end": lambda origin: endless(),
    "a bomb": lambda origin: bomb(20 * MEGABYTE),
    "a reset": lambda origin: steps(RESET),
    "half of it": lambda origin: changed(origin, cut),
    "half of it, said to be whole": lambda origin: changed(origin, cut_and_said_to_be_whole),
    "less than it says": lambda origin: changed(origin, lying_about_its_size),
    "another media type": lambda origin: changed(origin, called_something_else),
    "a broken connection": lambda origin: changed(origin, broken_off),
}
# These are limits of the entry, and no failure of the partner.
LIMITS = {"no end", "a bomb"}
# These last until the partner's time is over; the others may take a busy machine a while.
ENDLESS = {"silence", "a silence after its head", "drops"}


@pytest.fixture
def site(sites: World, need: Need) -> Site:
    """The engine behind the partner of these tests."""
    need(["places"])
    return sites.sites["places"]


@contextmanager
def declared(
    sites: World, site: Site, name: str, endpoint: str, seconds: float = 20.0
) -> Iterator[None]:
    """A partner of this name, called as NAME, at this address; only for SERVICE."""
    partners = PartnerFolder(sites.home)
    limits = Limits(seconds=seconds, bytes=MEGABYTE)
    entry = partner(
        site, endpoint=endpoint, names=(iri(NAME),), limits=limits, uses=frozenset({"service"})
    )
    partners.add(replace(entry, name=name))
    try:
        yield
    finally:
        partners.remove(name)


def spoilt(sites: World, site: Site, how: str, text: str) -> Reply:
    with Faulty(SPOILT[how](site.origin)) as proxy:
        endpoint = site.address.replace(site.proxy.origin, proxy.origin)
        seconds = 1.0 if how in ENDLESS else 20.0
        with declared(sites, site, name_of(how), endpoint, seconds):
            return asked(sites.served, "/sparql", text)


def name_of(how: str) -> str:
    return "spoilt-" + "".join(letter for letter in how.lower() if letter.isalpha())


@pytest.mark.parametrize("how", SPOILT)
def test_what_it_did_is_said_by_its_name(how: str, sites: World, site: Site) -> None:
    failed = spoilt(sites, site, how, QUERY)
    expected = (507, "partner-limit") if how in LIMITS else (502, "partner-failed")
    assert (failed.status, failed.slug) == expected, failed.text
    assert name_of(how) in failed.json["detail"]
    assert site.origin not in failed.text


@pytest.mark.parametrize("how", SPOILT)
def test_under_silent_it_adds_nothing(how: str, sites: World, site: Site) -> None:
    assert spoilt(sites, site, how, SILENT).status == 200


def test_under_silent_the_rows_of_ours_stay(sites: World, site: Site, oracle: Oracle) -> None:
    found = parsed(spoilt(sites, site, "an error", SILENT).body)
    alone = QUERY.split("SERVICE")[0] + "}"
    assert found == oracle.by_service(alone)


def test_a_partner_that_is_down_is_named(sites: World, site: Site) -> None:
    with refusing() as port, declared(sites, site, "down", f"http://127.0.0.1:{port}/sparql"):
        failed = asked(sites.served, "/sparql", QUERY)
    assert (failed.status, failed.slug) == (502, "partner-failed")
    assert "down" in failed.json["detail"]


def test_a_late_answer_is_as_good(sites: World, site: Site, oracle: Oracle) -> None:
    text = QUERY.replace(iri(NAME), iri("places"))
    site.proxy.script(late(0.3, site.passing()))
    try:
        found = asked(sites.served, "/sparql", text)
    finally:
        site.honest()
    assert parsed(found.body) == oracle.by_service(text)


def test_one_that_fails_again_and_again_is_left_alone_and_the_others_answer(
    sites: World, site: Site, oracle: Oracle
) -> None:
    with Faulty(status(500)) as proxy:
        endpoint = site.address.replace(site.proxy.origin, proxy.origin)
        with declared(sites, site, "failing", endpoint):
            for _ in range(12):
                failed = asked(sites.served, "/sparql", QUERY)
                assert (failed.status, failed.slug) == (502, "partner-failed")
            assert len(proxy.seen) < 12
            state = sites.served.fetch("/api/partners/failing").json
            other = QUERY.replace(iri(NAME), iri("places"))
            found = asked(sites.served, "/sparql", other)
    assert "open" in str(state)
    assert parsed(found.body) == oracle.by_service(other)


def test_a_plain_query_fails_with_one_site_and_says_which_is_left_out_where_that_is_wanted(
    sites: World, site: Site, oracle: Oracle
) -> None:
    site.proxy.script(status(500))
    try:
        whole = asked(sites.served, "/federation/sparql", PLAIN)
        partial = asked(sites.served, "/federation/sparql?partial=1", PLAIN)
    finally:
        site.honest()
    assert (whole.status, whole.slug) == (502, "partner-failed")
    assert "places" in whole.json["detail"]
    assert partial.status == 200
    assert partial.headers.get_all("Atlas-Partial") == ["places"]
    found, all_of_it = parsed(partial.body), oracle.federated(PLAIN)
    assert not isinstance(found, bool)
    assert not isinstance(all_of_it, bool)
    assert found < all_of_it
