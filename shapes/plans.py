"""Plans: each shape with targets, compiled once for all its focus nodes."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from pyshacl.shape import Shape
from pyshacl.shapes_graph import ShapesGraph
from rdflib import SH
from rdflib.term import Node

from shapes.constraints import TEMPLATES
from shapes.failures import THIS, Context, Failure, Read, any_of
from shapes.hierarchy import Hierarchy
from shapes.paths import NotCompiled
from shapes.targets import Targets, targets_of
from shapes.terms import Engine


@dataclass(frozen=True)
class Plan:
    """How the focus nodes of a shape may fail, and the literals that it looks at."""

    shape: Shape
    targets: Targets | None
    """None: no query can say them, and the judge looks for them."""
    failures: tuple[Failure, ...] = ()
    reads: tuple[Read, ...] = ()
    reason: str = ""
    """Why every focus node is a candidate, where that is so."""


def compile_shapes(
    engine: Engine,
    shapes_graph: ShapesGraph,
    hierarchy: Hierarchy,
    only: Collection[Node] | None = None,
) -> list[Plan]:
    """A plan for each shape, or each of those named, that has targets and is not deactivated."""
    shapes = shapes_graph.graph
    custom = frozenset(
        path
        for component in shapes_graph.custom_constraints
        for parameter in shapes.objects(component.node, SH.parameter)
        for path in shapes.objects(parameter, SH.path)
    )
    plans: list[Plan] = []
    for shape in sorted(shapes_graph.shapes, key=lambda s: str(s.node)):
        if not shape.deactivated and (only is None or shape.node in only):
            plans += _plan(Context(engine, shapes, hierarchy, TEMPLATES, custom), shape)
    return plans


def _plan(context: Context, shape: Shape) -> Iterator[Plan]:
    try:
        targets = targets_of(shape, context.hierarchy)
    except ValueError as error:
        yield Plan(shape, None, reason=str(error))
        return
    if not targets:
        return
    try:
        failures = context.failures(shape.node, THIS, "")
    except NotCompiled as error:
        yield Plan(shape, targets, reason=str(error))
    else:
        yield Plan(shape, targets, tuple(failures), tuple(dict.fromkeys(context.reads)))


def merged_query(plan: Plan) -> str | None:
    """One query for all failures, from the focus nodes on: the best one where these are few.

    None where there is nothing to ask.
    """
    condition = "true" if plan.reason else any_of(plan.failures).text
    if plan.targets is None or not plan.targets.pattern or condition == "false":
        return None
    return select(plan.targets.pattern, condition)


def select(pattern: str, condition: str) -> str:
    return f"SELECT DISTINCT {THIS} WHERE {{ {pattern} FILTER({condition}) }}"
