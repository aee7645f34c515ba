"""A client that hangs up while its answer is made: the work on it ends."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest

from endpoint.wire.disconnects import Watch
from tests.endpoint.serving import Served, serving
from tests.waiting import LONG, until

RUNAWAY = "SELECT (COUNT(*) AS ?n) { " + " ".join(f"?a{n} ?b{n} ?c{n} ." for n in range(9)) + " }"


@pytest.fixture(scope="module")
def patient(home: Path) -> Iterator[Served]:
    """A server whose deadline never ends a test's query."""
    with serving(home, ATLAS_WORKERS="2", ATLAS_QUERY_TIMEOUT="600") as served:
        yield served


def request(query: str) -> bytes:
    path = "/sparql?" + urlencode({"query": query, "format": "json"})
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()


def connect(served: Served) -> socket.socket:
    split = urlsplit(served.address)
    return socket.create_connection((split.hostname or "", split.port or 0), timeout=LONG)


def stats(served: Served) -> dict[str, int]:
    found: dict[str, int] = json.loads(served.fetch("/health").body)
    return found


def settled(served: Served, **expected: int) -> None:
    """Wait until the pool's figures are these: long, and still no part of the query's deadline."""

    def same() -> bool:
        found = stats(served)
        return all(found[name] == value for name, value in expected.items())

    until(same, lambda: stats(served))


def test_the_worker_of_a_client_that_hangs_up_is_gone(patient: Served) -> None:
    settled(patient, idle=3)
    before = patient.process.workers()
    with connect(patient) as connection:
        connection.sendall(request(RUNAWAY))
        settled(patient, busy=1)
        until(lambda: patient.process.workers() != before)
    settled(patient, busy=0)
    # Its seat is another's before its process is quite gone.
    until(lambda: len(before.keys() - patient.process.workers()) == 1)
    settled(patient, idle=3)


def test_a_client_that_hangs_up_leaves_the_queue(patient: Served) -> None:
    settled(patient, idle=3)
    with connect(patient) as first, connect(patient) as second:
        # One client has one of two workers at most, so its second request waits.
        first.sendall(request(RUNAWAY))
        second.sendall(request(RUNAWAY + "# another"))
        settled(patient, busy=1, waiting=1)
        second.close()
        settled(patient, busy=1, waiting=0)
    settled(patient, busy=0, idle=3)


def test_what_a_client_sends_ahead_is_answered_next(patient: Served) -> None:
    slow = (
        "SELECT (COUNT(*) AS ?n) { VALUES ?a { 1 2 3 4 5 6 7 8 9 } VALUES ?b { 1 2 3 4 5 6 7 8 9 } "
        "?c ?d ?e . ?f ?g ?h . ?i ?j ?k }"
    )
    with connect(patient) as connection:
        connection.sendall(request(slow) + request("ASK {}"))
        received = b""
        while received.count(b"HTTP/1.1 200") < 2 or not received.endswith(b"}"):
            part = connection.recv(65536)
            assert part, received
            received += part
    assert b'"boolean":true' in received


def test_where_the_server_shows_no_connection_nothing_is_watched() -> None:
    with Watch().over({}) as cancelled:
        pass
    assert not cancelled.cancelled
