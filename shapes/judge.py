"""The judge: pySHACL on the candidates, through a read-through graph.

pySHACL is asked shape by shape, each with its own focus nodes: its ``focus_nodes`` option would
filter nested shapes too, and drop blank and literal nodes. Nothing of pySHACL is patched, so two
threads may judge at once, each with its own graph.
"""

from __future__ import annotations

import logging
from collections.abc import Container, Iterable, Iterator, Mapping
from typing import Any

import rdflib
from pyshacl.errors import ReportableRuntimeError
from pyshacl.pytypes import SHACLExecutor
from pyshacl.shape import Shape
from pyshacl.shapes_graph import ShapesGraph
from pyshacl.validator import Validator
from rdflib import OWL, SH, XSD
from rdflib.term import Node

from atlas.errors import DataError

# pySHACL says NotImplementedError for $shapesGraph, which SHACL leaves optional.
FAILURES = (ReportableRuntimeError, NotImplementedError)
LOGGER = logging.getLogger("shapes.judge")


def read_shapes(shapes: rdflib.Graph) -> ShapesGraph:
    """A copy of the shapes for pySHACL, which adds triples of its own to what it is given.

    Raises DataError for shapes that are not well formed.
    """
    copy = rdflib.Graph(identifier=shapes.identifier)
    for prefix, namespace in shapes.namespaces():
        copy.bind(prefix, namespace)
    for subject, predicate, value in shapes:
        if isinstance(value, rdflib.Literal) and value.datatype == XSD.string:
            value = rdflib.Literal(str(value))
        elif predicate == SH.uniqueLang and str(value) != "true":
            # "1" is not the literal that SHACL asks for, though it has the same value.
            value = rdflib.Literal(False)
        copy.add((subject, predicate, value))
    _import_prefixes(copy)
    graph = ShapesGraph(copy, logger=LOGGER)
    try:
        assert graph.shapes is not None
    except FAILURES as error:
        raise DataError(f"The shapes cannot be read: {_reason(error)}") from error
    return graph


def _import_prefixes(shapes: rdflib.Graph) -> None:
    """Gives each owner of prefixes those that it imports; pySHACL does not follow owl:imports.

    https://www.w3.org/TR/shacl/#sparql-prefixes
    """
    for owner in set(shapes.objects(None, SH.prefixes)):
        for imported in list(shapes.transitive_objects(owner, OWL.imports)):
            for declaration in list(shapes.objects(imported, SH.declare)):
                shapes.add((owner, SH.declare, declaration))


def judge(
    shapes_graph: ShapesGraph,
    data: rdflib.Graph,
    candidates: Mapping[Node, set[Node] | None],
    focus: Container[Node] | None = None,
) -> list[Any]:
    """pySHACL's results on the candidates, for ``report_of``.

    ``focus``: the only nodes to judge; None: all.

    Raises DataError where SHACL says "failure": a shape that cannot be applied.
    https://www.w3.org/TR/shacl/#failures
    """
    executor = SHACLExecutor()
    results: list[Any] = []
    for shape, nodes in _to_judge(shapes_graph.shapes, data, candidates, focus):
        try:
            _, found = shape.validate(executor, data, focus=nodes)
        except FAILURES as error:
            raise DataError(f"{shape.node} cannot be applied: {_reason(error)}") from error
        results += found
    return results


def report_of(shapes_graph: ShapesGraph, results: list[Any]) -> rdflib.Graph:
    """The validation report of these results: a graph with one sh:ValidationReport."""
    graph, _ = Validator.create_validation_report(shapes_graph, not results, results)
    return graph


def _to_judge(
    shapes: Iterable[Shape],
    data: rdflib.Graph,
    candidates: Mapping[Node, set[Node] | None],
    focus: Container[Node] | None,
) -> Iterator[tuple[Shape, list[Any]]]:
    for shape in shapes:
        if shape.node in candidates:
            nodes = candidates[shape.node]
            nodes = shape.focus_nodes(data) if nodes is None else _written(shape, nodes, data)
            if focus is not None:
                nodes = {node for node in nodes if node in focus}
            if nodes:
                yield shape, sorted(nodes, key=str)


def _written(shape: Shape, nodes: set[Node], data: rdflib.Graph) -> set[Node]:
    """Without the literals that are focus nodes only in the form that the engine gave them."""
    predicates, named = list(shape.target_objects_of()), set(shape.target_nodes())
    return {
        node
        for node in nodes
        if not isinstance(node, rdflib.Literal)
        or node in named
        or any((None, predicate, node) in data for predicate in predicates)
    }


def _reason(error: Exception) -> str:
    return str(getattr(error, "message", error))
