"""The text of a query in pieces by kind, so that a page can colour it without a script."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from queries.lexer import lexemes

STRINGS = ("string", "long")


class Piece(NamedTuple):
    """``kind``: the class of the piece in the styles, "" for what has no colour."""

    kind: str
    text: str


def pieces(text: str) -> Iterator[Piece]:
    """The whole text, in order. What stands between two tokens is white space or comments."""
    done = 0
    for token in lexemes(text):
        if token.start > done:
            yield between(text[done : token.start])
        yield Piece(kind_of(token.kind, token.text), token.text)
        done = token.end
    if done < len(text):
        yield between(text[done:])


def between(text: str) -> Piece:
    return Piece("comment" if "#" in text else "", text)


def kind_of(kind: str, text: str) -> str:
    if kind == "word":
        return "name" if ":" in text else "keyword"
    if kind in STRINGS:
        return "string"
    return kind if kind in ("iri", "variable") else ""
