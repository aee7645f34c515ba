"""``/federation/sparql``: a plain query over this atlas and all its partners.

The parameters of the SPARQL Protocol, and ``sources=1`` (a column with the sites of each row),
``partial=1`` (a partner that fails is left out, and named), ``explain=1`` (the plan and what came
of it, instead of the answer). https://www.w3.org/TR/sparql11-protocol/#query-operation
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from flask import Blueprint, Response, jsonify, render_template, request
from pyoxigraph import Literal, NamedNode, Triple

from atlas.errors import Forbidden, NotFederable
from atlas.namespaces import DCAT, DCTERMS
from endpoint.reading.cursor import RELATIVE
from endpoint.reading.guard import inspect
from endpoint.reading.protocol import Asked, Change, parse_operation
from endpoint.refusals import refused
from endpoint.site import Site, current_site
from endpoint.sparql.description import sd
from endpoint.sparql.route import OF_THE_DESCRIPTION
from endpoint.sparql.services import asking, naming_left_out
from endpoint.web.library import editor as editing
from endpoint.wire.aside import apart
from endpoint.wire.formats import negotiate
from endpoint.wire.observing import noted
from endpoint.wire.representations import represent, wanted
from federation.exchange.gate import PRODUCT
from federation.plain.explaining import explained
from store.formats import FORMATS
from store.statistics import RDF_TYPE, void_service

blueprint = Blueprint("federated", __name__)
TITLE = {
    "fr": "Cet atlas et ses partenaires, interrogés ensemble",
    "en": "This atlas and its partners, asked together",
    "es": "Este atlas y sus socios, consultados juntos",
}


@blueprint.route("/federation/sparql", methods=["GET", "POST"])
def sparql() -> Response:
    if request.method != "POST" and OF_THE_DESCRIPTION.fullmatch(request.query_string):
        return introduce()
    site = current_site()
    asked = parse_operation(request, site.settings)
    if isinstance(asked, Change):
        raise refused(Forbidden, "refusal.federated_update")
    return query(site, asked)


def query(site: Site, asked: Asked) -> Response:
    """The answer over all sites. Nobody may keep it: partners change without a word."""
    noted(kind="query", text=asked.operation.text)
    if request.headers.get("User-Agent", "").startswith(PRODUCT):
        raise refused(Forbidden, "refusal.federated_loop")
    operation = asked.operation
    if RELATIVE.search(operation.text):
        operation = replace(operation, base=request.base_url)
    asked_for = operation
    analysis = apart(
        lambda: inspect(asked_for, site.settings, services=True), size=len(asked_for.text)
    )
    if operation.default_graphs or operation.named_graphs is not None:
        raise refused(NotFederable, "refusal.federated_dataset")
    media_type = negotiate(request.headers.get("Accept"), analysis.form, asked.formats)
    with asking(site, asked) as here:
        run = here.run
        if not analysis.uses_service:
            # The engine says what it cannot run, before anybody is asked.
            here.query(replace(operation, data=b""), media_type).close()
        reading = apart(lambda: site.plain.read(asked_for), size=len(asked_for.text))
        planned = site.plain.planned(
            operation, here.rows, run, state=str(here.generation), reading=reading
        )
        operation = site.plain.answerable(planned, run, sources=asked.sources)
    response = (
        uncached(jsonify(explained(planned, run)))
        if asked.explain
        else here.answer(operation, media_type)
    )
    return naming_left_out(response, run)


def uncached(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response


def introduce() -> Response:
    """https://www.w3.org/TR/sparql11-service-description/#accessing"""
    site = current_site()
    return represent(
        wanted(),
        triples=lambda: describe(request.base_url),
        page=lambda: render_template("federation.html", **editing.context("everywhere")),
        generation=site.generation,
    )


def describe(address: str) -> Iterator[Triple]:
    """What the service says of itself: its dataset is that of all sites, so nobody counts it."""
    service, endpoint = void_service(address), NamedNode(address)
    yield Triple(service, RDF_TYPE, sd("Service"))
    yield Triple(service, RDF_TYPE, NamedNode(f"{DCAT}DataService"))
    yield Triple(service, sd("endpoint"), endpoint)
    yield Triple(service, NamedNode(f"{DCAT}endpointURL"), endpoint)
    yield Triple(service, sd("supportedLanguage"), sd("SPARQL11Query"))
    for language, title in TITLE.items():
        yield Triple(service, NamedNode(f"{DCTERMS}title"), Literal(title, language=language))
    for row in FORMATS:
        yield Triple(service, sd("resultFormat"), NamedNode(row.iri))
