"""A file's bytes, plain or gzip, so many at most."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

from atlas.errors import MalformedSource

GZIP_MAGIC = b"\x1f\x8b"
# Enough for any source seen, and it stops a gzip bomb.
MAXIMUM_BYTES = 256 * 1024 * 1024


def read_bytes(path: Path, limit: int = MAXIMUM_BYTES) -> bytes:
    """The file's bytes, unpacked where it is gzip.

    Raises MalformedSource where it cannot be read, is damaged, or unpacks to more than ``limit``.
    """
    try:
        with path.open("rb") as stream:
            packed = stream.read(2) == GZIP_MAGIC
        with gzip.open(path) if packed else path.open("rb") as stream:
            content = stream.read(limit + 1)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise MalformedSource(path, f"is damaged gzip ({error}); fetch it again.") from error
    except OSError as error:
        raise MalformedSource(path, f"cannot be read: {error.strerror}.") from error
    if len(content) > limit:
        raise MalformedSource(
            path, f"unpacks to more than {limit // 2**20} MiB; split it before loading it."
        )
    return content
