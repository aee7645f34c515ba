"""What an answer says of itself, and what is done where the engine cannot answer as asked."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.endpoint.serving import Served, serving
from tests.endpoint.world import publish_world
from tests.waiting import until

JSON = "application/sparql-results+json"
INTEGER = "<http://www.w3.org/2001/XMLSchema#integer>"
# Strings and numbers in no order: the engine's sort needs one order over both and has none.
MIXED = "".join(
    f'<urn:s{n}> <urn:mixed> "{n * 7919 % 3001}"{f"^^{INTEGER}" if n % 2 else ""} .\n'
    for n in range(3000)
)


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home: Path = tmp_path_factory.mktemp("mixed")
    publish_world(home, extra=MIXED)
    with serving(home, ATLAS_WORKERS="2", ATLAS_ANSWER_ROWS="3000") as served:
        yield served


@pytest.mark.parametrize("query", ["SELECT * { ?s ?p ?o }", "SELECT ?o { ?s <urn:mixed> ?o }"])
@pytest.mark.parametrize("clause", ["ORDER BY ?o", "ORDER BY DESC(?o) ?s"])
def test_an_order_over_strings_and_numbers_is_answered(
    mixed: Served, query: str, clause: str
) -> None:
    reply = mixed.ask(f"{query} {clause} LIMIT 2999", JSON)
    assert reply.status == 200, reply.text
    assert len(reply.json["results"]["bindings"]) == 2999


def test_more_rows_than_the_setting_allows_are_told_and_never_cut(mixed: Served) -> None:
    reply = mixed.ask("SELECT * { ?s ?p ?o }", JSON)
    assert reply.status == 507
    assert reply.slug == "answer-too-large"
    assert "3,000 rows (ATLAS_ANSWER_ROWS)" in reply.json["detail"]
    assert mixed.ask("SELECT * { ?s ?p ?o } LIMIT 3000", JSON).status == 200


def test_an_engine_that_dies_is_a_fault_with_a_time_to_come_back(mixed: Served) -> None:
    runaway = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
    before = mixed.process.workers()
    with ThreadPoolExecutor(1) as threads:
        asked = threads.submit(mixed.ask, runaway, JSON)

        def at_work() -> list[int]:
            # A start takes much less. One that dies before it has read its request costs nothing.
            now = mixed.process.workers()
            return [number for number, used in now.items() if used > before.get(number, 0) + 1]

        until(at_work, mixed.process.workers)
        for number in at_work():
            os.kill(number, signal.SIGKILL)
        reply = asked.result()
    assert reply.status == 503
    assert reply.slug == "engine-fault"
    assert reply.headers["Retry-After"] == "1"
    assert mixed.ask("ASK {}", JSON).status == 200
