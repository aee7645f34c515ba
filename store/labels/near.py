"""Names that are near to what was asked: a wrong letter, words written together or taken apart.

Asked only where the names that have the words are few or none. The words that the index knows are
kept beside it (``word``), the longer ones with their groups of three letters (``trigram``):

    one step away     every text that is, looked up
    two steps         words that share enough groups of three letters, compared
    beginnings        words that begin as a text one step away: it may still be being typed
    written together  the words that it is taken apart into, in this order in a name

Each of them is bounded, however long and strange the query is.

https://www.sqlite.org/fts5.html#the_trigram_tokenizer
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from store.labels.asked import MOST_WORDS
from store.labels.spelling import (
    BEGUN,
    LONG,
    LONGEST,
    one_step,
    parts_of,
    steps_between,
    steps_forgiven,
    taken_apart,
)

# Of so many words at most another spelling is tried.
MOST_VARIED = 3
# So many words are compared with one that was typed, and so many kept.
MOST_COMPARED, MOST_KEPT = 150, 40
# Names with words one step away alone are looked for first; then with all.
STEPS = (1, 9)
# Greater than any letter: the words with a beginning lie between it and this after it.
LAST = "\U0010ffff"

KNOWN = "SELECT 1 FROM word WHERE text >= ? AND text < ? LIMIT 1"
WHOLE = "SELECT word.text FROM json_each(?) CROSS JOIN word ON word.text = value"
BEGINNING = f"""SELECT DISTINCT word.text FROM json_each(?)
    CROSS JOIN word ON word.text > value AND word.text < value || '{LAST}' LIMIT {MOST_COMPARED}"""
SHARED = f"""SELECT word.text FROM (
        SELECT id, count(*) AS shared FROM ({{}}) GROUP BY id HAVING shared >= ?
        ORDER BY shared DESC, id LIMIT {MOST_COMPARED}
    ) CROSS JOIN word USING (id) WHERE length(word.text) BETWEEN ? AND ?"""
WITH_GROUP = "SELECT rowid AS id FROM trigram WHERE trigram MATCH ?"
# What marks the ends of a word in its groups of letters.
START, END = "^", "$"
TABLES = """
CREATE TABLE word (id INTEGER PRIMARY KEY, text TEXT UNIQUE NOT NULL);
CREATE VIRTUAL TABLE trigram USING fts5 (
    text, content = '', tokenize = 'trigram', detail = 'none', columnsize = 0
);
"""
KEEP_WORD = "INSERT OR IGNORE INTO word (text) VALUES (?)"
# One that is two steps from a long word is two letters shorter at most.
KEEP_GROUPS = f"""INSERT INTO trigram (rowid, text)
    SELECT id, '{START}' || text || '{END}' FROM word
    WHERE id > ? AND length(text) BETWEEN {LONG - 2} AND {LONGEST + 2}"""


class Spelling(NamedTuple):
    """A word, or several in this order, that may have been meant.

    ``steps``: how many letters away; 0 where only the spaces are others. ``whole``: not the
    beginning of one.
    """

    text: str
    steps: int
    whole: bool = True

    @property
    def match(self) -> str:
        return f'"{self.text}"' if self.whole else f'"{self.text}" *'

    def is_in(self, words: str) -> bool:
        """Whether words with a space before and after each have it."""
        return (f" {self.text} " if self.whole else f" {self.text}") in words


class Wording(NamedTuple):
    """A query otherwise: for each of its words what may be meant, the nearest first."""

    words: tuple[tuple[Spelling, ...], ...]

    def match(self, most: int) -> str:
        """What the index looks for, each word at most so many steps away; "": nothing."""
        groups = [[one.match for one in spellings if one.steps <= most] for spellings in self.words]
        if not all(groups):
            return ""
        return "({})".format(" AND ".join("({})".format(" OR ".join(each)) for each in groups))

    def nearest(self, folded: str) -> tuple[int, str] | None:
        """How many steps a name is away, and the words as it writes them; None: it has not all."""
        words, total, meant = f" {folded} ", 0, list[str]()
        for spellings in self.words:
            best = next((one for one in spellings if one.is_in(words)), None)
            if best is None:
                return None
            total += best.steps
            meant.append(best.text)
        return total, " ".join(meant)


def wordings(
    files: Sequence[sqlite3.Connection], readings: Iterable[Sequence[str]]
) -> list[Wording]:
    """What each reading of a query may have been meant to be. Raises sqlite3.Error."""
    spellings = _Spellings(files)
    every = [
        wording
        for words in readings
        if len(words) <= MOST_WORDS
        for wording in spellings.wordings(words)
    ]
    return list(dict.fromkeys(every))


def keep_words(file: sqlite3.Connection, words: Iterable[str]) -> None:
    """Keep the words of names beside an index. Those of names that go stay, and lead nowhere."""
    (last,) = file.execute("SELECT COALESCE(MAX(id), 0) FROM word").fetchone()
    file.executemany(KEEP_WORD, ((word,) for word in sorted(words) if word.isalpha()))
    file.execute(KEEP_GROUPS, (last,))


def can_spell(file: sqlite3.Connection) -> bool:
    """Whether an index has its words beside it: one made before had none."""
    return file.execute("SELECT 1 FROM sqlite_master WHERE name = 'word'").fetchone() is not None


class _Spellings:
    """The words of an index, asked once each for one query."""

    def __init__(self, files: Sequence[sqlite3.Connection]) -> None:
        self.files = files
        self._found: dict[str, tuple[Spelling, ...]] = {}

    def wordings(self, words: Sequence[str]) -> Iterator[Wording]:
        varied = [word for word in dict.fromkeys(words) if not self._begins(word)]
        if not varied:
            # Each of them is somewhere, but not together: any may be the wrong one.
            varied = sorted(filter(steps_forgiven, dict.fromkeys(words)), key=len)[-MOST_VARIED:]
        if len(varied) <= MOST_VARIED:
            kept = [self._of(word) if word in varied else (as_typed(word),) for word in words]
            if all(kept):
                yield Wording(tuple(kept))
        for at, (one, next_one) in enumerate(pairwise(words)):
            joined = one + next_one
            if len(joined) <= LONGEST and self._whole([joined]):
                rest = (*words[:at], joined, *words[at + 2 :])
                yield Wording(tuple((as_typed(word),) for word in rest))

    def _of(self, word: str) -> tuple[Spelling, ...]:
        if word not in self._found:
            every = sorted(set(self._all(word)), key=lambda one: (one.steps, not one.whole, one))
            self._found[word] = tuple(every[:MOST_KEPT])
        return self._found[word]

    def _all(self, word: str) -> Iterator[Spelling]:
        if self._begins(word):
            yield as_typed(word)
        forgiven = steps_forgiven(word)
        if not forgiven:
            return
        other = one_step(word)
        yield from (Spelling(text, 1) for text in self._whole(other))
        if len(word) >= BEGUN:
            # That the word goes on is a step as well.
            going_on = self._ask(BEGINNING, json.dumps(sorted(other)))
            yield from (Spelling(text, 2) for text in going_on)
        if len(word) >= LONG:
            yield from self._like(word, forgiven)
        known = self._whole(parts_of(word))
        for parts in taken_apart(word, known.__contains__, self._begins):
            yield Spelling(" ".join(parts), 0 if parts[-1] in known else 1, parts[-1] in known)

    def _like(self, word: str, most: int) -> Iterator[Spelling]:
        """Words that share groups of three letters with one: a step takes three or four away."""
        marked = f"{START}{word}{END}"
        groups = sorted({marked[at : at + 3] for at in range(len(word))})
        text = SHARED.format(" UNION ALL ".join([WITH_GROUP] * len(groups)))
        least = max(2, len(groups) - 4 * most)
        asked = [*(f'"{group}"' for group in groups), least, len(word) - most, len(word) + most]
        for other in self._ask(text, *asked):
            steps = steps_between(word, other, most)
            if steps:
                yield Spelling(other, steps)

    def _begins(self, word: str) -> bool:
        """Whether a word stands as it is: some word begins with it, or it is no word at all."""
        return not word.isalpha() or bool(self._ask(KNOWN, word, word + LAST))

    def _whole(self, words: Iterable[str]) -> set[str]:
        """Those of some texts that are words."""
        return set(self._ask(WHOLE, json.dumps(sorted(words))))

    def _ask(self, text: str, *values: object) -> list[str]:
        return [row[0] for file in self.files for row in file.execute(text, values)]


def as_typed(word: str) -> Spelling:
    return Spelling(word, 0, whole=False)
