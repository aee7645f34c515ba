"""Frames between the pool and its workers: one byte of kind, four of length, the payload."""

from __future__ import annotations

import socket
import struct
from typing import Final

HEAD: Final = struct.Struct("!cI")
# How the last frame of an answer begins: its bytes before compression, and how it is compressed.
TAIL: Final = struct.Struct("!Q4s")
READY: Final = b"R"
REQUEST: Final = b"Q"
DATA: Final = b"D"
END: Final = b"E"
ERROR: Final = b"X"
# Answers go in pieces of this size: large enough to be fast, small enough to stop soon.
PIECE = 64 * 1024


class Channel:
    """One end of a connection, and what has come over it beyond the last frame."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self._received = bytearray()

    def send(self, kind: bytes, payload: bytes = b"") -> None:
        self.connection.sendall(HEAD.pack(kind, len(payload)) + payload)

    def receive(self) -> tuple[bytes, bytes]:
        """The next frame. Raises EOFError where the other side has gone."""
        self._await(HEAD.size)
        kind, length = HEAD.unpack_from(self._received)
        end = HEAD.size + length
        self._await(end)
        payload = bytes(memoryview(self._received)[HEAD.size : end])
        del self._received[:end]
        return kind, payload

    def _await(self, size: int) -> None:
        while len(self._received) < size:
            part = self.connection.recv(PIECE + HEAD.size)
            if not part:
                raise EOFError
            self._received += part
