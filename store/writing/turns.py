"""Who writes next: one at a time, and of those who wait the one whose last turn is longest ago.

So nobody keeps the others waiting by sending many writes: they wait for the one that is being made,
and for one of each other writer at most.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(eq=False)
class Turn:
    """One write that waits or is being made; ``by``: whose it is."""

    by: str


class Turns:
    """Nothing here waits or locks: the writer does."""

    def __init__(self) -> None:
        self._all: list[Turn] = []
        self._count = 0
        self._last: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._all)

    def join(self, turn: Turn) -> None:
        self._all.append(turn)
        if len(self._all) == 1:
            self._begin(turn)

    def has(self, turn: Turn) -> bool:
        """Whether it is this one's turn now."""
        return self._all[0] is turn

    def leave(self, turn: Turn) -> None:
        """Give up waiting, or let the next one begin. Of equals the first that came is first."""
        began = self.has(turn)
        self._all.remove(turn)
        if began and self._all:
            chosen = min(self._all, key=lambda waiting: self._last.get(waiting.by, 0))
            self._all.remove(chosen)
            self._all.insert(0, chosen)
            self._begin(chosen)

    def _begin(self, turn: Turn) -> None:
        self._count += 1
        self._last[turn.by] = self._count
