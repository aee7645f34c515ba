"""Experiences by domain, scale, territory, language, site, year and type."""

from __future__ import annotations

from flask import Blueprint, Response

from endpoint.web.view import answer

blueprint = Blueprint("experiences", __name__)


@blueprint.get("/experiences")
def page() -> Response:
    return answer(lambda view: view.render("web/experiences.html"))
