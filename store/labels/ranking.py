"""Which name comes before another.

That is the query itself, then that begins with it, then that has its words in any order; that is
preferred, then alternative, hidden, a code; that is in the reader's language, or of a thing which
has no name in it; whose thing is weightier; then by the alphabet. Of names that are near to the
query only, the nearest come first, and are then ranked as if they were what was asked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

from store.labels.asked import Query

EXACT, BEGINS, HAS = range(3)
# So few things, none of which is called what was asked or begins with it, are little: it may have
# been meant otherwise. Of what is near there is no more to read than this.
LITTLE, MOST_NEAR = 2, 10
# Of what comes before it is lower.
Key = tuple[int, int, bool, int, str, str, str]


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

    def key(self, query: Query) -> Key:
        """What comes before has the lower key."""
        return (
            self.nearness(query),
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

    def nearness(self, query: Query) -> int:
        if self.folded in query.spellings:
            return EXACT
        return BEGINS if self.folded.startswith(query.folded) else HAS

    def _is_foreign(self, language: str) -> bool:
        """Whether it is in another language than the thing has a name in for this reader."""
        return not speaks(self.language, language) and any(
            other and speaks(other, language) for other in self.languages.split(" ")
        )


# How far a name is from what was asked, and the name.
Ranked = tuple[int, Row]


def best_of_each(ranked: Iterable[tuple[int, Key, Row]], most: int) -> list[Ranked]:
    """The first names, one for each thing: the nearest, and of those the ones with lower keys."""
    best: dict[str, Ranked] = {}
    for steps, _, row in sorted(ranked, key=lambda one: one[:2]):
        if row.iri not in best and len(best) < most:
            best[row.iri] = (steps, row)
    return list(best.values())


def is_little(query: Query, found: Collection[Ranked]) -> bool:
    """Whether so little was found, and nothing called so, that something else may be meant."""
    return len(found) <= LITTLE and all(row.nearness(query) == HAS for _, row in found)


def speaks(language: str, wanted: str) -> bool:
    """Whether a text of one language is for readers of another; one of none is for all."""
    return not language or language.partition("-")[0] == wanted.partition("-")[0]
