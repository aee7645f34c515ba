"""The files of graphs: shared between generations, patched, made whole again."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store import graph_files

LINES = [f"<urn:s> <urn:p> <urn:{n}> .\n".encode() for n in range(12)]
ENTRY = {"file": "a.nt"}
SETS = st.sets(st.sampled_from(LINES))


def patched(folder: Path, number: int, added: set[bytes], removed: set[bytes]) -> Path:
    """The next generation's folder, with the file of the last one patched."""
    target = folder / str(number)
    target.mkdir(exist_ok=True)
    for left in target.iterdir():
        left.unlink()
    source = folder / str(number - 1) / "a.nt"
    graph_files.patch(source, target / "a.nt", added=added, removed=removed)
    return target


@given(SETS, st.lists(st.tuples(SETS, SETS), max_size=6))
def test_patches_give_the_set_that_the_changes_make(
    tmp_path_factory: pytest.TempPathFactory,
    first: set[bytes],
    changes: list[tuple[set[bytes], set[bytes]]],
) -> None:
    folder = tmp_path_factory.mktemp("files")
    (folder / "0").mkdir()
    graph_files.write(folder / "0" / "a.nt", first)
    held = set(first)
    for number, (added, removed) in enumerate(changes, 1):
        added, removed = added - held - removed, removed & held
        held = (held | added) - removed
        target = patched(folder, number, added, removed)
        found = list(graph_files.read(target, ENTRY))
        assert set(found) == held
        assert len(found) == len(held)


def test_the_file_is_shared_until_its_patches_are_large(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "0").mkdir()
    graph_files.write(tmp_path / "0" / "a.nt", LINES[:4])
    first = patched(tmp_path, 1, {LINES[5]}, {LINES[0]})
    assert os.path.samefile(first / "a.nt", tmp_path / "0" / "a.nt")
    assert sorted(file.name for file in first.iterdir()) == [
        "a.added.nt",
        "a.nt",
        "a.removed.nt",
    ]
    monkeypatch.setattr(graph_files, "PATCH_BYTES", 10)
    second = patched(tmp_path, 2, {LINES[6]}, set())
    assert [file.name for file in second.iterdir()] == ["a.nt"]
    assert set(graph_files.read(second, ENTRY)) == {*LINES[1:4], LINES[5], LINES[6]}
    assert (tmp_path / "0" / "a.nt").read_bytes() == b"".join(LINES[:4])


def test_a_literal_leaves_in_each_form_in_which_it_was_written(tmp_path: Path) -> None:
    integer = b"^^<http://www.w3.org/2001/XMLSchema#integer> .\n"
    one, same, other = (b"<urn:s> <urn:p> " + text + integer for text in (b'"1"', b'"01"', b'"2"'))
    (tmp_path / "0").mkdir()
    graph_files.write(tmp_path / "0" / "a.nt", [one, same, other])
    target = tmp_path / "1"
    target.mkdir()
    source = tmp_path / "0" / "a.nt"
    more = graph_files.patch(source, target / "a.nt", added=set(), removed={one})
    assert more == -2
    assert list(graph_files.read(target, ENTRY)) == [other]


def test_the_files_of_a_graph_stay_behind_with_their_patches(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    for name in ("a.nt", "a.added.nt", "a-b.nt", "b.nt"):
        (source / name).touch()
    graph_files.link_all(source, tmp_path / "target", but=["a.nt"])
    assert {file.name for file in (tmp_path / "target").iterdir()} == {"a-b.nt", "b.nt"}
