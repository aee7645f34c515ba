"""Tables of documents and of experiences, CSV or JSON Lines, plain or gzip, into the graph.

What each column means is said in sources.toml: see ``tables_options``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyoxigraph import Literal, NamedNode, Quad

from atlas.errors import MalformedSource
from loaders.readers.tables_cells import Fact, Term, Thing, Value, cells_of, facts
from loaders.readers.tables_options import RECORDS, Column, Options, options_of
from loaders.rows import Problems, csv_rows, json_lines
from loaders.sources import Source
from loaders.terms import ATLAS, LABEL, TYPE, Instances, concept, text
from loaders.values import digest, short_slug

CSV = {".csv"}
JSON_LINES = {".jsonl", ".ndjson"}
# A key that is fit to stand in an IRI as it is.
PLAIN_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
CLASSES = {"country": "Country", "actor": "Actor", "site": "ResourceSite"}


@dataclass(frozen=True, slots=True)
class Record:
    """A document or an experience, and what the row states of it."""

    key: str
    facts: tuple[Fact, ...]


def read_rows(source: Source, problems: Problems) -> Iterator[Record]:
    """The records of every file.

    Raises MalformedSource for options that do not fit, a broken file, a column that is not there,
    BadRow where the source says stop.
    """
    options = options_of(source)
    reader = Reader(options, problems)
    for path in source.files:
        for line, row in _rows(path, options, problems):
            yield from reader.record(path, line, row)


def _rows(
    path: Path, options: Options, problems: Problems
) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The rows of a file, all columns that are read being there."""
    suffixes = {suffix.lower() for suffix in path.suffixes}
    if suffixes & CSV:
        yield from csv_rows(path, options.reads, problems, options.delimiter)
        return
    if not suffixes & JSON_LINES:
        raise MalformedSource(path, "is neither CSV (.csv) nor JSON Lines (.jsonl).")
    missing = set(options.reads)
    for line, row in json_lines(path):
        missing -= row.keys()
        yield line, row
    # A row may do without any field; a field that no row has is a mistake in the options.
    if missing:
        raise MalformedSource(path, f"no row has a field {sorted(missing)[0]!r}.")


class Reader:
    """Makes records of rows; no two have the same key."""

    def __init__(self, options: Options, problems: Problems) -> None:
        self.options, self.problems = options, problems
        self.seen: set[str] = set()

    def record(self, path: Path, line: int, row: Mapping[str, Any]) -> Iterator[Record]:
        """The record of a row, or nothing where it has no key or lacks what is required."""
        cells = cells_of(row, self.options, path=path, line=line, problems=self.problems)
        values = [next(iter(cells.values(Column("text", name))), "") for name in self.options.key]
        if not all(values):
            missing = self.options.key[values.index("")]
            cells.report(missing, "", "it is part of the record's key.")
            return
        readable = next(iter(cells.values(Column("text", self.options.slug))), "")
        key = key_of(values, readable)
        if key in self.seen:
            cells.report(self.options.key[0], values[0], "another record has the same key.")
            return
        self.seen.add(key)
        found: list[Fact] = []
        for column in self.options.columns:
            stated = list(facts(column, cells))
            if column.required and not stated:
                cells.report(column.column, row.get(column.column), "it is required.")
                return
            found += stated
        yield Record(key, tuple(found))


def key_of(values: list[str], readable: str) -> str:
    """The end of the record's IRI: the value itself where it is plain, else readable and digest."""
    if len(values) == 1 and not readable and PLAIN_KEY.fullmatch(values[0]):
        return values[0]
    return f"{short_slug(readable or values[-1])}-{digest(*values)}"


def to_quads(rows: Iterable[Record], source: Source) -> Iterator[Quad]:
    """The graph: the records, and the countries, actors and sites that they are linked to."""
    options = options_of(source)
    writer = Writer(source)
    graph = NamedNode(source.graph)
    for row in rows:
        name = options.known.get(row.key, f"{source.name}-{row.key}")
        subject = writer.instances[options.record, name]
        yield Quad(subject, TYPE, ATLAS[RECORDS[options.record]], graph)
        for fact in row.facts:
            for statement in writer.fact(subject, fact):
                yield Quad(*statement, graph)


Statement = tuple[NamedNode, NamedNode, NamedNode | Literal]


class Writer:
    """The statements of each kind of fact; things are described once."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.instances = Instances(source.base)
        self.described: set[Thing] = set()

    def fact(self, subject: NamedNode, fact: Fact) -> Iterator[Statement]:
        if isinstance(fact, Value):
            yield subject, fact.predicate, fact.value
        elif isinstance(fact, Term):
            named = concept(fact.scheme, fact.name) if fact.scheme else ATLAS[fact.name]
            yield subject, fact.predicate, named
        else:
            yield from self.thing(subject, fact)

    def thing(self, subject: NamedNode, fact: Thing) -> Iterator[Statement]:
        key = f"{self.source.name}-{fact.key}" if fact.kind == "actor" else fact.key
        thing = self.instances[fact.kind, key]
        yield subject, fact.predicate, thing
        if fact in self.described:
            return
        self.described.add(fact)
        yield thing, TYPE, ATLAS[CLASSES[fact.kind]]
        if fact.kind == "country":
            yield thing, ATLAS["countryCode"], text(fact.key)
        if fact.name:
            yield thing, LABEL, text(fact.name, fact.language)
