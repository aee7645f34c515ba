from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pyoxigraph import NamedNode

from atlas.errors import ChangedSource, MalformedSource
from loaders.provenance import check, checksum, inferred_to_quads, to_quads
from loaders.sources import Source

MOMENT = datetime(2026, 11, 25, 0, 22, 41, tzinfo=UTC)
MakeSource = Callable[..., Source]


def test_a_graph_says_where_it_comes_from_and_under_which_licence(make_source: MakeSource) -> None:
    source = make_source(address="https://example.org/files", licence_verified=False)
    quads = list(to_quads(source, "sha256:ab", MOMENT))
    assert {quad.subject.value for quad in quads} == {source.graph}
    assert {quad.graph_name.value for quad in quads} == {source.graph}
    said = {(quad.predicate.value.rpartition("/")[2], quad.object.value) for quad in quads}
    assert said == {
        ("22-rdf-syntax-ns#type", "http://www.w3.org/ns/prov#Entity"),
        ("22-rdf-syntax-ns#type", "http://rdfs.org/ns/void#Dataset"),
        ("title", "Petit"),
        ("title", "Small"),
        ("title", "Pequeño"),
        ("source", "https://example.org/files"),
        ("sourceVersion", "1"),
        ("checksum", "sha256:ab"),
        ("license", "https://example.org/licence"),
        ("licenceVerified", "false"),
        ("rights", "Example"),
        ("prov#generatedAtTime", "2026-11-25T00:22:41Z"),
    }


def test_what_nobody_stated_is_left_out(make_source: MakeSource) -> None:
    source = make_source(licence="", attribution="", version="", licence_verified=False)
    said = {quad.predicate.value for quad in to_quads(source, "sha256:ab", MOMENT)}
    assert not {name for name in said if name.endswith(("license", "rights", "sourceVersion"))}


def test_an_illustrative_graph_says_that_it_is(make_source: MakeSource) -> None:
    quads = to_quads(make_source(publish="illustrative"), "sha256:ab", MOMENT)
    assert ("illustrative", "true") in {
        (quad.predicate.value.rpartition("/")[2], quad.object.value) for quad in quads
    }


def test_the_checksum_of_one_file_is_what_sha256sum_prints(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    content = b"code"
    path.write_bytes(content)
    assert checksum([path]) == f"sha256:{hashlib.sha256(content).hexdigest()}"


@pytest.mark.parametrize("change", ["content", "name", "another"])
def test_the_checksum_of_a_folder_changes_with_any_file(tmp_path: Path, change: str) -> None:
    folder = tmp_path / "map"
    folder.mkdir()
    (folder / "a.json").write_text("1", encoding="utf-8")
    (folder / "b.json").write_text("2", encoding="utf-8")
    before = checksum([folder])
    assert checksum([folder]) == before
    if change == "content":
        (folder / "b.json").write_text("3", encoding="utf-8")
    elif change == "name":
        (folder / "b.json").rename(folder / "c.json")
    else:
        (folder / "c.json").touch()
    assert checksum([folder]) != before


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(MalformedSource, match=r"none\.csv: cannot be read"):
        checksum([tmp_path / "none.csv"])


def test_a_source_whose_checksum_changed_is_refused(make_source: MakeSource) -> None:
    check(make_source(), "sha256:ab")
    check(make_source(checksum="sha256:ab"), "sha256:ab")
    with pytest.raises(ChangedSource, match=r"'small' has changed: .* sha256:ab, .* sha256:cd is"):
        check(make_source(checksum="sha256:cd"), "sha256:ab")


def test_an_inferred_graph_says_what_it_comes_from_and_inherits_its_marks(
    make_source: MakeSource,
) -> None:
    free = make_source(licence_verified=True)
    invented = make_source(publish="illustrative", licence_verified=False)
    graph = NamedNode(f"{free.base}/graph/inferred/invented")

    def said(*sources: Source) -> set[tuple[str, str]]:
        quads = inferred_to_quads(graph, sources)
        return {(quad.predicate.value.rpartition("/")[2], quad.object.value) for quad in quads}

    assert said(invented) >= {
        ("prov#wasDerivedFrom", invented.graph),
        ("illustrative", "true"),
        ("licenceVerified", "false"),
        ("title", "What the rules infer from: Small"),
    }
    assert ("title", "What the rules infer") in said(free, free)
    assert ("illustrative", "true") not in said(free)
