"""Counts the solutions of an answer while it is written, so that a cap on them is kept and told.

The engine writes an answer in one go and says nothing of its rows; what separates them in each
format says it: https://www.w3.org/TR/sparql11-results-json/, -csv-tsv/ and rdf-sparql-XMLres/.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from atlas.errors import AnswerTooBig

Counter = Callable[[bytes], int]
Item = TypeVar("Item")
# A JSON string, whole; and one that the next piece of the answer will close.
STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"', re.DOTALL)


class Rows:
    """A stream that refuses more rows than ``limit``, in front of another."""

    def __init__(self, stream: Any, media_type: str, limit: int) -> None:
        self.stream, self.limit = stream, limit
        self.count = COUNTERS[media_type]()
        self.seen = 0

    def write(self, chunk: bytes) -> int:
        """Raises AnswerTooBig past the limit."""
        self.seen += self.count(chunk)
        if self.seen > self.limit:
            raise too_many(self.limit)
        written: int = self.stream.write(chunk)
        return written

    def flush(self) -> None:
        """Nothing to do: writers call it."""


def bounded(items: Iterable[Item], limit: int) -> Iterator[Item]:
    """The items, up to ``limit``. Raises AnswerTooBig where there are more."""
    for number, item in enumerate(items):
        if number == limit:
            raise too_many(limit)
        yield item


def too_many(limit: int) -> AnswerTooBig:
    return AnswerTooBig(
        f"The answer has more than {limit:,} rows (ATLAS_ANSWER_ROWS). "
        "Add a LIMIT, ask a narrower question, or take the dump."
    ).worded("refusal.answer_rows", most=limit)


def json_rows() -> Counter:
    """A row is an object in an array; within a row each object follows a colon."""
    last = rest = b""

    def count(chunk: bytes) -> int:
        nonlocal last, rest
        structure = last + STRING.sub(b"", rest + chunk)
        # A quote that is left opens a string whose end is still to come.
        opened = structure.find(b'"')
        rest = structure[opened:] if opened >= 0 else b""
        structure = structure[:opened] if opened >= 0 else structure
        last = structure[-1:]
        return structure.count(b"[{") + structure.count(b",{")

    return count


def csv_rows() -> Counter:
    """A row ends with a line break outside quotes; the first line is the header's."""
    quoted, lines = False, -1

    def count(chunk: bytes) -> int:
        nonlocal quoted, lines
        before = max(lines, 0)
        for number, part in enumerate(chunk.split(b'"')):
            quoted ^= number > 0
            lines += 0 if quoted else part.count(b"\n")
        return max(lines, 0) - before

    return count


def tsv_rows() -> Counter:
    """A row is a line: TSV writes a line break within a value as an escape."""
    lines = -1

    def count(chunk: bytes) -> int:
        nonlocal lines
        before = max(lines, 0)
        lines += chunk.count(b"\n")
        return max(lines, 0) - before

    return count


def xml_rows() -> Counter:
    """A row is an element; within values the angle bracket is an entity."""
    element, tail = b"<result>", b""

    def count(chunk: bytes) -> int:
        nonlocal tail
        text = tail + chunk
        tail = text[1 - len(element) :]
        return text.count(element)

    return count


COUNTERS: dict[str, Callable[[], Counter]] = {
    "application/sparql-results+json": json_rows,
    "application/sparql-results+xml": xml_rows,
    "text/csv": csv_rows,
    "text/tab-separated-values": tsv_rows,
}
