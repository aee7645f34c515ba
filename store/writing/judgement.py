"""What SHACL is asked of a write: of the default graph, and of each graph that is published apart.

A graph published apart is seen together with the default graph, whose things it speaks of.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from pyoxigraph import Triple

from store.engine import LocalEngine
from store.writing import entries
from store.writing.consequences import Layer, Merge
from store.writing.entries import Entry
from store.writing.knowledge import Knowledge


class Judgement:
    """Judges a clone on which all consequences of a write are drawn."""

    def __init__(
        self, knowledge: Knowledge, engine: LocalEngine, folder: Path, graphs: Sequence[Entry]
    ) -> None:
        """``folder``: the generation's in the making; ``graphs``: the entries of its record."""
        self.knowledge, self.engine, self.folder, self.graphs = knowledge, engine, folder, graphs
        self.rewritten = knowledge.rewritten(folder, entries.merged(graphs))

    def pronounce(
        self, merge: Merge, changed: set[Triple], apart: Mapping[Layer, set[Triple]]
    ) -> None:
        """Raises InvalidWrite where the shapes refuse what ``changed`` made of one of the graphs.

        ``changed``: in the default graph. ``apart``: what changed in graphs published apart. Those
        of the build that are as they were are asked as well where they speak of what changed: else
        the next build would find them invalid. Those that were written to are not: whoever may
        write one could else keep everybody from saying what does not agree with it.
        """
        self.knowledge.validator.check(
            self.engine, changed=changed, hidden=merge.hides, rewritten=self.rewritten
        )
        for layer, own in apart.items():
            self._check(merge, layer, own)
        for layer in self._others(merge, apart):
            if any(layer.mentions(triple) for triple in changed):
                self._check(merge, layer, changed)

    def _others(self, merge: Merge, apart: Collection[Layer]) -> list[Layer]:
        known = {layer.graph.graph for layer in apart}
        return [
            merge.layer(entry["graph"], entry["name"])
            for entry in entries.asserted(self.graphs)
            if entry["publish"] != entries.DEFAULT
            and entry["kind"] != entries.WRITTEN
            and entry["graph"] not in known
        ]

    def _check(self, merge: Merge, layer: Layer, changed: set[Triple]) -> None:
        def hidden(triple: Triple) -> bool:
            shown = triple in merge.default and not merge.hides(triple)
            return not shown and not layer.shows(triple)

        own = [entry for entry in self.graphs if entry["graph"] == layer.graph.graph]
        self.knowledge.validator.check(
            self.engine.view(("", layer.graph.graph, layer.inferred.graph)),
            changed=changed,
            hidden=hidden,
            rewritten=[*self.rewritten, *self.knowledge.rewritten(self.folder, own)],
        )
