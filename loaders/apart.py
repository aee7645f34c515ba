"""A graph that is published apart, as SHACL sees it: with what the rest says of its things.

Validating it together with the whole default graph would judge the whole country once more for
each such graph. What it says can only be wrong of its own subjects, and a shape looks from those at
most at what is said of what they name: its class, its type, or the second step of a path.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pyoxigraph import BlankNode, NamedNode, RdfFormat, Triple, serialize
from rdflib import SH, BNode, URIRef

import shapes
from store import LocalEngine

N_TRIPLES = "application/n-triples"


@dataclass(frozen=True)
class Surroundings:
    """``engine`` is over the graph, its closure and what the rest says of the things it names;
    ``subjects`` are the focus nodes that are its own."""

    engine: LocalEngine
    subjects: frozenset[URIRef | BNode]


def surroundings(default: LocalEngine, files: Sequence[Path]) -> Surroundings:
    """Of the graph whose N-Triples these files hold: as asserted, and its closure."""
    small = LocalEngine()
    for file in files:
        small.load(file, N_TRIPLES)
    own = list(small.match(None, None, None))
    subjects = {triple.subject for triple in own}
    near = {node for triple in own for node in _ends(triple)}
    said = _said(default, near)
    said += [
        triple
        for predicate in looked_at_backwards()
        for node in subjects
        for triple in default.match(None, predicate, node)
    ]
    # A subject that the rest describes, or points at, is judged whole: what stands at the other end
    # of those statements is needed as well.
    about = [triple for triple in said if subjects & {triple.subject, triple.object}]
    beyond = {node for triple in about for node in _ends(triple)}
    said += _said(default, beyond - near)
    small.load(serialize(said, format=RdfFormat.N_TRIPLES) or b"", N_TRIPLES)
    return Surroundings(
        small,
        frozenset(
            URIRef(node.value) if isinstance(node, NamedNode) else BNode(node.value)
            for node in subjects
            if isinstance(node, NamedNode | BlankNode)
        ),
    )


@cache
def looked_at_backwards() -> frozenset[NamedNode]:
    """The properties that a shape follows from value to subject: few, or a grouping's memberships
    and competences would all be fetched for nothing."""
    return frozenset(NamedNode(str(path)) for path in shapes.load().objects(None, SH.inversePath))


def _said(default: LocalEngine, nodes: Iterable[NamedNode]) -> list[Triple]:
    return [triple for node in nodes for triple in default.match(node, None, None)]


def _ends(triple: Triple) -> Iterator[NamedNode]:
    for node in (triple.subject, triple.object):
        if isinstance(node, NamedNode):
            yield node
