"""``/sparql``: the SPARQL 1.1 Protocol, and the service's description of itself."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial

from flask import Blueprint, Response, request

from endpoint.reading.cursor import RELATIVE
from endpoint.reading.guard import inspect, scope
from endpoint.reading.protocol import Asked, Change, parse_operation
from endpoint.site import Site, current_site
from endpoint.sparql.description import introduce
from endpoint.sparql.services import send_with_partners
from endpoint.wire.answers import send
from endpoint.wire.aside import apart
from endpoint.wire.formats import negotiate
from endpoint.wire.observing import noted
from endpoint.writing import loading
from endpoint.writing.updates import split
from endpoint.writing.writes import done, perform, permit, principal, trusted

blueprint = Blueprint("sparql", __name__)
# What may be said of the service's description: the language, where it is a page.
OF_THE_DESCRIPTION = re.compile(rb"(lang=[A-Za-z-]*)?")


@blueprint.route("/sparql", methods=["GET", "POST"])
@blueprint.route("/sparql/", methods=["GET", "POST"], endpoint="sparql_slash")
def sparql() -> Response:
    if request.method != "POST" and OF_THE_DESCRIPTION.fullmatch(request.query_string):
        return introduce()
    site = current_site()
    asked = parse_operation(request, site.settings, trusted=trusted(site))
    return update(site, asked) if isinstance(asked, Change) else query(site, asked)


def query(site: Site, asked: Asked) -> Response:
    """https://www.w3.org/TR/sparql11-protocol/#query-operation"""
    noted(kind="query", text=asked.operation.text)
    operation = asked.operation
    if RELATIVE.search(operation.text):
        operation = replace(operation, base=request.base_url)
    asked_for = operation
    analysis = apart(
        lambda: inspect(asked_for, site.settings, services=True), size=len(asked_for.text)
    )
    media_type = negotiate(request.headers.get("Accept"), analysis.form, asked.formats)
    catalogue = partial(site.catalogue, asked.generation)
    operation = scope(operation, analysis, catalogue, own=lambda: site.own_default_graph)
    if analysis.uses_service:
        return send_with_partners(site, operation, media_type, asked)
    return send(
        site,
        operation,
        media_type,
        volatile=analysis.volatile,
        timeout=asked.timeout,
        generation=asked.generation,
    )


def update(site: Site, asked: Change) -> Response:
    """https://www.w3.org/TR/sparql11-protocol/#update-operation"""
    noted(kind="write", text=asked.text)
    who = principal(site)
    base, may_load = request.base_url, loading.allowed(site)
    steps = apart(
        lambda: split(asked.text, site.settings, base=base, using=asked.using, may_load=may_load),
        size=len(asked.text),
    )
    permit(site, who, (graph for step in steps for graph in step.graphs))
    with loading.loaded(site, steps, timeout=asked.timeout) as ready:
        return done(perform(site, who, ready, timeout=asked.timeout))
