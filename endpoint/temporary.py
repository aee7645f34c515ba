"""Folders of a server: removed once they are of no use, or after its death by the next one.

Each stands in the system's folder for temporary files, under a prefix of its own.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# A folder that was just made may not be held yet.
YOUNG = 60.0
# The bodies and documents of a write, for as long as it takes.
BODIES = "atlas-body-"


@contextmanager
def own_folder(prefix: str) -> Iterator[Path]:
    """A temporary folder of this process and of those that it forks.

    They hold a lock on it for as long as one of them lives; what nobody holds was left by a server
    that was killed, and is swept away.
    """
    sweep(prefix)
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    maker, held = os.getpid(), os.open(folder, os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_SH)
    try:
        yield folder
    finally:
        # A forked server process leaves through here too.
        if os.getpid() == maker:
            os.close(held)
            shutil.rmtree(folder, ignore_errors=True)


def sweep(prefix: str) -> None:
    """Remove the folders of servers that are no more."""
    for folder in Path(tempfile.gettempdir()).glob(f"{prefix}*"):
        try:
            held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except OSError:
            continue  # Another user's, or gone.
        try:
            status = os.fstat(held)
            if status.st_uid != os.getuid() or time.time() - status.st_mtime < YOUNG:
                continue
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            continue
        else:
            shutil.rmtree(folder, ignore_errors=True)
        finally:
            os.close(held)
