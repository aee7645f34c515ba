"""What is known of a source, written into its own graph, and the checksums that tell it changed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from pyoxigraph import Literal, NamedNode, Quad

from atlas.errors import ChangedSource, MalformedSource
from loaders.sources import Source
from loaders.terms import ATLAS, DATE_TIME, DCTERMS, FALSE, PROV, TRUE, TYPE, VOID, text
from store.writing import inferred

ALGORITHM = "sha256"


def to_quads(source: Source, checksum: str, read_at: datetime) -> Iterator[Quad]:
    """The description of the source's graph, as a prov:Entity and void:Dataset of its own."""
    graph = NamedNode(source.graph)
    yield Quad(graph, TYPE, PROV["Entity"], graph)
    yield Quad(graph, TYPE, VOID["Dataset"], graph)
    for language, title in source.title.items():
        yield Quad(graph, DCTERMS["title"], text(title, language), graph)
    if source.address:
        yield Quad(graph, DCTERMS["source"], NamedNode(source.address), graph)
    if source.version:
        yield Quad(graph, ATLAS["sourceVersion"], text(source.version), graph)
    yield Quad(graph, ATLAS["checksum"], text(checksum), graph)
    if source.licence:
        yield Quad(graph, DCTERMS["license"], NamedNode(source.licence), graph)
    verified = TRUE if source.licence_verified else FALSE
    yield Quad(graph, ATLAS["licenceVerified"], verified, graph)
    if source.attribution:
        yield Quad(graph, DCTERMS["rights"], text(source.attribution), graph)
    time = Literal(read_at.strftime("%Y-%m-%dT%H:%M:%SZ"), datatype=DATE_TIME)
    yield Quad(graph, PROV["generatedAtTime"], time, graph)
    if source.publish == "illustrative":
        yield Quad(graph, ATLAS["illustrative"], TRUE, graph)


def inferred_to_quads(graph: NamedNode, sources: Sequence[Source]) -> Iterator[Quad]:
    """The description of a graph of what the rules infer from these sources."""
    for triple in inferred.description(graph.value, [summary(source) for source in sources]):
        yield Quad(triple.subject, triple.predicate, triple.object, graph)


def summary(source: Source) -> dict[str, Any]:
    """What a generation's record says of the source's graph, as far as what is inferred needs."""
    return {
        "graph": source.graph,
        "name": source.name,
        "title": source.title,
        "publish": source.publish,
        "licence_verified": source.licence_verified,
    }


def checksum(paths: Sequence[Path]) -> str:
    """ "sha256:" and the digest of the one file, or of the list of all files with their digests.

    Raises MalformedSource for a file that cannot be read.
    """
    files = [file for path in paths for file in _files(path)]
    digests = [(file, _digest(file)) for file in files]
    if len(digests) == 1:
        return f"{ALGORITHM}:{digests[0][1]}"
    listing = "".join(f"{digest}  {file.name}\n" for file, digest in digests)
    return f"{ALGORITHM}:{hashlib.new(ALGORITHM, listing.encode()).hexdigest()}"


def check(source: Source, found: str) -> None:
    """Raises ChangedSource where the source declares another checksum than the one found."""
    if source.checksum and source.checksum != found:
        raise ChangedSource(
            f"The source {source.name!r} has changed: its files have the checksum {found}, and "
            f"{source.checksum} is declared. Fetch the declared version again, or, if the change "
            f"is wanted, declare the new checksum and version."
        )


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    return sorted(file for file in path.rglob("*") if file.is_file())


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, ALGORITHM).hexdigest()
    except OSError as error:
        raise MalformedSource(path, f"cannot be read: {error.strerror}.") from error
