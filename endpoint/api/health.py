"""``/health``: the process answers. ``/ready``: it answers queries, so requests may be sent to it.

A supervisor restarts what is not alive; a load balancer passes over what is not ready. A server
without a generation is alive: a restart would not give it one.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import cast

from flask import Blueprint, Flask, Response, current_app, jsonify

from atlas.errors import AtlasError
from endpoint.errors import problem
from endpoint.site import current_site, site_of
from store import Operation, WorkerPool

KEY = "atlas.readiness"
TRIVIAL = Operation("ASK {}")
# A worker that answered so many seconds ago need not be asked again.
FRESH = 1.0
# Under load a trivial query waits like any other: that alone, for so long, is not a reason to send
# everybody away.
RECENT = 10.0
PATIENCE = 2.0

blueprint = Blueprint("health", __name__)


class Readiness:
    """Whether queries are answered, asked of a worker at most once a second."""

    def __init__(self, engine: WorkerPool) -> None:
        self.engine = engine
        self.stopping: Callable[[], bool] = lambda: False
        self._answered = float("-inf")

    def reason(self) -> str | None:
        """Why not, None where they are."""
        if self.stopping():
            return "The server is stopping; ask another or come back."
        if self.engine.generation is None:
            return "No generation is served yet; atlas build makes one."
        if time.monotonic() - self._answered < FRESH:
            return None
        try:
            self.engine.query(TRIVIAL, "text/csv", deadline=PATIENCE).close()
        except AtlasError as error:
            recently = time.monotonic() - self._answered < RECENT
            return None if recently else f"No query worker answers: {error}"
        self._answered = time.monotonic()
        return None


def init_app(app: Flask) -> None:
    app.extensions[KEY] = Readiness(site_of(app).engine)
    app.register_blueprint(blueprint)


def readiness_of(app: Flask) -> Readiness:
    return cast(Readiness, app.extensions[KEY])


@blueprint.get("/health")
def health() -> Response:
    """200 from a process that is alive, with what it serves."""
    site = current_site()
    served = site.generation is not None
    return fresh(
        jsonify(
            status="ok" if served else "no generation",
            generation=site.generation,
            **site.engine.stats(),
        )
    )


@blueprint.get("/ready")
def ready() -> Response:
    """200 while a generation is served and a worker answers, else 503 and why."""
    reason = readiness_of(current_app).reason()
    if reason is not None:
        response = problem(503, "not-ready", reason)
        response.headers["Retry-After"] = "1"
        return fresh(response)
    return fresh(jsonify(status="ready", generation=current_site().generation))


def fresh(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
