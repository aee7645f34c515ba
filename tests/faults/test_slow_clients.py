"""Clients that read or write at a crawl hold no worker, and nobody waits for them."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from urllib.parse import urlencode, urlsplit

import pytest

from tests.endpoint.serving import Served
from tests.endpoint.world import ATLAS
from tests.faults.conftest import WORKERS, connect
from tests.faults.watching import MIB, Watch, still_answers

PEOPLE = f"<{ATLAS}population>"
LARGE = f"SELECT * {{ ?a {PEOPLE} ?x . ?b {PEOPLE} ?y }} LIMIT 60000"
CRAWLERS = 40


def request(served: Served, query: str, *, close: bool = True) -> bytes:
    host = urlsplit(served.address).netloc
    return (
        f"GET /sparql?{urlencode({'query': query})} HTTP/1.1\r\nHost: {host}\r\n"
        f"Accept: text/csv\r\n{'Connection: close' if close else ''}\r\n\r\n"
    ).encode()


def received(connection: socket.socket) -> bytes:
    """All that comes until the server closes."""
    return b"".join(iter(lambda: connection.recv(1 << 20), b""))


@pytest.fixture
def crawlers(served: Served) -> Iterator[ExitStack]:
    with ExitStack() as open_connections:
        yield open_connections
    still_answers(served)


@pytest.mark.slow
def test_slow_readers_hold_no_worker_and_get_all_of_their_answer(
    served: Served, crawlers: ExitStack
) -> None:
    with Watch(served) as watch:
        readers = [crawlers.enter_context(connect(served, buffer=4096)) for _ in range(3 * WORKERS)]
        first = []
        for reader in readers:
            reader.sendall(request(served, LARGE))
            first.append(reader.recv(1))
        for _ in range(10):
            for number, reader in enumerate(readers):
                first[number] += reader.recv(1)
            still_answers(served)
        head, _, body = (first[0] + received(readers[0])).partition(b"\r\n\r\n")
        length = next(
            int(line.split(b":")[1])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length")
        )
        assert length == len(body) > 4_000_000
    # The answers wait for their readers in files, not in memory.
    assert watch.most < 1024 * MIB


@pytest.mark.slow
@pytest.mark.parametrize(
    "begun",
    [
        b"",
        b"GE",
        b"GET /sparql?query=ASK%7B%7D HTTP/1.1\r\nHost: atlas\r\nX-Slow: ",
        b"POST /sparql HTTP/1.1\r\nHost: atlas\r\nContent-Type: application/sparql-query\r\n"
        b"Content-Length: 4000\r\n\r\nASK ",
        b"POST /sparql HTTP/1.1\r\nHost: atlas\r\nContent-Type: application/sparql-query\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n4\r\nASK \r\n",
        b"PUT /data?graph=urn:x-slow HTTP/1.1\r\nHost: atlas\r\nContent-Type: text/turtle\r\n"
        b"Content-Length: 4000\r\n\r\n<urn:x",
    ],
    ids=["nothing", "a method", "a header", "a body", "a chunked body", "a graph"],
)
def test_slow_writers_keep_nobody_waiting(
    served: Served, crawlers: ExitStack, begun: bytes
) -> None:
    writers = [crawlers.enter_context(connect(served)) for _ in range(CRAWLERS)]
    for writer in writers:
        writer.sendall(begun)
    for _ in range(5):
        for writer in writers:
            with_more(writer)
        still_answers(served)


def with_more(writer: socket.socket) -> None:
    """One more byte, where the server still listens."""
    try:
        writer.sendall(b"a")
    except OSError:
        return


@pytest.mark.slow
def test_more_idle_connections_than_anybody_needs_shut_nobody_out(
    served: Served, crawlers: ExitStack
) -> None:
    body = (
        b"POST /sparql HTTP/1.1\r\nHost: atlas\r\nContent-Type: application/sparql-query\r\n"
        b"Content-Length: 4000\r\n\r\nASK "
    )
    for _ in range(1_500):
        crawlers.enter_context(connect(served)).sendall(body)
    still_answers(served)


@pytest.mark.slow
def test_a_client_that_sends_no_more_is_given_up(stalled: socket.socket) -> None:
    reply = received(stalled)
    assert reply.startswith(b"HTTP/1.1 408 ")
    assert b"/problems/request-timeout" in reply
