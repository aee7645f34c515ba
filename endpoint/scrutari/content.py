"""One base as ScrutariData: fiches by corpus, keywords by thesaurus, indexations by pair of them.

What is held in memory is the names of what is in it; what is written is held outside of it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing

from endpoint.catalogue import Queries
from endpoint.scrutari.bases import (
    BLOCK,
    WRITTEN,
    Base,
    Said,
    about,
    apart,
    iri,
    key_of,
    metadata,
    solutions,
    texts,
)
from endpoint.scrutari.fiches import fiche, keyword_labels
from endpoint.scrutari.xml import (
    Complements,
    Corpus,
    Sink,
    Xml,
    write_base_metadata,
    write_corpus_metadata,
    write_fiche,
    write_lost,
)
from endpoint.solutions import Solution
from endpoint.wire.addresses import ROOT
from store import Answer
from store.answers import Term

MEDIA_TYPE = "application/xml"
DOCUMENT = f"{ROOT}/ontology/Document"
# Each document of the base with what holds it: the site's corpus, else its class.
HELD = """SELECT ?document (MIN(?where) AS ?holder) WHERE {{
  {scope}
  OPTIONAL {{ ?document atlas:inCorpus ?corpus . ?corpus atlas:corpusOf <{site}> }}
  OPTIONAL {{ ?document a ?class . ?class rdfs:subClassOf atlas:Document
    FILTER (?class != atlas:Document) }}
  BIND (STR(COALESCE(?corpus, ?class, atlas:Document)) AS ?where)
}} GROUP BY ?document"""
CORPORA = """SELECT DISTINCT ?corpus WHERE {{
  ?corpus atlas:corpusOf <{site}> FILTER (isIRI(?corpus))
}}"""
# Each keyword with its thesaurus, "" where it has none: of the documents, and what the site has.
KEYWORDS = """SELECT ?keyword (MIN(?in) AS ?scheme) WHERE {{
  {{ SELECT DISTINCT ?keyword WHERE {{
    {{ {scope} ?document atlas:indexedBy ?keyword }}
    UNION {{ ?keyword skos:inScheme ?own . ?own dcterms:isPartOf <{site}> }}
    FILTER (isIRI(?keyword))
  }} }}
  OPTIONAL {{ ?keyword skos:inScheme ?thesaurus FILTER (isIRI(?thesaurus)) }}
  BIND (COALESCE(STR(?thesaurus), "") AS ?in)
}} GROUP BY ?keyword"""
THESAURI = """SELECT DISTINCT ?thesaurus WHERE {{
  ?thesaurus dcterms:isPartOf <{site}> ; a atlas:Thesaurus FILTER (isIRI(?thesaurus))
}}"""
INDEXATIONS = """SELECT ?document ?keyword (MAX(?known) AS ?weight) WHERE {{
  VALUES ?document {{ {documents} }}
  ?document atlas:indexedBy ?keyword FILTER (isIRI(?keyword))
  OPTIONAL {{ ?one atlas:indexedDocument ?document ; atlas:indexingKeyword ?keyword ;
    atlas:weight ?known }}
}} GROUP BY ?document ?keyword"""


class Export:
    """Writes one base into a sink."""

    def __init__(self, reader: Queries, base: Base, *, root: str, sink: Sink, limit: int) -> None:
        """``root``: the base of this atlas's IRIs; ``limit``: the bytes that a part may have."""
        self.reader, self.base, self.root, self.limit = reader, base, root, limit
        self.xml = Xml(sink)
        self.lost: Counter[str] = Counter()
        self.names: dict[tuple[str, str], str] = {}  # by what it is and IRI
        self.taken: set[tuple[str, str]] = set()
        # What was written, by IRI, under which key; the keywords with their thesaurus.
        self.fiches: dict[str, dict[str, str]] = {}
        self.keywords: dict[str, tuple[str, str]] = {}

    def write(self) -> None:
        self.xml.line('<?xml version="1.0" encoding="UTF-8"?>')
        with self.xml.inside("base"):
            write_base_metadata(self.xml, metadata(self.reader, self.base, self.root))
            self.corpora()
            self.thesauri()
            self.indexations()
        write_lost(self.xml, self.lost)

    def ask(self, text: str, **values: str) -> Iterator[Solution]:
        """The rows of one of the queries of this module, over this base."""
        site = self.base.site or self.root
        return solutions(self.reader, text.format(scope=self.base.scope, site=site, **values))

    def corpora(self) -> None:
        """Those with documents, then the site's others; the format wants one at least."""
        own = {row.text("corpus") for row in self.ask(CORPORA)} if self.base.site else set()
        held: dict[str, list[str]] = {corpus: [] for corpus in own}
        for row in self.ask(HELD):
            held.setdefault(row.text("holder"), []).append(row.text("document"))
        holders = sorted(held or {DOCUMENT: []}, key=lambda holder: (not held.get(holder), holder))
        for holder, said in about(self.reader, holders):
            self.corpus(holder, said, sorted(held.get(holder, ())), given=holder in own)

    def corpus(self, holder: str, said: Said, documents: Sequence[str], *, given: bool) -> None:
        """One corpus: its fiches first, outside of memory, since they name its complements."""
        complements = Complements([*complement_names(said.get("note", ()))])
        name, keys = self.name("corpus", holder), self.fiches.setdefault(holder, {})
        with closing(self.spool()) as spool:
            inner = Xml(spool, self.xml.depth + 1)
            for document, known in about(self.reader, documents):
                found = fiche(document, known, given=given, lost=self.lost)
                if found and self.free("fiche", name, found.key):
                    write_fiche(inner, found, complements)
                    keys[document] = found.key
            with self.xml.inside("corpus", corpus_name=name):
                pages = sorted(iri(page) for page in said.get("page", ()))
                page, labels = pages[0] if pages else "", texts(said.get("label", ()))
                write_corpus_metadata(self.xml, Corpus(name, labels, page, complements))
                self.copy(spool)
        if complements.left_out:
            self.lost["notes beyond the complements of a corpus"] += complements.left_out

    def thesauri(self) -> None:
        held: dict[str, list[str]] = {}
        for row in self.ask(KEYWORDS):
            held.setdefault(row.text("scheme"), []).append(row.text("keyword"))
        for row in self.ask(THESAURI) if self.base.site else ():
            held.setdefault(row.text("thesaurus"), [])
        if "" in held:
            self.thesaurus("", {}, sorted(held.pop("")))
        for scheme, said in about(self.reader, sorted(held)):
            self.thesaurus(scheme, said, sorted(held[scheme]))

    def thesaurus(self, scheme: str, said: Said, keywords: Sequence[str]) -> None:
        name = self.name("thesaurus", scheme)
        with self.xml.inside("thesaurus", thesaurus_name=name):
            with self.xml.inside("thesaurus-metadata"):
                named = texts(said.get("label", ())) or texts(said.get("prefLabel", ()))
                self.xml.libs("intitule-thesaurus", named)
            for keyword, known in about(self.reader, keywords):
                key = self.key(keyword, f"{self.base.base_name}-{name}-")
                labels = list(keyword_labels(known))
                if labels and self.free("motcle", name, key):
                    with self.xml.inside("motcle", motcle_id=key):
                        self.xml.lib(labels)
                    self.keywords[keyword] = (name, key)

    def indexations(self) -> None:
        """Those of one corpus at a time, each thesaurus's outside of memory."""
        for holder, keys in self.fiches.items():
            with ExitStack() as stack:
                groups: dict[str, Answer] = {}
                for row in self.indexed(keys):
                    keyword = self.keywords.get(row.text("keyword"))
                    if keyword is None:
                        self.lost["indexations by what has no label"] += 1
                        continue
                    thesaurus, key = keyword
                    if thesaurus not in groups:
                        groups[thesaurus] = stack.enter_context(closing(self.spool()))
                    inner = Xml(groups[thesaurus], self.xml.depth + 1)
                    write_indexation(inner, keys[row.text("document")], key, row)
                name = self.name("corpus", holder)
                for thesaurus, spool in sorted(groups.items()):
                    paths = {"corpus_path": name, "thesaurus_path": thesaurus}
                    with self.xml.inside("indexation-group", **paths):
                        self.copy(spool)

    def indexed(self, documents: Iterable[str]) -> Iterator[Solution]:
        """The indexations of documents, in the order of both."""
        every = list(documents)
        for start in range(0, len(every), BLOCK):
            named = " ".join(f"<{document}>" for document in every[start : start + BLOCK])
            rows = self.ask(INDEXATIONS, documents=named)
            yield from sorted(rows, key=lambda row: (row.text("document"), row.text("keyword")))

    def spool(self) -> Answer:
        return Answer(MEDIA_TYPE, limit=self.limit)

    def copy(self, spool: Answer) -> None:
        for piece in spool:
            self.xml.stream.write(piece)

    def name(self, kind: str, holder: str) -> str:
        """The name of a corpus or a thesaurus: the one that its site gave it, else its own."""
        if (kind, holder) not in self.names:
            name = self.own_name(holder)
            used = {given for (of, _), given in self.names.items() if of == kind}
            self.names[kind, holder] = apart(name, holder) if name in used else name
        return self.names[kind, holder]

    def own_name(self, holder: str) -> str:
        if holder.startswith(f"{ROOT}/ontology/"):
            return re.sub(r"(?<!^)(?=[A-Z])", "-", key_of(holder)).lower()
        return self.key(holder, f"{self.base.base_name}-") if holder else "descriptor"

    def key(self, thing: str, start: str) -> str:
        """The end of an IRI; of one of ours without what the loader put before it."""
        key = key_of(thing)
        if thing.startswith(f"{self.root}/id/") and key.startswith(start):
            return key.removeprefix(start)
        return key if WRITTEN.fullmatch(key) else apart(key, thing)

    def free(self, kind: str, holder: str, key: str) -> bool:
        """Whether no other of its kind has the key; one that comes second is left out."""
        if (known := (f"{kind} {holder}", key)) in self.taken:
            self.lost[f"{kind} whose identifier another one has"] += 1
            return False
        self.taken.add(known)
        return True


def write_indexation(xml: Xml, document: str, keyword: str, row: Solution) -> None:
    """One indexation, whose weight is written only where it is more than 1."""
    weight = row.number("weight") if "weight" in row else 1
    ends = {"fiche-id": document, "motcle-id": keyword}
    xml.leaf("indexation", "", ends | ({"poids": str(weight)} if weight > 1 else {}))


COMPLEMENT = re.compile(r"complement ([1-9][0-9]?): (.+)")


def complement_names(notes: Sequence[Term]) -> list[dict[str | None, str]]:
    """What the complements of a corpus are called, from its notes: those of each place."""
    found: dict[int, dict[str | None, str]] = {}
    for text, language in texts(notes):
        if match := COMPLEMENT.fullmatch(text):
            found.setdefault(int(match[1]), {})[language] = match[2]
    return [found.get(place, {}) for place in range(1, max(found, default=0) + 1)]
