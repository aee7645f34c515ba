"""The bases that the atlas gives as ScrutariData: each resource site's, and its own.

A site's base has the documents that are published on it. The atlas's own has those that no site
gave it: what is in a corpus came from a site, which has a base of its own for it.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from urllib.parse import unquote

from pyoxigraph import (
    Literal,
    NamedNode,
    QueryResultsFormat,
    QuerySolutions,
    parse_query_results,
)

from atlas.namespaces import ATLAS, DC, DCTERMS, FOAF, RDFS, SKOS
from endpoint.catalogue import Queries
from endpoint.language import LANGUAGES, translate
from endpoint.scrutari.xml import Metadata
from endpoint.solutions import Solution, by_name
from store import Operation
from store.answers import Term
from store.breath import breathe

OWN = "atlas"
FORMAT = "http://www.scrutari.net/dokuwiki/scrutaridata:xml"
SOLUTIONS = "text/tab-separated-values"
PREFIXES = f"""
PREFIX atlas: <{ATLAS}>
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX foaf: <http://xmlns.com/foaf/0.1/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
"""
SITES = """
SELECT ?site (COUNT(DISTINCT ?document) AS ?documents) WHERE {
  ?document atlas:publishedOn ?site FILTER (isIRI(?site) && isIRI(?document))
} GROUP BY ?site"""
OF_A_SITE = "?document atlas:publishedOn <{site}> FILTER (isIRI(?document))"
OF_NO_SITE = """?document a atlas:Document FILTER (isIRI(?document))
  FILTER NOT EXISTS { ?document atlas:inCorpus ?given }"""
COUNT = "SELECT (COUNT(DISTINCT ?document) AS ?documents) WHERE {{ {scope} }}"
ABOUT = """SELECT ?thing ?property ?value WHERE {{
  VALUES ?thing {{ {things} }} ?thing ?property ?value FILTER (?property IN ({properties}))
}}"""
# What is read of things, by the names that are used here.
PROPERTIES = {
    f"{DCTERMS}identifier": "identifier",
    f"{DCTERMS}title": "title",
    f"{RDFS}label": "label",
    f"{DCTERMS}alternative": "alternative",
    f"{DCTERMS}language": "language",
    f"{DCTERMS}date": "date",
    f"{DCTERMS}description": "description",
    f"{DC}creator": "creator",
    f"{FOAF}page": "page",
    f"{SKOS}note": "note",
    f"{SKOS}prefLabel": "prefLabel",
    f"{SKOS}altLabel": "altLabel",
}
# Of so many things is something asked at a time.
BLOCK = 500
WRITTEN = re.compile(r"[A-Za-z0-9_.\-]+")
DIGEST = 8
AUTHORITY = "authority: "

Said = Mapping[str, Sequence[Term]]


@dataclass(frozen=True)
class Base:
    """A base by the name under which it is had; ``site`` is "" for the atlas's own."""

    name: str
    site: str
    documents: int

    @property
    def scope(self) -> str:
        """The pattern that its documents match, as ``?document``."""
        return OF_A_SITE.format(site=self.site) if self.site else OF_NO_SITE

    @property
    def base_name(self) -> str:
        """Its name within the file: of a site that came as ScrutariData the one it gave itself."""
        return key_of(self.site) if self.site else OWN


def all_bases(reader: Queries, base: str) -> dict[str, Base]:
    """The bases by name: the atlas's own first, then the sites' in the order of their names."""
    own = next(solutions(reader, COUNT.format(scope=OF_NO_SITE)))
    found = {OWN: Base(OWN, "", own.number("documents"))}
    sites = [(row.text("site"), row.number("documents")) for row in solutions(reader, SITES)]
    named = {name_of(site, base): (site, documents) for site, documents in sorted(sites)}
    for name, (site, documents) in sorted(named.items()):
        found[name] = Base(name, site, documents)
    return found


def name_of(site: str, base: str) -> str:
    """The last part of a site's IRI; with a digest where another site may have the same."""
    name = key_of(site)
    if site.startswith(f"{base}/id/site/") and WRITTEN.fullmatch(name) and name != OWN:
        return name
    return apart(name, site)


def key_of(iri: str) -> str:
    """The last part of an IRI, read as it is meant."""
    return unquote(re.split("[/#]", iri.rstrip("/#"))[-1])


def apart(name: str, iri: str) -> str:
    """A name of what an identifier may hold, which no other thing has."""
    digest = hashlib.sha256(iri.encode()).hexdigest()[:DIGEST]
    return "-".join([*WRITTEN.findall(name), digest])


def metadata(reader: Queries, base: Base, root: str) -> Metadata:
    """What the base says of itself."""
    if not base.site:
        return Metadata(
            authority=authority(root),
            name=OWN,
            labels=[(translate("site.name", language), language) for language in LANGUAGES],
            titles=[(translate("scrutari.own", language), language) for language in LANGUAGES],
            languages=LANGUAGES,
        )
    ((_, said),) = about(reader, [base.site])
    stated = [text for text, _ in texts(said.get("note", ())) if text.startswith(AUTHORITY)]
    return Metadata(
        authority=stated[0].removeprefix(AUTHORITY) if stated else authority(base.site),
        name=base.base_name,
        labels=texts(said.get("label", ())) or [(base.base_name, None)],
        titles=texts(said.get("title", ())),
        languages=tuple(text for text, _ in texts(said.get("language", ()))),
    )


def authority(iri: str) -> str:
    """The identifier of a base that states none: always the same for the same site."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, iri))


def about(reader: Queries, things: Iterable[str]) -> Iterator[tuple[str, Said]]:
    """What is said of each thing, in the order given, by the names of PROPERTIES.

    A block is asked and held at a time: the engine takes seconds to sort what it would stream.
    """
    properties = ", ".join(f"<{name}>" for name in PROPERTIES)
    every = iter(things)
    while block := list(islice(every, BLOCK)):
        said: dict[str, dict[str, list[Term]]] = {thing: {} for thing in block}
        named = " ".join(f"<{thing}>" for thing in block)
        for row in solutions(reader, ABOUT.format(things=named, properties=properties)):
            name = PROPERTIES[row.text("property")]
            said[row.text("thing")].setdefault(name, []).append(row["value"])
        yield from said.items()
        breathe()


def texts(terms: Iterable[Term]) -> list[tuple[str, str | None]]:
    """Literals as texts with their languages, in an order that is always the same."""
    found = {(term.value, term.language) for term in terms if isinstance(term, Literal)}
    order = {language: place for place, language in enumerate(LANGUAGES)}
    return sorted(
        found, key=lambda pair: (order.get(pair[1] or "", len(order)), pair[1] or "", pair[0])
    )


def solutions(reader: Queries, text: str) -> Iterator[Solution]:
    """The rows of a SELECT, one by one, as terms; its answer is held outside of memory."""
    with answered(reader, text) as rows:
        yield from by_name(rows)


@contextmanager
def answered(reader: Queries, text: str) -> Iterator[QuerySolutions]:
    answer = reader.query(Operation(PREFIXES + text), SOLUTIONS)
    try:
        with answer.open() as content:
            rows = parse_query_results(content, format=QueryResultsFormat.TSV)
            assert isinstance(rows, QuerySolutions)
            yield rows
    finally:
        answer.close()


def iri(term: Term) -> str:
    assert isinstance(term, NamedNode | Literal)
    return term.value
