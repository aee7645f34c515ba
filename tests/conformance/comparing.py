"""When two answers are the same.

Solutions are compared as bags, in their order where the suite gives one, and up to the names of
blank nodes; graphs by isomorphism.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

import pyoxigraph as ox
from pyoxigraph import BlankNode, Literal, NamedNode

from tests.conformance.answers import XSD, Answer, Row, Table, Term

INTEGERS = frozenset(
    XSD + name
    for name in (
        "integer",
        "byte",
        "int",
        "long",
        "short",
        "unsignedByte",
        "unsignedInt",
        "unsignedLong",
        "unsignedShort",
        "nonNegativeInteger",
        "nonPositiveInteger",
        "negativeInteger",
        "positiveInteger",
    )
)
FLOATS = frozenset((XSD + "double", XSD + "float"))
BOOLEANS = {"0": "false", "1": "true"}
UTC = re.compile(r"[+-]00:00$")


def same(expected: Answer, found: Answer, *, by_value: bool = False) -> bool:
    """Whether an answer is the expected one; literals by their text, or by their value."""
    if isinstance(expected, ox.Dataset) and isinstance(found, ox.Dataset):
        return _canonical(expected, by_value) == _canonical(found, by_value)
    if isinstance(expected, Table) and isinstance(found, Table):
        return _same_table(expected, found, by_value)
    return type(expected) is type(found) and expected == found


def _same_table(expected: Table, found: Table, by_value: bool) -> bool:
    if expected.variables != found.variables:
        return False
    left, right = ([_normal(row, by_value) for row in table.rows] for table in (expected, found))
    if expected.lax:
        return _same_rows(_distinct(left), _distinct(right), ordered=False) and (
            len(_distinct(left)) <= len(right) <= len(left)
        )
    return _same_rows(left, right, ordered=expected.ordered)


def _same_rows(left: list[Row], right: list[Row], *, ordered: bool) -> bool:
    if len(left) != len(right):
        return False
    if ordered:
        return _match(list(zip(left, ([row] for row in right), strict=True)), {})
    ground = [Counter(_key(row) for row in rows if not _blank(row)) for rows in (left, right)]
    if ground[0] != ground[1]:
        return False
    others = [row for row in right if _blank(row)]
    return _match_any([row for row in left if _blank(row)], others, {})


def _match(pairs: list[tuple[Row, list[Row]]], names: dict[str, str]) -> bool:
    for row, (other,) in pairs:
        extended = _unified(row, other, names)
        if extended is None:
            return False
        names = extended
    return True


def _match_any(rows: list[Row], others: list[Row], names: dict[str, str]) -> bool:
    """Whether each row can be paired with another under one renaming of blank nodes."""
    if not rows:
        return True
    for position, other in enumerate(others):
        extended = _unified(rows[0], other, names)
        if extended is not None and _match_any(
            rows[1:], others[:position] + others[position + 1 :], extended
        ):
            return True
    return False


def _unified(row: Row, other: Row, names: dict[str, str]) -> dict[str, str] | None:
    """The renaming of blank nodes, extended so that the rows are equal, or None."""
    if row.keys() != other.keys():
        return None
    names = dict(names)
    return names if all(_same_term(row[name], other[name], names) for name in row) else None


def _same_term(left: Term, right: Term, names: dict[str, str]) -> bool:
    if isinstance(left, BlankNode) and isinstance(right, BlankNode):
        if left.value not in names and right.value in names.values():
            return False
        return names.setdefault(left.value, right.value) == right.value
    if isinstance(left, ox.Triple) and isinstance(right, ox.Triple):
        return all(_same_term(one, other, names) for one, other in zip(left, right, strict=True))
    return left == right


def _blank(row: Row) -> bool:
    return any(_has_blank(term) for term in row.values())


def _has_blank(term: Term) -> bool:
    if isinstance(term, ox.Triple):
        return any(_has_blank(part) for part in term)
    return isinstance(term, BlankNode)


def _key(row: Row) -> frozenset[tuple[str, Term]]:
    return frozenset(row.items())


def _distinct(rows: Iterable[Row]) -> list[Row]:
    return list({_key(row): row for row in rows}.values())


def _normal(row: Row, by_value: bool) -> Row:
    return {name: _by_value(term) for name, term in row.items()} if by_value else row


def _by_value(term: Term) -> Term:
    """One literal for all that denote the same value; any other term as it is.

    https://www.w3.org/TR/rdf11-concepts/#section-Datatypes
    """
    if isinstance(term, ox.Triple):
        return ox.Triple(term.subject, term.predicate, _by_value(term.object))
    if not isinstance(term, Literal) or not term.datatype.value.startswith(XSD):
        return term
    try:
        return _of_value(term.value, term.datatype.value)
    except (ValueError, InvalidOperation):
        return term  # Ill-typed: it denotes nothing, and its text is all there is.


def _of_value(text: str, datatype: str) -> Literal:
    if datatype in INTEGERS:  # A derived type has no values of its own.
        return Literal(str(int(text)), datatype=NamedNode(XSD + "integer"))
    if datatype == XSD + "decimal":
        text = str(Decimal(text).normalize())
    elif datatype in FLOATS:
        text = repr(float(text))
    elif datatype == XSD + "boolean":
        text = BOOLEANS.get(text, text)
    elif datatype in (XSD + "date", XSD + "dateTime", XSD + "time"):
        text = UTC.sub("Z", text)
    return Literal(text, datatype=NamedNode(datatype))


def _canonical(dataset: ox.Dataset, by_value: bool) -> ox.Dataset:
    copy = ox.Dataset(
        ox.Quad(q.subject, q.predicate, _by_value(q.object) if by_value else q.object, q.graph_name)
        for q in dataset
    )
    copy.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return copy
