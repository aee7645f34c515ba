"""Walks from a focus node: of SHACL property paths, and of the patterns of a query.

https://www.w3.org/TR/shacl/#property-paths
https://www.w3.org/TR/shacl/#sparql-constraints
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import rdflib
from pyoxigraph import NamedNode
from rdflib import RDF, SH, Variable
from rdflib.paths import AlternativePath, InvPath, MulPath, SequencePath
from rdflib.term import BNode, Node, URIRef

from atlas.errors import DataError
from shapes.sparql_constraints import FOCUS, parts


@dataclass(frozen=True)
class Step:
    """From a node to what a predicate links it with."""

    predicate: NamedNode | None
    """None: any."""
    inverse: bool = False
    many: bool = False
    """As often as there is a further one, or not at all."""
    objects: frozenset[NamedNode] | None = None
    """The only objects that matter: the classes that a value node may be of."""
    one: bool = False
    """Only that there is one matters."""


Walk = tuple[Step, ...]
Walks = tuple[Walk, ...]
Known = dict[Any, Walk]
Triple = tuple[Any, Any, Any]
# A part within another, and the parts that its filters look for.
Inner = tuple[Any, tuple[Any, ...]]


def too_far(shape: Node, what: str) -> DataError:
    return DataError(f"{shape} looks at {what}: a change alone cannot be judged with it.")


def to(predicate: Node, **options: Any) -> Step:
    return Step(NamedNode(str(predicate)), **options)


def joined(routes: Walks, walks: Walks) -> Walks:
    return tuple((*route, *walk) for route in routes for walk in walks)


def path_walks(shapes: rdflib.Graph, node: Node) -> Walks:
    """The walks that a SHACL property path takes.

    Raises DataError for a repetition of more than one step, and for what is no path.
    """
    if isinstance(node, URIRef):
        return ((to(node),),)
    if (node, RDF.first, None) in shapes:
        return _sequence([path_walks(shapes, item) for item in shapes.items(node)])
    if alternatives := shapes.value(node, SH.alternativePath):
        return tuple(w for item in shapes.items(alternatives) for w in path_walks(shapes, item))
    if inverse := shapes.value(node, SH.inversePath):
        return _turned(path_walks(shapes, inverse))
    for kind in (SH.zeroOrMorePath, SH.oneOrMorePath, SH.zeroOrOnePath):
        if inner := shapes.value(node, kind):
            return _repeated(node, path_walks(shapes, inner))
    raise too_far(node, "a path that is none of the seven kinds")


def query_walks(shape: Node, algebra: Any) -> Iterator[Walk]:
    """Walks to all triples that may be part of a solution for a focus node.

    Each pattern is walked to from $this along patterns that hold with it: those that it is joined
    with, and those around it. Raises DataError where nothing links the two.
    """
    return _Query(shape).walks(algebra, {FOCUS: ()})


class _Query:
    def __init__(self, shape: Node) -> None:
        self._shape = shape

    def walks(self, part: Any, known: Known, more: Iterable[Any] = ()) -> Iterator[Walk]:
        """Of one part and those within it, ``more`` of them than it says.

        ``known``: how to get to the variables around.
        """
        known = dict(known)
        together, within = self._flat(part)
        waiting = list(together)
        while waiting:
            _, number, walks, end = min(
                (way for n, triple in enumerate(waiting) for way in self._ways(n, triple, known)),
                default=(0, -1, (), None),
                key=lambda way: way[:2],
            )
            if number < 0:
                raise too_far(self._shape, "what its query does not link with $this")
            yield from walks
            del waiting[number]
            if len(walks) == 1:
                known.setdefault(end, walks[0])
        for inner, exists in (*within, *((part, ()) for part in more)):
            yield from self.walks(inner, known, exists)

    def _ways(
        self, number: int, triple: Triple, known: Known
    ) -> Iterator[tuple[int, int, Walks, Any]]:
        """How to get to a pattern from either end; against the arrow only where nothing else is
        left, for many things may point at one."""
        start, path, end = triple
        ahead = self._path(path)
        for here, ways, there in ((start, ahead, end), (end, _turned(ahead), start)):
            if here in known:
                walks = joined((known[here],), ways)
                cost = sum(100 if step.inverse else 1 for walk in walks for step in walk)
                yield cost, number, walks, there if isinstance(there, Variable | BNode) else None

    def _flat(self, part: Any) -> tuple[list[Triple], list[Inner]]:
        """The triple patterns that hold together, and the parts that hold or fail within them."""
        match part.name:
            case "BGP":
                return list(part.triples), []
            case "SelectQuery" | "Project" | "Distinct":
                return self._flat(part.p)
            case "Filter":
                together, within = self._flat(part.p)
                return together, [*within, *((inner, ()) for inner in _exists(part.expr))]
            case "Join":
                one, other = self._flat(part.p1), self._flat(part.p2)
                return [*one[0], *other[0]], [*one[1], *other[1]]
            case "LeftJoin":
                together, within = self._flat(part.p1)
                # A filter of the optional part sees that part.
                return together, [*within, (part.p2, tuple(_exists(part.expr)))]
            case "Union":
                return [], [(part.p1, ()), (part.p2, ())]
        raise too_far(self._shape, f"a query with {part.name}")

    def _path(self, path: Any) -> Walks:
        if isinstance(path, URIRef):
            return ((to(path),),)
        if isinstance(path, Variable):
            return ((Step(None),),)
        if isinstance(path, SequencePath):
            return _sequence([self._path(part) for part in path.args])
        if isinstance(path, AlternativePath):
            return tuple(walk for part in path.args for walk in self._path(part))
        if isinstance(path, InvPath):
            return _turned(self._path(path.arg))
        if isinstance(path, MulPath):
            return _repeated(self._shape, self._path(path.path))
        raise too_far(self._shape, "whatever a negated property set leads to")


def _exists(expression: Any) -> Iterator[Any]:
    """The patterns that the expression says exist, or do not."""
    if getattr(expression, "name", "") in ("Builtin_EXISTS", "Builtin_NOTEXISTS"):
        yield expression.graph
        return
    for inner in parts(expression):
        yield from _exists(inner)


def _repeated(shape: Node, walks: Walks) -> Walks:
    if len(walks) != 1 or len(walks[0]) != 1:
        raise too_far(shape, "the repetition of more than one step")
    return ((replace(walks[0][0], many=True),),)


def _sequence(choices: Sequence[Walks]) -> Walks:
    return tuple(tuple(step for walk in choice for step in walk) for choice in product(*choices))


def _turned(walks: Walks) -> Walks:
    return tuple(
        tuple(replace(step, inverse=not step.inverse) for step in reversed(walk)) for walk in walks
    )
