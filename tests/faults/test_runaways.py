"""Many queries that never end, all at once, and somebody with a small question."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.endpoint.serving import Reply, Served, serving
from tests.endpoint.test_sparql import RUNAWAY
from tests.endpoint.world import NANCY, publish_world
from tests.faults.conftest import PEOPLE
from tests.faults.watching import MIB, Watch, is_clean, still_answers
from tests.waiting import until

RUNAWAYS = 64
SMALL = f"SELECT ?label {{ <{NANCY}> <http://www.w3.org/2000/01/rdf-schema#label> ?label }} #"
DEADLINE = 6
# Seconds: had it to wait for a runaway, it would wait for its deadline.
WORST = DEADLINE / 4
# On a machine that is busy with something else the light client has its own share of it.
NOISE = 4


def post(served: Served, query: str, agent: str, path: str = "/sparql") -> Reply:
    headers = {
        "Content-Type": "application/sparql-query",
        "Accept": "text/csv",
        "User-Agent": agent,
    }
    return served.fetch(path, "POST", body=query, headers=headers)


def light(served: Served, number: int) -> float:
    """Seconds that a small question takes; each is new, so that no cache answers it."""
    began = time.monotonic()
    reply = post(served, f"{SMALL} {number}", "light")
    assert reply.status == 200
    assert "Nancy" in reply.text
    return time.monotonic() - began


def percentile(took: list[float], share: float = 0.99) -> float:
    return sorted(took)[int(len(took) * share) - 1]


@pytest.mark.slow
def test_a_light_client_is_answered_while_another_one_asks_what_never_ends(tmp_path: Path) -> None:
    publish_world(tmp_path, extra=PEOPLE)
    limits = {"ATLAS_WORKERS": "4", "ATLAS_QUERY_TIMEOUT": "50", "ATLAS_CLIENT_REQUESTS": "0"}
    with (
        serving(tmp_path, **limits) as served,
        Watch(served) as watch,
        ThreadPoolExecutor(RUNAWAYS) as heavy,
    ):
        still_answers(served)
        quiet = percentile([light(served, number) for number in range(-100, 0)])
        runaways = [
            heavy.submit(
                post, served, f"{RUNAWAY} # {number}", "heavy", f"/sparql?timeout={DEADLINE}"
            )
            for number in range(RUNAWAYS)
        ]
        until(lambda: served.fetch("/health").json["waiting"] > 0)
        took: list[float] = []
        while not all(runaway.done() for runaway in runaways) and len(took) < 200:
            took.append(light(served, len(took)))
            time.sleep(0.02)
        for runaway in runaways:
            reply = runaway.result()
            is_clean(reply)
            assert reply.status in (429, 503)
            assert int(reply.headers["Retry-After"]) > 0
        assert len(took) > 10
        assert percentile(took) <= max(WORST, NOISE * quiet), sorted(took)[-5:]
        assert watch.most < 1024 * MIB
        still_answers(served)


def at_a_time(served: Served) -> int:
    """How many queries have a worker or wait for one."""
    found = served.fetch("/health").json
    return int(found["busy"]) + int(found["waiting"])


@pytest.mark.slow
def test_one_client_has_no_more_requests_at_a_time_than_it_may(tmp_path: Path) -> None:
    publish_world(tmp_path)
    limits = {"ATLAS_WORKERS": "2", "ATLAS_QUERY_TIMEOUT": "4", "ATLAS_CLIENT_REQUESTS": "8"}
    with serving(tmp_path, **limits) as served, ThreadPoolExecutor(8) as heavy:
        for number in range(8):
            heavy.submit(post, served, f"{RUNAWAY} # {number}", "heavy")
        until(lambda: at_a_time(served) == 8)
        refused = [post(served, f"{RUNAWAY} # {number}", "heavy") for number in range(8, 16)]
        assert {(reply.status, reply.slug) for reply in refused} == {(429, "too-many-requests")}
        assert all(int(reply.headers["Retry-After"]) > 0 for reply in refused)
        still_answers(served)
