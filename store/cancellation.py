"""How a request says that nobody wants its answer any more."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Cancellation:
    """May be cancelled once, from any thread or greenlet. What then has to stop is told at once."""

    def __init__(self) -> None:
        self.cancelled = False
        self._lock = threading.Lock()
        self._stop: Callable[[], None] | None = None

    def cancel(self) -> None:
        with self._lock:
            self.cancelled = True
            if self._stop is not None:
                self._stop()

    def stopping(self, stop: Callable[[], None]) -> Stopping:
        """Within the block a cancellation calls ``stop``, which must not wait for anything.

        Once the block has ended ``stop`` is not called any more: what it stops may serve others.
        """
        return Stopping(self, stop)

    def attach(self, stop: Callable[[], None] | None) -> None:
        with self._lock:
            self._stop = stop
            if self.cancelled and stop is not None:
                stop()


class Stopping:
    """The block within which a cancellation has something to stop."""

    __slots__ = ("cancellation", "stop")

    def __init__(self, cancellation: Cancellation, stop: Callable[[], None]) -> None:
        self.cancellation, self.stop = cancellation, stop

    def __enter__(self) -> None:
        self.cancellation.attach(self.stop)

    def __exit__(self, *raised: object) -> None:
        self.cancellation.attach(None)
