"""Writers as processes: they take turns, they are killed, and what they acknowledged stays."""

from __future__ import annotations

import gzip
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from atlas.errors import (
    EngineFault,
    Forbidden,
    MalformedData,
    Overloaded,
    QueryTooBig,
    StorageFull,
    WriteTimeout,
)
from store import Generations, GraphStep, LocalEngine, UpdateStep, Write, Writer, disk
from store.formats import BY_EXTENSION
from store.writing.writer import publish_scratch
from tests.waiting import until

G = "urn:g"
BASE = "https://example.org/atlas"
MIB = 1024**2
BATCH = 5
COUNT = "SELECT (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } }"


@pytest.fixture
def generations(tmp_path: Path) -> Generations:
    """A scratch generation: the same processes, without rules and shapes to wait for."""
    generations = Generations(tmp_path / "home", keep=1000)
    publish_scratch(generations)
    return generations


@pytest.fixture
def writer(generations: Generations) -> Iterator[Writer]:
    writer = Writer(generations, base=BASE, memory_bytes=400 * MIB, deadline=60)
    yield writer
    writer.close()


def update(text: str, *graphs: str) -> Write:
    return Write((UpdateStep(text, graphs or (G,)),), by="test", graphs=None)


def batch(name: str) -> Write:
    """Five triples of one subject: a half of them would show."""
    triples = " ".join(f"<urn:{name}> <urn:p> {n} ." for n in range(BATCH))
    return update(f"INSERT DATA {{ GRAPH <{G}> {{ {triples} }} }}")


def counts(generations: Generations, number: int | None = None) -> dict[str, int]:
    """Triples by subject."""
    generation = generations.get(number) if number else generations.current()
    assert generation
    rows = LocalEngine(generation.store).solutions(
        f"SELECT ?s (COUNT(*) AS ?n) WHERE {{ GRAPH <{G}> {{ ?s ?p ?o }} }} GROUP BY ?s"
    )
    return {row["s"].value: int(row["n"].value) for row in rows}


def test_a_scratch_generation_has_a_default_graph_of_its_own(
    writer: Writer, generations: Generations, tmp_path: Path
) -> None:
    written = writer.write(update("INSERT DATA { <urn:a> <urn:b> <urn:c> }", ""))
    assert (written.added, written.created) == (1, ())
    (tmp_path / "body").write_text("<urn:d> <urn:b> 1 . <urn:d> <urn:b> 2 .")
    step = GraphStep("", "merge", tmp_path / "body", "text/turtle")
    writer.write(Write((step,), by="test", graphs=None))
    served = generations.current()
    assert served
    assert served.record["triples"] == 3
    assert LocalEngine(served.store).ask("ASK { <urn:a> ?p ?o }")
    every = UpdateStep("CLEAR ALL", ("",), every_graph=True)
    assert writer.write(Write((every,), by="test", graphs=None)).removed == 3


def test_a_graph_may_be_there_and_empty(writer: Writer) -> None:
    assert writer.write(update(f"CREATE GRAPH <{G}>")).created == (G,)
    assert writer.write(batch("a")).created == ()
    assert writer.write(update(f"CLEAR GRAPH <{G}>")).removed == BATCH
    drop = Write((GraphStep(G, "drop"),), by="test", graphs=None)
    assert not writer.write(drop).missing
    assert writer.write(drop).missing


def test_writes_of_many_threads_take_turns_in_the_order_in_which_they_came(
    writer: Writer, generations: Generations
) -> None:
    with ThreadPoolExecutor(8) as threads:
        done = list(threads.map(lambda n: writer.write(batch(f"t{n}")), range(24)))
    assert len({written.generation for written in done}) == 24
    assert counts(generations) == {f"urn:t{n}": BATCH for n in range(24)}


WRITES = 40
SCRIPT = """
import sys, time
from pathlib import Path
from store import Generations, UpdateStep, Write, Writer
home, name, writes = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
writer = Writer(Generations(home, keep=1000), base="", memory_bytes=0, deadline=60)
for n in range(writes):
    text = "INSERT DATA { GRAPH <urn:g> { <urn:%s-%d> <urn:p> 0, 1, 2, 3, 4 } }" % (name, n)
    written = writer.write(Write((UpdateStep(text, ("urn:g",)),), by=name, graphs=None))
    print(written.generation, flush=True)
writer.close()
"""


def test_two_servers_over_one_home_lose_nothing_and_neither_starves(
    generations: Generations,
) -> None:
    servers = [
        subprocess.Popen(
            [sys.executable, "-c", SCRIPT, str(generations.home), name, str(WRITES)],
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in ("one", "two")
    ]
    numbers = [list(map(int, server.communicate(timeout=120)[0].split())) for server in servers]
    assert len({*numbers[0], *numbers[1]}) == 2 * WRITES
    assert counts(generations) == {
        f"urn:{name}-{n}": BATCH for name in ("one", "two") for n in range(WRITES)
    }
    # While both write, neither has to let the other pass for long.
    both = sorted((n, side) for side, own in enumerate(numbers) for n in own)
    begin, end = max(own[0] for own in numbers), min(own[-1] for own in numbers)
    sides = [side for n, side in both if begin <= n <= end]
    runs = "".join(map(str, sides)).replace("01", "0 1").replace("10", "1 0").split()
    # A busy machine may not let one of them run for a while.
    assert max(map(len, runs)) <= WRITES // 2


@pytest.mark.slow
def test_what_a_killed_writer_acknowledged_is_there_and_nothing_is_half_there(
    writer: Writer, generations: Generations
) -> None:
    seed = random.Random(3)
    writer.write(batch("first"))
    began = time.monotonic()
    for n in range(3):
        writer.write(batch(f"quiet{n}"))
    # On a busy machine a write and the start of a writer take longer, and so do the pauses.
    usual = (time.monotonic() - began) / 3
    acknowledged: list[str] = []
    done = threading.Event()

    def kill() -> None:
        while not done.wait(seed.uniform(0.0, 10 * usual)):
            process = writer._process
            if process is not None:
                process.stop()

    killing = threading.Thread(target=kill)
    killing.start()
    faults = 0
    try:
        # How many of the writes are killed depends on how fast the machine is.
        for n in range(1_000):
            if min(len(acknowledged), faults) > 20:
                break
            try:
                writer.write(batch(f"k{n}"))
                acknowledged.append(f"urn:k{n}")
            except (EngineFault, Overloaded):
                faults += 1
    finally:
        done.set()
        killing.join()
    writer.write(batch("last"))
    assert len(acknowledged) > 20
    assert faults > 20
    held = counts(generations)
    assert held.keys() >= {*acknowledged, "urn:last"}
    for generation in generations.all():
        assert set(counts(generations, generation.number).values()) <= {BATCH}
    left = [path.name for path in generations.folder.glob("*.tmp")]
    assert not [name for name in left if not name.endswith(".gone.tmp")]


def test_a_write_that_waits_for_another_writer_too_long_says_so(
    writer: Writer, generations: Generations
) -> None:
    writer.write(batch("before"))
    with (
        disk.locked(generations.home / "writer.lock"),
        pytest.raises(WriteTimeout, match="Another writer was at work for 1 s"),
    ):
        writer.write(batch("a"), deadline=1)
    writer.write(batch("b"))
    assert counts(generations).keys() == {"urn:before", "urn:b"}


def test_a_write_that_runs_too_long_is_killed_and_the_next_one_is_made(
    writer: Writer, generations: Generations
) -> None:
    # Five triples in each of twelve places: no memory, and no end.
    product = " ".join(f"GRAPH <{G}> {{ ?s{n} <urn:p> ?v{n} }}" for n in range(12))
    sums = "+".join(f"?v{n}" for n in range(12))
    where = f"{product} FILTER({sums} < 0)"
    endless = f"INSERT {{ GRAPH <{G}> {{ <urn:a> <urn:p> 0 }} }} WHERE {{ {where} }}"
    writer.write(batch("before"))
    with ThreadPoolExecutor(2) as threads:
        running = threads.submit(writer.write, update(endless), deadline=2)
        until(lambda: len(writer._turns) == 1)
        waiting = threads.submit(writer.write, batch("waited"))
        with pytest.raises(WriteTimeout, match="took longer than 2 s"):
            running.result()
        waiting.result()
    assert counts(generations).keys() == {"urn:before", "urn:waited"}


def test_a_write_whose_turn_does_not_come_in_time_kills_nothing(
    writer: Writer, generations: Generations
) -> None:
    writer.write(batch("before"))
    with disk.locked(generations.home / "writer.lock"):
        first = threading.Thread(target=lambda: writer.write(batch("first"), deadline=30))
        first.start()
        until(lambda: len(writer._turns) == 1)
        process = writer._process
        with pytest.raises(WriteTimeout, match="Other writes took their turn"):
            writer.write(batch("second"), deadline=0.5)
    first.join()
    assert writer._process is process
    assert counts(generations).keys() == {"urn:before", "urn:first"}


def test_a_write_that_needs_too_much_memory_fails_alone(
    writer: Writer, generations: Generations, tmp_path: Path
) -> None:
    values = " ".join(map(str, range(2000)))
    pairs = f"VALUES ?a {{ {values} }} VALUES ?o {{ {values} }}"
    subject = "BIND(IRI(CONCAT('urn:', STR(?a))) AS ?s)"
    text = f"INSERT {{ GRAPH <{G}> {{ ?s <urn:p> ?o }} }} WHERE {{ {pairs} {subject} }}"
    with pytest.raises(QueryTooBig, match="ATLAS_WRITER_MEMORY"):
        writer.write(update(text))
    (tmp_path / "body").write_text(f'<urn:a> <urn:b> """{"x" * 120 * MIB}""" .')
    step = GraphStep(G, "replace", tmp_path / "body", "text/turtle")
    with pytest.raises((MalformedData, QueryTooBig), match="ATLAS_WRITER_MEMORY"):
        writer.write(Write((step,), by="test", graphs=None))
    writer.write(batch("a"))
    assert counts(generations) == {"urn:a": BATCH}


def test_a_write_reaches_no_other_site(writer: Writer) -> None:
    for text in (
        "LOAD <http://127.0.0.1:9/x> INTO GRAPH <urn:g>",
        "INSERT { GRAPH <urn:g> { ?s ?p 1 } } WHERE { SERVICE <http://127.0.0.1:9/> { ?s ?p 1 } }",
    ):
        with pytest.raises((Forbidden, EngineFault)):
            writer.write(update(text))


def test_nothing_is_written_where_nothing_is_served(tmp_path: Path) -> None:
    writer = Writer(Generations(tmp_path), base=BASE, memory_bytes=0, deadline=20)
    try:
        with pytest.raises(Overloaded, match="atlas build"):
            writer.write(batch("a"))
    finally:
        writer.close()


def test_a_closed_writer_leaves_no_process(generations: Generations) -> None:
    writer = Writer(generations, base=BASE, memory_bytes=0, deadline=20)
    writer.write(batch("a"))
    process = writer._process
    assert process
    writer.close()
    assert process.process.poll() is not None
    with pytest.raises(Overloaded, match="stopping"):
        writer.write(batch("b"))


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk needs root")
def test_a_full_disk_is_one_sentence_and_what_is_served_stays(tmp_path: Path) -> None:
    home = tmp_path / "small"
    home.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", home], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("this system does not let a test mount a small disk")
    generations = Generations(home)
    publish_scratch(generations)
    writer = Writer(generations, base=BASE, memory_bytes=0, deadline=60)
    try:
        writer.write(batch("a"))
        chance = random.Random(8)
        lines = "".join(f'<urn:{n}> <urn:p> "{chance.random()}" .\n' for n in range(150_000))
        (tmp_path / "body").write_text(lines)
        step = GraphStep(G, "merge", tmp_path / "body", "application/n-triples")
        with pytest.raises(StorageFull, match="the disk is full"):
            writer.write(Write((step,), by="test", graphs=None))
        assert counts(generations) == {"urn:a": BATCH}
        writer.write(batch("b"))
        assert counts(generations) == {"urn:a": BATCH, "urn:b": BATCH}
    finally:
        writer.close()
        subprocess.run(["umount", "-l", home], check=True)


@pytest.mark.slow
def test_a_hostile_body_is_refused_in_one_sentence_or_loads(
    atlas_data: Path, generations: Generations, tmp_path: Path
) -> None:
    writer = Writer(generations, base=BASE, memory_bytes=1024 * MIB, deadline=60)
    loaded, said = 0, list[str]()
    try:
        for folder in ("turtle", "rdfxml", "jsonld", "real-malformed"):
            for path in sorted((atlas_data / "evil-inputs" / folder).iterdir()):
                suffixes = [s.lstrip(".") for s in path.suffixes if s.lstrip(".") in BY_EXTENSION]
                if not suffixes or "gzip-bomb" in path.name:
                    continue
                packed = path.suffix == ".gz"
                content = gzip.decompress(path.read_bytes()) if packed else path.read_bytes()
                (tmp_path / "body").write_bytes(content)
                media = BY_EXTENSION[suffixes[-1]].media_type
                step = GraphStep(f"urn:{path.name}", "replace", tmp_path / "body", media)
                try:
                    writer.write(Write((step,), by="test", graphs=None))
                    loaded += 1
                except MalformedData as error:
                    said.append(str(error))
    finally:
        writer.close()
    assert loaded > 5
    assert len(said) > 15
    assert not [sentence for sentence in said if len(sentence) > 600 or "Traceback" in sentence]
