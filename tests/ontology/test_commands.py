"""``atlas format`` on real files, as a user calls it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from atlas.errors import MalformedSource, UsageError
from ontology.commands import format_files
from ontology.modules import files

SMALL = Path(__file__).parent / "small" / "ontology"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(format_files, [str(argument) for argument in arguments])


@pytest.fixture
def messy(tmp_path: Path) -> Path:
    """The small ontology's module with a comment, a wrong order and an odd layout."""
    path = tmp_path / "places.ttl"
    text = (SMALL / "places.ttl").read_text("utf-8")
    head, *blocks = text.split("\n\n")
    path.write_text("\n\n".join([head, "# by hand", *reversed(blocks)]), "utf-8")
    return path


def test_a_messy_file_is_rewritten_once_and_then_left_alone(messy: Path) -> None:
    first = run(messy)
    assert (first.exit_code, first.output) == (0, f"{messy} rewritten\n")
    assert messy.read_bytes() == (SMALL / "places.ttl").read_bytes()
    second = run(messy)
    assert (second.exit_code, second.output) == (0, "")


def test_check_only_looks_and_shows_a_small_difference(messy: Path) -> None:
    before = messy.read_bytes()
    result = run("--check", messy)
    assert result.exit_code == 1
    assert f"{messy} is not in the stable form" in result.output
    assert "-# by hand" in result.output
    assert len(result.output.splitlines()) < 25
    assert messy.read_bytes() == before


def test_check_of_a_stable_file_is_silent() -> None:
    result = run("--check", SMALL)
    assert (result.exit_code, result.output) == (0, "")


def test_broken_turtle_stops_before_any_file_is_written(messy: Path) -> None:
    broken = messy.with_name("z-broken.ttl")
    broken.write_text("@prefix ex: <https://example.org/> .\nex:a ex:b\n", "utf-8")
    before = messy.read_bytes()
    result = run(messy.parent)
    assert isinstance(result.exception, MalformedSource)
    assert str(result.exception).startswith(f"{broken}, line ")
    assert result.exception.exit_code == 1
    assert messy.read_bytes() == before


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "atlas.owl"
    other.write_text("<rdf/>", "utf-8")
    assert isinstance(run(other).exception, UsageError)


def test_the_mode_of_a_file_and_a_link_to_it_stay(messy: Path) -> None:
    messy.chmod(0o640)
    link = messy.with_name("link.ttl")
    link.symlink_to(messy)
    assert run(link).exit_code == 0
    assert link.is_symlink()
    assert messy.stat().st_mode & 0o777 == 0o640
    assert messy.read_bytes() == (SMALL / "places.ttl").read_bytes()


def test_a_failed_write_leaves_the_old_file_and_no_rest(
    messy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    before = messy.read_bytes()
    monkeypatch.setattr(os, "fsync", full)
    result = run(messy)
    assert isinstance(result.exception, UsageError)
    assert "No space left on device" in str(result.exception)
    assert messy.read_bytes() == before
    assert list(messy.parent.iterdir()) == [messy]


def test_by_default_the_ontology_itself_is_looked_at() -> None:
    assert run("--check").exit_code in (0, 1)
    names = {path.parent.name for path in files()}
    assert names <= {"ontology", "vocabularies", "alignments", "imports"}
    assert "prefixes.ttl" not in {path.name for path in files()}


def test_windows_line_ends_are_put_right(tmp_path: Path) -> None:
    path = tmp_path / "places.ttl"
    path.write_bytes((SMALL / "places.ttl").read_bytes().replace(b"\n", b"\r\n"))
    assert run(path).exit_code == 0
    assert path.read_bytes() == (SMALL / "places.ttl").read_bytes()


def test_help_shows_an_example() -> None:
    assert "atlas format --check ontology/territory.ttl" in run("--help").output


def test_the_table_of_prefixes_is_never_rewritten(tmp_path: Path) -> None:
    shutil.copy(SMALL / "places.ttl", tmp_path)
    table = tmp_path / "prefixes.ttl"
    table.write_text("# the table\n@prefix ex: <https://example.org/> .\n", "utf-8")
    assert run(tmp_path).exit_code == 0
    assert table.read_text("utf-8").startswith("# the table")
