"""What a change of graphs does to the default graph and to what the rules infer.

The default graph is the RDF merge of the graphs published in it and of what follows from them
together. What is published apart infers apart: it must not leak.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import pyoxigraph
from pyoxigraph import BlankNode, NamedNode, Triple

from store import lines
from store.lines import NOTHING, Lines
from store.rules.incremental import Facts, Maintenance
from store.writing.inferred import TYPE, graph_of
from store.writing.rehearsal import Change
from store.writing.tracked import Asserted, Tracked

DEFAULT = "default"


@dataclass(frozen=True)
class Publication:
    """A changed graph, and how it was and is published; None: it is not there."""

    change: Change
    name: str
    before: str | None
    after: str | None

    @property
    def was_apart(self) -> bool:
        return self.before not in (None, DEFAULT)

    @property
    def is_apart(self) -> bool:
        return self.after not in (None, DEFAULT)

    def merged(self) -> tuple[Lines, Lines]:
        """What it brings into the default graph, and what it takes out."""
        before = self.change.before.stored if self.before == DEFAULT else NOTHING
        after = self.change.after.stored if self.after == DEFAULT else NOTHING
        return after - before, before - after

    def apart(self) -> tuple[Lines, Lines]:
        """What it holds more, and less, as a graph that infers by itself."""
        before = self.change.before.stored if self.was_apart else NOTHING
        after = self.change.after.stored if self.is_apart else NOTHING
        return after - before, before - after


class Merge:
    """The default graph of a clone, kept the merge of ``graphs`` and of what follows from it."""

    def __init__(
        self,
        store: pyoxigraph.Store,
        base: str,
        graphs: Collection[str],
        maintenance: Maintenance | None,
    ) -> None:
        """``graphs``: those that are published in the default graph once the write is done."""
        self.store, self.base, self.maintenance = store, base, maintenance
        self.graphs = {NamedNode(graph) for graph in graphs}
        self.default = Tracked(store, "")
        self.inferred = Tracked(store, graph_of(base, ""))
        self.asserted = Asserted(self.default, self.inferred)

    def apply(self, publications: Iterable[Publication]) -> set[Triple]:
        """Bring the default graph up to what its graphs hold now, and infer from it.

        Returns what changed of what SHACL sees.
        """
        coming, going = set[Triple](), set[Triple]()
        for publication in publications:
            brought, taken = publication.merged()
            coming.update(lines.triples(brought))
            going.update(lines.triples(taken))
        removed = {triple for triple in going - coming if not self._is_held(triple)}
        added = {triple for triple in coming if triple not in self.asserted}
        self.default.add(added)
        self.default.remove(removed)
        return added | removed | self._infer(added, removed)

    def _infer(self, added: set[Triple], removed: set[Triple]) -> set[Triple]:
        """Returns what the change may show to SHACL, or hide from it, of what is inferred."""
        if self.maintenance is None:
            return set()
        self.asserted.new = added
        change = self.maintenance.change(self.asserted, self.inferred, added=added, removed=removed)
        self.inferred.remove(change.removed)
        self.asserted.new = set()
        self.inferred.add(change.added)
        self.default.remove(change.removed - added)
        self.default.add(change.added)
        return self.maintenance.hierarchy(added | removed)

    def hides(self, triple: Triple) -> bool:
        """Whether it is in the default graph but not for SHACL: derived beyond the hierarchy."""
        return triple in self.inferred and is_derived(self.maintenance, self.asserted, triple)

    def describe(self, before: set[Triple], after: set[Triple]) -> None:
        """The inferred graph says of itself something else than it did."""
        for graph in (self.inferred, self.default):
            graph.remove(before - after)
            graph.add(after - before)

    def layer(self, graph: str, name: str) -> Layer:
        """A graph of the same clone that is published apart."""
        return Layer(self.store, self.base, graph, name, self.maintenance)

    def _is_held(self, triple: Triple) -> bool:
        """Whether a graph of the merge asserts it."""
        found = self.store.quads_for_pattern(triple.subject, triple.predicate, triple.object, None)
        return any(quad.graph_name in self.graphs for quad in found)


class Layer:
    """A graph that is published apart, and what is inferred from it alone."""

    def __init__(
        self, store: pyoxigraph.Store, base: str, graph: str, name: str, rules: Maintenance | None
    ) -> None:
        self.graph = Tracked(store, graph)
        self.inferred = Tracked(store, graph_of(base, name))
        self.name, self.maintenance = name, rules

    def apply(self, publication: Publication) -> set[Triple]:
        """Infer from what the graph holds now; what changed of what SHACL sees."""
        brought, taken = publication.apart()
        added, removed = set(lines.triples(brought)), set(lines.triples(taken))
        if self.maintenance is None:
            return added | removed
        change = self.maintenance.change(self.graph, self.inferred, added=added, removed=removed)
        self.inferred.remove(change.removed)
        self.inferred.add(change.added)
        return added | removed | self.maintenance.hierarchy(added | removed)

    def shows(self, triple: Triple) -> bool:
        """Whether SHACL sees it: asserted, or of the hierarchy."""
        if triple in self.graph:
            return True
        return triple in self.inferred and not is_derived(self.maintenance, self.graph, triple)

    def mentions(self, triple: Triple) -> bool:
        """Whether the graph speaks of what the triple is about."""
        # Of a class every graph speaks, and what is said of its instances does not change it.
        ends = (triple.subject, None if triple.predicate == TYPE else triple.object)
        return any(self._speaks_of(end) for end in ends if isinstance(end, NamedNode | BlankNode))

    def _speaks_of(self, node: NamedNode | BlankNode) -> bool:
        patterns = ((node, None), (None, node))
        return any(next(self.graph.match(s, None, o), None) is not None for s, o in patterns)


def is_derived(rules: Maintenance | None, asserted: Facts, triple: Triple) -> bool:
    """Whether an inferred triple is none of the hierarchy's, which alone SHACL sees."""
    return rules is not None and rules.may_derive(triple) and not rules.is_closure(asserted, triple)
