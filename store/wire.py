"""Frames between the pool and its workers: one byte of kind, four of length, the payload."""

from __future__ import annotations

import socket
import struct
from typing import Final

HEAD: Final = struct.Struct("!cI")
READY: Final = b"R"
REQUEST: Final = b"Q"
DATA: Final = b"D"
END: Final = b"E"
ERROR: Final = b"X"
# Answers go in pieces of this size: large enough to be fast, small enough to stop soon.
PIECE = 64 * 1024


def send(connection: socket.socket, kind: bytes, payload: bytes = b"") -> None:
    connection.sendall(HEAD.pack(kind, len(payload)) + payload)


def receive(connection: socket.socket) -> tuple[bytes, bytes]:
    """The next frame. Raises EOFError where the other side has gone."""
    kind, length = HEAD.unpack(_exactly(connection, HEAD.size))
    return kind, _exactly(connection, length)


def _exactly(connection: socket.socket, size: int) -> bytes:
    content = bytearray()
    while len(content) < size:
        part = connection.recv(min(size - len(content), 1024 * 1024))
        if not part:
            raise EOFError
        content += part
    return bytes(content)
