"""Asking the index of a generation: the things whose names have all the words of a query.

Where it finds little, names that are near to the query are told apart: the nearest first, then in
the same order.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from typing import TypeVar

from atlas.errors import InstanceError
from store.generation import Generation
from store.holding import Hold
from store.labels.asked import MOST_WORDS, Found, Hit, Label, Query
from store.labels.files import CHANGES, FOLDER, NAMES, class_word, connected, read_classes
from store.labels.near import STEPS, Wording, can_spell, wordings
from store.labels.ranking import MOST_NEAR, Key, Ranked, Row, best_of_each, is_little, speaks
from store.labels.things import CODE, HIDDEN, PREFERRED

T = TypeVar("T")

# So many names are ranked, and so many more for each thing that is wanted; the weightiest first.
RANKED, RANKED_EACH = 200, 5
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
                self.spells = can_spell(self.parts[0])
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
        ranked = ((0, row.key(query), row) for row in self._rows(query)) if query.words else ()
        best = best_of_each(ranked, query.limit + 1)
        near = self._near(query, best) if is_little(query, best) else []
        hits = tuple(self._hits(best[: query.limit], languages))
        nearby = tuple(self._hits(near, languages))
        named = {name for hit in (*hits, *nearby) for name in (*hit.types[:1], hit.within)}
        named.add(query.type or "")
        more = len(best) > query.limit
        return Found(hits, more, self.labels(named - {""}, languages), nearby)

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

    def _near(self, query: Query, found: Collection[Ranked]) -> list[Ranked]:
        """The things with the nearest names, without those that were found."""
        meant = wordings(self.parts, query.readings) if self.spells and query.words else []
        known, best = {row.iri for _, row in found}, list[Ranked]()
        for steps in STEPS if meant else ():
            rows = (one for one in self._near_rows(query, meant, steps) if one[2].iri not in known)
            best = best_of_each(rows, min(query.limit, MOST_NEAR))
            if len(best) == min(query.limit, MOST_NEAR):
                break
        return best

    def _near_rows(
        self, query: Query, meant: Iterable[Wording], most: int
    ) -> Iterator[tuple[int, Key, Row]]:
        """Names that have what may have been meant, each word at most so many steps away."""
        classes, as_meant = _of(self._classes(query.type)), dict[str, Query]()
        for wording in meant:
            match = wording.match(most)
            for part in range(len(self.parts)) if match else ():
                rows = self._read(part, BY_WORDS, f"said : {match}{classes}")
                for row in islice(rows, RANKED + RANKED_EACH * MOST_NEAR):
                    nearest = wording.nearest(row.folded)
                    if nearest:
                        steps, text = nearest
                        asked = as_meant.setdefault(text, replace(query, text=text))
                        yield steps, row.key(asked), row

    def _read(self, part: int, text: str, value: str) -> Iterator[Row]:
        for row in self.parts[part].execute(text, (value,)):
            if not self._is_replaced(part, row[0]):
                yield Row(part, *row)

    def _classes(self, name: str | None) -> set[str]:
        """A class and those below it; none stands for any."""
        return {name, *self.below.get(name, ())} if name else set()

    def _hits(self, rows: Iterable[Ranked], languages: Sequence[str]) -> Iterator[Hit]:
        for steps, row in rows:
            names = self._names(row.part, row.thing)
            yield Hit(
                row.iri,
                best_label(names, languages),
                None if row.kind == HIDDEN else Label(row.text, row.language),
                row.kind,
                tuple(row.types.split()),
                row.within,
                tuple(text for kind, _, text in names if kind == CODE),
                steps,
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
