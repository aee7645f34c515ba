"""Experiences, or documents, by facets: which a choice keeps, and how many have each value."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import chain

from pyoxigraph import Literal, NamedNode

from endpoint.language import LANGUAGES
from endpoint.solutions import solutions_in

# The value of a facet of which the source says nothing.
UNSAID = "-"
RECENT, OLDEST, NAME = SORTS = ("recent", "oldest", "name")
# What has no year comes last, whichever end of time comes first.
NEVER = {RECENT: "", OLDEST: "9999"}


# A facet and a value of it.
Said = tuple[str, str]


def small(text: str) -> str:
    """The text in small letters, its apostrophes straight, as the query of the list reads it."""
    return text.lower().replace("’", "'")


@dataclass(frozen=True)
class Text:
    """A text and its language, "" where it has none."""

    text: str = ""
    language: str = ""


@dataclass
class Entry:
    """One experience or document.

    ``values`` has at least one value for each facet: UNSAID where the source says none.
    """

    iri: str
    values: dict[str, frozenset[str]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    summary: Text = Text()
    # Names and summary in small letters, in which words are looked for.
    searched: str = ""

    @cached_property
    def said(self) -> tuple[Said, ...]:
        """Each facet with each of its values."""
        return tuple((facet, value) for facet, several in self.values.items() for value in several)

    def name(self, language: str) -> Text:
        """The name in the language; else the first in the alphabet of those there are."""
        if language in self.names:
            return Text(self.names[language], language)
        texts = [Text(text, tag) for tag, text in self.names.items()]
        return min(texts, key=lambda one: one.text, default=Text(self.iri))

    @cached_property
    def year(self) -> str:
        """The first year, "" where none is said."""
        first = min(self.values["year"])
        return "" if first == UNSAID else first


@dataclass(frozen=True)
class Choice:
    """What a reader asks for: values of facets, words, an order. Any value of a facet will do."""

    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    words: tuple[str, ...] = ()
    sort: str = RECENT

    def missed(self, entry: Entry) -> list[str]:
        """The facets of which the entry has no value that was asked for."""
        return [
            facet for facet, asked in self.values.items() if entry.values[facet].isdisjoint(asked)
        ]


@dataclass(frozen=True)
class Selection:
    """``counts``: by facet and value, how many there are with that value instead of those chosen.

    So each count is what the list has when the value is chosen alone in its facet, and the other
    facets stay as they are.
    """

    entries: list[Entry]
    counts: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True)
class Table:
    """Everything that is listed, and how many rows the two answers had of which it was read."""

    entries: list[Entry]
    values: int
    texts: int
    _orders: dict[str, list[Entry]] = field(default_factory=dict)

    def by_name(self, language: str) -> list[Entry]:
        """The entries in the order of their names in the language, sorted once for each."""
        if language not in self._orders:
            self._orders[language] = sorted(
                self.entries, key=lambda one: (one.name(language).text.lower(), one.iri)
            )
        return self._orders[language]


def select(table: Table, choice: Choice, language: str) -> Selection:
    """What the choice keeps, in its order, and the counts of every facet."""
    kept: list[Entry] = []
    besides: list[Said] = []
    for entry in table.by_name(language):
        if not all(word in entry.searched for word in choice.words):
            continue
        missed = choice.missed(entry)
        if not missed:
            kept.append(entry)
        elif len(missed) == 1:
            besides += [(missed[0], value) for value in entry.values[missed[0]]]
    pairs = chain(chain.from_iterable(one.said for one in kept), besides)
    counts: dict[str, dict[str, int]] = defaultdict(dict)
    for (facet, value), count in Counter(pairs).items():
        counts[facet][value] = count
    return Selection(ordered(kept, choice.sort), counts)


def ordered(by_name: list[Entry], sort: str) -> list[Entry]:
    """By name, as they come, or by year and then by name."""
    if sort == NAME:
        return by_name
    return sorted(by_name, key=lambda one: one.year or NEVER[sort], reverse=sort == RECENT)


@lru_cache(maxsize=4)
def read_table(values: bytes, texts: bytes, subject: str, facets: tuple[str, ...]) -> Table:
    """The table from the answers of the queries of values and of texts, read once.

    What has no IRI is in neither list: nothing could be asked about it, and no page is its own.
    The answers of a generation are kept, so the same bytes come again with each request.
    """
    said, value_rows = _values(values, subject)
    found = {iri: Entry(iri, _whole(own, facets)) for iri, own in said.items()}
    text_rows = 0
    for solution in solutions_in(texts):
        text_rows += 1
        if not isinstance(solution[subject], NamedNode):
            continue
        iri = solution[subject].value
        entry = found.setdefault(iri, Entry(iri, _whole({}, facets)))
        _describe(entry, solution["name"], solution["summary"])
    for entry in found.values():
        words = (*entry.names.values(), entry.summary.text)
        entry.searched = small("\n".join(words))
    return Table(list(found.values()), value_rows, text_rows)


def _values(body: bytes, subject: str) -> tuple[dict[str, dict[str, set[str]]], int]:
    said: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    rows = 0
    for solution in solutions_in(body):
        rows += 1
        # A value that is a blank node has no text.
        if isinstance(solution[subject], NamedNode) and solution["value"] is not None:
            facets = said[solution[subject].value]
            facets[solution["facet"].value].add(solution["value"].value)
    return said, rows


def _whole(said: Mapping[str, set[str]], facets: tuple[str, ...]) -> dict[str, frozenset[str]]:
    return {facet: frozenset(said.get(facet, {UNSAID})) for facet in facets}


def _describe(entry: Entry, name: object, summary: object) -> None:
    """Of several texts in one language the first in the alphabet: always the same one."""
    if isinstance(name, Literal):
        tag = name.language or ""
        entry.names[tag] = min(name.value, entry.names.get(tag, name.value))
    if isinstance(summary, Literal):
        new = Text(summary.value, summary.language or "")
        old = entry.summary
        entry.summary = min(old, new, key=_rank) if old.text else new


def _rank(text: Text) -> tuple[int, str]:
    known = text.language in LANGUAGES
    return LANGUAGES.index(text.language) if known else len(LANGUAGES), text.text
