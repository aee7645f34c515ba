"""What pages call things, and where the names lead: values as a template shows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from unicodedata import combining, normalize

from flask import request

from endpoint.language import LANGUAGES
from endpoint.wire.addresses import about, from_root, link, nameable
from endpoint.wire.representations import prefixes
from store.labels.words import SPELT_OUT


@dataclass
class Value:
    """One value as the page shows it: a text, perhaps a link, or rows or items of its own.

    ``code``: the prefixed name of what has another name too; ``letters``: its sources.
    ``language``: that of a text; of a name, only where it is not the reader's.
    ``external``: whether the link leads out of the atlas; ``outward``: the address on its own site
    of a thing of another site whose name leads to what is said of it here.
    """

    text: str = ""
    href: str | None = None
    external: bool = False
    outward: str = ""
    language: str = ""
    datatype: str = ""
    code: str = ""
    letters: str = ""
    rows: list[Row] = field(default_factory=list)
    items: list[Value] = field(default_factory=list)


@dataclass
class Row:
    """One property with its values."""

    property: Value
    values: list[Value]


class Names:
    """What things are called in the reader's language, and where their names lead.

    ``known``: the names that this atlas has of things; ``words``: what else to call things that it
    names nowhere.
    """

    def __init__(
        self,
        known: Mapping[str, Mapping[str, str]],
        language: str,
        base: str,
        words: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        self.known, self.language, self.base = known, language, base
        self.words = words or {}

    def of(self, iri: str) -> str:
        """The label in the reader's language or in one there is, else the IRI made short."""
        names = self.names(iri)
        return names[self.spoken(names)] if names else shortened(iri)

    def foreign(self, iri: str) -> str:
        """The language of that label, where it is not the reader's; "" too where none is said."""
        names = self.names(iri)
        language = self.spoken(names) if names else ""
        return language if language != self.language else ""

    def names(self, iri: str) -> Mapping[str, str]:
        """The names by language."""
        return self.known.get(iri) or self.words.get(iri, {})

    def spoken(self, names: Mapping[str, str]) -> str:
        """The language that a name is taken in, of those there are."""
        for language in (self.language, *LANGUAGES, ""):
            if language in names:
                return language
        return min(names)

    def value(self, iri: str) -> Value:
        return self.link(iri, self.of(iri), language=self.foreign(iri))

    def link(self, iri: str, text: str, *, told: bool = False, language: str = "") -> Value:
        """The text, leading to where the IRI is described: here, on the web, or nowhere.

        A thing of another site that this atlas names has its page here too. ``told``: the text is
        the name that an answer of this atlas gave with the thing. ``language``: that of the text.
        """
        foreign = language if language != self.language else ""
        href = link(iri, self.base)
        if from_root(iri, self.base) is not None:
            return Value(text, in_language(href), language=foreign)
        if nameable(iri) and (told or iri in self.known):
            return Value(text, in_language(about(iri)), outward=href or "", language=foreign)
        return Value(text, href, external=href is not None, language=foreign)


def folded(text: str) -> str:
    """The text as it sorts among others: without case, accents and ligatures."""
    if text.isascii():
        return text.casefold()
    letters = normalize("NFKD", text.casefold().translate(SPELT_OUT))
    return "".join(c for c in letters if not combining(c)).casefold()


@lru_cache(maxsize=4096)
def shortened(iri: str) -> str:
    """A prefixed name where we have the prefix; else the IRI."""
    for prefix, namespace in prefixes().items():
        rest = iri.removeprefix(namespace)
        if rest and rest != iri and "/" not in rest:
            return f"{prefix}:{rest}"
    return iri


def in_language(href: str | None) -> str | None:
    """A link within the site keeps the language that the reader asked for."""
    # Most ask for none. To get what is not there costs twenty times as much as to look for it, and
    # a page has hundreds of links.
    if href is None or "lang" not in request.args:
        return href
    asked = request.args["lang"]
    if asked not in LANGUAGES:
        return href
    address, hash_, fragment = href.partition("#")
    joined = "&" if "?" in address else "?"
    return f"{address}{joined}lang={asked}{hash_}{fragment}"
