"""The questions that professional communities share, with the documents of each side."""

from __future__ import annotations

from flask import Blueprint, Response

from endpoint.web.view import answer

blueprint = Blueprint("questions", __name__)


@blueprint.get("/questions")
def page() -> Response:
    return answer(lambda view: view.render("web/questions.html"))
