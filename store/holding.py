"""Holding a generation: while anybody does, it is not pruned.

A reader holds a shared lock on the generation's lock file; pruning takes the exclusive one without
waiting, and passes over what it cannot have. The system drops a lock when its process ends.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from types import TracebackType

from atlas.errors import InstanceError

LOCK = "lock"


class Hold:
    """A shared hold on a generation's folder, until released."""

    def __init__(self, folder: Path) -> None:
        """Raises InstanceError where the generation is gone or going."""
        try:
            self.descriptor = os.open(folder / LOCK, os.O_RDONLY)
        except OSError as error:
            raise gone(folder) from error
        try:
            fcntl.flock(self.descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self.descriptor)
            raise gone(folder) from error

    def release(self) -> None:
        os.close(self.descriptor)

    def __enter__(self) -> Hold:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()


def exclusive(folder: Path) -> int | None:
    """A descriptor that holds the generation alone, None where a reader holds it."""
    try:
        descriptor = os.open(folder / LOCK, os.O_RDONLY)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


def gone(folder: Path) -> InstanceError:
    return InstanceError(
        f"Generation {folder.name} is no longer kept; atlas generations lists those that are."
    )
