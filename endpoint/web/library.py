"""The named queries: a form for each, its answer as a table, and the editor for one's own."""

from __future__ import annotations

from flask import Blueprint, Response

from endpoint.named import find
from endpoint.site import current_site
from endpoint.web.view import plain

blueprint = Blueprint("library", __name__)


@blueprint.get("/queries/")
def page() -> Response:
    return plain("queries.html", queries=list(current_site().library.values()))


@blueprint.get("/queries/<name>")
def query(name: str) -> Response:
    return plain("queries.html", queries=[find(current_site(), name)])
