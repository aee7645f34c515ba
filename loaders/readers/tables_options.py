"""How a table's columns become facts, as ``[source.options]`` in sources.toml says it.

record = "document" or "experience"; key = the columns that tell one record from another; slug = the
column that gives the readable part of IRIs (without it the key itself does); language = the tag of
texts, or language_column = the column that gives it; delimiter = that of a CSV file, "," if not
said; known = the records that another source describes too, the end of their IRI here and there;
columns = a list of tables, one per fact, each with:

column          the column, or template = a text with {column} in it
kind            text, label, note, date, integer, iri, concept, class, country, actor, site
predicate       such as "dcterms:title"; a note, a class and a label have one of their own
required        true: a record without it is no record
separator       a regular expression between values; a JSON list needs none
language        instead of the source's; "" for none
prefix          of a note: "prefix: value"
scheme          of a concept: the vocabulary
values          what each value means: a concept's slug, a class, a country's code; "" for nothing;
                of a site: the end of the IRI under which another source describes it
unmapped        "bad" (as is when not said) or "skip": a value that ``values`` does not have
names           of a country's codes: the column with their names, value by value
within          of an actor: columns that tell bodies of the same name apart
"""

from __future__ import annotations

import re
import string
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from typing import Any

from pyoxigraph import NamedNode

from atlas.errors import MalformedSource
from loaders.sources import SOURCES, Source
from loaders.terms import ATLAS, DC, DCTERMS, FOAF, LABEL, RDFS, SKOS, TYPE

NAMESPACES = {
    "atlas": ATLAS,
    "dc": DC,
    "dcterms": DCTERMS,
    "foaf": FOAF,
    "rdfs": RDFS,
    "skos": SKOS,
}
RECORDS = {"document": "Document", "experience": "Experience"}
# Kinds of facts; a kind with a predicate of its own takes no other.
OWN_PREDICATE = {"note": SKOS["note"], "class": TYPE, "label": LABEL}
KINDS = ("text", "date", "integer", "iri", "concept", "country", "actor", "site", *OWN_PREDICATE)
MAPPED = ("concept", "class")
UNMAPPED = ("bad", "skip")


@dataclass(frozen=True)
class Column:
    """One fact that each row may state."""

    kind: str
    column: str = ""
    template: str = ""
    predicate: str = ""
    required: bool = False
    separator: str = ""
    language: str | None = None
    prefix: str = ""
    scheme: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    unmapped: str = "bad"
    names: str = ""
    within: tuple[str, ...] = ()

    @property
    def iri(self) -> NamedNode:
        """The IRI of the predicate."""
        own = OWN_PREDICATE.get(self.kind)
        if own:
            return own
        prefix, _, name = self.predicate.partition(":")
        return NAMESPACES[prefix][name]

    @property
    def reads(self) -> tuple[str, ...]:
        """Every column of the table that this one takes something from."""
        parts = string.Formatter().parse(self.template)
        templated = tuple(name for _, name, _, _ in parts if name)
        named = (self.column, self.names, *templated, *self.within)
        return tuple(name for name in named if name)


@dataclass(frozen=True)
class Options:
    """``[source.options]`` of a table."""

    record: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    slug: str = ""
    language: str = ""
    language_column: str = ""
    delimiter: str = ","
    known: Mapping[str, str] = field(default_factory=dict)

    @property
    def reads(self) -> tuple[str, ...]:
        """Every column of the table that is read, in order, once."""
        columns = [name for column in self.columns for name in column.reads]
        named = (*self.key, self.slug, self.language_column, *columns)
        return tuple(dict.fromkeys(name for name in named if name))


def options_of(source: Source) -> Options:
    """The options of a source, checked.

    Raises MalformedSource that names sources.toml, the source and the option at fault.
    """
    given = dict(source.options)
    columns = given.pop("columns", None)
    if not isinstance(columns, list) or not columns:
        raise _wrong(source, "options.columns lists what the columns mean; give it.")
    options = _made(source, Options, given | {"columns": ()}, "options")
    if options.record not in RECORDS:
        raise _wrong(source, f"options.record is {options.record!r}; it takes {_or(RECORDS)}.")
    checked = tuple(_column(source, number, column) for number, column in enumerate(columns, 1))
    return _made(source, Options, given | {"columns": checked}, "options")


def _column(source: Source, number: int, given: Mapping[str, Any]) -> Column:
    where = f"options.columns, entry {number}"
    column = _made(source, Column, given, where)
    if column.kind not in KINDS:
        raise _wrong(source, f"{where}: kind is {column.kind!r}; it takes {_or(KINDS)}.")
    if bool(column.column) == bool(column.template):
        raise _wrong(source, f"{where} takes one of column and template.")
    if column.kind in OWN_PREDICATE and column.predicate:
        raise _wrong(source, f"{where}: a {column.kind} has a predicate of its own; give none.")
    if column.kind not in OWN_PREDICATE:
        prefix, colon, name = column.predicate.partition(":")
        if not colon or prefix not in NAMESPACES or not name.isalnum():
            raise _wrong(
                source,
                f"{where}: predicate is {column.predicate!r}; it takes a name such as "
                f"dcterms:title, with one of the prefixes {', '.join(NAMESPACES)}.",
            )
    if column.kind in MAPPED and not column.values:
        raise _wrong(source, f"{where}: a {column.kind} needs values, what each value means.")
    if column.kind == "concept" and not column.scheme:
        raise _wrong(source, f"{where}: a concept needs a scheme.")
    if column.unmapped not in UNMAPPED:
        raise _wrong(source, f"{where}: unmapped is {column.unmapped!r}; it takes {_or(UNMAPPED)}.")
    try:
        re.compile(column.separator)
    except re.error as error:
        raise _wrong(source, f"{where}: separator is no regular expression: {error}.") from error
    return column


def _made(source: Source, kind: Any, given: Mapping[str, Any], where: str) -> Any:
    """An instance of the dataclass, lists made tuples.

    Raises MalformedSource for a key that it does not have or that is missing, or a wrong type.
    """
    known = {item.name: item for item in fields(kind)}
    unknown = sorted(given.keys() - known.keys())
    if unknown:
        raise _wrong(source, f"{where} has no key {unknown[0]!r}; it takes {', '.join(known)}.")
    needed = [name for name, item in known.items() if _has_no_default(item)]
    missing = [name for name in needed if name not in given]
    if missing:
        raise _wrong(source, f"{where} has no {missing[0]!r}; give it.")
    for name, value in given.items():
        wanted = str(known[name].type)
        if not wanted.startswith(TYPE_NAMES.get(type(value), "?")) or not _of_texts(value):
            raise _wrong(source, f"{where}: {name} is {value!r}; it takes a {wanted}.")
    return kind(**{name: tuple(v) if isinstance(v, list) else v for name, v in given.items()})


# What TOML gives, and how the dataclasses above call it.
TYPE_NAMES = {str: "str", bool: "bool", list: "tuple", tuple: "tuple", dict: "Mapping"}


def _has_no_default(item: Field[Any]) -> bool:
    return item.default is MISSING and item.default_factory is MISSING


def _of_texts(value: object) -> bool:
    """Whether a list or table holds texts only; other values are not looked into."""
    held = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return all(isinstance(item, str) for item in held)


def _wrong(source: Source, reason: str) -> MalformedSource:
    return MalformedSource(SOURCES.name, f"source {source.name!r}: {reason}")


def _or(names: Any) -> str:
    return " or ".join(names)
