"""What happened to each request, seen from around the application: for the metrics and the logs.

The routes say what they know (``noted``); the rest is seen from outside, where the length of what
was really sent and the time that it took are known.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from flask import Flask, Response, has_request_context, request

KEY = "atlas.seen"
HEADER = "X-Request-Id"
# An identifier that a proxy or a client made is kept, as long as it cannot spoil a line of a log.
SANE = re.compile(r"[A-Za-z0-9._:-]{1,64}")
NO_ROUTE = "unmatched"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"})


class Seen:
    """One request: who asked what, what became of it, how long that took."""

    __slots__ = (
        "answered",
        "began",
        "environ",
        "generation",
        "id",
        "kind",
        "problem",
        "route",
        "seconds",
        "sent",
        "status",
        "text",
    )

    def __init__(self, environ: dict[str, Any]) -> None:
        self.environ = environ
        self.began = time.perf_counter()
        self.id = identifier(environ.get("HTTP_X_REQUEST_ID"))
        self.route = NO_ROUTE
        # What was asked of the engine: "query", "write", or "" for a page or a file.
        self.kind = self.text = self.problem = ""
        self.generation: str | None = None
        self.status = self.sent = 0
        # Seconds until the answer was ready, and until its last byte was on its way.
        self.answered = self.seconds = 0.0

    @property
    def method(self) -> str:
        """The method; one that is none of HTTP's own is not repeated."""
        method: str = self.environ["REQUEST_METHOD"]
        return method if method in METHODS else "other"

    @property
    def outcome(self) -> str:
        """The kind of problem, or ``ok``."""
        return self.problem or ("ok" if self.status < 400 else f"http-{self.status}")


Watcher = Callable[[Seen], None]


def init_app(app: Flask, watchers: Sequence[Watcher]) -> None:
    """Have every request told to the watchers once its answer is sent."""
    app.after_request(note_answer)
    app.wsgi_app = Observer(app.wsgi_app, watchers)  # type: ignore[method-assign]


def noted(**facts: str) -> None:
    """A route's word on its request: ``kind``, ``text``, ``problem``. Nothing outside of one."""
    seen = request.environ.get(KEY) if has_request_context() else None
    for name, value in facts.items() if seen else ():
        setattr(seen, name, value)


def note_answer(response: Response) -> Response:
    seen = request.environ.get(KEY)
    if seen:
        seen.route = request.url_rule.rule if request.url_rule else NO_ROUTE
        seen.generation = response.headers.get("Atlas-Generation")
    return response


def identifier(given: str | None) -> str:
    """The identifier of a request: the one that came with it where it is sane, else a new one."""
    return given if given and SANE.fullmatch(given) else secrets.token_hex(8)


class Observer:
    """WSGI around WSGI: https://peps.python.org/pep-3333/#middleware-components-that-play-both-sides"""

    def __init__(self, application: Callable[..., Any], watchers: Sequence[Watcher]) -> None:
        self.application, self.watchers = application, watchers

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Sent:
        seen = environ[KEY] = Seen(environ)

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            seen.status = int(status[:3])
            seen.answered = time.perf_counter() - seen.began
            headers.append((HEADER, seen.id))
            return start_response(status, headers, *rest)

        return Sent(self.application(environ, start), seen, self.watchers)


class Sent:
    """The body as it is sent; its end is the end of the request."""

    def __init__(self, body: Iterable[bytes], seen: Seen, watchers: Sequence[Watcher]) -> None:
        self._body, self._pieces = body, iter(body)
        self._seen, self._watchers = seen, watchers

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        piece = next(self._pieces)
        self._seen.sent += len(piece)
        return piece

    def close(self) -> None:
        """Called by the server in any case, also when the client hung up on the way."""
        try:
            if hasattr(self._body, "close"):
                self._body.close()
        finally:
            self._seen.seconds = time.perf_counter() - self._seen.began
            for watcher in self._watchers:
                watcher(self._seen)
