"""Texts as the words that are compared: case, accents and whatever is no letter or digit forgiven.

A query and a name go through the same mill, so that nothing a reader types is ever syntax to the
index.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
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
# What readers write short and names write out; and what readers write out of which registers keep
# the initials: https://www.banatic.interieur.gouv.fr
WRITTEN_OTHERWISE = {
    "st": "saint",
    "ste": "sainte",
    "sts": "saints",
    "stes": "saintes",
    "communaute de communes": "cc",
    "communaute d agglomeration": "ca",
    "communaute urbaine": "cu",
    "syndicat intercommunal": "si",
    "syndicat mixte": "sm",
}
# Only before another word: the last one may still be being typed.
OTHERWISE = re.compile(rf"\b({'|'.join(WRITTEN_OTHERWISE)})(?= )")
# Marks above and below letters, and what only steers how they are shown: joiners, directions.
DROPPED = ("Mn", "Me", "Cf")


def words_of(text: str) -> list[str]:
    """The words of a text, in their order."""
    return WORD.findall(text.lower() if text.isascii() else _folded(text))


def folded(text: str) -> str:
    """The words of a text with a space between them: equal for texts that count as the same."""
    return " ".join(words_of(text))


def readings(words: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """The words as they are typed, and as names may write them where that is otherwise."""
    typed = " ".join(words)
    otherwise = OTHERWISE.sub(lambda found: WRITTEN_OTHERWISE[found[0]], typed)
    return tuple(tuple(text.split()) for text in dict.fromkeys((typed, otherwise)))


def begins(name: str, text: str) -> bool:
    """Whether each word of the text, in a reading of it, begins a word of the name."""
    words = words_of(name)
    return any(
        reading and all(any(word.startswith(part) for word in words) for part in reading)
        for reading in readings(words_of(text))
    )


def _folded(text: str) -> str:
    letters = normalize("NFKD", text.casefold().translate(SPELT_OUT))
    return "".join(letter for letter in letters if category(letter) not in DROPPED).casefold()
