"""``/.well-known/void``: what the default graph holds, counted, and the graphs published with it.

https://www.w3.org/TR/void/#well-known
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from pyoxigraph import NamedNode, Triple

from atlas.namespaces import VOID
from endpoint.catalogue import Catalogue, Graph
from endpoint.publishing.distributions import address_of, available
from endpoint.site import current_site
from endpoint.web.view import View, current_view
from endpoint.wire.addresses import SUFFIXES
from endpoint.wire.clients import current_client
from endpoint.wire.representations import SYNTAX_NAMES, represent, wanted
from store.dump_files import FORMS
from store.statistics import void_triples

blueprint = Blueprint("void", __name__)
WELL_KNOWN = "/.well-known/void"
# Of the classes, and of the properties, a page lists the largest.
LISTED = 200


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
    names = view.names((*classes, *properties))
    graphs = {
        graph.iri: (graph.title(language), catalogue.counts.get(graph.iri, 0))
        for graph in catalogue.graphs.values()
        if not graph.illustrative
    }
    return render_template(
        "void.html",
        counted=counted,
        classes=[(names.value(iri), count) for iri, count in classes.items()],
        properties=[(names.value(iri), count) for iri, count in properties.items()],
        graphs=[
            (names.link(iri, title), count)
            for iri, (title, count) in sorted(graphs.items(), key=lambda row: -row[1][1])
        ],
        stem=stem,
        syntaxes=SYNTAX_NAMES,
    )


def largest(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:LISTED])
