"""What is placed on either side of a cell, by whom and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from endpoint.names import Names, Value, folded
from endpoint.solutions import Solution
from endpoint.view import View
from endpoint.web.matrix.grid import Cell, Head


@dataclass(frozen=True)
class Placed:
    """A thing in its place; ``why`` is the reason that whoever placed it gives, or ""."""

    value: Value
    why: str = ""


@dataclass(frozen=True)
class Group:
    """The things that one source places; without a source, a relation ties them there."""

    source: Value | None
    things: Sequence[Placed]


@dataclass(frozen=True)
class Side:
    """What is placed on one side of a cell, source by source."""

    head: Head
    groups: Sequence[Group]


def placements(view: View, cell: Cell, kept: set[str] | None) -> list[Side]:
    """Who placed what on either side: of the things ``kept``, or of all where it is None."""
    heads = [head for head in (cell.row, cell.column) if head.placed]
    if not heads:
        return []
    rows = view.ask("matrix_placements", places=" ".join(head.iri for head in heads))
    rows = [row for row in rows if kept is None or row.text("thing") in kept]
    names = view.names({row.text(key) for row in rows for key in ("thing", "graph")})
    return [
        Side(head, _groups([row for row in rows if row.text("place") == head.iri], names))
        for head in heads
    ]


def _groups(rows: Sequence[Solution], names: Names) -> list[Group]:
    """The things of the rows by the graph that places them."""
    found: dict[str, dict[str, Placed]] = {}
    for row in rows:
        thing = row.text("thing")
        one = Placed(names.value(thing), row.text("why"))
        found.setdefault(row.text("graph"), {})[thing] = one
    return [
        Group(names.value(graph), _in_order(things.values())) for graph, things in found.items()
    ]


def _in_order(things: Iterable[Placed]) -> list[Placed]:
    return sorted(things, key=lambda one: folded(one.value.text))


def sides(view: View, cell: Cell) -> list[Side]:
    """What is tied to either side: where the relation that is missing may be looked for."""
    heads = [head for head in (cell.row, cell.column) if head.placed]
    rows = view.ask("matrix_placed", places=" ".join(head.iri for head in heads))
    names = view.names(row.text("thing") for row in rows)
    found = {
        head.iri: _in_order(
            Placed(names.value(row.text("thing"))) for row in rows if row.text("place") == head.iri
        )
        for head in heads
    }
    return [Side(head, [Group(None, found[head.iri])] if found[head.iri] else []) for head in heads]
