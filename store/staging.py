"""A generation in the making: an empty store on disk, filled in bulk, then closed for good."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyoxigraph
from pyoxigraph import NamedNode, RdfFormat

from atlas.errors import MalformedSource
from store.engine import LocalEngine

# On two cores two bulk loads at a time take half the time; a third only adds memory.
THREADS = 2


@dataclass(frozen=True)
class LoadJob:
    """A file of N-Triples, the graph it goes to, and whether the default graph gets it too."""

    path: Path
    graph: str
    merged: bool = True


class Staging:
    """The store that nobody reads yet. Made by ``Generations.stage``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        self._writing = folder / "writing"
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
        target: dict[str, Any] = {"to_graph": NamedNode(graph)} if graph else {}
        try:
            # The files are the engine's own output, so its checks of IRIs need not run twice.
            self.store.bulk_load(path=str(path), format=RdfFormat.N_TRIPLES, lenient=True, **target)
        except SyntaxError as error:
            raise MalformedSource(path, str(error.msg), line=error.lineno) from error

    def finish(self) -> Path:
        """Close the store; its files are then complete. Returns their folder."""
        final = self.folder / "store"
        self.store.backup(str(final))
        self._store = None
        # Whoever still holds the store may write to it for a moment: not into the generation. What
        # is then left is swept by the next writer, as its name ends like all that is unfinished.
        doomed = self.folder.with_name(f"{self.folder.stem}.writing.tmp")
        self._writing.rename(doomed)
        shutil.rmtree(doomed, ignore_errors=True)
        return final
