"""Joins over this atlas and five sites of others, each another engine, beside other federations.

The sites, the generated joins and the hand-written queries are those of tests/federation/real. What
every site is asked and answers passes through a proxy that counts it and can make it late. An
engine whose answer has another number of rows than one store with all data is said to be wrong.
"""

from __future__ import annotations

import base64
import os
import re
import select
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from atlas.settings import Settings
from tests.federation.faulty import Faulty
from tests.federation.real import engines, joins, queries
from tests.federation.real.oracle import Oracle, parsed
from tests.federation.real.sites import OURS, Site, World, iri, world

JOINS = 30
# Of the joins and of the written queries at most so many, for a short run; 0: all.
QUERIES = int(os.environ.get("ATLAS_BENCH_QUERIES", "0"))
LATENCIES = (0.0, 0.02)
# Seconds that one query may take; an engine that took longer is started anew.
MOST = 10.0
START_SECONDS = 60.0
CLIENTS = Path("tests/clients/comunica").resolve()
WARM = "ASK { ?s ?p ?o }"
# An engine that starts on a busy machine may run into a limit of its own at its first queries.
TRIES = 3
# Rows asked for by a query, and how it went: an engine's answer is a number of rows, or a failure.
Ask = Callable[[str], int]


class Failed(Exception):
    """An engine did not answer, and what it said. ``gone``: whether it must be started anew."""

    def __init__(self, why: str, *, gone: bool = False) -> None:
        super().__init__(why)
        self.gone = gone


@dataclass(frozen=True)
class Task:
    """One query with the number of rows that it must have."""

    name: str
    text: str
    rows: int


@dataclass
class Figures:
    """What one engine took for the queries that it answered."""

    seconds: list[float] = field(default_factory=list)
    requests: list[int] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    bytes: list[int] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Engine:
    """``start``: the engine over the sites, until the block ends; ``plain``: what it is asked.

    ``ours``: whether this atlas is one more site for it, behind a proxy like the others.
    """

    name: str
    start: Callable[[World, list[Site]], Iterator[Ask]]
    plain: bool
    ours: bool = False


def run() -> None:
    folder = Settings.load().data
    if not folder:
        print("ATLAS_DATA names no folder of real sources: nothing is measured.")
        return
    with tempfile.TemporaryDirectory() as home, world(Path(folder), Path(home)) as sites:
        for name, why in sites.absent.items():
            print(f"{name} is not there: {why}")
        if sites.absent:
            return
        with Faulty() as proxy:
            ours = Site(OURS, sites.file, f"{sites.served.address}/sparql", proxy)
            compare(sites, ours)


def compare(sites: World, ours: Site) -> None:
    oracle = Oracle(sites.files)
    generated = joins.generate(sites.files, oracle, min(JOINS, QUERIES or JOINS))
    tasks = {False: list(with_service(oracle, generated)), True: list(plain(oracle, generated))}
    for latency in LATENCIES:
        print(f"### {latency * 1000:.0f} ms added to each answer of a site\n")
        print(
            "| engine | asked | answered | wrong | failed | ms, median | ms, max "
            "| requests, median | max | rows, median | max | kB, median | max |\n"
            "| --- |" + " ---: |" * 12
        )
        notes = []
        for engine in ENGINES:
            everyone = [*sites.sites.values(), *([ours] if engine.ours else [])]
            for site in everyone:
                # Or some engines could not ask Virtuoso at all, and there were nothing to compare.
                site.smooth = True
                site.honest(latency)
            try:
                figures = measured(engine, sites, everyone, tasks[engine.plain])
            except (engines.Missing, Failed) as missing:
                print(f"| {engine.name} | it cannot run: {missing} |", flush=True)
                continue
            print(line(engine.name, figures, len(tasks[engine.plain])), flush=True)
            notes += [f"{engine.name}, {name}: wrong" for name in figures.wrong]
            notes += [f"{engine.name}, {name}: {why}" for name, why in figures.failed.items()]
        print("\n" + "\n".join(f"- {note[:200]}" for note in notes) + "\n")


def with_service(oracle: Oracle, generated: list[joins.Join]) -> Iterator[Task]:
    texts = {f"join {number}": join.service for number, join in enumerate(generated, 1)}
    texts |= {query.name: query.text for query in written("service")}
    for name, text in texts.items():
        found = oracle.by_service(text)
        yield Task(name, text, int(found) if isinstance(found, bool) else found.total())


def plain(oracle: Oracle, generated: list[joins.Join]) -> Iterator[Task]:
    texts = {f"join {number}": join.plain for number, join in enumerate(generated, 1)}
    texts |= {query.name: query.text for query in written("plain")}
    for name, text in texts.items():
        found = oracle.federated(text)
        yield Task(name, text, int(found) if isinstance(found, bool) else found.total())


def written(kind: str) -> list[queries.Query]:
    found = queries.written(kind)
    return found[:QUERIES] if QUERIES else found


def measured(engine: Engine, sites: World, everyone: list[Site], tasks: list[Task]) -> Figures:
    """Each query once, on an engine that has answered one before. Raises Missing, Failed."""
    figures = Figures()
    start = contextmanager(engine.start)
    with ExitStack() as stack:
        ask = stack.enter_context(start(sites, everyone))
        warm(ask)
        for task in tasks:
            settle(everyone)
            began = time.perf_counter()
            try:
                rows = ask(task.text)
            except Failed as failure:
                figures.failed[task.name] = str(failure)
                if failure.gone:
                    stack.close()
                    ask = stack.enter_context(start(sites, everyone))
                    warm(ask)
                continue
            figures.seconds.append(time.perf_counter() - began)
            figures.requests.append(sum(site.counts.requests for site in everyone))
            figures.rows.append(sum(site.counts.rows for site in everyone))
            figures.bytes.append(sum(site.counts.bytes for site in everyone))
            if rows != task.rows:
                figures.wrong.append(task.name)
    return figures


def warm(ask: Ask) -> None:
    """Have one query answered that does not count. Raises Failed where none is."""
    for left in reversed(range(TRIES)):
        try:
            ask(WARM)
            return
        except Failed as failure:
            if failure.gone or not left:
                raise


def settle(everyone: list[Site]) -> None:
    """Wait until nobody is answered that has gone, and count from nothing."""
    ends = time.monotonic() + START_SECONDS
    while any(site.underway for site in everyone) and time.monotonic() < ends:
        time.sleep(0.05)
    for site in everyone:
        site.counts.clear()


def line(name: str, figures: Figures, asked: int) -> str:
    def both(values: list[float] | list[int], unit: float = 1.0) -> str:
        if not values:
            return "– | –"
        return f"{statistics.median(values) * unit:,.0f} | {max(values) * unit:,.0f}"

    return (
        f"| {name} | {asked} | {len(figures.seconds)} | {len(figures.wrong)} "
        f"| {len(figures.failed)} | {both(figures.seconds, 1000)} | {both(figures.requests)} "
        f"| {both(figures.rows)} | {both(figures.bytes, 0.001)} |"
    )


def this_service(sites: World, everyone: list[Site]) -> Iterator[Ask]:
    yield lambda text: over_http(sites, "/sparql", text)


def this_plain(sites: World, everyone: list[Site]) -> Iterator[Ask]:
    yield lambda text: over_http(sites, "/federation/sparql", text)


def over_http(sites: World, path: str, text: str) -> int:
    headers = {
        "Content-Type": "application/sparql-query",
        "Accept": "application/sparql-results+json",
    }
    reply = sites.served.fetch(path, "POST", body=text, headers=headers)
    if reply.status != 200:
        raise Failed(f"{reply.status} {reply.text}")
    found = parsed(reply.body)
    return int(found) if isinstance(found, bool) else found.total()


def comunica(sites: World, everyone: list[Site]) -> Iterator[Ask]:
    if not (CLIENTS / "node_modules" / "@comunica").is_dir():
        done = subprocess.run(
            ["npm", "ci", "--ignore-scripts", "--silent"], cwd=CLIENTS, check=False
        )
        if done.returncode:
            raise engines.Missing("npm cannot bring Comunica")
    addresses = [site.address for site in everyone]
    with shell(["node", str(CLIENTS / "count.mjs"), *addresses]) as ask:
        yield ask


def fedx(sites: World, everyone: list[Site]) -> Iterator[Ask]:
    folder = engines.FOLDER / "rdf4j"
    addresses = [site.address for site in everyone]
    with shell([*engines.java(folder), str(folder / "Federation.java"), *addresses]) as ask:
        yield ask


def service_of(name: str) -> Callable[[World, list[Site]], Iterator[Ask]]:
    """An engine of Python over our triples; it is asked with the sites' addresses in the query."""

    def start(sites: World, everyone: list[Site]) -> Iterator[Ask]:
        addresses = {iri(site.name): site.address for site in everyone}
        command = [sys.executable, "-m", "benchmarks.services", name, str(sites.file)]
        with shell(command) as ask:
            yield lambda text: ask(addressed(text, addresses))

    return start


def addressed(text: str, addresses: dict[str, str]) -> str:
    return re.sub(r"https://\w+\.example/sparql", lambda found: addresses[found[0]], text)


@contextmanager
def shell(command: list[str]) -> Iterator[Ask]:
    """A process that answers line by line how many rows a query has."""
    # Without a buffer there is nothing to be flushed into a process that has ended.
    with subprocess.Popen(
        command, bufsize=0, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdin
        assert process.stdout
        answered = False

        def ask(text: str) -> int:
            nonlocal answered
            assert process.stdin
            assert process.stdout
            patience = MOST if answered else START_SECONDS
            try:
                process.stdin.write(base64.b64encode(text.encode("utf-8")) + b"\n")
                process.stdin.flush()
            except OSError as error:
                raise Failed("the process ended", gone=True) from error
            ready, _, _ = select.select([process.stdout], [], [], patience)
            if not ready:
                raise Failed(f"no answer within {patience:.0f} s", gone=True)
            said = process.stdout.readline().decode("utf-8", "replace").strip()
            if not said.isdecimal():
                raise Failed(said or "the process ended", gone=not said)
            answered = True
            return int(said)

        try:
            yield ask
        finally:
            process.kill()


ENGINES = (
    Engine("this server, SERVICE", this_service, plain=False),
    Engine("pyoxigraph, SERVICE", service_of("pyoxigraph"), plain=False),
    Engine("rdflib, SERVICE", service_of("rdflib"), plain=False),
    Engine("this server, no SERVICE", this_plain, plain=True),
    Engine("FedX (RDF4J 4.3)", fedx, plain=True, ours=True),
    Engine("Comunica 4", comunica, plain=True, ours=True),
)
