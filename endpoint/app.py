"""The Flask application. The factory only wires: each module brings its routes or its handlers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask
from flask.json.provider import DefaultJSONProvider

import queries
from atlas.settings import Settings
from endpoint import errors, pages
from endpoint.api import health, openapi, partners, search
from endpoint.cache import Cache
from endpoint.documents import ontology_documents, slashes
from endpoint.documents import route as documents
from endpoint.feed import route as feed
from endpoint.publishing import dcat, dumps, void
from endpoint.scrutari import route as scrutari
from endpoint.site import Site, attach
from endpoint.sparql import examples, federated, named
from endpoint.sparql import route as sparql
from endpoint.tokens import TokenFile, Tokens
from endpoint.wire import clients, compression, front, headers, logs, metrics, observing
from endpoint.wire.proxies import Proxies
from endpoint.writing import graph_store, writes
from federation.federation import Federation
from queries import NamedQuery
from store import Generations, WorkerPool, Writer

# What says what there is: things and terms, the dataset, the interface.
DESCRIBING = (
    documents,
    ontology_documents,
    void,
    dcat,
    dumps,
    feed,
    scrutari,
    examples,
    openapi,
    partners,
)


class Json(DefaultJSONProvider):
    """JSON as it is read by people too: keys in their order, letters as they are."""

    sort_keys = False
    ensure_ascii = False


class Application(Flask):
    """Flask, told that no view or hook of ours is asynchronous; it asks at each request."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func


def create_app(
    settings: Settings,
    engine: WorkerPool | None = None,
    library: Mapping[str, NamedQuery] | None = None,
    *,
    writer: Writer | None = None,
    tokens: Tokens | None = None,
    federation: Federation | None = None,
    share: int = 1,
) -> Flask:
    """The application over an engine, named queries, a writer, tokens and partners.

    Those that are not given are those of the settings; ``share`` is how many processes divide them.
    """
    app = Application(__name__, static_folder="static", static_url_path="/static")
    app.json = Json(app)
    attach(
        app,
        Site(
            settings=settings,
            engine=engine or open_pool(settings, share),
            library=queries.library(settings.base) if library is None else library,
            writer=writer or open_writer(settings),
            tokens=tokens or TokenFile(settings.home),
            cache=Cache(settings.cache_bytes // share),
            federation=federation or Federation.of(settings),
        ),
    )
    for module in (compression, errors, headers, clients, slashes, pages, writes, health):
        module.init_app(app)
    for module in (sparql, federated, graph_store, named, search, metrics, *DESCRIBING):
        app.register_blueprint(module.blueprint)
    front.init_app(app)
    observing.init_app(app, [metrics.count, *logs.watchers(settings)])
    app.wsgi_app = Proxies(app.wsgi_app, settings.trusted_proxies)  # type: ignore[method-assign]
    return app


def open_pool(settings: Settings, share: int = 1) -> WorkerPool:
    """The workers over the current generation; ``share`` is how many processes divide them."""
    return WorkerPool(
        Generations(settings.home, keep=settings.generations_kept),
        workers=max(1, settings.workers // share),
        deadline=settings.query_timeout,
        memory_bytes=settings.worker_memory,
        answer_bytes=settings.answer_bytes,
        answer_rows=settings.answer_rows,
        queue=settings.queue,
    )


def open_writer(settings: Settings) -> Writer:
    """The way in for writes to the current generation."""
    return Writer(
        Generations(settings.home, keep=settings.generations_kept),
        base=settings.base,
        memory_bytes=settings.writer_memory,
        deadline=settings.write_timeout,
    )
