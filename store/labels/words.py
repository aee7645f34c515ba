"""Texts as the words that are compared: case, accents and whatever is no letter or digit forgiven.

A query and a name go through the same mill, so that nothing a reader types is ever syntax to the
index.
"""

from __future__ import annotations

import re
from unicodedata import category, normalize

# Of a query: a title that is pasted whole is still found.
LONGEST_QUERY = 500
# Of a name: the rest is not kept.
LONGEST_NAME = 1_000
WORD = re.compile(r"[^\W_]+")
# Letters that no decomposition takes apart, and that people type as two, or without a stroke.
SPELT_OUT = str.maketrans(
    {"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
)
# Marks above and below letters, and what only steers how they are shown: joiners, directions.
DROPPED = ("Mn", "Me", "Cf")


def words_of(text: str) -> list[str]:
    """The words of a text, in their order."""
    return WORD.findall(text.lower() if text.isascii() else _folded(text))


def folded(text: str) -> str:
    """The words of a text with a space between them: equal for texts that count as the same."""
    return " ".join(words_of(text))


def _folded(text: str) -> str:
    letters = normalize("NFKD", text.casefold().translate(SPELT_OUT))
    return "".join(letter for letter in letters if category(letter) not in DROPPED).casefold()
