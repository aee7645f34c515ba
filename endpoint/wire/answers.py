"""Runs an operation and sends its answer whole: one length, one validator, no half answers."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from flask import Response, request
from werkzeug.datastructures import Headers

from atlas.errors import MixedOrder
from endpoint.cache import Kept, Key
from endpoint.reading.ordering import numbers_apart
from endpoint.site import Site
from endpoint.wire import compression, metrics
from endpoint.wire.aside import apart
from endpoint.wire.clients import current_client
from endpoint.wire.disconnects import watch
from endpoint.wire.front import remember
from store import Answer, Operation
from store.workers.pool import too_slow

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

WHOLE = 256 * 1024
CACHING = "public, no-cache"
# An older generation never changes: who holds its answer needs not ask again.
IMMUTABLE = "public, max-age=31536000, immutable"


class Complete(Response):
    """A response that already has all its headers: nothing is left to work out or to copy."""

    def get_wsgi_headers(self, environ: WSGIEnvironment) -> Headers:
        return self.headers


@dataclass(frozen=True)
class Question:
    """An operation with all that decides on its answer, and until when it may take."""

    operation: Operation
    media_type: str
    generation: int | None
    dated: bool  # The request named the generation.
    encoding: str
    fingerprint: str | None  # None: the answer is no function of the data, so nobody may keep it.
    seconds: float
    ends: float

    @cached_property
    def key(self) -> Key | None:
        if self.fingerprint is None or self.generation is None:
            return None
        return Key(self.generation, self.fingerprint, self.encoding)

    def of(self, answer: Answer) -> Question:
        """The question that was really answered: a generation may have been published meanwhile."""
        if answer.generation == self.generation:
            return self
        return replace(self, generation=answer.generation)

    @property
    def tag(self) -> str:
        """The entity tag: the same generation gives the same request the same answer."""
        return f"{self.generation}-{self.fingerprint}" if self.key else ""


def send(
    site: Site,
    operation: Operation,
    media_type: str,
    *,
    volatile: bool = False,
    timeout: float | None = None,
    generation: int | None = None,
) -> Response:
    """The answer to an operation, or 304 where the client holds it already.

    ``generation``: an older one to ask; None: the one served.
    Raises what the engine raises: MalformedQuery, QueryTimeout, QueryTooBig, AnswerTooBig,
    EngineFault, Overloaded, UnknownName, ClientGone.
    """
    seconds = bounded(site, timeout)
    question = Question(
        operation,
        media_type,
        generation=site.generation if generation is None else generation,
        dated=generation is not None,
        encoding=compression.chosen(request.headers.get("Accept-Encoding")),
        fingerprint=None if volatile else fingerprint(operation, media_type),
        seconds=seconds,
        ends=time.monotonic() + seconds,
    )
    if question.key is None:
        return streamed(ask(site, question), question)
    if request.if_none_match.contains(question.tag):
        return Response(status=304, headers=caching(question))
    kept = site.cache.get(question.key)
    if kept is not None:
        metrics.CACHE_HITS.inc()
        return whole(kept, question)
    with site.cache.asking(question.key, question.seconds):
        # Somebody may have asked the same meanwhile.
        kept = site.cache.get(question.key)
        return whole(kept, question) if kept is not None else fresh(site, question)


def fresh(site: Site, question: Question) -> Response:
    """The engine's answer, kept for the next who asks unless it is too large."""
    metrics.CACHE_MISSES.inc()
    answer = ask(site, question)
    question = question.of(answer)
    if answer.size > max(site.cache.largest, WHOLE):
        return streamed(answer, question)
    kept = Kept(answer.read(), answer.encoding)
    if question.key is not None:
        site.cache.put(question.key, kept, len(kept.body))
    return whole(kept, question)


def ask(site: Site, question: Question) -> Answer:
    """The engine's answer; the work on it ends when the client hangs up.

    Where the engine has no order for what it sorts, it is asked once more, numbers apart.
    """
    operation = question.operation

    def put(operation: Operation) -> Answer:
        left = question.ends - time.monotonic()
        if left <= 0:
            raise too_slow(question.seconds)
        with watch.over(request.environ) as cancelled:
            return site.engine.query(
                operation,
                question.media_type,
                deadline=left,
                generation=question.generation if question.dated else None,
                client=current_client(),
                cancelled=cancelled,
                encoding=question.encoding,
            )

    try:
        return put(operation)
    except MixedOrder:
        text = apart(lambda: numbers_apart(operation.text), size=len(operation.text))
        if text is None:
            raise
        return put(replace(operation, text=text))


def whole(kept: Kept, question: Question) -> Response:
    """An answer in one piece: that costs less than a stream."""
    if question.key is not None:
        remember(request.environ, question.key)
    return Complete(kept.body, headers=described(question, len(kept.body), kept.encoding))


def streamed(answer: Answer, question: Question) -> Response:
    """An answer in pieces, from where it is spooled."""
    question = question.of(answer)
    content = answer.read() if answer.size <= WHOLE else answer
    response = Complete(content, headers=described(question, answer.size, answer.encoding))
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
        operation.base,
    )
    return hashlib.sha256(repr(parts).encode("utf-8", "surrogatepass")).hexdigest()[:24]


def with_charset(media_type: str) -> str:
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type


def described(question: Question, size: int, encoding: str) -> list[tuple[str, str]]:
    headers = [
        ("Content-Type", with_charset(question.media_type)),
        ("Content-Length", str(size)),
        *caching(question),
    ]
    return [*headers, ("Content-Encoding", encoding)] if encoding else headers


def caching(question: Question) -> list[tuple[str, str]]:
    """What caches need to know; what nobody may keep says so."""
    headers = [("Vary", "Accept, Accept-Encoding"), ("Atlas-Generation", str(question.generation))]
    if question.key is None:
        return [*headers, ("Cache-Control", "no-store")]
    control = IMMUTABLE if question.dated else CACHING
    return [*headers, ("ETag", f'"{question.tag}"'), ("Cache-Control", control)]
