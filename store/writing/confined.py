"""The writer process: a confined process that makes one write after another.

Run by ``Writer``, with the number of its connection, its memory cap, the folder of state, how many
generations are kept and the base of IRIs. It says at which stage a write is, so that whoever kills
it, or finds it dead, knows what it was at. It never decides when to stop.
"""

from __future__ import annotations

import contextlib
import gc
import json
import pickle
import socket
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from atlas.errors import AtlasError, InvalidWrite, PreconditionFailed
from store import graph_files
from store.confine import confine, end_with_parent
from store.generation import OWN, Generation
from store.generations import Generations
from store.lines import Lines
from store.staging import Staging
from store.workers import wire
from store.workers.wire import Channel
from store.writing import bodies
from store.writing.bodies import Body
from store.writing.knowledge import Knowledge
from store.writing.permission import WRITTEN, Permission
from store.writing.rehearsal import Change, Rehearsal, State
from store.writing.revision import Revision, scratch_record
from store.writing.writes import PARSING, PUBLISHING, REHEARSING, WAITING, GraphStep, Write, Written

# Behind the server, before the queries of strangers.
NICENESS = 10


class WriterProcess:
    """The loop over writes, and what is kept warm between them."""

    def __init__(self, channel: Channel, generations: Generations, base: str) -> None:
        self.channel, self.generations, self.base = channel, generations, base
        self.knowledge = Knowledge()

    def serve(self) -> None:
        """Write until the connection is closed."""
        self.channel.send(wire.READY)
        self.warm()
        with contextlib.suppress(EOFError):
            while True:
                _, payload = self.channel.receive()
                self.answer(pickle.loads(payload))

    def warm(self) -> None:
        """Read the rules and the shapes before the first write needs them."""
        with contextlib.suppress(AtlasError):
            served = self.generations.current()
            if served and served.record.get("shapes", True):
                self.knowledge.warm(served)

    def answer(self, write: Write) -> None:
        try:
            written = self.write(write)
        except AtlasError as error:
            report = error.report.decode() if isinstance(error, InvalidWrite) else ""
            wording = error.wording and (error.wording.key, error.wording.values)
            said = {
                "error": type(error).__name__,
                "message": str(error),
                "wording": wording,
                "report": report,
            }
            self.channel.send(wire.ERROR, json.dumps(said).encode())
        else:
            self.channel.send(wire.END, json.dumps(asdict(written)).encode())
            # It is acknowledged: nobody waits for the files of the clone to go.
            self.generations.clear()
            return
        # What judged the clone refers to itself in circles, and so would hold the clone open.
        gc.collect()

    def write(self, write: Write) -> Written:
        """Publish a generation with the changes; where nothing changes, none. Raises AtlasError."""
        if any(isinstance(step, GraphStep) for step in write.steps):
            self.say(PARSING)
        parsed = [bodies.parse(s) if isinstance(s, GraphStep) else {} for s in write.steps]
        self.say(WAITING)
        with self.generations.revise() as (served, staging):
            self.say(REHEARSING)
            check_condition(write, served)
            changes, missing = self.rehearse(write, parsed, served, staging)
            number = served.number
            if changes:
                record = self.record(write, changes, served, staging)
                self.say(PUBLISHING)
                durable = not is_scratch(served)
                # Nobody else holds the clone by now: the engine closes it before its files go.
                number = self.generations.publish(staging, record, durable=durable).number
        return Written(
            generation=number,
            created=tuple(change.graph for change in changes if change.created),
            added=sum(len(change.added) for change in changes),
            removed=sum(len(change.removed) for change in changes),
            missing=missing,
        )

    def rehearse(
        self, write: Write, parsed: Sequence[Body], served: Generation, staging: Staging
    ) -> tuple[list[Change], bool]:
        """What the steps changed, and whether a graph that was to be dropped was missing."""
        rehearsal = Rehearsal(
            staging.store,
            Permission(write, served.record, served.record.get("base", self.base)),
            as_written(served),
            self.generations.home,
        )
        for step, body in zip(write.steps, parsed, strict=True):
            if isinstance(step, GraphStep):
                rehearsal.write(step, body)
            else:
                rehearsal.update(step)
        check_existence(write, rehearsal.before)
        return rehearsal.changes(), rehearsal.missing

    def record(
        self, write: Write, changes: Sequence[Change], served: Generation, staging: Staging
    ) -> dict[str, Any]:
        """All that follows from the changes; the record of the next generation."""
        if is_scratch(served):
            return scratch_record(served.record, changes)
        at = datetime.now(UTC).isoformat(timespec="seconds")
        revision = Revision(served, staging, self.knowledge, self.base)
        return revision.make(write, changes, at=at)

    def say(self, stage: bytes) -> None:
        self.channel.send(wire.DATA, stage)


def check_condition(write: Write, served: Generation) -> None:
    """Raises PreconditionFailed where another generation is served than those wanted.

    https://www.rfc-editor.org/rfc/rfc9110#name-if-match
    """
    if write.if_generation is not None and served.number not in write.if_generation:
        wanted = ", ".join(map(str, write.if_generation)) or "none"
        raise PreconditionFailed(
            f"Generation {served.number} is served, and If-Match asks for {wanted}; read it again, "
            "then repeat the change."
        ).worded("refusal.generation_moved", number=str(served.number), wanted=wanted)


def check_existence(write: Write, before: Mapping[str, State]) -> None:
    """Raises PreconditionFailed where a graph is there that should be new, or the reverse.

    https://www.rfc-editor.org/rfc/rfc9110#name-if-none-match
    """
    for step in write.steps:
        if write.if_exists is None or not isinstance(step, GraphStep) or not step.graph:
            continue
        if write.if_exists and not before[step.graph].exists:
            raise PreconditionFailed(
                f"There is no graph {step.graph}, and If-Match asks for one; leave it out to make "
                "the graph."
            ).worded("refusal.graph_absent", graph=step.graph)
        if not write.if_exists and before[step.graph].exists:
            raise PreconditionFailed(
                f"There is a graph {step.graph} already, and If-None-Match asks for a new one; "
                "read it, then send its entity tag as If-Match."
            ).worded("refusal.graph_present", graph=step.graph)


def is_scratch(served: Generation) -> bool:
    return bool(served.record.get("default_graph") == OWN)


def as_written(served: Generation) -> dict[str, Lines]:
    """The written graphs that hold literals which the engine changed, from their files."""
    return {
        entry["graph"]: frozenset(graph_files.read(served.graphs, entry))
        for entry in served.record.get("graphs", ())
        if entry.get("kind") == WRITTEN and entry["rewritten"]
    }


def main() -> None:
    descriptor, memory_bytes = map(int, sys.argv[1:3])
    home, keep, base = sys.argv[3:]
    end_with_parent()
    confine(memory_bytes, niceness=NICENESS)
    connection = socket.socket(fileno=descriptor)
    # A server under gevent hands over an end that does not block.
    connection.setblocking(True)
    WriterProcess(Channel(connection), Generations(Path(home), keep=int(keep)), base).serve()
