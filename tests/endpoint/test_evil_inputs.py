"""Inputs made to break servers: each is answered or refused, and the next request is answered."""

from __future__ import annotations

import gzip
import json
import time
from pathlib import Path

import pytest

from tests.endpoint.serving import Reply, Served

DIRECT = {"Content-Type": "application/sparql-query"}


def survives(served: Served, reply: Reply, began: float) -> None:
    assert reply.status < 500 or reply.slug in ("query-timeout", "query-memory", "answer-too-large")
    assert "Traceback" not in reply.body.decode("utf-8", "replace")
    assert time.monotonic() - began < 6
    assert served.ask("ASK {}").status == 200


def test_every_evil_request_is_survived(served: Served, atlas_data: Path) -> None:
    cases = (atlas_data / "evil-inputs" / "http-cases.jsonl").read_text("utf-8").splitlines()
    assert len(cases) > 15
    for case in map(json.loads, cases):
        began = time.monotonic()
        headers, body = case["headers"], case["body"] or None
        reply = served.fetch(case["path"], case["method"], body=body, headers=headers)
        survives(served, reply, began)
        wanted = case["expect"].split(";")[0].split()[0].split("/")
        if all(status.isdecimal() for status in wanted) and case["path"].startswith("/sparql"):
            assert str(reply.status) in wanted, case["id"]


@pytest.mark.slow
def test_every_evil_query_is_survived(served: Served, atlas_data: Path) -> None:
    paths = sorted((atlas_data / "evil-inputs" / "sparql-query").iterdir())
    assert len(paths) > 15
    for path in paths:
        content = path.read_bytes()
        query = gzip.decompress(content) if path.suffix == ".gz" else content
        began = time.monotonic()
        survives(
            served, served.fetch("/sparql?timeout=2", "POST", body=query, headers=DIRECT), began
        )
