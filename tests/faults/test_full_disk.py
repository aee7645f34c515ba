"""A full disk: a write is refused as such and changes nothing; once there is room, it goes on."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from store import Generations
from tests.endpoint.serving import Served, serving
from tests.endpoint.world import publish_world
from tests.faults.watching import still_answers
from tests.faults.writing import GRAPH, WRITTEN, bearer, pair, pairs_of, token, update, whole

SIZE = 48 * 1024 * 1024


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a small disk of its own, in memory."""
    mount, umount = shutil.which("mount"), shutil.which("umount")
    folder = tmp_path / "disk"
    folder.mkdir()
    if mount is None or umount is None or os.geteuid():
        pytest.skip("Only the system's administrator can mount a small disk.")
    done = subprocess.run(
        [mount, "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        pytest.skip(f"This machine does not let a test mount a disk: {done.stderr.strip()}")
    yield folder
    subprocess.run([umount, str(folder)], check=True)


@pytest.mark.slow
def test_a_full_disk_refuses_writes_keeps_the_data_and_recovers(disk: Path) -> None:
    publish_world(disk)
    secret = token(disk)
    with serving(disk, ATLAS_WORKERS="2", ATLAS_GENERATIONS_KEPT="2") as served:
        assert update(served, secret, pair(0)).status // 100 == 2
        ballast = fill(disk)
        for number in (1, 2):
            refused_for_want_of_room(served, secret, pair(number))
        big = "".join(f"<urn:x-faults:s> <urn:x-faults:p> {number} .\n" for number in range(50_000))
        put = served.fetch(
            f"/data?graph={GRAPH}/big", "PUT", body=big, headers=bearer(secret, "text/turtle")
        )
        assert (put.status, put.slug) == (507, "storage-full")
        assert whole(served.rows(WRITTEN)) == {0}
        still_answers(served)
        ballast.unlink()
        assert update(served, secret, pair(3)).status // 100 == 2
        assert whole(served.rows(WRITTEN)) == {0, 3}
    last = Generations(disk).current()
    assert last is not None
    assert pairs_of(last) == {0, 3}


def fill(disk: Path) -> Path:
    """A file that takes what is free."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as stream:
        for size in (1 << 20, 1 << 12):
            try:
                while True:
                    stream.write(bytes(size))
            except OSError:
                continue
    return ballast


def refused_for_want_of_room(served: Served, secret: str, text: str) -> None:
    reply = update(served, secret, text)
    assert (reply.status, reply.slug) == (507, "storage-full"), reply.text
    assert whole(served.rows(WRITTEN)) == {0}
