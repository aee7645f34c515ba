"""The file system's part: written whole, synced, locked, and its errors in one sentence."""

from __future__ import annotations

import errno
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from atlas.errors import AtlasError, InstanceError, StorageFull

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
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
# A server's write holds the lock for a moment only: who comes in that moment looks again.
PATIENCE, PAUSE = 2.0, 0.02
# RocksDB reports a full disk in words of its own, without the system's number.
WORDS = {"No space left": errno.ENOSPC, "File too large": errno.EFBIG}


@contextmanager
def sentences(folder: Path) -> Iterator[None]:
    """Errors of the disk under ``folder`` as one sentence with the way out.

    Raises StorageFull where there is no more room, InstanceError for anything else.
    """
    try:
        yield
    except OSError as error:
        raise unusable(folder, error) from error


def is_full(error: OSError) -> bool:
    """Whether the disk, the quota or the file may not grow."""
    return _number(error) in FULL


def unusable(path: Path, error: OSError) -> AtlasError:
    number = _number(error)
    named = error.filename if isinstance(error.filename, str) else path
    reason = ADVICE.get(number or 0, error.strerror or str(error))
    kind = StorageFull if number in FULL else InstanceError
    return kind(f"{named} cannot be used: {reason}.").worded(
        "refusal.disk", path=str(named), words=reason
    )


def _number(error: OSError) -> int | None:
    if error.errno is not None:
        return error.errno
    return next((code for words, code in WORDS.items() if words in str(error)), None)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock that one process at a time may hold.

    Raises InstanceError where another holds it for longer than PATIENCE.
    """
    descriptor = _opened(path)
    ends = time.monotonic() + PATIENCE
    try:
        while not _taken(descriptor):
            if time.monotonic() > ends:
                raise InstanceError(
                    f"Another atlas is writing to {path.parent}; wait until it is done."
                )
            time.sleep(PAUSE)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def queued(path: Path) -> Iterator[None]:
    """Hold the same lock, waiting for it however long it takes: whoever waits is killed to stop it.

    A turnstile in front lets one at a time wait for the lock itself, so that a writer that comes
    back for its next turn stands behind those that were there before.
    """
    turnstile = _opened(path.with_name("writers.queue"))
    try:
        fcntl.flock(turnstile, fcntl.LOCK_EX)
        descriptor = _opened(path)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    finally:
        os.close(turnstile)
    try:
        yield
    finally:
        os.close(descriptor)


def _opened(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o644)


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def write(path: Path, text: str) -> None:
    """The text on the disk, not only in its cache."""
    with path.open("w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())


def sync(*folders: Path, known: frozenset[int] = frozenset()) -> None:
    """Every file in these folders, and their entries, on the disk.

    ``known``: the inodes of files that are there already.
    """
    for folder in folders:
        files = [Path(entry) for entry in os.scandir(folder) if _is_new(entry, known)]
        for file in [*files, folder]:
            descriptor = os.open(file, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


def inodes(*folders: Path) -> frozenset[int]:
    """The numbers that the system gives the files of these folders; a hard link has the same."""
    return frozenset(
        entry.inode() for folder in folders if folder.is_dir() for entry in os.scandir(folder)
    )


def _is_new(entry: os.DirEntry[str], known: frozenset[int]) -> bool:
    return entry.is_file() and entry.inode() not in known
