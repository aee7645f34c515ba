"""A generation in the making: an empty store on disk, filled in bulk, then closed for good."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyoxigraph
from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, parse

from atlas.errors import MalformedSource
from store.engine import LocalEngine
from store.holding import Hold
from store.labels import files as labels

# On two cores two bulk loads at a time take half the time; a third only adds memory.
THREADS = 2
PIECE = 1024 * 1024
# What the name of a folder ends in that nobody uses any more.
GONE = ".gone.tmp"
BLANK_NODE = re.compile(rb"[\n ]_:")


@dataclass(frozen=True)
class LoadJob:
    """A file of N-Triples, the graph it goes to, and whether the default graph gets it too."""

    path: Path
    graph: str
    merged: bool = True


class Staging:
    """The store that nobody reads yet. Made by ``Generations.stage`` and ``Generations.revise``."""

    def __init__(self, folder: Path, origin: Path | None = None) -> None:
        """An empty store; where there is an origin, the folder of a generation, a clone of its."""
        self.folder, self.origin = folder, origin
        folder.mkdir(parents=True)
        # A name of its own: the engine takes a path that it has open for the store it has there,
        # and one that was killed may have left a folder of the same number.
        self._writing = folder / f"writing-{secrets.token_hex(4)}"
        if origin is not None:
            # Hard links: what the clone does to its files leaves the generation's as they are.
            with Hold(origin):
                pyoxigraph.Store.read_only(str(origin / "store")).backup(str(self._writing))
        self._store: pyoxigraph.Store | None = pyoxigraph.Store(str(self._writing))

    @property
    def store(self) -> pyoxigraph.Store:
        assert self._store is not None, "the staging store is finished"
        return self._store

    @property
    def engine(self) -> LocalEngine:
        """An engine over what is loaded so far."""
        return LocalEngine(store=self.store)

    def load(self, jobs: Sequence[LoadJob]) -> None:
        """Load files in bulk: each into its graph and, where merged, into the default graph.

        A triple that two graphs hold is once in the default graph, which is their RDF merge.
        Raises MalformedSource for a file that is not N-Triples.
        """
        targets: list[tuple[Path, str | None]] = [(job.path, job.graph) for job in jobs]
        targets += [(job.path, None) for job in jobs if job.merged]
        # The largest first: the two threads then end at about the same time.
        targets.sort(key=lambda target: target[0].stat().st_size, reverse=True)
        with ThreadPoolExecutor(THREADS) as threads:
            for done in [threads.submit(self._load, *target) for target in targets]:
                done.result()

    def _load(self, path: Path, graph: str | None) -> None:
        if _has_blank_nodes(path):
            self._load_as_labelled(path, graph)
            return
        target: dict[str, Any] = {"to_graph": NamedNode(graph)} if graph else {}
        try:
            # The files are the engine's own output, so its checks of IRIs need not run twice.
            self.store.bulk_load(path=str(path), format=RdfFormat.N_TRIPLES, lenient=True, **target)
        except SyntaxError as error:
            raise MalformedSource(path, str(error.msg), line=error.lineno) from error

    def _load_as_labelled(self, path: Path, graph: str | None) -> None:
        """Load a file with blank nodes: the engine's own loading would give each new labels.

        A node has one label in its file, its graph and the default graph, or what leaves the graph
        could not leave the default graph.
        """
        name = NamedNode(graph) if graph else DefaultGraph()
        try:
            self.store.bulk_extend(
                Quad(quad.subject, quad.predicate, quad.object, name)
                for quad in parse(path=str(path), format=RdfFormat.N_TRIPLES, lenient=True)
            )
        except SyntaxError as error:
            raise MalformedSource(path, str(error.msg), line=error.lineno) from error

    def index_names(self, properties: Iterable[str] | None = None) -> None:
        """Index the names in the default graph as it is now, unless that was done.

        ``properties``: those that it uses, where they are known. Raises OSError.
        """
        if not (self.folder / labels.FOLDER).exists():
            labels.write(self.store, self.folder, properties)

    def close(self) -> None:
        """Let go of the store. Files that go while it is open keep the engine busy for a second."""
        self._store = None

    def finish(self) -> Path:
        """Close the store; its files are then complete. Returns their folder."""
        final = self.folder / "store"
        self.store.backup(str(final))
        self.close()
        # Whoever still holds the store may write to it for a moment: not into the generation. What
        # is left is cleared later: a write that is done does not wait for many files to go.
        self._writing.rename(self.folder.with_name(f"{self._writing.name}{GONE}"))
        return final


def _has_blank_nodes(path: Path) -> bool:
    """Whether a file of N-Triples may have any: a literal with such words is taken for one."""
    last = b"\n"
    with path.open("rb") as stream:
        while part := stream.read(PIECE):
            if BLANK_NODE.search(last + part):
                return True
            last = part[-2:]
    return False
