"""Sites that stall and drip, and queries that nobody waits for any more."""

from __future__ import annotations

import gzip
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from atlas.errors import ClientGone, PartnerFailed
from federation.exchange.gate import Gate
from federation.partner import Partner
from store.cancellation import Cancellation
from tests.federation import faulty
from tests.federation.faulty import Behaviour, Faulty
from tests.federation.fetching import (
    BODY,
    PATIENCE,
    SHORT,
    asking,
    full_queue,
    refused,
    until,
)


@pytest.fixture
def site() -> Iterator[Faulty]:
    with Faulty(faulty.reply(BODY)) as site:
        yield site


# Time.

STALLS: dict[str, Behaviour] = {
    "before the answer": faulty.hanging(),
    "within the head": faulty.hanging(b"HTTP/1.1 200 OK\r\nContent-"),
    "before the body": faulty.hanging(faulty.head(200, {"Content-Length": "10"})),
    "within the body": faulty.hanging(faulty.head(200, {"Content-Length": "10"}) + b"12345"),
    "within a body without a length": faulty.hanging(faulty.head() + b"12345"),
    "within a chunk": faulty.hanging(faulty.head(200, {"Transfer-Encoding": "chunked"}) + b"5\r\n"),
    "within the trailers": faulty.hanging(
        faulty.head(200, {"Transfer-Encoding": "chunked"}) + b"1\r\nx\r\n0\r\nA: b\r\n"
    ),
    "within gzip": faulty.hanging(
        faulty.head(200, {"Content-Encoding": "gzip"}) + gzip.compress(BODY)[:20]
    ),
    "dripping head": faulty.steps(
        *(
            step
            for byte in b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 99
            for step in (bytes([byte]), 0.02)
        )
    ),
    "dripping body": faulty.dripping(BODY * 10, pause=0.02),
    "dripping body without a length": faulty.steps(
        faulty.head(), *(step for _ in range(2000) for step in (b" ", 0.02))
    ),
}


@pytest.mark.parametrize("behaviour", STALLS.values(), ids=STALLS)
def test_a_site_that_stalls_or_drips_is_given_up_in_time(
    site: Faulty, behaviour: Behaviour
) -> None:
    site.script(behaviour)
    sentence = refused(PartnerFailed, site.partner(), seconds=SHORT)
    assert sentence == "The partner faulty did not answer in time at its address."
    # On a busy machine the time may be over before the site has read the request.
    assert not site.seen or site.gone.wait(PATIENCE)


def test_a_look_up_that_stalls_is_given_up_in_time() -> None:
    stalled = threading.Event()

    def resolve(host: str, port: int) -> list[str]:
        stalled.wait(PATIENCE)
        return []

    partner = Partner("p", endpoint="http://partner.example/")
    sentence = refused(PartnerFailed, partner, gate=Gate(resolve=resolve), seconds=SHORT)
    stalled.set()
    assert "did not answer in time" in sentence


def test_a_connection_that_is_not_accepted_is_given_up_in_time() -> None:
    with full_queue() as port:
        partner = Partner(
            "p", endpoint=f"http://127.0.0.1:{port}/", addresses=frozenset({"127.0.0.1"})
        )
        assert "did not answer in time" in refused(PartnerFailed, partner, seconds=SHORT)


def test_a_site_that_does_not_speak_tls_is_given_up_in_time(site: Faulty) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        partner = site.partner(endpoint=f"https://127.0.0.1:{port}/")
        assert "did not answer in time" in refused(PartnerFailed, partner, seconds=SHORT)


# Cancellation.

WAITS: dict[str, Behaviour] = {
    "the head": faulty.hanging(),
    "the body": faulty.hanging(faulty.head(200, {"Content-Length": "10"}) + b"12345"),
    "a body without a length": faulty.hanging(faulty.head() + b"12345"),
}


@pytest.mark.parametrize("behaviour", WAITS.values(), ids=WAITS)
def test_a_cancellation_ends_a_request_that_waits(site: Faulty, behaviour: Behaviour) -> None:
    site.script(behaviour)
    cancelled = Cancellation()
    outcomes = asking(
        lambda: refused(ClientGone, site.partner(), cancelled=cancelled, seconds=PATIENCE)
    )
    until(lambda: len(site.seen) == 1)
    cancelled.cancel()
    assert outcomes() == "The client hung up before its answer was ready."
    assert site.gone.wait(PATIENCE)


def test_a_cancellation_ends_all_requests_of_a_query(site: Faulty) -> None:
    site.script(faulty.hanging())
    cancelled = Cancellation()
    waiting = [
        asking(lambda: refused(ClientGone, site.partner(), cancelled=cancelled)) for _ in range(3)
    ]
    until(lambda: len(site.seen) == 3)
    cancelled.cancel()
    for outcome in waiting:
        assert outcome()


def test_a_cancellation_ends_a_look_up() -> None:
    cancelled, began, stalled = Cancellation(), threading.Event(), threading.Event()

    def resolve(host: str, port: int) -> list[str]:
        began.set()
        stalled.wait(PATIENCE)
        return []

    partner = Partner("p", endpoint="http://partner.example/")
    outcome = asking(
        lambda: refused(ClientGone, partner, gate=Gate(resolve=resolve), cancelled=cancelled)
    )
    assert began.wait(PATIENCE)
    cancelled.cancel()
    assert outcome()
    stalled.set()


def test_a_cancellation_ends_a_connection_that_is_not_accepted() -> None:
    cancelled = Cancellation()
    with full_queue() as port:
        partner = Partner(
            "p", endpoint=f"http://127.0.0.1:{port}/", addresses=frozenset({"127.0.0.1"})
        )
        outcome = asking(lambda: refused(ClientGone, partner, cancelled=cancelled, seconds=9e6))
        # Whether it comes just before the connection or within, it must end.
        cancelled.cancel()
        assert outcome()


def test_nothing_is_asked_for_a_query_that_is_cancelled_already(site: Faulty) -> None:
    cancelled = Cancellation()
    cancelled.cancel()
    refused(ClientGone, site.partner(), cancelled=cancelled)
    assert site.seen == []


# Under gevent, as the server runs.

UNDER_GEVENT = """
from gevent import monkey
monkey.patch_all()
import sys, threading, time
from concurrent.futures import ThreadPoolExecutor
from atlas.errors import ClientGone, PartnerFailed
from federation.exchange.gate import Gate
from store.cancellation import Cancellation
from tests.federation import faulty

hanging, good = faulty.hanging(), faulty.reply(b"good")
with faulty.Faulty(hanging) as slow, faulty.Faulty(hanging) as other, faulty.Faulty(good) as well:
    gate, cancelled = Gate(), Cancellation()

    def ask(site, seconds, cancelled=None):
        try:
            with gate.fetch(site.partner(), site.url, ends=time.monotonic() + seconds, limit=99,
                            cancelled=cancelled) as reply:
                return reply.read()
        except (PartnerFailed, ClientGone) as error:
            return type(error).__name__

    with ThreadPoolExecutor(4) as pool:
        late = pool.submit(ask, slow, 0.3)
        left = pool.submit(ask, other, 60, cancelled)
        assert ask(well, 60) == b"good"
        while not other.seen:
            time.sleep(0.01)
        cancelled.cancel()
        print(late.result(), left.result())
"""


def test_the_gate_ends_what_it_must_under_gevent_too() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", UNDER_GEVENT],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stdout.split() == ["PartnerFailed", "ClientGone"], done.stderr


def test_who_needs_the_same_name_waits_for_the_same_look_up(site: Faulty) -> None:
    """A name server that never answers is asked once, however many requests there are."""
    asked: list[str] = []
    answer = threading.Event()

    def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        assert answer.wait(PATIENCE)
        return ["127.0.0.1"]

    gate = Gate(resolve=resolve)
    partner = site.partner(endpoint=f"http://slow.example:{site.port}/sparql")

    def fetch(seconds: float) -> str:
        try:
            with gate.fetch(
                partner, partner.endpoint, ends=time.monotonic() + seconds, limit=9_999
            ) as reply:
                return f"{reply.status}"
        except PartnerFailed as error:
            return error.did

    for _ in range(3):
        assert "did not answer in time" in fetch(0.1)
    with ThreadPoolExecutor(4) as pool:
        outcomes = [pool.submit(fetch, PATIENCE) for _ in range(4)]
        until(lambda: len(gate._lookups["slow.example", site.port].waiting) == 4)
        answer.set()
        assert [outcome.result(PATIENCE) for outcome in outcomes] == 4 * ["200"]
    assert asked == ["slow.example"]
    assert fetch(PATIENCE) == "200"
    assert asked == 2 * ["slow.example"]
