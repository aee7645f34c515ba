"""What pages call things, and where the names lead: values as a template shows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from unicodedata import combining, normalize

from flask import request

from endpoint.language import LANGUAGES
from endpoint.wire.addresses import link, own_path
from endpoint.wire.representations import prefixes


@dataclass
class Value:
    """One value as the page shows it: a text, perhaps a link, or rows or items of its own.

    ``code``: the prefixed name of what has another name too; ``letters``: its sources.
    """

    text: str = ""
    href: str | None = None
    external: bool = False
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
    """What things are called in the reader's language, and where their names lead."""

    def __init__(self, known: Mapping[str, Mapping[str, str]], language: str, base: str) -> None:
        self.known, self.language, self.base = known, language, base

    def of(self, iri: str) -> str:
        """The label in the reader's language or in one there is, else the IRI made short."""
        names = self.known.get(iri, {})
        for language in (self.language, *LANGUAGES, ""):
            if language in names:
                return names[language]
        return names[min(names)] if names else shortened(iri)

    def value(self, iri: str) -> Value:
        return self.link(iri, self.of(iri))

    def link(self, iri: str, text: str) -> Value:
        """The text, leading to where the IRI is described: here, on the web, or nowhere."""
        href = link(iri, self.base)
        external = href is not None and own_path(iri, self.base) is None
        return Value(text, href if external else in_language(href), external)


def folded(text: str) -> str:
    """The text as it sorts among others: without case and accents."""
    return "".join(c for c in normalize("NFKD", text) if not combining(c)).casefold()


def shortened(iri: str) -> str:
    """A prefixed name where we have the prefix; else the IRI."""
    for prefix, namespace in prefixes().items():
        rest = iri.removeprefix(namespace)
        if rest and rest != iri and "/" not in rest:
            return f"{prefix}:{rest}"
    return iri


def in_language(href: str | None) -> str | None:
    """A link within the site keeps the language that the reader asked for."""
    asked = request.args.get("lang")
    if href is None or asked not in LANGUAGES:
        return href
    address, hash_, fragment = href.partition("#")
    return f"{address}?lang={asked}{hash_}{fragment}"
