"""The parts of a query: its groups, what stands in each, and where in the text.

https://www.w3.org/TR/sparql11-query/#rGroupGraphPattern
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from federation.query.reading import written_out

# Two evaluations of these need not agree.
UNSTEADY = frozenset({"RAND", "UUID", "STRUUID", "BNODE", "NOW", "SAMPLE", "GROUP_CONCAT"})


@dataclass(eq=False)
class Element:
    """A part of a group, from ``start`` to ``end`` of the text."""

    start: int
    end: int


@dataclass(eq=False)
class Triples(Element):
    """One subject and what is said of it, without the full stop. ``labels``: its blank nodes.

    Such sentences with nothing but filters between them are one basic graph pattern.
    """

    variables: frozenset[str]
    labels: frozenset[str]


@dataclass(eq=False)
class Expression(Element):
    """What is computed. ``groups``: those of its EXISTS, whose variables are not among its own."""

    variables: frozenset[str] = frozenset()
    groups: list[Group] = field(default_factory=list)
    words: frozenset[str] = frozenset()
    terms: int = 0  # Its tokens and brackets: one alone is a constant or a variable.

    @property
    def steady(self) -> bool:
        """Whether it gives the same for the same solution each time."""
        return not self.words & UNSTEADY


@dataclass(eq=False)
class Filter(Element):
    expression: Expression


@dataclass(eq=False)
class Bind(Element):
    expression: Expression
    name: str


@dataclass(eq=False)
class Values(Element):
    """Inline data. ``undefined``: whether a value is left out somewhere."""

    names: tuple[str, ...]
    undefined: bool


@dataclass(eq=False)
class Group(Element):
    """From brace to brace."""

    elements: list[Element] = field(default_factory=list)


@dataclass(eq=False)
class Optional_(Element):  # noqa: N801 - typing has an Optional
    group: Group


@dataclass(eq=False)
class Minus(Element):
    group: Group


@dataclass(eq=False)
class Lateral(Element):
    """https://github.com/w3c/sparql-dev/blob/main/SEP/SEP-0006/sep-0006.md"""

    group: Group


@dataclass(eq=False)
class Graph(Element):
    """``name``: as written, a variable with its mark."""

    name: str
    group: Group


@dataclass(eq=False)
class Service(Element):
    """``name``: as written, a variable with its mark."""

    name: str
    silent: bool
    group: Group

    @property
    def variable(self) -> str:
        """The variable that names the site, "" where an IRI does."""
        return self.name[1:] if self.name[0] in "?$" else ""


@dataclass(eq=False)
class Union(Element):
    branches: list[Group]


@dataclass(eq=False)
class Select(Element):
    """What gives solutions: a sub-select, or the query itself; from its first word to its last.

    ``plain``: the variables that it shows as they are, None for all (``*``); ``names``:
    these and those of ``(… AS ?x)``, in order. ``clauses``: what is computed in SELECT and behind
    WHERE. ``values``: the inline data at its end. ``limited``: by LIMIT or OFFSET; ``grouped``:
    there are aggregates.
    """

    where: Group
    plain: frozenset[str] | None
    names: tuple[str, ...]
    distinct: bool
    grouped: bool
    limited: bool
    ordered: bool
    clauses: list[Expression]
    values: Values | None

    @property
    def simple(self) -> bool:
        """Whether each solution of it comes from one of its group's, whatever others there are."""
        return not (self.grouped or self.limited)


@dataclass(eq=False)
class SubSelect(Element):
    select: Select


@dataclass
class Query:
    """A query. ``prefixes`` and ``base`` are written out; ``opening``: where its form stands.

    ``where`` is an empty group at the end for a DESCRIBE without one. ``template``: the span of
    CONSTRUCT's, or of DESCRIBE's terms; None for the short form ``CONSTRUCT WHERE``.
    ``datasets``: the spans of FROM clauses.
    """

    text: str
    form: str
    prefixes: dict[str, str]
    base: str
    opening: int
    select: Select
    template: tuple[int, int] | None = None
    datasets: list[tuple[int, int]] = field(default_factory=list)

    @property
    def where(self) -> Group:
        return self.select.where

    @property
    def prologue(self) -> str:
        return self.text[: self.opening]

    def part(self, element: Element) -> str:
        return self.text[element.start : element.end]

    def declarations(self, part: str) -> str:
        """BASE and the PREFIX lines that this part of the text needs, one a line."""
        lines = [f"BASE <{self.base}>\n"] if self.base else []
        lines += [f"PREFIX {p}: <{iri}>\n" for p, iri in self.prefixes.items() if f"{p}:" in part]
        return "".join(lines)

    def iri(self, name: str) -> str:
        """The IRI that a name of the text stands for, written out."""
        return written_out(name, self.prefixes, self.base)


def children(element: Element) -> list[Group]:
    """The groups directly inside an element."""
    match element:
        case Optional_(group=group) | Minus(group=group) | Lateral(group=group):
            return [group]
        case Graph(group=group) | Service(group=group):
            return [group]
        case Union(branches=branches):
            return branches
        case Filter(expression=expression) | Bind(expression=expression):
            return expression.groups
        case SubSelect(select=select):
            return groups(select)
        case Group():
            return [element]
    return []


def groups(select: Select) -> list[Group]:
    """The groups directly inside a query or sub-select: its WHERE, and its clauses' EXISTS."""
    return [select.where, *(group for clause in select.clauses for group in clause.groups)]


def walk(group: Group) -> Iterator[Element]:
    """Every element inside a group, from the outside in, in the order of the text."""
    for element in group.elements:
        yield element
        for child in children(element):
            yield from walk(child)


def everything(query: Query) -> Iterator[Element]:
    """Every element of the query."""
    for group in groups(query.select):
        yield from walk(group)
