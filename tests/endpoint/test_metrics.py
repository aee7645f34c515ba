"""``/metrics``: counts of all server processes together, levels of those that live."""

from __future__ import annotations

import os
import re
import signal
import tempfile
import time
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from endpoint.temporary import own_folder
from endpoint.wire import metrics
from endpoint.wire.observing import Seen
from tests.endpoint.serving import Served, Server, address, serving, stop
from tests.endpoint.world import publish_world
from tests.waiting import until

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def samples(served: Served) -> Samples:
    reply = served.fetch("/metrics")
    assert reply.status == 200
    assert reply.type == "text/plain"
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(reply.text)
        for sample in family.samples
    }


def value(found: Samples, name: str, **labels: str) -> float:
    return found.get((name, frozenset(labels.items())), 0.0)


def counted(found: Samples, name: str, routes: set[str]) -> float:
    """Of all methods and statuses together."""
    return sum(
        number
        for (kind, labels), number in found.items()
        if kind == name and dict(labels)["route"] in routes
    )


def test_requests_of_every_process_are_counted_once(tmp_path: Path) -> None:
    began = time.time()
    publish_world(tmp_path)
    with serving(tmp_path, "--processes", "3", ATLAS_WORKERS="3") as served:
        for _ in range(20):
            assert served.ask("ASK {}").status == 200
        assert served.ask("SELECT").status == 400
        assert served.fetch("/nowhere/at/all").status == 404
        requests = "atlas_http_requests_total"
        # A request is counted once its answer is sent: another process may be asked before that.
        until(lambda: counted(samples(served), requests, {"/sparql", "unmatched"}) == 22)
        found = samples(served)
        assert value(found, requests, route="/sparql", method="GET", status="200") == 20
        assert value(found, requests, route="/sparql", method="GET", status="400") == 1
        assert value(found, requests, route="unmatched", method="GET", status="404") == 1
        assert value(found, "atlas_http_request_duration_seconds_count", route="/sparql") == 21
        assert value(found, "atlas_queries_total", outcome="ok") == 20
        assert value(found, "atlas_queries_total", outcome="malformed-query") == 1
        # Levels are sampled each second.
        until(lambda: value(samples(served), "atlas_server_processes") == 3)
        until(lambda: value(samples(served), "atlas_query_workers", state="idle") >= 3)
        found = samples(served)
        assert value(found, "atlas_generation") == 1
        published = value(found, "atlas_generation_published_timestamp_seconds")
        # Of this test, and in seconds.
        assert began - 1 <= published <= time.time() + 1
        for process in ("server", "worker"):
            assert value(found, "atlas_resident_memory_bytes", process=process) > 10 * 1024**2


def test_a_killed_process_is_replaced_and_what_it_counted_still_counts(tmp_path: Path) -> None:
    publish_world(tmp_path)
    with serving(tmp_path, "--processes", "2", ATLAS_WORKERS="2") as served:
        for _ in range(10):
            assert served.ask("ASK {}").status == 200
        until(lambda: value(samples(served), "atlas_server_processes") == 2)
        before = {number for number, command in served.process.processes() if "serve" in command}
        killed = next(number for number in before if number != served.process.pid)
        os.kill(killed, signal.SIGKILL)

        def replaced() -> bool:
            now = {number for number, text in served.process.processes() if "serve" in text}
            return len(now - {killed}) == 3

        until(replaced)
        until(lambda: value(samples(served), "atlas_server_processes") == 2)
        assert value(samples(served), "atlas_queries_total", outcome="ok") == 10
        assert served.ask("ASK {}").status == 200


def test_writes_are_counted_by_outcome(tmp_path: Path) -> None:
    token = "a-token-for-this-test-alone"
    with serving(tmp_path, "--scratch", "--token", token, ATLAS_WORKERS="1") as served:
        headers = {
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/sparql-update",
        }
        for text in ("INSERT DATA { <urn:s> <urn:p> 1 }", "INSERT DATA {"):
            served.fetch("/sparql", "POST", body=text, headers=headers)
        del headers["Authorization"]
        served.fetch("/sparql", "POST", body="CLEAR ALL", headers=headers)
        outcomes = ("ok", "malformed-query", "unauthorized")
        names = ("atlas_writes_total", "atlas_write_duration_seconds_count")

        def counts() -> list[float]:
            found = samples(served)
            return [value(found, name, outcome=outcome) for name in names for outcome in outcomes]

        until(lambda: counts() == [1] * 6, counts)
        until(lambda: value(samples(served), "atlas_generation") == 2)
        memory = "atlas_resident_memory_bytes"
        until(lambda: value(samples(served), memory, process="writer") > 10 * 1024**2)


def folder_of_counts(process: Server) -> Path:
    """Where the processes of a server count."""
    until(process.workers)  # They start while the server answers already.
    worker = next(iter(process.workers()))
    environ = (Path("/proc") / str(worker) / "environ").read_bytes()
    mine = re.search(rb"PROMETHEUS_MULTIPROC_DIR=([^\0]+)", environ)
    assert mine
    return Path(os.fsdecode(mine[1]))


def test_a_process_that_was_killed_as_it_began_to_count_fails_no_scrape(tmp_path: Path) -> None:
    publish_world(tmp_path)
    with serving(tmp_path, ATLAS_WORKERS="1") as served:
        assert served.ask("ASK {}").status == 200
        (folder_of_counts(served.process) / "counter_1.db").touch()
        assert value(samples(served), "atlas_queries_total", outcome="ok") == 1


def test_the_folder_of_the_counts_does_not_outlive_the_server(tmp_path: Path) -> None:
    publish_world(tmp_path)
    process = Server(tmp_path)
    address(process)
    folder = folder_of_counts(process)
    assert folder.is_dir()
    stop(process)
    assert not folder.exists()


def test_a_folder_that_a_killed_server_left_is_swept_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    left, young = tmp_path / "atlas-left", tmp_path / "atlas-young"
    for folder in (left, young):
        folder.mkdir()
        (folder / "counts").touch()
    os.utime(left, (0, 0))
    with own_folder("atlas-") as held:
        os.utime(held, (0, 0))
        with own_folder("atlas-") as other:
            assert set(tmp_path.iterdir()) == {young, held, other}
    assert set(tmp_path.iterdir()) == {young}


def test_metrics_are_not_for_other_sites_pages_nor_for_caches(served: Served) -> None:
    reply = served.fetch("/metrics", headers={"Origin": "https://example.org"})
    assert reply.headers["Cache-Control"] == "no-store"
    assert "Access-Control-Allow-Origin" not in reply.headers


def test_a_method_that_nobody_knows_does_not_become_a_label(served: Served) -> None:
    served.fetch("/sparql", "BREW")
    assert all(("method", "BREW") not in labels for _, labels in samples(served))


def test_every_metric_follows_the_conventions_and_is_documented() -> None:
    text = (Path(__file__).parents[2] / "docs" / "operations.md").read_text("utf-8")
    families = list(metrics.REGISTRY.collect())
    assert len(families) > 10
    for family in families:
        name = f"{family.name}_total" if family.type == "counter" else family.name
        assert name.startswith("atlas_")
        assert f"`{name}`" in text, name
        if "duration" in name:
            assert name.endswith("_seconds")


def test_counting_a_request_costs_less_than_twenty_microseconds() -> None:
    seen = Seen({"REQUEST_METHOD": "GET"})
    seen.route, seen.status, seen.seconds, seen.sent, seen.kind = "/test", 200, 0.01, 100, "query"
    metrics.count(seen)
    times = []
    for _ in range(20):
        began = time.process_time()
        for _ in range(200):
            metrics.count(seen)
        times.append((time.process_time() - began) / 200)
    assert min(times) < 20e-6
