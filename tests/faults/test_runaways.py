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

RUNAWAYS = 64
SMALL = f"SELECT ?label {{ <{NANCY}> <http://www.w3.org/2000/01/rdf-schema#label> ?label }} #"
WORST = 0.25
# On a machine that is busy with something else the light client has its own share of it.
NOISE = 4


def post(served: Served, query: str, agent: str) -> Reply:
    headers = {
        "Content-Type": "application/sparql-query",
        "Accept": "text/csv",
        "User-Agent": agent,
    }
    return served.fetch("/sparql", "POST", body=query, headers=headers)


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
    limits = {"ATLAS_WORKERS": "4", "ATLAS_QUERY_TIMEOUT": "3", "ATLAS_CLIENT_REQUESTS": "0"}
    with (
        serving(tmp_path, **limits) as served,
        Watch(served) as watch,
        ThreadPoolExecutor(RUNAWAYS) as heavy,
    ):
        still_answers(served)
        quiet = percentile([light(served, number) for number in range(-100, 0)])
        runaways = [
            heavy.submit(post, served, f"{RUNAWAY} # {number}", "heavy")
            for number in range(RUNAWAYS)
        ]
        time.sleep(0.3)
        took = []
        while not all(runaway.done() for runaway in runaways) and len(took) < 200:
            took.append(light(served, len(took)))
            time.sleep(0.02)
        for runaway in runaways:
            reply = runaway.result()
            is_clean(reply)
            assert reply.status in (429, 503)
            assert int(reply.headers["Retry-After"]) > 0
        assert len(took) > 50
        assert percentile(took) <= max(WORST, NOISE * quiet), sorted(took)[-5:]
        assert watch.most < 1024 * MIB
        still_answers(served)


@pytest.mark.slow
def test_one_client_has_no_more_requests_at_a_time_than_it_may(tmp_path: Path) -> None:
    publish_world(tmp_path)
    limits = {"ATLAS_WORKERS": "2", "ATLAS_QUERY_TIMEOUT": "1", "ATLAS_CLIENT_REQUESTS": "8"}
    with serving(tmp_path, **limits) as served, ThreadPoolExecutor(24) as heavy:
        replies = list(
            heavy.map(lambda number: post(served, f"{RUNAWAY} # {number}", "heavy"), range(24))
        )
        refused = [reply for reply in replies if reply.status == 429]
        assert len(refused) >= 12
        assert {reply.slug for reply in refused} == {"too-many-requests"}
        assert all(int(reply.headers["Retry-After"]) > 0 for reply in refused)
        still_answers(served)
