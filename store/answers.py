"""What is asked of an engine, and the whole answer it gives."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO, cast

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from atlas.errors import AnswerTooBig, InstanceError

Term = NamedNode | BlankNode | Literal | Triple
Solution = dict[str, Term]

# Answers up to this size stay in memory; larger ones go to a file, so many may wait for clients.
SPOOL_BYTES = 1024 * 1024
CHUNK = 64 * 1024


@dataclass(frozen=True)
class Operation:
    """A query over a dataset.

    ``default_graphs``: IRIs of the graphs whose merge is the default graph, "" for the generation's
    own; none: its own. ``named_graphs``: those that GRAPH may reach; None: all of them.
    ``substitutions``: values of variables, put in before the query runs (SPARQL-dev SEP-0007).
    """

    text: str
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] | None = None
    substitutions: Mapping[str, Term] = field(default_factory=dict)


class Answer:
    """One whole answer: its size is known before a byte of it is sent.

    Written with ``write`` while the engine runs; then read with ``open`` or iterated; then closed.
    """

    def __init__(
        self, media_type: str, *, limit: int | None = None, generation: int | None = None
    ) -> None:
        self.media_type, self.generation, self.limit = media_type, generation, limit
        self.size = 0
        # A file of the spool has no name, so a crash leaves nothing behind.
        self._spool = tempfile.SpooledTemporaryFile(max_size=SPOOL_BYTES)  # noqa: SIM115

    def write(self, chunk: bytes) -> int:
        """Take a piece. Raises AnswerTooBig past the limit, InstanceError for a full disk."""
        self.size += len(chunk)
        if self.limit is not None and self.size > self.limit:
            raise AnswerTooBig(too_big(self.limit))
        try:
            return self._spool.write(chunk)
        except OSError as error:
            folder = tempfile.gettempdir()
            raise InstanceError(
                f"The answer could not be kept in {folder} ({error.strerror}); "
                "free some space or set TMPDIR to another disk."
            ) from error

    def flush(self) -> None:
        """Nothing to do: writers call it."""

    def open(self) -> BinaryIO:
        """The answer from its beginning; closing it leaves the answer open."""
        self._spool.seek(0)
        return cast(BinaryIO, _Lent(self._spool))

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
        self._spool.close()


def too_big(limit: int) -> str:
    return (
        f"The answer is larger than {limit:,} bytes (ATLAS_ANSWER_BYTES). "
        "Add a LIMIT, ask for fewer variables, or take the dump."
    )


class _Lent(io.RawIOBase):
    """A reader over the spool whose ``close`` leaves the spool open."""

    def __init__(self, spool: tempfile.SpooledTemporaryFile[bytes]) -> None:
        self._spool = spool

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        return self._spool.read(size)
