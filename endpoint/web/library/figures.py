"""Pictures that fit an answer: bars, a grid of two things crossed, lines from thing to thing.

Each is made from the table that the page could show instead, and says what it leaves out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import ceil

from pyoxigraph import Literal, NamedNode, Triple

from atlas.namespaces import ATLAS
from endpoint.names import Names, Value
from endpoint.view import View
from endpoint.web.library.answers import Cell, Column, Row, Table, brief
from endpoint.web.star.drawing import Direction, Spoke, Star, star
from endpoint.web.star.text import SERIF, lines

# More bars than these are no picture; more columns than these do not fit a page.
BARS, GRID = 50, (60, 20)
STEPS = 5
# The columns that hold the two ends of a link, in the order of their reading.
PAIRS = (("source", "target"), ("one", "other"), ("first", "second"), ("articulated", "ignorant"))
# Links drawn between two lists; the height of a line, and the room that each name has.
LINKS, LINE, SIDE = 60, 28, 340


@dataclass(frozen=True)
class Bar:
    label: Value
    number: str
    share: float


@dataclass(frozen=True)
class Bars:
    """``share``: hundredths of the largest. ``more``: rows that are not drawn."""

    measure: Column
    bars: Sequence[Bar]
    more: int
    measures: Sequence[Column]


@dataclass(frozen=True)
class Grid:
    """``cells[row][column]``: the number as text and its step, 0 to 5; None where there is none."""

    measure: Column
    down: Column
    across: Column
    rows: Sequence[Value]
    columns: Sequence[Value]
    cells: Sequence[Sequence[tuple[str, int] | None]]


@dataclass(frozen=True)
class End:
    """A name, as much of it as has room, and the height at which its lines end."""

    value: Value
    short: str
    y: int


@dataclass(frozen=True)
class Links:
    """Two lists of names with lines between them; ``paths``: y on the left, y on the right, status.

    ``more``: links that are not drawn.
    """

    left: Sequence[End]
    right: Sequence[End]
    paths: Sequence[tuple[int, int, str]]
    height: int
    more: int


Link = tuple[str, str, str]
Picture = Bars | Grid | Links | Star


def pictures(
    table: Table,
    triples: Sequence[Triple],
    view: View,
    *,
    centre: Value | None = None,
    wanted: str = "",
) -> dict[str, Picture]:
    """The pictures that fit an answer: a "chart" of its numbers, a "map" of its links.

    ``triples``: the answer where it is statements; ``centre``: the thing that it is about;
    ``wanted``: the variable to draw, where there are several.
    """
    made = {
        "chart": grid(table) or bars(table, wanted),
        "map": around(table, centre) or links(table, triples, view),
    }
    return {name: picture for name, picture in made.items() if picture is not None}


def categories(table: Table) -> list[int]:
    """The places of the columns that name or say something, and have a value somewhere."""
    return [
        place
        for place, column in enumerate(table.columns)
        if not column.number and any(row[place].text for row in table.rows)
    ]


def measures(table: Table) -> list[int]:
    return [place for place, column in enumerate(table.columns) if column.counts]


def bars(table: Table, wanted: str = "") -> Bars | None:
    """The rows as bars, where a column of names tells them apart and another counts something.

    ``wanted``: the variable to draw, where there are several.
    """
    counted = measures(table)
    label = telling_apart(table, categories(table))
    if len(table.rows) < 2 or not counted or not label:
        return None
    columns = [table.columns[place] for place in counted]
    chosen = next((p for p in counted if table.columns[p].variable == wanted), counted[0])
    rows = [row for row in table.rows if row[chosen].amount is not None]
    most = max((amount(row[chosen]) for row in rows), default=Decimal(0))
    # A bar has no length below nothing.
    if most <= 0 or min(amount(row[chosen]) for row in rows) < 0:
        return None
    drawn = [
        Bar(joined(row, label), row[chosen].text, round(float(100 * amount(row[chosen]) / most), 2))
        for row in rows[:BARS]
    ]
    return Bars(table.columns[chosen], drawn, table.total - len(drawn), columns)


def telling_apart(table: Table, places: Sequence[int]) -> list[int]:
    """One column whose values are all different, or two whose pairs are; else none."""
    for chosen in (*([place] for place in places), *pairs_of(places)):
        values = {tuple(row[place].text for place in chosen) for row in table.rows}
        if len(values) == len(table.rows):
            return list(chosen)
    return []


def pairs_of(places: Sequence[int]) -> Iterator[list[int]]:
    for one in places:
        for other in places:
            if one < other:
                yield [one, other]


def joined(row: Sequence[Cell], places: Sequence[int]) -> Value:
    """The label of a bar: a name with its link, or two names in one text."""
    first = row[places[0]].value
    if len(places) == 1:
        return first
    return Value(" · ".join(row[place].text for place in places), first.href, first.external)


def amount(cell: Cell) -> Decimal:
    return cell.amount if cell.amount is not None else Decimal(0)


def grid(table: Table) -> Grid | None:
    """Two columns of names crossed, where each pair has one number."""
    names, counted = categories(table), measures(table)
    if len(names) != 2 or len(counted) != 1 or table.cut:
        return None
    (down, across), measure = names, counted[0]
    found = {(row[down].text, row[across].text): row[measure] for row in table.rows}
    rows, columns = distinct(table, down), distinct(table, across)
    if len(found) != len(table.rows) or min(len(rows), len(columns)) < 2:
        return None
    if len(found) == len(rows) or len(rows) > GRID[0] or len(columns) > GRID[1]:
        return None
    most = max((amount(cell) for cell in found.values()), default=Decimal(0))

    def step(row: str, column: str) -> tuple[str, int] | None:
        cell = found.get((row, column))
        if cell is None or cell.amount is None:
            return None
        return cell.text, ceil(STEPS * max(cell.amount, Decimal(0)) / most) if most > 0 else 0

    cells = [[step(row.text, column.text) for column in columns] for row in rows]
    heads = table.columns
    return Grid(heads[measure], heads[down], heads[across], rows, columns, cells)


def distinct(table: Table, place: int) -> list[Value]:
    """The values of a column, each once, in their order."""
    return list({row[place].text: row[place].value for row in table.rows}.values())


def links(table: Table, triples: Sequence[Triple], view: View) -> Links | None:
    """What is linked with what, as two lists with lines between them."""
    found = list(links_in(table)) or list(relations_in(triples))
    if not found:
        return None
    drawn = found[:LINKS]
    names = view.names(iri for one, other, _ in drawn for iri in (one, other))
    counted = Counter(one for one, _, _ in drawn)
    height = max(len(counted), len({other for _, other, _ in drawn})) * LINE
    left = ends([iri for iri, _ in counted.most_common()], names, height)
    right = ends(levelled(drawn, left), names, height)
    paths = [(left[one].y, right[other].y, status) for one, other, status in drawn]
    return Links(list(left.values()), list(right.values()), paths, height, len(found) - len(drawn))


def levelled(drawn: Sequence[Link], left: Mapping[str, End]) -> list[str]:
    """The things of the right, each about as high as what it is linked with: few lines cross."""
    heights: dict[str, list[int]] = {}
    for one, other, _ in drawn:
        heights.setdefault(other, []).append(left[one].y)
    return sorted(heights, key=lambda iri: sum(heights[iri]) / len(heights[iri]))


def ends(iris: Sequence[str], names: Names, height: int) -> dict[str, End]:
    """The things of one side by IRI, spread from the top downwards."""
    step = height / len(iris)
    return {iri: end(iri, round(step * (place + 0.5)), names) for place, iri in enumerate(iris)}


def end(iri: str, y: int, names: Names) -> End:
    text = names.of(iri) if iri in names.known else brief(names.of(iri), names.base)
    return End(names.link(iri, text), lines(text, SIDE, 15, SERIF, most=1)[0], y)


def links_in(table: Table) -> Iterator[Link]:
    """The links that a row states in two of its columns, each once."""
    places = {name: place for place, name in enumerate(table.variables)}
    pair = next((pair for pair in PAIRS if set(pair) <= places.keys()), None)
    if pair is None:
        return
    once: set[tuple[str, str]] = set()
    for row in table.terms:
        one, other = (row[places[name]] for name in pair)
        if not (isinstance(one, NamedNode) and isinstance(other, NamedNode)):
            continue
        if (one.value, other.value) not in once:
            once.add((one.value, other.value))
            yield one.value, other.value, status_of(row, places)


def status_of(row: Row, places: dict[str, int]) -> str:
    term = row[places["status"]] if "status" in places else None
    return last_part(term.value) if isinstance(term, NamedNode) else "observed"


def relations_in(triples: Sequence[Triple]) -> Iterator[Link]:
    """The relations that statements describe: source, target, status."""
    found: dict[str, dict[str, str]] = {}
    for triple in triples:
        if isinstance(triple.subject, NamedNode) and isinstance(triple.object, NamedNode):
            said = found.setdefault(triple.subject.value, {})
            said[triple.predicate.value.removeprefix(ATLAS)] = triple.object.value
    for said in found.values():
        if "relationSource" in said and "relationTarget" in said:
            status = last_part(said.get("relationStatus", "observed"))
            yield said["relationSource"], said["relationTarget"], status


def around(table: Table, centre: Value | None) -> Star | None:
    """The relations of one thing, where the rows say their direction, their type and the other."""
    places = {name: place for place, name in enumerate(table.variables)}
    if centre is None or not {"direction", "other", "type"} <= places.keys():
        return None
    spokes: dict[tuple[str, str, str], Spoke] = {}
    for row in table.terms:
        direction, other, kind = (row[places[name]] for name in ("direction", "other", "type"))
        if isinstance(other, NamedNode) and isinstance(kind, NamedNode):
            way: Direction = "to" if direction == Literal("to") else "from"
            verb, end = table.names.of(kind.value), table.names.value(other.value)
            spoke = Spoke(verb, way, end, status_of(row, places))
            spokes.setdefault((way, kind.value, other.value), spoke)
    return star(centre, list(spokes.values())) if spokes else None


def last_part(iri: str) -> str:
    return iri.rsplit("/", 1)[-1]
