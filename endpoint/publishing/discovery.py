"""What the site says of itself, found from its root address: in Link headers, pages and RDF.

https://www.rfc-editor.org/rfc/rfc8288, and the relations of https://www.rfc-editor.org/rfc/rfc8631
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from flask import url_for
from pyoxigraph import Literal, NamedNode, Triple

from atlas.namespaces import DCAT, DCTERMS, FOAF, RDFS, SH, VOID
from store.statistics import RDF_TYPE, void_dataset, void_service

TURTLE = "text/turtle"
SEE_ALSO = NamedNode(f"{RDFS}seeAlso")


class Link(NamedTuple):
    """One document about the site: its relation, its route, its type, what it is called."""

    rel: str
    route: str
    type: str
    title: str

    @property
    def path(self) -> str:
        return url_for(self.route)

    def __str__(self) -> str:
        return f'<{self.path}>; rel="{self.rel}"; type="{self.type}"; title="{self.title}"'


LINKS = (
    Link("service-desc", "sparql.sparql", TURTLE, "SPARQL 1.1 Service Description"),
    Link("service-desc", "openapi.openapi", "application/json", "OpenAPI 3.1"),
    Link("service-doc", "library.page", "text/html", "Named queries"),
    Link("service-meta", "examples.examples", TURTLE, "SPARQL examples (SHACL)"),
    Link("describedby", "void.void", TURTLE, "VoID"),
    Link("describedby", "dcat.catalog", TURTLE, "DCAT"),
    Link("alternate", "feed.atom", "application/atom+xml", "Changes (Atom)"),
)


def header() -> str:
    """The value of the Link header of the root address."""
    return ", ".join(map(str, LINKS))


def documents(sparql: str, base: str) -> Iterator[Triple]:
    """The same, as the description of the service at this address says it."""
    service = void_service(sparql)
    void, catalog, examples, openapi = (
        NamedNode(url_for(route, _external=True))
        for route in ("void.void", "dcat.catalog", "examples.examples", "openapi.openapi")
    )
    for document in (void, catalog, examples):
        yield Triple(service, SEE_ALSO, document)
    yield Triple(service, NamedNode(f"{DCAT}endpointDescription"), openapi)
    topic = NamedNode(f"{FOAF}primaryTopic")
    yield Triple(void, RDF_TYPE, NamedNode(f"{VOID}DatasetDescription"))
    yield Triple(void, topic, void_dataset(base))
    yield Triple(catalog, topic, catalog_iri(base))
    yield Triple(catalog_iri(base), RDF_TYPE, NamedNode(f"{DCAT}Catalog"))
    yield Triple(catalog_iri(base), NamedNode(f"{DCAT}service"), service)
    yield Triple(examples, RDF_TYPE, NamedNode(f"{VOID}Dataset"))
    yield Triple(examples, NamedNode(f"{VOID}vocabulary"), NamedNode(SH))
    title = Literal("SPARQL examples", language="en")
    yield Triple(examples, NamedNode(f"{DCTERMS}title"), title)


def catalog_iri(base: str) -> NamedNode:
    """The catalogue as a thing; its address is that of the document."""
    return NamedNode(f"{base}/catalog#catalog")
