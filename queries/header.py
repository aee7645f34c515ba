"""The ``#+`` header of a query file: the part of YAML that grlc headers need, read strictly.

Maps, lists of maps, ``[a, b]`` lists, plain and double-quoted scalars; two spaces a level.
Every header is valid YAML, so grlc and editors read the same thing.
http://grlc.io
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from atlas.errors import MalformedSource

Value = str | list["Value"] | dict[str, "Value"]

MARK = "#+"
INDENT = 2
KEY = re.compile(r"([A-Za-z][A-Za-z0-9_-]*):(?: (.*))?$")
NOT_PLAIN = re.compile(r"^[\[\]{}&*!|>'%@`]|: | #|:$")


@dataclass(frozen=True)
class Line:
    number: int
    depth: int
    text: str


def read_header(path: Path, text: str) -> dict[str, Value]:
    """The header of the query ``text`` as nested maps, lists and strings.

    Raises MalformedSource where there is no header or a line is not of the form above.
    """
    lines = [
        _line(path, number, row[len(MARK) :])
        for number, row in enumerate(text.splitlines(), start=1)
        if row.startswith(MARK) and row[len(MARK) :].strip()
    ]
    if not lines:
        raise MalformedSource(path, f"no header; a query begins with lines that start with {MARK}")
    value, rest = _block(path, lines, 0)
    if rest or not isinstance(value, dict):
        raise MalformedSource(path, "the header is not a map of keys", line=lines[0].number)
    return value


def _line(path: Path, number: int, row: str) -> Line:
    text = row.removeprefix(" ")
    spaces = len(text) - len(text.lstrip(" "))
    if spaces % INDENT:
        raise MalformedSource(path, f"indent by {INDENT} spaces a level", line=number)
    return Line(number, spaces // INDENT, text.strip())


def _block(path: Path, lines: list[Line], depth: int) -> tuple[Value, list[Line]]:
    """The map or list that begins at the first line, and the lines after it."""
    if lines[0].depth != depth:
        raise MalformedSource(path, "a line is indented too deep", line=lines[0].number)
    if lines[0].text.startswith("- "):
        return _sequence(path, lines, depth)
    return _mapping(path, lines, depth)


def _sequence(path: Path, lines: list[Line], depth: int) -> tuple[Value, list[Line]]:
    items: list[Value] = []
    while lines and lines[0].depth == depth and lines[0].text.startswith("- "):
        first = lines[0]
        inner = [Line(first.number, depth + 1, first.text[2:].strip()), *lines[1:]]
        item, lines = _mapping(path, inner, depth + 1)
        items.append(item)
    return items, lines


def _mapping(path: Path, lines: list[Line], depth: int) -> tuple[Value, list[Line]]:
    entries: dict[str, Value] = {}
    while lines and lines[0].depth == depth and not lines[0].text.startswith("- "):
        line, lines = lines[0], lines[1:]
        match = KEY.match(line.text)
        if match is None:
            raise MalformedSource(path, f"not 'key: value': {line.text!r}", line=line.number)
        key, scalar = match[1], match[2]
        if key in entries:
            raise MalformedSource(path, f"the key {key!r} occurs twice", line=line.number)
        if scalar is not None:
            entries[key] = _scalar(path, line.number, scalar.strip())
        elif lines and lines[0].depth > depth:
            entries[key], lines = _block(path, lines, depth + 1)
        else:
            raise MalformedSource(path, f"the key {key!r} has no value", line=line.number)
    return entries, lines


def _scalar(path: Path, number: int, text: str) -> Value:
    if text.startswith("[") and text.endswith("]"):
        return [part.strip() for part in text[1:-1].split(",") if part.strip()]
    if text.startswith('"'):
        try:
            value: str = json.loads(text)
        except json.JSONDecodeError as error:
            raise MalformedSource(path, f"bad quotes in {text!r}", line=number) from error
        return value
    if NOT_PLAIN.search(text):
        raise MalformedSource(path, f"put double quotes around {text!r}", line=number)
    return text
