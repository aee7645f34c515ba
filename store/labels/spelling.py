"""How far one word is from another, and what a word may have been meant to be.

A step is a letter too many, a missing letter, another letter, or two neighbours exchanged: the
restricted Damerau-Levenshtein distance.

https://en.wikipedia.org/wiki/Damerau%E2%80%93Levenshtein_distance
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from string import ascii_lowercase

from rapidfuzz.distance import OSA

# Shorter words are too like one another, longer ones are no words.
SHORTEST, LONGEST = 4, 30
# From so many letters on two steps are forgiven, and one in the beginning of a word.
LONG, BEGUN = 8, 6
# Words of one and two letters that people write together with what follows.
ONE_LETTER = ("a", "c", "d", "j", "l", "m", "n", "s", "t", "y")
TWO_LETTERS = (
    *("au", "de", "do", "du", "el", "en", "et", "il", "in", "la"),
    *("le", "ne", "of", "on", "ou", "qu", "se", "st", "un"),
)
SHORT_WORDS = frozenset((*ONE_LETTER, *TWO_LETTERS))
# A word taken apart: into so few words, and so few times.
MOST_PIECES, MOST_PARTED = 5, 24
# The last of them may be a beginning: of so many letters at least.
SHORTEST_END = 3


def steps_forgiven(word: str) -> int:
    """How many steps a word may be away from what was meant; 0: it stands as it is."""
    if not word.isalpha() or not SHORTEST <= len(word) <= LONGEST:
        return 0
    return 2 if len(word) >= LONG else 1


def one_step(word: str) -> set[str]:
    """Every text one step from a word, with Latin letters or its own."""
    letters = set(ascii_lowercase) | set(word)
    ends = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    found = {start + rest[1:] for start, rest in ends if rest}
    found |= {start + rest[1] + rest[0] + rest[2:] for start, rest in ends if len(rest) > 1}
    for start, rest in ends:
        found |= {start + letter + rest for letter in letters}
        if rest:
            found |= {start + letter + rest[1:] for letter in letters}
    return found - {word}


def steps_between(one: str, other: str, most: int) -> int | None:
    """How many steps two words are apart; None where that is more than ``most``."""
    steps = OSA.distance(one, other, score_cutoff=most)
    return steps if steps <= most else None


def parts_of(word: str) -> set[str]:
    """Every part of a word that may be one of the words it was put together of."""
    return {
        word[start:end]
        for start in range(len(word))
        for end in range(start + 1, len(word) + 1)
        if end - start > 2 or word[start:end] in SHORT_WORDS
    }


def taken_apart(
    word: str, is_word: Callable[[str], bool], begins: Callable[[str], bool]
) -> list[tuple[str, ...]]:
    """The ways in which a word is several, the fewest first: larochelle may be la rochelle.

    ``is_word``: whether one of the ``parts_of`` the word is one; ``begins``: whether the last of
    them is the beginning of one.
    """

    @cache
    def ways(start: int, pieces: int) -> tuple[tuple[str, ...], ...]:
        return tuple(found(start, pieces))

    def found(start: int, pieces: int) -> Iterator[tuple[str, ...]]:
        if pieces == 1:
            if begins(word[start:]):
                yield (word[start:],)
            return
        for end in range(start + 1, len(word) - SHORTEST_END + 1):
            if is_word(word[start:end]):
                for rest in ways(end, pieces - 1):
                    yield (word[start:end], *rest)

    every = (way for pieces in range(2, MOST_PIECES + 1) for way in ways(0, pieces))
    return [way for way, _ in zip(every, range(MOST_PARTED), strict=False)]
