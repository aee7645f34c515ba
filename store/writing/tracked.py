"""Graphs of a clone that are changed triple by triple, and what each gained and lost in all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pyoxigraph
from pyoxigraph import Quad, Triple

from store.merge import graph as graph_name


class Tracked:
    """One graph; "" is the default graph. ``gained`` and ``lost`` are net: none is in both."""

    def __init__(self, store: pyoxigraph.Store, graph: str) -> None:
        self.store, self.graph = store, graph
        self.name = graph_name(graph)
        self.gained: set[Triple] = set()
        self.lost: set[Triple] = set()

    def __contains__(self, triple: Triple) -> bool:
        return self._quad(triple) in self.store

    def match(self, subject: Any, predicate: Any, object: Any, /) -> Iterator[Triple]:
        """The triples that fit; None is a wildcard."""
        for quad in self.store.quads_for_pattern(subject, predicate, object, self.name):
            yield quad.triple

    def add(self, triples: Iterable[Triple]) -> None:
        new = [triple for triple in triples if triple not in self]
        self.store.extend(map(self._quad, new))
        self.gained.update(set(new) - self.lost)
        self.lost.difference_update(new)

    def remove(self, triples: Iterable[Triple]) -> None:
        for triple in triples:
            quad = self._quad(triple)
            if quad not in self.store:
                continue
            self.store.remove(quad)
            if triple in self.gained:
                self.gained.discard(triple)
            else:
                self.lost.add(triple)

    def _quad(self, triple: Triple) -> Quad:
        return Quad(triple.subject, triple.predicate, triple.object, self.name)


class Asserted:
    """The triples of a merge that some graph asserts: all but those that are only inferred."""

    def __init__(self, merged: Tracked, inferred: Tracked) -> None:
        self.merged, self.inferred = merged, inferred
        # What is asserted now and was only inferred before, until the inferred graph has lost it.
        self.new: set[Triple] = set()

    def __contains__(self, triple: Triple) -> bool:
        return triple in self.merged and (triple in self.new or triple not in self.inferred)

    def match(self, subject: Any, predicate: Any, object: Any, /) -> Iterator[Triple]:
        """The triples that fit; None is a wildcard."""
        for triple in self.merged.match(subject, predicate, object):
            if triple in self.new or triple not in self.inferred:
                yield triple
