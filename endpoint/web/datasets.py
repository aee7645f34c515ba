"""Partners and data: sites, sources, licences, files, generations, validation, conformance."""

from __future__ import annotations

from flask import Blueprint, Response

from endpoint.web.view import answer

blueprint = Blueprint("datasets", __name__)


@blueprint.get("/datasets")
def page() -> Response:
    return answer(lambda view: view.render("web/datasets.html"))
