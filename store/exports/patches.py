"""What changed from one generation to another, as RDF Patch, made when it is first asked for.

    {home}/feed/000007-000009.patch.gz     the triples that went and came, with their graphs
    {home}/feed/000007-000009.json         how many of each graph

Generation 0 is the empty dataset. A patch goes when one of its generations goes, and the oldest of
more than some for each generation go too. https://jena.apache.org/documentation/rdf-patch/

A blank node has the label that it has in the files of its graph, and so in the dumps. It means that
node for as long as the label stands there; a source that is read anew may name its blank nodes
anew, and then every triple about them goes and comes again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

from store import disk, graph_files
from store.exports.differences import Difference, difference
from store.exports.dump import header, target
from store.exports.history import Entry, given, state
from store.generation import Generation
from store.generations import Generations
from store.holding import Hold

FOLDER = "feed"
NAME = re.compile(r"([0-9]{6,})-([0-9]{6,})\.(?:patch\.gz|json)")
# So many files for each generation that is kept: the patches between any two of ten.
FOR_EACH = 22


@dataclass(frozen=True)
class GraphChange:
    """How many triples of one graph went and came. ``kind``: "created", "changed" or "removed"."""

    graph: str
    name: str
    kind: str
    removed: int
    added: int


@dataclass(frozen=True)
class Patch:
    """A patch on disk. ``size``: of its text, in bytes."""

    file: Path
    size: int
    graphs: Sequence[GraphChange]


class Patches:
    """The patches between the generations of one instance folder."""

    def __init__(self, generations: Generations, base: str) -> None:
        self.generations, self.base = generations, base
        self.folder = generations.home / FOLDER

    def kept(self, old: Generation | None, new: Generation) -> Patch | None:
        """The patch from one generation to another, None where it is not made yet."""
        file = self._file(old, new)
        try:
            said = json.loads(file.with_name(f"{_stem(old, new)}.json").read_text("utf-8"))
        except (OSError, ValueError):
            return None
        if said["states"] != self._states(old, new) or not file.exists():
            return None  # Of another history, in which the numbers meant other states.
        return Patch(file, said["size"], [GraphChange(**graph) for graph in said["graphs"]])

    def made(self, old: Generation | None, new: Generation) -> Patch:
        """The same, made where it is not there.

        It waits until whoever makes one is done: call it where waiting holds up nobody else. Raises
        InstanceError where a generation is gone or the folder cannot be used, StorageFull.
        """
        with disk.sentences(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            with disk.queued(self.folder / "lock"):
                patch = self.kept(old, new)
                if patch is None:
                    self._sweep()
                    patch = self._make(old, new)
                return patch

    def _make(self, old: Generation | None, new: Generation) -> Patch:
        file, states = self._file(old, new), self._states(old, new)
        with ExitStack() as held:
            for generation in filter(None, (old, new)):
                held.enter_context(Hold(generation.folder))
            with target(file, packed=True) as stream:
                text = _Text(stream)
                text.header(*states)
                graphs = [*text.graphs(old, new, self.folder)]
                text.write(b"TC .\n")
        said = {"states": states, "size": text.size, "graphs": [asdict(graph) for graph in graphs]}
        with target(file.with_name(f"{_stem(old, new)}.json"), packed=False) as stream:
            stream.write(json.dumps(said).encode())
        return Patch(file, text.size, graphs)

    def _states(self, old: Generation | None, new: Generation) -> list[str]:
        return [state(old, self.base) if old else "", state(new, self.base)]

    def _file(self, old: Generation | None, new: Generation) -> Path:
        return self.folder / f"{_stem(old, new)}.patch.gz"

    def _sweep(self) -> None:
        """Remove what nobody may ask for any more, and the oldest of too much."""
        numbers = {0, *(generation.number for generation in self.generations.all())}
        files = sorted(
            (file for file in self.folder.iterdir() if NAME.fullmatch(file.name)),
            key=lambda file: file.stat().st_mtime,
            reverse=True,
        )
        for place, file in enumerate(files):
            match = NAME.fullmatch(file.name)
            old = match is None or not {int(match[1]), int(match[2])} <= numbers
            if old or place >= FOR_EACH * len(numbers):
                file.unlink(missing_ok=True)


class _Text:
    """The text of a patch as it is written, and its length."""

    def __init__(self, stream: BinaryIO) -> None:
        self.stream, self.size = stream, 0

    def write(self, part: bytes) -> None:
        self.stream.write(part)
        self.size += len(part)

    def header(self, before: str, after: str) -> None:
        """What it leads to, and what it must be applied to; nothing where that is nothing."""
        self.write(f"H id <{after}> .\n".encode())
        if before:
            self.write(f"H prev <{before}> .\n".encode())
        self.write(b"TX .\n")

    def graphs(
        self, old: Generation | None, new: Generation, folder: Path
    ) -> Iterator[GraphChange]:
        """Write each graph that differs; tell how much."""
        before, after = given(old) if old else {}, given(new)
        for graph in dict.fromkeys((*after, *before)):
            removed = added = 0
            entry = after.get(graph) or before[graph]
            for part in _differences(old, before.get(graph), new, after.get(graph), folder):
                if not removed and not added:
                    self._terms(new, entry)
                self._rows(b"D", part.removed, graph)
                self._rows(b"A", part.added, graph)
                removed += len(part.removed)
                added += len(part.added)
            kind = _kind(graph in before, graph in after)
            if removed or added or kind != "changed":
                yield GraphChange(graph, entry["name"], kind, removed, added)

    def _terms(self, generation: Generation, graph: Entry) -> None:
        """The graph's licence and attribution, in comments, as in its dump."""
        _, *lines = header(generation, [graph])
        for line in lines:
            self.write(f"# {line}\n".encode())

    def _rows(self, code: bytes, lines: Sequence[bytes], graph: str) -> None:
        end = b" <" + graph.encode() + b"> .\n"
        for line in lines:
            self.write(code + b" " + line.rstrip().removesuffix(b".").rstrip() + end)


def _differences(
    old: Generation | None,
    before: Entry | None,
    new: Generation,
    after: Entry | None,
    folder: Path,
) -> Iterator[Difference]:
    """Of one graph, which one of the two may not have."""
    if old and before and after:
        left, right = old.graphs / before["file"], new.graphs / after["file"]
        if left.samefile(right):
            yield from _of_patches(left, right)
            return
    yield from difference(
        graph_files.read(old.graphs, before) if old and before else (),
        graph_files.read(new.graphs, after) if after else (),
        folder,
    )


def _of_patches(left: Path, right: Path) -> Iterator[Difference]:
    """Of one file under two names, from the lines that were changed since in each."""
    (gone, came), (goes, comes) = graph_files.patches(left), graph_files.patches(right)
    in_file = gone | goes
    before = (in_file - gone) | came
    after = (in_file - goes) | comes
    if before != after:
        yield Difference(sorted(before - after), sorted(after - before))


def _kind(was: bool, is_now: bool) -> str:
    if was and is_now:
        return "changed"
    return "created" if is_now else "removed"


def _stem(old: Generation | None, new: Generation) -> str:
    return f"{old.number if old else 0:06d}-{new.number:06d}"
