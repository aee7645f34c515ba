"""Blank nodes under names of our own, within triples about triples too."""

from __future__ import annotations

from collections.abc import Callable

from pyoxigraph import BlankNode, Quad, Triple

from store.answers import Term

# Triples about triples, one in another: the engine's own code recurses on them.
MAXIMUM_TRIPLE_DEPTH = 8


class Renaming:
    """Gives each blank node of one document, or answer, a name that no other has.

    ``name``: the name of the blank node with this number. ``deep``: the error for triples that nest
    deeper than ``MAXIMUM_TRIPLE_DEPTH``.
    """

    def __init__(self, name: Callable[[int], BlankNode], deep: Callable[[], Exception]) -> None:
        self._name, self._deep = name, deep
        self._known: dict[str, BlankNode] = {}

    def term(self, term: Term | None, depth: int = 1) -> Term | None:
        if isinstance(term, BlankNode):
            return self.node(term)
        if isinstance(term, Triple):
            return self.triple(term, depth)
        return term

    def triple(self, triple: Triple, depth: int = 1) -> Triple:
        """Raises what ``deep`` gives."""
        if depth > MAXIMUM_TRIPLE_DEPTH:
            raise self._deep()
        subject, value = triple.subject, triple.object
        if isinstance(subject, BlankNode):
            subject = self.node(subject)
        if isinstance(value, BlankNode):
            value = self.node(value)
        elif isinstance(value, Triple):
            value = self.triple(value, depth + 1)
        return Triple(subject, triple.predicate, value)

    def quad(self, quad: Quad) -> Quad:
        triple, graph = quad.triple, quad.graph_name
        has_nodes = isinstance(triple.object, BlankNode | Triple)
        if has_nodes or isinstance(triple.subject, BlankNode):
            triple = self.triple(triple)
        elif not isinstance(graph, BlankNode):
            return quad
        if isinstance(graph, BlankNode):
            graph = self.node(graph)
        return Quad(triple.subject, triple.predicate, triple.object, graph)

    def node(self, node: BlankNode) -> BlankNode:
        known = self._known.get(node.value)
        if known is None:
            known = self._known[node.value] = self._name(len(self._known))
        return known
