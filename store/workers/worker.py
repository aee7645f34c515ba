"""A query worker: a confined process that answers one operation after another.

Run by the pool, with the number of its connection and its memory cap. It opens the generation that
each request names and keeps the last few open. It never decides when to stop: the pool kills it.
"""

from __future__ import annotations

import contextlib
import json
import pickle
import socket
import sys
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from atlas.errors import AtlasError, InstanceError
from store.answers import Operation, Term, too_big
from store.codings import CODERS, WORTH_IT, Coder
from store.confine import confine, end_with_parent
from store.engine import LocalEngine
from store.holding import Hold
from store.workers import wire
from store.workers.wire import Channel

OPEN_GENERATIONS = 2


class Request(NamedTuple):
    """One question to a worker, of what costs least to send."""

    generation: int
    folder: str
    text: str
    default_graphs: tuple[str, ...]
    named_graphs: tuple[str, ...] | None
    substitutions: Mapping[str, Term]
    base: str
    blanks: bool
    data: bytes | None
    media_type: str
    encoding: str
    limit: int
    rows: int

    @property
    def operation(self) -> Operation:
        return Operation(
            self.text,
            self.default_graphs,
            self.named_graphs,
            self.substitutions,
            self.base,
            self.blanks,
            self.data,
        )


class Frames:
    """What the engine writes to: pieces of the answer go out as frames, compressed where asked.

    An answer that is short goes in one frame, which is the last; it is not compressed.
    """

    def __init__(self, channel: Channel, request: Request) -> None:
        self.channel, self.request = channel, request
        self.buffer, self.size = bytearray(), 0
        self.coder: Coder | None = None

    def write(self, chunk: bytes) -> int:
        """Raises AnswerTooBig past the request's limit."""
        self.size += len(chunk)
        if self.size > self.request.limit:
            raise too_big(self.request.limit)
        self.buffer += chunk
        if len(self.buffer) >= wire.PIECE:
            self.channel.send(wire.DATA, self.coded())
        return len(chunk)

    def flush(self) -> None:
        """Nothing to do: the engine calls it."""

    def end(self) -> None:
        last = self.coded()
        if self.coder is not None:
            last += self.coder.flush()
        encoding = self.request.encoding if self.coder is not None else ""
        self.channel.send(wire.END, wire.TAIL.pack(self.size, encoding.encode()) + last)

    def coded(self) -> bytes:
        """What was written since the last frame, as it is sent."""
        if self.coder is None and self.request.encoding and self.size >= WORTH_IT:
            self.coder = CODERS[self.request.encoding]()
        piece = bytes(self.buffer)
        self.buffer.clear()
        return self.coder.compress(piece) if self.coder is not None else piece


class Worker:
    """The generations that are open, and the loop over requests."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.engines: OrderedDict[str, tuple[Hold, LocalEngine]] = OrderedDict()

    def serve(self) -> None:
        """Answer until the pool closes the connection."""
        self.channel.send(wire.READY)
        with contextlib.suppress(EOFError):
            while True:
                _, payload = self.channel.receive()
                self.answer(Request(*pickle.loads(payload)))

    def answer(self, request: Request) -> None:
        frames = Frames(self.channel, request)
        try:
            engine = self.engine(request)
            engine.write(request.operation, request.media_type, frames, rows=request.rows)
        except AtlasError as error:
            wording = error.wording and (error.wording.key, error.wording.values)
            said = {"error": type(error).__name__, "message": str(error), "wording": wording}
            self.channel.send(wire.ERROR, json.dumps(said).encode())
        else:
            frames.end()

    def engine(self, request: Request) -> LocalEngine:
        """The engine over the request's generation. Raises InstanceError where it is gone."""
        if request.folder in self.engines:
            self.engines.move_to_end(request.folder)
            return self.engines[request.folder][1]
        folder = Path(request.folder)
        hold = Hold(folder)
        try:
            engine = LocalEngine(folder / "store", generation=request.generation)
        except InstanceError:
            hold.release()
            raise
        self.engines[request.folder] = hold, engine
        if len(self.engines) > OPEN_GENERATIONS:
            _, (old, _) = self.engines.popitem(last=False)
            old.release()
        return engine


def main() -> None:
    descriptor, memory_bytes = map(int, sys.argv[1:3])
    end_with_parent()
    confine(memory_bytes)
    connection = socket.socket(fileno=descriptor)
    # A server under gevent hands over an end that does not block.
    connection.setblocking(True)
    Worker(Channel(connection)).serve()
