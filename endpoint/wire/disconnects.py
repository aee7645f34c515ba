"""Sees that a client has hung up while its answer is still being made.

One thread (under gevent: one greenlet) looks at the connections of all requests that wait, with
one system call; what the client may have sent beyond its request stays unread. Where the server
does not show its connections nothing is watched.
"""

from __future__ import annotations

import select
import threading
import time
from collections.abc import Mapping
from typing import Any

from gevent import monkey

from store.cancellation import Cancellation

CONNECTION = "gunicorn.socket"
EVERY = 0.1
# gevent's own poll knows no hang-ups; this one is asked without waiting, so it holds up nobody.
poll = monkey.get_original("select", "poll")
HUNG_UP = getattr(select, "POLLRDHUP", 0) | select.POLLHUP | select.POLLERR


class Watch:
    """The connections of requests that wait for their answer."""

    def __init__(self) -> None:
        self._waiting: dict[int, Cancellation] = {}
        self._thread: threading.Thread | None = None

    def over(self, environ: Mapping[str, Any]) -> Watched:
        """A block with a cancellation that happens when the client hangs up within it."""
        connection = environ.get(CONNECTION)
        return Watched(self, -1 if connection is None else connection.fileno())

    def begin(self, number: int, cancelled: Cancellation) -> None:
        self._waiting[number] = cancelled
        if self._thread is None:
            self._thread = threading.Thread(target=self._look, daemon=True)
            self._thread.start()

    def end(self, number: int) -> None:
        self._waiting.pop(number, None)

    def _look(self) -> None:
        while True:
            time.sleep(EVERY)
            for number in hung_up(list(self._waiting)):
                cancelled = self._waiting.pop(number, None)
                if cancelled is not None:
                    cancelled.cancel()


class Watched:
    """One request's time under the watch."""

    __slots__ = ("cancelled", "number", "watch")

    def __init__(self, watch: Watch, number: int) -> None:
        self.watch, self.number, self.cancelled = watch, number, Cancellation()

    def __enter__(self) -> Cancellation:
        if self.number >= 0:
            self.watch.begin(self.number, self.cancelled)
        return self.cancelled

    def __exit__(self, *raised: object) -> None:
        self.watch.end(self.number)


def hung_up(connections: list[int]) -> list[int]:
    """Those whose other side has closed, or will send nothing more."""
    watched = poll()
    for number in connections:
        watched.register(number, HUNG_UP)
    return [number for number, event in watched.poll(0) if event & HUNG_UP]


watch = Watch()
