"""What a compiled constraint is: graph patterns whose solutions betray a node that may fail.

A failure's condition never raises a SPARQL error: an error would drop the row, and with it a
focus node that the judge must see.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import rdflib
from rdflib import SH
from rdflib.term import Node, URIRef

from shapes.hierarchy import Hierarchy
from shapes.paths import NotCompiled, Path, join, read_path
from shapes.terms import Engine, sparql, stored_forms, to_oxigraph

THIS = "?this"


@dataclass(frozen=True)
class Failure:
    """A node fails where ``pattern``, if any, has a solution for which ``condition`` holds.

    ``exact``: so and only so. Otherwise every node that fails is found, and some that do not.
    """

    pattern: str
    condition: str
    exact: bool = True
    impossible_if: URIRef | None = None
    """A predicate of which no node has two values: then this failure cannot be."""


@dataclass(frozen=True)
class Expression:
    """A SPARQL expression that is true of every node that fails."""

    text: str
    exact: bool


@dataclass(frozen=True)
class Read:
    """Literals that a shape looks at: the path to their subject, and their predicate.

    No predicate: any. No route: it cannot be told where.
    """

    route: str | None
    predicate: URIRef | None


@dataclass(frozen=True)
class View:
    """A shape as seen from a focus node: where its value nodes are, and how one gets there."""

    shape: Node
    focus: str
    value: str
    path: Path | None
    route: str

    @property
    def pattern(self) -> str:
        """The pattern that leads to the value nodes; a node shape's value node is its focus."""
        return self.to(self.value)

    def to(self, variable: str) -> str:
        return f"{self.focus} {self.path.text} {variable} ." if self.path else ""

    @property
    def value_route(self) -> str:
        return join(self.route, self.path.text) if self.path else self.route

    def every_value(self) -> Failure:
        """A value constraint without a query: whoever has a value may fail."""
        return Failure(self.pattern, "true", exact=False)


Template = Callable[["Context", View, list[Node]], Iterable[Failure]]


@dataclass
class Context:
    """What compiling needs to know; it gathers what the compiled shapes read."""

    engine: Engine
    shapes: rdflib.Graph
    hierarchy: Hierarchy
    templates: Mapping[URIRef, Template]
    custom: Collection[Node] = frozenset()
    reads: list[Read] = field(default_factory=list)
    _stack: list[Node] = field(default_factory=list)
    _variables: int = 0

    def fresh(self) -> str:
        self._variables += 1
        return f"?_{self._variables}"

    def constant(self, term: Node) -> str | None:
        """The term in SPARQL; None for what no query can say: a blank node, or a literal that the
        engine would take for another one."""
        try:
            text = sparql(term)
        except ValueError:
            return None
        if isinstance(term, rdflib.Literal) and stored_forms(self.engine, [to_oxigraph(term)]):  # type: ignore[list-item]
            return None
        return text

    def failures(self, shape: Node, focus: str, route: str) -> list[Failure]:
        """How ``focus`` may fail the shape.

        Raises NotCompiled for recursion and for constraints that are no part of SHACL Core.
        """
        if is_deactivated(self.shapes, shape):
            return []
        if shape in self._stack:
            raise NotCompiled("a shape that refers to itself")
        self._stack.append(shape)
        try:
            return list(self._failures(self._view(shape, focus, route)))
        finally:
            self._stack.pop()

    def fails(self, shape: Node, focus: str, route: str) -> Expression:
        return any_of(self.failures(shape, focus, route))

    def _view(self, shape: Node, focus: str, route: str) -> View:
        node = self.shapes.value(shape, SH.path)
        if node is None:
            return View(shape, focus, focus, None, route)
        path = read_path(self.shapes, node)
        self.needs_stored_hierarchy(path.predicates)
        self.reads += [Read(join(route, prefix), predicate) for prefix, predicate in path.reads]
        return View(shape, focus, self.fresh(), path, route)

    def needs_stored_hierarchy(self, predicates: Collection[Node]) -> None:
        """Raises NotCompiled where a query would not see the schema's rdfs:subClassOf."""
        if rdflib.RDFS.subClassOf in predicates and not self.hierarchy.stored:
            raise NotCompiled("rdfs:subClassOf of a schema that the engine does not hold")

    def _failures(self, view: View) -> Iterator[Failure]:
        for parameter in sorted(set(self.shapes.predicates(view.shape)), key=str):
            if parameter in self.custom:
                raise NotCompiled("a custom constraint component")
            if template := self.templates.get(URIRef(str(parameter))):
                values = sorted(self.shapes.objects(view.shape, parameter), key=str)
                yield from template(self, view, values)


def is_deactivated(shapes: rdflib.Graph, shape: Node) -> bool:
    value = shapes.value(shape, SH.deactivated)
    return isinstance(value, rdflib.Literal) and bool(value.value)


def any_of(failures: Iterable[Failure]) -> Expression:
    """True where one failure is: one EXISTS for each pattern, its conditions joined."""
    failures = list(failures)
    parts = [
        f"EXISTS {{ {pattern} FILTER({condition}) }}" if pattern else f"({condition})"
        for pattern, condition in by_pattern(failures).items()
    ]
    return Expression(" || ".join(parts) or "false", all(failure.exact for failure in failures))


def by_pattern(failures: Iterable[Failure]) -> dict[str, str]:
    """The failures that share a pattern as one: their conditions joined."""
    conditions: dict[str, list[str]] = {}
    for failure in failures:
        conditions.setdefault(failure.pattern, []).append(f"({failure.condition})")
    return {pattern: " || ".join(dict.fromkeys(found)) for pattern, found in conditions.items()}


def single(values: list[Node]) -> Node:
    """The one value of a parameter. Raises NotCompiled for more: the judge says what is wrong."""
    if len(values) != 1:
        raise NotCompiled("a parameter with more than one value")
    return values[0]
