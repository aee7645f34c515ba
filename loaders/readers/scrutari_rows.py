"""Reads ScrutariData, the XML by which resource sites of the Scrutari family give their records.

http://www.scrutari.net/dokuwiki/scrutaridata:xml has the top level; the rest is read as its PHP
exporter writes it: it repeats ``intitule-short`` for each language and ``attr`` for each value, and
puts the names of all complements into one ``complement-metadata``. One element with many values is
read likewise. Elements that are not known are kept as notes of a fiche, and left out elsewhere;
what is left out is counted by name.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import Literal, NamedNode

from atlas.errors import MalformedSource
from loaders.readers.scrutari_elements import (
    Texts,
    attributes,
    complement_names,
    complement_notes,
    libs,
    texts,
)
from loaders.rows import Problems
from loaders.sources import Source
from loaders.values import address, language_tag, one_line, partial_date
from store.parsing.files import read_bytes
from store.parsing.safe_xml import Element, elements

METADATA = ("corpus-metadata", "thesaurus-metadata")
# The elements that are read whole, and what each is in.
PARENTS = {
    "base-metadata": "base",
    "corpus-metadata": "corpus",
    "fiche": "corpus",
    "thesaurus-metadata": "thesaurus",
    "motcle": "thesaurus",
    "indexation": "indexation-group",
}
# What is around them.
AROUND = {("", "base"), *(("base", name) for name in ("corpus", "thesaurus", "indexation-group"))}
# What is read of each; icons are the site's decoration.
READ = {
    "base-metadata": {"authority", "base-name", "intitule-short", "intitule-long", "langs-ui"},
    "corpus-metadata": {"intitule-corpus", "href-parent", "complement-metadata"},
    "thesaurus-metadata": {"intitule-thesaurus"},
    "motcle": {"lib"},
    "indexation": set[str](),
}
# Of a fiche each of these is read once.
ONCE = ("titre", "soustitre", "date", "lang", "href")
KNOWN = {*ONCE, "fiche-icon", "complement", "attr"}


@dataclass(frozen=True, slots=True)
class Base:
    """The site: its short and long names, the languages of its pages."""

    name: str
    labels: Texts
    titles: Texts
    languages: tuple[str, ...]
    authority: str


@dataclass(frozen=True, slots=True)
class Corpus:
    base: str
    name: str
    labels: Texts
    page: NamedNode | None
    complements: tuple[tuple[int, str, str | None], ...] = ()


@dataclass(frozen=True, slots=True)
class Fiche:
    """A record; ``notes`` are complements, attributes and unknown elements, named."""

    base: str
    corpus: str
    id: str
    title: str
    language: str | None
    subtitle: str = ""
    date: Literal | None = None
    page: NamedNode | None = None
    authors: tuple[str, ...] = ()
    notes: Texts = ()


@dataclass(frozen=True, slots=True)
class Thesaurus:
    base: str
    name: str
    labels: Texts


@dataclass(frozen=True, slots=True)
class Motcle:
    base: str
    thesaurus: str
    id: str
    labels: Texts


@dataclass(frozen=True, slots=True)
class Indexation:
    base: str
    corpus: str
    fiche: str
    thesaurus: str
    motcle: str
    weight: int


Row = Base | Corpus | Fiche | Thesaurus | Motcle | Indexation


def read_rows(source: Source, problems: Problems) -> Iterator[Row]:
    """The base, corpora, fiches, thesauri, keywords and indexations of every file.

    Raises MalformedSource for a file that is not ScrutariData or that ``safe_xml`` refuses, BadRow
    where the source says stop.
    """
    given: set[tuple[str, str]] = set()
    for path in source.files:
        yield from Reader(path, problems, given).rows()


class Reader:
    """Reads one file; indexations come last, since the order of the groups is free.

    ``given`` holds what has been given so far, as the end of its IRI.
    """

    def __init__(self, path: Path, problems: Problems, given: set[tuple[str, str]]) -> None:
        self.path, self.problems, self.given = path, problems, given
        self.base = self.authority = ""
        # Corpora and thesauri in the order in which they come.
        self.holders: dict[tuple[str, str], Holder] = {}
        self.indexations: list[tuple[Element, Element]] = []

    def rows(self) -> Iterator[Row]:
        for element, ancestors in elements(self.path, read_bytes(self.path), PARENTS, self.passed):
            self.tell_lost(element)
            self._check_root(ancestors[0] if ancestors else element)
            if ancestors[-1].name != PARENTS[element.name]:
                reason = f"it belongs in {PARENTS[element.name]}."
                self.bad(element, "parent", ancestors[-1].name, reason)
            elif element.name == "base-metadata":
                yield self.base_metadata(element)
            elif not self.base:
                raise self._not_scrutari(element, "base-metadata must come first.")
            elif element.name == "indexation":
                self.indexations.append((element, ancestors[-1]))
            else:
                self.hold(element, ancestors[-1])
        if not self.base:
            raise MalformedSource(self.path, "holds no base-metadata: it is no ScrutariData.")
        for holder in self.holders.values():
            yield from self.finished(holder)
        for element, group in self.indexations:
            yield from self.indexation(element, group)

    def passed(self, parent: str, name: str) -> None:
        if (parent, name) not in AROUND:
            self.problems.lose(f"{parent}/{name}")

    def tell_lost(self, element: Element) -> None:
        """Count what of this element is read by nobody."""
        name = element.name
        if name == "fiche":
            lost = ["fiche-icon"] * len(element.named("fiche-icon"))
            lost += [again for one in ONCE for again in [one] * (len(element.named(one)) - 1)]
        else:
            lost = [child.name for child in element.children if child.name not in READ[name]]
        for what in lost:
            self.problems.lose(f"{name}/{what}")

    def base_metadata(self, element: Element) -> Base:
        name = element.value("base-name")
        if not name:
            raise self._not_scrutari(element, "base-metadata has no base-name.")
        self.base, self.authority = name, element.value("authority")
        found = [child for ui in element.named("langs-ui") for child in ui.named("lang")]
        tags = (language_tag(child.text) for child in found)
        return Base(
            name,
            labels=texts(element, "intitule-short") or ((name, None),),
            titles=texts(element, "intitule-long"),
            languages=tuple(dict.fromkeys(tag for tag in tags if tag)),
            authority=self.authority,
        )

    def hold(self, element: Element, parent: Element) -> None:
        """A part of a corpus or thesaurus, kept until all is read: names may come after it."""
        name = parent.attributes.get(f"{parent.name}-name", "")
        if not name:
            self.bad(parent, f"{parent.name}-name", name, f"the {parent.name} has no name.")
            return
        holder = self.holders.setdefault((parent.name, name), Holder(parent.name, name))
        if element.name in METADATA:
            holder.metadata = element
            return
        key = element.attributes.get(f"{element.name}-id", "")
        if not key:
            self.bad(element, f"{element.name}-id", key, f"the {element.name} has no identifier.")
        elif (iri := (element.name, f"{self.base}-{name}-{key}")) in self.given:
            self.bad(element, f"{element.name}-id", key, "it, or one whose IRI is alike, is there.")
        else:
            self.given.add(iri)
            holder.ids.add(key)
            holder.parts.append(element)

    def finished(self, holder: Holder) -> Iterator[Row]:
        metadata = holder.metadata or Element("", {}, 0)
        labels = texts(metadata, f"intitule-{holder.kind}") or ((holder.name, None),)
        if holder.kind == "thesaurus":
            yield Thesaurus(self.base, holder.name, labels)
            for element in holder.parts:
                yield from self.motcle(element, holder)
            return
        page = self.page(metadata, "href-parent")
        complements = complement_names(metadata)
        named = tuple(
            (number, text, language)
            for number, names in enumerate(complements, 1)
            for language, text in names.items()
        )
        yield Corpus(self.base, holder.name, labels, page, named)
        for element in holder.parts:
            yield from self.fiche(element, holder, complements)

    def motcle(self, element: Element, holder: Holder) -> Iterator[Motcle]:
        key = element.attributes["motcle-id"]
        labels = libs(element)
        if labels:
            yield Motcle(self.base, holder.name, key, labels)
        else:
            holder.ids.discard(key)
            self.bad(element, "lib", "", f"the keyword {key} has no label.")

    def fiche(
        self, element: Element, holder: Holder, complements: list[dict[str | None, str]]
    ) -> Iterator[Fiche]:
        key, title = element.attributes["fiche-id"], one_line(element.value("titre"))
        if not title:
            holder.ids.discard(key)
            self.bad(element, "titre", title, f"the fiche {key} has no title.")
            return
        written = element.value("lang")
        language = language_tag(written)
        if written and language is None:
            self.problems.lose("fiche/lang that is no language tag")
        authors, notes = attributes(element)
        notes = [*complement_notes(element, complements, language), *notes]
        written = element.value("date")
        when = partial_date(written)
        if written and when is None:
            self.bad(element, "date", written, "it is no year, month or day; kept as a note.")
            notes.append((f"date: {written}", None))
        notes += [
            (f"{child.name}: {said}", language)
            for child in element.children
            if child.name not in KNOWN and (said := child.whole_text())
        ]
        yield Fiche(
            self.base,
            holder.name,
            key,
            title,
            language,
            subtitle=one_line(element.value("soustitre")),
            date=when,
            page=self.page(element, "href"),
            authors=authors,
            notes=tuple(notes),
        )

    def page(self, element: Element, name: str) -> NamedNode | None:
        written = element.value(name)
        page = address(written)
        if written and page is None:
            self.bad(element, name, written, "it is no http address.")
        return page

    def indexation(self, element: Element, group: Element) -> Iterator[Indexation]:
        """An indexation whose two ends are in this file."""
        ends: list[str] = []
        for kind, part in (("corpus", "fiche"), ("thesaurus", "motcle")):
            path = group.attributes.get(f"{kind}-path", "")
            holder = self.holders.get((kind, self.local(path)))
            if holder is None:
                self.bad(group, f"{kind}-path", path, f"it leads to no {kind} of this base.")
                return
            key = element.attributes.get(f"{part}-id", "")
            if key not in holder.ids:
                self.bad(
                    element, f"{part}-id", key, f"the {kind} {holder.name} has no such {part}."
                )
                return
            ends += [holder.name, key]
        written = element.attributes.get("poids", "1")
        if not (written.isascii() and written.isdigit() and int(written) > 0):
            self.bad(element, "poids", written, "a weight is a whole number from 1.")
            written = "1"
        corpus, fiche, thesaurus, motcle = ends
        yield Indexation(self.base, corpus, fiche, thesaurus, motcle, int(written))

    def local(self, path: str) -> str:
        """The name that a path leads to within this base, or "" where it leads elsewhere.

        How a path names another base is not documented: what comes before must name this one.
        """
        *before, name = path.strip("/").split("/")
        return name if set(before) <= {self.base, self.authority} else ""

    def bad(self, element: Element, field: str, value: str, reason: str) -> None:
        self.problems.bad(self.path, element.line, field, value, reason)

    def _check_root(self, root: Element) -> None:
        if root.name != "base":
            raise self._not_scrutari(root, f"its root is {root.name!r} instead of base.")

    def _not_scrutari(self, element: Element, reason: str) -> MalformedSource:
        return MalformedSource(self.path, f"is no ScrutariData: {reason}", line=element.line)


class Holder:
    """A corpus or a thesaurus with what is in it."""

    def __init__(self, kind: str, name: str) -> None:
        self.kind, self.name = kind, name
        self.metadata: Element | None = None
        self.parts: list[Element] = []
        self.ids: set[str] = set()
