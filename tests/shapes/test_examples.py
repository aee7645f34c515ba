"""The examples that come with the shapes, and what examples.run says of examples that lie."""

from __future__ import annotations

from pathlib import Path

import pytest
import rdflib

from shapes import examples
from store import LocalEngine


def test_every_shape_accepts_its_valid_examples_and_refuses_the_others_as_they_say(
    schema: rdflib.Graph,
) -> None:
    assert examples.run(LocalEngine, schema) == []


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for kind in ("valid", "invalid"):
        (tmp_path / kind).mkdir()
        for path in examples.files(kind):
            (tmp_path / kind / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr(examples, "FOLDER", tmp_path)
    return tmp_path


def test_a_valid_example_that_is_none_is_reported(folder: Path, schema: rdflib.Graph) -> None:
    path = folder / "valid" / "Membership-dated.ttl"
    path.write_text(path.read_text("utf-8").replace("atlas:OwnTaxGrouping", "atlas:Commune"))
    assert examples.run(LocalEngine, schema) == [
        "valid/Membership-dated.ttl: not expected: Violation shape:Membership atlas:grouping."
    ]


def test_an_invalid_example_that_conforms_is_reported(folder: Path, schema: rdflib.Graph) -> None:
    path = folder / "invalid" / "Membership-without-member.ttl"
    valid = (folder / "valid" / "Membership-dated.ttl").read_text("utf-8")
    path.write_text(f"# expect: Violation shape:Membership atlas:member\n{valid}")
    assert examples.run(LocalEngine, schema) == [
        "invalid/Membership-without-member.ttl: expected: Violation shape:Membership atlas:member."
    ]


def test_an_example_without_a_focus_node_proves_nothing(folder: Path, schema: rdflib.Graph) -> None:
    (folder / "valid" / "Membership-dated.ttl").write_text("<a:a> <a:b> <a:c> .")
    assert examples.run(LocalEngine, schema) == [
        "valid/Membership-dated.ttl: the shape finds no focus node in its example."
    ]


def test_a_shape_without_examples_is_reported(folder: Path, schema: rdflib.Graph) -> None:
    for path in (folder / "invalid").glob("Keyword-*.ttl"):
        path.unlink()
    assert examples.run(LocalEngine, schema) == [
        "https://w3id.org/atlas-relationnel/shape/Keyword has no invalid example."
    ]


def test_an_example_of_no_shape_is_reported(folder: Path, schema: rdflib.Graph) -> None:
    (folder / "valid" / "Nothing-at-all.ttl").write_text("<a:a> <a:b> <a:c> .")
    (problem,) = examples.run(LocalEngine, schema)
    assert "there is no shape" in problem
