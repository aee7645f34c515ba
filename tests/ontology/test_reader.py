"""Turtle in: strict, offline, with the place of an error."""

from __future__ import annotations

from pathlib import Path

import pytest
from rdflib import XSD, Literal

from atlas.errors import MalformedSource
from ontology.reader import parse, prefixes, read


def test_broken_turtle_is_told_with_file_and_line(tmp_path: Path) -> None:
    path = tmp_path / "broken.ttl"
    path.write_text("@prefix ex: <https://example.org/> .\n\nex:a ex:p ;; ex:b\n", "utf-8")
    with pytest.raises(MalformedSource, match=r"broken\.ttl, line 3: this is not Turtle"):
        read(path)


@pytest.mark.parametrize(
    "text",
    [
        b"<a> <b> <c> .",  # relative, with no base to read it from
        b"\xff\xfe<",
        b"<https://example.org/a b> a <https://example.org/c> .",
        b'<https://example.org/a> <https://example.org/p> "no end .',
        b"<https://example.org/a> <https://example.org/p> <<( <urn:a> <urn:b> <urn:c> )>> .",
    ],
)
def test_what_is_not_turtle_for_owl_is_refused(text: bytes) -> None:
    with pytest.raises(MalformedSource, match=r"^text"):
        parse(text, "text")


def test_nesting_ten_thousand_deep_is_read_or_refused_without_a_crash() -> None:
    deep = b"<urn:a> <urn:p> " + b"[ <urn:p> " * 10_000 + b"1" + b" ]" * 10_000 + b" ."
    assert len(parse(deep, "text")) == 10_001


def test_a_literal_keeps_its_lexical_form() -> None:
    graph = parse(
        b'<urn:a> <urn:p> "01"^^<http://www.w3.org/2001/XMLSchema#int>, "x"@fr-BE .', "text"
    )
    assert {str(value) for value in graph.objects()} == {"01", "x"}
    assert Literal("01", datatype=XSD.int, normalize=False) in set(graph.objects())


def test_an_ill_typed_literal_makes_no_noise(caplog: pytest.LogCaptureFixture) -> None:
    parse(b'<urn:a> <urn:p> "soon"^^<http://www.w3.org/2001/XMLSchema#date> .', "text")
    assert caplog.text == ""


def test_blank_nodes_of_two_files_stay_apart() -> None:
    first, second = (parse(b"_:x <urn:p> 1 .", name) for name in ("first", "second"))
    assert len(first + second) == 2


def test_prefixes_are_read_from_the_table(tmp_path: Path) -> None:
    table = tmp_path / "prefixes.ttl"
    table.write_text("@prefix ex: <https://example.org/> .\n", "utf-8")
    assert prefixes(table) == {"ex": "https://example.org/"}


def test_real_broken_files_are_told_in_one_sentence(atlas_data: Path) -> None:
    paths = sorted((atlas_data / "evil-inputs" / "real-malformed").glob("*.ttl"))
    assert paths
    for path in paths:
        with pytest.raises(MalformedSource, match=r"line \d+: this is not Turtle") as caught:
            read(path)
        assert "\n" not in str(caught.value)
