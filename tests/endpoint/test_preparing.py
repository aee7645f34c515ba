"""The first pages are made before a reader asks for them: after a start, after a publication."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from atlas.settings import Settings
from endpoint.app import create_app
from endpoint.language import LANGUAGES
from endpoint.site import site_of
from endpoint.web.preparing import addresses, prepare
from endpoint.web.sections import FIRST, SECTIONS
from tests.endpoint.serving import Served, Server, address, serving, stop
from tests.endpoint.test_metrics import samples, value
from tests.endpoint.world import publish_world
from tests.waiting import until

PREPARED, REQUESTS = "atlas_prepared_generation", "atlas_http_requests_total"
# Seconds in which every first page is made by every process, on the busiest of machines.
LONG = 300


@pytest.fixture(scope="module")
def firsts(home: Path) -> Iterator[list[str]]:
    """The addresses of the first pages."""
    app = create_app(Settings.load({}, home=home))
    yield addresses(app)
    site_of(app).engine.close()
    site_of(app).writer.close()


def read_all(served: Served, firsts: list[str]) -> tuple[float, float]:
    """How often the cache had an answer, and had not, while a reader read all first pages."""
    before = samples(served)
    for path in firsts:
        for language in LANGUAGES:
            served.fetch(path, headers={"Accept": "text/html", "Accept-Language": language})
    after = samples(served)
    hits, misses = (f"atlas_cache_{name}_total" for name in ("hits", "misses"))
    return (
        value(after, hits) - value(before, hits),
        value(after, misses) - value(before, misses),
    )


def until_prepared(served: Served, number: int) -> None:
    """The least number that a process says of itself: all of them have this generation ready."""
    ends = time.monotonic() + LONG
    while value(samples(served), PREPARED) != number:
        assert time.monotonic() < ends
        time.sleep(0.1)


def told(served: Served, number: int) -> int:
    """How often the log tells that the pages of a generation are ready."""
    return sum(f"pages of generation {number} " in line for line in served.process.said)


def test_every_section_has_its_first_page_made_ready(firsts: list[str]) -> None:
    assert {section.route for section in SECTIONS} <= {first.route for first in FIRST}
    assert len(set(firsts)) == len(FIRST)


def test_no_reader_asks_the_engine_what_a_first_page_counts(
    tmp_path: Path, firsts: list[str]
) -> None:
    publish_world(tmp_path)
    with serving(tmp_path, "--processes", "2", ATLAS_WORKERS="2", ATLAS_PREPARE="true") as served:
        assert_prepared(served, 1, firsts)
        publish_world(tmp_path, extra='<urn:s> <urn:p> "une autre"@fr .\n')
        assert_prepared(served, 2, firsts)
        # What the server asks of itself is no request of anybody's.
        maps = {"route": "/map", "method": "GET", "status": "200"}
        until(lambda: value(samples(served), REQUESTS, **maps) >= 2 * len(LANGUAGES))
        assert value(samples(served), REQUESTS, **maps) == 2 * len(LANGUAGES)


def assert_prepared(served: Served, number: int, firsts: list[str]) -> None:
    """Both processes have this generation ready, and told so."""
    until_prepared(served, number)
    hits, misses = read_all(served, firsts)
    assert hits > 0
    assert misses == 0
    until(lambda: told(served, number) == 2)


def test_a_server_told_not_to_asks_for_no_page(tmp_path: Path, firsts: list[str]) -> None:
    publish_world(tmp_path)
    with serving(tmp_path, ATLAS_WORKERS="2", ATLAS_PREPARE="false") as served:
        _, misses = read_all(served, firsts)
        assert misses > 0
        assert value(samples(served), PREPARED) == 0


def test_a_server_that_is_stopped_while_it_prepares_ends_without_a_complaint(
    tmp_path: Path,
) -> None:
    publish_world(tmp_path)
    process = Server(tmp_path, ATLAS_WORKERS="2", ATLAS_PREPARE="true")
    address(process)
    assert process.stdout
    process.send_signal(signal.SIGTERM)
    said = process.stdout.read()
    assert stop(process) == 0
    assert "ERROR" not in said
    assert "Traceback" not in said


def test_pages_of_a_generation_that_is_no_longer_served_are_not_made(home: Path) -> None:
    app = create_app(Settings.load({}, home=home))
    try:
        assert not prepare(app, 2, lambda: True)
        assert not prepare(app, 1, lambda: False)
        assert len(site_of(app).cache) == 0
    finally:
        site_of(app).engine.close()
        site_of(app).writer.close()
