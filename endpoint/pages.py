"""What every page for people shares: its words, its head, the families of pages it leads to."""

from __future__ import annotations

from flask import Blueprint, Flask, Response

from endpoint.language import LANGUAGES, reader_language, translate, written
from endpoint.names import in_language
from endpoint.page_addresses import at, besides, here
from endpoint.publishing.discovery import LINKS
from endpoint.site import current_site
from endpoint.web import home, partners
from endpoint.web.datasets import pages as datasets
from endpoint.web.dates import written_date
from endpoint.web.experiences import pages as experiences
from endpoint.web.library import pages as library
from endpoint.web.local import pages as local
from endpoint.web.map import pages as map
from endpoint.web.matrix import pages as matrix
from endpoint.web.propose import pages as propose
from endpoint.web.questions import pages as questions
from endpoint.web.sections import SECTIONS
from endpoint.web.territories import pages as territories
from endpoint.web.thing import listing
from endpoint.wire.addresses import page_of

blueprint = Blueprint("pages", __name__)
FAMILIES = (
    home,
    map,
    matrix,
    questions,
    territories,
    experiences,
    library,
    datasets,
    local,
    partners,
    propose,
    listing,
)
AUTONYMS = {"fr": "Français", "en": "English", "es": "Español"}
# Addresses where every parameter makes another answer.
WORK = (
    "/sparql",
    "/federation/",
    "/data?",
    "/data/",
    "/api/queries/",
    "/api/search",
    "/search",
    "/links?",
    "/metrics",
    "/queries/editor",
)
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
    for family in FAMILIES:
        app.register_blueprint(family.blueprint)
    app.register_blueprint(blueprint)
    app.context_processor(page_context)


def page_context() -> dict[str, object]:
    """What every template may use."""
    language = reader_language()
    return {
        "t": translate,
        "at": at,
        "here": here,
        "link": leads,
        "date": written_date,
        "language": language,
        "asked": besides(),
        "languages": {code: AUTONYMS[code] for code in LANGUAGES},
        "example": EXAMPLE.format(language=language),
        "number": grouped,
        "services": LINKS,
        "sections": SECTIONS,
    }


@blueprint.get("/robots.txt")
def robots() -> Response:
    """Documents may be indexed; each query is work. https://www.rfc-editor.org/rfc/rfc9309"""
    lines = ("User-agent: *", *(f"Disallow: {place}" for place in WORK), "")
    return Response("\n".join(lines), mimetype="text/plain")


def leads(iri: str) -> str | None:
    """The page here about a thing that an answer of the atlas names, in the reader's language."""
    return in_language(page_of(iri, current_site().settings.base))


def grouped(value: float) -> str:
    """A number as the reader's language writes it."""
    return written(value, reader_language())
