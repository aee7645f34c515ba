"""What is said of a thing in texts, numbers, dates and addresses on the web."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from babel.numbers import format_decimal
from pyoxigraph import Literal, NamedNode

from atlas.namespaces import XSD
from endpoint.language import reader_language
from endpoint.names import Names, Value, folded
from endpoint.web.thing.links import Item
from endpoint.web.thing.said import Statement, Text, Told, best
from endpoint.web.thing.sources import Letters
from endpoint.web.thing.words import BRIEF, NOTES, SAID_ELSEWHERE, WRITTEN, out_words

LONGEST = 2_000
SHORT = 24
INTEGER = f"{XSD}integer"
# What an integer looks like, as far as a reader counts: a literal may say it is one and be none.
WHOLE = re.compile(r"-?[0-9]{1,15}")
ANY_URI = f"{XSD}anyURI"


@dataclass(frozen=True)
class Fact:
    """A property in words with its values: texts, numbers, dates, addresses on the web.

    ``long``: what one reads as a text, apart from what one looks up.
    """

    words: Value
    items: Sequence[Item]
    long: bool = False

    @property
    def short(self) -> bool:
        """Whether the values read well in a row."""
        return not self.long and all(len(item.value.text) <= SHORT for item in self.items)


def facts(told: Told, names: Names, letters: Letters) -> list[Fact]:
    """What is said in texts, numbers and addresses on the web; of translations, the reader's."""
    found: dict[str, list[Statement]] = {}
    for said in told.asserted:
        if said.predicate not in SAID_ELSEWHERE and (
            isinstance(said.value, Literal) or (said.iri and is_page(said))
        ):
            found.setdefault(said.predicate, []).append(said)
    every = [
        Fact(
            names.link(iri, out_words(iri, names.of(iri))),
            [item(said, letters) for said in in_one_language(in_order(found[iri]), names.language)],
            iri in NOTES,
        )
        for iri in sorted(found, key=lambda iri: rank(iri, names, BRIEF))
    ]
    return [one for one in once(every) if one.items]


def in_order(said: Iterable[Statement]) -> list[Statement]:
    """Values in the order of the alphabet, so that the page is the same at each reading."""
    return sorted(said, key=lambda one: (folded(str(one.value)), str(one.value)))


def once(facts: Iterable[Fact]) -> Iterator[Fact]:
    """Each address on the web under the first property that gives it."""
    seen: set[str] = set()
    for fact in facts:
        kept = [one for one in fact.items if bare(one.value.href) not in seen]
        seen |= {bare(one.value.href) for one in kept if one.value.href}
        yield replace(fact, items=kept)


def bare(address: str | None) -> str:
    """An address without what does not tell it from another: its scheme, www, a last slash."""
    return (address or "").partition("://")[2].removeprefix("www.").rstrip("/")


def is_page(said: Statement) -> bool:
    """Whether the value is an address on the web that one opens, not a thing that is described."""
    return said.predicate.endswith(("/0.1/page", "#seeAlso", "/0.1/homepage"))


def in_one_language(said: Sequence[Statement], language: str) -> list[Statement]:
    """Of what is said in several languages, what is in the reader's, or in one there is."""
    spoken = {s.value.language for s in said if isinstance(s.value, Literal) and s.value.language}
    if len(spoken) < 2:
        return list(said)
    chosen = best([Text("", one) for one in sorted(spoken)], language)
    keep = {None, chosen.language if chosen else None}
    return [s for s in said if not isinstance(s.value, Literal) or s.value.language in keep]


def item(said: Statement, letters: Letters) -> Item:
    return Item(written(said), letters.of(said.graphs))


def written(said: Statement) -> Value:
    """A text, a number or an address as a reader likes to see it."""
    if isinstance(said.value, NamedNode):
        return address(said.value.value)
    assert isinstance(said.value, Literal), "facts are literals and pages"
    text = said.value.value
    if said.predicate in WRITTEN:
        return Value(WRITTEN[said.predicate](text))
    if said.value.datatype.value == INTEGER and WHOLE.fullmatch(text):
        return Value(format_decimal(int(text), locale=reader_language()))
    if said.value.datatype.value == ANY_URI:
        return address(text)
    cut = text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
    return Value(cut, language=said.value.language or "")


def address(iri: str) -> Value:
    """A page on the web: its site and path, without what only machines read."""
    try:
        parts = urlsplit(iri)
    except ValueError:  # A literal may say that it is an address and be none.
        return Value(iri[:LONGEST])
    if parts.scheme not in ("http", "https"):
        return Value(iri[:LONGEST])
    shown = f"{parts.netloc.removeprefix('www.')}{parts.path.rstrip('/')}"
    return Value(shown if len(shown) <= 60 else f"{shown[:59]}…", iri, external=True)


def rank(iri: str, names: Names, first: Sequence[str]) -> tuple[int, str, str]:
    place = first.index(iri) if iri in first else len(first)
    return place, folded(names.of(iri)), iri
