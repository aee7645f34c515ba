"""Reading files into rows: text, CSV, JSON and JSON Lines, plain or gzip, strict UTF-8.

A file that cannot be read as what it is said to be raises MalformedSource with its line. A row that
cannot be used is told to ``Problems``, which skips it or stops, as the source says.
"""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from atlas.errors import BadRow, MalformedSource
from loaders.sources import Source
from store.parsing.files import read_bytes

WIDE_ENCODINGS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}


class Problems:
    """Collects the rows of one source that cannot be used; counts what others leave out."""

    def __init__(self, source: Source, log: Callable[[BadRow], None] | None = None) -> None:
        self.stops = source.on_error == "stop"
        self.log = log
        self.rows: list[str] = []
        self.lost: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self.rows)

    def bad(
        self, path: Path | str, line: int | None, field: str, value: object, reason: str
    ) -> None:
        """Report a row. Raises BadRow where the source's ``on_error`` is "stop"."""
        row = BadRow(path, line, field, value, reason)
        if self.stops:
            raise row
        self.rows.append(str(row))
        if self.log:
            self.log(row)

    def lose(self, what: str, times: int = 1) -> None:
        """Count what a loader knows and does not keep; it is told, and never stops a source."""
        self.lost[what] += times


def read_text(path: Path) -> str:
    """The file's text, plain or gzip, a byte order mark removed, line ends as they are.

    Raises MalformedSource with the line of the first byte that is not UTF-8.
    """
    content = read_bytes(path)
    if content[:2] in WIDE_ENCODINGS:
        raise MalformedSource(path, "is UTF-16; save it as UTF-8.", line=1)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        byte = content[error.start]
        raise MalformedSource(
            path,
            f"byte 0x{byte:02x} is not UTF-8; save the file as UTF-8.",
            line=content.count(b"\n", 0, error.start) + 1,
        ) from error


def json_array(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of a JSON array, each with the line on which it begins.

    Raises MalformedSource with the line where the JSON goes wrong or stops, or for a member that is
    not an object.
    """
    text = read_text(path)
    decode = json.JSONDecoder().raw_decode
    line, counted = 1, 0
    place = _after_blanks(text, 0)
    if text[place : place + 1] != "[":
        raise _not_json(path, text, "an array begins with [", place)
    place = _after_blanks(text, place + 1)
    closed = text[place : place + 1] == "]"
    while not closed:
        line, counted = line + text.count("\n", counted, place), place
        try:
            value, place = decode(text, place)
        except json.JSONDecodeError as error:
            raise _not_json(path, text, error.msg, error.pos) from error
        except RecursionError as error:
            raise MalformedSource(path, "nests too deep to be read as JSON.", line=line) from error
        if not isinstance(value, dict):
            raise MalformedSource(path, "a member of the array is not an object.", line=line)
        yield line, value
        place = _after_blanks(text, place)
        closed = text[place : place + 1] == "]"
        if not closed and text[place : place + 1] != ",":
            raise _not_json(path, text, "expecting , or ]", place)
        place = _after_blanks(text, place + 1)


def json_lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of a JSON Lines file with their lines; empty lines are passed over.

    Raises MalformedSource with the line that is not one whole JSON object.
    """
    for line, text in enumerate(read_text(path).split("\n"), 1):
        if not text.strip():
            continue
        try:
            value = json.loads(text)
        except json.JSONDecodeError as error:
            raise _not_json(path, text, error.msg, error.pos, first=line) from error
        except RecursionError as error:
            raise MalformedSource(path, "nests too deep to be read as JSON.", line=line) from error
        if not isinstance(value, dict):
            raise MalformedSource(path, "holds something other than a JSON object.", line=line)
        yield line, value


def csv_rows(
    path: Path, required: Sequence[str], problems: Problems | None = None, delimiter: str = ","
) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a CSV file with a header, each with the line on which it begins.

    Raises MalformedSource for a missing column (named), or text that is not CSV; a row with another
    number of cells than the header goes to ``problems``, or raises MalformedSource without them.
    """
    reader = csv.reader(io.StringIO(read_text(path), newline=""), delimiter=delimiter, strict=True)
    begins = 1
    try:
        header = [name.strip() for name in next(reader, [])]
        _check_header(path, header, required)
        begins = reader.line_num + 1
        for cells in reader:
            line, begins = begins, reader.line_num + 1
            if not cells:
                continue
            if len(cells) == len(header):
                yield line, dict(zip(header, cells, strict=True))
                continue
            reason = f"the row has {len(cells)} cells and the header {len(header)}."
            if problems is None:
                raise MalformedSource(path, reason, line=line)
            problems.bad(path, line, "row", delimiter.join(cells), reason)
    except csv.Error as error:
        raise MalformedSource(path, f"is not CSV: {error}.", line=begins) from error


def _check_header(path: Path, header: Sequence[str], required: Sequence[str]) -> None:
    missing = [name for name in required if name not in header]
    if missing:
        raise MalformedSource(
            path,
            f"has no column {missing[0]!r}; its columns are: {', '.join(header) or 'none'}.",
            line=1,
        )
    doubled = [name for name in header if header.count(name) > 1]
    if doubled:
        raise MalformedSource(path, f"has two columns {doubled[0]!r}.", line=1)


def _after_blanks(text: str, place: int) -> int:
    while text[place : place + 1] in (" ", "\n", "\r", "\t"):
        place += 1
    return place


def _not_json(path: Path, text: str, message: str, place: int, first: int = 1) -> MalformedSource:
    # The decoder places an unterminated string where it begins; what is missing is its end.
    midway = place >= len(text.rstrip()) or message.startswith("Unterminated string")
    what = "stops midway" if midway else "is not JSON"
    return MalformedSource(
        path, f"the JSON {what} ({message}).", line=text.count("\n", 0, place) + first
    )
