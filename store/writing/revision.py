"""From what a write changed on a clone to the next generation: merged, inferred, judged, recorded.

A generation whose record says ``"default_graph": "own"`` is a scratch one: its default graph is a
graph like any other, and nothing is inferred, judged or kept beside its store.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pyoxigraph import NamedNode

from store import graph_files, lines
from store.generation import Generation
from store.labels import files as labels
from store.lines import Lines
from store.staging import Staging
from store.statistics import FILE as VOID_FILE
from store.statistics import Statistics, keep_void, void_graph
from store.writing import entries, inferred
from store.writing.consequences import Layer, Merge, Publication
from store.writing.entries import Entry
from store.writing.judgement import Judgement
from store.writing.knowledge import REWRITTEN, SCHEMA, Knowledge
from store.writing.meanings import refuse_foreign
from store.writing.rehearsal import Change
from store.writing.tracked import Tracked
from store.writing.writes import Write

# What a record says of the run that made it, and not of what it holds.
OF_ITS_RUN = ("number", "published", "seconds", "peak_memory")
MERGED_FILE = inferred.file_of("")


def scratch_record(record: Mapping[str, Any], changes: Sequence[Change]) -> dict[str, Any]:
    """The record of a scratch generation after these changes."""
    gained = sum(len(change.added) - len(change.removed) for change in changes)
    return carried(record) | {"triples": record.get("triples", 0) + gained}


def carried(record: Mapping[str, Any]) -> dict[str, Any]:
    """What holds of the next generation as well."""
    return {key: value for key, value in record.items() if key not in OF_ITS_RUN}


class Revision:
    """The next generation of an atlas in the making."""

    def __init__(
        self, served: Generation, staging: Staging, knowledge: Knowledge, base: str
    ) -> None:
        self.served, self.staging, self.knowledge = served, staging, knowledge
        self.base: str = served.record.get("base", base)
        self.maintenance = knowledge.maintenance(served)
        self.graphs = staging.folder / "graphs"
        self.rewritten = staging.folder / REWRITTEN

    def make(self, write: Write, changes: Sequence[Change], *, at: str) -> dict[str, Any]:
        """Everything that follows from the changes; the record of the generation.

        Raises InvalidWrite where the shapes refuse what is then published, Forbidden where a graph
        says what our classes mean.
        """
        before: list[Entry] = list(self.served.record.get("graphs", ()))
        schema = [entry["graph"] for entry in before if entry["name"] in SCHEMA]
        refuse_foreign(changes, self.staging.store, schema)
        after, publications = entries.published(before, changes, write, base=self.base, at=at)
        merge = Merge(self.staging.store, self.base, self._merged(after), self.maintenance)
        changed = merge.apply(publications)
        apart = {
            merge.layer(publication.change.graph, publication.name): publication
            for publication in publications
            if publication.was_apart or publication.is_apart
        }
        changed_apart = {layer: layer.apply(p) for layer, p in apart.items() if p.is_apart}
        self._keep(publications)
        if self.served.record.get("shapes", True):
            judgement = Judgement(self.knowledge, self.staging.engine, self.staging.folder, after)
            judgement.pronounce(merge, changed, changed_apart)
        if self.maintenance:
            after = self._describe(merge, before, after)
            for layer, publication in apart.items():
                after = self._keep_apart(layer, publication, after)
        moved = (*merge.default.gained, *merge.default.lost)
        labels.revise(self.staging.store, self.served.folder, self.staging.folder, moved)
        return self._record(write, merge, after)

    def _merged(self, after: Sequence[Entry]) -> list[str]:
        """The graphs of the default graph; one of which the record says nothing is taken for one.

        What is taken out of one graph must not leave the default graph while another holds it.
        """
        apart = {entry["graph"] for entry in after} - {e["graph"] for e in entries.merged(after)}
        held = (name.value for name in self.staging.store.named_graphs())
        return [graph for graph in held if graph not in apart]

    def _keep(self, publications: Sequence[Publication]) -> None:
        """The files of all graphs: those that changed as they are now, the others as they were."""
        changed = [f"{publication.name}.nt" for publication in publications]
        stale = [inferred.file_of(publication.name) for publication in publications]
        # These are made again from what follows.
        again = [MERGED_FILE] if self.maintenance else []
        again += [VOID_FILE] if "statistics" in self.served.record else []
        graph_files.link_all(self.served.graphs, self.graphs, but=[*changed, *stale, *again])
        graph_files.link_all(self.served.folder / REWRITTEN, self.rewritten, but=changed)
        for publication in publications:
            if publication.after is not None:
                written = publication.change.after.written
                graph_files.write(self.graphs / f"{publication.name}.nt", written)
                graph_files.write(
                    self.rewritten / f"{publication.name}.nt", lines.may_be_rewritten(written)
                )

    def _describe(
        self, merge: Merge, before: Sequence[Entry], after: Sequence[Entry]
    ) -> list[Entry]:
        """What is inferred from the default graph: its description, its file, its entry."""
        entry = entries.named(before, merge.inferred.graph)
        sources = entries.merged(after)
        graph = merge.inferred.graph
        old = set(inferred.description(graph, entries.merged(before))) if entry else set()
        merge.describe(old, set(inferred.description(graph, sources)))
        gained, lost = lines.of(merge.inferred.gained), lines.of(merge.inferred.lost)
        source, target = self.served.graphs / MERGED_FILE, self.graphs / MERGED_FILE
        if entry:
            triples = entry["triples"]
            triples += graph_files.patch(source, target, added=gained, removed=lost)
        else:
            triples = len(gained)
            graph_files.write(target, gained)
        new = inferred.entry(self.base, "", sources, triples)
        return entries.replaced(after, graph, new)

    def _keep_apart(
        self, layer: Layer, publication: Publication, after: Sequence[Entry]
    ) -> list[Entry]:
        """What is inferred from a graph published apart; nothing where it no longer is."""
        name, tracked = layer.name, layer.inferred
        if not publication.is_apart:
            self.staging.store.remove_graph(NamedNode(tracked.graph))
            return entries.replaced(after, tracked.graph, None)
        source = entries.named(after, layer.graph.graph)
        assert source is not None, "a graph that is published has an entry"
        tracked.add(inferred.description(tracked.graph, [source]))
        held = lines.held(self.staging.store, tracked.graph)
        graph_files.write(self.graphs / inferred.file_of(name), held)
        new = inferred.entry(self.base, name, [source], len(held))
        return entries.replaced(after, tracked.graph, new)

    def _record(self, write: Write, merge: Merge, after: Sequence[Entry]) -> dict[str, Any]:
        record = carried(self.served.record) | {"base": self.base}
        gained, lost = merge.default.gained, merge.default.lost
        record["triples"] = record.get("triples", 0) + len(gained) - len(lost)
        if "statistics" in record:
            statistics = Statistics.from_json(record["statistics"]).after(gained, lost)
            record["statistics"] = statistics.to_json()
            after = self._count(statistics, after)
        return record | {"graphs": list(after), "written_by": write.by}

    def _count(self, statistics: Statistics, after: Sequence[Entry]) -> list[Entry]:
        """The description of what the atlas holds, counted anew, in place of the one before."""
        graph = void_graph(self.base)
        others = entries.replaced(after, graph, None)
        entry = keep_void(statistics, base=self.base, graphs=others, folder=self.graphs)
        said: Lines = lines.of_text((self.graphs / VOID_FILE).read_bytes())
        void, held = Tracked(self.staging.store, graph), lines.held(self.staging.store, graph)
        void.remove(lines.triples(held - said))
        void.add(lines.triples(said - held))
        return [*others, entry]
