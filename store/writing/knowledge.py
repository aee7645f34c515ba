"""What a write is reasoned with and judged by, read once and kept while it stays the same."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path

from pyoxigraph import RdfFormat, Triple, parse

import shapes
from store import graph_files
from store.engine import LocalEngine
from store.generation import Generation
from store.holding import Hold
from store.rules.incremental import Maintenance
from store.writing.entries import Entry
from store.writing.validation import Validator

# The graphs whose axioms the rules follow: those of the atlas and nobody else's.
SCHEMA = ("ontology", "alignments")
REWRITTEN = "rewritten"
# Files whose rewritten triples are remembered: more than one generation has of them.
REMEMBERED = 256


class Knowledge:
    """The rules and the shapes, warm."""

    def __init__(self) -> None:
        self._schema: tuple[tuple[int, int], ...] | None = None
        self._maintenance: Maintenance | None = None
        self._rewritten: dict[tuple[int, int], list[Triple]] = {}

    def warm(self, generation: Generation) -> None:
        """Read, and compile, what the next write over this generation will need."""
        with Hold(generation.folder):
            self.maintenance(generation)
            engine = LocalEngine(generation.store)
            self.validator.check(engine, changed=set(), hidden=lambda triple: False)

    @cached_property
    def validator(self) -> Validator:
        return Validator()

    def maintenance(self, generation: Generation) -> Maintenance | None:
        """The rules over a generation's ontology; None where it holds none."""
        entries = [e for e in generation.record.get("graphs", ()) if e["name"] in SCHEMA]
        files = [generation.graphs / entry["file"] for entry in entries]
        schema = tuple(_identity(file) for file in files)
        if not files:
            return None
        if schema != self._schema:
            self._maintenance = Maintenance(_triples(files))
            self._schema = schema
        return self._maintenance

    def rewritten(self, folder: Path, entries: Sequence[Entry]) -> list[Triple]:
        """The triples of these graphs whose literal the engine changed, as they were written.

        With them come those of the same graph that they fall together with there. ``folder``: the
        generation's.
        """
        return [
            triple
            for entry in entries
            for triple in self._of_file(folder / REWRITTEN / entry["file"], folder, entry)
        ]

    def _of_file(self, changed: Path, folder: Path, entry: Entry) -> list[Triple]:
        """Read once for each state of the file."""
        if not changed.exists() or not changed.stat().st_size:
            return []
        key = _identity(changed)
        if key not in self._rewritten:
            lines = changed.read_bytes().splitlines(keepends=True)
            starts = tuple({line[: line.index(b" ", line.index(b" ") + 1) + 1] for line in lines})
            content = graph_files.read(folder / "graphs", entry)
            triples = _parsed(b"".join(line for line in content if line.startswith(starts)))
            if len(self._rewritten) >= REMEMBERED:
                del self._rewritten[next(iter(self._rewritten))]
            self._rewritten[key] = shapes.rewritten(LocalEngine(), triples)
        return self._rewritten[key]


def _identity(file: Path) -> tuple[int, int]:
    """Of a file that is never written again: a change makes another file."""
    status = os.stat(file)
    return status.st_ino, status.st_mtime_ns


def _triples(files: list[Path]) -> Iterator[Triple]:
    for file in files:
        yield from _parsed(file.read_bytes())


def _parsed(content: bytes) -> list[Triple]:
    return [quad.triple for quad in parse(content, format=RdfFormat.N_TRIPLES, lenient=True)]
