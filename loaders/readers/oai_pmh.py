"""Records of OAI-PMH into the graph: a site, its sets as corpora, documents and their keywords.

In the terms of the ScrutariData loader, so that both kinds of site answer the same questions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from pyoxigraph import NamedNode, Quad

from loaders.readers.oai_rows import SUBJECTS, Record, Row, read_rows
from loaders.readers.scrutari import Statement, Writer, texts
from loaders.readers.scrutari_rows import Base, Corpus, Motcle, Thesaurus
from loaders.sources import Source
from loaders.terms import ATLAS, DC, DCTERMS, FOAF, SKOS, TYPE, text

__all__ = ["read_rows", "to_quads"]


def to_quads(rows: Iterable[Row], source: Source) -> Iterator[Quad]:
    """The graph of the repository that was read."""
    writer = RecordWriter(source)
    write: Mapping[type, Callable[[Any], Iterator[Statement]]] = {
        Base: writer.base,
        Corpus: writer.corpus,
        Record: writer.record,
        Thesaurus: writer.thesaurus,
        Motcle: writer.motcle,
    }
    graph = NamedNode(source.graph)
    for row in rows:
        for subject, predicate, value in write[type(row)](row):
            yield Quad(subject, predicate, value, graph)


class RecordWriter(Writer):
    """The statements of records beside those of ScrutariData."""

    def record(self, row: Record) -> Iterator[Statement]:
        document = self.instances["document", f"{row.base}-{row.key}"]
        yield document, TYPE, ATLAS["Document"]
        yield document, ATLAS["publishedOn"], self.instances["site", row.base]
        for name in row.sets:
            yield document, ATLAS["inCorpus"], self.instances["corpus", f"{row.base}-{name}"]
        for identifier in row.identifiers:
            yield document, DCTERMS["identifier"], text(identifier)
        yield from texts(document, DCTERMS["title"], row.titles)
        yield from texts(document, DCTERMS["alternative"], row.alternatives)
        for language in row.languages:
            yield document, DCTERMS["language"], text(language)
        if row.date:
            yield document, DCTERMS["date"], row.date
        for page in row.pages:
            yield document, FOAF["page"], page
        for author in row.authors:
            yield document, DC["creator"], text(author)
        yield from texts(document, DCTERMS["description"], row.descriptions)
        for name in row.keywords:
            keyword = self.instances["keyword", f"{row.base}-{SUBJECTS}-{name}"]
            yield document, ATLAS["indexedBy"], keyword
        yield from texts(document, SKOS["note"], row.notes)
