"""Who is asked what, in which order, and how much comes over."""

from __future__ import annotations

import re
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from atlas.errors import ClientGone, NotFederable, PartnerFailed, PartnerLimit, QueryTimeout
from federation.partner import IRIS, NONE, Limits
from federation.plain.answering import Planned
from federation.plain.explaining import after, before, explained
from federation.run import Run
from store.answers import Operation
from tests.federation.faulty import (
    PATIENCE,
    Behaviour,
    Faulty,
    boolean,
    hanging,
    iri,
    literal,
    results,
)
from tests.federation.sites import PREFIXES, World, world

HEAD = "@prefix ex: <http://example.org/> .\n"
# A thousand towns here, in departments of twenty; each has its school there.
TOWNS = HEAD + "\n".join(
    f'ex:town{n} a ex:Town ; ex:in ex:d{n // 20} ; ex:name "town {n}" .' for n in range(1000)
)
SCHOOLS = HEAD + "\n".join(
    f'ex:school{n} ex:at ex:town{n} ; ex:title "school {n}"@en ; ex:pupils {n % 50} .'
    for n in range(1000)
)
JOIN = "SELECT * { ?town ex:in ex:d7 . ?school ex:at ?town ; ex:title ?title }"


def planned(sites: World, text: str, run: Run | None = None) -> Planned:
    return sites.plain.planned(Operation(PREFIXES + text), sites.local, run or sites.run())


def steps(sites: World, text: str) -> list[dict[str, Any]]:
    told = explained(planned(sites, text), sites.run())
    return list(told["steps"])


def moved(sites: World) -> int:
    """Rows that partners sent for the last query."""
    assert sites.last is not None
    return sum(e.rows for e in sites.last.exchanges if e.partner.startswith("site-"))


def test_a_join_of_twenty_rows_takes_one_request_and_moves_twenty_rows(tmp_path: Path) -> None:
    with world(tmp_path, TOWNS, SCHOOLS, summaries=True) as sites:
        assert len(list(sites.answer(JOIN))) == 20
        assert sites.asked() == 1
        assert moved(sites) == 20


def test_the_step_that_brings_least_comes_first(tmp_path: Path) -> None:
    with world(tmp_path, TOWNS, SCHOOLS, summaries=True) as sites:
        first, second = steps(sites, JOIN)
        assert "ex:d7" not in str(first)
        assert "/d7>" in str(first["patterns"])
        # What one site alone has goes there together.
        assert len(second["patterns"]) == 2
        other = "SELECT * { ?town ex:name ?name . ?school ex:at ?town ; ex:title 'school 7'@en }"
        assert "/at>" in str(steps(sites, other)[0]["patterns"])


def test_the_order_follows_what_was_really_found(tmp_path: Path) -> None:
    one = HEAD + "\n".join(
        f"ex:a{n} ex:rel ex:k{n % 200} ; ex:broader ex:v{n % 90} ." for n in range(2000)
    )
    other = HEAD + "ex:x ex:broader ex:y .\n"
    other += "\n".join(f"ex:b{n} ex:subject ex:v{n} ." for n in range(90))
    with world(tmp_path, HEAD, one, other, summaries=True) as sites:
        query = "SELECT * { ?a ex:rel ex:k7 ; ex:broader ?v . ?b ex:subject ?v }"
        assert sites.bag(query) == sites.truth(query)
        # Ten by the constant, ten broader ones, and what is said of these.
        assert moved(sites) < 40


def test_parts_of_one_site_that_share_no_variable_are_asked_apart(tmp_path: Path) -> None:
    with world(tmp_path, HEAD, SCHOOLS, summaries=True) as sites:
        query = "SELECT * { ?a ex:title 'school 1'@en . ?b ex:title 'school 2'@en }"
        assert len(steps(sites, query)) == 2
        assert sites.bag(query) == sites.truth(query)


def test_more_values_than_a_block_go_in_several(tmp_path: Path) -> None:
    with world(tmp_path, TOWNS, SCHOOLS, summaries=True, block=7) as sites:
        assert len(list(sites.answer(JOIN))) == 20
        assert sites.asked() == 3
        assert all(text.count("/town") <= 7 for text in sites.partners[0].asked)
        assert moved(sites) == 20


def test_too_many_blocks_become_one_question_without_values(tmp_path: Path) -> None:
    with world(tmp_path, TOWNS, SCHOOLS, summaries=True, block=10) as sites:
        query = "SELECT * { ?town a ex:Town . ?school ex:at ?town }"
        assert len(list(sites.answer(query))) == 1000
        assert sites.asked() == 1
        assert "VALUES" not in sites.partners[0].asked[0]


def test_a_filter_goes_where_all_sites_read_it_alike(tmp_path: Path) -> None:
    with world(tmp_path, TOWNS, SCHOOLS, summaries=True) as sites:
        for condition, rows in (
            ("FILTER(?pupils > 47)", 40),
            ('FILTER(CONTAINS(?title, "99"))', 20),
            ("FILTER(?pupils IN (1, ex:x))", 20),
        ):
            query = f"SELECT * {{ ?s ex:pupils ?pupils ; ex:title ?title {condition} }}"
            assert sites.bag(query) == sites.truth(query)
            assert moved(sites) < rows + 20
        for condition in (
            "FILTER(DATATYPE(?pupils) = xsd:integer)",
            'FILTER(REGEX(?title, "9$"))',
            "FILTER(RAND() < 2 && ?pupils > 48)",
            "FILTER(xsd:integer(?pupils) > 48)",
        ):
            query = f"SELECT * {{ ?s ex:pupils ?pupils ; ex:title ?title {condition} }}"
            assert sites.bag(query) == sites.truth(query)
            assert "FILTER" not in sites.partners[0].asked[-1]


@pytest.mark.parametrize("sends", [IRIS, NONE])
def test_values_that_may_not_be_sent_are_not(tmp_path: Path, sends: str) -> None:
    here = HEAD + 'ex:a ex:secret "classified" ; ex:knows ex:b .'
    there = HEAD + 'ex:x ex:word "classified" , "open" . ex:b ex:word "b" . ex:y ex:word 5 .'
    with world(tmp_path, here, there, summaries=True, sends=sends) as sites:
        for query in (
            "SELECT * { ?a ex:secret ?w . ?x ex:word ?w }",
            "SELECT * { ?a ex:knows ?b . ?b ex:word ?w }",
        ):
            assert sites.bag(query) == sites.truth(query)
        asked = " ".join(sites.partners[0].asked)
        assert "classified" not in asked
        assert ("example.org/b>" in asked) == (sends == IRIS)


def test_nothing_is_asked_once_nothing_can_come(tmp_path: Path) -> None:
    with world(tmp_path, TOWNS, SCHOOLS, summaries=True) as sites:
        assert list(sites.answer("SELECT * { ?t ex:in ex:nowhere . ?s ex:at ?t }")) == []
        assert sites.asked() == 0


def test_some_triples_are_enough_for_a_limit_over_one_pattern(tmp_path: Path) -> None:
    with world(tmp_path, TOWNS, SCHOOLS, summaries=True) as sites:
        assert len(list(sites.answer("SELECT * { ?s ?p ?o } LIMIT 5 OFFSET 2"))) == 5
        assert moved(sites) == 7
        assert sites.answer("ASK { ?s ex:at ?o }")
        assert moved(sites) == 1
        ordered = "SELECT * { ?s ex:pupils ?n } ORDER BY ?n ?s LIMIT 3"
        assert sites.bag(ordered) == sites.truth(ordered)
        distinct = "SELECT DISTINCT ?p { ?s ?p ?o } LIMIT 6"
        assert sites.bag(distinct) == sites.truth(distinct)


def test_planning_says_what_it_means_to_do_and_afterwards_what_came(tmp_path: Path) -> None:
    with world(tmp_path, TOWNS, SCHOOLS, summaries=True) as sites:
        text = "SELECT * { ?t ex:in ex:d7 OPTIONAL { ?s ex:at+ ?t } MINUS { ?t ex:pupils 1 } }"
        plan = planned(sites, text)
        said = "\n".join(before(plan))
        assert re.search(r"OPTIONAL\n.*<http://example.org/at>\)\+ \?t", said)
        assert "MINUS" in said
        assert '"1"^^' in said
        assert "site-0 ~1,000" in said
        sites.answer(JOIN)
        assert sites.last is not None
        assert any("site-0: 1 requests, 20 rows" in line for line in after(sites.last))


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { GRAPH ?g { ?s ?p ?o } }",
        "SELECT * { SERVICE <http://x/> { ?s ?p ?o } }",
        "SELECT * FROM <http://x/> { ?s ?p ?o }",
        "SELECT * { ?a ex:p* ?b }",
        "SELECT * { ?a (ex:p?|ex:q) ?b }",
        "SELECT * { ?a ex:p ?c OPTIONAL { ?b (ex:p*/ex:q*) ?d } }",
        "DESCRIBE <http://x/>",
        "SELECT * { ?atlas_hidden_1 ex:p ?b }",
        f"SELECT * {{ {' '.join(f'?s ex:p{n} ?o .' for n in range(201))} }}",
    ],
)
def test_what_several_sites_cannot_answer_together_is_refused(tmp_path: Path, text: str) -> None:
    with world(tmp_path, HEAD, SCHOOLS) as sites:
        with pytest.raises(NotFederable):
            sites.answer(text)
        assert sites.asked() == 0


def test_a_partner_that_fails_fails_the_query_unless_part_of_it_will_do(tmp_path: Path) -> None:
    with world(tmp_path, TOWNS, SCHOOLS, SCHOOLS, summaries=True) as sites:
        sites.partners[0].refuses = lambda text: True
        with pytest.raises(PartnerFailed, match="site-0"):
            sites.answer(JOIN)
        assert len(list(sites.answer(JOIN, partial=True))) == 20
        assert sites.last is not None
        assert list(sites.last.left_out) == ["site-0"]


@pytest.mark.parametrize(
    "said",
    [
        results(["school"], [{"school": iri("http://x/s")}]),
        results(["school", "town"], [{"school": literal("s"), "town": iri("http://x/t")}]),
        results(["school", "town"], [{"school": iri("http://x/s")}]),
    ],
)
def test_a_partner_that_answers_something_else_is_named(tmp_path: Path, said: Behaviour) -> None:
    with Faulty(boolean(True), said) as odd, world(tmp_path, TOWNS) as sites:
        sites.plain.federation.partners.add(odd.partner("odd"))
        query = "SELECT * { ?school ex:at ?town }"
        with pytest.raises(PartnerFailed, match="odd"):
            sites.answer(query)
        assert list(sites.answer(query, partial=True)) == []
        assert sites.last is not None
        assert list(sites.last.left_out) == ["odd"]


def test_rows_beyond_a_limit_are_a_clear_refusal(tmp_path: Path) -> None:
    with (
        world(tmp_path, TOWNS, SCHOOLS, summaries=True, limits=Limits(rows=100)) as sites,
        pytest.raises(PartnerLimit, match="site-0"),
    ):
        sites.answer("SELECT * { ?s ex:at ?t }")


def test_rows_of_this_atlas_are_bounded_too(tmp_path: Path) -> None:
    with world(tmp_path, TOWNS, SCHOOLS, summaries=True) as sites:
        sites.plain.federation = replace(sites.plain.federation, rows=2_000)
        with pytest.raises(PartnerLimit, match="this atlas"):
            sites.answer("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
        assert len(list(sites.answer("SELECT * { ?s ex:name ?o }"))) == 1000


def test_nobody_waits_for_a_slow_site_once_another_has_failed(tmp_path: Path) -> None:
    with Faulty(hanging()) as slow, world(tmp_path, TOWNS, SCHOOLS) as sites:
        sites.partners[0].refuses = lambda text: True
        sites.plain.federation.partners.add(slow.partner("a-slow-one", limits=Limits(seconds=60)))
        with pytest.raises(PartnerFailed, match="site-0"):
            planned(sites, JOIN)
        assert slow.gone.wait(20)


def test_a_query_ends_with_its_time(tmp_path: Path) -> None:
    with Faulty(hanging()) as slow, world(tmp_path, TOWNS) as sites:
        sites.plain.federation.partners.add(slow.partner("slow", limits=Limits(seconds=60)))
        run = sites.plain.federation.run(0.5)
        began = time.monotonic()
        with pytest.raises((QueryTimeout, PartnerFailed)):
            planned(sites, JOIN, run)
        # The partner itself would keep it waiting for longer.
        assert time.monotonic() - began < PATIENCE


def test_a_query_that_is_cancelled_leaves_its_partners(tmp_path: Path) -> None:
    with Faulty(hanging()) as slow, world(tmp_path, TOWNS) as sites:
        sites.plain.federation.partners.add(slow.partner("slow"))
        run = sites.run()

        def cancel() -> None:
            while not slow.seen:
                time.sleep(0.01)
            run.cancelled.cancel()

        thread = threading.Thread(target=cancel)
        thread.start()
        with pytest.raises(ClientGone):
            planned(sites, JOIN, run)
        thread.join()
        assert slow.gone.wait(20)
