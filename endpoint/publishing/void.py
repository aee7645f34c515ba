"""``/.well-known/void``: what the default graph holds, counted, and the graphs published with it.

https://www.w3.org/TR/void/#well-known
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, render_template, request, url_for
from pyoxigraph import NamedNode, Triple

from atlas.namespaces import VOID
from endpoint.catalogue import Catalogue, Graph
from endpoint.names import Names, Value
from endpoint.publishing.distributions import address_of, available
from endpoint.site import current_site
from endpoint.view import View, current_view
from endpoint.wire.addresses import SUFFIXES
from endpoint.wire.clients import current_client
from endpoint.wire.representations import SYNTAX_NAMES, represent, wanted
from store import links
from store.exports.dump_files import FORMS
from store.statistics import (
    PARTITIONS,
    Statistics,
    largest,
    partition_of,
    void_dataset,
    void_triples,
)

blueprint = Blueprint("void", __name__)
WELL_KNOWN = "/.well-known/void"


@dataclass(frozen=True)
class Counted:
    """A row of the page: what is counted, and where the description's name of that count leads."""

    value: Value
    count: int
    id: str = ""


@dataclass(frozen=True)
class Linked:
    """The links of one property to one authority; the first row of an authority has its name."""

    value: Value
    authority: str
    count: int
    id: str
    other: str


@blueprint.get(WELL_KNOWN)
@blueprint.get(f"{WELL_KNOWN}.<any({', '.join(SUFFIXES)}):suffix>")
def void(suffix: str = "") -> Response:
    """The description, with this site's own address as that of the endpoint."""
    site = current_site()
    stem, reader = request.script_root + WELL_KNOWN, site.reader(current_client())
    return represent(
        wanted(SUFFIXES.get(suffix)),
        triples=lambda: described(site.catalogue(reader.generation), site.settings.base),
        page=lambda: page(current_view(reader.generation), stem),
        stem=stem,
        generation=reader.generation,
    )


def described(catalogue: Catalogue, base: str) -> Iterator[Triple]:
    yield from void_triples(
        catalogue.statistics,
        base=base,
        graphs=entries(catalogue),
        endpoint=url_for("sparql.sparql", _external=True),
    )
    for graph in available(catalogue.record):
        for extension in FORMS:
            file = NamedNode(address_of(graph, extension))
            yield Triple(NamedNode(graph["graph"]), NamedNode(f"{VOID}dataDump"), file)


def entries(catalogue: Catalogue) -> list[Mapping[str, Any]]:
    """The graphs, as the record has them, or as they describe themselves."""
    recorded: list[Mapping[str, Any]] | None = catalogue.record.get("graphs")
    return recorded or [entry(graph, catalogue) for graph in catalogue.graphs.values()]


def entry(graph: Graph, catalogue: Catalogue) -> dict[str, Any]:
    return {
        "graph": graph.iri,
        "triples": catalogue.counts.get(graph.iri, 0),
        # What is not recorded is not claimed: a graph alone, not a part of the default graph.
        "publish": "illustrative" if graph.illustrative else "named",
        "title": {language: text for language, text in graph.titles.items() if language},
        "licence": graph.licence,
        "source": graph.source,
    }


def page(view: View, stem: str) -> str:
    catalogue = view.site.catalogue(view.generation)
    counted, language = catalogue.statistics, view.language
    classes, properties = largest(counted.classes), largest(counted.properties)
    of_links = [prop for prop, _ in counted.links]
    names, dataset = view.names((*classes, *properties, *of_links)), void_dataset(view.base)
    graphs = {
        graph.iri: (graph.title(language), catalogue.counts.get(graph.iri, 0))
        for graph in catalogue.graphs.values()
        if not graph.illustrative
    }
    return render_template(
        "void.html",
        counted=counted,
        id=fragment(dataset),
        classes=terms(dataset, "class", counted.classes, names),
        properties=terms(dataset, "property", counted.properties, names),
        linked=linked(dataset, counted, names),
        graphs=[
            Counted(names.link(iri, title), count)
            for iri, (title, count) in sorted(graphs.items(), key=lambda row: -row[1][1])
        ],
        stem=stem,
        syntaxes=SYNTAX_NAMES,
    )


def terms(dataset: NamedNode, kind: str, counts: Mapping[str, int], names: Names) -> list[Counted]:
    """The classes or the properties that the description counts, the most used first."""
    return [
        Counted(names.value(term), counts[term], fragment(partition_of(dataset, kind, term)))
        for term in sorted(largest(counts), key=lambda term: (-counts[term], term))
    ]


def linked(dataset: NamedNode, counted: Statistics, names: Names) -> list[Linked]:
    """The links to other authorities that the description counts, the most frequent first."""
    shown = links.largest(counted.links, PARTITIONS)
    first = {target: prop for prop, target in reversed(shown)}
    return [
        Linked(
            names.value(prop),
            target,
            counted.links[prop, target],
            fragment(links.linkset_of(dataset, prop, target)),
            fragment(links.other_of(dataset, target)) if first[target] == prop else "",
        )
        for prop, target in shown
    ]


def fragment(node: NamedNode) -> str:
    """The fragment as it is written in the IRI, which is how a browser looks for it first."""
    return urlsplit(node.value).fragment
