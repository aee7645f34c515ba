"""Headers that every answer of a kind carries: CORS for data, a content policy for pages.

https://fetch.spec.whatwg.org/#http-cors-protocol
"""

from __future__ import annotations

from flask import Flask, Response, request

# What any web page may ask. /metrics is not among them: it is for the operator alone.
OPEN = (
    "/sparql",
    "/federation/",
    "/data",
    "/graph/",
    "/id/",
    "/doc/",
    "/ontology",
    "/vocabulary",
    "/module",
    "/api/",
    "/problems/",
    "/scrutari/",
    "/dumps/",
    "/feed/",
    "/catalog",
    "/.well-known/",
    "/health",
    "/ready",
)
EXPOSED = (
    "Allow",
    "Atlas-Generation",
    "Atlas-Partial",
    "Content-Encoding",
    "Content-Length",
    "ETag",
    "Link",
    "Location",
    "RateLimit",
    "RateLimit-Limit",
    "RateLimit-Policy",
    "RateLimit-Remaining",
    "RateLimit-Reset",
    "Retry-After",
    "WWW-Authenticate",
    "X-Request-Id",
)
ASKED = (
    "Accept",
    "Accept-Language",
    "Authorization",
    "Content-Encoding",
    "Content-Type",
    "If-Match",
    "If-None-Match",
    "X-Request-Id",
)
# Every origin and no credentials of a browser's own: a token travels only where a page puts it.
CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": ", ".join(EXPOSED),
}
PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD, POST, PUT, DELETE, OPTIONS",
    "Access-Control-Allow-Headers": ", ".join(ASKED),
    "Access-Control-Max-Age": "86400",
}
# A page loads nothing but its own style and script, stands in nobody's frame, shares its window
# with no other site's page and asks the browser for no device.
PAGE = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; "
    "img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), "
    "payment=(), usb=()",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}


def init_app(app: Flask) -> None:
    app.after_request(add_headers)


def add_headers(response: Response) -> Response:
    response.headers["X-Content-Type-Options"] = "nosniff"
    if request.path.startswith(OPEN):
        response.headers.update(CORS)
        if request.method == "OPTIONS":
            response.headers.update(PREFLIGHT)
    if response.mimetype == "text/html":
        response.headers.update(PAGE)
    return response
