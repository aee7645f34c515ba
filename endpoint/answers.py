"""Runs an operation and sends its answer whole: one length, one validator, no half answers."""

from __future__ import annotations

import hashlib

from flask import Response, request

from endpoint.site import Site
from store import Operation

WHOLE = 256 * 1024
CACHING = "public, no-cache"


def send(
    site: Site,
    operation: Operation,
    media_type: str,
    *,
    volatile: bool = False,
    timeout: float | None = None,
) -> Response:
    """The answer to an operation, or 304 where the client holds it already.

    Raises what the engine raises: MalformedQuery, QueryTimeout, QueryTooBig, AnswerTooBig,
    EngineFault, Overloaded.
    """
    key = None if volatile else fingerprint(operation, media_type)
    generation = site.generation
    if key and request.if_none_match.contains(tag(generation, key)):
        return Response(status=304, headers=caching(key, generation))
    answer = site.engine.query(operation, media_type, deadline=bounded(site, timeout))
    # In one piece where it is small: that costs less than a stream.
    content = answer.read() if answer.size <= WHOLE else answer
    headers = [("Content-Length", str(answer.size)), *caching(key, answer.generation)]
    response = Response(content, content_type=with_charset(media_type), headers=headers)
    response.call_on_close(answer.close)
    return response


def bounded(site: Site, timeout: float | None) -> float:
    """The request's deadline: it may only lower the server's."""
    limit: float = site.settings.query_timeout
    return limit if timeout is None else min(timeout, limit)


def fingerprint(operation: Operation, media_type: str) -> str:
    """What one request has in common with all that must get the same answer."""
    parts = (
        operation.text,
        media_type,
        operation.default_graphs,
        operation.named_graphs,
        sorted((name, str(term)) for name, term in operation.substitutions.items()),
    )
    return hashlib.sha256(repr(parts).encode("utf-8", "surrogatepass")).hexdigest()[:24]


def tag(generation: int | None, key: str) -> str:
    """The entity tag: the same generation gives the same request the same answer."""
    return f"{generation}-{key}"


def with_charset(media_type: str) -> str:
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type


def caching(key: str | None, generation: int | None) -> list[tuple[str, str]]:
    """What caches need to know; without a key the answer is not to be kept."""
    headers = [("Vary", "Accept"), ("Atlas-Generation", str(generation))]
    if key is None:
        return [*headers, ("Cache-Control", "no-store")]
    return [*headers, ("ETag", f'"{tag(generation, key)}"'), ("Cache-Control", CACHING)]
