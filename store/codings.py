"""The content codings that an answer may be compressed with, piece by piece.

https://www.rfc-editor.org/rfc/rfc9110#name-content-codings, zstd: RFC 9659.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Protocol

import zstandard

# What is smaller fits one packet: compressing it helps nobody.
WORTH_IT = 1024
GZIP_LEVEL, ZSTD_LEVEL = 4, 3
# zlib writes the header and the checksum of gzip with this window.
GZIP_WINDOW = 16 + zlib.MAX_WBITS


class Coder(Protocol):
    def compress(self, data: bytes, /) -> bytes: ...

    def flush(self) -> bytes: ...


def gzip() -> Coder:
    return zlib.compressobj(GZIP_LEVEL, zlib.DEFLATED, GZIP_WINDOW)


def zstd() -> Coder:
    return zstandard.ZstdCompressor(level=ZSTD_LEVEL).compressobj()


# The one that is preferred where a client likes them equally comes first.
CODERS: dict[str, Callable[[], Coder]] = {"zstd": zstd, "gzip": gzip}
