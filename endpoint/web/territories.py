"""Who does what here: the bodies, competences and schemes of a commune."""

from __future__ import annotations

from flask import Blueprint, Response

from endpoint.web.view import answer

blueprint = Blueprint("territories", __name__)


@blueprint.get("/territories")
def page() -> Response:
    return answer(lambda view: view.render("web/territories.html"))
