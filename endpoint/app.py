"""The Flask application. The factory only wires: each module brings its routes or its handlers."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Flask
from flask.json.provider import DefaultJSONProvider

import queries
from atlas.settings import Settings
from endpoint import errors, headers, health, named, pages, sparql
from endpoint.site import Site, attach
from queries import NamedQuery
from store import Generations, WorkerPool


class Json(DefaultJSONProvider):
    """JSON as it is read by people too: keys in their order, letters as they are."""

    sort_keys = False
    ensure_ascii = False


def create_app(
    settings: Settings,
    engine: WorkerPool | None = None,
    library: Mapping[str, NamedQuery] | None = None,
) -> Flask:
    """The application over an engine and named queries: those given, or those of the settings."""
    app = Flask(__name__, static_folder="static", static_url_path="/static")
    app.json = Json(app)
    attach(
        app,
        Site(
            settings=settings,
            engine=engine or open_pool(settings),
            library=queries.library(settings.base) if library is None else library,
        ),
    )
    for module in (errors, headers, pages):
        module.init_app(app)
    for module in (sparql, named, health):
        app.register_blueprint(module.blueprint)
    return app


def open_pool(settings: Settings, share: int = 1) -> WorkerPool:
    """The workers over the current generation; ``share`` is how many processes divide them."""
    return WorkerPool(
        Generations(settings.home, keep=settings.generations_kept),
        workers=max(1, settings.workers // share),
        deadline=settings.query_timeout,
        memory_bytes=settings.worker_memory,
        answer_bytes=settings.answer_bytes,
        queue=settings.queue,
    )
