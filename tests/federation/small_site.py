"""A small SPARQL endpoint on loopback that publishes only what it is told to: no VoID by itself."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs

import pyoxigraph as ox

from tests.listening import listening

JSON = "application/sparql-results+json"
YES, NO = (f"SELECT * WHERE {{ VALUES ?__ASK_RETVAL {{ {row} }} }}" for row in ("1", ""))


@dataclass
class SmallSite:
    """``documents``: what GET answers, by path, as media type and text; all else is 404.

    ``refuses``: whether a query is answered with 500. ``cut``: solutions after which an answer
    ends, as some endpoints do without a word. ``headers``: sent with every answer.
    ``asks_in_rows``: whether an ASK is answered with a row, as Virtuoso does.
    """

    data: ox.Store = field(default_factory=ox.Store)
    documents: dict[str, tuple[str, str]] = field(default_factory=dict)
    refuses: Callable[[str], bool] = lambda text: False
    cut: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    asks_in_rows: bool = False
    asked: list[str] = field(default_factory=list)
    root: str = ""

    @property
    def endpoint(self) -> str:
        return f"{self.root}/sparql"

    def load(self, turtle: str) -> None:
        self.data.load(turtle.encode(), ox.RdfFormat.TURTLE)

    def answer(self, text: str) -> tuple[int, str, bytes]:
        self.asked.append(text)
        if self.refuses(text):
            return 500, "text/plain", b"This query is too much."
        found = self.data.query(text)
        if isinstance(found, ox.QuerySolutions) and self.cut is not None:
            return 200, JSON, shortened(found, self.cut)
        if isinstance(found, ox.QueryBoolean) and self.asks_in_rows:
            found = self.data.query(YES if found else NO)
        assert isinstance(found, ox.QuerySolutions | ox.QueryBoolean)
        return 200, JSON, found.serialize(format=ox.QueryResultsFormat.JSON) or b""


def shortened(found: ox.QuerySolutions, rows: int) -> bytes:
    whole = json.loads(found.serialize(format=ox.QueryResultsFormat.JSON) or b"")
    del whole["results"]["bindings"][rows:]
    return json.dumps(whole).encode()


@contextmanager
def small_site(turtle: str = "") -> Iterator[SmallSite]:
    """The site, answering until the block ends."""
    site = SmallSite()
    site.load(turtle)
    with listening(handler(site)) as site.root:
        yield site


def handler(site: SmallSite) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            kind, text = site.documents.get(self.path, ("", ""))
            self.reply(200 if kind else 404, kind or "text/plain", text.encode())

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self.reply(*site.answer(parse_qs(body)["query"][0]))

        def reply(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            for name, value in site.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler
