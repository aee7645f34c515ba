"""A site on loopback for the tests of harvests: files with validators, and a SPARQL endpoint."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs

import pyoxigraph
from pyoxigraph import QueryResultsFormat, QuerySolutions, RdfFormat, serialize

from tests.listening import listening


@dataclass
class File:
    """What a path gives. ``length``: what its Content-Length says; -1: nothing says its length."""

    body: bytes
    media_type: str = ""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    validated: bool = True
    length: int | None = None

    @property
    def etag(self) -> str:
        return f'"{hashlib.sha256(self.body).hexdigest()[:12]}"'


@dataclass
class Site:
    """``files`` by path; ``store`` answers at /sparql; ``asked``: method, path and text of each.

    ``cap``: how many rows or triples an answer has at most, as some servers silently do.
    ``refuses``: a query for which it answers 500. ``constructed``: what it gives to each CONSTRUCT
    in place of triples in its ``syntax``.
    """

    address: str = ""
    files: dict[str, File] = field(default_factory=dict)
    store: pyoxigraph.Store = field(default_factory=pyoxigraph.Store)
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    cap: int = 0
    refuses: Callable[[str], bool] = lambda text: False
    syntax: RdfFormat = RdfFormat.N_TRIPLES
    constructed: Callable[[str], tuple[str, bytes]] | None = None
    before: Callable[[str], None] = lambda text: None

    def puts(self, path: str, body: str | bytes, media_type: str = "", **given: object) -> str:
        """Publish a file; its address."""
        content = body.encode() if isinstance(body, str) else body
        self.files[path] = File(content, media_type, **given)
        return f"{self.address}{path}"

    def holds(self, turtle: str) -> None:
        """What the endpoint holds from now on."""
        self.store.clear()
        self.store.load(turtle.encode(), format=RdfFormat.TURTLE)

    def answer(self, text: str) -> tuple[int, str, bytes]:
        self.before(text)
        if self.refuses(text):
            return 500, "text/plain", b"too much"
        found = self.store.query(text)
        if isinstance(found, QuerySolutions):
            body = found.serialize(format=QueryResultsFormat.JSON) or b""
            return 200, "application/sparql-results+json", self._capped_rows(body)
        triples = list(found)[: self.cap or None]
        if self.constructed:
            return 200, *self.constructed(text)
        return 200, self.syntax.media_type, serialize(triples, format=self.syntax) or b""

    def _capped_rows(self, body: bytes) -> bytes:
        content = json.loads(body)
        rows = content["results"]["bindings"]
        content["results"]["bindings"] = rows[: self.cap or None]
        return json.dumps(content).encode()


@contextmanager
def serving() -> Iterator[Site]:
    """The site on a free port, until the block ends."""
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *arguments: object) -> None:
            pass

        def do_GET(self) -> None:
            site.asked.append(("GET", self.path, ""))
            file = site.files.get(self.path)
            if file is None:
                self.reply(404, {"Content-Type": "text/plain"}, b"not here")
                return
            known = self.headers.get("If-None-Match")
            if file.validated and known == file.etag:
                self.reply(304, {"ETag": file.etag}, b"")
                return
            headers = {"ETag": file.etag} if file.validated else {}
            if file.media_type:
                headers["Content-Type"] = file.media_type
            self.reply(file.status, headers | dict(file.headers), file.body, file.length)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            text = parse_qs(body.decode())["query"][0]
            site.asked.append(("POST", self.path, text))
            status, media_type, answer = site.answer(text)
            self.reply(status, {"Content-Type": media_type}, answer)

        def reply(
            self, status: int, headers: Mapping[str, str], body: bytes, length: int | None = None
        ) -> None:
            site.statuses.append(status)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if length != -1:
                self.send_header("Content-Length", str(len(body) if length is None else length))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(body)
            self.close_connection = True

    with listening(Handler) as site.address:
        yield site
