"""``atlas serve``: what it refuses, how it starts and stops, what it does with a new generation."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from endpoint.server import is_public
from tests.endpoint.serving import (
    ATLAS,
    PATIENCE,
    Served,
    Server,
    address,
    environment,
    serving,
    stop,
)
from tests.endpoint.test_sparql import RUNAWAY
from tests.endpoint.world import NANCY, publish_world
from tests.waiting import LONG, until


def refused(home: Path, *options: str, **settings: str) -> str:
    """The one sentence with which ``atlas serve`` refuses."""
    done = subprocess.run(
        [ATLAS, "serve", *options],
        env=environment(home, **settings),
        capture_output=True,
        text=True,
        timeout=LONG,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    assert done.stderr.startswith("atlas: ")
    assert done.stderr.count("\n") == 1
    return done.stderr


def test_with_no_generation_it_says_to_build_one(tmp_path: Path) -> None:
    assert "run atlas build first" in refused(tmp_path)


def test_a_taken_port_is_one_sentence(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        assert f"Port {port} of 127.0.0.1 is taken" in refused(home, "--port", port)


def test_an_address_that_is_not_this_machine_s_is_one_sentence(home: Path) -> None:
    said = refused(home, "--host", "192.0.2.1", ATLAS_BASE="https://atlas.example.org")
    assert "192.0.2.1, port 8000, cannot be served" in said


def test_a_public_address_with_the_default_base_is_refused(home: Path) -> None:
    assert "set ATLAS_BASE" in refused(home, "--host", "0.0.0.0")


def test_a_public_address_with_an_unverified_licence_is_refused_by_name(tmp_path: Path) -> None:
    publish_world(tmp_path, verified=False)
    said = refused(tmp_path, "--host", "0.0.0.0", ATLAS_BASE="https://atlas.example.org")
    assert "no verified licence: Exposé" in said
    assert "atlas build --public" in said


@pytest.mark.parametrize(
    ("host", "public"),
    [
        ("127.0.0.1", False),
        ("127.1.2.3", False),
        ("localhost", False),
        ("::1", False),
        ("0.0.0.0", True),
        ("::", True),
        ("10.0.0.1", True),
        ("example.org", True),
    ],
)
def test_only_loopback_addresses_are_private(host: str, public: bool) -> None:
    assert is_public(host) is public


def test_it_prints_the_address_and_a_query_that_works(home: Path) -> None:
    process = Server(home)
    try:
        where = address(process)
        assert process.stdout
        lines = [process.stdout.readline(), process.stdout.readline()]
        command = "".join(lines).removeprefix("Try: ").replace("\\\n", " ")
        assert where in command
        done = subprocess.run(
            ["sh", "-c", command], capture_output=True, text=True, timeout=LONG, check=True
        )
        assert done.stdout.split() == ["relations", "1"]
    finally:
        stop(process)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_it_at_once_and_leaves_no_process(home: Path, how: signal.Signals) -> None:
    process = Server(home, "--processes", "2")
    address(process)
    until(lambda: len(process.processes()) > 4)
    process.send_signal(how)
    assert process.wait(PATIENCE) == 0
    assert process.stdout
    assert "Traceback" not in process.stdout.read()
    stop(process)


def test_a_scratch_server_ends_without_a_fault(tmp_path: Path) -> None:
    process = Server(tmp_path, "--scratch", "--token", "T")
    address(process)
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE) == 0
    assert process.stdout
    assert "SIGSEGV" not in process.stdout.read()
    stop(process)


def test_what_opened_a_store_elsewhere_leaves_this_process_fit_to_fork(tmp_path: Path) -> None:
    generation = publish_world(tmp_path, verified=False)
    program = (
        "import os, sys; from pathlib import Path; from endpoint import server; "
        "from store import Generations; "
        f"generation = Generations(Path({str(tmp_path)!r})).get({generation.number}); "
        "assert server.in_own_process(server.unverified_sources, generation) == ['Exposé']; "
        "child = os.fork(); "
        "sys.exit(os.waitpid(child, 0)[1] if child else 0)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_a_graceful_stop_lets_a_running_query_end(tmp_path: Path) -> None:
    publish_world(tmp_path)
    process = Server(tmp_path)
    served = Served(address(process), process)
    with ThreadPoolExecutor(1) as threads:
        asked = threads.submit(served.ask, RUNAWAY, timeout="2")
        until(lambda: served.fetch("/health").json["busy"] == 1)
        assert stop(process) == 0
        reply = asked.result()
    assert (reply.status, reply.slug) == (503, "query-timeout")


def test_a_killed_server_leaves_no_process(tmp_path: Path) -> None:
    publish_world(tmp_path)
    process = Server(tmp_path)
    address(process)
    assert stop(process, signal.SIGKILL) == -signal.SIGKILL


def test_workers_that_are_killed_while_nobody_asks_them_take_no_request(tmp_path: Path) -> None:
    publish_world(tmp_path)
    with serving(tmp_path, ATLAS_WORKERS="2") as served:
        until(lambda: served.fetch("/health").json["idle"] == 3)
        for number in served.process.workers():
            os.kill(number, signal.SIGKILL)
        # Each is another question, which no cache answers.
        queries = (f"ASK {{ ?s ?p ?o }} # {number}" for number in range(20))
        assert {served.ask(query).status for query in queries} == {200}


def test_a_new_generation_is_served_without_a_restart(tmp_path: Path) -> None:
    publish_world(tmp_path)
    query = f"SELECT ?o {{ <{NANCY}> <urn:new> ?o }}"
    with serving(tmp_path) as served:
        first = served.ask(query)
        assert first.headers["Atlas-Generation"] == "1"
        publish_world(tmp_path, extra=f'<{NANCY}> <urn:new> "yes" .\n')
        assert served.rows(query) == {("yes",)}
        second = served.ask(query)
        assert second.headers["Atlas-Generation"] == "2"
        assert second.headers["ETag"] != first.headers["ETag"]
        assert served.fetch("/health").json["generation"] == 2


def test_health_says_what_is_served(served: Served) -> None:
    assert served.ask("ASK {}").status == 200
    reply = served.fetch("/health")
    assert reply.status == 200
    assert reply.json["status"] == "ok"
    assert reply.json["generation"] == 1
    assert reply.json["workers"] >= 1


def test_queries_are_503_while_nothing_is_served(tmp_path: Path) -> None:
    publish_world(tmp_path)
    with serving(tmp_path) as served:
        (tmp_path / "generations" / "current").unlink()
        assert served.fetch("/ready").status == 503
        reply = served.ask("ASK {}")
        assert (reply.status, reply.slug) == (503, "overloaded")
        assert served.fetch("/", headers={"Accept": "text/html"}).status == 200
