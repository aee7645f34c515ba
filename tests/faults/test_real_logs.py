"""Queries and updates that real people sent to other endpoints: an answer, or a clean refusal."""

from __future__ import annotations

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.clients.tools import TOKEN
from tests.endpoint.serving import Reply, Served, serving
from tests.faults.conftest import logged
from tests.faults.watching import FAULTS, is_clean, still_answers

LOGS = {
    "queries-lsq-real-endpoint-logs": 1_500,
    "queries-sib-sparql-examples": 800,
    "queries-wdbench-wikidata-log": 1_800,
}
REFUSALS = ("malformed-query", "unknown-function", "forbidden", "bad-request", "conflict")
UPDATES = "queries-lblod-updates"
SAMPLE = 250
QUERY = {"Content-Type": "application/sparql-query", "Accept": "*/*"}
UPDATE = {
    "Content-Type": "application/sparql-update",
    "Authorization": f"Bearer {TOKEN}",
}


def is_answer_or_refusal(reply: Reply, text: str) -> None:
    """An answer, or a problem document that says what the request is refused for."""
    is_clean(reply)
    if reply.status // 100 != 2:
        assert reply.slug in (*REFUSALS, *FAULTS), text
        assert reply.json["detail"], text


@pytest.mark.slow
@pytest.mark.parametrize("log", LOGS)
def test_every_query_of_a_real_log_is_answered_or_cleanly_refused(
    served: Served, atlas_data: Path, log: str
) -> None:
    queries = logged(atlas_data / log, "query")
    assert len(queries) > LOGS[log]

    def ask(query: str) -> Reply:
        return served.fetch("/sparql?timeout=1", "POST", body=query, headers=QUERY)

    with ThreadPoolExecutor(4) as clients:
        replies = list(clients.map(ask, queries))
    for query, reply in zip(queries, replies, strict=True):
        is_answer_or_refusal(reply, query)
    # The engine's own verdict on these files is known: most of what parses is answered.
    assert Counter(reply.status for reply in replies)[200] > len(queries) / 4
    still_answers(served)


def test_a_function_that_the_engine_does_not_have_is_the_query_s_fault_and_named(
    served: Served,
) -> None:
    integer = "http://www.w3.org/2001/XMLSchema#int"
    reply = served.ask(f"SELECT * {{ ?s ?p ?o FILTER (<{integer}>(?o) > 1) }}")
    assert (reply.status, reply.slug) == (422, "unknown-function")
    assert integer in reply.json["detail"]


@pytest.mark.slow
def test_updates_of_a_real_log_are_done_or_cleanly_refused(
    tmp_path: Path, atlas_data: Path
) -> None:
    updates = logged(atlas_data / UPDATES, "update")
    assert len(updates) > 500
    updates = random.Random(577).sample(updates, SAMPLE)
    with serving(tmp_path, "--scratch", "--token", TOKEN) as served:
        replies = []
        for update in updates:
            replies.append(served.fetch("/sparql", "POST", body=update, headers=UPDATE))
            is_answer_or_refusal(replies[-1], update)
        assert Counter(reply.status // 100 for reply in replies)[2] > len(updates) / 2
        still_answers(served)
