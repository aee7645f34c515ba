"""``/ready``, graceful stop and reload: no request is lost on the way."""

from __future__ import annotations

import http.client
import os
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest

from atlas.errors import Overloaded
from endpoint.api import health
from endpoint.api.health import Readiness
from tests.endpoint.serving import PATIENCE, Served, Server, address, serving, stop
from tests.endpoint.test_disconnects import connect
from tests.endpoint.test_sparql import RUNAWAY
from tests.endpoint.world import publish_world
from tests.waiting import until

LONG = "ASK {} #" + "x" * 300


def test_a_server_with_a_generation_and_a_worker_is_ready(served: Served) -> None:
    reply = served.fetch("/ready")
    assert (reply.status, reply.json) == (200, {"status": "ready", "generation": 1})
    assert reply.headers["Cache-Control"] == "no-store"


def test_without_a_generation_it_is_alive_and_not_ready(tmp_path: Path) -> None:
    publish_world(tmp_path)
    with serving(tmp_path) as served:
        (tmp_path / "generations" / "current").unlink()
        reply = served.fetch("/ready")
        assert (reply.status, reply.slug) == (503, "not-ready")
        assert "No generation is served" in reply.json["detail"]
        assert reply.headers["Cache-Control"] == "no-store"
        assert reply.headers["Retry-After"] == "1"
        alive = served.fetch("/health")
        assert alive.status == 200
        assert alive.json["status"] == "no generation"
        assert alive.headers["Cache-Control"] == "no-store"


def test_where_no_worker_answers_it_is_not_ready(tmp_path: Path) -> None:
    publish_world(tmp_path)
    with serving(tmp_path, ATLAS_WORKERS="1") as served:
        with asking(served, "20"):
            reply = served.fetch("/ready")
            assert (reply.status, reply.slug) == (503, "not-ready")
            assert "No query worker" in reply.json["detail"]
        until(lambda: served.fetch("/ready").status == 200)


@contextmanager
def asking(served: Served, timeout: str) -> Iterator[None]:
    """A query that has a worker, until the block ends: then its client hangs up."""
    with connect(served) as client:
        path = "/sparql?" + urlencode({"query": RUNAWAY, "timeout": timeout})
        client.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        until(lambda: served.fetch("/health").json["busy"] == 1)
        yield


@contextmanager
def connection(served: Served) -> Iterator[Callable[[str], int]]:
    """Asks for paths on a connection that is kept open for as long as the server keeps it."""
    split = urlsplit(served.address)
    kept = http.client.HTTPConnection(split.hostname or "", split.port, timeout=PATIENCE)

    def status(path: str) -> int:
        kept.request("GET", path)
        response = kept.getresponse()
        response.read()
        return response.status

    try:
        yield status
    finally:
        kept.close()


def test_a_process_that_stops_is_not_ready_and_ends_what_it_began(tmp_path: Path) -> None:
    publish_world(tmp_path)
    process = Server(tmp_path, ATLAS_WORKERS="2")
    served = Served(address(process), process)
    with connection(served) as status, ThreadPoolExecutor(1) as threads:
        assert status("/ready") == 200
        asked = threads.submit(served.ask, RUNAWAY, timeout="5")
        until(lambda: served.fetch("/health").json["busy"] == 1)
        os.kill(process.pid, signal.SIGTERM)
        # The query that goes on keeps the process, and so the connection, until it is told.
        until(lambda: status("/ready") == 503)
        reply = asked.result()
    assert (reply.status, reply.slug) == (503, "query-timeout")
    assert process.wait(PATIENCE) == 0
    stop(process)


@contextmanager
def light_load(served: Served) -> Iterator[Counter[object]]:
    """Requests one after another on new connections, and on one that is kept while it may be."""
    seen: Counter[object] = Counter()
    ended = threading.Event()

    def ask_anew() -> None:
        while not ended.is_set():
            try:
                seen[served.ask("ASK {}").status] += 1
            except (OSError, http.client.HTTPException) as error:
                seen[repr(error)] += 1

    def ask_on() -> None:
        with connection(served) as status:
            while not ended.is_set():
                try:
                    seen[status("/sparql?" + urlencode({"query": "ASK {}"}))] += 1
                except (OSError, http.client.HTTPException) as error:
                    seen[repr(error)] += 1

    threads = [threading.Thread(target=ask) for ask in (ask_anew, ask_on, ask_anew)]
    for thread in threads:
        thread.start()
    try:
        yield seen
    finally:
        ended.set()
        for thread in threads:
            thread.join()


def servers(served: Served) -> set[int]:
    """The server processes without the one that watches over them."""
    found = {number for number, command in served.process.processes() if "serve" in command}
    return found - {served.process.pid}


def test_a_reload_replaces_every_process_under_load_and_no_request_fails(tmp_path: Path) -> None:
    publish_world(tmp_path)
    settings = tmp_path / "atlas.env"
    settings.write_text("# limits\nATLAS_QUERY_BYTES=1000\n", "utf-8")
    options = ("--settings", str(settings), "--processes", "2")
    with serving(tmp_path, *options, ATLAS_WORKERS="2") as served:
        assert served.ask(LONG).status == 200
        before = servers(served)
        settings.write_text('ATLAS_QUERY_BYTES="100"\n', "utf-8")
        with light_load(served) as seen:
            until(lambda: seen[200] >= 25, lambda: seen)
            served.process.send_signal(signal.SIGHUP)
            until(lambda: not servers(served) & before and len(servers(served)) >= 2)
            replaced = seen[200]
            until(lambda: seen[200] >= replaced + 25, lambda: seen)
        assert set(seen) == {200}, seen
        assert served.ask(LONG).status == 413


def test_a_reload_with_settings_that_cannot_be_used_keeps_those_in_force(tmp_path: Path) -> None:
    publish_world(tmp_path)
    settings = tmp_path / "atlas.env"
    settings.write_text("ATLAS_QUERY_BYTES=100\n", "utf-8")
    process = Server(tmp_path, "--settings", str(settings))
    served = Served(address(process), process)
    before = servers(served)
    settings.write_text("ATLAS_QUERY_BYTE=1\n", "utf-8")
    process.send_signal(signal.SIGHUP)
    until(lambda: not servers(served) & before and servers(served))
    assert served.ask(LONG).status == 413
    process.send_signal(signal.SIGTERM)
    assert process.stdout
    said = process.stdout.read()
    stop(process)
    assert "the settings stay as they were" in said
    assert "line 1: 'ATLAS_QUERY_BYTE' is no setting" in said


class Counting:
    """An engine that answers, or is too busy to, and counts how often it is asked."""

    generation, asked, busy = 1, 0, False

    def query(self, *arguments: object, **options: object) -> Counting:
        self.asked += 1
        if self.busy:
            raise Overloaded("No query worker became free.")
        return self

    def close(self) -> None:
        """Nothing is held."""


def readiness_at(monkeypatch: pytest.MonkeyPatch, engine: Counting) -> Callable[[float], str]:
    """Why it is not ready so many seconds after the beginning; "" where it is."""
    now = [0.0]
    monkeypatch.setattr(health.time, "monotonic", lambda: now[0])
    readiness = Readiness(engine)

    def at(seconds: float) -> str:
        now[0] = 1_000 + seconds
        return readiness.reason() or ""

    return at


def test_a_ready_answer_is_asked_of_a_worker_once_a_second_at_most(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    engine = Counting()
    at = readiness_at(monkeypatch, engine)
    assert [at(seconds) for seconds in (0, 0.3, 0.6, 0.9)] == [""] * 4
    assert engine.asked == 1
    assert at(1.1) == ""
    assert engine.asked == 2


def test_under_load_it_stays_ready_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Counting()
    at = readiness_at(monkeypatch, engine)
    assert at(0) == ""
    engine.busy = True
    assert at(1.2) == at(9.9) == ""
    assert "No query worker" in at(10.1)
    engine.busy = False
    assert at(12) == ""
    assert engine.asked == 5
