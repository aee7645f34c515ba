"""Bindings as blocks of values: the part of a request that says which rows are wanted.

The rows of all blocks together are those that may join, each once. A term that is written in one
way is compared as a term, by ``VALUES``. One that this engine, the partner's or both may write in
another way (``"01"^^xsd:int`` is ``1`` here) is compared as a value, by ``FILTER (?x = …)``; what
that lets through in excess is joined here with nothing.
https://www.w3.org/TR/sparql11-federated-query/#values
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pyoxigraph import Literal

from atlas.namespaces import XSD
from federation.partner import IRIS, NONE, Partner
from federation.query.bindings import Bindings, project, values
from federation.query.writing import cell, listed, term
from federation.rows import Rows
from store.answers import Term

# Of XML Schema's types only these are written in one way.
WRITTEN_ONCE = frozenset(XSD + name for name in ("string", "anyURI"))
NUMBERS = frozenset(
    XSD + name
    for name in (
        *("integer", "decimal", "double", "float", "long", "int", "short", "byte"),
        *("nonNegativeInteger", "positiveInteger", "nonPositiveInteger", "negativeInteger"),
        *("unsignedLong", "unsignedInt", "unsignedShort", "unsignedByte"),
    )
)


# Comparisons of one FILTER: engines take them one by one, and some nest them.
COMPARED = 100


@dataclass(frozen=True)
class Block:
    """A part of a request: ``values`` stands first in its group, ``filters`` may stand anywhere.

    ``bindings``: how many they are.
    """

    values: str = ""
    filters: str = ""
    names: frozenset[str] = frozenset()
    bindings: int = 0


def blocks(bindings: Bindings, partner: Partner, *, most: int) -> list[Block]:
    """The blocks to ask of a partner, ``most`` at most; one without values asks for all rows."""
    size = partner.limits.block
    compared = min(size, COMPARED)
    parts = [sendable(part, partner.sends) for part in bindings.parts]
    # The longest list is cut into blocks; the others go with every block, whole or not at all.
    tables = sorted((part.exact for part in parts if part.exact), key=len, reverse=True)
    tables = [rows for rows in tables if len(rows) <= most * size]
    columns = sorted((column for part in parts for column in part.loose), key=len)
    filters = " ".join(condition(column) for column in columns if len(column) <= compared)
    if tables:
        longest, *others = tables
        others = [rows for rows in others if len(rows) <= size]
        names = frozenset(longest.variables).union(*(rows.variables for rows in others))
        return [
            Block(" ".join(map(table, (rows, *others))), filters, names, len(rows))
            for rows in cut(longest, size)
        ]
    if filters:
        return [Block("", filters, bindings=max(len(c) for c in columns if len(c) <= compared))]
    for column in columns:
        if len(column) <= most * compared and all(map(is_number, column.values)):
            return [
                Block("", condition(part), bindings=len(part))
                for part in by_value(column, compared)
            ]
    return [Block()]


@dataclass(frozen=True)
class Column:
    """The values of one variable."""

    name: str
    values: Sequence[Term]

    def __len__(self) -> int:
        return len(self.values)


@dataclass(frozen=True)
class Sendable:
    """What of some bindings may be sent: rows of terms, and values of single variables."""

    exact: Rows | None
    loose: list[Column]


def sendable(rows: Rows, sends: str) -> Sendable:
    """What the partner's entry and the values themselves allow to send."""
    exact, loose = [], []
    for place, name in enumerate(rows.variables):
        column = values(rows, place)
        literals = any(isinstance(value, Literal) for value in column)
        if sends == NONE or (sends == IRIS and literals):
            continue
        if all(map(written_once, column)):
            exact.append(place)
        elif not any(map(unequal, column)):
            loose.append(Column(name, column))
    return Sendable(project(rows, exact) if exact else None, loose)


def written_once(value: Term) -> bool:
    """Whether no other term is taken for the same value, here or by a partner."""
    if not isinstance(value, Literal):
        return True
    if value.language is not None:
        # Engines keep or lose the capitals of en-GB.
        return "-" not in value.language
    datatype = value.datatype.value
    return not datatype.startswith(XSD) or datatype in WRITTEN_ONCE


def unequal(value: Term) -> bool:
    """Whether it is not equal to itself."""
    return isinstance(value, Literal) and value.value == "NaN"


def is_number(value: Term) -> bool:
    return isinstance(value, Literal) and value.datatype.value in NUMBERS


def table(rows: Rows) -> str:
    lines = " ".join(f"({' '.join(map(cell, row))})" for row in rows.rows)
    return f"VALUES ({listed(rows.variables)}) {{ {lines} }}"


def condition(column: Column) -> str:
    """Compares as values; a text with its language by its characters alone."""
    texts = [v for v in column.values if isinstance(v, Literal) and v.language is not None]
    others = [v for v in column.values if not (isinstance(v, Literal) and v.language is not None)]
    tests = []
    if texts:
        said = ", ".join(str(Literal(text.value)) for text in texts)
        tests.append(f"STR(?{column.name}) IN ({said})")
    if others:
        # Not IN: rdflib compares what stands there as terms.
        tests.append(" || ".join(f"?{column.name} = {term(value)}" for value in others))
    return f"FILTER({' || '.join(tests)})"


def cut(rows: Rows, size: int) -> Iterator[Rows]:
    for start in range(0, len(rows), size):
        yield Rows(rows.variables, rows.rows[start : start + size])


def by_value(column: Column, size: int) -> Iterator[Column]:
    """The numbers in blocks, equal ones in the same: a row that two blocks want comes twice."""
    groups: dict[bytes, list[Term]] = {}
    for value in column.values:
        groups.setdefault(key(value), []).append(value)
    block: list[Term] = []
    for equal in groups.values():
        if block and len(block) + len(equal) > size:
            yield Column(column.name, block)
            block = []
        block = [*block, *equal]
    yield Column(column.name, block)


def key(value: Term) -> bytes:
    """The same for numbers that are equal as any of their types."""
    assert isinstance(value, Literal)
    try:
        return struct.pack("f", float(value.value) + 0.0)  # -0.0 is 0.0, too.
    except (ValueError, OverflowError):
        return b""
