"""Requests that are refused before they are read: problems like all others."""

from __future__ import annotations

import json

import pytest

from tests.endpoint.serving import Served
from tests.fuzz.wire import sent


@pytest.mark.parametrize(
    ("request_", "status", "slug"),
    [
        (b"nonsense\r\n\r\n", 400, "bad-request"),
        (b"GET / HTTP/1.1\r\nHost: atlas\r\nX Y: 1\r\n\r\n", 400, "bad-request"),
        (b"GET /sparql?query=" + b"a" * 9_000 + b" HTTP/1.1\r\n\r\n", 414, "uri-too-long"),
        (b"GET / HTTP/1.1\r\nX: " + b"a" * 9_000 + b"\r\n\r\n", 431, "headers-too-large"),
        (
            b"POST /sparql HTTP/1.1\r\nTransfer-Encoding: nonsense\r\n\r\n",
            501,
            "unsupported-transfer-coding",
        ),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_problem_that_a_page_may_read(
    served: Served, request_: bytes, status: int, slug: str
) -> None:
    head, _, body = sent(served, request_).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d " % status)
    assert b"Content-Type: application/problem+json" in head
    assert b"Content-Length: %d" % len(body) in head
    assert b"Access-Control-Allow-Origin: *" in head
    problem = json.loads(body)
    assert (problem["status"], problem["type"]) == (status, f"/problems/{slug}")
    assert problem["title"]
    assert served.fetch(problem["type"]).status == 200
