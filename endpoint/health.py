"""``/health``: whether the process serves, and what."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from endpoint.site import current_site

blueprint = Blueprint("health", __name__)


@blueprint.get("/health")
def health() -> Response:
    """200 while a generation is served, 503 while there is none."""
    site = current_site()
    served = site.generation is not None
    response = jsonify(
        status="ok" if served else "no generation",
        generation=site.generation,
        **site.engine.stats(),
    )
    response.status_code = 200 if served else 503
    response.headers["Cache-Control"] = "no-store"
    return response
