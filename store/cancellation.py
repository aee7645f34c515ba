"""How a request says that nobody wants its answer any more."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Cancellation:
    """May be cancelled once, from any thread or greenlet. What then has to stop is told at once."""

    def __init__(self) -> None:
        self.cancelled = False
        self._lock = threading.Lock()
        # Several at a time: one query waits for several partners.
        self._stops: list[Callable[[], None]] = []

    def cancel(self) -> None:
        with self._lock:
            self.cancelled = True
            for stop in self._stops:
                stop()

    def stopping(self, stop: Callable[[], None]) -> Stopping:
        """Within the block a cancellation calls ``stop``, which must not wait for anything.

        Once the block has ended ``stop`` is not called any more: what it stops may serve others.
        """
        return Stopping(self, stop)

    def attach(self, stop: Callable[[], None]) -> None:
        with self._lock:
            self._stops.append(stop)
            if self.cancelled:
                stop()

    def detach(self, stop: Callable[[], None]) -> None:
        with self._lock:
            self._stops.remove(stop)


class Stopping:
    """The block within which a cancellation has something to stop."""

    __slots__ = ("cancellation", "stop")

    def __init__(self, cancellation: Cancellation, stop: Callable[[], None]) -> None:
        self.cancellation, self.stop = cancellation, stop

    def __enter__(self) -> None:
        self.cancellation.attach(self.stop)

    def __exit__(self, *raised: object) -> None:
        self.cancellation.detach(self.stop)
