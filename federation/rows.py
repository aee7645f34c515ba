"""Solutions as rows: what a site answered, joined and told apart without an engine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from store.answers import Term
from store.breath import breathe

T = TypeVar("T")
Row = tuple[Term | None, ...]
# Where gevent runs, others have their turn after so many rows.
BREATH = 500


@dataclass(frozen=True)
class Rows:
    """Solutions over ``variables`` (names without "?"); None where one is not bound."""

    variables: tuple[str, ...]
    rows: list[Row]

    def __len__(self) -> int:
        return len(self.rows)


def unhurried(several: Iterable[T]) -> Iterator[T]:
    """Each of them; where gevent runs, others have their turn now and then."""
    for number, one in enumerate(several):
        if number % BREATH == 0:
            breathe()
        yield one
