"""Puts rows back into a query's text, in the place of what they are the solutions of.

Rows stand in a sub-select: the engine joins two bare ``VALUES`` row by row, two of 20,000 rows in
12 s, and sub-selects by hash, in 0.1 s.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pyoxigraph import BlankNode, Triple

from federation.query.parts import Element, Query
from federation.rows import Row, Rows, unhurried
from store.answers import Term
from store.blanks import FUNCTION, STANDS_FOR, stand_in


def written(query: Query, start: int, end: int, tables: Mapping[Element, Rows]) -> str:
    """The query's text between two places, with rows for the parts that have some."""
    pieces = []
    for element in sorted(tables, key=lambda element: element.start):
        # What stands inside of a part that has rows is gone with it.
        if start <= element.start and element.end <= end:
            pieces += [query.text[start : element.start], f" {data(tables[element])} "]
            start = element.end
    return "".join(pieces) + query.text[start:end]


def data(rows: Rows) -> str:
    """A group graph pattern with these solutions, blank nodes among them."""
    if not rows.variables:
        return f"VALUES () {{ {'() ' * len(rows)}}}"
    columns = range(len(rows.variables))
    blank = {
        column for column in columns if any(isinstance(row[column], BlankNode) for row in rows.rows)
    }
    names = list(rows.variables)
    for column in blank:
        names[column] = unlike(names[column], names)
    lines = "\n".join(f"({' '.join(map(cell, row))})" for row in unhurried(rows.rows))
    made = "".join(
        f" BIND(IF(isIRI(?{names[column]}) && STRSTARTS(STR(?{names[column]}), "
        f'"{STANDS_FOR}"), <{FUNCTION}>(?{names[column]}), ?{names[column]}) '
        f"AS ?{rows.variables[column]})"
        for column in sorted(blank)
    )
    inline = f"VALUES ({listed(names)}) {{\n{lines}\n}}"
    return f"{{ SELECT {listed(rows.variables)} {{ {inline}{made} }} }}"


def unlike(name: str, names: list[str]) -> str:
    """A name that is none of these."""
    while name in names:
        name += "_"
    return name


def has_blanks(rows: Iterable[Row]) -> bool:
    return any(isinstance(term, BlankNode) for row in rows for term in row)


def listed(names: tuple[str, ...] | list[str]) -> str:
    return " ".join(f"?{name}" for name in names)


def cell(value: Term | None) -> str:
    return "UNDEF" if value is None else term(value)


def term(value: Term) -> str:
    """A term as a query writes it; a blank node as the IRI that stands for it."""
    if isinstance(value, BlankNode):
        return str(stand_in(value))
    if isinstance(value, Triple):
        parts = " ".join(map(term, (value.subject, value.predicate, value.object)))
        return f"<<( {parts} )>>"
    return str(value)
