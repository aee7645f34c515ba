"""ScrutariData into the graph: a site, its corpora and documents, its thesauri and keywords.

Options: ``classes``, the class of a corpus's documents (``{dossier = "Dossier"}``); others are
documents and no more. Icons are left to the site. Complements, attributes and unknown elements
become notes, ``name: text``; endpoint/scrutari/route.py writes them as ScrutariData again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from pyoxigraph import Literal, NamedNode, Quad

from loaders.readers.scrutari_elements import Texts
from loaders.readers.scrutari_rows import (
    Base,
    Corpus,
    Fiche,
    Indexation,
    Motcle,
    Row,
    Thesaurus,
    read_rows,
)
from loaders.sources import Source
from loaders.terms import (
    ATLAS,
    DC,
    DCTERMS,
    FOAF,
    LABEL,
    SKOS,
    TYPE,
    Instances,
    integer,
    text,
)

__all__ = ["read_rows", "to_quads"]


def to_quads(rows: Iterable[Row], source: Source) -> Iterator[Quad]:
    """The graph of the bases that were read."""
    writer = Writer(source)
    write: Mapping[type, Callable[[Any], Iterator[tuple[Any, NamedNode, Any]]]] = {
        Base: writer.base,
        Corpus: writer.corpus,
        Fiche: writer.fiche,
        Thesaurus: writer.thesaurus,
        Motcle: writer.motcle,
        Indexation: writer.indexation,
    }
    graph = NamedNode(source.graph)
    for row in rows:
        for subject, predicate, value in write[type(row)](row):
            yield Quad(subject, predicate, value, graph)


Statement = tuple[NamedNode, NamedNode, NamedNode | Literal]


class Writer:
    """The statements of each kind of row."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.classes: Mapping[str, str] = source.options.get("classes", {})
        self.instances = Instances(source.base)

    def base(self, row: Base) -> Iterator[Statement]:
        site = self.instances["site", row.name]
        yield site, TYPE, ATLAS["ResourceSite"]
        yield from texts(site, LABEL, row.labels)
        yield from texts(site, DCTERMS["title"], row.titles)
        for language in row.languages:
            yield site, DCTERMS["language"], text(language)
        if row.authority:
            yield site, SKOS["note"], text(f"authority: {row.authority}")

    def corpus(self, row: Corpus) -> Iterator[Statement]:
        corpus = self.instances["corpus", f"{row.base}-{row.name}"]
        yield corpus, TYPE, ATLAS["Corpus"]
        yield corpus, ATLAS["corpusOf"], self.instances["site", row.base]
        yield from texts(corpus, LABEL, row.labels)
        if row.page:
            yield corpus, FOAF["page"], row.page
        for number, name, language in row.complements:
            yield corpus, SKOS["note"], text(f"complement {number}: {name}", language)

    def fiche(self, row: Fiche) -> Iterator[Statement]:
        document = self.document(row.base, row.corpus, row.id)
        yield document, TYPE, ATLAS[self.classes.get(row.corpus, "Document")]
        yield document, ATLAS["inCorpus"], self.instances["corpus", f"{row.base}-{row.corpus}"]
        yield document, ATLAS["publishedOn"], self.instances["site", row.base]
        yield document, DCTERMS["identifier"], text(row.id)
        yield document, DCTERMS["title"], text(row.title, row.language)
        if row.subtitle:
            yield document, DCTERMS["alternative"], text(row.subtitle, row.language)
        if row.language:
            yield document, DCTERMS["language"], text(row.language)
        if row.date:
            yield document, DCTERMS["date"], row.date
        if row.page:
            yield document, FOAF["page"], row.page
        for author in row.authors:
            yield document, DC["creator"], text(author)
        yield from texts(document, SKOS["note"], row.notes)

    def thesaurus(self, row: Thesaurus) -> Iterator[Statement]:
        thesaurus = self.instances["thesaurus", f"{row.base}-{row.name}"]
        yield thesaurus, TYPE, ATLAS["Thesaurus"]
        yield thesaurus, DCTERMS["isPartOf"], self.instances["site", row.base]
        yield from texts(thesaurus, LABEL, row.labels)

    def motcle(self, row: Motcle) -> Iterator[Statement]:
        """A keyword; of two labels in one language the second is an alternative."""
        keyword = self.instances["keyword", f"{row.base}-{row.thesaurus}-{row.id}"]
        yield keyword, TYPE, ATLAS["Keyword"]
        thesaurus = self.instances["thesaurus", f"{row.base}-{row.thesaurus}"]
        yield keyword, SKOS["inScheme"], thesaurus
        given: set[str | None] = set()
        for label, language in row.labels:
            name = "altLabel" if language in given else "prefLabel"
            given.add(language)
            yield keyword, SKOS[name], text(label, language)

    def indexation(self, row: Indexation) -> Iterator[Statement]:
        document = self.document(row.base, row.corpus, row.fiche)
        keyword = self.instances["keyword", f"{row.base}-{row.thesaurus}-{row.motcle}"]
        yield document, ATLAS["indexedBy"], keyword
        if row.weight > 1:
            # Names may hold hyphens, and seldom dots.
            key = ".".join((row.base, row.corpus, row.fiche, row.thesaurus, row.motcle))
            indexation = self.instances["indexation", key]
            yield indexation, TYPE, ATLAS["Indexation"]
            yield indexation, ATLAS["indexedDocument"], document
            yield indexation, ATLAS["indexingKeyword"], keyword
            yield indexation, ATLAS["weight"], integer(row.weight)

    def document(self, base: str, corpus: str, key: str) -> NamedNode:
        return self.instances["document", f"{self.source.name}-{base}-{corpus}-{key}"]


def texts(subject: NamedNode, predicate: NamedNode, texts: Texts) -> Iterator[Statement]:
    for value, language in texts:
        yield subject, predicate, text(value, language)
