"""SHACL property paths: read from the shapes graph, written as SPARQL, and what they read.

https://www.w3.org/TR/shacl/#property-paths
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import rdflib
from rdflib import RDF, SH
from rdflib.term import Node, URIRef

from shapes.terms import sparql

REPEATS = {SH.zeroOrMorePath: "*", SH.oneOrMorePath: "+", SH.zeroOrOnePath: "?"}


class NotCompiled(Exception):
    """This constraint has no query: every focus node of its shape goes to the judge."""


@dataclass(frozen=True)
class Path:
    """A path as SPARQL text, and the literals that walking it reads.

    ``reads`` holds pairs: the path to a subject ("" for the start itself), and the predicate whose
    objects are read there.
    """

    text: str
    reads: tuple[tuple[str, URIRef], ...]
    predicate: URIRef | None = None
    """The one predicate, where the path is nothing but that."""
    predicates: frozenset[URIRef] = frozenset()


def read_path(shapes: rdflib.Graph, node: Node, depth: int = 0) -> Path:
    """The path that ``node`` describes.

    Raises NotCompiled for a malformed path, and for the inverse of a longer path, which SPARQL and
    pySHACL walk in different orders.
    """
    if depth > 10:
        raise NotCompiled("a path more than ten levels deep")
    if isinstance(node, URIRef):
        return Path(sparql(node), (("", node),), node, frozenset({node}))
    if (node, RDF.first, None) in shapes:
        return _sequence([read_path(shapes, item, depth + 1) for item in shapes.items(node)])
    if alternatives := shapes.value(node, SH.alternativePath):
        return _alternative([read_path(shapes, n, depth + 1) for n in shapes.items(alternatives)])
    if inverse := shapes.value(node, SH.inversePath):
        return _inverse(read_path(shapes, inverse, depth + 1))
    for kind, mark in REPEATS.items():
        if inner := shapes.value(node, kind):
            return _repeat(read_path(shapes, inner, depth + 1), mark)
    raise NotCompiled("a path that is none of the seven kinds")


def join(*steps: str) -> str:
    """Paths one after another; "" is the path that stays where it is."""
    return "/".join(step for step in steps if step)


def _sequence(parts: list[Path]) -> Path:
    if len(parts) < 2:
        raise NotCompiled("a sequence of fewer than two paths")
    reads = tuple(
        (join(*(part.text for part in parts[:index]), prefix), predicate)
        for index, part in enumerate(parts)
        for prefix, predicate in part.reads
    )
    return Path(f"({'/'.join(part.text for part in parts)})", reads, None, _union(parts))


def _alternative(parts: list[Path]) -> Path:
    if len(parts) < 2:
        raise NotCompiled("an alternative of fewer than two paths")
    reads = tuple(read for part in parts for read in part.reads)
    return Path(f"({'|'.join(part.text for part in parts)})", reads, None, _union(parts))


def _inverse(path: Path) -> Path:
    if path.predicate is None:
        raise NotCompiled("the inverse of a longer path")
    # A literal can only be where an inverse step starts, and whoever led there has read it.
    return Path(f"(^{path.text})", (), None, path.predicates)


def _repeat(path: Path, mark: str) -> Path:
    around = f"({path.text})*"
    reads = tuple((join(around, prefix), predicate) for prefix, predicate in path.reads)
    return Path(f"({path.text}){mark}", reads, None, path.predicates)


def _union(parts: list[Path]) -> frozenset[URIRef]:
    return frozenset().union(*(part.predicates for part in parts))


def path_text(shapes: rdflib.Graph, node: Node | None) -> str:
    """The path for a reader: prefixed names where the shapes graph has a prefix."""
    if node is None:
        return ""
    return "".join(_readable(shapes, node))


def _readable(shapes: rdflib.Graph, node: Node) -> Iterator[str]:
    if isinstance(node, URIRef):
        yield node.n3(shapes.namespace_manager)
        return
    if (node, RDF.first, None) in shapes:
        yield "/".join(path_text(shapes, item) for item in shapes.items(node))
    elif alternatives := shapes.value(node, SH.alternativePath):
        yield f"({'|'.join(path_text(shapes, item) for item in shapes.items(alternatives))})"
    elif inverse := shapes.value(node, SH.inversePath):
        yield f"^{path_text(shapes, inverse)}"
    else:
        for kind, mark in REPEATS.items():
            if inner := shapes.value(node, kind):
                yield f"({path_text(shapes, inner)}){mark}"
