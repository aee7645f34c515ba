"""From the cells of a row to facts: each kind of column has its way."""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyoxigraph import Literal, NamedNode

from loaders.readers.tables_options import Column, Options
from loaders.rows import Problems
from loaders.terms import text
from loaders.values import address, language_tag, one_line, partial_date, slug, trimmed

COUNTRY = re.compile(r"[A-Z]{2}")
INTEGER = re.compile(r"(\d+)(?:\.0)?")
# What is left at the ends of an address that was one of several in a cell.
AROUND_ADDRESSES = " \t\r\n\xa0,;"


@dataclass(frozen=True, slots=True)
class Value:
    """The record states this of itself: a literal, an address, a class or a concept."""

    predicate: NamedNode
    value: Literal | NamedNode


@dataclass(frozen=True, slots=True)
class Term:
    """The record has this concept of the atlas's vocabularies, or is of this class (no scheme)."""

    predicate: NamedNode
    name: str
    scheme: str = ""


@dataclass(frozen=True, slots=True)
class Thing:
    """The record is linked to a country, an actor or a site, which has this name."""

    predicate: NamedNode
    kind: str
    key: str
    name: str
    language: str | None = None


Fact = Value | Term | Thing
Report = Callable[[str, object, str], None]  # field, value, reason


@dataclass(frozen=True, slots=True)
class Cells:
    """One row, and what its texts are written in."""

    row: Mapping[str, Any]
    language: str | None
    report: Report

    def values(self, column: Column) -> list[str]:
        """The values of a column, blanks trimmed, empty ones left out."""
        if column.template:
            return [self.filled(column.template)]
        cell = self.row.get(column.column)
        found = cell if isinstance(cell, list) else [cell]
        if any(isinstance(value, dict | list) for value in found):
            self.report(column.column, cell, "a cell holds a text, a number or a list of them.")
            return []
        values = [_written(value) for value in found]
        if column.separator:
            values = [part for value in values for part in re.split(column.separator, value)]
        return [value for value in map(trimmed, values) if value]

    def filled(self, template: str) -> str:
        """The template with the row's values; a part whose value is empty is left out with what
        comes before it."""
        parts: list[str] = []
        for literal, name, _, _ in string.Formatter().parse(template):
            value = one_line(_written(self.row.get(name))) if name else ""
            if value or not name:
                parts.append(f"{literal if parts else ''}{value}")
        return one_line("".join(parts))

    def tag(self, column: Column) -> str | None:
        return self.language if column.language is None else column.language or None


def cells_of(
    row: Mapping[str, Any], options: Options, *, path: Path, line: int, problems: Problems
) -> Cells:
    def report(field: str, value: object, reason: str) -> None:
        problems.bad(path, line, field, value, reason)

    written = _written(row.get(options.language_column)) if options.language_column else ""
    language = language_tag(written or options.language)
    if written and language is None:
        report(options.language_column, written, "it is no language tag, such as fr.")
    return Cells(row, language, report)


def facts(column: Column, cells: Cells) -> Iterator[Fact]:
    """What the row states by this column; a value that cannot be used is reported."""
    if column.kind == "country" and not column.values:
        yield from _countries(column, cells)
        return
    for value in cells.values(column):
        meant = value
        if column.values:
            meant = column.values.get(value, "")
            if value not in column.values and column.unmapped == "bad":
                cells.report(column.column, value, "the options do not say what it means.")
        if meant:
            yield from WAYS[column.kind](column, cells, meant, value)


def _text(column: Column, cells: Cells, meant: str, value: str) -> Iterator[Fact]:
    yield Value(column.iri, text(meant, cells.tag(column)))


def _label(column: Column, cells: Cells, meant: str, value: str) -> Iterator[Fact]:
    yield Value(column.iri, text(one_line(meant), cells.tag(column)))


def _note(column: Column, cells: Cells, meant: str, value: str) -> Iterator[Fact]:
    said = f"{column.prefix}: {meant}" if column.prefix else meant
    yield Value(column.iri, text(said, cells.tag(column)))


def _date(column: Column, cells: Cells, meant: str, value: str) -> Iterator[Fact]:
    date = partial_date(meant)
    if date:
        yield Value(column.iri, date)
    else:
        cells.report(column.column, value, "it is no year, month or day, such as 2019-04.")


def _integer(column: Column, cells: Cells, meant: str, value: str) -> Iterator[Fact]:
    found = INTEGER.fullmatch(meant)
    if found:
        yield Value(column.iri, Literal(int(found.group(1))))
    else:
        cells.report(column.column, value, "it is no whole number.")


def _iri(column: Column, cells: Cells, meant: str, value: str) -> Iterator[Fact]:
    iri = address(meant.strip(AROUND_ADDRESSES))
    if iri:
        yield Value(column.iri, iri)
    else:
        cells.report(column.column, value, "it is no http address.")


def _term(column: Column, cells: Cells, meant: str, value: str) -> Iterator[Fact]:
    yield Term(column.iri, meant, column.scheme)


def _country(column: Column, cells: Cells, meant: str, value: str) -> Iterator[Fact]:
    yield from _country_of(column, cells, meant, "" if meant == value else value)


def _countries(column: Column, cells: Cells) -> Iterator[Fact]:
    """Countries by code; their names are the values of another column, where it has as many."""
    codes = cells.values(column)
    names = cells.values(Column("country", column.names)) if column.names else []
    if len(names) != len(codes):
        names = [""] * len(codes)
    for code, name in zip(codes, names, strict=True):
        yield from _country_of(column, cells, code, name)


def _country_of(column: Column, cells: Cells, code: str, name: str) -> Iterator[Fact]:
    if COUNTRY.fullmatch(code):
        yield Thing(column.iri, "country", code, one_line(name), cells.tag(column))
    else:
        cells.report(column.column, code, "a country's code is two capitals (ISO 3166-1).")


def _actor(column: Column, cells: Cells, meant: str, value: str) -> Iterator[Fact]:
    """An actor known by its name; the same name elsewhere is another actor."""
    name = one_line(meant)
    places = [place for other in column.within for place in cells.values(Column("text", other))]
    key = "-".join(slug(part) for part in (*places, name))
    yield Thing(column.iri, "actor", key, name, cells.tag(column))


def _site(column: Column, cells: Cells, meant: str, value: str) -> Iterator[Fact]:
    """A site by its name; one that another source describes has its name there."""
    yield Thing(column.iri, "site", slug(meant), one_line(meant) if meant == value else "")


Way = Callable[[Column, Cells, str, str], Iterator[Fact]]
WAYS: dict[str, Way] = {
    "text": _text,
    "label": _label,
    "note": _note,
    "date": _date,
    "integer": _integer,
    "iri": _iri,
    "concept": _term,
    "class": _term,
    "country": _country,
    "actor": _actor,
    "site": _site,
}


def _written(value: object) -> str:
    """A cell as text; what JSON writes as true is "true"."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
