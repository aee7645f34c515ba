"""What the service says of itself: to a program in RDF, to a person as a form.

https://www.w3.org/TR/sparql11-service-description/
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from flask import Response, render_template, request
from pyoxigraph import Literal, NamedNode, Triple

from atlas.namespaces import DCAT, DCTERMS, VOID
from endpoint.catalogue import Catalogue, Graph
from endpoint.language import LANGUAGES
from endpoint.publishing.discovery import documents
from endpoint.site import Site, current_site
from endpoint.web.library import editor as editing
from endpoint.wire.representations import represent, wanted
from federation.partner import SERVICE
from store.formats import FORMATS, SOLUTIONS
from store.parsing.syntaxes import SYNTAXES
from store.statistics import RDF_TYPE, SD, named_or_said, void_dataset, void_service

# Neither dereferencing (DereferencesURIs) is claimed, for a query fetches no document, nor
# UnionDefaultGraph: some graphs are published apart from the merge.
LANGUAGES_SPOKEN = ("SPARQL11Query", "SPARQL11Update")
# What is inferred is stored: a query matches what is there and adds nothing to it.
ENTAILMENT = NamedNode("http://www.w3.org/ns/entailment/Simple")


def introduce() -> Response:
    """https://www.w3.org/TR/sparql11-service-description/#accessing"""
    site = current_site()
    generation = site.generation
    return represent(
        wanted(),
        triples=lambda: describe(request.base_url, site, generation),
        page=lambda: render_template("sparql.html", **editing.context()),
        generation=generation,
        version=f"{generation} {'federated' if federated(site) else ''}".strip(),
    )


def federated(site: Site) -> bool:
    """Whether there is a partner that SERVICE may name."""
    return any(SERVICE in partner.uses for partner in site.federation.partners.all().values())


def describe(address: str, site: Site, generation: int | None) -> Iterator[Triple]:
    """The description of the service at this address, over one state of the data."""
    service, endpoint = void_service(address), NamedNode(address)
    yield Triple(service, RDF_TYPE, sd("Service"))
    yield Triple(service, RDF_TYPE, NamedNode(f"{DCAT}DataService"))
    yield Triple(service, sd("endpoint"), endpoint)
    yield Triple(service, NamedNode(f"{DCAT}endpointURL"), endpoint)
    for language in LANGUAGES_SPOKEN:
        yield Triple(service, sd("supportedLanguage"), sd(language))
    if federated(site):
        yield Triple(service, sd("feature"), sd("BasicFederatedQuery"))
    yield Triple(service, sd("defaultEntailmentRegime"), ENTAILMENT)
    for row in FORMATS:
        yield Triple(service, sd("resultFormat"), NamedNode(row.iri))
    for row in FORMATS:
        if row.kind != SOLUTIONS and row.extension in SYNTAXES:
            yield Triple(service, sd("inputFormat"), NamedNode(row.iri))
    yield from documents(address, site.settings.base)
    if generation is not None:
        yield from dataset(address, site.catalogue(generation), base=site.settings.base)


def dataset(address: str, catalogue: Catalogue, *, base: str) -> Iterator[Triple]:
    """The default dataset: the default graph, and the graphs that GRAPH reaches unasked."""
    whole, default = NamedNode(f"{address}#dataset"), void_dataset(base)
    yield Triple(void_service(address), sd("defaultDataset"), whole)
    yield Triple(void_service(address), NamedNode(f"{DCAT}servesDataset"), default)
    yield Triple(whole, RDF_TYPE, sd("Dataset"))
    yield Triple(whole, sd("defaultGraph"), default)
    yield Triple(default, RDF_TYPE, sd("Graph"))
    yield Triple(default, NamedNode(f"{VOID}triples"), Literal(catalogue.total))
    shown = [graph for graph in catalogue.graphs.values() if not graph.illustrative]
    for graph in sorted(shown, key=lambda graph: graph.iri):
        named = NamedNode(f"{address}#graph-{quote(graph.iri, safe='')}")
        yield Triple(whole, sd("namedGraph"), named)
        yield from named_graph(named, graph, catalogue.counts.get(graph.iri, 0))


def named_graph(named: NamedNode, graph: Graph, triples: int) -> Iterator[Triple]:
    content = NamedNode(graph.iri)
    yield Triple(named, RDF_TYPE, sd("NamedGraph"))
    yield Triple(named, sd("name"), content)
    yield Triple(named, sd("graph"), content)
    yield Triple(content, RDF_TYPE, sd("Graph"))
    yield Triple(content, NamedNode(f"{VOID}triples"), Literal(triples))
    for language in LANGUAGES:
        if language in graph.titles:
            title = Literal(graph.titles[language], language=language)
            yield Triple(content, NamedNode(f"{DCTERMS}title"), title)
    for term, value in (("license", graph.licence), ("source", graph.source)):
        if value:
            yield Triple(content, NamedNode(DCTERMS + term), named_or_said(value))


def sd(name: str) -> NamedNode:
    return NamedNode(SD + name)
