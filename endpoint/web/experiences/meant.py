"""What else the words of a search may mean: values of facets that are called so.

Most names and summaries are in one language, which may not be the reader's; the facets are in it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from endpoint.web.experiences.facets import LANGUAGE, YEAR, Counted, Facet, Kind, Namer
from endpoint.web.experiences.table import UNSAID, Entry
from store.labels.words import begins

# So many are offered, the most frequent first.
MOST = 6


@dataclass(frozen=True)
class Meant:
    """A value of a facet, with how many of all have it."""

    facet: Facet
    counted: Counted


def meant(entries: Sequence[Entry], kind: Kind, words: Sequence[str], namer: Namer) -> list[Meant]:
    """The values whose names have all the words, or words that begin so, whatever is chosen."""
    text, found = " ".join(words), []
    for facet in kind.facets:
        if facet.values in (YEAR, LANGUAGE):
            continue
        counts = Counter(value for one in entries for value in one.values[facet.key])
        for value, count in counts.items():
            name = namer.name(facet, value)
            if value != UNSAID and begins(name.text, text):
                found.append(Meant(facet, Counted(value, name, count)))
    found.sort(key=lambda one: (-one.counted.count, one.counted.name.text, one.counted.value))
    return found[:MOST]


def mostly(entries: Sequence[Entry]) -> str:
    """The language that more than half of the texts are in, a tag; "" where there is none."""
    counts = Counter(value for one in entries for value in one.values["language"])
    for tag, count in counts.most_common(1):
        if tag != UNSAID and 2 * count > len(entries):
            return tag
    return ""
