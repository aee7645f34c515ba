"""Headers that every answer of a kind carries: CORS for reads, a content policy for pages."""

from __future__ import annotations

from flask import Flask, Response, request

OPEN = ("/sparql", "/api/", "/health")
CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Content-Length, Retry-After, Atlas-Generation",
}
PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD, POST, OPTIONS",
    "Access-Control-Allow-Headers": "Accept, Accept-Language, Content-Type, If-None-Match",
    "Access-Control-Max-Age": "86400",
}
# A page loads nothing but its own style and script, and stands in nobody's frame.
PAGE = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; "
    "img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}


def init_app(app: Flask) -> None:
    app.after_request(add_headers)


def add_headers(response: Response) -> Response:
    response.headers["X-Content-Type-Options"] = "nosniff"
    if request.path.startswith(OPEN):
        response.headers.extend(CORS)
        if request.method == "OPTIONS":
            response.headers.update(PREFLIGHT)
    if response.mimetype == "text/html":
        response.headers.update(PAGE)
    return response
