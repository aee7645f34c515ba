"""gunicorn's server process, whose refusals of unreadable requests are problems like all others.

https://www.rfc-editor.org/rfc/rfc9112#name-message-parsing-robustness
"""

from __future__ import annotations

import json
from contextlib import suppress
from http import HTTPStatus
from typing import Any, NamedTuple

import gevent
from gunicorn.http import errors
from gunicorn.workers.ggevent import GeventWorker

from endpoint.errors import PROBLEM
from endpoint.language import translate
from endpoint.wire.headers import CORS


class Refusal(NamedTuple):
    """What a client is told of a request that was not read to its end."""

    status: HTTPStatus
    slug: str
    detail: str


UNREADABLE = Refusal(
    HTTPStatus.BAD_REQUEST,
    "bad-request",
    "This is no HTTP/1.1 request that can be read: its first line, a header or its framing is at "
    "fault.",
)
REFUSALS: dict[type[Exception], Refusal] = {
    errors.LimitRequestLine: Refusal(
        HTTPStatus.REQUEST_URI_TOO_LONG,
        "uri-too-long",
        "The address is longer than 8,190 bytes; send a long query by POST.",
    ),
    errors.LimitRequestHeaders: Refusal(
        HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
        "headers-too-large",
        "The headers are too many, or one is longer than 8,190 bytes; send fewer or shorter ones.",
    ),
    errors.UnsupportedTransferCoding: Refusal(
        HTTPStatus.NOT_IMPLEMENTED,
        "unsupported-transfer-coding",
        "The body's transfer coding is not read here; send it chunked or with its Content-Length.",
    ),
    errors.ParseException: UNREADABLE,
}
# Found while a reply is written: no fault of the client's.
OURS = (errors.InvalidResponseHeader, errors.InvalidResponseHeaderName)


class Worker(GeventWorker):
    """A server process of gunicorn's."""

    def handle_request(self, listener_name: str, req: Any, sock: Any, addr: Any) -> None:
        """Answer one request of a connection, then let the other connections have their turn.

        What is answered from memory waits for nothing, so one client that sends its next request at
        once would keep the process to itself.
        """
        super().handle_request(listener_name, req, sock, addr)
        gevent.sleep(0)

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """Answer what could not be read; whatever else went wrong is gunicorn's to tell."""
        refusal = next((row for kind, row in REFUSALS.items() if isinstance(exc, kind)), None)
        if refusal is None or isinstance(exc, OURS):
            super().handle_error(req, client, addr, exc)
            return
        self.log.info("%s: %s", refusal.slug, exc)
        with suppress(OSError):  # The client may be gone.
            client.sendall(reply(refusal))


def reply(refusal: Refusal) -> bytes:
    """The whole reply: what follows on the connection cannot be read, so it ends."""
    document = {
        # Without a readable request nobody knows under which name this server was asked.
        "type": f"/problems/{refusal.slug}",
        "title": translate(f"problem.{refusal.slug}", "en"),
        "status": int(refusal.status),
        "detail": refusal.detail,
    }
    body = json.dumps(document).encode()
    headers = {
        "Content-Type": PROBLEM,
        "Content-Length": str(len(body)),
        "Connection": "close",
        "X-Content-Type-Options": "nosniff",
        **CORS,
    }
    lines = [f"HTTP/1.1 {int(refusal.status)} {refusal.status.phrase}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body
