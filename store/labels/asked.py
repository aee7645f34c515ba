"""What is asked of an index of names, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from store.labels.words import readings, words_of

# The longest words narrow a search down; all others are looked for in what these find.
MOST_WORDS = 12


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
    special classes; ``within``: the IRI of what it lies in. ``steps``: how far that name is from
    the query; 0: it has its words.
    """

    iri: str
    label: Label | None
    match: Label | None
    kind: int
    types: tuple[str, ...]
    within: str
    codes: tuple[str, ...]
    steps: int = 0


@dataclass(frozen=True)
class Found:
    """The first things, whether there are more, and what is called how that goes with them.

    ``near``: things whose names have not the words, but are near; only where the others are few.
    ``labels``: of the class that was asked for, of the first class of each thing, and of what it
    lies in; those that have a name.
    """

    hits: tuple[Hit, ...]
    more: bool
    labels: dict[str, Label]
    near: tuple[Hit, ...] = ()
