"""When two labels count as the same: case, punctuation, accents and plain plurals forgiven.

    spelt     "Énergies renouvelables" -> "énergies renouvelables"    case and punctuation forgiven
    compared  "Énergies renouvelables" -> "energie renouvelable"      accents and plurals too

Plurals are those of the endings below, in French, English and Spanish; no other inflection, no
order of words, no synonym is known. Labels of other languages keep their endings.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from unicodedata import normalize

from store.labels.words import WORD, words_of

# Endings of plurals and what stands for them, the first that fits. "houses" may be the plural of
# "house" or of "hous": where the plural does not tell, the singular loses its e as well.
ENDINGS: Mapping[str, Sequence[tuple[re.Pattern[str], str]]] = {
    language: [(re.compile(f"{ending}$"), singular) for ending, singular in endings]
    for language, endings in {
        "en": [
            ("(?<=[a-z]{2})ies", "y"),
            ("(?:(?<=[sxz])|(?<=[cs]h))es?", ""),
            ("(?<![sui])s", ""),
        ],
        "fr": [
            ("(?<=eau)x", ""),
            ("(?<=[a-z])aux", "al"),
            ("(?<=eu|ou)x", ""),
            ("(?<!s)s", ""),
        ],
        "es": [
            ("ces?", "z"),
            ("(?<=[^aeiou])es?", ""),
            ("(?<=[aeo])s", ""),
        ],
    }.items()
}
# Shorter words keep their ending: "gas", "bus", "pays" is long enough and loses its own.
SHORTEST = 4


def spelt(text: str) -> str:
    """The words of a label as they are spelt, in small letters."""
    return " ".join(WORD.findall(normalize("NFC", text).casefold()))


def compared(text: str, language: str) -> tuple[str, ...]:
    """The words of a label in the form in which labels of a language are compared."""
    return tuple(_singular(word, language) for word in words_of(text))


@cache
def _singular(word: str, language: str) -> str:
    if len(word) < SHORTEST or word.isdigit():
        return word
    for ending, singular in ENDINGS.get(language, ()):
        if ending.search(word):
            return ending.sub(singular, word)
    return word
