"""``/sparql``: the SPARQL 1.1 Protocol for queries, and the service's description of itself."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request

from atlas.errors import NotAcceptable
from endpoint import description
from endpoint.answers import send
from endpoint.formats import negotiate
from endpoint.guard import inspect, scope
from endpoint.negotiate import best
from endpoint.protocol import parse_operation
from endpoint.site import current_site

blueprint = Blueprint("sparql", __name__)


@blueprint.route("/sparql", methods=["GET", "POST"])
@blueprint.route("/sparql/", methods=["GET", "POST"], endpoint="sparql_slash")
def sparql() -> Response:
    if request.method != "POST" and not request.query_string:
        return introduce()
    site = current_site()
    asked = parse_operation(request, site.settings)
    analysis = inspect(asked.operation, site.settings)
    media_type = negotiate(request.headers.get("Accept"), analysis.form, asked.formats)
    operation = scope(asked.operation, analysis, site.catalogue)
    return send(site, operation, media_type, volatile=analysis.volatile, timeout=asked.timeout)


def introduce() -> Response:
    """The service description for a program, a form for a person.

    https://www.w3.org/TR/sparql11-service-description/#accessing
    """
    site = current_site()
    offered = (*description.MEDIA_TYPES, "text/html")
    chosen = best(request.headers.get("Accept"), offered)
    if chosen is None:
        raise NotAcceptable(
            f"Without a query this address answers {', '.join(offered)}; send one as ?query=…"
        )
    if chosen == "text/html":
        response = Response(render_template("sparql.html", site=site), mimetype="text/html")
        response.vary.add("Accept-Language")
    else:
        content = description.serialise(request.base_url, site, chosen)
        response = Response(content, content_type=chosen)
    response.vary.add("Accept")
    return response
