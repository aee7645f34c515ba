"""Two dimensions crossed: how many relations each cell has, the empty ones too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from flask import Blueprint, Response, request

from atlas.errors import UnknownName, UsageError
from atlas.namespaces import ATLAS
from endpoint.language import translate
from endpoint.names import Names, Value, folded
from endpoint.refusals import refused
from endpoint.solutions import Solution
from endpoint.view import View, answer
from endpoint.web.matrix.grid import Cell, Grid, Head, grid, slugs
from endpoint.web.matrix.placements import Side, placements, sides
from endpoint.web.matrix.relations import Evidence, Sentence, iris, sentences
from endpoint.web.matrix.tables import CROSSINGS, NIL, Table, find, origins

blueprint = Blueprint("matrix", __name__)

VERBS = {"matrix_grouping_members": "memberOf", "matrix_level_parts": "directlyPartOf"}


@dataclass(frozen=True)
class Choice:
    """A value that the relations can be chosen by."""

    slug: str
    text: str


@dataclass(frozen=True)
class Through:
    """A thing tied to both sides of a cell, with the relations that tie it."""

    value: Value
    sentences: Sequence[Sentence]


@dataclass
class Opened:
    """A cell opened: what it counts, or what there is on either side where it counts nothing."""

    cell: Cell
    query: str
    direct: Sequence[Sentence] = ()
    through: Sequence[Through] = ()
    descriptors: Sequence[Evidence] = ()
    documents: int = 0
    registers: Sequence[Value] = ()
    sides: Sequence[Side] = field(default_factory=list)


@blueprint.get("/matrix")
def page() -> Response:
    return answer(make)


def make(view: View) -> str:
    """The page. Raises UnknownName and UsageError for what there is not."""
    table = find(request.args.get("of") or CROSSINGS[0], request.args.get("from", ""))
    measure = request.args.get("count") or table.measures[0]
    if measure not in table.measures:
        raise refused(
            UsageError,
            "refusal.parameter_for",
            name="count",
            value=measure,
            of=table.of,
            takes=tuple(table.measures),
        )
    chosen = {key: request.args.get(key, "") for key in filters(table, measure)}
    laid = layout(view, table, measure, chosen)
    row, column = request.args.get("row", ""), request.args.get("column", "")
    opened = open_cell(view, table, laid, row, column, chosen) if row or column else None
    return view.render(
        "web/matrix.html",
        table=table,
        crossings=CROSSINGS,
        origins=origins(table.of),
        measure=measure,
        chosen={key: value for key, value in chosen.items() if value},
        choices=choices(view, list(chosen)),
        grid=laid,
        opened=opened,
    )


def filters(table: Table, measure: str) -> list[str]:
    """What the figures can be chosen by: descriptors and documents have no status."""
    kept = table.symmetric or measure == "relations"
    return [key for key in table.filters if key == "source" or kept]


def layout(view: View, table: Table, measure: str, chosen: dict[str, str]) -> Grid:
    """The matrix with the figures of one measure."""
    rows = view.ask(table.query, **table.values, **chosen)
    ordered = [row.text("scale") for row in view.ask(table.order)] if table.order else []
    names = view.names({row.text(key) for row in rows for key in ("row", "column")})
    counts = {(row.text("row"), row.text("column")): row.number(measure) for row in rows}
    absent = {(row.text("row"), row.text("column")): row.number("missing") for row in rows}
    return grid(
        heads(rows, "row", table, ordered, names),
        heads(rows, "column", table, ordered, names),
        counts,
        missing=absent if measure == "relations" else None,
        symmetric=table.symmetric,
    )


def heads(
    rows: Sequence[Solution], key: str, table: Table, ordered: Sequence[str], names: Names
) -> list[Head]:
    """The heads of the rows or of the columns; what has no place recorded stands last."""
    every = dict.fromkeys(row.text(key) for row in rows)
    numbers = {row.text("row"): row.number("number") for row in rows} if key == "row" else {}
    notes = {row.text("row"): row.number("bodies") for row in rows} if key == "row" else {}
    places = {iri: place for place, iri in enumerate(ordered)}
    short = slugs(every)
    found = [
        Head(iri, short[iri], _value(iri, key, names), numbers.get(iri, 0), notes.get(iri, 0))
        for iri in every
    ]
    if table.by_name or (table.of == "component-angle" and key == "column"):
        # Things of one kind stand together: their addresses begin alike.
        found.sort(key=lambda head: (head.iri.rpartition("/")[0], folded(head.value.text)))
    return sorted(found, key=lambda head: (not head.placed, places.get(head.iri, 0)))


def _value(iri: str, key: str, names: Names) -> Value:
    return Value(translate(f"matrix.unplaced.{key}")) if iri == NIL else names.value(iri)


def choices(view: View, keys: Sequence[str]) -> dict[str, list[Choice]]:
    """What the relations can be chosen by, for each key."""
    if not keys:
        return {}
    rows = [row for row in view.ask("matrix_choices") if row.text("choice") in keys]
    names = view.names(row.text("value") for row in rows)
    found: dict[str, list[Choice]] = {key: [] for key in keys}
    for row in rows:
        iri = row.text("value")
        found[row.text("choice")].append(Choice(iri.rpartition("/")[2], names.of(iri)))
    return found


def open_cell(
    view: View, table: Table, laid: Grid, row: str, column: str, chosen: dict[str, str]
) -> Opened:
    """What the cell at (row, column) is made of. Raises UnknownName where there is no such cell."""
    cell = laid.cell(row, column)
    if cell is None or cell.itself or not (cell.row.asked and cell.column.asked):
        raise refused(UnknownName, "refusal.cell", row=row, column=column, of=table.of)
    rows = view.ask(table.cell, row=cell.row.iri, column=cell.column.iri, **chosen)
    opened = Opened(cell, view.asked[-1].page)
    if table.origin == "registers":
        opened.direct, opened.registers = recorded(view, rows, VERBS[table.cell])
    else:
        told = sentences(view, rows)
        opened.through = _through(view, rows, told)
        tied = {one.iri for through in opened.through for one in through.sentences}
        opened.direct = [one for one in told if one.iri not in tied]
    if table.of == "component-angle":
        found, opened.documents = placed(view, cell, chosen.get("source", ""))
        names = view.names(found)
        opened.descriptors = sorted((Evidence(names.value(iri)) for iri in found), key=_name)
        ends = {end for one in opened.direct for end in (one.source_iri, one.target_iri)}
        opened.sides = placements(view, cell, ends | found if cell.count else None)
    elif not cell.count and table.origin == "editorial":
        opened.sides = sides(view, cell)
    return opened


def _through(view: View, rows: Sequence[Solution], told: Sequence[Sentence]) -> list[Through]:
    """The things that tie both sides, each with its own relations."""
    found: dict[str, set[str]] = {}
    for row in rows:
        if row.text("through"):
            found.setdefault(row.text("through"), set()).add(row.text("relation"))
    names = view.names(found)
    return [
        Through(names.value(thing), [one for one in told if one.iri in tied])
        for thing, tied in found.items()
    ]


def recorded(view: View, rows: Sequence[Solution], verb: str) -> tuple[list[Sentence], list[Value]]:
    """What registers record, as sentences, and the registers; a row may name its own property."""
    properties = [row.text("property") or ATLAS + verb for row in rows]
    registers = {row.text("graph") for row in rows}
    names = view.names(iris(rows) | registers | set(properties))
    told = [
        Sentence(
            iri="",
            href=None,
            source_iri=row.text("source"),
            source=names.value(row.text("source")),
            type_iri=property_,
            verb=names.of(property_),
            target_iri=row.text("target"),
            target=names.value(row.text("target")),
            status="observed",
            said="",
        )
        for row, property_ in zip(rows, properties, strict=True)
    ]
    return told, [names.value(graph) for graph in sorted(registers)]


def placed(view: View, cell: Cell, source: str) -> tuple[set[str], int]:
    """The IRIs of the descriptors in a cell, and how many documents they have."""
    rows = view.ask(
        "matrix_component_angle_placed",
        row=cell.row.iri,
        column=cell.column.iri,
        source=source,
    )
    documents = {row.text("document") for row in rows} - {""}
    return {row.text("descriptor") for row in rows}, len(documents)


def _name(one: Evidence) -> str:
    return folded(one.document.text)
