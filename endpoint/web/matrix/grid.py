"""A matrix laid out: heads, lines of cells, totals. Made from solutions, touches nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log

from endpoint.names import Value
from endpoint.web.matrix.tables import NIL
from endpoint.wire.addresses import nameable

# Tints beside the figure: by size, on a scale of multiples, as counts go from 1 to 35,000.
TINTS = 4


@dataclass(frozen=True)
class Head:
    """A row or a column: its thing, its word in addresses, and a component's number.

    ``note`` is a second figure of its own, such as how many groupings there are of a nature.
    """

    iri: str
    slug: str
    value: Value
    number: int = 0
    note: int = 0

    @property
    def placed(self) -> bool:
        """False for the row or column of what has no place recorded."""
        return self.iri != NIL

    @property
    def asked(self) -> bool:
        """Whether a query can be asked about it: data may place things under what has no IRI."""
        return nameable(self.iri)


@dataclass(frozen=True)
class Cell:
    """One crossing. ``missing`` of its relations are said to be missing.

    ``itself`` is a thing with itself, of which nothing is asked.
    """

    row: Head
    column: Head
    count: int
    tint: int
    missing: int = 0
    itself: bool = False


@dataclass(frozen=True)
class Line:
    head: Head
    cells: Sequence[Cell]
    total: int


@dataclass(frozen=True)
class Grid:
    """``empty`` of the ``possible`` cells count nothing; a symmetric pair counts once.

    ``most`` is the figure of the fullest cell.
    """

    columns: Sequence[Head]
    lines: Sequence[Line]
    totals: Sequence[int]
    total: int
    empty: int
    possible: int
    most: int = 0

    def cell(self, row: str, column: str) -> Cell | None:
        """The cell at two words of an address."""
        for line in self.lines:
            for cell in line.cells:
                if (cell.row.slug, cell.column.slug) == (row, column):
                    return cell
        return None


def grid(
    rows: Sequence[Head],
    columns: Sequence[Head],
    counts: Mapping[tuple[str, str], int],
    *,
    missing: Mapping[tuple[str, str], int] | None = None,
    symmetric: bool = False,
) -> Grid:
    """The matrix of the counts by (row, column); a pair that is not among them counts nothing."""
    missing = missing or {}
    most = max(counts.values(), default=0)
    lines = []
    for row in rows:
        cells = [
            _cell(row, column, counts, missing, most=most, symmetric=symmetric)
            for column in columns
        ]
        lines.append(Line(row, cells, sum(cell.count for cell in cells)))
    totals = [sum(line.cells[place].count for line in lines) for place in range(len(columns))]
    asked = [
        cell
        for line in lines
        for cell in line.cells
        if cell.row.placed and cell.column.placed and not cell.itself
    ]
    share = 2 if symmetric else 1
    return Grid(
        columns,
        lines,
        totals,
        sum(totals) // share,
        sum(not cell.count for cell in asked) // share,
        len(asked) // share,
        most,
    )


def _cell(
    row: Head,
    column: Head,
    counts: Mapping[tuple[str, str], int],
    missing: Mapping[tuple[str, str], int],
    *,
    most: int,
    symmetric: bool,
) -> Cell:
    pair = (row.iri, column.iri)
    count = counts.get(pair, 0)
    return Cell(
        row,
        column,
        count,
        tint(count, most),
        missing.get(pair, 0),
        symmetric and row.iri == column.iri,
    )


def tint(count: int, most: int) -> int:
    """0 for nothing, else 1 to 4: which part of the way to the most, in multiples."""
    if count <= 0:
        return 0
    if most <= 1:
        return TINTS - 1
    return 1 + round((TINTS - 1) * log(count) / log(most))


def slugs(iris: Iterable[str]) -> dict[str, str]:
    """A short word for each IRI: its last part, with a number where two have the same."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for iri in iris:
        plain = "none" if iri == NIL else iri.rstrip("/#").replace("#", "/").rpartition("/")[2]
        slug, number = plain, 1
        while slug in taken:
            number += 1
            slug = f"{plain}-{number}"
        taken.add(slug)
        found[iri] = slug
    return found
