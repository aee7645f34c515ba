"""What is known here of the solutions that a part of a query can come to: its context.

A row of a SERVICE matters only where it is compatible with a solution of each mandatory part around
it, so these parts, evaluated apart, tell which rows to ask for. Nothing else may be taken for them:
an OPTIONAL binds nothing for certain, a FILTER on what a partner says would leave nothing, and what
stands behind an OPTIONAL decides on the solutions before it, not on those within.
https://www.w3.org/TR/sparql11-query/#sparqlAlgebra
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from federation.query.parts import (
    Bind,
    Element,
    Expression,
    Filter,
    Graph,
    Group,
    Query,
    Select,
    Service,
    SubSelect,
    Triples,
    Union,
    Values,
    children,
)
from federation.query.scoping import NONE, Tables, certain, named, possible, settled, steady
from federation.query.writing import written

VARIABLE = re.compile(r"[?$](\w+)")
MANDATORY = (Triples, Values, Group, Union, Graph, SubSelect, Service)


@dataclass(frozen=True, eq=False)
class Piece:
    """A pattern that solutions are compatible with.

    ``level``: pieces of one level stand in one group, in their order. ``graph``: the name of the
    graph that they are matched in, "" for the default graph. ``labels``: blank nodes of the text.
    """

    level: int
    graph: str
    text: str
    possible: frozenset[str]
    certain: frozenset[str] = NONE
    labels: frozenset[str] = NONE
    filters: bool = False

    @property
    def joins(self) -> frozenset[str]:
        return self.possible | self.labels


def pattern(pieces: Iterable[Piece]) -> str:
    """The pieces as the inside of a group: a group for each level, so that scopes stay apart."""
    levels: dict[int, list[Piece]] = {}
    for piece in pieces:
        levels.setdefault(piece.level, []).append(piece)
    texts = []
    for several in levels.values():
        inner = " .\n".join(piece.text for piece in several)
        graph = several[0].graph
        texts.append(f"{{ GRAPH {graph} {{ {inner}\n}} }}" if graph else f"{{ {inner}\n}}")
    return " ".join(texts)


def components(pieces: list[Piece]) -> list[list[Piece]]:
    """The pieces that are joined by variables, together; filters where all they need is."""
    parts: list[tuple[set[str], list[Piece]]] = []
    conditions = []
    for piece in pieces:
        if piece.filters:
            conditions.append(piece)
            continue
        joined = [part for part in parts if part[0] & piece.joins]
        parts = [part for part in parts if not part[0] & piece.joins]
        names = set(piece.joins).union(*(part[0] for part in joined))
        parts.append((names, [*(one for part in joined for one in part[1]), piece]))
    found = [members for _, members in parts]
    for condition in conditions:
        for members in found:
            level = [piece for piece in members if piece.level == condition.level]
            if condition.possible <= NONE.union(*(piece.certain for piece in level)):
                members.append(condition)
    return [sorted(members, key=pieces.index) for members in found]


class Contexts:
    """Finds the contexts of the parts of one query, over the rows that are there so far."""

    def __init__(
        self, query: Query, tables: Tables, given: str = "", *, texts: bool = True
    ) -> None:
        """``given``: inline data that holds for the whole query. ``texts``: whether the pieces'
        are wanted, which costs where there are many rows."""
        self.query, self.tables, self.given, self.texts = query, tables, given, texts
        self.levels = 0

    def of(self, target: Element) -> list[Piece]:
        """The pieces that a solution of ``target`` must be compatible with to matter."""
        self.levels = 0
        select = self.query.select
        outside = self.trailing(select)
        if self.given:
            names = frozenset(VARIABLE.findall(self.given.partition("{")[0]))
            outside.append(Piece(self.level(), "", self.given, names, names))
        return self.within_select(select, target, outside, "") or []

    def within_select(
        self, select: Select, target: Element, outside: list[Piece], graph: str
    ) -> list[Piece] | None:
        found = self.within(select.where, target, outside, graph)
        if found is not None:
            return found
        for clause in select.clauses:
            for group in clause.groups:
                # What HAVING or SELECT computes, it computes from solutions that are not these.
                found = self.within(group, target, [], graph)
                if found is not None:
                    return found
        return None

    def within(
        self, group: Group, target: Element, outside: list[Piece], graph: str
    ) -> list[Piece] | None:
        """The target's context inside this group, whose own is ``outside``; None: not here."""
        for place, element in enumerate(group.elements):
            if not (element.start <= target.start and target.end <= element.end):
                continue
            return self.through(group, place, target, outside, graph)
        return None

    def through(
        self, group: Group, place: int, target: Element, outside: list[Piece], graph: str
    ) -> list[Piece] | None:
        element, level = group.elements[place], self.level()
        before, after = group.elements[:place], group.elements[place + 1 :]
        if element is target:
            return [*self.pieces([*before, *after], level, graph), *outside]
        match element:
            case Group() | Union() | Graph() | SubSelect():
                around = [*self.pieces([*before, *after], level, graph), *outside]
            case Filter():
                own = self.pieces([*before, *after], level, graph)
                around = [*own, *self.limited(outside, bound(own), element)]
            case _:
                # Optional, Minus, Bind: they add to the solutions before them.
                own = self.pieces(before, level, graph, filters=after)
                later = [*self.pieces(after, self.level(), graph), *outside]
                around = [*own, *self.limited(later, bound(own), element)]
        return self.inside(element, target, around, graph)

    def inside(
        self, element: Element, target: Element, around: list[Piece], graph: str
    ) -> list[Piece] | None:
        match element:
            case SubSelect(select=select):
                return self.sub_select(select, target, around, graph)
            case Graph(name=name):
                # A name of its own: solutions in it are told apart only once they leave it.
                graph = f"?{self.fresh()}" if named(name) else name
        for group in children(element):
            found = self.within(group, target, around, graph)
            if found is not None:
                return found
        return None

    def sub_select(
        self, select: Select, target: Element, around: list[Piece], graph: str
    ) -> list[Piece] | None:
        if not select.simple:
            around = []
        elif select.plain is not None:
            around = list(self.limited(around, select.plain, select))
        trailing = [] if select.grouped else self.trailing(select)
        return self.within_select(select, target, [*trailing, *around], graph)

    def trailing(self, select: Select) -> list[Piece]:
        """The inline data at a query's end."""
        if select.values is None or select.grouped:
            return []
        return list(self.pieces([select.values], self.level(), ""))

    def pieces(
        self, elements: list[Element], level: int, graph: str, *, filters: Iterable[Element] = ()
    ) -> list[Piece]:
        """What these elements of one group demand; ``filters``: where more conditions stand."""
        found: list[Piece] = []
        bound: frozenset[str] = NONE
        for element in elements:
            piece = self.piece(element, level, graph, bound)
            if piece is not None:
                found.append(piece)
                bound |= piece.certain
        for element in (*elements, *filters):
            if isinstance(element, Filter) and usable(element.expression, bound):
                text = self.text(element)
                needs = element.expression.variables
                found.append(Piece(level, graph, text, needs, filters=True))
        return found

    def piece(
        self, element: Element, level: int, graph: str, bound: frozenset[str]
    ) -> Piece | None:
        tables = self.tables
        if isinstance(element, Bind):
            if not usable(element.expression, bound):
                return None
            name = frozenset([element.name])
            simple = element.expression.terms == 1 and not element.expression.words
            names = name | element.expression.variables
            return Piece(level, graph, self.text(element), names, name if simple else NONE)
        if not isinstance(element, MANDATORY):
            return None
        if not settled(element, tables) or not steady(element, tables):
            return None
        labels = element.labels if isinstance(element, Triples) else NONE
        names, sure = possible(element, tables), certain(element, tables)
        return Piece(level, graph, self.text(element), names, sure, labels)

    def limited(
        self, outside: list[Piece], shared: frozenset[str], inside: Element
    ) -> Iterator[Piece]:
        """What is outside, where no more than the shared variables mean the same inside."""
        hidden = frozenset(VARIABLE.findall(self.query.text[inside.start : inside.end])) - shared
        for members in components(outside):
            names = NONE.union(*(piece.possible for piece in members))
            if not names & shared:
                continue
            if not names & hidden:
                yield from members
                continue
            shown = " ".join(f"?{name}" for name in sorted(names & shared))
            text = f"{{ SELECT {shown} {{ {pattern(members)} }} }}"
            sure = NONE.union(*(piece.certain for piece in members)) & shared
            yield Piece(self.level(), "", text, names & shared, sure)

    def text(self, element: Element) -> str:
        if not self.texts:
            return ""
        return written(self.query, element.start, element.end, self.tables)

    def fresh(self) -> str:
        """A variable that the query does not use."""
        name = "graph_"
        while name in self.query.text:
            name += "_"
        return f"{name}{self.level()}"

    def level(self) -> int:
        self.levels += 1
        return self.levels


def usable(expression: Expression, bound: frozenset[str]) -> bool:
    """Whether it gives here what it gives in the whole query."""
    return expression.steady and not expression.groups and expression.variables <= bound


def bound(pieces: Iterable[Piece]) -> frozenset[str]:
    return NONE.union(*(piece.certain for piece in pieces))
