"""The values that join variables have here: what a partner is to be asked about."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from pyoxigraph import BlankNode, Triple

from atlas.errors import AnswerTooBig
from federation.query.context import Piece, components, pattern
from federation.query.parts import Query
from federation.query.writing import listed
from federation.rows import Rows
from store.answers import Operation, Term

Local = Callable[[Operation], Rows]


@dataclass(frozen=True)
class Bindings:
    """What is known of a SERVICE's join variables before it is asked.

    ``parts``: distinct values of variables that hang together, each independent of the others.
    ``nothing``: no solution here could join any row.
    """

    parts: Sequence[Rows] = ()
    nothing: bool = False

    def __len__(self) -> int:
        """How many values there are of the part that has most."""
        return max(map(len, self.parts), default=0)


def find(
    query: Query,
    operation: Operation,
    pieces: list[Piece],
    shared: frozenset[str],
    local: Local,
    *,
    most: int,
) -> Bindings:
    """The bindings of the ``shared`` variables that all pieces agree on.

    Where there are more than ``most`` of several variables together, those of one variable are
    looked at; where these are more too, they bind nothing.
    """
    parts = []
    for members in components(pieces):
        names = sorted(shared.intersection(*[frozenset().union(*(p.possible for p in members))]))
        asked = _Asked(query, operation, pattern(members), local, most)
        if not names:
            if not asked.any():
                return Bindings(nothing=True)
            continue
        rows = asked.narrowest(names)
        if rows is None:
            continue
        if not rows.rows:
            return Bindings(nothing=True)
        if rows.variables:
            parts.append(rows)
    return Bindings(parts)


@dataclass(frozen=True)
class _Asked:
    """A pattern whose solutions are asked of the engine here."""

    query: Query
    operation: Operation
    pattern: str
    local: Local
    most: int

    def any(self) -> bool:
        return bool(self.run(f"SELECT (1 AS ?one) WHERE {{ {self.pattern} }} LIMIT 1").rows)

    def narrowest(self, names: list[str]) -> Rows | None:
        """The values of these variables, or of the one that has fewest; None: too many."""
        found = self.distinct(names)
        if found is not None or len(names) == 1:
            return found
        several = [rows for name in names if (rows := self.distinct([name])) is not None]
        return min(several, key=len, default=None)

    def distinct(self, names: list[str]) -> Rows | None:
        """What may be compared of their distinct values; None: too many."""
        text = f"SELECT DISTINCT {listed(names)} WHERE {{ {self.pattern} }} LIMIT {self.most + 1}"
        try:
            found = self.run(text)
        except AnswerTooBig:
            return None
        return None if len(found) > self.most else comparable(found)

    def run(self, text: str) -> Rows:
        return self.local(
            replace(self.operation, text=self.query.prologue + text, substitutions={}, blanks=True)
        )


def comparable(rows: Rows) -> Rows:
    """The rows that may join another site's, of the variables by which they may.

    A blank node is none of that site's. A variable that is not always bound joins anything, and a
    triple term is more than every site can be sent.
    """
    named = [row for row in rows.rows if not any(isinstance(term, BlankNode) for term in row)]
    columns = [
        column
        for column in range(len(rows.variables))
        if not any(row[column] is None or isinstance(row[column], Triple) for row in named)
    ]
    return project(Rows(rows.variables, named), columns)


def project(rows: Rows, columns: Sequence[int]) -> Rows:
    """The distinct rows of these columns."""
    kept = dict.fromkeys(tuple(row[column] for column in columns) for row in rows.rows)
    return Rows(tuple(rows.variables[column] for column in columns), list(kept))


def values(rows: Rows, column: int) -> list[Term]:
    """The distinct values in a column."""
    found = (row[column] for row in rows.rows)
    return list(dict.fromkeys(value for value in found if value is not None))
