"""A generation as one file, from the triples as they were written, licence and attribution in it.

Never from the engine: it rewrites literals (``"01"`` becomes ``"1"``).
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

from atlas.errors import UnknownName
from store import disk, graph_files
from store.generation import Generation

Graph = Mapping[str, Any]
# How the reasons begin for which a graph is not given away.
ILLUSTRATIVE = "it is illustrative"
UNVERIFIED = "its licence is not verified"
INFERRED = "it is inferred in part from "


@dataclass(frozen=True)
class Chosen:
    """The graphs of a dump, and a sentence for each that stays out."""

    graphs: Sequence[Graph]
    left_out: Sequence[str]


def choose(generation: Generation, named: Sequence[str] = ()) -> Chosen:
    """The graphs named, by IRI or name; without names, all that may be given away.

    Those are neither illustrative nor of a licence that nobody verified, nor inferred from such.
    Raises UnknownName for a graph that the generation does not hold.
    """
    graphs: list[Graph] = generation.record["graphs"]
    if named:
        by_name = {key: graph for graph in graphs for key in (graph["graph"], graph["name"])}
        unknown = next((name for name in named if name not in by_name), None)
        if unknown:
            known = ", ".join(graph["name"] for graph in graphs)
            raise UnknownName(
                f"Generation {generation.number} has no graph {unknown!r}; it has: {known}."
            )
        return Chosen([by_name[name] for name in named], [])
    refused = refusals(graphs)
    return Chosen(
        [graph for graph in graphs if graph["name"] not in refused],
        [f"{name} is left out: {reason}." for name, reason in refused.items()],
    )


def refusals(graphs: Iterable[Graph]) -> dict[str, str]:
    """Why a graph is not given away unless it is named, by its name."""
    graphs = list(graphs)
    refused = {graph["name"]: reason for graph in graphs if (reason := _reason(graph))}
    for graph in graphs:
        tainted = sorted(refused.keys() & set(graph.get("inferred_from", ())))
        if tainted:
            refused[graph["name"]] = f"{INFERRED}{', '.join(tainted)}"
    return refused


def _reason(graph: Graph) -> str | None:
    if graph["publish"] == "illustrative":
        return f"{ILLUSTRATIVE}; name it with --graph to have it"
    if graph.get("licence_verified") is False:
        return f"{UNVERIFIED}; state it in sources.toml, or name it with --graph"
    return None


def write(
    generation: Generation,
    graphs: Sequence[Graph],
    stream: BinaryIO,
    form: str,
    progress: Callable[[str], None] = lambda name: None,
) -> None:
    """The graphs into a stream, as N-Quads ("nq") or TriG ("trig")."""
    for line in header(generation, graphs):
        stream.write(f"# {line}\n".encode())
    for graph in graphs:
        progress(graph["name"])
        FORMS[form](graph["graph"].encode(), graph_files.read(generation.graphs, graph), stream)


def header(generation: Generation, graphs: Sequence[Graph]) -> Iterator[str]:
    """What a dump says first, in comments: the licence and the attribution of each graph."""
    yield f"Atlas relationnel, generation {generation.number} of {generation.record['published']}"
    for graph in graphs:
        yield f"<{graph['graph']}>"
        for key, said in (
            ("licence", graph.get("licence")),
            ("attribution", graph.get("attribution")),
            ("version", graph.get("version")),
            ("illustrative", graph["publish"] == "illustrative" and "invented, of no real body"),
            ("inferred from", ", ".join(graph.get("inferred_from", ()))),
        ):
            if said:
                yield f"    {key}: {' '.join(str(said).split())}"


def _n_quads(graph: bytes, triples: Iterable[bytes], stream: BinaryIO) -> None:
    end = b" <" + graph + b"> .\n"
    for line in triples:
        stream.write(line.rstrip().removesuffix(b".").rstrip() + end)


def _trig(graph: bytes, triples: Iterable[bytes], stream: BinaryIO) -> None:
    # A line of N-Triples is also a statement of TriG.
    stream.write(b"<" + graph + b"> {\n")
    for line in triples:
        stream.write(line)
    stream.write(b"}\n")


FORMS: Mapping[str, Callable[[bytes, Iterable[bytes], BinaryIO], None]] = {
    "nq": _n_quads,
    "trig": _trig,
}


@contextmanager
def target(path: Path, *, packed: bool) -> Iterator[BinaryIO]:
    """A file that is there whole or not at all. Raises InstanceError where it cannot be written."""
    temporary = path.with_name(f".{path.name}.tmp")
    with disk.sentences(path):
        try:
            with temporary.open("wb") as plain:
                if packed:
                    # No name and no time in the header: the same generation gives the same bytes.
                    with gzip.GzipFile("", "wb", fileobj=plain, mtime=0, compresslevel=6) as stream:
                        yield cast(BinaryIO, stream)
                else:
                    yield cast(BinaryIO, cast(IO[bytes], plain))
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
