"""Filters that a site may apply before it answers: those that any site reads as our engine does.

A row that a site leaves out by mistake would be missed; so what sites may read in different ways
(types that engines rewrite, functions of one engine, dates) is left to our engine alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from atlas.namespaces import RDF, XSD
from federation.query.parts import Filter, Query
from queries.lexer import lexemes

SAFE = frozenset(
    (
        *("FILTER", "IN", "NOT", "TRUE", "FALSE", "LANG", "LANGMATCHES", "CONTAINS", "STRSTARTS"),
        *("STRENDS", "LCASE", "UCASE", "STRLEN", "ISIRI", "ISURI", "ISBLANK", "ISLITERAL", "STR"),
    )
)
CALLED = re.compile(r"\s*\(")
# Not what two comparisons make of a text, as in ``?x<5&&?x>3``.
ABSOLUTE = re.compile(r"<[A-Za-z][A-Za-z0-9+.-]*:[^&|?$]*>")


@dataclass(frozen=True)
class Pushed:
    """A filter over one variable, written out so that it needs no declarations."""

    variable: str
    text: str


def pushed(query: Query, filter_: Filter) -> Pushed | None:
    """The filter as sites may be given it; None where it is for our engine alone."""
    if filter_.expression.groups or len(filter_.expression.variables) != 1:
        return None
    (variable,) = filter_.expression.variables
    text = query.part(filter_)
    words = []
    pieces = []
    place = 0
    for token in lexemes(text):
        if token.kind in ("unclosed", "blank") or text.startswith("^^", token.start):
            return None
        if token.kind == "iri" and not ABSOLUTE.fullmatch(token.text):
            return None
        named = token.kind == "iri" or (token.kind == "word" and ":" in token.text)
        if named and CALLED.match(text, token.end):
            return None
        if token.kind == "word" and not named:
            words.append(token.text.upper())
        pieces.append(text[place : token.start])
        pieces.append(f"<{query.iri(token.text)}>" if named else token.text)
        place = token.end
    if not SAFE.issuperset(words):
        return None
    written = "".join(pieces) + text[place:]
    expression = written[len("FILTER") :].strip()
    if "STR" in words:
        # A number may be written in another way there than here.
        expression = (
            f"((isLiteral(?{variable}) && DATATYPE(?{variable}) NOT IN "
            f"(<{XSD}string>, <{RDF}langString>)) || {expression})"
        )
    return Pushed(variable, f"FILTER{spaced(expression)}")


def spaced(expression: str) -> str:
    return expression if expression.startswith("(") else f" {expression}"
