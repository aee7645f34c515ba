from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Triple, parse

from loaders.ntriples import whole, write
from loaders.terms import XSD
from store import LocalEngine
from store.parsing.literals import may_change

S, P, G = (NamedNode(f"https://example.org/{name}") for name in "spg")
NUMBERS = st.from_regex(r"[+-]?\d{1,20}(\.\d{0,20})?", fullmatch=True)
DAYS = st.from_regex(r"-?\d{4,5}(-\d\d(-\d\d)?)?(Z|[+-]\d\d:\d\d)?", fullmatch=True)
TIMES = st.from_regex(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:00)?", fullmatch=True)
TYPES = st.sampled_from(
    [
        *("integer", "decimal", "boolean", "date", "gYear", "gYearMonth", "dateTime", "string"),
        *("int", "nonNegativeInteger", "double", "float", "time", "duration", "anyURI", "gMonth"),
        *("hexBinary", "base64Binary", "language", "token"),
    ]
)
TEXTS = st.one_of(NUMBERS, DAYS, TIMES, st.sampled_from(["true", "1", "INF", "P1Y", "a", ""]))


@given(TEXTS, TYPES)
def test_every_literal_that_the_engine_changes_may_change(text: str, kind: str) -> None:
    literal = Literal(text, datatype=NamedNode(XSD + kind))
    engine = LocalEngine()
    engine.load(str(Triple(S, P, literal)).encode() + b" .", "application/n-triples")
    (stored,) = engine.match(S, P, None)
    if stored.object != literal:
        assert may_change(literal)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("15934", "integer"),
        ("2026", "gYear"),
        ("2026-03", "gYearMonth"),
        ("2026-03-09", "date"),
        ("true", "boolean"),
        ("1.5", "decimal"),
        ("01", "string"),
        ("2026-11-25T00:22:41Z", "dateTime"),
    ],
)
def test_what_our_own_loaders_write_is_kept_as_it_is(text: str, kind: str) -> None:
    assert not may_change(Literal(text, datatype=NamedNode(XSD + kind)))


def test_what_may_change_is_written_twice_as_it_is_written(tmp_path: Path) -> None:
    literals = [Literal("01", datatype=NamedNode(f"{XSD}integer")), Literal("01"), Literal("1")]
    literals.append(Literal("5", datatype=NamedNode(f"{XSD}nonNegativeInteger")))
    quads = [Quad(S, P, literal, G) for literal in literals]
    written = write(quads, tmp_path / "a.nt", tmp_path / "b.nt", name="small")
    assert (written.quads, written.rewritten) == (4, 2)
    assert read(tmp_path / "a.nt") == {Triple(S, P, literal) for literal in literals}
    assert read(tmp_path / "b.nt") == {Triple(S, P, literals[0]), Triple(S, P, literals[3])}


def test_blank_nodes_of_two_sources_are_never_the_same(tmp_path: Path) -> None:
    node = BlankNode("b0")
    quads = [Quad(node, P, node, G), Quad(S, P, Triple(node, P, S), G)]
    for name in ("one-two", "three"):
        write(quads, tmp_path / f"{name}.nt", tmp_path / "none.nt", name=name)
    found = [read(tmp_path / f"{name}.nt") for name in ("one-two", "three")]
    ours = BlankNode("one_two_b0")
    assert found[0] == {Triple(ours, P, ours), Triple(S, P, Triple(ours, P, S))}
    assert not found[0] & found[1]


def test_a_file_that_fails_midway_is_not_there(tmp_path: Path) -> None:
    def quads() -> Iterator[Quad]:
        yield Quad(S, P, S, G)
        raise KeyError

    path = tmp_path / "a.nt"
    path.write_text("before", encoding="utf-8")
    with pytest.raises(KeyError):
        write(quads(), path, tmp_path / "b.nt", name="small")
    assert path.read_text(encoding="utf-8") == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_whole_file_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("before", encoding="utf-8")
    with whole(path) as temporary:
        temporary.write_text("after", encoding="utf-8")
        assert path.read_text(encoding="utf-8") == "before"
    assert path.read_text(encoding="utf-8") == "after"


def read(path: Path) -> set[Triple]:
    return {quad.triple for quad in parse(path=str(path), format=RdfFormat.N_TRIPLES)}


def test_a_triple_given_twice_is_one_triple(tmp_path: Path) -> None:
    quads = [Quad(S, P, S, G), Quad(S, P, S, G), Quad(S, P, G, G)]
    written = write(quads, tmp_path / "a.nt", tmp_path / "b.nt", name="small")
    assert (written.quads, written.triples) == (3, 2)
