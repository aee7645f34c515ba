"""Inputs made to break servers, at every door that reads: each is answered or refused.

Never a 500, never a hang, never more memory than the limits allow, and the next is answered.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest

from tests.endpoint.serving import Reply, Served
from tests.faults.conftest import WORKER_MEMORY, WORKERS, content
from tests.faults.watching import MIB, Watch, is_clean, still_answers

DIRECT = {"Content-Type": "application/sparql-query"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
DEADLINE = 0.5
# Each is a text as the wire has it: percent-encoded, so that any byte can be sent.
NASTY = (
    "%00",
    "%FF%FE",
    "%ED%A0%80",
    "%C3",
    "%0d%0aX-Injected:%201",
    "%0aX-Injected:%201",
    "..%2f..%2f..%2fetc%2fpasswd",
    "../../../etc/passwd",
    "%2e%2e/%2e%2e/etc/passwd",
    "%3Cscript%3Ealert(1)%3C/script%3E",
    "%22%3E%3Cimg%20src=x%20onerror=alert(1)%3E",
    "%7B%7B7*7%7D%7D",
    "%3E%20.%20%7D%20;%20DROP%20ALL%20%23",
    "%25%s%n%5Cu0000",
    "javascript:alert(1)",
    "file:///etc/passwd",
    "http://127.0.0.1:9/",
    "-1",
    "1e999",
    "NaN",
    "9" * 400,
    "%E2%80%AE%F0%9F%92%A9",
    "a" * 4_000,
    "(" * 2_000,
    "",
)
# Addresses with a place for each of them.
DOORS = (
    "/sparql?query=%s",
    "/sparql?query=ASK%%7B%%7D&format=%s",
    "/sparql?query=ASK%%7B%%7D&timeout=%s",
    "/sparql?query=ASK%%7B%%7D&generation=%s",
    "/sparql?query=ASK%%7B%%7D&default-graph-uri=%s",
    "/sparql?query=ASK%%7B%%7D&named-graph-uri=%s",
    "/sparql?query=ASK%%7B%%7D&%s=1",
    "/sparql?update=%s",
    "/data?graph=%s",
    "/data/%s",
    "/api/queries/%s",
    "/api/queries/%s/about",
    "/id/%s",
    "/doc/%s",
    "/ontology/%s",
    "/vocabulary/%s",
    "/module/%s",
    "/problems/%s",
    "/static/%s",
    "/.well-known/%s",
    "/%s",
)
HEADERS = (
    "Accept",
    "Accept-Language",
    "Accept-Encoding",
    "Authorization",
    "Cookie",
    "If-Match",
    "If-None-Match",
    "Range",
    "X-Forwarded-For",
    "X-Request-Id",
)
# Header values that a client may send: any visible character, Latin-1 ones included.
VALUES = (
    ";;;q=,,/*/",
    "*/*;q=x, text/turtle;q=-1, ;q=1",
    "text/turtle;" + "a=b;" * 900,
    ", ".join(["*/*"] * 900),
    '"' * 300,
    "W/" * 300,
    "é\xff\x80",
    "Bearer " + "x" * 3_000,
    "bytes=0-,5-4,-9",
    "{{7*7}}<script>",
    "",
)


def injected(reply: Reply) -> bool:
    return "X-Injected" in reply.headers


@pytest.mark.parametrize("door", DOORS)
def test_every_nasty_text_is_survived_at_every_address(served: Served, door: str) -> None:
    for text in NASTY:
        reply = served.fetch(door % text)
        is_clean(reply)
        assert not injected(reply)
        if reply.type == "text/html":
            assert b"<script>alert" not in reply.body
            assert b"<img src=x" not in reply.body
    still_answers(served)


@pytest.mark.parametrize("header", HEADERS)
def test_every_nasty_value_is_survived_in_every_header(served: Served, header: str) -> None:
    for value in VALUES:
        for path in ("/sparql?query=ASK%7B%7D", "/sparql", "/", "/doc/commune/54395"):
            is_clean(served.fetch(path, headers={header: value}))
    still_answers(served)


def test_every_parameter_of_every_named_query_survives_every_nasty_text(served: Served) -> None:
    named = served.fetch("/api/queries/").json
    assert named
    for query in named:
        required = {p["name"]: "1" for p in query["parameters"] if p["required"]}
        for parameter in query["parameters"]:
            others = {name: value for name, value in required.items() if name != parameter["name"]}
            for text in NASTY:
                tail = f"?{urlencode({**others, 'timeout': '1'})}&{parameter['name']}={text}"
                is_clean(served.fetch(f"/api/queries/{query['name']}{tail}"))
    still_answers(served)


def test_every_evil_request_is_survived(served: Served, evil: Path) -> None:
    cases = [json.loads(line) for line in (evil / "http-cases.jsonl").read_text().splitlines()]
    assert len(cases) > 15
    for case in cases:
        # The cases were written for a graph store at an address of its own.
        path = case["path"].replace("/rdf-graph-store", "/data")
        reply = served.fetch(
            path, case["method"], body=case["body"] or None, headers=case["headers"]
        )
        is_clean(reply)
        wanted = case["expect"].split(";")[0].split()[0].split("/")
        if all(status.isdecimal() for status in wanted) and path.startswith("/sparql"):
            assert str(reply.status) in wanted, case["id"]
        still_answers(served)


def ways(query: bytes) -> Iterator[tuple[str, str, bytes | None, dict[str, str]]]:
    """The request of each way of the protocol that the query's size allows."""
    timeout = f"timeout={DEADLINE}"
    if len(encoded := quote(query)) < 7_000:
        yield f"/sparql?{timeout}&query={encoded}", "GET", None, {}
    yield "/sparql", "POST", f"{timeout}&query={encoded}".encode(), FORM
    yield f"/sparql?{timeout}", "POST", query, DIRECT


@pytest.mark.slow
def test_every_evil_query_is_survived_by_each_way_of_the_protocol(
    served: Served, evil: Path
) -> None:
    """Four at a time, so that they also get in each other's way."""
    paths = sorted((evil / "sparql-query").iterdir())
    assert len(paths) > 15

    def ask(request: tuple[str, str, bytes | None, dict[str, str]]) -> tuple[Reply, float]:
        path, method, body, headers = request
        began = time.monotonic()
        return served.fetch(path, method, body=body, headers=headers), time.monotonic() - began

    with Watch(served) as watch, ThreadPoolExecutor(4) as clients:
        requests = [request for path in paths for request in ways(content(path))]
        for (path, *_), (reply, took) in zip(requests, clients.map(ask, requests), strict=True):
            is_clean(reply)
            assert took < 30, path
            # It is one more of these clients' requests, and waits its turn among them.
            still_answers(served)
    # A worker more than asked for is warm; the server's own processes hold bodies and answers.
    assert watch.most < (WORKERS + 1) * WORKER_MEMORY + 512 * MIB


@pytest.mark.slow
def test_every_evil_update_without_a_token_is_refused_and_changes_nothing(
    served: Served, evil: Path
) -> None:
    before = served.rows("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
    paths = sorted((evil / "sparql-update").iterdir())
    assert paths
    for path in paths:
        text = content(path)
        for headers, body in (
            ({"Content-Type": "application/sparql-update"}, text),
            (FORM, b"update=" + quote(text).encode()),
        ):
            reply = served.fetch("/sparql", "POST", body=body, headers=headers)
            is_clean(reply)
            assert reply.status in (401, 403, 413), path.name
            still_answers(served)
    assert served.rows("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }") == before
