"""Targets: which focus nodes a shape has, as SPARQL.

https://www.w3.org/TR/shacl/#targets
"""

from __future__ import annotations

from dataclasses import dataclass

from pyshacl.shape import Shape
from rdflib.term import Node, URIRef

from shapes.hierarchy import Hierarchy
from shapes.terms import sparql


@dataclass(frozen=True)
class Targets:
    """A shape's targets, as a pattern that binds ?this and as a test of ?this.

    Both are empty where the shape names its nodes one by one and has no other target.
    """

    nodes: frozenset[Node]
    pattern: str
    condition: str
    objects_of: frozenset[URIRef]
    root: URIRef | None = None
    """The one class that is targeted, where nothing else is."""
    several: bool = False
    """Whether that class has subclasses."""

    def __bool__(self) -> bool:
        return bool(self.nodes or self.pattern)


def targets_of(shape: Shape, hierarchy: Hierarchy) -> Targets:
    """The targets of a shape, its implicit class target among them.

    Raises ValueError where a target cannot be named in SPARQL (a class without an IRI).
    """
    nodes, classes, implicit, objects_of, subjects_of = map(frozenset, shape.target())
    roots = sorted(classes | implicit)
    names = sorted({name for cls in roots for name in hierarchy.subclasses(cls)})
    patterns = [f"?_s {sparql(predicate)} ?this ." for predicate in sorted(objects_of)]
    patterns += [f"?this {sparql(predicate)} ?_o ." for predicate in sorted(subjects_of)]
    conditions = [f"EXISTS {{ {pattern} }}" for pattern in patterns]
    if names:
        patterns.append(instances(names))
        conditions.append(is_instance("?this", names, "?_c"))
    pattern = patterns[0] if len(patterns) == 1 else " UNION ".join(f"{{ {p} }}" for p in patterns)
    only_root = URIRef(str(roots[0])) if len(roots) == 1 and len(patterns) == 1 else None
    return Targets(
        nodes,
        pattern,
        " || ".join(conditions),
        frozenset(URIRef(str(p)) for p in objects_of),
        only_root,
        several=len(names) > 1,
    )


def instances(names: list[URIRef]) -> str:
    """A pattern that binds ?this to the instances of the classes."""
    if len(names) == 1:
        return f"?this a {sparql(names[0])} ."
    return f"VALUES ?_c {{ {' '.join(map(sparql, names))} }} ?this a ?_c ."


def is_instance(variable: str, names: list[URIRef], cls: str) -> str:
    """A test of being an instance of one of the classes; ``cls`` is a variable nobody else uses."""
    first = f"EXISTS {{ {variable} a {sparql(names[0])} }}"
    if len(names) == 1:
        return first
    # The first class has all instances where the hierarchy is materialised: one look is enough.
    others = ", ".join(map(sparql, names[1:]))
    return f"{first} || EXISTS {{ {variable} a {cls} FILTER({cls} IN ({others})) }}"
