"""The pool of killable workers, with real processes."""

from __future__ import annotations

import json
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from atlas.errors import (
    AnswerTooBig,
    EngineFault,
    Forbidden,
    InstanceError,
    MalformedQuery,
    NotAcceptable,
    Overloaded,
    QueryTimeout,
    QueryTooBig,
    UnknownName,
)
from store import Generations, Operation, WorkerPool

JSON = "application/sparql-results+json"
POINT = "SELECT ?name { <http://example.org/place/7> <http://example.org/name> ?name }"
COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
RUNAWAY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
GREEDY = "SELECT * { ?a ?b ?c . ?d ?e ?f } ORDER BY ?f"


def rows(pool: WorkerPool, text: str, **named: float) -> list[dict[str, str]]:
    answer = json.loads(pool.query(Operation(text), JSON, **named).read())  # type: ignore[arg-type]
    return [
        {name: term["value"] for name, term in row.items()} for row in answer["results"]["bindings"]
    ]


def test_an_answer_is_whole_and_knows_its_size_and_generation(pool: WorkerPool) -> None:
    answer = pool.query(Operation(POINT), JSON)
    assert answer.generation == 1
    assert answer.size == len(content := answer.read())
    assert json.loads(content)["results"]["bindings"][0]["name"]["xml:lang"] == "fr"


def test_a_query_past_its_deadline_is_killed_within_a_second_of_it(pool: WorkerPool) -> None:
    rows(pool, POINT)
    began = time.monotonic()
    with pytest.raises(QueryTimeout, match=r"longer than 1 s \(ATLAS_QUERY_TIMEOUT\)"):
        pool.query(Operation(RUNAWAY), JSON, deadline=1)
    assert 1 <= time.monotonic() - began < 2


def test_a_neighbour_answers_while_a_runaway_runs(pool: WorkerPool) -> None:
    rows(pool, POINT)
    with ThreadPoolExecutor(1) as threads:
        runaway = threads.submit(pool.query, Operation(RUNAWAY), JSON, deadline=3)
        time.sleep(0.3)
        assert rows(pool, POINT) == [{"name": "Lieu 7"}]
        assert not runaway.done()
        with pytest.raises(QueryTimeout):
            runaway.result()


def test_a_query_past_the_memory_cap_fails_alone(home: Path) -> None:
    pool = WorkerPool(Generations(home), workers=1, deadline=60, memory_bytes=256 * 1024**2)
    try:
        with pytest.raises(QueryTooBig, match="256 MiB"):
            pool.query(Operation(GREEDY), JSON)
        assert rows(pool, POINT) == [{"name": "Lieu 7"}]
    finally:
        pool.close()


def test_a_query_that_kills_the_engine_fails_alone(pool: WorkerPool) -> None:
    nested = "SELECT * { FILTER(" + "(" * 20_000 + "1" + ")" * 20_000 + ") }"
    with pytest.raises(EngineFault, match="no other query"):
        pool.query(Operation(nested), JSON)
    assert rows(pool, POINT) == [{"name": "Lieu 7"}]


def test_workers_killed_while_idle_are_replaced_and_no_request_fails(pool: WorkerPool) -> None:
    rows(pool, POINT)
    killed = list(pool._all)
    for worker in killed:
        os.kill(worker.process.pid, signal.SIGKILL)
        worker.process.wait()
    assert [rows(pool, POINT) for _ in range(5)] == [[{"name": "Lieu 7"}]] * 5
    until(lambda: pool.stats()["idle"] == 3)
    assert not pool._all.intersection(killed)


def test_a_worker_killed_at_work_fails_its_request_alone(pool: WorkerPool) -> None:
    rows(pool, POINT)
    with ThreadPoolExecutor(1) as threads:
        running = threads.submit(pool.query, Operation(RUNAWAY), JSON)
        until(lambda: pool.stats()["busy"] == 1)
        (busy,) = pool._all.difference(pool._idle)
        os.kill(busy.process.pid, signal.SIGKILL)
        with pytest.raises(EngineFault, match="no other query"):
            running.result()
    assert rows(pool, POINT) == [{"name": "Lieu 7"}]


def test_a_malformed_query_says_where_and_leaves_the_worker_alive(pool: WorkerPool) -> None:
    rows(pool, POINT)
    pids = {worker.process.pid for worker in pool._all}
    with pytest.raises(MalformedQuery, match="at line 2, column"):
        pool.query(Operation("SELECT * {\n  FILTR }"), JSON)
    assert rows(pool, POINT)
    assert {worker.process.pid for worker in pool._all} == pids


def test_a_format_that_cannot_hold_the_answer_is_refused(pool: WorkerPool) -> None:
    with pytest.raises(NotAcceptable, match="text/turtle"):
        pool.query(Operation(POINT), "text/turtle")


def test_an_answer_past_the_cap_is_refused_and_the_next_one_is_right(home: Path) -> None:
    pool = WorkerPool(Generations(home), workers=1, answer_bytes=100_000)
    try:
        with pytest.raises(AnswerTooBig, match="ATLAS_ANSWER_BYTES"):
            pool.query(Operation("SELECT * { ?s ?p ?o }"), JSON)
        assert rows(pool, POINT) == [{"name": "Lieu 7"}]
    finally:
        pool.close()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_an_answer_that_the_disk_cannot_hold_is_one_sentence(
    pool: WorkerPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(max_size: int) -> object:
        return open("/dev/full", "r+b", buffering=0)

    with monkeypatch.context() as patch:
        patch.setattr("store.answers.tempfile.SpooledTemporaryFile", full)
        with pytest.raises(InstanceError, match=r"could not be kept in .* set TMPDIR"):
            pool.query(Operation("SELECT * { ?s ?p ?o }"), JSON)
    assert rows(pool, POINT) == [{"name": "Lieu 7"}]


def test_more_requests_than_may_wait_are_refused(home: Path) -> None:
    pool = WorkerPool(Generations(home), workers=1, queue=1, deadline=2)
    try:
        rows(pool, POINT)
        with ThreadPoolExecutor(2) as threads:
            running = [threads.submit(pool.query, Operation(RUNAWAY), JSON) for _ in range(2)]
            until(lambda: pool.stats()["waiting"] == 1)
            with pytest.raises(Overloaded, match="ATLAS_QUEUE"):
                rows(pool, POINT)
            for one in running:
                with pytest.raises((QueryTimeout, Overloaded)):
                    one.result()
    finally:
        pool.close()


def test_many_requests_at_once_are_all_answered(pool: WorkerPool) -> None:
    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(lambda _: rows(pool, POINT), range(200)))
    assert answers == [[{"name": "Lieu 7"}]] * 200


@pytest.fixture
def listener() -> Iterator[tuple[int, list[str]]]:
    """A port on loopback, and the connections made to it."""
    seen: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        done = threading.Event()

        def accept() -> None:
            while not done.is_set():
                try:
                    connection, _ = server.accept()
                except TimeoutError:
                    continue
                seen.append("connection")
                connection.close()

        thread = threading.Thread(target=accept)
        thread.start()
        yield server.getsockname()[1], seen
        done.set()
        thread.join()


def test_service_reaches_nobody(pool: WorkerPool, listener: tuple[int, list[str]]) -> None:
    port, seen = listener
    with socket.create_connection(("127.0.0.1", port)):
        until(lambda: seen == ["connection"])  # The listener does see a connection.
    with pytest.raises(Forbidden, match="other sites"):
        rows(pool, f"SELECT * {{ SERVICE <http://127.0.0.1:{port}/sparql> {{ ?s ?p ?o }} }}")
    assert seen == ["connection"]


@pytest.mark.parametrize("site", ["http://localhost:8000/", "https://example.org/sparql"])
def test_service_by_name_is_told_as_service(pool: WorkerPool, site: str) -> None:
    with pytest.raises(Forbidden, match="other sites"):
        rows(pool, f"SELECT * {{ SERVICE <{site}> {{ ?s ?p ?o }} }}")


def test_a_new_generation_is_picked_up_and_an_older_one_can_be_asked(
    pool: WorkerPool, home: Path, publish: Callable[..., int]
) -> None:
    assert rows(pool, COUNT) == [{"n": "3000"}]
    publish(home, places="<urn:a> <urn:b> <urn:c> .\n")
    assert rows(pool, COUNT) == [{"n": "1"}]
    assert pool.generation == 2
    assert rows(pool, COUNT, generation=1) == [{"n": "3000"}]
    with pytest.raises(UnknownName, match="no generation 9"):
        rows(pool, COUNT, generation=9)


def test_a_query_in_flight_finishes_on_its_generation(
    home: Path, publish: Callable[..., int]
) -> None:
    pool = WorkerPool(Generations(home), workers=1, deadline=60)
    slow = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f }"
    try:
        rows(pool, POINT)
        with ThreadPoolExecutor(1) as threads:
            running = threads.submit(rows, pool, slow)
            until(lambda: pool.stats()["busy"] == 1)
            publish(home, places="<urn:a> <urn:b> <urn:c> .\n")
            assert running.result() == [{"n": "9000000"}]
        assert rows(pool, slow) == [{"n": "1"}]
    finally:
        pool.close()


def test_without_a_generation_the_sentence_says_what_to_do(tmp_path: Path) -> None:
    pool = WorkerPool(Generations(tmp_path), workers=1)
    try:
        assert pool.generation is None
        with pytest.raises(Overloaded, match="atlas build"):
            pool.query(Operation(POINT), JSON)
    finally:
        pool.close()


def test_closing_leaves_no_process(home: Path) -> None:
    pool = WorkerPool(Generations(home), workers=2)
    rows(pool, POINT)
    until(lambda: len(pool._all) == 3)
    processes = [worker.process for worker in pool._all]
    pool.close()
    assert all(process.poll() is not None for process in processes)


def until(condition: Callable[[], bool], seconds: float = 10) -> None:
    """Wait until something holds; fail where it never does."""
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, "it never came to hold"
        time.sleep(0.02)


@pytest.mark.parametrize(
    "hungry",
    [
        "SELECT * { ?a (<urn:p>|!<urn:p>)* ?b . ?c (<urn:p>|!<urn:p>)* ?d } ORDER BY ?a",
        "SELECT (GROUP_CONCAT(CONCAT(STR(?a), STR(?d))) AS ?x) { ?a ?b ?c . ?d ?e ?f }",
    ],
    ids=["paths", "texts"],
)
def test_whatever_runs_out_of_memory_is_told_as_that(home: Path, hungry: str) -> None:
    pool = WorkerPool(Generations(home), workers=1, deadline=60, memory_bytes=200 * 1024**2)
    try:
        with pytest.raises(QueryTooBig, match="ATLAS_WORKER_MEMORY"):
            pool.query(Operation(hungry), JSON)
    finally:
        pool.close()
