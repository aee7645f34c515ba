"""``/api/queries/``: the named queries as plain addresses with typed parameters."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request, url_for

from endpoint.reading.guard import inspect, scope
from endpoint.reading.protocol import Asked, Parameters, address
from endpoint.site import Site, current_site
from endpoint.sparql.services import send_with_partners
from endpoint.wire.answers import send
from endpoint.wire.formats import FORMAT_NAMES, NAMED, negotiate
from endpoint.wire.observing import noted
from queries import NamedQuery
from store import Operation

blueprint = Blueprint("named", __name__, url_prefix="/api/queries")


@blueprint.get("/")
def every() -> Response:
    """The named queries, each as ``about`` describes it."""
    return jsonify([summary(query) for query in current_site().library.values()])


@blueprint.get("/<name>")
def run(name: str) -> Response:
    site = current_site()
    query, suffix = with_suffix(site, name)
    parameters = Parameters(address(request))
    noted(kind="query", text=query.text)
    bound = query.bind(values(parameters))
    operation = Operation(bound.text, substitutions=bound.substitutions)
    analysis = inspect(operation, site.settings, services=True)
    wishes = (*suffix, *parameters.several("format"))
    media_type = negotiate(request.headers.get("Accept"), analysis.form, wishes)
    operation = scope(operation, analysis, site.catalogue)
    if analysis.uses_service:
        return send_with_partners(site, operation, media_type, Asked(operation, (), None))
    return send(site, operation, media_type, volatile=analysis.volatile)


@blueprint.get("/<name>/about")
def about(name: str) -> Response:
    """What one query answers, its parameters and its text."""
    query = current_site().named_query(name)
    return jsonify({**summary(query), "query": query.text})


def with_suffix(site: Site, name: str) -> tuple[NamedQuery, tuple[str, ...]]:
    """The query, and the format that a suffix of its name asks for. Raises UnknownName."""
    stem, _, suffix = name.rpartition(".")
    if name not in site.library and stem in site.library:
        query = site.library[stem]
        if suffix in NAMED[query.form]:
            return query, (suffix,)
    return site.named_query(name), ()


def values(parameters: Parameters) -> dict[str, str]:
    """The query's own parameters. Raises UsageError for one that is given twice."""
    found = {name: parameters.one(name) for name in parameters.names() - {"format"}}
    return {name: value for name, value in found.items() if value is not None}


def summary(query: NamedQuery) -> dict[str, Any]:
    return {
        "name": query.name,
        "title": dict(query.title),
        "description": dict(query.description),
        "tags": list(query.tags),
        "sources": list(query.sources),
        "form": query.form,
        "formats": list(FORMAT_NAMES[query.form]),
        "url": url_for("named.run", name=query.name, _external=True),
        "parameters": [
            {
                "name": parameter.name,
                "type": parameter.type,
                "scheme": parameter.scheme,
                "label": dict(parameter.label),
                "default": parameter.default,
                "required": parameter.required,
            }
            for parameter in query.parameters
        ],
    }
