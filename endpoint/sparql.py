"""``/sparql``: the SPARQL 1.1 Protocol, and the service's description of itself."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TypeVar

import gevent
from flask import Blueprint, Response, request

from endpoint.answers import send
from endpoint.cursor import RELATIVE
from endpoint.description import introduce
from endpoint.formats import negotiate
from endpoint.guard import inspect, scope
from endpoint.observing import noted
from endpoint.protocol import Asked, Change, parse_operation
from endpoint.site import Site, current_site
from endpoint.updates import split
from endpoint.writes import done, perform, permit, principal, trusted

blueprint = Blueprint("sparql", __name__)

Result = TypeVar("Result")
# Characters that are read in some 50 ms, on a busy machine.
LONG = 64 * 1024
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
    analysis = inspect(operation, site.settings)
    media_type = negotiate(request.headers.get("Accept"), analysis.form, asked.formats)
    catalogue = partial(site.catalogue, asked.generation)
    operation = scope(operation, analysis, catalogue, own=lambda: site.own_default_graph)
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
    base = request.base_url
    steps = apart(
        lambda: split(asked.text, site.settings, base=base, using=asked.using),
        size=len(asked.text),
    )
    permit(site, who, (graph for step in steps for graph in step.graphs))
    return done(perform(site, who, steps, timeout=asked.timeout))


def apart(work: Callable[[], Result], *, size: int) -> Result:
    """The work on a text of this size; a long one is read while other requests are answered."""
    if size < LONG:
        return work()
    result: Result = gevent.get_hub().threadpool.apply(work)
    return result
