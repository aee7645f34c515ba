"""Headers by kind of answer: CORS for data, a content policy for pages."""

from __future__ import annotations

import pytest

from tests.endpoint.serving import Reply, Served

PAGE = {"Accept": "text/html"}
OPEN = (
    "/sparql?query=ASK%7B%7D",
    "/data?default",
    "/graph/places",
    "/doc/commune/54395",
    "/id/commune/54395",
    "/ontology/Commune",
    "/vocabulary/none",
    "/api/queries/",
    "/.well-known/void",
    "/problems/query-timeout",
    "/health",
    "/ready",
)


def words(reply: Reply, name: str) -> set[str]:
    return {word.strip() for word in reply.headers[name].split(",")}


@pytest.mark.parametrize("path", ["/", "/sparql", "/problems/query-timeout", "/nowhere"])
def test_a_page_says_what_it_may_do(served: Served, path: str) -> None:
    reply = served.fetch(path, headers=PAGE)
    assert reply.type == "text/html"
    policy = reply.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert reply.headers["X-Frame-Options"] == "DENY"
    assert reply.headers["Referrer-Policy"] == "same-origin"
    assert reply.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in reply.headers["Permissions-Policy"]


@pytest.mark.parametrize("path", [*OPEN, "/", "/metrics", "/nowhere", "/sparql?query=SELECT"])
def test_no_answer_s_type_is_guessed(served: Served, path: str) -> None:
    assert served.fetch(path).headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", OPEN)
def test_data_is_open_to_pages_of_every_site(served: Served, path: str) -> None:
    reply = served.fetch(path, headers={"Origin": "https://example.org"})
    assert reply.headers.get_all("Access-Control-Allow-Origin") == ["*"]
    assert "Access-Control-Allow-Credentials" not in reply.headers
    exposed = words(reply, "Access-Control-Expose-Headers")
    needed = {"ETag", "Content-Length", "Content-Encoding", "Retry-After", "Location", "Link"}
    needed |= {"Atlas-Generation", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"}
    assert needed <= exposed


@pytest.mark.parametrize("path", ["/", "/metrics", "/static/none.css"])
def test_what_is_not_data_is_not_open(served: Served, path: str) -> None:
    reply = served.fetch(path, headers={"Origin": "https://example.org"})
    assert "Access-Control-Allow-Origin" not in reply.headers


@pytest.mark.parametrize("path", ["/sparql", "/data"])
def test_a_preflight_allows_conditional_writes_with_a_token(served: Served, path: str) -> None:
    reply = served.fetch(
        path,
        "OPTIONS",
        headers={
            "Origin": "https://example.org",
            "Access-Control-Request-Method": "PUT",
            "Access-Control-Request-Headers": "authorization, content-type, if-match",
        },
    )
    assert reply.status in (200, 204)
    assert {"GET", "POST", "PUT", "DELETE"} <= words(reply, "Access-Control-Allow-Methods")
    allowed = words(reply, "Access-Control-Allow-Headers")
    assert {"Authorization", "Content-Type", "If-Match", "If-None-Match"} <= allowed
    assert int(reply.headers["Access-Control-Max-Age"]) > 0
