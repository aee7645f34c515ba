"""Turns what went wrong into one problem document, once for all routes.

https://www.rfc-editor.org/rfc/rfc9457
"""

from __future__ import annotations

import json
import logging
import re

from flask import Blueprint, Flask, Response, abort, render_template, request
from werkzeug.exceptions import (
    HTTPException,
    MethodNotAllowed,
    NotFound,
    RequestEntityTooLarge,
)

from atlas.errors import (
    AtlasError,
    EngineFault,
    InstanceError,
    MalformedQuery,
    Overloaded,
    PartnerFailed,
    QueryTimeout,
    TooManyRequests,
    Unauthorized,
    UsageError,
    Wording,
    WriteTimeout,
)
from endpoint.language import reader_language, translate
from endpoint.negotiate import best
from endpoint.refusals import in_page, refused, spelled
from endpoint.wire.observing import noted

PROBLEM = "application/problem+json"
# A client that is turned away for want of room or time is told when to come back, in seconds.
RETRY_AFTER = {
    TooManyRequests: 1,
    Overloaded: 1,
    EngineFault: 1,
    InstanceError: 5,
    WriteTimeout: 5,
    PartnerFailed: 10,
    QueryTimeout: 30,
}
POSITION = re.compile(r"line (\d+), column (\d+)")

log = logging.getLogger("atlas.endpoint")
blueprint = Blueprint("problems", __name__)


def init_app(app: Flask) -> None:
    app.register_blueprint(blueprint)
    app.register_error_handler(AtlasError, handle_atlas_error)
    app.register_error_handler(HTTPException, handle_http_exception)
    app.register_error_handler(Exception, handle_fault)


def handle_atlas_error(error: AtlasError) -> Response:
    if error.status >= 500 or error.public:
        log.warning("%s: %s", error.slug, error)
    detail = error.public or str(error)
    response = problem(error.status, error.slug, detail, error.wording, **position(error))
    if isinstance(error, Unauthorized):
        response.headers["WWW-Authenticate"] = 'Bearer realm="atlas"'
    for kind, delay in RETRY_AFTER.items():
        if isinstance(error, kind):
            response.headers["Retry-After"] = str(delay)
    return response


def handle_http_exception(error: HTTPException) -> Response | HTTPException:
    """Routing's own errors (404, 405, redirects), with their headers kept."""
    if error.code is None or error.code < 400:
        return error
    slug = re.sub(r"[^a-z]+", "-", error.name.lower()).strip("-")
    told = of_routing(error)
    response = problem(error.code, slug, str(told), told.wording)
    for name, value in error.get_headers():
        if name.lower() not in ("content-type", "content-length"):
            response.headers[name] = value
    return response


def of_routing(error: HTTPException) -> AtlasError:
    """What is wrong with the address, and which there are."""
    if isinstance(error, MethodNotAllowed):
        methods = ", ".join(sorted(error.valid_methods or ()))
        method, path = request.method, request.path
        return refused(UsageError, "refusal.method", method=method, path=path, methods=methods)
    if isinstance(error, NotFound):
        return refused(UsageError, "refusal.nowhere", path=request.path)
    if isinstance(error, RequestEntityTooLarge):
        return refused(UsageError, "refusal.form")
    return refused(UsageError, "refusal.http", words=error.description or error.name)


def handle_fault(error: Exception) -> Response:
    """What nobody foresaw: logged with its trace, told without it."""
    log.error("unexpected error at %s", request.path, exc_info=error)
    told = refused(AtlasError, "refusal.fault")
    return problem(500, "internal", str(told), told.wording)


def problem(
    status: int, slug: str, detail: str, wording: Wording | None = None, **extra: object
) -> Response:
    """The error as a page for who asks a page in HTML, as a problem document for everybody else.

    ``detail``: its sentence in English. ``wording``: the same for readers of other languages, whom
    a page tells it, and a document whose client says what it reads.
    """
    noted(problem=slug)
    title = translate(f"problem.{slug}", "en") or slug.replace("-", " ").capitalize()
    if wants_page():
        said = in_page(wording) if wording else ""
        page = render_template(
            "problem.html", status=status, slug=slug, title=title, said=said, detail=detail
        )
        return varying(Response(page, status=status, mimetype="text/html"))
    document = {
        "type": f"{request.url_root}problems/{slug}",
        "title": title,
        "status": status,
        "detail": detail,
        **translation(wording),
        **extra,
    }
    content = json.dumps(document, ensure_ascii=False)
    return varying(Response(content, status=status, content_type=PROBLEM))


def varying(response: Response) -> Response:
    """A cache may keep what is not found: for who reads the same language and takes the same."""
    response.vary.update(("Accept", "Accept-Language"))
    return response


def translation(wording: Wording | None) -> dict[str, object]:
    """The sentence in the language that the client asks for, where that is another than English."""
    language = reader_language()
    if wording is None or language == "en" or "Accept-Language" not in request.headers:
        return {}
    return {"translation": {"language": language, "detail": spelled(wording, language)}}


def wants_page() -> bool:
    data = ("/sparql", "/federation/", "/data/", "/graph/", "/api/", "/health")
    if request.path == "/data" or request.path.startswith(data):
        return False
    return best(request.headers.get("Accept"), (PROBLEM, "text/html")) == "text/html"


def position(error: AtlasError) -> dict[str, int]:
    """Line and column of a syntax error, where the engine's sentence tells them."""
    found = POSITION.search(str(error)) if isinstance(error, MalformedQuery) else None
    if found is None:
        return {}
    return {"line": int(found[1]), "column": int(found[2])}


@blueprint.get("/problems/<slug>")
def explain(slug: str) -> Response:
    """What a problem's ``type`` leads to: the kind of problem and the way out."""
    if not translate(f"problem.{slug}", "en"):
        abort(404)
    page = render_template("explain.html", slug=slug)
    response = varying(Response(page, mimetype="text/html"))
    response.headers["Content-Language"] = reader_language()
    return response
