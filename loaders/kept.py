"""The sources of a published generation as they are in it, to publish them again beside another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from loaders.readings import Planned, Reading
from loaders.sources import Source
from store import Generation

FOLDER = "rewritten"


def describe(plan: Planned) -> dict[str, Any]:
    """What a generation's record says of one source's graph."""
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
        "checksum": plan.checksum,
        "reading": vars(reading),
    }


def kept(generation: Generation) -> Iterator[Planned]:
    """The sources of a generation, their triples as it holds them."""
    for graph in generation.record["graphs"]:
        if "reading" not in graph:
            continue  # Inferred: it is inferred again.
        source = Source(
            name=graph["name"],
            kind=graph["kind"],
            title=graph["title"],
            paths={},
            version=graph["version"],
            licence=graph["licence"],
            licence_verified=graph["licence_verified"],
            attribution=graph["attribution"],
            base=generation.record["base"],
            publish=graph["publish"],
        )
        reading = Reading(**graph["reading"])
        yield Planned(
            source,
            graph["checksum"],
            key=reading.key,
            triples=generation.graphs / graph["file"],
            rewritten=generation.folder / FOLDER / graph["file"],
            reading=reading,
            rows=reading.rows,
        )
