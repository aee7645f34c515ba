"""Every error has a kind that a page explains, and none shows how the server is made."""

from __future__ import annotations

import logging

import pytest
from flask import Flask

from atlas.errors import AtlasError, SparqlError
from endpoint import errors, pages
from endpoint.language import LANGUAGES, words


def kinds(parent: type[AtlasError]) -> set[type[AtlasError]]:
    return {parent}.union(*(kinds(child) for child in parent.__subclasses__()))


@pytest.mark.parametrize("kind", sorted(kinds(SparqlError), key=str))
def test_every_kind_of_error_that_a_client_meets_is_explained(kind: type[AtlasError]) -> None:
    for language in LANGUAGES:
        assert words(language)[f"problem.{kind.slug}"]
        assert words(language)[f"problem.{kind.slug}.help"]


@pytest.mark.parametrize(
    ("method", "path", "says"),
    [
        ("PUT", "/api/", "PUT is no method of '/api/'; it takes GET, HEAD, OPTIONS."),
        ("GET", "/no", "There is nothing at '/no'; /api/openapi.json lists the addresses."),
    ],
)
def test_an_address_that_is_not_so_is_told_in_one_sentence(
    method: str, path: str, says: str
) -> None:
    app = Flask("endpoint.app")
    errors.init_app(app)
    pages.init_app(app)
    app.add_url_rule("/api/", view_func=lambda: "")
    reply = app.test_client().open(path, method=method)
    assert reply.get_json()["detail"] == says


def test_a_fault_nobody_foresaw_is_logged_whole_and_told_without_its_trace(
    caplog: pytest.LogCaptureFixture,
) -> None:
    app = Flask("endpoint.app")
    errors.init_app(app)
    pages.init_app(app)

    @app.get("/api/broken")
    def broken() -> str:
        raise ZeroDivisionError("the secret of the trace")

    with caplog.at_level(logging.ERROR):
        reply = app.test_client().get("/api/broken")
    assert reply.status_code == 500
    assert reply.content_type == "application/problem+json"
    assert reply.get_json()["type"].endswith("/problems/internal")
    assert "secret" not in reply.get_data(as_text=True)
    assert "the secret of the trace" in caplog.text
