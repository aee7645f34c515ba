"""How far shapes look from a focus node: the tree of all walks along which they read.

Of a change it tells the focus nodes that are concerned; of a focus node, what must be at hand to
judge it. A walk may lead further than its shape looks, never less far. Shapes are not told apart:
a focus node is taken as one of all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import rdflib
from pyoxigraph import NamedNode
from pyshacl.shapes_graph import ShapesGraph
from rdflib import RDF, SH
from rdflib.term import Node, URIRef

from shapes.hierarchy import Hierarchy
from shapes.paths import NotCompiled
from shapes.sparql_constraints import parsed
from shapes.walks import Step, Walk, Walks, joined, path_walks, query_walks, to, too_far

HERE: Walks = ((),)


@dataclass(eq=False)
class Place:
    """Where a walk has got to by its last step; walks that begin alike share their places."""

    step: Step
    before: Place | None = None
    after: list[Place] = field(default_factory=list)

    def add(self, walk: Walk) -> None:
        if walk:
            self._next(walk[0]).add(walk[1:])

    def all(self) -> Iterator[Place]:
        """Every place further on."""
        for place in self.after:
            yield place
            yield from place.all()

    def _next(self, step: Step) -> Place:
        for place in self.after:
            if _way(place.step) == _way(step):
                place.step = replace(
                    step,
                    objects=_both(place.step.objects, step.objects),
                    one=place.step.one and step.one,
                )
                return place
        self.after.append(Place(step, self))
        return self.after[-1]


def _way(step: Step) -> Step:
    return replace(step, objects=None, one=False)


def _both(
    one: frozenset[NamedNode] | None, other: frozenset[NamedNode] | None
) -> frozenset[NamedNode] | None:
    return None if one is None or other is None else one | other


def reach(shapes_graph: ShapesGraph, hierarchy: Hierarchy) -> Place:
    """The tree of the walks of all shapes that have targets, from the focus node on.

    Raises DataError for a shape that looks at what no walk from its focus node leads to.
    """
    root = Place(Step(None))
    reader = _Reader(shapes_graph.graph, hierarchy)
    for component in shapes_graph.custom_constraints:
        raise too_far(component.node, "what a constraint component of its own looks at")
    for shape in shapes_graph.shapes:
        walks = tuple(_targets(shape.target()))
        if walks and not shape.deactivated:
            for walk in (*walks, *reader.walks(shape.node, HERE)):
                root.add(walk)
    return root


def _targets(targets: Any) -> Iterator[Walk]:
    """What decides that a node is a focus node. https://www.w3.org/TR/shacl/#targets"""
    nodes, classes, implicit, objects_of, subjects_of = map(frozenset, targets)
    if nodes:
        yield ()
    if classes or implicit:
        yield (to(RDF.type),)
    yield from ((to(predicate, inverse=True, one=True),) for predicate in objects_of)
    yield from ((to(predicate, one=True),) for predicate in subjects_of)


class _Reader:
    """Reads the walks of shapes, which refer to each other."""

    def __init__(self, shapes: rdflib.Graph, hierarchy: Hierarchy) -> None:
        self.shapes, self.hierarchy = shapes, hierarchy
        self._stack: list[Node] = []

    def walks(self, shape: Node, routes: Walks) -> Iterator[Walk]:
        """What the shape reads of the nodes to which the routes lead."""
        if shape in self._stack:
            raise too_far(shape, "itself")
        self._stack.append(shape)
        path = self.shapes.value(shape, SH.path)
        values = routes if path is None else joined(routes, path_walks(self.shapes, path))
        yield from values
        for parameter, look in LOOKS.items():
            for value in self.shapes.objects(shape, parameter):
                yield from look(self, View(shape, routes, values), value)
        self._stack.pop()


@dataclass(frozen=True)
class View:
    """A shape, the walks to its focus nodes, and those to its value nodes."""

    shape: Node
    focus: Walks
    values: Walks


def _inner(reader: _Reader, view: View, value: Node) -> Iterator[Walk]:
    return reader.walks(value, view.values)


def _list(reader: _Reader, view: View, value: Node) -> Iterator[Walk]:
    for member in reader.shapes.items(value):
        yield from reader.walks(member, view.values)


def _qualified(reader: _Reader, view: View, value: Node) -> Iterator[Walk]:
    """Siblings are judged on the same values: https://www.w3.org/TR/shacl/#dfn-sibling-shapes"""
    shapes = reader.shapes
    siblings = {
        sibling
        for parent in shapes.subjects(SH.property, view.shape)
        for brother in shapes.objects(parent, SH.property)
        for sibling in shapes.objects(brother, SH.qualifiedValueShape)
    }
    for each in {value, *siblings}:
        yield from reader.walks(each, view.values)


def _class(reader: _Reader, view: View, value: Node) -> Iterator[Walk]:
    names: frozenset[NamedNode] | None
    try:
        names = frozenset(NamedNode(cls) for cls in reader.hierarchy.subclasses(value))
    except ValueError:
        # A class below has no IRI: all types matter.
        names = None
    return iter(joined(view.values, ((to(RDF.type, objects=names),),)))


def _compared(reader: _Reader, view: View, value: Node) -> Iterator[Walk]:
    return iter(joined(view.focus, ((to(value),),)))


def _any(reader: _Reader, view: View, value: Node) -> Iterator[Walk]:
    return iter(joined(view.values, ((Step(None),),)))


def _sparql(reader: _Reader, view: View, value: Node) -> Iterator[Walk]:
    try:
        algebra = parsed(reader.shapes, value)
    except NotCompiled as error:
        raise too_far(view.shape, str(error)) from error
    return iter(joined(view.focus, tuple(query_walks(view.shape, algebra))))


Look = Callable[[_Reader, View, Node], Iterator[Walk]]
# What looks further than the value nodes themselves; a test compares it with all components.
LOOKS: dict[URIRef, Look] = {
    SH.property: _inner,
    SH.node: _inner,
    SH["not"]: _inner,
    SH["and"]: _list,
    SH["or"]: _list,
    SH.xone: _list,
    SH.qualifiedValueShape: _qualified,
    SH["class"]: _class,
    SH.equals: _compared,
    SH.disjoint: _compared,
    SH.lessThan: _compared,
    SH.lessThanOrEquals: _compared,
    SH.closed: _any,
    SH.sparql: _sparql,
}
