"""Reads records of OAI-PMH in Dublin Core, the XML by which repositories give what they hold.

https://www.openarchives.org/OAI/openarchivesprotocol.html sections 2.5 (records), 2.6 (sets) and
4.2 (Identify). A file is one answer, or the answers of a whole list under one root, as a harvest
keeps them. Elements of Dublin Core of which nothing else is made are kept as notes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import Literal, NamedNode

from atlas.errors import MalformedSource
from loaders.readers.scrutari_elements import LANGUAGE, Texts
from loaders.readers.scrutari_rows import Base, Corpus, Motcle, Thesaurus
from loaders.rows import Problems
from loaders.sources import Source
from loaders.values import address, digest, language_tag, one_line, partial_date, short_slug
from store.parsing.files import read_bytes
from store.parsing.safe_xml import Element, elements

ROOT = "OAI-PMH"
WANTED = ("Identify", "set", "record")
# Most repositories write the protocol's elements without a prefix; some with one.
PREFIX = re.compile(
    rb"xmlns:([A-Za-z][\w.-]*)\s*=\s*[\"']http://www\.openarchives\.org/OAI/2\.0/[\"']"
)
HEAD_BYTES = 16 * 1024
# All subjects of a repository are words of one list, which it does not name.
SUBJECTS = "subjects"
SUBJECTS_LABELS: Texts = (("Sujets", "fr"), ("Subjects", "en"), ("Temas", "es"))
# ISO 639-2 codes that repositories write, in the form that language tags have.
SHORT_CODES = {
    "cat": "ca",
    "deu": "de",
    "eng": "en",
    "fra": "fr",
    "fre": "fr",
    "ger": "de",
    "ita": "it",
    "por": "pt",
    "spa": "es",
}
# W3CDTF may give the time after the day. https://www.w3.org/TR/NOTE-datetime
TIME = re.compile(r"(\d{4}-\d\d-\d\d)T.*")
USED = {"title", "creator", "date", "language", "description", "subject", "identifier"}


@dataclass(frozen=True, slots=True)
class Record:
    """A record; ``notes`` are the elements of which nothing else is made, named."""

    base: str
    key: str
    sets: tuple[str, ...]
    titles: Texts
    alternatives: Texts
    languages: tuple[str, ...]
    date: Literal | None
    pages: tuple[NamedNode, ...]
    identifiers: tuple[str, ...]
    authors: tuple[str, ...]
    descriptions: Texts
    keywords: tuple[str, ...]
    notes: Texts


Row = Base | Corpus | Thesaurus | Motcle | Record


def read_rows(source: Source, problems: Problems) -> Iterator[Row]:
    """The repository as a site, its sets as corpora, its records and the words that index them.

    Raises MalformedSource for a file that is not OAI-PMH or that ``safe_xml`` refuses, BadRow where
    the source says stop.
    """
    reader = Reader(source.name, problems)
    for path in source.files:
        yield from reader.rows(path)
    if not reader.named:
        yield Base(
            source.name, tuple((text, tag) for tag, text in source.title.items()), (), (), ""
        )


class Reader:
    """Reads the files of one repository. ``base``: its name in IRIs."""

    def __init__(self, base: str, problems: Problems) -> None:
        self.base, self.problems = base, problems
        self.path = Path()
        self.named = False
        # What has been given so far: records, sets and keywords.
        self.given: set[tuple[str, str]] = set()

    def rows(self, path: Path) -> Iterator[Row]:
        self.path = path
        content, found = read_bytes(path), False
        prefixes = [f"{one.decode()}:" for one in PREFIX.findall(content[:HEAD_BYTES])]
        wanted = {f"{prefix}{name}" for prefix in ("", *prefixes) for name in WANTED}
        for element, ancestors in elements(path, content, wanted):
            root = (ancestors or [element])[0]
            if _local(root) != ROOT:
                raise MalformedSource(
                    path, f"is no OAI-PMH: its root is {root.name!r}.", line=root.line
                )
            if _local(element) == "record":
                found = True
                yield from self.record(element)
            elif _local(element) == "set":
                yield from self.corpus(_text(element, "setSpec"), _text(element, "setName"))
            elif name := _text(element, "repositoryName"):
                self.named = True
                yield Base(self.base, ((name, None),), (), (), "")
        if not found:
            raise MalformedSource(path, "holds no record of OAI-PMH.")

    def corpus(self, name: str, label: str = "") -> Iterator[Corpus]:
        """A set, where it has not been given yet."""
        if name and self.new("set", name):
            yield Corpus(self.base, name, ((label or name, None),), None)

    def record(self, element: Element) -> Iterator[Row]:
        header = next(iter(_children(element, "header")), Element("", {}, element.line))
        key = _text(header, "identifier")
        if header.attributes.get("status") == "deleted":
            self.problems.lose("marked as deleted")
            return
        if not key:
            self.bad(element, "identifier", key, "the record has no identifier.")
            return
        metadata = [child for one in _children(element, "metadata") for child in one.children]
        titles = _texts(metadata[0], "title") if metadata else ()
        if not titles:
            self.bad(element, "title", "", f"the record {key} has no title.")
        elif not self.new("record", key):
            self.bad(element, "identifier", key, "a record of that identifier is there.")
        else:
            sets = tuple(name for one in _children(header, "setSpec") if (name := _line(one)))
            for name in sets:
                yield from self.corpus(name)
            yield from self.described(key, sets, metadata[0], titles)

    def described(
        self, key: str, sets: tuple[str, ...], dc: Element, titles: Texts
    ) -> Iterator[Row]:
        """The record, after the keywords that are new with it."""
        languages = self.languages(dc)
        spoken = languages[0] if len(languages) == 1 else None
        first, others = _first_of_each(_in(titles, spoken))
        notes = [
            (f"{_local(child)}: {said}", None)
            for child in dc.children
            if _local(child) not in USED and (said := " ".join(child.whole_text().split()))
        ]
        words = _in(_texts(dc, "subject"), spoken)
        notes += [(f"subject: {word}", None) for word, _ in words if address(word)]
        keywords = {
            f"{short_slug(word)}-{digest(word, tag or '')}": (word, tag)
            for word, tag in words
            if not address(word)
        }
        if keywords and self.new("thesaurus", SUBJECTS):
            yield Thesaurus(self.base, SUBJECTS, SUBJECTS_LABELS)
        for name, label in keywords.items():
            if self.new("keyword", name):
                yield Motcle(self.base, SUBJECTS, name, (label,))
        named = [text for text, _ in _texts(dc, "identifier")]
        date, undated = self.date(dc)
        yield Record(
            self.base,
            key,
            sets,
            first,
            others,
            languages,
            date,
            pages=tuple(page for text in named if (page := address(text))),
            identifiers=tuple(dict.fromkeys([key, *(t for t in named if not address(t))])),
            authors=tuple(dict.fromkeys(text for text, _ in _texts(dc, "creator"))),
            descriptions=_in(_texts(dc, "description"), spoken),
            keywords=tuple(keywords),
            notes=(*notes, *undated),
        )

    def languages(self, dc: Element) -> tuple[str, ...]:
        found: list[str] = []
        for written, _ in _texts(dc, "language"):
            tag = language_tag(SHORT_CODES.get(written.lower(), written))
            if tag is None:
                self.problems.lose("dc:language that is no language tag")
            else:
                found.append(tag)
        return tuple(dict.fromkeys(found))

    def date(self, dc: Element) -> tuple[Literal | None, Texts]:
        """The first date that is a year, a month or a day; the others as notes."""
        when, notes = None, list[tuple[str, str | None]]()
        for written, _ in _texts(dc, "date"):
            found = partial_date(TIME.sub(r"\1", written))
            if when is None and found is not None:
                when = found
            elif found != when:
                notes.append((f"date: {written}", None))
        return when, tuple(notes)

    def new(self, kind: str, name: str) -> bool:
        known = (kind, name) in self.given
        self.given.add((kind, name))
        return not known

    def bad(self, element: Element, field: str, value: str, reason: str) -> None:
        self.problems.bad(self.path, element.line, field, value, reason)


def _local(element: Element) -> str:
    return element.name.rpartition(":")[2]


def _children(element: Element, name: str) -> list[Element]:
    return [child for child in element.children if _local(child) == name]


def _line(element: Element) -> str:
    return one_line(element.whole_text())


def _text(element: Element, name: str) -> str:
    """The text of the first child of that name that has any."""
    return next((said for child in _children(element, name) if (said := _line(child))), "")


def _texts(dc: Element, name: str) -> Texts:
    """The texts of every child of that name, with the languages that the XML says."""
    around = dc.attributes.get(LANGUAGE, "")
    return tuple(
        (said, language_tag(child.attributes.get(LANGUAGE, around)))
        for child in _children(dc, name)
        if (said := _line(child))
    )


def _in(texts: Texts, spoken: str | None) -> Texts:
    """The texts; those without a language in the one that the record is in."""
    return tuple((said, tag or spoken) for said, tag in texts)


def _first_of_each(texts: Texts) -> tuple[Texts, Texts]:
    """The first text of each language, and the others."""
    first: dict[str | None, tuple[str, str | None]] = {}
    for pair in texts:
        first.setdefault(pair[1], pair)
    return tuple(first.values()), tuple(pair for pair in texts if pair not in first.values())
