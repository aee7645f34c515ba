"""Two dimensions crossed: how many relations each cell has, the empty ones too."""

from __future__ import annotations

from flask import Blueprint, Response

from endpoint.web.view import answer

blueprint = Blueprint("matrix", __name__)


@blueprint.get("/matrix")
def page() -> Response:
    return answer(lambda view: view.render("web/matrix.html"))
