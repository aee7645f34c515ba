"""One graph of a generation as a packed file, made when it is first asked for and kept beside it.

    {home}/dumps/000007/NAME.nt.gz       its lines, as they were written
    {home}/dumps/000007/NAME.ttl.gz      the same triples as Turtle

Files of other generations are removed as new ones are made: whoever is reading one has it open.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from io import RawIOBase
from pathlib import Path
from typing import Any, BinaryIO, cast

from pyoxigraph import RdfFormat, parse, serialize

from store import disk, graph_files
from store.exports.dump import header, target
from store.generation import Generation
from store.holding import Hold

FOLDER = "dumps"
PACKED = ".gz"
Graph = Mapping[str, Any]
Prefixes = Mapping[str, str]


def name_of(graph: Graph) -> str:
    """What the files of a graph are called."""
    return Path(graph["file"]).stem


def kept(home: Path, generation: Generation, graph: Graph, extension: str) -> BinaryIO | None:
    """The file of a graph in one of FORMS, None where it is not made yet."""
    try:
        return _path(home, generation, graph, extension).open("rb")
    except (FileNotFoundError, NotADirectoryError):
        return None


def made(
    home: Path, generation: Generation, graph: Graph, extension: str, prefixes: Prefixes
) -> BinaryIO:
    """The same, made where it is not there.

    It waits until whoever makes one is done: call it where waiting holds up nobody else. Raises
    InstanceError where the generation is gone or the folder cannot be used, StorageFull.
    """
    folder, path = home / FOLDER, _path(home, generation, graph, extension)
    with disk.sentences(folder):
        path.parent.mkdir(parents=True, exist_ok=True)
        with disk.queued(folder / "lock"):
            if not path.exists():
                _sweep(folder, path.parent)
                with Hold(generation.folder), target(path, packed=True) as stream:
                    for line in header(generation, [graph]):
                        stream.write(f"# {line}\n".encode())
                    FORMS[extension](graph_files.read(generation.graphs, graph), stream, prefixes)
            return path.open("rb")


def _path(home: Path, generation: Generation, graph: Graph, extension: str) -> Path:
    return home / FOLDER / generation.folder.name / f"{name_of(graph)}.{extension}{PACKED}"


def _sweep(folder: Path, but: Path) -> None:
    for other in folder.iterdir():
        if other.is_dir() and other != but:
            shutil.rmtree(other, ignore_errors=True)


def _n_triples(lines: Iterable[bytes], stream: BinaryIO, prefixes: Prefixes) -> None:
    stream.writelines(lines)


def _turtle(lines: Iterable[bytes], stream: BinaryIO, prefixes: Prefixes) -> None:
    quads = parse(cast(BinaryIO, _Read(iter(lines))), format=RdfFormat.N_TRIPLES)
    triples = (quad.triple for quad in quads)
    serialize(triples, stream, format=RdfFormat.TURTLE, prefixes=dict(prefixes))


class _Read(RawIOBase):
    """Lines as a stream to read from."""

    def __init__(self, lines: Iterator[bytes]) -> None:
        self._lines, self._held = lines, b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        pieces, length = [self._held], len(self._held)
        while length < size and (line := next(self._lines, b"")):
            pieces.append(line)
            length += len(line)
        held = b"".join(pieces)
        self._held = held[size:]
        return held[:size]


FORMS: Mapping[str, Callable[[Iterable[bytes], BinaryIO, Prefixes], None]] = {
    "nt": _n_triples,
    "ttl": _turtle,
}
