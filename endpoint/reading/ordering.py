"""An ORDER BY that the engine can sort by: numbers apart from everything else.

The engine's sort needs one order over all values and dies where strings and numbers meet; SPARQL
leaves the order between them open (https://www.w3.org/TR/sparql11-query/#modOrderBy), so sorting
first by ``isNumeric`` changes no order that is stated.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from queries.lexer import TOKEN

# What may stand after the keys of an ORDER BY, beside the end of its group.
AFTER = frozenset({"LIMIT", "OFFSET", "VALUES"})
DIRECTIONS = frozenset({"ASC", "DESC"})


@dataclass(frozen=True)
class Piece:
    """A token and its place in the text."""

    kind: str
    text: str
    start: int
    end: int

    @property
    def word(self) -> str:
        return self.text.upper() if self.kind == "word" else ""


def numbers_apart(text: str) -> str | None:
    """The query with each ORDER BY key behind one that sets numbers apart.

    None where there is no ORDER BY, or one that is not read with certainty.
    """
    pieces = [
        Piece(match.lastgroup or "", match.group(), match.start(), match.end())
        for match in TOKEN.finditer(text)
        if match.lastgroup != "comment"
    ]
    insertions: list[tuple[int, str]] = []
    for position, piece in enumerate(pieces[:-1]):
        if piece.word == "ORDER" and pieces[position + 1].word == "BY":
            keys = list(sort_keys(pieces, position + 2))
            if not keys or None in keys:
                return None
            insertions += [apart(text, key) for key in keys if key is not None]
    for place, added in reversed(insertions):
        text = text[:place] + added + text[place:]
    return text if insertions else None


@dataclass(frozen=True)
class SortKey:
    """A key from ``start``, where its expression lies within, and whether it sorts downwards."""

    start: int
    expression: slice
    descending: bool


def sort_keys(pieces: Sequence[Piece], position: int) -> Iterator[SortKey | None]:
    """The keys from here on; None for what is no key."""
    while position < len(pieces):
        first = pieces[position]
        if first.kind == "close" or first.word in AFTER:
            return
        head = position + (first.kind in ("word", "iri"))
        if first.kind == "variable":
            yield SortKey(first.start, slice(first.start, first.end), False)
            position += 1
            continue
        end = closing(pieces, head)
        if end is None:
            yield None
            return
        directed = first.word in DIRECTIONS
        start = pieces[head].start if directed else first.start
        yield SortKey(first.start, slice(start, pieces[end].end), first.word == "DESC")
        position = end + 1


def closing(pieces: Sequence[Piece], position: int) -> int | None:
    """Where the bracket that opens here closes; None where none opens or closes."""
    if position >= len(pieces) or pieces[position].text != "(":
        return None
    depth = 0
    for place in range(position, len(pieces)):
        kind = pieces[place].kind
        depth += (kind == "open") - (kind == "close")
        if depth == 0:
            return place
    return None


def apart(text: str, key: SortKey) -> tuple[int, str]:
    """What goes in front of a key, and where."""
    condition = f"isNumeric({text[key.expression]})"
    return key.start, f"DESC({condition}) " if key.descending else f"ASC({condition}) "
