"""The graphs of a published generation as they are in it, to publish them again beside others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from atlas.errors import UsageError
from loaders.readings import Planned, Reading
from loaders.sources import Source
from store import Generation
from store.writing.permission import WRITTEN

FOLDER = "rewritten"


def describe(plan: Planned) -> dict[str, Any]:
    """What a generation's record says of one source's graph."""
    if plan.entry is not None:
        return dict(plan.entry)
    source, reading = plan.source, plan.reading
    assert reading is not None, "a source is read before it is published"
    return {
        "graph": source.graph,
        "name": source.name,
        "kind": source.kind,
        "file": f"{source.name}.nt",
        "triples": reading.triples,
        "publish": source.publish,
        "title": dict(source.title),
        "version": source.version,
        "licence": source.licence,
        "licence_verified": source.licence_verified,
        "attribution": source.attribution,
        "source": source.address,
        "themes": list(source.themes),
        "checksum": plan.checksum,
        "reading": vars(reading),
    }


def kept(generation: Generation) -> Iterator[Planned]:
    """The sources of a generation, their triples as it holds them."""
    for graph in generation.record["graphs"]:
        if "reading" not in graph:
            continue  # Inferred or counted: it is made again. Written: see below.
        reading = Reading(**graph["reading"])
        yield Planned(
            _source(graph, generation),
            graph["checksum"],
            key=reading.key,
            triples=generation.graphs / graph["file"],
            rewritten=generation.folder / FOLDER / graph["file"],
            reading=reading,
            rows=reading.rows,
            entry=graph,
        )


def written(generation: Generation | None, sources: Sequence[Source]) -> list[Planned]:
    """The graphs of a generation that were written to: no source gives them again.

    Raises UsageError where one of the sources is to fill such a graph.
    """
    if generation is None:
        return []
    plans = [
        _written(generation, entry)
        for entry in generation.record.get("graphs", ())
        if entry.get("kind") == WRITTEN
    ]
    graphs = {source.graph: source.name for source in sources}
    for plan in plans:
        if plan.source.graph in graphs:
            raise UsageError(
                f"The source {graphs[plan.source.graph]!r} would fill {plan.source.graph}, which "
                "was written to and would be lost; drop that graph or give the source another name."
            )
    return plans


def _written(generation: Generation, entry: Mapping[str, Any]) -> Planned:
    triples = entry["triples"]
    reading = Reading(
        key="",
        checksum="",
        read_at=entry["written"],
        rows=triples,
        bad=0,
        quads=triples,
        triples=triples,
        rewritten=entry["rewritten"],
        seconds=0,
    )
    return Planned(
        _source(entry, generation),
        checksum="",
        key="",
        triples=generation.graphs / entry["file"],
        rewritten=generation.folder / FOLDER / entry["file"],
        reading=reading,
        entry=entry,
    )


def _source(entry: Mapping[str, Any], generation: Generation) -> Source:
    """What the record says of a graph, as a source that has nothing left to read."""
    return Source(
        name=entry["name"],
        kind=entry["kind"],
        title=entry["title"],
        paths={},
        version=entry["version"],
        licence=entry["licence"],
        licence_verified=entry["licence_verified"],
        attribution=entry["attribution"],
        base=generation.record["base"],
        publish=entry["publish"],
        address=entry.get("source", ""),
        themes=entry.get("themes", ()),
        iri=entry["graph"],
    )
