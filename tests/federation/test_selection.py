"""Which sites are asked: passed over only on proof."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyoxigraph as ox
import pytest

from federation.plain.selection import FRESH, SOME, Sayings, estimate, question
from federation.query.patterns import TYPE, Pattern
from federation.query.triples import Names, read_triples
from federation.sites.summaries import PredicateSummary, Summary
from tests.federation.sites import world

EX = "http://example.org/"
NAMES = Names("", {"ex": EX, "other": "https://other.example.net/"})
SUMMARY = Summary(
    taken=datetime.now(UTC),
    triples=1_300,
    predicates={
        f"{EX}p": PredicateSummary(1_000, frozenset(["http://example.org"]), None, False),
        f"{EX}label": PredicateSummary(200, None, frozenset(), True),
        TYPE.value: PredicateSummary(100, None, None, False),
    },
    classes={f"{EX}C": 60},
    complete=True,
    classes_complete=True,
)


def pattern(text: str) -> Pattern:
    (found,) = read_triples(text, NAMES)
    assert isinstance(found, Pattern)
    return found


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("?s ex:p ?o", 1_000),
        ("?s ex:label ?o", 200),
        ("?s ex:q ?o", 0),
        ("?s a ex:C", 60),
        ("?s a ex:D", 0),
        ("?s a ?class", 100),
        ("other:x ex:p ?o", 0),
        ("other:x ex:label 'x'", 10),
        ("?s ex:label other:x", 0),
        ("?s ex:p 'a text'", 0),
        ("?s ?p ?o", 1_300),
    ],
)
def test_a_summary_that_lists_everything_tells_how_many(text: str, number: int) -> None:
    assert estimate(pattern(text), SUMMARY) == number


@pytest.mark.parametrize("text", ["?s ex:q ?o", "?s a ex:D", "?s ?p ?o"])
def test_a_summary_that_does_not_list_everything_proves_nothing(text: str) -> None:
    loose = replace(SUMMARY, complete=False, classes_complete=False)
    assert estimate(pattern(text), loose) is None


def test_an_old_summary_and_none_at_all_prove_nothing() -> None:
    old = replace(SUMMARY, taken=datetime.now(UTC) - timedelta(seconds=FRESH + 60))
    assert estimate(pattern("?s ex:q ?o"), old) is None
    assert estimate(pattern("?s ex:p ?o"), None) is None


def test_a_question_does_not_depend_on_the_names_of_variables() -> None:
    assert question(pattern("?a ex:p ?b")) == question(pattern("?x ex:p ?y"))
    assert question(pattern("?a ex:p ?a")) != question(pattern("?a ex:p ?b"))
    assert "FILTER(?value = " in question(pattern("?a ex:p 5"))


def test_what_a_site_said_is_remembered_for_a_while_and_not_for_ever() -> None:
    clock = [0.0]
    sayings = Sayings(age=10, now=lambda: clock[0])
    sayings.put("site", "question", SOME)
    clock[0] = 9.0
    assert sayings.get("site", "question") == SOME
    clock[0] = 11.0
    assert sayings.get("site", "question") is None


def test_many_sayings_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("federation.plain.selection.REMEMBERED", 3)
    sayings = Sayings()
    for number in range(5):
        sayings.put("site", str(number), number)
    assert [sayings.get("site", str(number)) for number in range(5)] == [None, None, 2, 3, 4]


HERE = f"<{EX}a> <{EX}p> <{EX}b> ."
THERE = f"<{EX}b> <{EX}q> <{EX}c> ."
QUERY = "SELECT * { ?a ex:p ?b . ?b ex:q ?c }"


def asks(texts: list[str]) -> list[str]:
    return [text for text in texts if text.startswith("ASK")]


def test_without_a_summary_a_site_is_asked_once_what_it_has(tmp_path: Path) -> None:
    with world(tmp_path, HERE, THERE) as sites:
        (site,) = sites.partners
        for _ in range(2):
            assert sites.bag(QUERY) == sites.truth(QUERY)
            assert len(asks(site.asked)) == 2
        # It has no triples of the first pattern, so that it is asked for the second one only.
        selects = [text for text in site.asked if not text.startswith("ASK")]
        assert selects
        assert all("/q>" in text for text in selects)


def test_with_a_summary_nobody_is_asked_what_it_has(tmp_path: Path) -> None:
    with world(tmp_path, HERE, THERE, summaries=True) as sites:
        (site,) = sites.partners
        assert sites.bag(QUERY) == sites.truth(QUERY)
        assert asks(site.asked) == []
        assert len(site.asked) == 1


def test_what_only_this_atlas_has_is_asked_of_nobody(tmp_path: Path) -> None:
    with world(tmp_path, HERE, THERE, summaries=True) as sites:
        query = "SELECT * { ?a ex:p ?b OPTIONAL { ?b ex:p ?c } }"
        assert sites.bag(query) == sites.truth(query)
        assert sites.asked() == 0


def test_what_is_new_here_is_seen_in_the_next_state_of_the_data(tmp_path: Path) -> None:
    with world(tmp_path, HERE, THERE, summaries=True) as sites:
        query = "SELECT * { ?a ex:new ?b }"
        assert not sites.bag(query)
        quad = ox.Quad(*(ox.NamedNode(EX + name) for name in ("a", "new", "b")))
        sites.here.store.add(quad)
        sites.merge.add(quad)
        sites.state = "2"
        assert sites.bag(query) == sites.truth(query) != {}
