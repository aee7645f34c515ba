"""The atlas that is asked for pages: a running one, or one started over the last generation."""

from __future__ import annotations

import csv
import http.client
import io
import os
import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from urllib.parse import urlencode, urlsplit

from atlas.settings import Settings
from benchmarks.peers import Missing
from store import Generations
from tests.endpoint.serving import Served, serving

SITE = os.environ.get("ATLAS_BENCH_SITE", "")
PREPARED = "atlas_prepared_generation "
# Seconds in which the first pages are made by a server that has just started, and between looks.
LONGEST, EVERY = 300, 0.5


@contextmanager
def site() -> Iterator[str]:
    """The address of the atlas at ``ATLAS_BENCH_SITE``, or of one started for as long as the block.

    Raises Missing where nobody answers, or nothing is built that could be served.
    """
    if SITE:
        try:
            asked(SITE, "ASK {}")
        except OSError as error:
            raise Missing(f"no atlas answers at {SITE} (ATLAS_BENCH_SITE): {error}") from error
        yield SITE
        return
    home = Settings.load().home
    if Generations(home).current() is None:
        raise Missing("there is no generation to serve; run make build first")
    with serving(home, ATLAS_PREPARE="true") as served:
        wait_until_prepared(served)
        yield served.address


def wait_until_prepared(served: Served) -> None:
    ends = time.monotonic() + LONGEST
    while time.monotonic() < ends:
        lines = served.fetch("/metrics").text.splitlines()
        if any(line.startswith(PREPARED) and float(line.split()[1]) for line in lines):
            return
        time.sleep(EVERY)
    raise Missing(f"the first pages were not ready after {LONGEST} s")


def asked(address: str, query: str) -> list[str]:
    """The first column of an answer. Raises OSError where nobody answers."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
    try:
        connection.request(
            "GET", f"/sparql?{urlencode({'query': query})}", headers={"Accept": "text/csv"}
        )
        text = connection.getresponse().read().decode("utf-8")
    finally:
        connection.close()
    return [row[0] for row in csv.reader(io.StringIO(text))][1:]


class Reader:
    """One connection over which one request follows another."""

    def __init__(self, address: str, headers: Mapping[str, str]) -> None:
        self.netloc, self.headers = urlsplit(address).netloc, dict(headers)
        self.connection = http.client.HTTPConnection(self.netloc, timeout=60)

    def waited(self, path: str) -> float:
        """Milliseconds from the request to the first byte; all of the answer is then read."""
        began = time.perf_counter()
        self.connection.request("GET", path, headers=self.headers)
        reply = self.connection.getresponse()
        seconds = time.perf_counter() - began
        reply.read()
        # A commune that has merged is answered too: its page says into which.
        assert reply.status in (200, 303), f"{self.netloc}{path}: {reply.status}"
        return seconds * 1000

    def close(self) -> None:
        self.connection.close()


def figures(times: Sequence[float]) -> tuple[float, float]:
    """The median and the 95th percentile."""
    return statistics.median(times), statistics.quantiles(times, n=20)[-1]
