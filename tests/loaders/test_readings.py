from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from atlas.errors import BadRow, ChangedSource
from loaders import readings
from loaders.readings import Planned, plan, read
from loaders.sources import Source

TRIPLE = "<https://example.org/{}> <https://example.org/p> <https://example.org/o> .\n"
MakeSource = Callable[..., Source]


@pytest.fixture
def source(tmp_path: Path, make_source: MakeSource) -> Source:
    path = tmp_path / "small.ttl"
    path.write_text(TRIPLE.format("a") + TRIPLE.format("b"), encoding="utf-8")
    return make_source(kind="ontology", paths={"small": path})


def test_a_source_is_read_once_for_the_same_files(source: Source, tmp_path: Path) -> None:
    first = read(plan(source, tmp_path), [0], 0)
    assert first.reading
    assert (first.reading.rows, first.reading.bad) == (2, 0)
    again = plan(source, tmp_path)
    assert again.reading == first.reading
    assert again.rows == 2


@pytest.mark.parametrize(
    "change",
    [
        {"base": "https://example.org/other"},
        {"version": "2"},
        {"declared": {"attribution": "Somebody"}},
    ],
)
def test_a_source_that_is_said_otherwise_is_read_again(
    source: Source, tmp_path: Path, change: dict[str, object]
) -> None:
    read(plan(source, tmp_path), [0], 0)
    assert plan(replace(source, **change), tmp_path).reading is None


def test_a_source_whose_file_changed_is_read_again(source: Source, tmp_path: Path) -> None:
    read(plan(source, tmp_path), [0], 0)
    source.path.write_text(TRIPLE.format("c"), encoding="utf-8")
    changed = plan(source, tmp_path)
    assert changed.reading is None
    assert changed.rows == 2  # So that the bar knows how long it may take.


@pytest.mark.parametrize("module", ["values.py", "readers/tables.py"])
def test_a_source_is_read_again_when_a_loader_changed(
    source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: str
) -> None:
    read(plan(source, tmp_path), [0], 0)
    other = tmp_path / "loaders"
    shutil.copytree(readings.PACKAGE, other)
    monkeypatch.setattr(readings, "PACKAGE", other)
    readings.loaders_digest.cache_clear()
    assert plan(source, tmp_path).reading
    (other / module).write_text("# Changed.", encoding="utf-8")
    readings.loaders_digest.cache_clear()
    assert plan(source, tmp_path).reading is None
    readings.loaders_digest.cache_clear()


def test_force_reads_what_has_not_changed(source: Source, tmp_path: Path) -> None:
    read(plan(source, tmp_path), [0], 0)
    assert plan(source, tmp_path, force=True).reading is None


def damage_record(planned: Planned) -> None:
    planned.record.write_text('{"key": "', encoding="utf-8")


def other_form(planned: Planned) -> None:
    planned.record.write_text(json.dumps({"key": planned.key}), encoding="utf-8")


def lose_triples(planned: Planned) -> None:
    planned.triples.unlink()


def lose_rewritten(planned: Planned) -> None:
    planned.rewritten.unlink()


@pytest.mark.parametrize("harm", [damage_record, other_form, lose_triples, lose_rewritten])
def test_a_reading_that_is_not_whole_does_not_hold(
    source: Source, tmp_path: Path, harm: Callable[[Planned], None]
) -> None:
    harm(read(plan(source, tmp_path), [0], 0))
    assert plan(source, tmp_path).reading is None


def test_the_graph_describes_itself_in_its_own_triples(source: Source, tmp_path: Path) -> None:
    done = read(plan(source, tmp_path), [0], 0)
    text = done.triples.read_text(encoding="utf-8")
    assert f"<{source.graph}> <http://purl.org/dc/terms/license> <{source.licence}> ." in text
    assert done.checksum in text
    assert done.reading
    assert text.count("\n") == done.reading.quads


def test_bad_rows_are_counted_and_kept_in_a_file(tmp_path: Path, make_source: MakeSource) -> None:
    source = bad_map(tmp_path, make_source, on_error="skip")
    done = read(plan(source, tmp_path), [0], 0)
    assert done.reading
    assert done.reading.bad == 1
    told = done.bad_rows.read_text(encoding="utf-8")
    assert told.startswith(f"{source.path / 'communes.json'}, line 1: field 'nom' is ''")


def test_a_bad_row_that_stops_leaves_the_last_reading(
    tmp_path: Path, make_source: MakeSource
) -> None:
    source = bad_map(tmp_path, make_source, on_error="skip")
    first = read(plan(source, tmp_path), [0], 0)
    before = first.triples.read_bytes()
    with pytest.raises(BadRow):
        read(plan(replace(source, on_error="stop", version="2"), tmp_path), [0], 0)
    assert first.triples.read_bytes() == before
    assert plan(source, tmp_path).reading == first.reading
    assert not list(first.triples.parent.glob("*.tmp"))


def test_files_of_another_checksum_than_declared_are_not_read(
    source: Source, tmp_path: Path
) -> None:
    with pytest.raises(ChangedSource):
        plan(replace(source, checksum="sha256:00"), tmp_path)


def bad_map(tmp_path: Path, make_source: MakeSource, *, on_error: str) -> Source:
    """A map of one commune that has no name."""
    folder = tmp_path / "map"
    folder.mkdir()
    for name in ("regions", "departements", "arrondissements", "epci"):
        (folder / f"{name}.json").write_text("[]", encoding="utf-8")
    commune = {"type": "commune-actuelle", "code": "01001", "nom": "", "departement": "01"}
    (folder / "communes.json").write_text(json.dumps([commune]), encoding="utf-8")
    options = {"vintage": "2026"}
    return make_source(paths={"map": folder}, on_error=on_error, options=options)
