"""The file system's part: written whole, synced, locked, and its errors in one sentence."""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from atlas.errors import InstanceError

ADVICE = {
    errno.ENOSPC: "the disk is full; free some space or set ATLAS_HOME to another disk",
    errno.EDQUOT: "the disk quota is used up; free some space or set ATLAS_HOME elsewhere",
    errno.EFBIG: "a file grew larger than this system allows; raise the limit on file sizes",
    errno.EACCES: "it may not be written by this user; change its owner or set ATLAS_HOME",
    errno.EPERM: "it may not be written by this user; change its owner or set ATLAS_HOME",
    errno.EROFS: "it is on a read-only disk; set ATLAS_HOME to a folder that can be written",
    errno.ENOTDIR: "it is not a folder; set ATLAS_HOME to one",
    errno.EEXIST: "it is not a folder; set ATLAS_HOME to one",
}
# RocksDB reports a full disk in words of its own, without the system's number.
WORDS = {"No space left": errno.ENOSPC, "File too large": errno.EFBIG}


@contextmanager
def sentences(folder: Path) -> Iterator[None]:
    """Errors of the disk under ``folder`` as InstanceError, one sentence with the way out."""
    try:
        yield
    except OSError as error:
        raise unusable(folder, error) from error


def unusable(path: Path, error: OSError) -> InstanceError:
    number = error.errno
    if number is None:
        number = next((code for words, code in WORDS.items() if words in str(error)), None)
    named = error.filename if isinstance(error.filename, str) else path
    reason = ADVICE.get(number or 0, error.strerror or str(error))
    return InstanceError(f"{named} cannot be used: {reason}.")


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock that one process at a time may hold.

    Raises InstanceError at once where another holds it.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise InstanceError(
                f"Another atlas is writing to {path.parent}; wait until it is done."
            ) from error
        yield
    finally:
        os.close(descriptor)


def write(path: Path, text: str) -> None:
    """The text on the disk, not only in its cache."""
    with path.open("w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())


def sync(*folders: Path) -> None:
    """Every file in these folders, and their entries, on the disk."""
    for folder in folders:
        for file in [path for path in folder.iterdir() if path.is_file()] + [folder]:
            descriptor = os.open(file, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
