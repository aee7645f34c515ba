"""Writes: the one way in, as a server calls it.

A write is rehearsed on a clone of the served generation, in a process of its own: what it changes
is judged, reasoned with and validated there, then published as the next generation or dropped. The
process is killed at the write's deadline; what is served is then as it was.
"""

from __future__ import annotations

import json
import pickle
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import atlas.errors
from atlas.errors import (
    AtlasError,
    EngineFault,
    InvalidWrite,
    MalformedData,
    Overloaded,
    QueryTooBig,
    WriteTimeout,
)
from store.generation import Generation
from store.generations import Generations
from store.workers import wire
from store.workers.pool import OUT_OF_MEMORY, stopping
from store.workers.process import WorkerProcess
from store.writing.turns import Turn, Turns
from store.writing.writes import PARSING, PUBLISHING, WAITING, GraphStep, UpdateStep, Write, Written

__all__ = [
    "GraphStep",
    "UpdateStep",
    "Write",
    "Writer",
    "Written",
    "publish_scratch",
]

MAIN = "from store.writing.confined import main; main()"
# Writes that may wait for their turn in one server process.
QUEUE = 64
# What is being published is as good as done: it is not killed for the want of this.
GRACE_SECONDS = 5.0
DYING_SECONDS = 2.0


class Writer:
    """Writes to the served generation, one after another, in a process that can be killed.

    Safe to call from many threads or greenlets: they take turns, each token's in the order in which
    they came.
    """

    def __init__(
        self, generations: Generations, *, base: str, memory_bytes: int, deadline: float
    ) -> None:
        """``deadline``: the seconds that a write may take, waiting for its turn included."""
        self.generations, self.base = generations, base
        self.memory_bytes, self.deadline = memory_bytes, deadline
        self._change = threading.Condition()
        self._turns = Turns()
        self._process: WorkerProcess | None = None
        self._closed = False
        self._prepare()

    def write(self, write: Write, *, deadline: float | None = None) -> Written:
        """What was done once it is on the disk and served.

        Raises MalformedQuery, MalformedData, Forbidden, PreconditionFailed, InvalidWrite (with
        SHACL's report), WriteTimeout, Overloaded, QueryTooBig, EngineFault, StorageFull or
        InstanceError; nothing is changed then.
        """
        seconds = self.deadline if deadline is None else deadline
        ends = time.monotonic() + seconds
        with self._turn(ends, seconds, write.by):
            return self._written(write, ends, seconds)

    def close(self) -> None:
        """End the process; a write under way is given up."""
        with self._change:
            self._closed = True
            process, busy = self._process, bool(self._turns)
            self._change.notify_all()
        if process and busy:
            process.stop()  # Whoever has his turn sees it end; the last one buries it.
        elif process:
            process.kill()

    @contextmanager
    def _turn(self, ends: float, seconds: float, by: str = "") -> Iterator[None]:
        ticket = Turn(by)
        with self._change:
            if len(self._turns) > QUEUE:
                raise Overloaded(f"{QUEUE} writes wait already; try again in a moment.").worded(
                    "refusal.writes_wait", count=QUEUE
                )
            self._turns.join(ticket)
        try:
            with self._change:
                while not self._turns.has(ticket):
                    left = ends - time.monotonic()
                    if left <= 0:
                        raise WriteTimeout(
                            f"Other writes took their turn for {seconds:g} s "
                            "(ATLAS_WRITE_TIMEOUT); nothing was changed, try again later."
                        ).worded("refusal.writes_turn", seconds=seconds)
                    self._change.wait(left)
            yield
        finally:
            with self._change:
                self._turns.leave(ticket)
                self._change.notify_all()
                last = self._closed and not self._turns
            if last and self._process:
                self._process.kill()

    def _written(self, write: Write, ends: float, seconds: float) -> Written:
        process = self._started()
        progress = Progress()
        try:
            return self._ask(process, write, ends, progress)
        except TimeoutError as error:
            process.kill()
            raise progress.too_slow(seconds) from error
        except (EOFError, ConnectionError) as error:
            # What it dies of shows when it is dead, which is soon.
            with suppress(subprocess.TimeoutExpired):
                process.process.wait(DYING_SECONDS)
            process.kill()
            raise progress.death(process, self.memory_bytes) from error
        finally:
            if not process.usable:
                self._prepare()

    def _ask(
        self, process: WorkerProcess, write: Write, ends: float, progress: Progress
    ) -> Written:
        process.until(ends)
        process.channel.send(wire.REQUEST, pickle.dumps(write))
        while True:
            process.until(ends + GRACE_SECONDS if progress.stage == PUBLISHING else ends)
            kind, payload = process.channel.receive()
            if kind == wire.DATA:
                progress.stage = payload
            elif kind == wire.ERROR:
                raise _told(payload)
            else:
                said = json.loads(payload)
                return Written(**said | {"created": tuple(said["created"])})

    def _started(self) -> WorkerProcess:
        """The process, another where it was killed or has died. Only within a turn."""
        if self._closed:
            raise stopping()
        process = self._process
        if process is None or not process.usable or process.process.poll() is not None:
            if process is not None:
                process.kill()
            generations = self.generations
            arguments = (str(generations.home), str(generations.keep), self.base)
            try:
                process = WorkerProcess(self.memory_bytes, MAIN, arguments)
            except (OSError, EOFError) as error:
                raise Overloaded("The writer process does not start; try again later.").worded(
                    "refusal.writer_start"
                ) from error
            self._process = process
            if self._closed:
                process.kill()
        return process

    def _prepare(self) -> None:
        """Start the process before a write needs it."""

        def prepare() -> None:
            ends = time.monotonic() + self.deadline
            with suppress(AtlasError), self._turn(ends, self.deadline):
                self._started()

        if not self._closed:
            threading.Thread(target=prepare, daemon=True).start()


class Progress:
    """How far a write has come, and what that says of its end."""

    def __init__(self) -> None:
        self.stage = b""

    def too_slow(self, seconds: float) -> WriteTimeout:
        limit = f"{seconds:g} s (ATLAS_WRITE_TIMEOUT)"
        if self.stage == WAITING:
            return WriteTimeout(
                f"Another writer was at work for {limit}: a build, or another server process; "
                "nothing was changed, try again later."
            ).worded("refusal.write_waited", seconds=seconds)
        if self.stage == PUBLISHING:
            return WriteTimeout(
                f"The write was being published after {limit}; see whether it is served before "
                "repeating it."
            ).worded("refusal.write_publishing", seconds=seconds)
        return WriteTimeout(
            f"The write took longer than {limit}; nothing was changed, split it in several."
        ).worded("refusal.write_slow", seconds=seconds)

    def death(self, process: WorkerProcess, memory_bytes: int) -> AtlasError:
        """Why the process, of which the end is known, died at this stage."""
        # Somebody else killed it: that says nothing of the write.
        killed = process.process.returncode == -signal.SIGKILL
        if self.stage == PARSING and not killed:
            return MalformedData(
                "The body ended its parser: it nests too deep, or takes more than "
                f"{memory_bytes // 1024**2:,} MiB (ATLAS_WRITER_MEMORY) to parse; split it."
            ).worded("refusal.body_memory", most=memory_bytes // 1024**2)
        if any(words in process.last_words for words in OUT_OF_MEMORY):
            return QueryTooBig(
                f"The write needed more than {memory_bytes // 1024**2:,} MiB "
                "(ATLAS_WRITER_MEMORY); nothing was changed, split it in several."
            ).worded("refusal.write_memory", most=memory_bytes // 1024**2)
        return EngineFault("The engine stopped on this write; what is served is as it was.").worded(
            "refusal.write_died"
        )


def publish_scratch(generations: Generations) -> Generation:
    """An empty generation with a default graph of its own, which no rule and no shape looks at."""
    with generations.stage() as staging:
        record = {"default_graph": "own", "shapes": False, "triples": 0, "graphs": []}
        return generations.publish(staging, record, durable=False)


def _told(payload: bytes) -> AtlasError:
    """The error that the process sent, as one of ours."""
    said: dict[str, Any] = json.loads(payload)
    kind: type[AtlasError] = getattr(atlas.errors, said["error"], EngineFault)
    error = (
        InvalidWrite(said["message"], said["report"].encode())
        if kind is InvalidWrite
        else kind(said["message"])
    )
    if said["wording"]:
        key, values = said["wording"]
        error.worded(key, **values)
    return error
