"""What the service says of itself in RDF.

https://www.w3.org/TR/sparql11-service-description/
"""

from __future__ import annotations

from collections.abc import Iterator

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, serialize

from endpoint.catalogue import Catalogue, Graph
from endpoint.language import LANGUAGES
from endpoint.site import Site
from store.formats import BY_MEDIA_TYPE, FORMATS, SOLUTIONS

SD = "http://www.w3.org/ns/sparql-service-description#"
VOID = "http://rdfs.org/ns/void#"
DCTERMS = "http://purl.org/dc/terms/"
RDF_TYPE = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
PREFIXES = {"sd": SD, "void": VOID, "dcterms": DCTERMS, "formats": "http://www.w3.org/ns/formats/"}
MEDIA_TYPES = tuple(row.media_type for row in FORMATS if row.kind != SOLUTIONS)

Node = NamedNode | BlankNode


def sd(name: str) -> NamedNode:
    return NamedNode(SD + name)


def serialise(address: str, site: Site, media_type: str) -> bytes:
    """The description of the service at ``address``, in a format that holds a graph."""
    syntax = BY_MEDIA_TYPE[media_type].engine
    assert isinstance(syntax, RdfFormat)
    triples = describe(NamedNode(address), site)
    content = serialize(triples, format=syntax, prefixes=PREFIXES)
    assert content is not None
    return content


def describe(endpoint: NamedNode, site: Site) -> Iterator[Triple]:
    service = BlankNode("service")
    yield Triple(service, RDF_TYPE, sd("Service"))
    yield Triple(service, sd("endpoint"), endpoint)
    yield Triple(service, sd("supportedLanguage"), sd("SPARQL11Query"))
    for row in FORMATS:
        yield Triple(service, sd("resultFormat"), NamedNode(row.iri))
    if site.generation is not None:
        yield from dataset(service, site.catalogue())


def dataset(service: Node, catalogue: Catalogue) -> Iterator[Triple]:
    """The default dataset: the merge of what is published, and the graphs that GRAPH reaches."""
    whole, default = BlankNode("dataset"), BlankNode("default")
    yield Triple(service, sd("defaultDataset"), whole)
    yield Triple(whole, RDF_TYPE, sd("Dataset"))
    yield Triple(whole, sd("defaultGraph"), default)
    yield Triple(default, RDF_TYPE, sd("Graph"))
    yield Triple(default, NamedNode(f"{VOID}triples"), Literal(catalogue.total))
    for number, graph in enumerate(sorted(catalogue.graphs.values(), key=lambda graph: graph.iri)):
        if not graph.illustrative:
            named = BlankNode(f"graph{number}")
            yield Triple(whole, sd("namedGraph"), named)
            yield from named_graph(named, graph)


def named_graph(named: Node, graph: Graph) -> Iterator[Triple]:
    content = BlankNode(f"{named.value}content")
    yield Triple(named, RDF_TYPE, sd("NamedGraph"))
    yield Triple(named, sd("name"), NamedNode(graph.iri))
    yield Triple(named, sd("graph"), content)
    yield Triple(content, RDF_TYPE, sd("Graph"))
    for language in LANGUAGES:
        if language in graph.titles:
            title = Literal(graph.titles[language], language=language)
            yield Triple(content, NamedNode(f"{DCTERMS}title"), title)
    if graph.licence:
        yield Triple(content, NamedNode(f"{DCTERMS}license"), NamedNode(graph.licence))
