"""Which graphs a write may touch: the token's scope, then what the atlas fills itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from atlas.errors import Forbidden
from store.statistics import NAME as VOID
from store.writes import Write

WRITTEN = "written"
OWN = "own"
# Under {base}/graph/: what the build and the rules write; nobody else does.
RESERVED = ("ontology", "alignments", "inferred", VOID)


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
            raise Forbidden(
                "The default graph is the merge of the published graphs and cannot be written to; "
                f"name a graph, such as {self.base}/graph/…"
            )
        if not self._in_scope(graph):
            raise Forbidden(
                f"The token {self.write.by!r} may not write to {_named(graph)}; it may write to: "
                f"{', '.join(self.write.graphs or ())}."
            )
        if not self.own_default_graph:
            self._check_filler(graph, exists=exists)

    def _in_scope(self, graph: str) -> bool:
        if self.write.graphs is None:
            return True
        return any(
            graph.startswith(scope[:-1]) if scope.endswith("*") else graph == scope
            for scope in self.write.graphs
        )

    def _check_filler(self, graph: str, *, exists: bool) -> None:
        """A graph that a source, the rules or the build fill would be lost at the next build."""
        entry = next((e for e in self.record.get("graphs", ()) if e["graph"] == graph), None)
        if entry is not None and entry.get("kind") == WRITTEN:
            return
        first = graph.removeprefix(f"{self.base}/graph/").split("/")[0]
        reserved = graph.startswith(f"{self.base}/graph/") and first in RESERVED
        if reserved or exists or entry is not None:
            raise Forbidden(
                f"{_named(graph)} is filled by the build or the rules and not by writes; write to "
                f"a graph of your own, such as {self.base}/graph/…"
            )


def _named(graph: str) -> str:
    return graph or "the default graph"
