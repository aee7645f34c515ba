"""The access log and the log of slow queries: what they say, and what they never say."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

from tests.endpoint.serving import Served, Server, address, serving, stop
from tests.endpoint.world import publish_world
from tests.waiting import until

SECRET = "s3cret-token"
FAST = 5
ROUGHLY_A_SECOND = """SELECT (COUNT(*) AS ?n) {
  VALUES ?a { 1 2 3 4 5 6 7 8 9 10 } VALUES ?b { 1 2 3 4 5 6 7 8 9 10 }
  VALUES ?c { 1 2 3 4 5 6 7 8 9 10 } VALUES ?d { 1 2 3 4 5 6 7 8 9 10 }
  VALUES ?e { 1 2 3 4 5 6 7 8 9 10 } VALUES ?f { 1 2 3 4 5 6 7 8 9 10 }
  FILTER(CONTAINS(SHA512(CONCAT(STR(?a), STR(?b), STR(?c), STR(?d), STR(?e), STR(?f))), "a"))
}"""


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_each_request_is_one_line_of_json_without_secrets_and_without_its_query(
    tmp_path: Path,
) -> None:
    publish_world(tmp_path)
    log = tmp_path / "access.log"
    with serving(tmp_path, ATLAS_ACCESS_LOG=str(log), ATLAS_SLOW_QUERY="0") as served:
        headers = {
            "Authorization": f"Bearer {SECRET}",
            "Cookie": f"session={SECRET}",
            "User-Agent": "tester/1.0",
            "X-Request-Id": "from-the-proxy.1",
        }
        query = f'/sparql?query=ASK%20%7B%20FILTER("{SECRET}"%20%3D%20"")%20%7D'
        reply = served.fetch(query, headers=headers)
        assert reply.headers["X-Request-Id"] == "from-the-proxy.1"
        served.fetch(
            "/sparql", "POST", body="SELECT", headers={"Content-Type": "application/sparql-query"}
        )
        served.fetch("/no/such/page", headers={"X-Request-Id": 'bad" id\t'})
        served.fetch("/health", "HEAD")
    said = lines(log)
    assert len(said) == 4
    first, second, third, fourth = said
    assert first == {
        "time": first["time"],
        "id": "from-the-proxy.1",
        "client": "127.0.0.1",
        "method": "GET",
        "path": "/sparql",
        "route": "/sparql",
        "status": 200,
        "problem": None,
        "seconds": first["seconds"],
        "received_bytes": None,
        "sent_bytes": len(reply.body),
        "generation": 1,
        "agent": "tester/1.0",
    }
    assert 0 < first["seconds"] < 10
    assert (second["status"], second["problem"]) == (400, "malformed-query")
    assert second["received_bytes"] == len("SELECT")
    assert (third["status"], third["route"], third["path"]) == (404, "unmatched", "/no/such/page")
    assert third["id"].isalnum()
    assert (fourth["method"], fourth["sent_bytes"]) == ("HEAD", 0)
    assert SECRET not in log.read_text("utf-8")
    assert log.stat().st_mode & 0o007 == 0


def test_a_line_break_in_a_request_stays_within_its_line(tmp_path: Path) -> None:
    publish_world(tmp_path)
    log = tmp_path / "access.log"
    with serving(tmp_path, ATLAS_ACCESS_LOG=str(log)) as served:
        served.fetch("/a%0Ab%22%7D%C3%A9", headers={"User-Agent": "é\x85"})
    (line,) = lines(log)
    assert line["path"] == '/a\nb"}é'


def test_a_rotated_log_is_opened_anew(tmp_path: Path) -> None:
    publish_world(tmp_path)
    log, old = tmp_path / "access.log", tmp_path / "access.log.1"
    with serving(tmp_path, "--processes", "2", ATLAS_ACCESS_LOG=str(log)) as served:
        served.fetch("/health")
        until(log.exists)  # The line is written once the answer is sent.
        log.rename(old)
        # What most rotation rules send; the file is opened anew without it too.
        served.process.send_signal(signal.SIGUSR1)
        asked = 1

        def moved() -> bool:
            """Whether none of ten requests came to the old file."""
            nonlocal asked
            asked, before = asked + 10, lines(old)
            for _ in range(10):
                served.fetch("/health")
            return lines(old) == before

        until(moved)
    assert len(lines(old)) + len(lines(log)) == asked
    # A line may be written just after its answer was read.
    assert len(lines(log)) >= 8


def test_lines_of_several_processes_do_not_mix(tmp_path: Path) -> None:
    publish_world(tmp_path)
    log = tmp_path / "access.log"
    with serving(tmp_path, "--processes", "3", ATLAS_ACCESS_LOG=str(log)) as served:
        for _ in range(60):
            served.fetch("/health", headers={"User-Agent": "x" * 200})
    assert len(lines(log)) == 60


def test_a_log_that_cannot_be_written_fails_no_request(tmp_path: Path) -> None:
    publish_world(tmp_path)
    with serving(tmp_path, ATLAS_ACCESS_LOG=str(tmp_path / "none" / "access.log")) as served:
        assert served.fetch("/health").status == 200
        assert served.ask("ASK {}").status == 200


def test_a_slow_query_is_told_with_its_text_cut_and_a_fast_one_is_not(tmp_path: Path) -> None:
    publish_world(tmp_path)
    process = Server(tmp_path, ATLAS_SLOW_QUERY="0.3")
    served = Served(address(process), process)
    assert served.ask("ASK {}  # to open the store").status == 200
    for number in range(FAST):
        assert served.ask(f"ASK {{}}  # fast {number}").status == 200
    query = ROUGHLY_A_SECOND + "# slow " + "x" * 3000
    assert served.ask(query).status == 200
    os.kill(process.pid, signal.SIGTERM)
    assert process.stdout
    said = process.stdout.read()
    stop(process)
    slow = [line for line in said.splitlines() if "atlas.slow" in line]
    # On a busy machine one of them may have had to wait.
    assert len([line for line in slow if "# fast" in line]) < FAST
    entry = json.loads(slow[-1][slow[-1].index("{") :])
    assert entry["kind"] == "query"
    assert entry["outcome"] == "ok"
    assert entry["generation"] == 1
    assert entry["seconds"] >= 0.3
    assert entry["characters"] == len(query)
    assert entry["text"] == query[:2000]


def test_every_answer_has_an_identifier(served: Served) -> None:
    identifiers = {served.fetch("/health").headers["X-Request-Id"] for _ in range(3)}
    assert len(identifiers) == 3
    assert all(len(identifier) == 16 for identifier in identifiers)
