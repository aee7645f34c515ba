"""The pages for people: home, the named queries. Plain HTML that asks nothing of other servers."""

from __future__ import annotations

from flask import Blueprint, Flask, Response, render_template, url_for

from endpoint.addresses import own_path
from endpoint.catalogue import Catalogue
from endpoint.discovery import LINKS, header
from endpoint.formats import FORMAT_NAMES
from endpoint.language import LANGUAGES, reader_language, translate
from endpoint.licences import licence_name
from endpoint.site import current_site

blueprint = Blueprint("pages", __name__)
AUTONYMS = {"fr": "Français", "en": "English", "es": "Español"}
# Addresses where every parameter makes another answer.
WORK = ("/sparql", "/federation/", "/data", "/api/queries/", "/api/search", "/search", "/metrics")
EXAMPLE = """\
PREFIX atlas: <https://w3id.org/atlas-relationnel/ontology/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>

SELECT ?relation ?label ?status WHERE {{
  ?relation a atlas:Relation ;
    rdfs:label ?label ;
    atlas:relationStatus ?status .
  FILTER (lang(?label) = "{language}")
}}
ORDER BY ?label
LIMIT 20"""


def init_app(app: Flask) -> None:
    app.register_blueprint(blueprint)
    app.context_processor(page_context)


def page_context() -> dict[str, object]:
    """What every template may use."""
    language = reader_language()
    return {
        "t": translate,
        "language": language,
        "languages": {code: AUTONYMS[code] for code in LANGUAGES},
        "example": EXAMPLE.format(language=language),
        "format_names": FORMAT_NAMES,
        "number": grouped,
        "links": LINKS,
    }


@blueprint.get("/")
def home() -> Response:
    site = current_site()
    catalogue = site.catalogue() if site.generation is not None else None
    response = page(
        "home.html",
        sources=listed(catalogue) if catalogue else [],
        total=catalogue.total if catalogue else None,
        queries=list(site.library.values()),
        sparql=url_for("sparql.sparql", _external=True),
    )
    response.headers["Link"] = header()
    return response


@blueprint.get("/queries/")
def queries() -> Response:
    return page("queries.html", queries=list(current_site().library.values()))


@blueprint.get("/robots.txt")
def robots() -> Response:
    """Documents may be indexed; each query is work. https://www.rfc-editor.org/rfc/rfc9309"""
    lines = ("User-agent: *", *(f"Disallow: {place}" for place in WORK), "")
    return Response("\n".join(lines), mimetype="text/plain")


def page(template: str, **values: object) -> Response:
    response = Response(render_template(template, **values), mimetype="text/html")
    response.vary.update(("Accept", "Accept-Language"))
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Content-Language"] = reader_language()
    return response


def listed(catalogue: Catalogue) -> list[dict[str, object]]:
    """The graphs as the home page shows them, the largest first, the illustrative ones last."""
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


def grouped(value: int) -> str:
    """A whole number in groups of three, as the reader's language writes them."""
    separator = {"en": ",", "fr": "\u202f", "es": "\u202f"}[reader_language()]
    return f"{value:,}".replace(",", separator)
