"""The files of the graphs as DCAT distributions, and how the catalogue says things in RDF.

https://www.w3.org/TR/vocab-dcat-3/#Class:Distribution
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from flask import url_for
from pyoxigraph import Literal, NamedNode, Triple

from atlas.namespaces import DCAT, DCTERMS, RDFS, SKOS
from endpoint.catalogue import Catalogue
from endpoint.language import LANGUAGES, translate
from endpoint.site import Site
from store.exports.dump import refusals
from store.exports.dump_files import FORMS, PACKED, name_of
from store.formats import BY_EXTENSION
from store.statistics import RDF_TYPE, named_or_said

AUTHORITY = "http://publications.europa.eu/resource/authority"
FILE_TYPES = {
    "nt": "RDF_N_TRIPLES",
    "ttl": "RDF_TURTLE",
    "xml": "XML",
    "atom": "ATOM",
    "sparql": "SPARQLQ",
}
IANA = "http://www.iana.org/assignments/media-types/"
LABEL = NamedNode(f"{RDFS}label")
IN_SCHEME = NamedNode(f"{SKOS}inScheme")
PLACE = "/catalog"
GZIP = "application/gzip"

Entry = Mapping[str, Any]


def available(record: Mapping[str, Any]) -> list[Entry]:
    """The graphs of a generation that are listed: those that may be given away."""
    graphs = record.get("graphs", ())
    refused = refusals(graphs)
    return [graph for graph in graphs if "file" in graph and graph["name"] not in refused]


def distributions(site: Site, generation: int | None) -> Iterator[Triple]:
    """The files of each graph that may be given away."""
    known, base = site.catalogue(generation), site.settings.base
    for graph in available(known.record):
        titles = titles_of(graph, known)
        for extension in FORMS:
            row, address = BY_EXTENSION[extension], NamedNode(address_of(graph, extension))
            node = NamedNode(f"{base}{PLACE}#file-{quote(name_of(graph), safe='')}-{extension}")
            yield Triple(NamedNode(graph["graph"]), dcat("distribution"), node)
            yield from typed(node, f"{DCAT}Distribution")
            yield Triple(node, dcat("accessURL"), address)
            yield Triple(node, dcat("downloadURL"), address)
            yield Triple(node, terms("format"), file_type(extension))
            yield from listed(file_type(extension), f"{DCTERMS}MediaTypeOrExtent")
            yield from _media(node, "mediaType", row.media_type)
            yield from _media(node, "compressFormat", GZIP)
            for language, title in titles.items():
                text = translate("dumps.dump", language, title=title, syntax=row.name + PACKED)
                yield Triple(node, terms("title"), Literal(text, language=language))
            yield from licence_of(node, graph)
            yield from _rights(node, graph, base)


def address_of(graph: Entry, extension: str) -> str:
    return url_for("dumps.file", name=name_of(graph), extension=extension, _external=True)


def titled(graph: Entry, known: Mapping[str, Any], language: str) -> str:
    """The graph's title: the record's, or the one that the graph gives itself."""
    said: str = (graph.get("title") or {}).get(language, "")
    return said or (known[graph["graph"]].title(language) if graph["graph"] in known else said)


def titles_of(entry: Entry, known: Catalogue) -> dict[str, str]:
    """The title in each of the three languages."""
    return {language: titled(entry, known.graphs, language) for language in LANGUAGES}


def licence_of(node: NamedNode, entry: Entry) -> Iterator[Triple]:
    """The licence where it is an IRI; one that is stated in words is no licence document."""
    licence = named_or_said(entry["licence"]) if entry.get("licence") else None
    if isinstance(licence, NamedNode):
        yield Triple(node, terms("license"), licence)
        yield from typed(licence, f"{DCTERMS}LicenseDocument")


def _rights(node: NamedNode, entry: Entry, base: str) -> Iterator[Triple]:
    if entry.get("attribution"):
        rights = NamedNode(f"{base}{PLACE}#rights-{quote(name_of(entry), safe='')}")
        yield Triple(node, terms("rights"), rights)
        yield from typed(rights, f"{DCTERMS}RightsStatement")
        yield Triple(rights, LABEL, Literal(entry["attribution"]))


def _media(node: NamedNode, term: str, media_type: str) -> Iterator[Triple]:
    named = NamedNode(IANA + media_type)
    yield Triple(node, dcat(term), named)
    yield from typed(named, f"{DCTERMS}MediaType")


def said(node: NamedNode, term: str, key: str, **values: object) -> Iterator[Triple]:
    for language in LANGUAGES:
        text = translate(key, language, **values)
        yield Triple(node, terms(term), Literal(text, language=language))


def listed(node: NamedNode, kind: str) -> Iterator[Triple]:
    """An entry of one of the EU's authority tables, which is the scheme that it is in."""
    yield from typed(node, kind)
    yield Triple(node, IN_SCHEME, NamedNode(node.value.rpartition("/")[0]))


def typed(node: NamedNode, kind: str) -> Iterator[Triple]:
    yield Triple(node, RDF_TYPE, NamedNode(kind))


def file_type(name: str) -> NamedNode:
    return NamedNode(f"{AUTHORITY}/file-type/{FILE_TYPES[name]}")


def dcat(name: str) -> NamedNode:
    return NamedNode(DCAT + name)


def terms(name: str) -> NamedNode:
    return NamedNode(DCTERMS + name)
