"""The endpoint over HTTP beside its peers: the same data, the same queries, each server in turn."""

from __future__ import annotations

import gzip
import re
import shutil
import statistics
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from atlas.settings import Settings
from benchmarks import loads, peers
from benchmarks.loads import Outcome
from benchmarks.peers import Data, Missing
from store import Generations, LocalEngine
from store.answers import Operation

FOLDER = Path("instance").resolve() / "benchmarks"
# More than any server answers in one load, so that none is asked twice.
MANY = 100_000
LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
COUNT = "SELECT (COUNT(*) AS ?triples) WHERE { ?s ?p ?o }"
POINT = "SELECT ?p ?o WHERE {{ {} ?p ?o }}"
AGGREGATE = (
    "SELECT ?class (COUNT(?thing) AS ?things) WHERE { ?thing a ?class } "
    "GROUP BY ?class ORDER BY DESC(?things)"
)
STREAM = "SELECT ?s ?p ?o WHERE { ?s ?p ?o } LIMIT 300000"
RUNAWAY = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
RUNAWAYS, MIXED_SECONDS = 8, 12
# What a bind join of another engine sends: so many values of a point pattern, never the same twice.
BLOCK, BLOCKS = 500, 40
BLOCK_QUERY = "SELECT ?s ?o WHERE {{ VALUES ?s {{ {} }} ?s <{}> ?o }}"
SUBJECT = re.compile("<[^<>]*>")


def run() -> None:
    if shutil.which("wrk") is None:
        print("wrk is not installed (Debian: wrk): nothing is measured.")
        return
    FOLDER.mkdir(parents=True, exist_ok=True)
    for data in data_sets():
        subjects = names(data)
        print(f"### {data.name}: {data.triples:,} triples\n")
        table(data, subjects)
        print()


def data_sets() -> Iterator[Data]:
    """BSBM where ATLAS_DATA has it; the served generation's default graph where there is one."""
    packed = Path(Settings.load().data or ".") / "bench-bsbm" / "bsbm1000.nt.gz"
    if packed.exists():
        path = FOLDER / "bsbm.nt"
        if not path.exists():
            with gzip.open(packed) as source, path.open("wb") as target:
                shutil.copyfileobj(source, target)
        yield Data("BSBM", path, lines(path))
    generation = Generations(Settings.load().home).current()
    if generation is None:
        print("There is no generation: run make build first to measure on the national atlas.\n")
        return
    path = FOLDER / f"atlas-{generation.number}.nt"
    if not path.exists():
        with path.open("wb") as target:
            LocalEngine(generation.store).write(
                Operation("CONSTRUCT WHERE { ?s ?p ?o }"), "application/n-triples", target
            )
    yield Data("national atlas", path, lines(path))


def lines(path: Path) -> int:
    with path.open("rb") as stream:
        return sum(1 for _ in stream)


def names(data: Data) -> list[str]:
    """Things with a label: each makes a point query."""
    marker = f" <{LABEL}> ".encode()
    found = []
    with data.path.open("rb") as stream:
        for line in stream:
            subject, label, _ = line.partition(marker)
            if label and subject.startswith(b"<"):
                found.append(subject.decode("ascii", errors="replace"))
    return sorted(set(found))


def table(data: Data, subjects: Sequence[str]) -> None:
    points = unique_queries(subjects)
    print("| server | " + " | ".join(name for name, _ in LOADS) + " |")
    print("| --- |" + " --- |" * len(LOADS))
    missing = []
    for peer in peers.PEERS:
        try:
            with peers.running(peer, data, FOLDER) as address:
                cells = [measured(load, address, points) for _, load in LOADS]
        except Missing as error:
            missing.append(f"{peer.name}: {error}.")
            continue
        print(f"| {peer.name} | {' | '.join(cells)} |", flush=True)
    for sentence in missing:
        print(f"\nMissing: {sentence}")


def unique_queries(subjects: Sequence[str]) -> list[str]:
    """One point query after another about these things, told apart by a comment."""
    rounds = range(MANY // len(subjects) + 1)
    return [f"{POINT.format(name)} # {number}" for number in rounds for name in subjects][:MANY]


def measured(load: Callable[[str, Sequence[str]], str], address: str, points: Sequence[str]) -> str:
    """One cell; a server that breaks under a load says so in it."""
    try:
        return load(address, points)
    except (OSError, subprocess.CalledProcessError, AssertionError, ValueError) as error:
        return f"fails: {type(error).__name__}"


def figures(outcome: Outcome) -> str:
    failed = f", {outcome.failed:,} failed" if outcome.failed else ""
    return f"{outcome.requests:,.0f}/s, p99 {outcome.p99:.1f} ms{failed}"


def holds(address: str, points: Sequence[str]) -> str:
    return f"{int(loads.value(address, COUNT)):,}"


def unique(address: str, points: Sequence[str]) -> str:
    return figures(loads.hammer(address, points))


def repeated(address: str, points: Sequence[str]) -> str:
    return figures(loads.hammer(address, points[:1]))


def conditional(address: str, points: Sequence[str]) -> str:
    tag = loads.tag(address, points[0])
    if tag is None:
        return "no ETag"
    return figures(loads.hammer(address, points[:1], headers={"If-None-Match": tag}))


def aggregate(address: str, points: Sequence[str]) -> str:
    """The first time, and the best of five more, in milliseconds."""
    first, *more = (loads.once(address, AGGREGATE)[0] * 1000 for _ in range(6))
    return f"{first:,.0f} ms, again {min(more):,.1f} ms"


def blocks(address: str, points: Sequence[str]) -> str:
    """Milliseconds of one block after another: the middle one and the slowest; the first warms."""
    names = list(dict.fromkeys(SUBJECT.findall(" ".join(points))))
    # Far apart in the data, as what a join asks for is.
    count = max(1, min(BLOCKS, len(names) // BLOCK))
    asked = [BLOCK_QUERY.format(" ".join(names[n::count][:BLOCK]), LABEL) for n in range(count)]
    times = [loads.once(address, query, post=True)[0] * 1000 for query in asked]
    return (
        f"{statistics.median(times[1:] or times):.1f} ms, at most {max(times[1:] or times):.1f} ms"
    )


def stream(address: str, points: Sequence[str]) -> str:
    seconds, size = loads.once(address, STREAM, timeout=120)
    return f"{size / 2**20 / seconds:,.0f} MiB/s ({seconds:.1f} s)"


def mixed(address: str, points: Sequence[str]) -> str:
    outcome = loads.beside_runaways(
        address, RUNAWAY, points, clients=RUNAWAYS, seconds=MIXED_SECONDS
    )
    return figures(outcome)


LOADS: tuple[tuple[str, Callable[[str, Sequence[str]], str]], ...] = (
    ("triples", holds),
    ("unique point queries", unique),
    ("the same query again", repeated),
    ("conditional requests", conditional),
    ("aggregate", aggregate),
    (f"{BLOCK} bindings in VALUES", blocks),
    ("300,000 rows", stream),
    (f"point queries beside {RUNAWAYS} runaways", mixed),
)
