"""Answers at once what was asked before in the same words, before anything else reads the request.

Where a route says that its answer is in the cache (``remember``), its headers are kept here by the
words of the request. The cache alone holds the body, so an answer that left it is asked for again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from flask import Flask

from endpoint.cache import SHARE, Key, Recent
from endpoint.site import Site, site_of
from endpoint.wire import metrics
from endpoint.wire.clients import Quota, identity, quota_of
from endpoint.wire.compression import forms
from endpoint.wire.observing import KEY as SEEN

ANSWER = "atlas.answer"
# What belongs to one request and not to its answer.
OWN = ("ratelimit-limit", "ratelimit-remaining", "ratelimit-reset")
# What says nothing where there is no body: https://www.rfc-editor.org/rfc/rfc9110#name-304-not-modified
OF_BODIES = ("content-type", "content-length", "content-encoding")

Headers = list[tuple[str, str]]
Words = tuple[Any, ...]


class Known(NamedTuple):
    """What is known of a request: where its answer is, the headers, the tags of all its forms."""

    key: Key
    headers: Headers
    tags: tuple[str, ...]
    route: str
    kind: str


def init_app(app: Flask) -> None:
    app.wsgi_app = Front(app.wsgi_app, site_of(app), quota_of(app))  # type: ignore[method-assign]


def remember(environ: dict[str, Any], key: Key) -> None:
    """Say that the answer to this request is the one that the cache has under this key."""
    environ[ANSWER] = key


class Front:
    """WSGI middleware in front of the application."""

    def __init__(self, application: Callable[..., Any], site: Site, quota: Quota) -> None:
        self.application, self.site, self.quota = application, site, quota
        self.known: Recent[Words, Known] = Recent(site.cache.limit // SHARE)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        words = self.words(environ)
        if words is None:
            return self.application(environ, start_response)
        known = self.known.get(words)
        kept = self.site.cache.get(known.key) if known else None
        if known and kept:
            return self.answer(environ, known, kept.body, start_response)

        def start(status: str, headers: Headers, *rest: Any) -> Any:
            if ANSWER in environ and status.startswith("200"):
                self.learn(words, environ, headers)
            return start_response(status, headers, *rest)

        return self.application(environ, start)

    def words(self, environ: Mapping[str, Any]) -> Words | None:
        """All of a request that its answer may depend on; None for one that is not a plain read."""
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD") or "HTTP_AUTHORIZATION" in environ:
            return None
        return (
            self.site.generation,
            environ["QUERY_STRING"],
            # As it was sent: what names a graph tells %2F from a slash.
            environ.get("RAW_URI") or environ["PATH_INFO"],
            environ.get("HTTP_ACCEPT"),
            environ.get("HTTP_ACCEPT_ENCODING"),
            environ.get("HTTP_HOST"),
            environ["wsgi.url_scheme"],
        )

    def learn(self, words: Words, environ: Mapping[str, Any], headers: Headers) -> None:
        if environ[ANSWER].generation != words[0]:
            return  # The words are of the generation served then, the answer is of another one.
        lasting = [pair for pair in headers if pair[0].lower() not in OWN]
        tag = next((value for name, value in headers if name.lower() == "etag"), "")
        seen = environ.get(SEEN)
        route, kind = (seen.route, seen.kind) if seen else ("", "")
        known = Known(environ[ANSWER], lasting, forms(tag), route, kind)
        self.known.put(words, known, sum(len(word) for word in words if isinstance(word, str)))

    def answer(
        self,
        environ: Mapping[str, Any],
        known: Known,
        body: bytes,
        start_response: Callable[..., Any],
    ) -> Iterable[bytes]:
        metrics.CACHE_HITS.inc()
        if seen := environ.get(SEEN):
            seen.route, seen.kind = known.route, known.kind
            seen.generation = str(known.key.generation)
        headers = list(known.headers)
        if self.quota.limit:
            headers += self.quota.headers(identity(environ, self.site.tokens))
        held = environ.get("HTTP_IF_NONE_MATCH")
        tag = next((tag for tag in known.tags if tag in held), None) if held else None
        if tag is not None:
            apart = (*OF_BODIES, "etag")
            headers = [pair for pair in headers if pair[0].lower() not in apart]
            start_response("304 NOT MODIFIED", [*headers, ("ETag", tag)])
            return []
        start_response("200 OK", headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]
