"""Templates for constraints made of other shapes.

Under sh:not, sh:xone and a qualified maximum a node fails because it *conforms* to something: there
the inner expression must be exact, for one that says "fails" too often would hide the violation.

https://www.w3.org/TR/shacl/#core-components-logical
https://www.w3.org/TR/shacl/#core-components-shape
"""

from __future__ import annotations

from collections.abc import Iterator

import rdflib
from rdflib import SH
from rdflib.term import Node

from shapes.failures import Context, Expression, Failure, View, single
from shapes.paths import NotCompiled
from shapes.property_constraints import LARGEST, distinct, needs_path
from shapes.value_constraints import whole_number


def node(context: Context, view: View, values: list[Node]) -> Iterator[Failure]:
    """sh:node, sh:property: the value node must conform to each of the shapes."""
    for shape in values:
        yield from _conforms(context, view, shape)


def not_(context: Context, view: View, values: list[Node]) -> Iterator[Failure]:
    for shape in values:
        inner = context.fails(shape, view.value, view.value_route)
        yield Failure(view.pattern, f"!({inner.text})") if inner.exact else view.every_value()


def and_(context: Context, view: View, values: list[Node]) -> Iterator[Failure]:
    for members in values:
        for shape in context.shapes.items(members):
            yield from _conforms(context, view, shape)


def or_(context: Context, view: View, values: list[Node]) -> Iterator[Failure]:
    for members in values:
        inner = _members(context, view, members)
        text = " && ".join(f"({member.text})" for member in inner)
        yield Failure(view.pattern, text or "true", all(member.exact for member in inner))


def xone(context: Context, view: View, values: list[Node]) -> Iterator[Failure]:
    for members in values:
        inner = _members(context, view, members)
        if not inner or not all(member.exact for member in inner):
            yield view.every_value()
            continue
        total = " + ".join(f"IF({member.text}, 0, 1)" for member in inner)
        yield Failure(view.pattern, f"({total}) != 1")


def qualified_value_shape(context: Context, view: View, values: list[Node]) -> Iterator[Failure]:
    needs_path(view)
    least = list(context.shapes.objects(view.shape, SH.qualifiedMinCount))
    most = list(context.shapes.objects(view.shape, SH.qualifiedMaxCount))
    for shape in values:
        if least and (number := whole_number(least)):
            yield _too_few(context, view, shape, number)
        if most:
            yield _too_many(context, view, shape, whole_number(most))


def _conforms(context: Context, view: View, shape: Node) -> Iterator[Failure]:
    if not view.pattern:
        yield from context.failures(shape, view.value, view.value_route)
        return
    inner = context.fails(shape, view.value, view.value_route)
    if inner.text != "false":
        yield Failure(view.pattern, inner.text, inner.exact)


def _members(context: Context, view: View, members: Node) -> list[Expression]:
    shapes = list(context.shapes.items(members))
    return [context.fails(shape, view.value, view.value_route) for shape in shapes]


def _too_few(context: Context, view: View, shape: Node, number: int) -> Failure:
    # Whoever surely conforms is counted: too few of them may be too few of all.
    counted, exact = _counted(context, view, shape, number)
    if not counted or not exact[1]:
        return Failure("", "true", exact=False)
    return Failure("", f"NOT EXISTS {{ {counted} }}", exact=exact[0])


def _too_many(context: Context, view: View, shape: Node, number: int) -> Failure:
    # Whoever may conform is counted: for that, who is said to fail must really fail.
    counted, exact = _counted(context, view, shape, number + 1)
    if not counted or not exact[0]:
        return view.every_value()
    return Failure(counted, "true", exact=exact[1])


def _counted(
    context: Context, view: View, shape: Node, number: int
) -> tuple[str, tuple[bool, bool]]:
    """A pattern for ``number`` value nodes that conform to the shape and to none of its siblings.

    Then whether the shape, and whether every sibling, is said exactly. No pattern: too many.
    """
    if number > LARGEST:
        return "", (False, False)
    siblings = _siblings(context.shapes, view.shape, shape)
    variables, pattern = distinct(context, view, number)
    own, others = [], []
    for variable in variables:
        own.append(context.fails(shape, variable, view.value_route))
        others += [context.fails(sibling, variable, view.value_route) for sibling in siblings]
    test = " && ".join([f"!({e.text})" for e in own] + [f"({e.text})" for e in others])
    exact = all(e.exact for e in own), all(e.exact for e in others)
    return f"{pattern} FILTER({test})", exact


def _siblings(shapes: rdflib.Graph, shape: Node, qualified: Node) -> list[Node]:
    """https://www.w3.org/TR/shacl/#dfn-sibling-shapes"""
    flags = list(shapes.objects(shape, SH.qualifiedValueShapesDisjoint))
    if not flags:
        return []
    flag = single(flags)
    if not isinstance(flag, rdflib.Literal):
        raise NotCompiled("sh:qualifiedValueShapesDisjoint that is no boolean")
    if not flag.value:
        return []
    found = {
        sibling
        for parent in shapes.subjects(SH.property, shape)
        for brother in shapes.objects(parent, SH.property)
        for sibling in shapes.objects(brother, SH.qualifiedValueShape)
    }
    return sorted(found - {qualified}, key=str)
