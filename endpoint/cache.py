"""Answers kept in memory: a question that was answered is not asked of the engine again.

Each is kept under the generation that it comes from, so a new generation needs no clearing: what it
leaves behind is used no more, and goes first.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from typing import Generic, NamedTuple, TypeVar

# The part of the cache that one answer may take.
SHARE = 8
# What an entry takes beside its content: its key, the objects that hold it.
OVERHEAD = 1_000

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Key(NamedTuple):
    """What an answer is a function of. ``encoding`` is the one that was asked for."""

    generation: int
    question: str
    encoding: str


class Kept(NamedTuple):
    """An answer's body, and how it is really encoded."""

    body: bytes
    encoding: str


class Recent(Generic[K, V]):
    """Values by key, bounded in bytes, the least recently used forgotten first."""

    def __init__(self, limit: int) -> None:
        self.limit, self.size = limit, 0
        self._values: OrderedDict[K, tuple[V, int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._values)

    @property
    def largest(self) -> int:
        """Bytes of the largest value that is kept."""
        return self.limit // SHARE - OVERHEAD

    def get(self, key: K) -> V | None:
        found = self._values.get(key)
        if found is None:
            return None
        self._values.move_to_end(key)
        return found[0]

    def put(self, key: K, value: V, size: int) -> None:
        """Keep a value of so many bytes, unless it is too large."""
        if size > self.largest:
            return
        _, before = self._values.pop(key, (None, 0))
        self._values[key] = value, size + OVERHEAD
        self.size += size + OVERHEAD - before
        while self.size > self.limit:
            _, (_, oldest) = self._values.popitem(last=False)
            self.size -= oldest


class Cache(Recent[Key, Kept]):
    """The answers of one server process, and the questions that are being asked."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self._asking: dict[Key, threading.Event] = {}

    @contextmanager
    def asking(self, key: Key, seconds: float) -> Iterator[None]:
        """Ask a question once: whoever comes meanwhile waits for its answer, then looks again.

        Who has waited for ``seconds``, or for an answer that was not kept, asks by itself.
        """
        other = self._asking.get(key)
        if other is not None:
            other.wait(seconds)
        mine = self._asking.setdefault(key, threading.Event())
        try:
            yield
        finally:
            if self._asking.get(key) is mine:
                del self._asking[key]
            mine.set()
