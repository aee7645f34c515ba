"""A web page of another origin asks the atlas in a real browser.

https://fetch.spec.whatwg.org/#http-cors-protocol
"""

from __future__ import annotations

import json
import queue
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.clients.tools import TOKEN, tool
from tests.endpoint.serving import Served
from tests.endpoint.test_sparql import RUNAWAY, SELECT
from tests.waiting import LONG

PAGE = Path(__file__).with_name("page.html")
JSON_RESULTS = "application/sparql-results+json"
# No screen, no rights to lose, no other site asked.
ALONE = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--no-first-run",
)
Browse = Callable[..., list[dict[str, Any]]]


class Site(ThreadingHTTPServer):
    """The page's own site: gives it its steps, takes its answers."""

    daemon_threads = True

    def __init__(self, steps: list[dict[str, Any]]) -> None:
        self.steps = json.dumps(steps).encode()
        self.answers: queue.Queue[list[dict[str, Any]]] = queue.Queue()
        super().__init__(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server_port}/"


class Handler(BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        content = self.server.steps if self.path == "/steps" else PAGE.read_bytes()
        self.send_response(200)
        self.send_header("Content-Type", "text/html" if self.path == "/" else "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def do_POST(self) -> None:
        self.server.answers.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *said: object) -> None:
        """Say nothing on the tests' terminal."""


@pytest.fixture(scope="session")
def browse(tmp_path_factory: pytest.TempPathFactory) -> Browse:
    """What a page in headless Chromium gets for each of its steps."""
    chromium = tool("chromium", "chromium")

    def ask(*steps: dict[str, Any]) -> list[dict[str, Any]]:
        # Chromium's helpers may write there for a moment after it has ended: nobody waits for them.
        profile = tmp_path_factory.mktemp("profile")
        with site(list(steps)) as there:
            browser = subprocess.Popen(
                [chromium, *ALONE, f"--user-data-dir={profile}", there.address],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            try:
                return there.answers.get(timeout=LONG)
            finally:
                browser.terminate()
                browser.wait(LONG)

    return ask


@contextmanager
def site(steps: list[dict[str, Any]]) -> Iterator[Site]:
    with Site(steps) as there:
        thread = threading.Thread(target=there.serve_forever)
        thread.start()
        try:
            yield there
        finally:
            there.shutdown()
            thread.join()


def step(address: str, **options: Any) -> dict[str, Any]:
    return {"address": address, "options": options}


def test_a_page_of_another_origin_reads_answers_their_headers_and_why_it_is_refused(
    served: Served, browse: Browse
) -> None:
    sparql = f"{served.address}/sparql"
    asked = f"{sparql}?{urlencode({'query': SELECT})}"
    simple, preflighted, direct, refused, late, described = browse(
        step(asked),
        step(asked, headers={"Accept": JSON_RESULTS, "X-Request-Id": "page-1"}),
        step(
            sparql,
            method="POST",
            headers={"Content-Type": "application/sparql-query", "Accept": "text/csv"},
            body=SELECT,
        ),
        step(f"{sparql}?query=nonsense"),
        step(f"{sparql}?{urlencode({'query': RUNAWAY, 'timeout': '0.5'})}"),
        step(sparql, headers={"Accept": "text/turtle"}),
    )
    for answer in (simple, preflighted, direct):
        assert answer["status"] == 200
        assert "Maxéville" in answer["text"]
        assert answer["headers"]["etag"]
        assert int(answer["headers"]["content-length"]) == len(answer["text"].encode())
    assert preflighted["headers"]["content-type"].split(";")[0] == JSON_RESULTS
    assert refused["status"] == 400
    assert json.loads(refused["text"])["type"].endswith("/problems/malformed-query")
    assert late["status"] == 503
    assert int(late["headers"]["retry-after"]) > 0
    assert described["status"] == 200
    assert "sparql-service-description" in described["text"]


def test_a_page_writes_with_a_token_and_never_without(writable: Served, browse: Browse) -> None:
    graph = f"{writable.address}/data?graph=urn:x-browser:graph"
    turtle = {"Content-Type": "text/turtle"}
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    body = "<urn:x-browser:s> <urn:x-browser:p> 'été' ."
    without, created, read, again, updated, removed = browse(
        step(graph, method="PUT", headers=turtle, body=body),
        step(graph, method="PUT", headers={**turtle, **bearer}, body=body),
        step(graph, headers={"Accept": "text/turtle"}),
        step(graph, method="PUT", headers={**turtle, **bearer, "If-Match": '"1"'}, body=body),
        step(
            f"{writable.address}/sparql",
            method="POST",
            headers={"Content-Type": "application/sparql-update", **bearer},
            body="INSERT DATA { GRAPH <urn:x-browser:graph> { <urn:x-browser:t> a 1 } }",
        ),
        step(graph, method="DELETE", headers=bearer),
    )
    assert without["status"] == 401
    assert "Bearer" in without["headers"]["www-authenticate"]
    assert created["status"] == 201
    assert read["status"] == 200
    assert "été" in read["text"]
    assert again["status"] == 412
    assert updated["status"] // 100 == 2
    assert removed["status"] in (200, 204)


def test_a_page_may_not_read_what_is_for_the_operator(served: Served, browse: Browse) -> None:
    (metrics,) = browse(step(f"{served.address}/metrics"))
    assert "blocked" in metrics
