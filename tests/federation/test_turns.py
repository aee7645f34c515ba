"""A partner's few requests at a time are shared among those who ask."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from federation.exchange.turns import Turns
from federation.partner import Limits, Partner
from federation.run import Run
from tests.federation.fetching import PATIENCE, until

PARTNER = Partner("lorraine", limits=Limits(concurrency=3))


class Asking:
    """Requests of clients that hold their turns until they are told to end."""

    def __init__(self, partner: Partner = PARTNER) -> None:
        self.turns, self.partner = Turns(), partner
        self.at_work: list[str] = []
        self.threads: list[threading.Thread] = []
        self.ends: list[threading.Event] = []

    def ask(self, client: str, times: int = 1) -> None:
        for _ in range(times):
            end = threading.Event()
            thread = threading.Thread(target=self._hold, args=(client, end))
            thread.start()
            self.threads.append(thread)
            self.ends.append(end)
            until(lambda: len(self.turns._queues.get("lorraine", ())) >= len(self.threads))

    def _hold(self, client: str, end: threading.Event) -> None:
        run = Run(time.monotonic() + PATIENCE, 10, 10, client=client)
        with self.turns.turn(self.partner, run):
            self.at_work.append(client)
            assert end.wait(PATIENCE)

    def close(self) -> None:
        for end in self.ends:
            end.set()
        for thread in self.threads:
            thread.join(PATIENCE)


@pytest.fixture
def asking() -> Iterator[Asking]:
    with ExitStack() as stack:
        made = Asking()
        stack.callback(made.close)
        yield made


def test_one_client_leaves_a_turn_to_others_however_much_it_asks(asking: Asking) -> None:
    asking.ask("greedy", 8)
    assert asking.at_work == ["greedy", "greedy"]
    asking.ask("other")
    until(lambda: asking.at_work == ["greedy", "greedy", "other"])


def test_who_has_fewest_requests_under_way_is_next(asking: Asking) -> None:
    asking.ask("greedy", 4)
    asking.ask("second", 2)
    asking.ask("third")
    until(lambda: asking.at_work == ["greedy", "greedy", "second"])
    asking.ends[0].set()
    until(lambda: asking.at_work == ["greedy", "greedy", "second", "third"])


def test_what_nobody_asked_for_has_all_turns(asking: Asking) -> None:
    """A check, a command."""
    asking.ask("", 4)
    until(lambda: asking.at_work == ["", "", ""])


def test_where_one_request_is_let_through_a_client_has_it() -> None:
    asking = Asking(Partner("lorraine", limits=Limits(concurrency=1)))
    try:
        asking.ask("one", 2)
        until(lambda: asking.at_work == ["one"])
        asking.ends[0].set()
        until(lambda: asking.at_work == ["one", "one"])
    finally:
        asking.close()
