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
from dataclasses import dataclass
from pathlib import Path

from atlas.errors import AtlasError, InstanceError
from store import wire
from store.answers import Operation
from store.confine import confine, end_with_parent
from store.engine import LocalEngine
from store.holding import Hold

OPEN_GENERATIONS = 2


@dataclass(frozen=True)
class Request:
    """One question to a worker: over which generation, in which format."""

    generation: int
    folder: Path
    operation: Operation
    media_type: str


class Frames:
    """What the engine writes to: pieces of the answer go out as frames."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection, self.buffer = connection, bytearray()

    def write(self, chunk: bytes) -> int:
        self.buffer += chunk
        if len(self.buffer) >= wire.PIECE:
            self.flush()
        return len(chunk)

    def flush(self) -> None:
        if self.buffer:
            wire.send(self.connection, wire.DATA, bytes(self.buffer))
            self.buffer.clear()


class Worker:
    """The generations that are open, and the loop over requests."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.engines: OrderedDict[Path, tuple[Hold, LocalEngine]] = OrderedDict()

    def serve(self) -> None:
        """Answer until the pool closes the connection."""
        wire.send(self.connection, wire.READY)
        with contextlib.suppress(EOFError):
            while True:
                _, payload = wire.receive(self.connection)
                self.answer(pickle.loads(payload))

    def answer(self, request: Request) -> None:
        frames = Frames(self.connection)
        try:
            engine = self.engine(request)
            engine.write(request.operation, request.media_type, frames)
        except AtlasError as error:
            said = {"error": type(error).__name__, "message": str(error)}
            wire.send(self.connection, wire.ERROR, json.dumps(said).encode())
        else:
            frames.flush()
            wire.send(self.connection, wire.END)

    def engine(self, request: Request) -> LocalEngine:
        """The engine over the request's generation. Raises InstanceError where it is gone."""
        if request.folder in self.engines:
            self.engines.move_to_end(request.folder)
            return self.engines[request.folder][1]
        hold = Hold(request.folder)
        try:
            engine = LocalEngine(request.folder / "store", generation=request.generation)
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
    Worker(connection).serve()
