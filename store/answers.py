"""What is asked of an engine, and the whole answer it gives."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import BinaryIO, cast

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from atlas.errors import AnswerTooBig, InstanceError

Term = NamedNode | BlankNode | Literal | Triple

# Answers up to this size stay in memory; larger ones go to a file, so many may wait for clients.
SPOOL_BYTES = 1024 * 1024
CHUNK = 64 * 1024


@dataclass(frozen=True)
class Operation:
    """A query over a dataset.

    ``default_graphs``: IRIs of the graphs whose merge is the default graph, "" for the generation's
    own; none: its own. ``named_graphs``: those that GRAPH may reach; None: all of them.
    ``substitutions``: values of variables, put in before the query runs (SPARQL-dev SEP-0007); a
    SELECT takes values only for variables that it projects, ``SELECT *`` for all that it uses.
    ``base``: where relative IRIs start, unless the text says; "": there must be none.
    ``blanks``: the text may call the function that makes blank nodes (``store.blanks``).
    ``data``: N-Quads to ask instead of the store's, from a store of their own; None: the store's.
    """

    text: str
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] | None = None
    substitutions: Mapping[str, Term] = field(default_factory=dict)
    base: str = ""
    blanks: bool = False
    data: bytes | None = None


class Answer:
    """One whole answer: its size is known before a byte of it is sent.

    Written with ``write`` while the engine runs; then read with ``open`` or iterated; then closed.
    ``encoding`` says how its bytes are compressed, "" not at all.
    """

    def __init__(
        self, media_type: str, *, limit: int | None = None, generation: int | None = None
    ) -> None:
        self.media_type, self.generation, self.limit = media_type, generation, limit
        self.size = 0
        self.encoding = ""
        self._pieces: list[bytes] = []
        self._file: BinaryIO | None = None

    def write(self, chunk: bytes) -> int:
        """Take a piece. Raises AnswerTooBig past the limit, InstanceError for a full disk."""
        self.size += len(chunk)
        if self.limit is not None and self.size > self.limit:
            raise too_big(self.limit)
        if self._file is None and self.size <= SPOOL_BYTES:
            self._pieces.append(bytes(chunk))
        else:
            self._spool(chunk)
        return len(chunk)

    def flush(self) -> None:
        """Nothing to do: writers call it."""

    def open(self) -> BinaryIO:
        """The answer from its beginning; closing it leaves the answer open. One reader at a time.

        Raises InstanceError for a full disk.
        """
        if self._file is None:
            return io.BytesIO(b"".join(self._pieces))
        with sentences():
            self._file.seek(0)  # What is still buffered is written first.
        return cast(BinaryIO, _Lent(self._file))

    def __iter__(self) -> Iterator[bytes]:
        stream = self.open()
        while chunk := stream.read(CHUNK):
            yield chunk

    def read(self) -> bytes:
        """All of it, and the answer is closed."""
        try:
            return self.open().read()
        finally:
            self.close()

    def close(self) -> None:
        self._pieces.clear()
        if self._file is not None:
            self._file.close()

    def _spool(self, chunk: bytes) -> None:
        with sentences():
            if self._file is None:
                # The file has no name, so a crash leaves nothing behind.
                self._file = tempfile.TemporaryFile()  # noqa: SIM115 (closed with the answer)
                self._file.writelines(self._pieces)
                self._pieces.clear()
            self._file.write(chunk)


@contextmanager
def sentences() -> Iterator[None]:
    """A disk that is full or broken, told in one sentence."""
    try:
        yield
    except OSError as error:
        folder = tempfile.gettempdir()
        raise InstanceError(
            f"The answer could not be kept in {folder} ({error.strerror}); "
            "free some space or set TMPDIR to another disk."
        ) from error


def too_big(limit: int) -> AnswerTooBig:
    return AnswerTooBig(
        f"The answer is larger than {limit:,} bytes (ATLAS_ANSWER_BYTES). "
        "Add a LIMIT, ask for fewer variables, or take the dump."
    ).worded("refusal.answer_bytes", most=limit)


class _Lent(io.RawIOBase):
    """A reader over the spool whose ``close`` leaves the spool open."""

    def __init__(self, spool: BinaryIO) -> None:
        self._spool = spool

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        return self._spool.read(size)
