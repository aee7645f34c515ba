"""Leads an address with a slash too many at its end to what is there without it.

The other way round the routes do it themselves. Where an address names a thing, the slash may be
part of its IRI: there it is led on only where nothing bears the name with the slash, and something
the name without. A graph or the data at an address of its own is nothing but its exact name.
"""

from __future__ import annotations

from urllib.parse import quote

from flask import Flask, current_app, redirect, request
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.wrappers import Response

from endpoint.documents.apart import is_apart
from endpoint.documents.route import KEPT_IN_QUERY
from endpoint.documents.things import is_known
from endpoint.site import current_site
from endpoint.view import current_view
from endpoint.wire.addresses import KEPT, ROOT, iris, sent_path
from endpoint.wire.clients import current_client

# The routes whose paths are names of things.
NAMING = (
    "documents.thing",
    "documents.document",
    "documents.term",
    "ontology.module",
    "datasets.source",
)
# Where the pages are of what is named under the instance's base, and what they are pages of; all
# else is named under the project's own.
PLACES = {"/id/": "/id/", "/doc/": "/id/", "/datasets/": "/graph/"}


def init_app(app: Flask) -> None:
    app.before_request(lead)


def lead() -> Response | None:
    """308 to the address without the slash, None where the request is answered as it is."""
    path = request.path
    # Two slashes at its start would name another site.
    if request.method not in ("GET", "HEAD") or not path.endswith("/") or path.startswith("//"):
        return None
    unrouted = isinstance(request.routing_exception, NotFound)
    if not unrouted and request.endpoint not in NAMING:
        return None
    route, sent = route_of(path.rstrip("/")), sent_path(request)
    stem = sent.rstrip("/")
    if route is None or stem == sent or (route in NAMING and (is_said(sent) or not is_said(stem))):
        return None
    query = quote(request.query_string, safe=KEPT_IN_QUERY)
    target = request.script_root + quote(stem, safe=KEPT)
    response = redirect(f"{target}?{query}" if query else target, 308)
    response.headers["Cache-Control"] = "no-cache"
    return response


def route_of(path: str) -> str | None:
    """The name of the route that answers this path, None where there is none."""
    adapter = current_app.create_url_adapter(request)
    try:
        return str(adapter.match(path, method="GET")[0]) if adapter else None
    except HTTPException:
        return None


def is_said(path: str) -> bool:
    """Whether the atlas says something of what a path names."""
    site, root = current_site(), ROOT
    for place, named in PLACES.items():
        if path.startswith(place):
            root, path = site.settings.base, path.replace(place, named, 1)
            break
    reader = site.reader(current_client())
    view = current_view(reader.generation)
    return any(is_known(reader, iri) or is_apart(view, iri) for iri in iris(root, path))
