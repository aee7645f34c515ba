"""Checking partners that are really there: what they say, what is counted, what is only seen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, Quad, RdfFormat, parse

from federation.exchange.client import Client
from federation.partner import Limits, Partner
from federation.sites.checking import Check, Checker
from federation.sites.counting import AUTHORITIES, LOOKED_INTO
from federation.sites.describing import understood
from federation.sites.drift import drift, remarks
from federation.sites.partners import PartnerFolder
from federation.sites.summaries import COUNTED, SAMPLED, VOID, PredicateSummary, Summary
from tests.endpoint.serving import serving
from tests.endpoint.world import ATLAS, publish_world
from tests.federation.small_site import SmallSite, small_site

RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
RDFS_LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
X = "http://x.example/"
DATA = """
@prefix x: <http://x.example/> .
x:a a x:C ; x:p 1 , x:b , <urn:y:1> .
x:b a x:C , x:D .
[] x:q x:a .
"""
PREFIXES = """
@prefix void: <http://rdfs.org/ns/void#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix sd: <http://www.w3.org/ns/sparql-service-description#> .
@prefix x: <http://x.example/> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
"""
VOID_PATH = "/.well-known/void"


@pytest.fixture
def site() -> Iterator[SmallSite]:
    with small_site(DATA) as site:
        yield site


@pytest.fixture
def folder(tmp_path: Path) -> PartnerFolder:
    return PartnerFolder(tmp_path)


def partner_at(endpoint: str, **more: object) -> Partner:
    entry = Partner("site", endpoint=endpoint, licence="CC0", addresses=frozenset({"127.0.0.1"}))
    return replace(entry, **more)


def check(folder: PartnerFolder, partner: Partner) -> Check:
    folder.add(partner, replace=True)
    return Checker(folder, Client()).check(partner)


def summary_of(found: Check) -> Summary:
    assert found.summary is not None, found.failed
    return found.summary


def void(endpoint: str, properties: dict[str, int], *, total: int, more: str = "") -> str:
    """VoID of a dataset at this endpoint."""
    parts = " , ".join(
        f"[ void:property <{iri}> ; void:triples {count} ]" for iri, count in properties.items()
    )
    return (
        f"{PREFIXES} x:set a void:Dataset ; void:sparqlEndpoint <{endpoint}> ; "
        f"void:triples {total} ; void:propertyPartition {parts} . {more}"
    )


RIGHT = {f"{X}p": 3, f"{X}q": 1, RDF_TYPE: 3}


def test_a_site_without_void_is_counted(folder: PartnerFolder, site: SmallSite) -> None:
    found = check(folder, partner_at(site.endpoint))
    assert not found.bad
    assert found.latency is not None
    summary = summary_of(found)
    own, empty = frozenset({"http://x.example"}), frozenset[str]()
    assert summary.predicates == {
        f"{X}p": PredicateSummary(3, own, own | {"urn:"}, literals=True),
        f"{X}q": PredicateSummary(1, empty, own, literals=False),
        RDF_TYPE: PredicateSummary(3, own, own, literals=False),
    }
    assert summary.classes == {f"{X}C": 2, f"{X}D": 1}
    assert (summary.triples, summary.source) == (7, COUNTED)
    assert (summary.complete, summary.classes_complete) == (True, True)
    assert folder.summary("site") == summary
    assert [row["triples"] for row in folder.history("site")] == [7]


def test_a_real_atlas_is_believed_once_its_void_agrees_with_a_count(
    folder: PartnerFolder, tmp_path: Path
) -> None:
    publish_world(tmp_path / "other")
    with serving(tmp_path / "other", ATLAS_WORKERS="2") as served:
        found = check(folder, partner_at(f"{served.address}/sparql"))
    summary = summary_of(found)
    assert summary.source == VOID
    assert summary.complete
    assert summary.classes_complete
    assert summary.classes == {f"{ATLAS}Commune": 2, f"{ATLAS}Relation": 1}
    label = summary.predicates[RDFS_LABEL]
    assert (label.subjects, label.objects) == (frozenset({"https://w3id.org"}), frozenset())
    assert ATLAS in summary.vocabularies
    assert any(feature.endswith("#SPARQL11Query") for feature in summary.features)
    assert found.found == ("a service description", "VoID")
    assert found.remarks == ()


def test_a_site_that_answers_an_ask_with_a_row_is_understood(
    folder: PartnerFolder, site: SmallSite
) -> None:
    site.asks_in_rows = True
    site.documents[VOID_PATH] = "text/turtle", void(site.endpoint, RIGHT, total=7)
    summary = summary_of(check(folder, partner_at(site.endpoint)))
    assert (summary.source, summary.complete) == (VOID, True)


def test_void_that_agrees_spares_the_site_the_count(folder: PartnerFolder, site: SmallSite) -> None:
    licensed = (
        'x:set void:subset x:part ; dcterms:license "CC0" ; void:vocabulary x: . '
        "x:part dcterms:license <http://licence.example/> ."
    )
    text = void(site.endpoint, RIGHT, total=7, more=licensed)
    site.documents[VOID_PATH] = "text/turtle", text
    summary = summary_of(check(folder, partner_at(site.endpoint)))
    assert (summary.source, summary.complete, summary.triples) == (VOID, True, 7)
    assert summary.licences == ("CC0", "http://licence.example/")
    assert summary.vocabularies == (X,)
    assert not [text for text in site.asked if "GROUP BY ?name" in text and "?name ?o" in text]
    assert summary.classes == {f"{X}C": 2, f"{X}D": 1}


@pytest.mark.parametrize(
    ("properties", "total"),
    [
        (RIGHT, 6),  # Its whole is not its parts.
        ({**RIGHT, f"{X}q": 2}, 8),  # It is of another day.
        ({f"{X}p": 3, RDF_TYPE: 3}, 6),  # It leaves one out.
        ({f"{X}p": 3, f"{X}gone": 1, RDF_TYPE: 3}, 7),  # As many, and not the same.
        ({}, 7),
    ],
)
def test_void_that_does_not_agree_is_counted_instead(
    folder: PartnerFolder, site: SmallSite, properties: dict[str, int], total: int
) -> None:
    text = (
        void(site.endpoint, properties, total=total) if properties else f"{PREFIXES} x:set a x:T ."
    )
    site.documents[VOID_PATH] = "text/turtle", text
    summary = summary_of(check(folder, partner_at(site.endpoint)))
    assert summary.source == COUNTED
    assert summary.complete
    assert {iri: known.triples for iri, known in summary.predicates.items()} == RIGHT


def test_void_of_another_endpoint_says_nothing_of_this_one(
    folder: PartnerFolder, site: SmallSite
) -> None:
    licence = "x:set dcterms:license <http://licence.example/> ; void:vocabulary x: ."
    text = void(f"{site.root}/other", RIGHT, total=7, more=licence)
    site.documents[VOID_PATH] = "text/turtle", text
    summary = summary_of(check(folder, partner_at(site.endpoint)))
    assert (summary.source, summary.licences, summary.vocabularies) == (COUNTED, (), ())


@pytest.mark.parametrize(
    "document",
    [
        ("text/html", "<html><p>Not found, politely.</p></html>"),
        ("text/turtle", "<html>"),
        ("application/rdf+xml", "<!DOCTYPE x [<!ENTITY e 'eee'>]><x>&e;&e;</x>"),
        ("text/turtle", "x" * 10_000),
    ],
)
def test_a_document_that_is_no_rdf_says_nothing(
    folder: PartnerFolder, site: SmallSite, document: tuple[str, str]
) -> None:
    site.documents |= {VOID_PATH: document, "/sparql": document}
    limits = Limits(bytes=5_000)
    assert summary_of(check(folder, partner_at(site.endpoint, limits=limits))).source == COUNTED


def test_answers_that_are_cut_prove_no_absence(folder: PartnerFolder, site: SmallSite) -> None:
    site.cut = 1
    summary = summary_of(check(folder, partner_at(site.endpoint)))
    assert len(summary.predicates) == 1
    assert not summary.complete
    assert not summary.classes_complete
    (known,) = summary.predicates.values()
    assert known.subjects is None or known.triples == 1


def test_a_site_that_cuts_answers_without_a_word_is_found_out(
    folder: PartnerFolder, site: SmallSite
) -> None:
    site.cut = 5
    found = check(folder, partner_at(site.endpoint))
    assert summary_of(found).complete
    assert summary_of(found).cut == 5
    assert found.bad
    assert "limit of 4 rows" in found.remarks[0].text
    found = check(folder, partner_at(site.endpoint, limits=Limits(rows=4)))
    assert not found.remarks


def test_an_answer_that_says_it_is_a_part_is_not_taken_for_the_whole(
    folder: PartnerFolder, site: SmallSite
) -> None:
    site.headers = {"X-SPARQL-MaxRows": "3"}
    assert not summary_of(check(folder, partner_at(site.endpoint))).complete
    site.headers = {"X-SQL-State": "S1TAT"}
    assert "in part" in check(folder, partner_at(site.endpoint)).failed


def test_a_site_that_refuses_to_count_is_sampled(folder: PartnerFolder, site: SmallSite) -> None:
    site.refuses = lambda text: "COUNT" in text
    summary = summary_of(check(folder, partner_at(site.endpoint)))
    assert (summary.source, summary.complete, summary.triples) == (SAMPLED, False, None)
    assert summary.predicates == {iri: PredicateSummary() for iri in RIGHT}
    assert summary.classes == {f"{X}C": 0, f"{X}D": 0}


def test_where_nothing_can_be_counted_void_is_told_and_proves_nothing(
    folder: PartnerFolder, site: SmallSite
) -> None:
    site.documents[VOID_PATH] = "text/turtle", void(site.endpoint, {f"{X}p": 3}, total=3)
    site.refuses = lambda text: "COUNT" in text
    summary = summary_of(check(folder, partner_at(site.endpoint)))
    assert (summary.source, summary.complete) == (VOID, False)
    assert summary.predicates == {f"{X}p": PredicateSummary(3)}


def test_a_sample_keeps_to_the_partner_s_limit(folder: PartnerFolder, site: SmallSite) -> None:
    site.refuses = lambda text: "COUNT" in text
    partner = partner_at(site.endpoint, limits=Limits(rows=2))
    assert summary_of(check(folder, partner)).predicates
    assert any("LIMIT 2" in text for text in site.asked)


def test_authorities_are_many_or_all_known(folder: PartnerFolder) -> None:
    wide = "\n".join(
        f"<http://x.example/{n}> <{X}wide> <http://h{n}.example/> ." for n in range(AUTHORITIES + 1)
    )
    with small_site(wide) as site:
        summary = summary_of(check(folder, partner_at(site.endpoint)))
    known = summary.predicates[f"{X}wide"]
    assert known == PredicateSummary(AUTHORITIES + 1, frozenset({"http://x.example"}))


def test_what_is_asked_of_a_site_with_very_many_predicates_is_bounded(
    folder: PartnerFolder,
) -> None:
    many = "\n".join(f"<{X}s> <{X}p{n}> 1 ." for n in range(LOOKED_INTO + 50))
    with small_site(many) as site:
        summary = summary_of(check(folder, partner_at(site.endpoint)))
        assert len(site.asked) < LOOKED_INTO + 15
    assert summary.complete
    known = [one for one in summary.predicates.values() if one.subjects is not None]
    assert len(known) == LOOKED_INTO


def test_an_empty_site_is_whole_and_said_to_be_empty(folder: PartnerFolder) -> None:
    with small_site() as site:
        found = check(folder, partner_at(site.endpoint))
    assert summary_of(found).complete
    assert summary_of(found).classes_complete
    assert "default graph is empty" in found.remarks[0].text


def test_a_site_that_is_down_keeps_its_last_summary(folder: PartnerFolder, site: SmallSite) -> None:
    partner = partner_at(site.endpoint)
    first = check(folder, partner)
    site.refuses = lambda text: True
    failed = check(folder, partner)
    assert failed.bad
    assert "500" in failed.failed
    assert folder.summary("site") == first.summary
    assert [bool(row["failed"]) for row in folder.history("site")] == [False, True]


def test_what_was_found_at_another_endpoint_is_forgotten(
    folder: PartnerFolder, site: SmallSite
) -> None:
    partner = partner_at(site.endpoint)
    check(folder, partner)
    folder.add(replace(partner, endpoint=f"{site.root}/moved"), replace=True)
    assert folder.summary("site") is None


def test_drift_is_what_changed_between_two_checks(folder: PartnerFolder, site: SmallSite) -> None:
    partner = partner_at(site.endpoint)
    assert check(folder, partner).changes == ()
    assert check(folder, partner).changes == ()
    site.load(f"<{X}a> <{X}new> 1 .")
    q = NamedNode(f"{X}q")
    for quad in list(site.data.quads_for_pattern(None, q, None)):
        site.data.remove(quad)
    site.data.remove(Quad(NamedNode(f"{X}b"), NamedNode(RDF_TYPE), NamedNode(f"{X}D")))
    found = check(folder, partner)
    assert {(change.text, change.bad) for change in found.changes} == {
        (f"1 predicate gone: {X}q.", True),
        (f"1 predicate new: {X}new.", False),
        (f"1 class gone: {X}D.", True),
        ("Triples: 7 → 6 (-14%).", False),
    }
    assert found.bad
    assert folder.history("site")[-1]["changes"]


def test_a_site_to_harvest_is_asked_for_what_it_publishes(
    folder: PartnerFolder, site: SmallSite
) -> None:
    site.documents["/all.ttl"] = "text/turtle", DATA
    partner = Partner(
        "dump",
        dump=f"{site.root}/all.ttl",
        uses=frozenset({"harvest"}),
        addresses=frozenset({"127.0.0.1"}),
    )
    found = check(folder, partner)
    assert (found.failed, found.summary) == ("", None)
    assert found.latency is not None
    del site.documents["/all.ttl"]
    assert "404" in check(folder, partner).failed
    assert not site.asked


def test_a_site_at_an_address_that_is_not_allowed_is_not_asked(
    folder: PartnerFolder, site: SmallSite
) -> None:
    found = check(folder, partner_at(site.endpoint, addresses=frozenset()))
    assert "127.0.0.1" in found.failed
    assert not site.asked


TAKEN = datetime(2026, 11, 29, tzinfo=UTC)
WHOLE = Summary(
    TAKEN,
    triples=100,
    predicates={"http://p/1": PredicateSummary(60), "http://p/2": PredicateSummary(40)},
    classes={"http://c/1": 10},
    complete=True,
    classes_complete=True,
    licences=("http://l/1",),
    vocabularies=("http://v/1",),
    features=("http://f/1", "http://f/2"),
)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (WHOLE, WHOLE, []),
        (None, WHOLE, []),
        (WHOLE, replace(WHOLE, triples=96), []),
        (WHOLE, replace(WHOLE, triples=110), [("Triples: 100 → 110 (+10%).", False)]),
        (WHOLE, replace(WHOLE, triples=79), [("Triples: 100 → 79 (-21%).", True)]),
        (WHOLE, replace(WHOLE, licences=()), [("Licence: was http://l/1, is none.", True)]),
        (WHOLE, replace(WHOLE, features=()), [("2 features gone: http://f/1, http://f/2.", False)]),
        (WHOLE, replace(WHOLE, vocabularies=("http://v/1", "http://v/2")), [
            ("1 vocabulary new: http://v/2.", False)]),
        # A summary that is not whole proves no absence, neither before nor after.
        (WHOLE, replace(WHOLE, complete=False, predicates={}), [
            ("All predicates were listed, and now not all could be.", False)]),
        (replace(WHOLE, complete=False, predicates={}), WHOLE, []),
        (WHOLE, replace(WHOLE, classes={}), [("1 class gone: http://c/1.", True)]),
        (replace(WHOLE, classes_complete=False, classes={}), WHOLE, []),
        (WHOLE, replace(WHOLE, classes={f"http://c/{n}": 1 for n in range(1, 9)}), [
            ("7 classes new: http://c/2, http://c/3, http://c/4, http://c/5, http://c/6 "
             "and 2 more.", False)]),
    ],
)  # fmt: skip
def test_drift_compares_only_what_both_summaries_can_tell(
    before: Summary | None, after: Summary, said: list[tuple[str, bool]]
) -> None:
    assert [(change.text, change.bad) for change in drift(before, after)] == said


@pytest.mark.parametrize(
    ("licence", "said"),
    [
        ("http://l/1", []),
        ("http://l/2", ["It publishes under http://l/1; the entry says http://l/2."]),
        ("", ["The entry says no licence; the partner itself says http://l/1."]),
    ],
)
def test_a_licence_that_is_another_than_the_entry_s_is_remarked(
    licence: str, said: list[str]
) -> None:
    partner = Partner("site", endpoint="http://s.example/", licence=licence)
    assert [note.text for note in remarks(partner, WHOLE)] == said


@pytest.mark.parametrize(
    ("turtle", "properties", "triples"),
    [
        # The dataset that names this endpoint, among others.
        (
            "x:o void:sparqlEndpoint <http://o.example/> ; void:triples 9 . "
            "x:s void:sparqlEndpoint <http://s.example/> ; void:triples 5 ; "
            "void:propertyPartition [ void:property x:p ; void:triples 5 ] .",
            {f"{X}p": 5},
            5,
        ),
        # The service's default graph.
        (
            "[] a sd:Service ; sd:endpoint <http://s.example/> ; sd:defaultDataset "
            "[ sd:defaultGraph [ void:triples 4 ; void:propertyPartition "
            "[ void:property x:p ; void:triples 4 ] ] ] .",
            {f"{X}p": 4},
            4,
        ),
        # The only dataset that is counted, where none names an endpoint.
        (
            "x:s void:triples 3 ; void:propertyPartition "
            "[ void:property x:p ; void:triples 3 ] , [ void:property 'x' ; void:triples 1 ] , "
            "[ void:property x:q ; void:triples 'many' ] .",
            {f"{X}p": 3},
            3,
        ),
        # Two that are counted: neither is known to be meant.
        (
            "x:s void:propertyPartition [ void:property x:p ; void:triples 3 ] . "
            "x:t void:propertyPartition [ void:property x:p ; void:triples 3 ] .",
            {},
            None,
        ),
    ],
)
def test_a_description_is_of_the_endpoint_s_own_dataset(
    turtle: str, properties: dict[str, int], triples: int | None
) -> None:
    said = [quad.triple for quad in parse(PREFIXES + turtle, RdfFormat.TURTLE)]
    found = understood(said, "http://s.example/")
    assert (found.properties, found.triples) == (properties, triples)


def test_checks_of_several_partners_do_not_mix(folder: PartnerFolder) -> None:
    with ExitStack() as stack:
        sites = [stack.enter_context(small_site(f"<{X}s> <{X}p{n}> {n} .")) for n in range(3)]
        for number, site in enumerate(sites):
            check(folder, replace(partner_at(site.endpoint), name=f"site-{number}"))
    for number in range(3):
        summary = folder.summary(f"site-{number}")
        assert summary is not None
        assert list(summary.predicates) == [f"{X}p{number}"]
