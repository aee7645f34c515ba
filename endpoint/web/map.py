"""What is related to what: a map of relations, and the same as a table."""

from __future__ import annotations

from flask import Blueprint, Response

from endpoint.web.view import answer

blueprint = Blueprint("map", __name__)


@blueprint.get("/map")
def page() -> Response:
    return answer(lambda view: view.render("web/map.html"))
