"""Reads the body of a request: bounded on the wire and unpacked, into memory or into a file.

https://www.rfc-editor.org/rfc/rfc9110#name-content-encoding
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import gevent
from flask import Request
from gunicorn.http.errors import ParseException

from atlas.errors import Overloaded, SlowRequest, TooLarge, UnsupportedMedia, UsageError
from atlas.settings import Settings
from endpoint.refusals import refused
from store import disk

PIECE = 64 * 1024
# A client that sends less than a piece in this time keeps a connection from others.
PATIENCE = 20
# Bytes of large bodies that are read into memory at a time, in one server process.
ROOM_BYTES = 256 * 1024 * 1024
# gzip may be in many parts, each of which costs time, however short it is.
MEMBERS = 10_000
GZIP = 16 + zlib.MAX_WBITS


@dataclass(frozen=True)
class Bound:
    """How many bytes a body may have, and the setting that says so."""

    bytes: int
    variable: str

    def exceeded(self, what: str = "body") -> TooLarge:
        """``what`` is too large: the body, the body unpacked, or a form."""
        most, variable = self.bytes, self.variable
        return refused(TooLarge, f"refusal.too_large.{what}", most=most, variable=variable)


def for_query(settings: Settings) -> Bound:
    return Bound(settings.body_bytes, "ATLAS_BODY_BYTES")


def for_write(settings: Settings) -> Bound:
    return Bound(settings.write_bytes, "ATLAS_WRITE_BYTES")


class Room:
    """The memory that the bodies take which one process is reading, short ones aside.

    Many connections that each send a large body slowly would fill the machine's; whoever asks a
    short question is never turned away for their sake.
    """

    def __init__(self, limit: int) -> None:
        self.limit, self.taken = limit, 0

    def whole(self, pieces: Iterator[bytes]) -> bytes:
        """The pieces together. Raises Overloaded where they find no room."""
        held = [piece] if (piece := next(pieces, b"")) else []
        taken = 0
        try:
            for piece in pieces:
                if self.taken + len(piece) > self.limit:
                    raise refused(Overloaded, "refusal.body_room", count=self.taken)
                self.taken, taken = self.taken + len(piece), taken + len(piece)
                held.append(piece)
        finally:
            self.taken -= taken
        return b"".join(held)


ROOM = Room(ROOM_BYTES)


def read(request: Request, bound: Bound) -> bytes:
    """The whole body, unpacked. Raises as ``pieces`` does, and Overloaded."""
    return ROOM.whole(pieces(request, bound))


def spool(request: Request, bound: Bound, path: Path) -> None:
    """Write the body, unpacked, into a file. Raises as ``pieces`` does, and for a full disk."""
    with disk.sentences(path.parent), path.open("wb") as stream:
        for piece in pieces(request, bound):
            stream.write(piece)


def pieces(request: Request, bound: Bound) -> Iterator[bytes]:
    """The body, unpacked, piece by piece.

    Raises TooLarge before reading what says its length, or once more than allowed has come;
    UnsupportedMedia for a coding other than gzip; UsageError for a body that breaks off;
    SlowRequest for one that hardly comes.
    """
    coding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if coding not in ("identity", "gzip", "x-gzip", ""):
        raise refused(UnsupportedMedia, "refusal.body_coding", coding=coding)
    if (request.content_length or 0) > bound.bytes:
        raise bound.exceeded()
    came = raw(request, bound)
    size = 0
    for piece in came if coding in ("identity", "") else unpacked(came):
        size += len(piece)
        if size > bound.bytes:
            raise bound.exceeded("body" if coding in ("identity", "") else "unpacked")
        yield piece


def raw(request: Request, bound: Bound) -> Iterator[bytes]:
    """The body as it comes. What ends too early is not taken for a body that is shorter.

    It is bounded here too: what is packed may unpack to nothing for ever.
    """
    came = 0
    while piece := next_piece(request):
        came += len(piece)
        if came > bound.bytes:
            raise bound.exceeded()
        yield piece
    if came < (request.content_length or 0):
        said = request.content_length or 0
        raise refused(UsageError, "refusal.body_broke_off", count=came, said=said)


def next_piece(request: Request) -> bytes:
    try:
        with gevent.Timeout(PATIENCE, TimeoutError):
            return request.stream.read(PIECE)
    except TimeoutError as error:
        raise refused(SlowRequest, "refusal.body_slow", least=PIECE, seconds=PATIENCE) from error
    except OSError as error:
        raise refused(UsageError, "refusal.body_cut") from error
    except ParseException as error:
        raise refused(UsageError, "refusal.body_chunks") from error


def unpacked(packed: Iterator[bytes]) -> Iterator[bytes]:
    """What gzip packed, in pieces that are never much larger than what came.

    Raises UsageError. https://www.rfc-editor.org/rfc/rfc1952
    """
    member = zlib.decompressobj(GZIP)
    began, members = False, 1
    for piece in packed:
        while piece:
            if member.eof:
                member, members = zlib.decompressobj(GZIP), members + 1
            if members > MEMBERS:
                raise refused(UsageError, "refusal.gzip_parts", most=MEMBERS)
            try:
                content = member.decompress(piece, PIECE)
            except zlib.error as error:
                raise refused(UsageError, "refusal.gzip_bad") from error
            began = True
            piece = member.unused_data if member.eof else member.unconsumed_tail
            if content:
                yield content
    # What fits in the decompressor's window may still be inside it.
    while began and not member.eof and (content := rest(member)):
        yield content
    if not (began and member.eof):
        raise refused(UsageError, "refusal.gzip_cut")


def rest(member: zlib._Decompress) -> bytes:
    try:
        return member.decompress(b"", PIECE)
    except zlib.error as error:
        raise refused(UsageError, "refusal.gzip_bad") from error
