"""Solutions as rows: what a site answered, joined and told apart without an engine."""

from __future__ import annotations

from dataclasses import dataclass

from store.answers import Term

Row = tuple[Term | None, ...]


@dataclass(frozen=True)
class Rows:
    """Solutions over ``variables`` (names without "?"); None where one is not bound."""

    variables: tuple[str, ...]
    rows: list[Row]

    def __len__(self) -> int:
        return len(self.rows)
