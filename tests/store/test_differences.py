"""What differs between two files of lines."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store.exports.differences import difference

LINES = st.lists(st.integers(0, 60).map(lambda n: b"line %d\n" % n), max_size=60)


def told(old: list[bytes], new: list[bytes], folder: Path, **sizes: int) -> tuple[list[bytes], ...]:
    parts = list(difference(old, new, folder, **sizes))
    return (
        [line for part in parts for line in part.removed],
        [line for part in parts for line in part.added],
    )


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(old=LINES, new=LINES, piece=st.integers(1, 200), window=st.integers(1, 100))
def test_it_is_the_difference_of_the_sets(
    tmp_path: Path, old: list[bytes], new: list[bytes], piece: int, window: int
) -> None:
    removed, added = told(old, new, tmp_path, piece=piece, window=window)
    assert removed == sorted(set(old) - set(new))
    assert added == sorted(set(new) - set(old))
    assert not list(tmp_path.iterdir())


def test_no_file_is_in_memory_whole(tmp_path: Path) -> None:
    lines = [b"<urn:s%d> <urn:p> <urn:o> .\n" % n for n in range(200_000)]
    old, new = tmp_path / "old", tmp_path / "new"
    old.write_bytes(b"".join(lines))
    new.write_bytes(b"".join([*reversed(lines[:-1]), b"<urn:new> <urn:p> <urn:o> .\n"]))
    del lines
    tracemalloc.start()
    with old.open("rb") as left, new.open("rb") as right:
        (*parts,) = difference(left, right, tmp_path, piece=256 * 1024, window=16 * 1024)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert sum(len(part.removed) + len(part.added) for part in parts) == 2
    assert peak < old.stat().st_size
