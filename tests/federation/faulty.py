"""A site on loopback that answers as it is told to: well, badly, slowly, or never.

A behaviour takes the request and yields what is done, in order: bytes are sent as they are, a
number is a pause in seconds (HANG: until the client goes), RESET breaks the connection off. Then
the connection is closed. Each request takes the next behaviour of the script, the last for good:

    with Faulty(status(500), results(["s"], [{"s": iri("http://x")}])) as site:
        ... site.url, site.seen, site.script(html())
"""

from __future__ import annotations

import gzip
import http.client
import json
import math
import select
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from federation.partner import Partner

HANG = math.inf
RESET = object()
JSON, XML = "application/sparql-results+json", "application/sparql-results+xml"
PATIENCE = 20.0


@dataclass(frozen=True)
class Seen:
    """One request as it came: names of headers in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        """The parameters of the address and of a form's body, the last of each name."""
        text = self.body.decode("utf-8", "replace")
        in_body = text if "urlencoded" in self.headers.get("content-type", "") else ""
        pairs = parse_qs(urlsplit(self.path).query) | parse_qs(in_body)
        return {name: values[-1] for name, values in pairs.items()}

    @property
    def query(self) -> str:
        return self.form.get("query", "")


Behaviour = Callable[[Seen], Iterable[Any]]


class Faulty:
    """The site. ``seen``: its requests; ``gone``: set once a client left while it was waiting.

    ``most``: how many requests it had at a time, at most. ``tls``: it speaks TLS with that context.
    """

    def __init__(
        self, *behaviours: Behaviour, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1"
    ) -> None:
        self.behaviours = behaviours or (results(),)
        self.seen: list[Seen] = []
        self.gone = threading.Event()
        self.most = self._busy = self._answered = 0
        self._tls, self._lock = tls, threading.Lock()
        self._connections: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listener = socket.create_server((host, 0), family=family, backlog=128)
        self.host, self.port = host, int(self._listener.getsockname()[1])
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    @property
    def origin(self) -> str:
        return f"{'https' if self._tls else 'http'}://{self.host}:{self.port}"

    @property
    def url(self) -> str:
        """The address of its endpoint."""
        return f"{self.origin}/sparql"

    def partner(self, name: str = "faulty", **entry: Any) -> Partner:
        """An entry for it, its address allowed."""
        return Partner(name, **{"endpoint": self.url, "addresses": frozenset({self.host}), **entry})

    def script(self, *behaviours: Behaviour) -> None:
        """From now on these, from the first."""
        with self._lock:
            self.behaviours, self._answered = behaviours, 0

    def __enter__(self) -> Faulty:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._accepting.join(PATIENCE)
        with self._lock:
            for connection in self._connections:
                with suppress(OSError):
                    socket.socket.shutdown(connection, socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(PATIENCE)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            with self._lock:
                self._connections.add(connection)
                self._threads = [one for one in self._threads if one.is_alive()] + [thread]
            thread.start()

    def _serve(self, plain: socket.socket) -> None:
        connection = plain
        try:
            plain.settimeout(PATIENCE)
            if self._tls:
                connection = self._tls.wrap_socket(plain, server_side=True)
            with connection, connection.makefile("rb") as stream:
                if (seen := read_request(stream)) is not None:
                    self._answer(connection, seen)
        except (OSError, ValueError):
            pass  # The client has gone; some tests want just that.
        finally:
            with self._lock:
                self._connections.discard(plain)
            plain.close()

    def _answer(self, connection: socket.socket, seen: Seen) -> None:
        with self._lock:
            self.seen.append(seen)
            behaviour = self.behaviours[min(self._answered, len(self.behaviours) - 1)]
            self._answered += 1
            self._busy += 1
            self.most = max(self.most, self._busy)
        try:
            for step in behaviour(seen):
                if isinstance(step, bytes):
                    connection.sendall(step)
                elif step is RESET:
                    linger = struct.pack("ii", 1, 0)
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                    return
                elif self._left(connection, step):
                    return
        except OSError:
            self.gone.set()
        finally:
            with self._lock:
                self._busy -= 1

    def _left(self, connection: socket.socket, seconds: float) -> bool:
        """Whether the client left within so many seconds."""
        readable, _, _ = select.select([connection], [], [], min(seconds, PATIENCE))
        if readable:
            self.gone.set()
        return bool(readable)


def read_request(stream: Any) -> Seen | None:
    """One request from a stream, None where there is none. Bodies have a Content-Length."""
    method, _, rest = stream.readline().decode("latin-1").partition(" ")
    if not rest:
        return None
    headers = {name.lower(): value for name, value in http.client.parse_headers(stream).items()}
    body = stream.read(int(headers.get("content-length", 0)))
    return Seen(method, rest.rsplit(" ", 1)[0], headers, body)


@contextmanager
def refusing() -> Iterator[int]:
    """A port of 127.0.0.1 that is taken and refuses connections."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


# What terms and answers are made of.


def iri(value: str) -> dict[str, str]:
    return {"type": "uri", "value": value}


def literal(value: str, *, datatype: str = "", language: str = "") -> dict[str, str]:
    term = {"type": "literal", "value": value}
    if language:
        term["xml:lang"] = language
    elif datatype:
        term["datatype"] = datatype
    return term


def bnode(label: str) -> dict[str, str]:
    return {"type": "bnode", "value": label}


def solutions(variables: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> bytes:
    """SPARQL results in JSON."""
    document = {"head": {"vars": list(variables)}, "results": {"bindings": list(rows)}}
    return json.dumps(document).encode()


def head(status: int = 200, headers: Mapping[str, str] | None = None) -> bytes:
    """The head of an answer, just these headers."""
    reason = http.client.responses.get(status, "Status")
    lines = [f"{name}: {value}\r\n" for name, value in (headers or {}).items()]
    return f"HTTP/1.1 {status} {reason}\r\n{''.join(lines)}\r\n".encode("latin-1")


# Behaviours.


def steps(*done: Any) -> Behaviour:
    """Just these, whatever was asked."""
    return lambda seen: done


def reply(
    body: bytes,
    media_type: str = JSON,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Behaviour:
    """A whole answer as HTTP wants it."""
    said = {"Content-Type": media_type, "Content-Length": str(len(body)), **(headers or {})}
    return steps(head(status, said), body)


def results(variables: Sequence[str] = (), rows: Sequence[Mapping[str, Any]] = ()) -> Behaviour:
    return reply(solutions(variables, rows))


def boolean(value: bool) -> Behaviour:
    return reply(json.dumps({"head": {}, "boolean": value}).encode())


def status(code: int, body: bytes = b"", media_type: str = "text/plain") -> Behaviour:
    return reply(body, media_type, status=code)


def html() -> Behaviour:
    return reply(b"<!DOCTYPE html><html><body>Welcome</body></html>", "text/html; charset=utf-8")


def redirect(to: str, code: int = 307) -> Behaviour:
    return reply(b"", "text/plain", status=code, headers={"Location": to})


def truncated(body: bytes, media_type: str = JSON) -> Behaviour:
    """All but the end of a body that was announced whole."""
    said = {"Content-Type": media_type, "Content-Length": str(len(body))}
    return steps(head(200, said), body[: len(body) // 2])


def understated(body: bytes, media_type: str = JSON) -> Behaviour:
    """More than was announced."""
    said = {"Content-Type": media_type, "Content-Length": str(len(body) // 2)}
    return steps(head(200, said), body)


def endless(media_type: str = JSON, piece: bytes = b" " * 65536) -> Behaviour:
    """A body that never ends, as fast as it is read."""

    def sent(seen: Seen) -> Iterator[Any]:
        yield head(200, {"Content-Type": media_type})
        while True:
            yield piece

    return sent


def bomb(size: int, media_type: str = JSON) -> Behaviour:
    """So many bytes of blanks, packed into a thousandth."""
    return reply(gzip.compress(b" " * size), media_type, headers={"Content-Encoding": "gzip"})


def packed(body: bytes, media_type: str = JSON) -> Behaviour:
    return reply(gzip.compress(body), media_type, headers={"Content-Encoding": "gzip"})


def dripping(body: bytes, media_type: str = JSON, *, pause: float = 0.05) -> Behaviour:
    """The body byte by byte, with a pause before each."""

    def sent(seen: Seen) -> Iterator[Any]:
        yield head(200, {"Content-Type": media_type, "Content-Length": str(len(body))})
        for place in range(len(body)):
            yield pause
            yield body[place : place + 1]

    return sent


def hanging(first: bytes = b"") -> Behaviour:
    """These bytes and then nothing, until the client leaves."""
    return steps(first, HANG)


def late(seconds: float, behaviour: Behaviour) -> Behaviour:
    """The behaviour after so many seconds."""

    def sent(seen: Seen) -> Iterator[Any]:
        yield seconds
        yield from behaviour(seen)

    return sent


def forwarded(origin: str) -> Behaviour:
    """What the site at ``origin`` (http://host:port) answers to the same request, whole."""

    def sent(seen: Seen) -> Iterator[Any]:
        parts = urlsplit(origin)
        connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=PATIENCE)
        kept = {
            name: value
            for name, value in seen.headers.items()
            if name not in ("host", "connection", "content-length")
        }
        try:
            connection.request(seen.method, seen.path, body=seen.body or None, headers=kept)
            response = connection.getresponse()
            body = response.read()
        finally:
            connection.close()
        hop = ("connection", "transfer-encoding", "content-length", "keep-alive")
        said = {name: value for name, value in response.getheaders() if name.lower() not in hop}
        yield head(response.status, {**said, "Content-Length": str(len(body))})
        if seen.method != "HEAD":
            yield body

    return sent
