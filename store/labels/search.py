"""Asking the index of a generation: the things whose names have all the words of a query.

A name comes before another: that is the query itself, then that begins with it, then that has its
words in any order; that is preferred, then alternative, hidden, a code; that is in the reader's
language, or of a thing which has no name in it; whose thing is weightier; then by the alphabet.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, TypeVar

from atlas.errors import InstanceError
from store.generations import Generation
from store.holding import Hold
from store.labels.files import CHANGES, FOLDER, NAMES, class_word, connected, read_classes
from store.labels.things import CODE, HIDDEN, PREFERRED
from store.labels.words import readings, words_of

T = TypeVar("T")

# So many names are ranked, and so many more for each thing that is wanted; the weightiest first.
RANKED, RANKED_EACH = 200, 5
# The longest words narrow a search down; all others are looked for in what these find.
MOST_WORDS = 12
MOST_CLASSES = 200
# Of names that are the same, so many are looked at for their classes.
MOST_ALIKE = 5_000
COLUMNS = """name.thing, name.kind, name.language, name.text, name.folded,
    thing.iri, thing.weight, thing.types, thing.within, thing.languages"""
BY_WORDS = f"""SELECT {COLUMNS} FROM words
    CROSS JOIN name ON name.id = words.rowid CROSS JOIN thing ON thing.id = name.thing
    WHERE words MATCH ? ORDER BY words.rowid"""
BY_TEXT = f"""SELECT {COLUMNS} FROM name
    CROSS JOIN thing ON thing.id = name.thing WHERE name.folded = ? ORDER BY name.id
    LIMIT {MOST_ALIKE}"""
EXACT, BEGINS, HAS = range(3)


@dataclass(frozen=True)
class Query:
    """``language``: the reader's, a tag. ``type``: the IRI of a class; None: things of any."""

    text: str
    language: str
    type: str | None = None
    limit: int = 20

    @cached_property
    def words(self) -> list[str]:
        return words_of(self.text)

    @cached_property
    def readings(self) -> tuple[tuple[str, ...], ...]:
        """The words, and the words as names may write them."""
        return readings(self.words)

    @cached_property
    def folded(self) -> tuple[str, ...]:
        """The readings as texts."""
        return tuple(" ".join(words) for words in self.readings)

    @cached_property
    def spellings(self) -> tuple[str, ...]:
        """The readings, and a code that is written in groups of digits without the spaces."""
        joined = "".join(self.words)
        return (*self.folded, joined) if len(self.words) > 1 and joined.isdecimal() else self.folded

    @cached_property
    def matches(self) -> tuple[str, ...]:
        """Of each reading what the index looks for: names that have its longest words."""
        longest = (sorted(set(words), key=len, reverse=True) for words in self.readings)
        return tuple(
            "({})".format(" AND ".join(f'"{word}" *' for word in sorted(words[:MOST_WORDS])))
            for words in longest
        )


@dataclass(frozen=True)
class Label:
    text: str
    language: str


@dataclass(frozen=True)
class Hit:
    """One thing that was found: ``match`` is the name it was found by, where that may be shown.

    ``kind``: of that name. ``label`` is None where the thing has only codes. ``types``: the most
    special classes; ``within``: the IRI of what it lies in.
    """

    iri: str
    label: Label | None
    match: Label | None
    kind: int
    types: tuple[str, ...]
    within: str
    codes: tuple[str, ...]


@dataclass(frozen=True)
class Found:
    """The first things, whether there are more, and what is called how that goes with them.

    ``labels``: of the class that was asked for, of the first class of each thing, and of what it
    lies in; those that have a name.
    """

    hits: tuple[Hit, ...]
    more: bool
    labels: dict[str, Label]


class Row(NamedTuple):
    """A name that has the words, and its thing."""

    part: int
    thing: int
    kind: int
    language: str
    text: str
    folded: str
    iri: str
    weight: int
    types: str
    within: str
    languages: str

    def key(self, query: Query) -> tuple[int, int, bool, int, str, str, str]:
        """What comes before has the lower key."""
        return (
            self._nearness(query),
            self.kind,
            self._is_foreign(query.language),
            -self.weight,
            self.folded,
            self.iri,
            self.text,
        )

    def has(self, words: Iterable[str]) -> bool:
        """Whether each word begins one of the name's."""
        mine = self.folded.split(" ")
        return all(any(one.startswith(word) for one in mine) for word in words)

    def _nearness(self, query: Query) -> int:
        if self.folded in query.spellings:
            return EXACT
        return BEGINS if self.folded.startswith(query.folded) else HAS

    def _is_foreign(self, language: str) -> bool:
        """Whether it is in another language than the thing has a name in for this reader."""
        return not speaks(self.language, language) and any(
            other and speaks(other, language) for other in self.languages.split(" ")
        )


def speaks(language: str, wanted: str) -> bool:
    """Whether a text of one language is for readers of another; one of none is for all."""
    return not language or language.partition("-")[0] == wanted.partition("-")[0]


class Index:
    """The index of one generation, open."""

    def __init__(self, generation: Generation) -> None:
        """Raises InstanceError where it is gone, or has no index that can be read."""
        self.generation = generation
        self.parts: list[sqlite3.Connection] = []
        try:
            with Hold(generation.folder):
                for name in (NAMES, CHANGES):
                    path = generation.folder / FOLDER / name
                    if name == NAMES or path.exists():
                        self.parts.append(connected(path))
                # The files are opened when they are first read.
                self.below = read_classes(self.parts[0]).below
                self.replaced = self._replaced()
        except sqlite3.Error as error:
            self.close()
            raise self.unreadable() from error

    def close(self) -> None:
        while self.parts:
            self.parts.pop().close()

    def unreadable(self) -> InstanceError:
        return InstanceError(
            f"Generation {self.generation.number} has no index of names that can be read; "
            "atlas build --force makes one."
        )

    def search(self, query: Query, languages: Sequence[str]) -> Found:
        """The first things of a query. ``languages``: in which to name them, the best first."""
        rows = sorted(self._rows(query), key=lambda row: row.key(query)) if query.words else []
        best: dict[str, Row] = {}
        for row in rows:
            if row.iri not in best and len(best) <= query.limit:
                best[row.iri] = row
        chosen = list(best.values())[: query.limit]
        hits = tuple(self._hits(chosen, languages))
        named = {name for hit in hits for name in (*hit.types[:1], hit.within)}
        named.add(query.type or "")
        return Found(hits, len(best) > query.limit, self.labels(named - {""}, languages))

    def labels(self, iris: Collection[str], languages: Sequence[str]) -> dict[str, Label]:
        """What things are called; those that have no name are left out."""
        found: dict[str, Label] = {}
        for iri in iris:
            for part, file in enumerate(self.parts):
                row = file.execute("SELECT id FROM thing WHERE iri = ?", (iri,)).fetchone()
                if row and not self._is_replaced(part, row[0]):
                    label = best_label(self._names(part, row[0]), languages)
                    if label:
                        found[iri] = label
        return found

    def _rows(self, query: Query) -> Iterator[Row]:
        most = RANKED + RANKED_EACH * query.limit
        classes = self._classes(query.type)
        for part in range(len(self.parts)):
            for text in query.spellings:
                rows = self._read(part, BY_TEXT, text)
                mine = (row for row in rows if not classes or classes & set(row.types.split()))
                yield from _first(mine, most, query.words)
            for words, text, match in zip(query.readings, query.folded, query.matches, strict=True):
                for wanted in (f'^ "{text}" *', match):
                    rows = self._read(part, BY_WORDS, f"said : {wanted}{_of(classes)}")
                    yield from _first(rows, most, words)

    def _read(self, part: int, text: str, value: str) -> Iterator[Row]:
        for row in self.parts[part].execute(text, (value,)):
            if not self._is_replaced(part, row[0]):
                yield Row(part, *row)

    def _classes(self, name: str | None) -> set[str]:
        """A class and those below it; none stands for any."""
        return {name, *self.below.get(name, ())} if name else set()

    def _hits(self, rows: Iterable[Row], languages: Sequence[str]) -> Iterator[Hit]:
        for row in rows:
            names = self._names(row.part, row.thing)
            yield Hit(
                row.iri,
                best_label(names, languages),
                None if row.kind == HIDDEN else Label(row.text, row.language),
                row.kind,
                tuple(row.types.split()),
                row.within,
                tuple(text for kind, _, text in names if kind == CODE),
            )

    def _names(self, part: int, thing: int) -> list[tuple[int, str, str]]:
        text = "SELECT kind, language, text FROM name WHERE thing = ? ORDER BY kind, language, text"
        return self.parts[part].execute(text, (thing,)).fetchall()

    def _is_replaced(self, part: int, thing: int) -> bool:
        return part == 0 and thing in self.replaced

    def _replaced(self) -> frozenset[int]:
        """What the large file has and the small one has otherwise."""
        rows = (row for file in self.parts[1:] for row in file.execute("SELECT * FROM replaced"))
        return frozenset(number for (number,) in rows)


def _of(classes: Collection[str]) -> str:
    if not classes:
        return ""
    words = " OR ".join(f'"{class_word(name)}"' for name in sorted(classes)[:MOST_CLASSES])
    return f" AND classes : ({words})"


def _first(rows: Iterable[Row], most: int, words: Collection[str]) -> Iterator[Row]:
    for number, row in enumerate(rows):
        if number >= most:
            return
        if len(words) <= MOST_WORDS or row.has(words):
            yield row


def best_label(names: Iterable[tuple[int, str, str]], languages: Sequence[str]) -> Label | None:
    """The preferred name in the first of these languages that there is; else in any."""
    by_language: dict[str, str] = {}
    for kind, language, text in names:
        if kind == PREFERRED:
            by_language.setdefault(language, text)
    for wanted in (*languages, ""):
        for language, text in by_language.items():
            if language == wanted or (language and wanted and speaks(language, wanted)):
                return Label(text, language)
    return next((Label(text, language) for language, text in by_language.items()), None)


class NameSearch:
    """Searches in one process: the index of the generation asked last stays open."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._index: Index | None = None

    def search(self, generation: Generation, query: Query, languages: Sequence[str]) -> Found:
        """Raises InstanceError where the generation is gone or its index cannot be read."""
        return self.asked(generation, lambda index: index.search(query, languages))

    def asked(self, generation: Generation, ask: Callable[[Index], T]) -> T:
        """What is asked of the index of a generation. Raises as ``search`` does."""
        with self._lock:
            index = self._opened(generation)
            try:
                return ask(index)
            except sqlite3.Error as error:
                self.close()
                raise index.unreadable() from error

    def close(self) -> None:
        if self._index is not None:
            with suppress(sqlite3.Error):
                self._index.close()
            self._index = None

    def _opened(self, generation: Generation) -> Index:
        if self._index is None or self._index.generation != generation:
            self.close()
            self._index = Index(generation)
        return self._index
