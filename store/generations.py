"""Generations: numbered, immutable states of the atlas.

    {home}/generations/current              the number that is served: one atomic rename publishes
    {home}/generations/000007/store/        the engine's files, never written again
    {home}/generations/000007/graphs/       the triples of each graph, as they were written
    {home}/generations/000007/labels/       the index of names
    {home}/generations/000007/record.json   what it was made of, when, how large
    {home}/generations/000007/lock          held, shared, by each reader
    {home}/writer.lock                      held by the one writer
    {home}/writers.queue                    held by the next one, while it waits

Whoever reads opens a generation's real folder, so a new one never disturbs it. Whatever is not
published is a folder whose name ends in ``.tmp``: the next writer sweeps it away.
"""

from __future__ import annotations

import json
import os
import shutil
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from atlas.errors import AtlasError, InstanceError, Overloaded, UnknownName
from store import disk
from store.generation import OWN, RECORD, Generation
from store.holding import LOCK, exclusive
from store.staging import GONE, Staging

UNFINISHED = ".tmp"
POINTER = "current"
Lock = Callable[[Path], AbstractContextManager[None]]


class Generations:
    """The generations of one instance folder."""

    def __init__(self, home: Path, keep: int = 10) -> None:
        self.home, self.keep = Path(home), keep
        self.folder = self.home / "generations"

    def all(self) -> list[Generation]:
        """Those that are kept, oldest first."""
        if not self.folder.is_dir():
            return []
        numbers = sorted(
            int(entry.name) for entry in self.folder.iterdir() if entry.name.isdecimal()
        )
        return [self._generation(number) for number in numbers]

    def get(self, number: int) -> Generation:
        """Raises UnknownName where it is not kept."""
        generation = self._generation(number)
        if not (generation.folder / RECORD).is_file():
            kept = ", ".join(str(kept.number) for kept in self.all()) or "none"
            raise UnknownName(f"There is no generation {number}; kept: {kept}.").worded(
                "refusal.generation_unkept", number=str(number), kept=kept
            )
        return generation

    def current(self) -> Generation | None:
        """The one that is served, None where nothing was published yet.

        Raises InstanceError where the pointer is not a number.
        """
        try:
            text = (self.folder / POINTER).read_text("ascii").strip()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise disk.unusable(self.folder / POINTER, error) from error
        if not text.isdecimal():
            raise InstanceError(
                f"{self.folder / POINTER} does not hold a number; atlas rollback N mends it."
            )
        return self._generation(int(text))

    def watch(self) -> Watch:
        return Watch(self)

    @contextmanager
    def stage(self) -> Iterator[Staging]:
        """A new, empty staging store; swept away unless it is published.

        Raises InstanceError where another writer is at work or the folder cannot be used.
        """
        with disk.sentences(self.home), self.writing():
            folder = self.folder / f"{self._next():06d}{UNFINISHED}"
            try:
                yield Staging(folder)
            finally:
                shutil.rmtree(folder, ignore_errors=True)
                self.clear()

    @contextmanager
    def revise(self) -> Iterator[tuple[Generation, Staging]]:
        """The served generation and a clone of it; the clone is swept away unless it is published.

        Waits for its turn among the writers, however long that takes: give up by being killed.
        What it leaves behind waits for ``clear``.
        Raises Overloaded where nothing is served, StorageFull or InstanceError where the folder
        cannot be used.
        """
        with disk.sentences(self.home), self.writing(disk.queued):
            served = self.current()
            if served is None:
                raise Overloaded(
                    "No generation is served yet; run atlas build to make one."
                ).worded("refusal.no_generation")
            folder = self.folder / f"{self._next():06d}{UNFINISHED}"
            staging = Staging(folder, served.folder)
            try:
                yield served, staging
            except AtlasError as error:
                # The frames of the error hold the clone too.
                traceback.clear_frames(error.__traceback__)
                raise
            finally:
                staging.close()
                shutil.rmtree(folder, ignore_errors=True)

    def publish(
        self, staging: Staging, record: Mapping[str, Any], *, durable: bool = True
    ) -> Generation:
        """Make the staged store the generation that is served. Only within ``stage``, ``revise``.

        Everything is on the disk before the pointer is renamed: a crash before that leaves the last
        generation served, a crash after it leaves this one. Not ``durable``: for a generation that
        need not outlive the machine.
        """
        with disk.sentences(self.home):
            number = int(staging.folder.name.removesuffix(UNFINISHED))
            if record.get("default_graph") != OWN:
                staging.index_names()
            staging.finish()
            published = datetime.now(UTC).isoformat(timespec="seconds")
            said = {"number": number, "published": published, **record, "previous": self._served()}
            written = json.dumps(said, indent=1)
            (staging.folder / RECORD).write_text(written, "utf-8")
            (staging.folder / LOCK).touch()
            if durable:
                self._sync(staging)
            generation = self._generation(number)
            staging.folder.rename(generation.folder)
            if durable:
                disk.sync(self.folder)
            self._point(number, durable=durable)
        self.prune()
        return generation

    def rollback(self, number: int) -> Generation:
        """Serve an older (or newer) generation again. Raises UnknownName, InstanceError."""
        with disk.sentences(self.home), self.writing():
            generation = self.get(number)
            self._point(number)
        return generation

    def prune(self) -> list[int]:
        """Remove the oldest beyond ``keep``; never the served one, nor one that a reader holds."""
        served = self.current()
        removed = []
        for generation in self.all()[: -self.keep or None]:
            if served and generation.number == served.number:
                continue
            lock = exclusive(generation.folder)
            if lock is None:
                continue
            # A crash midway leaves something that is cleared, not half a generation.
            generation.folder.rename(generation.folder.with_suffix(GONE))
            os.close(lock)
            removed.append(generation.number)
        return removed

    def clear(self) -> None:
        """Remove what is gone already. Anybody may at any time; nobody need wait for it."""
        for gone in self.folder.glob(f"*{GONE}"):
            shutil.rmtree(gone, ignore_errors=True)

    @contextmanager
    def writing(self, lock: Lock = disk.locked) -> Iterator[None]:
        """Be the one writer; sweep what an earlier one left unfinished."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with lock(self.home / "writer.lock"):
            for left in self.folder.glob(f"*{UNFINISHED}"):
                if not left.name.endswith(GONE):
                    shutil.rmtree(left, ignore_errors=True)
            yield

    def since(self) -> str:
        """When what is served came to be served, as xsd:dateTime. Only where something is."""
        moved = (self.folder / POINTER).stat().st_mtime
        return datetime.fromtimestamp(moved, UTC).isoformat(timespec="seconds")

    def _served(self) -> Mapping[str, Any] | None:
        """What the next generation follows, which after a rollback is not the newest one."""
        served = self.current()
        return {"number": served.number, "since": self.since()} if served else None

    def _sync(self, staging: Staging) -> None:
        """All of it on the disk; what it shares with its origin is there already."""
        folders = [path for path in staging.folder.iterdir() if path.is_dir()]
        origins = [staging.origin / path.name for path in folders] if staging.origin else []
        disk.sync(*folders, staging.folder, known=disk.inodes(*origins))

    def _point(self, number: int, *, durable: bool = True) -> None:
        pointer = self.folder / POINTER
        pointer.with_suffix(".new").write_text(f"{number}\n", "ascii")
        if durable:
            disk.sync(self.folder)
        pointer.with_suffix(".new").rename(pointer)
        if durable:
            disk.sync(self.folder)

    def unpublished(self) -> Path:
        """The folder of the generation that is made now. Only within ``writing``."""
        return self.folder / f"{self._next():06d}{UNFINISHED}"

    def _next(self) -> int:
        """One more than any number seen, so that no number ever means two states."""
        served = self.current()
        numbers = [generation.number for generation in self.all()]
        return max([*numbers, served.number if served else 0, 0]) + 1

    def _generation(self, number: int) -> Generation:
        return Generation(number, self.folder / f"{number:06d}")


class Watch:
    """The served generation, looked up only when the pointer has been renamed."""

    def __init__(self, generations: Generations) -> None:
        self.generations = generations
        self._pointer = generations.folder / POINTER
        self._seen: tuple[int, int] | None = None
        self._current: Generation | None = None

    def current(self) -> Generation | None:
        try:
            status = os.stat(self._pointer)
        except (FileNotFoundError, NotADirectoryError):
            return None
        seen = status.st_ino, status.st_mtime_ns
        if seen != self._seen:
            # The number is read after the stamp: a rename in between is seen at the next look.
            self._current = self.generations.current()
            self._seen = seen
        return self._current
