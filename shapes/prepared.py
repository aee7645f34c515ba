"""Shapes and schema read once, and compiled once for each class hierarchy, for many validations."""

from __future__ import annotations

from collections.abc import Collection, Container
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pyoxigraph as ox
import rdflib
from pyshacl.shapes_graph import ShapesGraph
from rdflib.term import Node

from shapes.hierarchy import Hierarchy
from shapes.judge import judge, read_shapes, report_of
from shapes.plans import Plan, compile_shapes
from shapes.reach import Place, reach
from shapes.readthrough import ReadThrough
from shapes.report import Report
from shapes.sieve import Sieve
from shapes.terms import Engine


@dataclass(frozen=True)
class Compiled:
    """What the shapes come to where the class hierarchy is this one."""

    shapes_graph: ShapesGraph
    hierarchy: Hierarchy
    plans: list[Plan]

    @cached_property
    def reach(self) -> Place:
        return reach(self.shapes_graph, self.hierarchy)


class Prepared:
    """What ``shapes.validate`` makes of its shapes and its schema before it looks at the data."""

    def __init__(self, schema: rdflib.Graph, shapes: rdflib.Graph) -> None:
        """Raises DataError for shapes that cannot be read."""
        self._schema = schema
        self._shapes_graph = read_shapes(shapes)
        self._compiled: Compiled | None = None

    def results(
        self,
        engine: Engine,
        rewritten: Collection[ox.Triple] = (),
        focus: Container[Node] | None = None,
    ) -> list[Any]:
        """What is found in the engine's graph, for ``report``; the rest is as in ``validate``."""
        hierarchy = Hierarchy(engine, self._schema)
        plans = self._at(engine, hierarchy).plans
        candidates = Sieve(engine, hierarchy, rewritten).candidates(plans)
        data = rdflib.Graph(store=ReadThrough(engine, hierarchy, rewritten))
        return judge(self._shapes_graph, data, candidates, focus)

    def report(self, results: list[Any]) -> Report:
        """One report of all results, of one engine or of several."""
        return Report(report_of(self._shapes_graph, results), self._shapes_graph.graph)

    def reach(self, engine: Engine) -> Place:
        """How far the shapes look from a focus node, with the engine's class hierarchy.

        Raises DataError for a shape that looks at what no walk from its focus node leads to.
        """
        return self._at(engine, Hierarchy(engine, self._schema)).reach

    def _at(self, engine: Engine, hierarchy: Hierarchy) -> Compiled:
        """The last hierarchy's plans are kept: it changes when a subclass is said, not else."""
        now = self._compiled
        known = now and (now.hierarchy.links, now.hierarchy.missing)
        if now is None or known != (hierarchy.links, hierarchy.missing):
            plans = compile_shapes(engine, self._shapes_graph, hierarchy)
            # What is kept must not keep the data: the engine's store has to close in its time.
            now = self._compiled = Compiled(self._shapes_graph, hierarchy.by_itself(), plans)
        return now
