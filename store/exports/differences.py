"""What one file of lines has more and less than another, in no more memory than a few pieces.

The files may be in any order and of any size: each is cut into pieces that are sorted one by one,
and the pieces of both are gone through side by side, a range of lines at a time. Lines count once,
as triples of a graph do.
"""

from __future__ import annotations

import tempfile
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple, Protocol

# A piece is sorted at a stroke, in which the process does nothing else: some 30 ms.
PIECE = 8 * 1024 * 1024
# So much of each piece is in memory while they are gone through.
WINDOW = 256 * 1024

Lines = Iterable[bytes]


class Difference(NamedTuple):
    """Some of the lines that are in one of the two only, in order."""

    removed: Sequence[bytes]
    added: Sequence[bytes]


class Readable(Protocol):
    def readlines(self, hint: int = -1, /) -> list[bytes]: ...


def difference(
    old: Lines, new: Lines, folder: Path, *, piece: int = PIECE, window: int = WINDOW
) -> Iterator[Difference]:
    """What ``new`` has less and more than ``old``, in as many parts as it takes.

    ``folder``: where the sorted pieces may be while this runs; they have no names there.
    ``piece``, ``window``: bytes. Raises OSError where the folder cannot be written.
    """
    with ExitStack() as files:
        before = [_Run(run, window) for run in _runs(old, folder, piece, window, files)]
        after = [_Run(run, window) for run in _runs(new, folder, piece, window, files)]
        while ends := [run.end for run in (*before, *after) if run.end is not None]:
            upto = min(ends)
            left = set[bytes]().union(*(run.take(upto) for run in before))
            right = set[bytes]().union(*(run.take(upto) for run in after))
            if left != right:
                yield Difference(sorted(left - right), sorted(right - left))


def _runs(
    lines: Lines, folder: Path, piece: int, window: int, files: ExitStack
) -> Iterator[Readable]:
    """The lines as sorted files; one no larger than a window stays in memory."""
    for part in _pieces(lines, piece):
        part.sort()
        file = tempfile.SpooledTemporaryFile(window, dir=str(folder))  # noqa: SIM115 - see ``files``
        files.enter_context(file)
        file.writelines(part)
        file.seek(0)
        yield file


def _pieces(lines: Lines, size: int) -> Iterator[list[bytes]]:
    part: list[bytes] = []
    length = 0
    for line in lines:
        part.append(line)
        length += len(line)
        if length >= size:
            yield part
            part, length = [], 0
    if part:
        yield part


class _Run:
    """A sorted file, read a window at a time."""

    def __init__(self, file: Readable, window: int) -> None:
        self._file, self._window = file, window
        self._lines = file.readlines(window)

    @property
    def end(self) -> bytes | None:
        """The last line in the window; None where the file is at its end."""
        return self._lines[-1] if self._lines else None

    def take(self, upto: bytes) -> list[bytes]:
        """All lines not beyond this one, which is in no window before the last line of it."""
        taken: list[bytes] = []
        while self._lines and self._lines[0] <= upto:
            cut = bisect_right(self._lines, upto)
            taken += self._lines[:cut]
            self._lines = self._lines[cut:] or self._file.readlines(self._window)
        return taken
