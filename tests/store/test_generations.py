"""Generations: published whole, rolled back, pruned, and nothing lost when the writer is killed."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from atlas.errors import InstanceError, StorageFull, UnknownName
from store import Generations, LocalEngine
from store.holding import Hold

ONE = "<urn:a> <urn:b> <urn:c> .\n"
COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
Publish = Callable[..., int]
KILLS = 15


def count(generations: Generations) -> str:
    current = generations.current()
    assert current
    (row,) = LocalEngine(current.store).solutions(COUNT)
    return str(row["n"].value)


def test_nothing_is_served_before_the_first_publication(tmp_path: Path) -> None:
    assert Generations(tmp_path).current() is None
    assert Generations(tmp_path).all() == []


def test_publishing_serves_the_new_generation_and_keeps_the_old(
    tmp_path: Path, publish: Publish
) -> None:
    publish(tmp_path, places=ONE)
    publish(tmp_path, places=ONE + "<urn:d> <urn:b> <urn:c> .\n")
    generations = Generations(tmp_path)
    assert [generation.number for generation in generations.all()] == [1, 2]
    assert count(generations) == "2"


def test_rollback_serves_an_older_one_and_numbers_go_on_growing(
    tmp_path: Path, publish: Publish
) -> None:
    publish(tmp_path, places=ONE)
    publish(tmp_path, places="")
    generations = Generations(tmp_path)
    generations.rollback(1)
    assert count(generations) == "1"
    assert publish(tmp_path, places=ONE) == 3


def test_rollback_to_a_generation_that_is_not_kept_names_those_that_are(
    tmp_path: Path, publish: Publish
) -> None:
    publish(tmp_path, places=ONE)
    with pytest.raises(UnknownName, match="no generation 7; kept: 1"):
        Generations(tmp_path).rollback(7)


def test_the_oldest_are_pruned_but_not_the_served_nor_a_held_one(
    tmp_path: Path, publish: Publish
) -> None:
    for _ in range(3):
        publish(tmp_path, places=ONE)
    generations = Generations(tmp_path, keep=1)
    generations.rollback(1)
    with Hold(generations.get(2).folder):
        generations.prune()
        assert [generation.number for generation in generations.all()] == [1, 2, 3]
    generations.prune()
    assert [generation.number for generation in generations.all()] == [1, 3]


def test_a_generation_that_is_going_cannot_be_held(tmp_path: Path, publish: Publish) -> None:
    publish(tmp_path, places=ONE)
    folder = Generations(tmp_path).get(1).folder
    (folder / "lock").unlink()
    with pytest.raises(InstanceError, match="no longer kept"):
        Hold(folder)


def test_a_second_writer_is_told_so_at_once(tmp_path: Path, publish: Publish) -> None:
    generations = Generations(tmp_path)
    with (
        generations.stage(),
        pytest.raises(InstanceError, match="Another atlas is writing"),
        generations.stage(),
    ):
        pass


def test_what_fails_midway_leaves_no_trace(tmp_path: Path) -> None:
    generations = Generations(tmp_path)
    with pytest.raises(ZeroDivisionError), generations.stage():
        1 / 0  # noqa: B018
    assert list((tmp_path / "generations").iterdir()) == []


def test_what_a_killed_writer_left_is_swept_by_the_next(tmp_path: Path, publish: Publish) -> None:
    left = tmp_path / "generations" / "000001.tmp" / "writing"
    left.mkdir(parents=True)
    assert publish(tmp_path, places=ONE) == 1
    assert [path.name for path in (tmp_path / "generations").glob("*.tmp")] == []


WRITER = """
import sys
from pathlib import Path
from store import Generations, LoadJob
home, triples = Path(sys.argv[1]), Path(sys.argv[2])
while True:
    with Generations(home, keep=3).stage() as staging:
        staging.load([LoadJob(triples, "urn:g")])
        published = Generations(home, keep=3).publish(staging, {"graphs": []})
    print(published.number, flush=True)
"""


@pytest.mark.slow
def test_kill_9_at_any_moment_loses_nothing_that_was_acknowledged(
    tmp_path: Path, triples: Path
) -> None:
    generations = Generations(tmp_path, keep=3)
    moment = random.Random(20261124)
    acknowledged = 0
    for _ in range(KILLS):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, tmp_path, triples], stdout=subprocess.PIPE, text=True
        )
        assert writer.stdout
        acknowledged = max(acknowledged, int(writer.stdout.readline()))
        time.sleep(moment.uniform(0, 0.15))
        os.kill(writer.pid, signal.SIGKILL)
        said = writer.communicate()[0].split()
        acknowledged = max([acknowledged, *map(int, said)])
        served = generations.current()
        assert served is not None
        assert served.number >= acknowledged
        assert count(generations) == "3000"
    assert acknowledged >= KILLS


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk needs root")
def test_a_full_disk_is_one_sentence_and_the_served_generation_stays(
    tmp_path: Path, publish: Publish
) -> None:
    home = tmp_path / "small"
    home.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", home], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("this system does not let a test mount a small disk")
    try:
        publish(home, places=ONE)
        # Hashes, which nothing compresses.
        big = "".join(
            f'<urn:n{n}> <urn:p> "{hashlib.sha512(str(n).encode()).hexdigest()}" .\n'
            for n in range(50_000)
        )
        with pytest.raises(StorageFull, match="the disk is full"):
            publish(home, places=big)
        assert count(Generations(home)) == "1"
    finally:
        subprocess.run(["umount", "-l", home], check=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a read-only disk needs root")
def test_a_home_that_cannot_be_written_is_one_sentence_and_is_still_read(
    tmp_path: Path, publish: Publish
) -> None:
    home = tmp_path / "frozen"
    home.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=20m", "tmpfs", home]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this system does not let a test mount a disk")
    try:
        publish(home, places=ONE)
        subprocess.run(["mount", "-o", "remount,ro", home], check=True)
        with pytest.raises(InstanceError, match=r"read-only disk; set ATLAS_HOME"):
            publish(home, places=ONE)
        with pytest.raises(InstanceError, match=r"read-only disk; set ATLAS_HOME"):
            Generations(home).rollback(1)
        assert count(Generations(home)) == "1"
    finally:
        subprocess.run(["umount", "-l", home], check=True)


def test_a_home_that_is_a_file_is_one_sentence(tmp_path: Path, publish: Publish) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InstanceError, match="is not a folder; set ATLAS_HOME"):
        publish(tmp_path / "file", places=ONE)


def test_a_broken_pointer_says_how_to_mend_it(tmp_path: Path, publish: Publish) -> None:
    publish(tmp_path, places=ONE)
    (tmp_path / "generations" / "current").write_text("seven", encoding="utf-8")
    with pytest.raises(InstanceError, match="atlas rollback N mends it"):
        Generations(tmp_path).current()
