"""Sources as they were read: N-Triples kept under ``{home}/sources/{name}/``, with a record.

A source is read again only when something that its triples depend on has changed: its inputs, its
entry in ``sources.toml``, the base of IRIs, or the loaders themselves.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator, Mapping, MutableSequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from pyoxigraph import Quad

from atlas.errors import BadRow
from loaders import provenance
from loaders.ntriples import whole, write
from loaders.readers import reader
from loaders.rows import Problems
from loaders.sources import PACKAGE, Source
from store import parsing


@dataclass(frozen=True)
class Reading:
    """One source as read: what it gave, when, and for which key; no triple is counted twice.

    ``lost``: what the loader left out, by name, and how often.
    """

    key: str
    checksum: str
    read_at: str
    rows: int
    bad: int
    quads: int
    triples: int
    rewritten: int
    seconds: float
    lost: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Planned:
    """A source, its files' checksum, where its triples are, and the reading that holds.

    ``rewritten`` holds the triples whose literals the engine would change, as they were written.
    ``reading`` is None where the source has to be read; ``rows`` is how many it had the last time.
    ``entry``: what the record says of a graph that is published as it was.
    """

    source: Source
    checksum: str
    key: str
    triples: Path
    rewritten: Path
    reading: Reading | None = None
    rows: int | None = None
    entry: Mapping[str, Any] | None = None

    @property
    def bad_rows(self) -> Path:
        return self.triples.with_name("bad-rows.txt")

    @property
    def record(self) -> Path:
        return self.triples.with_name("record.json")


def plan(source: Source, home: Path, *, force: bool = False) -> Planned:
    """Whether the source has to be read.

    Raises ChangedSource where its files are not those that it declares.
    """
    checksum = provenance.checksum(source.files)
    provenance.check(source, checksum)
    folder = home / "sources" / source.name
    planned = Planned(
        source,
        checksum,
        key=_key(source, checksum),
        triples=folder / f"{source.name}.nt",
        rewritten=folder / f"{source.name}.rewritten.nt",
    )
    last = _last(planned)
    if last is None:
        return planned
    kept = planned.triples.exists() and planned.rewritten.exists()
    holds = last.key == planned.key and kept and not force
    return replace(planned, reading=last if holds else None, rows=last.rows)


def read(planned: Planned, counters: MutableSequence[int], place: int) -> Planned:
    """Read the source and keep its triples; ``counters[place]`` counts the rows as they pass.

    Raises what the loader raises, leaving the last reading as it was.
    """
    began, read_at = time.monotonic(), datetime.now(UTC)
    source, bad_rows = planned.source, list[BadRow]()
    planned.triples.parent.mkdir(parents=True, exist_ok=True)
    problems = Problems(source, bad_rows.append)
    module = reader(source.kind)

    def counted() -> Iterator[Any]:
        for row in module.read_rows(source, problems):
            counters[place] += 1
            yield row

    def quads() -> Iterator[Quad]:
        yield from provenance.to_quads(source, planned.checksum, read_at)
        yield from module.to_quads(counted(), source)

    written = write(quads(), planned.triples, planned.rewritten, name=source.name)
    with whole(planned.bad_rows) as temporary:
        temporary.write_text("".join(f"{row}\n" for row in bad_rows), encoding="utf-8")
    reading = Reading(
        key=planned.key,
        checksum=planned.checksum,
        read_at=read_at.isoformat(timespec="seconds"),
        rows=counters[place],
        bad=len(bad_rows),
        quads=written.quads,
        triples=written.triples,
        rewritten=written.rewritten,
        seconds=round(time.monotonic() - began, 3),
        lost=dict(sorted(problems.lost.items())),
    )
    # The record comes last: what it says holds of the files beside it.
    with whole(planned.record) as temporary:
        temporary.write_text(json.dumps(asdict(reading), indent=2), encoding="utf-8")
    return replace(planned, reading=reading, rows=reading.rows)


def sweep(home: Path) -> None:
    """Remove what a build that was killed left half written. Only for the one writer."""
    for left in (home / "sources").glob("*/*.tmp"):
        left.unlink()


def _last(planned: Planned) -> Reading | None:
    """The record of the last reading; one that is damaged, or of another form, is none."""
    try:
        return Reading(**json.loads(planned.record.read_text(encoding="utf-8")))
    except (FileNotFoundError, NotADirectoryError, ValueError, TypeError):
        return None


def _key(source: Source, checksum: str) -> str:
    parts = [checksum, source.base, source.version, loaders_digest()]
    parts.append(json.dumps(source.declared, sort_keys=True, default=str))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


@cache
def loaders_digest() -> str:
    """Changes with any module of this package or of the parsers: no version number to forget."""
    digest = hashlib.sha256()
    for folder in (PACKAGE, Path(parsing.__file__).parent):
        for module in sorted(folder.rglob("*.py")):
            digest.update(module.read_bytes())
    return digest.hexdigest()
