"""What a server is put through: bounded loads by wrk, and what came of them."""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

SECONDS = 8
CONNECTIONS = 16
RESULTS = "application/sparql-results+json"
# The two threads of wrk begin half the list apart, so that they do not ask the same.
SCRIPT = """\
local paths = {}
for line in io.lines("%s") do paths[#paths + 1] = line end
local threads = 0
function setup(thread)
  thread:set("place", threads * math.floor(#paths / 2))
  threads = threads + 1
end
function request()
  place = place + 1
  return wrk.format("GET", paths[place %% #paths + 1])
end
"""
FIGURES = {
    "requests": re.compile(r"Requests/sec:\s+([\d.]+)"),
    "bytes": re.compile(r"Transfer/sec:\s+([\d.]+)([KMG]?)B"),
    "p50": re.compile(r"\s50%\s+([\d.]+)(us|ms|s)"),
    "p99": re.compile(r"\s99%\s+([\d.]+)(us|ms|s)"),
    "refused": re.compile(r"Non-2xx or 3xx responses: (\d+)"),
    "broken": re.compile(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)"),
}
MILLISECONDS = {"us": 0.001, "ms": 1.0, "s": 1000.0}


@dataclass(frozen=True)
class Outcome:
    """Requests a second, latencies in milliseconds, requests that did not get what they asked."""

    requests: float
    p50: float
    p99: float
    failed: int = 0


def hammer(
    address: str,
    queries: Sequence[str],
    *,
    headers: Mapping[str, str] | None = None,
    connections: int = CONNECTIONS,
    seconds: int = SECONDS,
) -> Outcome:
    """These queries in turn, as fast as the server answers them."""
    with tempfile.TemporaryDirectory() as name:
        paths = Path(name) / "paths"
        path = "/" + address.split("/", 3)[3]
        paths.write_text("\n".join(f"{path}?{urlencode({'query': q})}" for q in queries), "ascii")
        script = Path(name) / "script.lua"
        script.write_text(SCRIPT % paths, "ascii")
        arguments = [
            "wrk",
            f"-t{min(2, connections)}",
            f"-c{connections}",
            f"-d{seconds}s",
            "--latency",
        ]
        for header, value in {"Accept": RESULTS, **(headers or {})}.items():
            arguments += ["-H", f"{header}: {value}"]
        done = subprocess.run(
            [*arguments, "--timeout", "15s", "-s", str(script), address],
            capture_output=True,
            text=True,
            check=True,
        )
    return read(done.stdout)


def read(said: str) -> Outcome:
    """wrk's report as figures."""
    found = {name: pattern.search(said) for name, pattern in FIGURES.items()}
    requests, p50, p99 = found["requests"], found["p50"], found["p99"]
    if not (requests and p50 and p99):
        raise ValueError(said)
    broken = sum(map(int, found["broken"].groups())) if found["broken"] else 0
    refused = int(found["refused"][1]) if found["refused"] else 0
    return Outcome(
        float(requests[1]),
        float(p50[1]) * MILLISECONDS[p50[2]],
        float(p99[1]) * MILLISECONDS[p99[2]],
        refused + broken,
    )


def once(
    address: str, query: str, *, accept: str = RESULTS, timeout: float = 60, post: bool = False
) -> tuple[float, int]:
    """Seconds and bytes of one whole answer; ``post``: the query is too long for an address."""
    asked = posted(address, query, accept) if post else request(address, query, accept)
    began = time.monotonic()
    with urllib.request.urlopen(asked, timeout=timeout) as response:
        size = 0
        while piece := response.read(1 << 20):
            size += len(piece)
    return time.monotonic() - began, size


def tag(address: str, query: str) -> str | None:
    """The entity tag of the answer, None where the server gives none."""
    with urllib.request.urlopen(request(address, query, RESULTS), timeout=60) as response:
        found: str | None = response.headers["ETag"]
        return found


def value(address: str, query: str) -> str:
    """The one value of the one solution: to see that servers answer the same."""
    with urllib.request.urlopen(request(address, query, RESULTS), timeout=60) as response:
        (row,) = json.load(response)["results"]["bindings"]
    (cell,) = row.values()
    return str(cell["value"])


def request(address: str, query: str, accept: str) -> urllib.request.Request:
    return urllib.request.Request(
        f"{address}?{urlencode({'query': query})}",
        headers={"Accept": accept, "User-Agent": "benchmark"},
    )


def posted(address: str, query: str, accept: str) -> urllib.request.Request:
    return urllib.request.Request(
        address,
        data=urlencode({"query": query}).encode(),
        headers={"Accept": accept, "User-Agent": "benchmark"},
    )


def beside_runaways(
    address: str, runaway: str, light: Sequence[str], *, clients: int, seconds: int
) -> Outcome:
    """The light queries while other clients each ask a runaway query again and again."""
    stop = threading.Event()

    def run() -> None:
        while not stop.is_set():
            try:
                once(address, runaway, timeout=30)
            except (urllib.error.URLError, OSError):
                stop.wait(0.05)

    threads = [threading.Thread(target=run, daemon=True) for _ in range(clients)]
    for thread in threads:
        thread.start()
    time.sleep(1)
    try:
        return hammer(address, light, connections=2, seconds=seconds)
    finally:
        stop.set()
        for thread in threads:
            thread.join(40)
