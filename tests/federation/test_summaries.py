"""What is known of a partner, as it is kept."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from federation.sites.summaries import COUNTED, PredicateSummary, Summary, authority

TAKEN = datetime(2026, 11, 29, 12, 30, tzinfo=UTC)
SUMMARY = Summary(
    TAKEN,
    triples=1234,
    predicates={
        "http://p.example/label": PredicateSummary(
            1000, frozenset({"https://w3id.org"}), frozenset(), literals=True
        ),
        "http://p.example/other": PredicateSummary(234),
    },
    classes={"http://c.example/Commune": 12},
    complete=True,
    classes_complete=False,
    source=COUNTED,
    licences=("https://creativecommons.org/licenses/by/4.0/",),
    vocabularies=("http://www.w3.org/2004/02/skos/core#",),
    features=("http://www.w3.org/ns/sparql-service-description#SPARQL11Query",),
)


@pytest.mark.parametrize("summary", [SUMMARY, Summary(TAKEN)])
def test_a_summary_is_read_as_it_was_written(summary: Summary) -> None:
    assert Summary.from_json(json.loads(json.dumps(summary.to_json()))) == summary


def test_what_is_not_known_is_not_nothing() -> None:
    """None is kept apart from the empty set: the one proves nothing, the other proves absence."""
    read = Summary.from_json(json.loads(json.dumps(SUMMARY.to_json())))
    assert read.predicates["http://p.example/label"].objects == frozenset()
    assert read.predicates["http://p.example/other"].objects is None


def test_a_summary_has_an_age() -> None:
    assert SUMMARY.age(TAKEN + timedelta(hours=2)) == 7200


@pytest.mark.parametrize(
    ("iri", "expected"),
    [
        ("https://w3id.org/atlas-relationnel/id/commune/54395", "https://w3id.org"),
        ("http://127.0.0.1:3030/ds#x", "http://127.0.0.1:3030"),
        ("http://example.org", "http://example.org"),
        ("http://example.org?x=http://other.example/", "http://example.org"),
        ("http://example.org#x", "http://example.org"),
        ("HTTP://Example.org/x", "HTTP://Example.org"),
        ("urn:isbn:123", "urn:"),
        ("mailto:a@b.example", "mailto:"),
    ],
)
def test_the_authority_of_an_iri_is_its_scheme_and_host(iri: str, expected: str) -> None:
    assert authority(iri) == expected
