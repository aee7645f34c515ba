"""The pool of killable workers, with real processes."""

from __future__ import annotations

import gzip
import json
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
import zstandard
from pyoxigraph import Literal

from atlas.errors import (
    AnswerTooBig,
    ClientGone,
    EngineFault,
    Forbidden,
    InstanceError,
    MalformedQuery,
    MixedOrder,
    NotAcceptable,
    Overloaded,
    QueryTimeout,
    QueryTooBig,
    UnknownName,
)
from store import Generations, Operation, WorkerPool
from store.answers import Answer
from store.cancellation import Cancellation
from store.workers.process import WorkerProcess
from tests.waiting import LONG, until, worked

JSON = "application/sparql-results+json"
POINT = "SELECT ?name { <http://example.org/place/7> <http://example.org/name> ?name }"
COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
RUNAWAY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
# Strings and numbers in no order: the engine has no one order for them, and its sort notices.
INTEGER = "<http://www.w3.org/2001/XMLSchema#integer>"
MIXED = "".join(
    f'<urn:s{n}> <urn:p> "{n * 7919 % 3001}"{f"^^{INTEGER}" if n % 2 else ""} .\n'
    for n in range(3000)
)
GREEDY = "SELECT * { ?a ?b ?c . ?d ?e ?f } ORDER BY ?f"


def rows(pool: WorkerPool, text: str, **named: float) -> list[dict[str, str]]:
    answer = json.loads(pool.query(Operation(text), JSON, **named).read())
    return [
        {name: term["value"] for name, term in row.items()} for row in answer["results"]["bindings"]
    ]


def test_an_answer_is_whole_and_knows_its_size_and_generation(pool: WorkerPool) -> None:
    answer = pool.query(Operation(POINT), JSON)
    assert answer.generation == 1
    assert answer.size == len(content := answer.read())
    assert json.loads(content)["results"]["bindings"][0]["name"]["xml:lang"] == "fr"


def test_a_worker_asks_data_that_comes_with_the_query(pool: WorkerPool) -> None:
    count = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    answer = pool.query(Operation(count, data=b"<urn:a> <urn:p> <urn:b> ."), "text/csv")
    assert answer.read() == b"n\r\n1\r\n"


def test_a_query_past_its_deadline_is_killed(pool: WorkerPool) -> None:
    rows(pool, POINT)
    with pytest.raises(QueryTimeout, match=r"longer than 1 s \(ATLAS_QUERY_TIMEOUT\)"):
        pool.query(Operation(RUNAWAY), JSON, deadline=1)
    assert pool.stats()["busy"] == 0


def test_a_neighbour_answers_while_a_runaway_runs(pool: WorkerPool) -> None:
    with ThreadPoolExecutor(1) as threads:
        runaway = threads.submit(pool.query, Operation(RUNAWAY), JSON, deadline=600)
        until(lambda: pool.stats()["busy"] == 1)
        assert rows(pool, POINT) == [{"name": "Lieu 7"}]
        assert not runaway.done()
        end(pool, runaway)


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
        running = threads.submit(pool.query, Operation(RUNAWAY), JSON, deadline=600)
        until(lambda: pool.stats()["busy"] == 1)
        (busy,) = pool._all.difference(pool._idle)
        # One that dies before it has read its request costs that request nothing.
        before = worked(busy.process.pid)
        until(lambda: worked(busy.process.pid) > before)
        os.kill(busy.process.pid, signal.SIGKILL)
        with pytest.raises(EngineFault, match="no other query"):
            running.result()
    assert rows(pool, POINT) == [{"name": "Lieu 7"}]


def test_a_malformed_query_says_where_and_leaves_the_worker_alive(pool: WorkerPool) -> None:
    until(lambda: pool.stats()["idle"] == 3)
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
    def full() -> object:
        return open("/dev/full", "r+b", buffering=0)

    # Workers that start meanwhile must not write their last words there: it never ends.
    until(lambda: pool.stats()["idle"] == 3)
    with monkeypatch.context() as patch:
        patch.setattr("store.answers.SPOOL_BYTES", 1000)
        patch.setattr("store.answers.tempfile.TemporaryFile", full)
        with pytest.raises(InstanceError, match=r"could not be kept in .* set TMPDIR"):
            pool.query(Operation("SELECT * { ?s ?p ?o }"), JSON)
    assert rows(pool, POINT) == [{"name": "Lieu 7"}]


def test_more_requests_than_may_wait_are_refused(home: Path) -> None:
    pool = WorkerPool(Generations(home), workers=1, queue=1, deadline=600)
    try:
        rows(pool, POINT)
        with ThreadPoolExecutor(2) as threads:
            running = [threads.submit(pool.query, Operation(RUNAWAY), JSON) for _ in range(2)]
            until(lambda: pool.stats()["waiting"] == 1)
            with pytest.raises(Overloaded, match="ATLAS_QUEUE"):
                rows(pool, POINT)
            end(pool, *running)
    finally:
        pool.close()


def test_many_requests_at_once_are_all_answered(pool: WorkerPool) -> None:
    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(lambda _: rows(pool, POINT), range(200)))
    assert answers == [[{"name": "Lieu 7"}]] * 200


def test_a_cancelled_query_is_killed_at_once_and_its_worker_replaced(pool: WorkerPool) -> None:
    rows(pool, POINT)
    cancelled = Cancellation()
    with ThreadPoolExecutor(1) as threads:
        running = threads.submit(
            pool.query, Operation(RUNAWAY), JSON, deadline=600, cancelled=cancelled
        )
        until(lambda: pool.stats()["busy"] == 1)
        (busy,) = pool._all.difference(pool._idle)
        cancelled.cancel()
        until(lambda: busy.process.poll() is not None)
        with pytest.raises(ClientGone):
            running.result()
    until(lambda: pool.stats()["idle"] == 3)
    assert rows(pool, POINT) == [{"name": "Lieu 7"}]


def test_a_cancelled_request_leaves_the_queue(home: Path) -> None:
    pool = WorkerPool(Generations(home), workers=1, deadline=600)
    cancelled = Cancellation()
    try:
        rows(pool, POINT)
        with ThreadPoolExecutor(2) as threads:
            running = threads.submit(pool.query, Operation(RUNAWAY), JSON)
            until(lambda: pool.stats()["busy"] == 1)
            waiting = threads.submit(pool.query, Operation(POINT), JSON, cancelled=cancelled)
            until(lambda: pool.stats()["waiting"] == 1)
            cancelled.cancel()
            with pytest.raises(ClientGone):
                waiting.result(timeout=LONG)
            assert pool.stats()["waiting"] == 0
            end(pool, running)
    finally:
        pool.close()


def test_a_request_whose_client_has_gone_takes_no_worker(pool: WorkerPool) -> None:
    until(lambda: pool.stats()["idle"] == 3)
    pids = {worker.process.pid for worker in pool._all}
    cancelled = Cancellation()
    cancelled.cancel()
    with pytest.raises(ClientGone):
        pool.query(Operation(POINT), JSON, cancelled=cancelled)
    assert {worker.process.pid for worker in pool._all} == pids


def test_a_worker_that_was_stopped_is_killed_at_the_deadline(home: Path) -> None:
    pool = WorkerPool(Generations(home), workers=1)
    try:
        rows(pool, POINT)
        until(lambda: pool.stats()["idle"] == 2)
        for worker in list(pool._all):
            os.kill(worker.process.pid, signal.SIGSTOP)
        for _ in range(2):
            with pytest.raises(QueryTimeout):
                pool.query(Operation(POINT), JSON, deadline=0.3)
        assert rows(pool, POINT) == [{"name": "Lieu 7"}]
    finally:
        pool.close()


def test_a_worker_that_does_not_start_is_tried_again_while_its_request_waits(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("PYTHONHOME", "/nowhere")
        pool = WorkerPool(Generations(home), workers=1)
        try:
            with ThreadPoolExecutor(1) as threads:
                asked = threads.submit(rows, pool, POINT)
                time.sleep(0.5)
                assert not asked.done()
                patch.undo()
                assert asked.result() == [{"name": "Lieu 7"}]
        finally:
            pool.close()


def test_one_client_s_runaways_leave_a_worker_to_the_others(home: Path) -> None:
    pool = WorkerPool(Generations(home), workers=2, deadline=600)
    try:
        rows(pool, POINT)
        with ThreadPoolExecutor(20) as threads:
            heavy = [
                threads.submit(pool.query, Operation(RUNAWAY), JSON, client="heavy")
                for _ in range(20)
            ]
            until(lambda: pool.stats()["waiting"] == 19)
            for _ in range(20):
                assert b"Lieu 7" in quickly(pool)
            assert pool.stats()["waiting"] == 19
            end(pool, *heavy)
    finally:
        pool.close()


def test_runaways_of_many_clients_leave_room_for_who_asks_something_quick(home: Path) -> None:
    pool = WorkerPool(Generations(home), workers=2, deadline=600)
    try:
        with ThreadPoolExecutor(20) as threads:
            heavy = [
                threads.submit(pool.query, Operation(RUNAWAY), JSON, client=f"heavy {number}")
                for number in range(20)
            ]
            until(lambda: pool.stats()["waiting"] >= 15)
            for _ in range(20):
                assert b"Lieu 7" in quickly(pool)
            assert not any(one.done() for one in heavy)
            end(pool, *heavy)
    finally:
        pool.close()


def quickly(pool: WorkerPool) -> bytes:
    """What is answered to who is known to ask quick things: on a busy machine nobody does."""
    pool._admission._taken["light"] = 0.0
    return pool.query(Operation(POINT), JSON, client="light", deadline=LONG).read()


def test_who_is_evicted_gives_up_its_seat_before_its_process_is_gone(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone, kill = threading.Event(), WorkerProcess.kill

    def slowly(worker: WorkerProcess) -> None:
        gone.wait(600)
        kill(worker)

    pool = WorkerPool(Generations(home), workers=2, deadline=600)
    try:
        rows(pool, POINT)
        monkeypatch.setattr(WorkerProcess, "kill", slowly)
        with ThreadPoolExecutor(2) as threads:
            heavy = [
                threads.submit(pool.query, Operation(RUNAWAY), JSON, client=f"heavy {number}")
                for number in range(2)
            ]
            until(lambda: pool.stats()["busy"] == 2)
            assert b"Lieu 7" in quickly(pool)
            gone.set()
            end(pool, *heavy)
    finally:
        gone.set()
        pool.close()


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_an_answer_is_compressed_where_it_is_worth_it(pool: WorkerPool, encoding: str) -> None:
    plain = pool.query(Operation("SELECT * { ?s ?p ?o }"), JSON).read()
    answer = pool.query(Operation("SELECT * { ?s ?p ?o }"), JSON, encoding=encoding)
    assert answer.encoding == encoding
    assert answer.size < len(plain) / 5
    content = answer.read()
    if encoding == "gzip":
        assert gzip.decompress(content) == plain
    else:
        assert zstandard.ZstdDecompressor().decompressobj().decompress(content) == plain
    short = pool.query(Operation(POINT), JSON, encoding=encoding)
    assert short.encoding == ""
    assert b"Lieu 7" in short.read()


def test_the_cap_on_bytes_is_on_what_the_client_unpacks(home: Path) -> None:
    pool = WorkerPool(Generations(home), workers=1, answer_bytes=100_000)
    try:
        with pytest.raises(AnswerTooBig, match="ATLAS_ANSWER_BYTES"):
            pool.query(Operation("SELECT * { ?s ?p ?o }"), JSON, encoding="gzip")
    finally:
        pool.close()


@pytest.mark.parametrize(
    ("query", "media_type"),
    [
        ("SELECT * {{ ?s ?p ?o }} LIMIT {}", JSON),
        ("SELECT * {{ ?s ?p ?o }} LIMIT {}", "text/csv"),
        ("CONSTRUCT WHERE {{ ?s ?p ?o }} LIMIT {}", "text/turtle"),
    ],
)
def test_an_answer_past_the_cap_on_rows_is_refused_and_one_at_the_cap_is_not(
    home: Path, query: str, media_type: str
) -> None:
    pool = WorkerPool(Generations(home), workers=1, answer_rows=1000)
    try:
        with pytest.raises(AnswerTooBig, match=r"1,000 rows \(ATLAS_ANSWER_ROWS\)"):
            pool.query(Operation(query.format(1001)), media_type)
        assert pool.query(Operation(query.format(1000)), media_type).size
    finally:
        pool.close()


def test_a_value_for_a_variable_that_is_not_selected_is_told(pool: WorkerPool) -> None:
    with pytest.raises(MalformedQuery, match=r"does not select \?o"):
        pool.query(Operation("SELECT ?s { ?s ?p ?o }", substitutions={"o": Literal("x")}), JSON)


def test_an_order_that_the_engine_cannot_make_is_told_apart(
    home: Path, publish: Callable[..., int]
) -> None:
    publish(home, mixed=MIXED)
    pool = WorkerPool(Generations(home), workers=1)
    try:
        with pytest.raises(MixedOrder, match="ORDER BY"):
            pool.query(Operation("SELECT * { ?s ?p ?o } ORDER BY ?o"), JSON)
        ordered = "SELECT * { ?s ?p ?o } ORDER BY isNumeric(?o) ?o"
        assert pool.query(Operation(ordered), JSON).size
    finally:
        pool.close()


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


def end(pool: WorkerPool, *running: Future[Answer]) -> None:
    """Close the pool, whose runaways would go on: each of them is told."""
    pool.close()
    for one in running:
        with pytest.raises((EngineFault, Overloaded)):
            one.result(timeout=LONG)


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
