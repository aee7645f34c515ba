"""Asks through a gate or a client, in tests of what they refuse, read and end."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest

from atlas.errors import SparqlError
from federation.exchange.client import Client
from federation.exchange.gate import Gate, Reply
from federation.partner import Partner
from federation.run import Run
from tests.federation import faulty
from tests.federation.faulty import Behaviour

PATIENCE = 20.0
# Long enough for a busy machine to come to the fault, short enough to wait for.
SHORT = 0.4
LIMIT = 1_000_000
BODY = faulty.solutions(["s"], [{"s": faulty.iri("http://example.org/1")}])


def fetch(
    partner: Partner,
    url: str = "",
    *,
    seconds: float = PATIENCE,
    gate: Gate | None = None,
    **how: Any,
) -> Reply:
    return (gate or Gate()).fetch(
        partner,
        url or partner.endpoint,
        ends=time.monotonic() + seconds,
        **{"limit": LIMIT, **how},
    )


def refused(kind: type[SparqlError], partner: Partner, url: str = "", **how: Any) -> str:
    """The sentence by which a request is refused, in its head or its body."""
    with pytest.raises(kind) as caught, fetch(partner, url, **how) as reply:
        reply.read()
    return str(caught.value)


def resolving(**names: Any) -> Gate:
    """A gate whose names are these, dots written as underscores."""
    known = {name.replace("_", "."): found for name, found in names.items()}

    def resolve(host: str, port: int) -> list[str]:
        if host not in known:
            raise OSError(f"unknown {host}")
        found: list[str] = known[host]
        return found

    return Gate(resolve=resolve)


def asking(ask: Callable[[], str]) -> Callable[[], str]:
    """Asks in a thread; what it returns waits for the outcome."""
    outcomes: list[str] = []
    thread = threading.Thread(target=lambda: outcomes.append(ask()), daemon=True)
    thread.start()

    def outcome() -> str:
        thread.join(PATIENCE)
        assert outcomes
        return outcomes[0]

    return outcome


def until(true: Callable[[], bool]) -> None:
    ends = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < ends
        time.sleep(0.005)


@contextmanager
def full_queue() -> Iterator[int]:
    """A port whose queue of connections is full: the next one waits without an answer."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        yield int(listener.getsockname()[1])


SELECT = "SELECT ?s ?o WHERE { ?s <http://example.org/p> ?o }"


def run(*, seconds: float = PATIENCE, rows: int = 1000, requests: int = 1000) -> Run:
    return Run(time.monotonic() + seconds, rows, requests)


def select(partner: Partner, query: str = SELECT, **how: Any) -> list[tuple[Any, ...]]:
    """The rows that a client of its own gets."""
    return list(Client().select(partner, query, run(), **how).rows)


def rows(count: int) -> Behaviour:
    """So many rows of one variable."""
    return faulty.results(["s"], [{"s": faulty.literal(f"{number}")} for number in range(count)])
