"""Unpacks what a partner packed, a piece at a time, so that no bomb of it ever goes off.

urllib3 would, but takes compressed data that stops midway for whole.
https://www.rfc-editor.org/rfc/rfc9110#name-content-codings
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping

from atlas.errors import PartnerFailed, shown
from federation.partner import Partner
from store.codings import GZIP_WINDOW

PIECE = 64 * 1024


class Plain:
    """What is not packed."""

    def pieces(self, data: bytes) -> Iterator[bytes]:
        yield data

    def finish(self) -> None:
        """Nothing can be missing."""


class Gzip:
    """One gzip member or several, one after the other. https://www.rfc-editor.org/rfc/rfc1952"""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(GZIP_WINDOW)
        self._begun = False

    def pieces(self, data: bytes) -> Iterator[bytes]:
        """Raises zlib.error for what is no gzip."""
        self._begun = self._begun or bool(data)
        while data:
            if self._inner.eof:
                self._inner = zlib.decompressobj(GZIP_WINDOW)
            piece = self._inner.decompress(data, PIECE)
            # A full piece may have left some of its output for the next call.
            while piece:
                yield piece
                piece = self._inner.decompress(self._inner.unconsumed_tail, PIECE)
            data = self._inner.unused_data

    def finish(self) -> None:
        """Raises zlib.error where the end is missing."""
        if self._begun and not self._inner.eof:
            raise zlib.error("incomplete data")


UNPACKERS: dict[str, type[Plain] | type[Gzip]] = {
    "": Plain,
    "identity": Plain,
    "gzip": Gzip,
    "x-gzip": Gzip,
}


def unpacker(partner: Partner, headers: Mapping[str, str]) -> Plain | Gzip:
    """How a body with these headers is unpacked. Raises PartnerFailed where it is not known."""
    coding = headers.get("Content-Encoding", "").strip().lower()
    made = UNPACKERS.get(coding)
    if made is None:
        raise PartnerFailed(
            partner.name, f"answers packed as {shown(coding)}, which nobody asked for."
        )
    return made()
