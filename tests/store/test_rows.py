"""Rows are counted right in every format, however the answer is cut into pieces."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, Store

from atlas.errors import AnswerTooBig
from store import LocalEngine, Operation
from store.answers import Answer
from store.rows import COUNTERS, bounded

# What would be taken for a row if it were not within a value.
PIECES = ("a", '"', ",{", "[{", "}", "\\", "\n", "\r\n", "\t", "<result>", "&", ":")
TEXTS = st.lists(st.sampled_from(PIECES), max_size=5).map("".join)


@pytest.mark.parametrize("media_type", COUNTERS)
@settings(max_examples=60, deadline=None)
@given(values=st.lists(TEXTS, max_size=6, unique=True), size=st.integers(1, 9))
def test_rows_are_counted_whatever_the_values_hold(
    media_type: str, values: list[str], size: int
) -> None:
    store = Store()
    for value in values:
        store.add(Quad(NamedNode("urn:s"), NamedNode("urn:p"), Literal(value)))
    content = LocalEngine(store=store).query(Operation("SELECT ?o ?none { ?s ?p ?o }"), media_type)
    text = content.read()
    count = COUNTERS[media_type]()
    pieces = [text[start : start + size] for start in range(0, len(text), size)]
    assert sum(map(count, pieces)) == len(values)


@pytest.mark.parametrize("media_type", COUNTERS)
def test_rows_without_a_single_value_count_too(media_type: str) -> None:
    content = LocalEngine().query(Operation("SELECT ?x { VALUES ?x { UNDEF UNDEF } }"), media_type)
    assert COUNTERS[media_type]()(content.read()) == 2


def test_a_cap_on_rows_is_kept_in_process_too() -> None:
    engine = LocalEngine()
    answer = Answer("text/csv")
    with pytest.raises(AnswerTooBig, match="ATLAS_ANSWER_ROWS"):
        engine.write(Operation("SELECT ?x { VALUES ?x { 1 2 3 } }"), "text/csv", answer, rows=2)


def test_exactly_as_many_items_as_allowed_pass() -> None:
    assert list(bounded("abc", 3)) == ["a", "b", "c"]
    with pytest.raises(AnswerTooBig):
        list(bounded("abcd", 3))
