"""``/metrics``: what an operator watches, for Prometheus, of all server processes together.

Counts are kept in files that the processes share (PROMETHEUS_MULTIPROC_DIR, set by ``atlas serve``
before this module is imported); without them they are this process's alone. What is a level and not
a count is sampled each second, so that whichever process is asked knows the others' last word.

https://prometheus.io/docs/practices/naming/
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Literal

from flask import Blueprint, Response, request
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from atlas import __version__
from endpoint.site import Site, current_site
from endpoint.wire.observing import Seen
from store.writing.writer import MAIN

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
EVERY = 1.0
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
PAGE = os.sysconf("SC_PAGE_SIZE")

REGISTRY = CollectorRegistry()


def counter(name: str, says: str, *labels: str) -> Counter:
    return Counter(name, says, labels, registry=REGISTRY)


def histogram(name: str, says: str, *labels: str) -> Histogram:
    return Histogram(name, says, labels, buckets=SECONDS, registry=REGISTRY)


def level(
    name: str, says: str, *labels: str, over: Literal["livesum", "livemax", "livemin"] = "livesum"
) -> Gauge:
    """``over``: what of several processes counts, their sum, their greatest or their least."""
    return Gauge(name, says, labels, multiprocess_mode=over, registry=REGISTRY)


REQUESTS = counter("atlas_http_requests", "Requests answered", "route", "method", "status")
DURATION = histogram(
    "atlas_http_request_duration_seconds", "Seconds until an answer was sent", "route"
)
SENT = counter("atlas_http_sent_bytes", "Bytes of bodies sent", "route")
QUERIES = counter("atlas_queries", "Queries by outcome: ok or a kind of problem", "outcome")
WRITES = counter("atlas_writes", "Writes by outcome: ok or a kind of problem", "outcome")
WRITING = histogram("atlas_write_duration_seconds", "Seconds until a write was answered", "outcome")
WORKERS = level("atlas_query_workers", "Query worker processes by what they do", "state")
WAITING = level("atlas_queries_waiting", "Requests that wait for a query worker")
QUEUE = level("atlas_queue_slots", "Requests that may wait, ATLAS_QUEUE of each process")
CACHE_HITS = counter("atlas_cache_hits", "Answers found in the cache of results")
CACHE_MISSES = counter("atlas_cache_misses", "Answers looked for in the cache and not found")
CACHE_BYTES = level("atlas_cache_bytes", "Bytes that the cache of results holds")
CACHE_ENTRIES = level("atlas_cache_entries", "Answers that the cache of results holds")
GENERATION = level("atlas_generation", "Number of the generation served", over="livemax")
PUBLISHED = level(
    "atlas_generation_published_timestamp_seconds",
    "When the generation served was published; its age is time() minus this",
    over="livemax",
)
PREPARED = level(
    "atlas_prepared_generation",
    "Number of the generation whose first pages each process has ready",
    over="livemin",
)
MEMORY = level("atlas_resident_memory_bytes", "Resident memory of the processes", "process")
SERVERS = level("atlas_server_processes", "Server processes that answer")
BUILD = level("atlas_build_info", "The program's version", "version", over="livemax")

blueprint = Blueprint("metrics", __name__)


@blueprint.get("/metrics")
def metrics() -> Response:
    """Everything measured, in the text format that the scraper asks for."""
    sample(current_site())
    registry, folder = REGISTRY, os.environ.get(FOLDER)
    if folder and Path(folder).is_dir():  # A cleaner of temporary files may have taken it.
        registry = CollectorRegistry()
        registry.register(Counts(Path(folder)))
    encode, content_type = choose_encoder(request.headers.get("Accept", ""))
    response = Response(encode(registry), content_type=content_type)
    response.headers["Cache-Control"] = "no-store"
    return response


class Counts(Collector):
    """What all processes have counted, in their files in one folder.

    A file that a process has begun and not filled, or never will since it was killed, counts
    nothing: the library fails on it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def collect(self) -> Iterable[Metric]:
        files = [str(file) for file in self.folder.glob("*.db") if filled(file)]
        merged: Iterable[Metric] = MultiProcessCollector.merge(files)
        return merged


def filled(file: Path) -> bool:
    try:
        return file.stat().st_size > 0
    except FileNotFoundError:  # It was that of a process that has just ended.
        return False


# The child of a metric is looked up by the labels' texts each time that labels() is called.
_children: dict[tuple[str, str, int], tuple[Counter, Histogram, Counter]] = {}


def count(seen: Seen) -> None:
    """One request more. Some microseconds, as each request pays for it."""
    key = (seen.route, seen.method, seen.status)
    found = _children.get(key)
    if found is None:
        route, method, status = key
        found = _children[key] = (
            REQUESTS.labels(route, method, str(status)),
            DURATION.labels(route),
            SENT.labels(route),
        )
    requests, duration, sent = found
    requests.inc()
    duration.observe(seen.seconds)
    if seen.sent:
        sent.inc(seen.sent)
    if seen.kind == "query":
        QUERIES.labels(seen.outcome).inc()
    elif seen.kind == "write":
        WRITES.labels(seen.outcome).inc()
        WRITING.labels(seen.outcome).observe(seen.answered)


def watch(site: Site) -> None:
    """Sample the levels each second for as long as the process lives."""

    def forever() -> None:
        while True:
            sample(site)
            time.sleep(EVERY)

    threading.Thread(target=forever, name="metrics", daemon=True).start()


def sample(site: Site) -> None:
    """The levels as they are now."""
    stats = site.engine.stats()
    for state in ("busy", "idle"):
        WORKERS.labels(state).set(stats[state])
    WAITING.set(stats["waiting"])
    QUEUE.set(site.settings.queue)
    SERVERS.set(1)
    BUILD.labels(__version__).set(1)
    for role, size in memory().items():
        MEMORY.labels(role).set(size)
    CACHE_BYTES.set(site.cache.size)
    CACHE_ENTRIES.set(len(site.cache))
    served = site.engine.served
    if served is not None:
        GENERATION.set(served.number)
        PUBLISHED.set(datetime.fromisoformat(served.record["published"]).timestamp())


def memory() -> dict[str, int]:
    """Resident bytes of this process and of those that it started, by what they are."""
    sizes = {"server": resident(os.getpid()), "worker": 0, "writer": 0}
    for child in children():
        sizes[role(child)] += resident(child)
    return sizes


def children() -> Iterator[int]:
    for thread in Path("/proc/self/task").glob("*/children"):
        with suppress(OSError):  # A thread that has just ended has none.
            yield from map(int, thread.read_text("ascii").split())


def role(process: int) -> str:
    """What a process of ours is, by what it was started to run."""
    try:
        command = Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return "worker"
    return "writer" if MAIN.encode() in command.split(b"\0") else "worker"


def resident(process: int) -> int:
    """https://man7.org/linux/man-pages/man5/proc_pid_statm.5.html; 0 where it has just ended."""
    try:
        return int(Path(f"/proc/{process}/statm").read_text("ascii").split()[1]) * PAGE
    except (OSError, IndexError):
        return 0
