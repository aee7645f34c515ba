"""Patches between generations: what of a graph changed, what is kept of it, what may be told."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from store import Generation, Generations, graph_files
from store.exports.history import steps, withdrawn
from store.exports.patches import Patches

BASE = "https://example.org/atlas"
GRAPH = f"{BASE}/graph/a"


def line(n: int) -> bytes:
    return b"<urn:s%d> <urn:p> <urn:o> .\n" % n


def publish(home: Path, *, source: Path | None = None, **entry: object) -> Generation:
    """A generation of one graph: its file is linked from ``source``, with the patches beside it."""
    generations = Generations(home)
    with generations.stage() as staging:
        folder = staging.folder / "graphs"
        folder.mkdir()
        if source:
            for file in source.iterdir():
                graph_files.link(file, folder / file.name)
        graph = {"graph": GRAPH, "name": "a", "file": "a.nt", "publish": "default", **entry}
        record = {"base": BASE, "graphs": [graph] if source else [], "default_graph": "own"}
        return generations.publish(staging, record, durable=False)


def rows(home: Path, old: Generation | None, new: Generation) -> set[str]:
    """The rows of the patch that changes something, without their graph."""
    patch = Patches(Generations(home), BASE).made(old, new)
    text = gzip.decompress(patch.file.read_bytes())
    assert len(text) == patch.size
    said = [row for row in text.decode().splitlines() if row[:2] in ("A ", "D ")]
    assert all(row.endswith(f" <urn:p> <urn:o> <{GRAPH}> .") for row in said)
    return {row.split(" <urn:p>")[0] for row in said}


def test_a_file_that_generations_share_is_compared_by_its_patches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    states = [tmp_path / name for name in ("0", "1", "2")]
    for folder in states:
        folder.mkdir()
    graph_files.write(states[0] / "a.nt", [line(n) for n in range(5)])
    for (old, new), removed, added in (
        (states[:2], {line(1), line(2)}, {line(7)}),
        (states[1:], {line(7)}, {line(1), line(8)}),
    ):
        graph_files.patch(old / "a.nt", new / "a.nt", added=added, removed=removed)
    home = tmp_path / "home"
    first, second, third = (publish(home, source=folder) for folder in states)
    with monkeypatch.context() as patched:
        patched.setattr("store.exports.patches.difference", None)  # The file itself is not read.
        assert rows(home, first, second) == {"D <urn:s1>", "D <urn:s2>", "A <urn:s7>"}
        assert rows(home, second, third) == {"D <urn:s7>", "A <urn:s1>", "A <urn:s8>"}
        assert rows(home, third, first) == {"D <urn:s8>", "A <urn:s2>"}
        assert rows(home, third, third) == set()
    assert rows(home, None, third) == {f"A <urn:s{n}>" for n in (0, 1, 3, 4, 8)}


def test_patches_go_with_their_generations(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    graph_files.write(source / "a.nt", [line(0)])
    home = tmp_path / "home"
    first, second = publish(home, source=source), publish(home)
    patches = Patches(Generations(home), BASE)
    patches.made(first, second)
    assert patches.kept(first, second)
    third = publish(home, source=source)
    (first.folder).rename(tmp_path / "gone")
    patches.made(second, third)
    assert patches.kept(first, second) is None
    assert sorted(file.name for file in (home / "feed").glob("*.gz")) == ["000002-000003.patch.gz"]


def test_numbers_that_mean_other_states_have_patches_of_their_own(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    graph_files.write(source / "a.nt", [line(0)])
    home = tmp_path / "home"
    first, second = publish(home), publish(home, source=source)
    Patches(Generations(home), BASE).made(first, second)
    other = Patches(Generations(home), "https://example.org/other")
    assert other.kept(first, second)  # The record says the base.
    record = second.folder / "record.json"
    record.write_text(record.read_text("utf-8").replace('"published": "2', '"published": "3'))
    assert other.kept(first, Generations(home).get(2)) is None


def test_a_rollback_is_a_step_and_stays_one(tmp_path: Path) -> None:
    for _ in range(3):
        publish(tmp_path)
    generations = Generations(tmp_path)

    def numbers() -> list[tuple[int, int, bool]]:
        return [
            (step.before.number if step.before else 0, step.after.number, step.again)
            for step in steps(generations)
        ]

    one_by_one = [(0, 1, False), (1, 2, False), (2, 3, False)]
    assert numbers() == one_by_one
    generations.rollback(1)
    assert numbers() == [*one_by_one, (3, 1, True)]
    back = steps(generations)[-1].at
    publish(tmp_path)
    assert numbers() == [*one_by_one, (3, 1, True), (1, 4, False)]
    assert steps(generations)[-2].at == back


def test_what_is_refused_today_was_not_to_be_told_before(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    graph_files.write(source / "a.nt", [line(0)])
    first = publish(tmp_path / "home", source=source, licence_verified=True)
    assert not withdrawn(first, first)
    second = publish(tmp_path / "home", source=source, licence_verified=False)
    assert "not verified" in withdrawn(first, second)[GRAPH]
    third = publish(tmp_path / "home", source=source, publish="illustrative")
    assert "illustrative" in withdrawn(first, third)[GRAPH]
    assert not withdrawn(second, first)  # It was never given.
