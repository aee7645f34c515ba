"""Which graphs a write may touch: the token's scope, then what the atlas fills itself."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from atlas.errors import Forbidden, shown
from store.generation import OWN
from store.statistics import NAME as VOID
from store.writing.writes import Write

WRITTEN = "written"
# Who resolves an IRI takes such a segment out, and so comes to the name of another graph.
DOTS = re.compile(r"/(?:\.|%2e){1,2}(?=[/?#]|$)", re.IGNORECASE)
# Under {base}/graph/: what the build and the rules write; nobody else does.
RESERVED = ("ontology", "alignments", "inferred", VOID)
NAME_A_GRAPH = (
    "The default graph is the merge of the published graphs and is not written to. Name a graph: "
    "GRAPH <…> { … } or WITH <…> in an update, ?graph=… at /data."
)


@dataclass(frozen=True)
class Permission:
    """What one write may touch in one generation, of which this is the record."""

    write: Write
    record: Mapping[str, Any]
    base: str

    @property
    def own_default_graph(self) -> bool:
        """Whether the default graph is a graph like any other; else it is the merge of graphs."""
        return bool(self.record.get("default_graph") == OWN)

    def check(self, graph: str, *, exists: bool) -> None:
        """Raises Forbidden where the graph may not be written.

        ``exists``: the store holds a graph of that name.
        """
        if not graph and not self.own_default_graph:
            raise name_a_graph()
        check_scope(graph, by=self.write.by, graphs=self.write.graphs)
        if not self.own_default_graph:
            self._check_filler(graph, exists=exists)

    def _check_filler(self, graph: str, *, exists: bool) -> None:
        """A graph that a source, the rules or the build fill would be lost at the next build."""
        if DOTS.search(graph):
            raise Forbidden(
                f"{graph} has a segment of dots, and so is the name of another graph too."
            ).worded("refusal.graph_dots", graph=graph)
        entry = next((e for e in self.record.get("graphs", ()) if e["graph"] == graph), None)
        if entry is not None and entry.get("kind") == WRITTEN:
            return
        first = graph.removeprefix(f"{self.base}/graph/").split("/")[0]
        reserved = graph.startswith(f"{self.base}/graph/") and first in RESERVED
        if reserved or exists or entry is not None:
            raise Forbidden(
                f"{graph} is filled by the build or the rules and not by writes; write to "
                f"a graph of your own, such as {self.base}/graph/…"
            ).worded("refusal.graph_filled", graph=graph, base=self.base)


def name_a_graph() -> Forbidden:
    return Forbidden(NAME_A_GRAPH).worded("refusal.name_a_graph")


def check_scope(graph: str, *, by: str, graphs: Sequence[str] | None) -> None:
    """Raises Forbidden where the token ``by`` may not write the graph.

    ``graphs``: what it may write, as in ``Write``.
    """
    if graphs is not None and not any(_covers(entry, graph) for entry in graphs):
        may, known = f"The token {by} may not write", ", ".join(graphs)
        if not graph:
            raise Forbidden(f"{may} the default graph; it may write {known}.").worded(
                "refusal.scope_default", token=by, known=known
            )
        raise Forbidden(f"{may} {shown(graph)}; it may write {known}.").worded(
            "refusal.scope", token=by, graph=graph, known=known
        )


def _covers(entry: str, graph: str) -> bool:
    return graph.startswith(entry[:-1]) if entry.endswith("*") else graph == entry
