"""gunicorn's server process, whose refusals of unreadable requests are problems like all others.

Who reads pages is told in one: a plain page of its own, for nothing of the request is certain but
what it says of its reader.
https://www.rfc-editor.org/rfc/rfc9112#name-message-parsing-robustness
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from http import HTTPStatus
from typing import Any, NamedTuple

import gevent
from gunicorn.http import errors
from gunicorn.workers.ggevent import GeventWorker
from markupsafe import Markup

from atlas.errors import Wording
from endpoint.errors import PROBLEM
from endpoint.language import choose_language, translate
from endpoint.negotiate import best
from endpoint.refusals import PageSpeller, spelled
from endpoint.wire.addresses import HTML
from endpoint.wire.headers import CORS, PAGE

# Bytes of a request line and of a header that gunicorn reads.
MOST = 8_190
# Bytes that are kept of what a client last said, and read on of what could not be read.
KEPT, REST = 16 * 1024, 256 * 1024
# Seconds in which the rest of it comes.
PATIENCE = 1.0
LANG = re.compile(rb"[?&]lang=([a-z]{2})(?=[& ])")
SHELL = Markup("""\
<!doctype html>
<html lang="{language}">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>{title} · {name}</title>
</head>
<body>
  <main>
    <p>{name} · {status}</p>
    <h1>{title}</h1>
    <p>{said}</p>
    <p><a href="/?lang={language}">{home}</a></p>
  </main>
</body>
</html>
""")


class Refusal(NamedTuple):
    """What a client is told of a request that was not read to its end."""

    status: HTTPStatus
    slug: str
    wording: Wording


UNREADABLE = Refusal(HTTPStatus.BAD_REQUEST, "bad-request", Wording("refusal.unreadable", {}))
LONG_LINE = Refusal(
    HTTPStatus.REQUEST_URI_TOO_LONG, "uri-too-long", Wording("refusal.long_line", {"most": MOST})
)
LARGE_HEADERS = Refusal(
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    "headers-too-large",
    Wording("refusal.large_headers", {"most": MOST}),
)
CODING = Refusal(
    HTTPStatus.NOT_IMPLEMENTED,
    "unsupported-transfer-coding",
    Wording("refusal.transfer_coding", {}),
)
REFUSALS: dict[type[Exception], Refusal] = {
    errors.LimitRequestLine: LONG_LINE,
    errors.LimitRequestHeaders: LARGE_HEADERS,
    errors.UnsupportedTransferCoding: CODING,
    errors.ParseException: UNREADABLE,
}
# Where the rest of the request is still to come.
CUT = (errors.LimitRequestLine, errors.LimitRequestHeaders)
# Found while a reply is written: no fault of the client's.
OURS = (errors.InvalidResponseHeader, errors.InvalidResponseHeaderName)


class Heard:
    """A client's connection that keeps what was last said on it."""

    def __init__(self, connection: Any) -> None:
        self.connection, self.last = connection, b""

    def __getattr__(self, name: str) -> Any:
        return getattr(self.connection, name)

    def recv(self, size: int, *flags: int) -> bytes:
        piece: bytes = self.connection.recv(size, *flags)
        self.last = (self.last + piece)[-KEPT:] if len(piece) < KEPT else piece[-KEPT:]
        return piece

    def hear_out(self) -> None:
        """Read on to the end of the request's head, or as far as it comes.

        It says who reads the reply; and where much is left unread, the reply may not arrive.
        """
        read = 0
        with suppress(OSError), gevent.Timeout(PATIENCE, False):
            while read < REST and b"\r\n\r\n" not in self.last:
                piece = self.recv(KEPT)
                if not piece:
                    break
                read += len(piece)

    def header(self, name: str) -> str | None:
        """A header of the last request, where it was heard."""
        field = re.compile(rb"\n(?i:%s):[ \t]*([^\r\n]*)" % name.encode())
        found = field.findall(self.last)
        return found[-1].decode("latin-1") if found else None


class Worker(GeventWorker):
    """A server process of gunicorn's."""

    def handle(self, listener: Any, client: Any, addr: Any) -> None:
        super().handle(listener, Heard(client), addr)

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
        if isinstance(exc, CUT):
            client.hear_out()
        with suppress(OSError):  # The client may be gone.
            client.sendall(reply(refusal, client))


def reply(refusal: Refusal, client: Heard) -> bytes:
    """The whole reply: what follows on the connection cannot be read, so it ends."""
    reads = client.header("Accept-Language")
    asked = LANG.search(client.last)
    language = choose_language(asked[1].decode() if asked else None, reads)
    if best(client.header("Accept"), (PROBLEM, HTML)) == HTML:
        kind, policy, text = f"{HTML}; charset=utf-8", PAGE, page(refusal, language)
    else:
        kind, policy, text = PROBLEM, CORS, document(refusal, language if reads else "en")
    body = text.encode()
    headers = {
        "Content-Type": kind,
        "Content-Length": str(len(body)),
        "Cache-Control": "no-store",
        "Connection": "close",
        "X-Content-Type-Options": "nosniff",
        **policy,
    }
    lines = [f"HTTP/1.1 {int(refusal.status)} {refusal.status.phrase}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def document(refusal: Refusal, language: str) -> str:
    told: dict[str, object] = {
        # Without a readable request nobody knows under which name this server was asked.
        "type": f"/problems/{refusal.slug}",
        "title": translate(f"problem.{refusal.slug}", "en"),
        "status": int(refusal.status),
        "detail": spelled(refusal.wording, "en"),
    }
    if language != "en":
        told["translation"] = {
            "language": language,
            "detail": spelled(refusal.wording, language),
        }
    return json.dumps(told, ensure_ascii=False)


def page(refusal: Refusal, language: str) -> str:
    return SHELL.format(
        language=language,
        name=translate("site.name", language),
        title=translate(f"problem.{refusal.slug}", language),
        status=translate("datasets.problem", language, status=int(refusal.status)),
        said=PageSpeller(language).sentence(refusal.wording),
        home=translate("site.home", language),
    )
