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

from shapes.prepared import Prepared
from shapes.reach import Place
from shapes.report import Report, Result
from shapes.terms import Engine, graph_of, rewritten, to_rdflib
from shapes.walks import Step

__all__ = [
    "Engine",
    "Place",
    "Prepared",
    "Report",
    "Result",
    "Step",
    "files",
    "load",
    "rewritten",
    "to_rdflib",
    "validate",
]

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
    prepared = Prepared(schema, load() if shapes is None else shapes)
    return prepared.report(prepared.results(engine, rewritten, focus))
