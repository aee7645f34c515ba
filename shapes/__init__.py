"""What our data must carry, as SHACL shapes, and the validator that is quick on a whole country.

A validation goes through a sieve: each constraint is compiled to SPARQL and asked of all focus
nodes at once, and pySHACL judges only those that may fail. The report is the one that pySHACL would
have written on the whole graph.
"""

from __future__ import annotations

from collections.abc import Collection, Container
from pathlib import Path

import pyoxigraph as ox
import rdflib
from rdflib.term import Node

from shapes.hierarchy import Hierarchy
from shapes.judge import judge, read_shapes
from shapes.plans import compile_shapes
from shapes.readthrough import ReadThrough
from shapes.report import Report, Result
from shapes.sieve import Sieve
from shapes.terms import Engine, graph_of, rewritten

__all__ = ["Engine", "Report", "Result", "files", "load", "rewritten", "validate"]

FOLDER = Path(__file__).parent


def files() -> list[Path]:
    """The shapes files, one for each module of the ontology."""
    return sorted(FOLDER.glob("*.ttl"))


def load() -> rdflib.Graph:
    """All shapes that our data must conform to."""
    shapes = rdflib.Graph()
    for path in files():
        parsed = ox.parse(path=str(path), format=ox.RdfFormat.TURTLE, rename_blank_nodes=True)
        for triple in graph_of(parsed):
            shapes.add(triple)
        for prefix, namespace in parsed.prefixes.items():
            shapes.bind(prefix, namespace)
    return shapes


def validate(
    engine: Engine,
    schema: rdflib.Graph,
    shapes: rdflib.Graph | None = None,
    rewritten: Collection[ox.Triple] = (),
    focus: Container[Node] | None = None,
) -> Report:
    """The report on the engine's graph, the schema's class hierarchy taken as part of it.

    The engine must hold whatever else of the schema the shapes look at, vocabularies for instance.
    ``rewritten`` are the triples whose literal the engine has changed, as ``shapes.rewritten``
    lists them: they are judged as they were written. ``focus``: the only nodes to judge.

    Raises DataError for shapes that cannot be read or applied.
    """
    shapes_graph = read_shapes(load() if shapes is None else shapes)
    hierarchy = Hierarchy(engine, schema)
    plans = compile_shapes(engine, shapes_graph, hierarchy)
    candidates = Sieve(engine, hierarchy, rewritten).candidates(plans)
    data = rdflib.Graph(store=ReadThrough(engine, hierarchy, rewritten))
    return Report(judge(shapes_graph, data, candidates, focus), shapes_graph.graph)
