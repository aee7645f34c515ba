"""The named queries in the order in which a reader looks for them: by theme."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from endpoint.names import folded
from queries import NamedQuery

# The tag of a query that shows what a page shows; such queries stand at the end.
OF_PAGES = "pages"
# A theme has the queries whose first tag is one of its own.
THEMES: dict[str, tuple[str, ...]] = {
    "relations": ("relations", "descriptors", "matrix"),
    "territories": ("competences", "groupings", "territory"),
    "schemes": ("schemes", "actors"),
    "questions": ("questions",),
    "experiences": ("experiences", "principles"),
    "documents": ("documents",),
    "data": ("vocabularies", "provenance", "labels", "ontology"),
}
OTHERS = "others"
SENTENCE = re.compile(r"(?<=[.!?…])\s+(?=[A-ZÀ-ÞŒ¿¡«])")


@dataclass(frozen=True)
class Theme:
    """A theme: the key of its name, and its queries."""

    key: str
    queries: Sequence[NamedQuery]


def themes(queries: Iterable[NamedQuery]) -> list[Theme]:
    """The themes that have a query, and their queries by the number of their question."""
    found: dict[str, list[NamedQuery]] = {key: [] for key in (*THEMES, OTHERS, OF_PAGES)}
    for query in sorted(queries, key=lambda query: (query.question or 999, query.name)):
        found[theme_of(query)].append(query)
    return [Theme(key, members) for key, members in found.items() if members]


def theme_of(query: NamedQuery) -> str:
    if OF_PAGES in query.tags:
        return OF_PAGES
    first = query.tags[0]
    return next((key for key, tags in THEMES.items() if first in tags), OTHERS)


def matches(query: NamedQuery, words: str, language: str) -> bool:
    """Whether all the words are in what a reader sees of the query, or in its name or tags."""
    # As on the page: the script there looks at the same words.
    seen = (query.title[language], query.description[language], query.name, *query.tags)
    text = folded(" ".join(seen))
    return all(word in text for word in folded(words).split())


def first_sentence(text: str) -> str:
    return SENTENCE.split(text, maxsplit=1)[0]
