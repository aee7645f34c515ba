"""Writes ScrutariData: a base, its corpora of fiches, its thesauri of keywords, its indexations.

http://www.scrutari.net/dokuwiki/scrutaridata:xml. Values are plain text on one line; a complement
is known by its place among those of its fiche, so that an empty one keeps the place of what is not
said.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO, Protocol
from xml.sax.saxutils import escape, quoteattr

from store.sayable import UNWRITABLE

if TYPE_CHECKING:
    from collections.abc import Iterator

Texts = Iterable[tuple[str, str | None]]  # (text, language tag) pairs
Names = Mapping[str | None, str]  # by language tag
LANGUAGE = "xml:lang"
AUTHORS = ("sct", "authors")
# Complements that one corpus may have: a fiche has an empty element for each that it does not use.
MOST_COMPLEMENTS = 100
# "namespace:key: value", as the loader of ScrutariData notes an attribute.
ATTRIBUTE = re.compile(r"([\w.\-]+):([\w.\-]+): (.+)")


class Sink(Protocol):
    def write(self, chunk: bytes, /) -> int: ...


class Xml:
    """Elements, one after another, into a stream of bytes."""

    def __init__(self, stream: Sink | BinaryIO, depth: int = 0) -> None:
        self.stream, self.depth = stream, depth

    @contextmanager
    def inside(self, name: str, **attributes: str) -> Iterator[None]:
        self.line(f"<{name}{written(attributes)}>")
        self.depth += 1
        yield
        self.depth -= 1
        self.line(f"</{name}>")

    def leaf(self, name: str, text: str = "", attributes: Mapping[str, str] | None = None) -> None:
        start, content = f"{name}{written(attributes or {})}", escape(plain(text))
        self.line(f"<{start}>{content}</{name}>" if content else f"<{start}/>")

    def given(self, name: str, text: str) -> None:
        """The element where there is a text for it."""
        if plain(text):
            self.leaf(name, text)

    def libs(self, name: str, texts: Texts) -> None:
        """Texts by language, each in a ``lib``; nothing where there is none."""
        found = list(texts)
        if found:
            with self.inside(name):
                self.lib(found)

    def lib(self, texts: Texts) -> None:
        for text, language in texts:
            self.leaf("lib", text, {LANGUAGE: language} if language else {})

    def line(self, text: str) -> None:
        self.stream.write(f"{'  ' * self.depth}{text}\n".encode())


def written(attributes: Mapping[str, str]) -> str:
    """Attributes in a tag; ``corpus_name`` stands for ``corpus-name``."""
    pairs = ((name.replace("_", "-"), plain(value)) for name, value in attributes.items())
    return "".join(f" {name}={quoteattr(value)}" for name, value in pairs)


def plain(text: str) -> str:
    """The text on one line, without what XML cannot hold."""
    return " ".join(UNWRITABLE.sub(" ", text).split())


@dataclass(frozen=True)
class Note:
    """A text with a name, as a complement has it: ``tag`` is the language of both, if they have
    the fiche's; ``names`` are those of the same complement in every language, where known."""

    name: str
    text: str
    tag: str | None
    names: Names | None = None


@dataclass(frozen=True)
class Fiche:
    key: str
    title: str
    language: str | None = None
    subtitle: str = ""
    date: str = ""
    page: str = ""
    authors: tuple[str, ...] = ()
    attributes: tuple[tuple[str, str, str], ...] = ()  # namespace, key, value
    notes: tuple[Note, ...] = ()


@dataclass
class Complements:
    """What the complements of one corpus are called, in their order; grows with what is written."""

    names: list[Names] = field(default_factory=list)
    left_out: int = 0

    def places(self, notes: Iterable[Note], language: str | None) -> list[str]:
        """The texts of a fiche in this language, each at the place of its complement."""
        taken: dict[int, str] = {}
        for note in notes:
            place = next(
                (
                    place
                    for place, names in enumerate(self.names)
                    if place not in taken and fits(names, note, language)
                ),
                len(self.names),
            )
            if place == MOST_COMPLEMENTS:
                self.left_out += 1
                continue
            if place == len(self.names):
                self.names.append(note.names or {note.tag: note.name})
            taken[place] = note.text
        return [taken.get(place, "") for place in range(max(taken, default=-1) + 1)]


def fits(names: Names, note: Note, language: str | None) -> bool:
    """Whether a reader of the file gets this note from the complement that has these names."""
    if language in names:
        return note.tag == language and names[language] == note.name
    return note.tag is None and next(iter(names.values()), None) == note.name


def write_fiche(xml: Xml, fiche: Fiche, complements: Complements) -> None:
    with xml.inside("fiche", fiche_id=fiche.key):
        xml.leaf("titre", fiche.title)
        xml.given("soustitre", fiche.subtitle)
        xml.given("date", fiche.date)
        xml.given("lang", fiche.language or "")
        xml.given("href", fiche.page)
        for text in complements.places(fiche.notes, fiche.language):
            xml.leaf("complement", text)
        grouped: dict[tuple[str, str], list[str]] = {}
        for author in fiche.authors:
            grouped.setdefault(AUTHORS, []).append(author)
        for namespace, key, value in fiche.attributes:
            grouped.setdefault((namespace, key), []).append(value)
        for (namespace, key), values in grouped.items():
            with xml.inside("attr", ns=namespace, key=key):
                for value in values:
                    xml.leaf("val", value)


@dataclass(frozen=True)
class Corpus:
    name: str
    labels: Texts
    page: str
    complements: Complements


def write_corpus_metadata(xml: Xml, corpus: Corpus) -> None:
    with xml.inside("corpus-metadata"):
        xml.libs("intitule-corpus", corpus.labels)
        xml.given("href-parent", corpus.page)
        for names in corpus.complements.names:
            with xml.inside("complement-metadata"):
                xml.lib((text, language) for language, text in names.items())


@dataclass(frozen=True)
class Metadata:
    """Of a base: its authority (a UUID), its name, its short and long names, its languages."""

    authority: str
    name: str
    labels: Texts
    titles: Texts
    languages: tuple[str, ...]


def write_base_metadata(xml: Xml, base: Metadata) -> None:
    with xml.inside("base-metadata"):
        xml.leaf("authority", base.authority)
        xml.leaf("base-name", base.name)
        xml.libs("intitule-short", base.labels)
        xml.libs("intitule-long", base.titles)
        if base.languages:
            with xml.inside("langs-ui"):
                for language in base.languages:
                    xml.leaf("lang", language)


def write_lost(xml: Xml, lost: Counter[str]) -> None:
    """What the atlas has and this format has no place for, in a comment at the end of the file."""
    if lost:
        said = "; ".join(f"{count} {what}" for what, count in sorted(lost.items()))
        xml.line(f"<!-- Not in this file: {said.replace('--', '- -')}. -->")
