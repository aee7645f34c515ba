"""A graph that is published apart, as SHACL sees it: with what the rest says of its things.

Validating it together with the whole default graph would judge the whole country once more for
each such graph. What it says can only be wrong of its own focus nodes, and a shape looks from those at
most one step away, at the class or the type of what they name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pyoxigraph import NamedNode, RdfFormat, Triple, serialize

from loaders.readings import Planned
from store import LocalEngine, rules

N_TRIPLES = "application/n-triples"


def surroundings(default: LocalEngine, plan: Planned, inference: rules.Inference) -> LocalEngine:
    """An engine over the graph, its closure, and what the default graph says of its things."""
    small = LocalEngine()
    small.load(plan.triples, N_TRIPLES)
    small.load(inference.closure, N_TRIPLES)
    named = things(small.match(None, None, None))
    said = (triple for thing in named for triple in default.match(thing, None, None))
    small.load(serialize(said, format=RdfFormat.N_TRIPLES) or b"", N_TRIPLES)
    return small


def things(triples: Iterable[Triple]) -> set[NamedNode]:
    """The IRIs that stand as subject or object."""
    return {node for triple in triples for node in _ends(triple)}


def _ends(triple: Triple) -> Iterator[NamedNode]:
    for node in (triple.subject, triple.object):
        if isinstance(node, NamedNode):
            yield node
