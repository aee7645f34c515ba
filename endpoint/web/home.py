"""The first page: a search, the doors into the atlas, and what is new."""

from __future__ import annotations

from flask import Blueprint, Response, url_for

from endpoint.addresses import own_path
from endpoint.catalogue import Catalogue
from endpoint.discovery import header
from endpoint.language import reader_language
from endpoint.licences import licence_name
from endpoint.site import current_site
from endpoint.web.view import plain

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
def home() -> Response:
    site = current_site()
    catalogue = site.catalogue() if site.generation is not None else None
    response = plain(
        "web/home.html",
        sources=listed(catalogue) if catalogue else [],
        total=catalogue.total if catalogue else None,
        queries=list(site.library.values()),
        sparql=url_for("sparql.sparql", _external=True),
    )
    response.headers["Link"] = header()
    return response


def listed(catalogue: Catalogue) -> list[dict[str, object]]:
    """The graphs as the page shows them, the largest first, the illustrative ones last."""
    language, base = reader_language(), current_site().settings.base
    graphs = sorted(
        catalogue.graphs.values(),
        key=lambda graph: (graph.illustrative, -catalogue.counts.get(graph.iri, 0), graph.iri),
    )
    return [
        {
            "iri": graph.iri,
            "href": own_path(graph.iri, base),
            "title": graph.title(language),
            "triples": catalogue.counts.get(graph.iri, 0),
            # What the data gives is a link only where it leads to a page.
            "licence": graph.licence if graph.licence.startswith(("https://", "http://")) else "",
            "licence_name": licence_name(graph.licence),
            "rights": graph.rights,
            "illustrative": graph.illustrative,
            "unverified": graph.licence_verified is False,
        }
        for graph in graphs
    ]
