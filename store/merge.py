"""The RDF merge of several graphs, for one query.

The engine's union of graphs answers a triple once per graph that holds it: COUNT and SUM come out
too high. Graphs that share no triple have a right union; others are merged in memory.
"""

from __future__ import annotations

from collections.abc import Sequence

from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad, Store

from store.answers import Operation

Graph = NamedNode | DefaultGraph
SHARED = "ASK { ?s ?p ?o . GRAPH ?g { ?s ?p ?o } }"


def graph(iri: str) -> Graph:
    """The graph of this name; "" is the default graph."""
    return NamedNode(iri) if iri else DefaultGraph()


class Merges:
    """The merges of graphs of one store."""

    def __init__(self, store: Store, *, lasting: bool) -> None:
        """``lasting``: the store never changes, so that what was found once holds."""
        self.store, self.lasting = store, lasting
        self._overlaps: dict[tuple[str, ...], bool] = {}

    def of(self, operation: Operation) -> Store | None:
        """A store whose default graph is the operation's; None where the engine's union is that."""
        names = tuple(sorted(set(operation.default_graphs)))
        if len(names) < 2 or not self._overlap(names):
            return None
        merged = Store()
        for name in names:
            merged.bulk_extend(
                Quad(quad.subject, quad.predicate, quad.object)
                for quad in self.store.quads_for_pattern(None, None, None, graph(name))
            )
        for named in self._reachable(operation):
            merged.bulk_extend(self.store.quads_for_pattern(None, None, None, named))
        return merged

    def _overlap(self, names: tuple[str, ...]) -> bool:
        if not self.lasting:
            return overlap(self.store, names)
        if names not in self._overlaps:
            self._overlaps[names] = overlap(self.store, names)
        return self._overlaps[names]

    def _reachable(self, operation: Operation) -> list[NamedNode]:
        """The named graphs that the query may read; none where the word GRAPH is not in it."""
        if "graph" not in operation.text.lower():
            return []
        if operation.named_graphs is not None:
            return [NamedNode(iri) for iri in operation.named_graphs]
        return [name for name in self.store.named_graphs() if isinstance(name, NamedNode)]


def overlap(store: Store, names: Sequence[str]) -> bool:
    """Whether two of these graphs hold the same triple. Only the first may be "", the default."""
    for place, name in enumerate(names[:-1]):
        others: list[NamedNode | BlankNode] = [NamedNode(other) for other in names[place + 1 :]]
        if store.query(SHARED, default_graph=[graph(name)], named_graphs=others):
            return True
    return False
