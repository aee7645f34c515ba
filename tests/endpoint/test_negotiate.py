"""The Accept algorithm of RFC 9110, on the formats that an answer can have."""

from __future__ import annotations

import pytest

from atlas.errors import NotAcceptable, UsageError
from endpoint.formats import OFFERED, negotiate
from endpoint.negotiate import parse_languages

JSON = "application/sparql-results+json"
XML = "application/sparql-results+xml"
CSV = "text/csv"
TSV = "text/tab-separated-values"


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        (None, JSON),
        ("", JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        ("text/*", CSV),
        ("text/csv", CSV),
        ("TEXT/CSV", CSV),
        ("text/csv;q=0.5, application/sparql-results+xml;q=0.6", XML),
        ("text/csv;q=0.5, */*;q=0.1", CSV),
        ("text/csv;q=0, */*", JSON),
        ("*/*;q=0.1, text/*;q=0.3, text/csv;q=0.2", TSV),
        ("text/csv, */*", CSV),
        ("text/tab-separated-values;header=present", TSV),
        ('text/csv;charset="a,b;q=0";q=0.3, application/*;q=0.2', CSV),
        ("application/json", JSON),
        ("application/xml;q=0.9, text/csv;q=0.8", XML),
        ("nonsense, text/csv", CSV),
        (";;;q=,,/*/", JSON),
        ("*/csv", JSON),
        ("text/csv ; q=0.4 , application/sparql-results+xml ; q=0.5", XML),
    ],
)
def test_the_best_format_for_a_select(accept: str | None, chosen: str) -> None:
    assert negotiate(accept, "SELECT") == chosen


@pytest.mark.parametrize(
    "accept", ["image/png", "text/csv;q=0", "text/turtle", "*/*;q=0", "nonsense, image/png"]
)
def test_nothing_acceptable_is_refused_and_the_formats_are_told(accept: str) -> None:
    with pytest.raises(NotAcceptable, match="text/csv"):
        negotiate(accept, "SELECT")


@pytest.mark.parametrize(
    ("wish", "form", "chosen"),
    [
        ("json", "SELECT", JSON),
        ("json", "CONSTRUCT", "application/ld+json"),
        ("xml", "ASK", XML),
        ("xml", "DESCRIBE", "application/rdf+xml"),
        ("CSV", "SELECT", CSV),
        ("srj", "SELECT", JSON),
        ("turtle", "CONSTRUCT", "text/turtle"),
        ("ttl", "CONSTRUCT", "text/turtle"),
        ("nt", "CONSTRUCT", "application/n-triples"),
        ("application/rdf+xml", "CONSTRUCT", "application/rdf+xml"),
        ("application/rdf xml", "CONSTRUCT", "application/rdf+xml"),
    ],
)
def test_format_names_a_format_before_the_header_does(wish: str, form: str, chosen: str) -> None:
    assert negotiate("image/png", form, (wish,)) == chosen


def test_a_format_that_the_form_cannot_have_is_refused() -> None:
    with pytest.raises(NotAcceptable, match="'csv' is not one of CONSTRUCT"):
        negotiate(None, "CONSTRUCT", ("csv",))


def test_two_names_of_one_format_agree_and_two_formats_do_not() -> None:
    assert negotiate(None, "SELECT", ("tsv", "text/tab-separated-values")) == TSV
    with pytest.raises(UsageError, match="names 2 formats"):
        negotiate(None, "SELECT", ("tsv", "csv"))


def test_a_text_of_no_form_is_sent_as_a_select_for_the_engine_to_judge() -> None:
    assert negotiate(None, None) == JSON


def test_every_format_of_every_form_can_be_asked_for_by_its_own_type() -> None:
    for form, rows in OFFERED.items():
        for row in rows:
            assert negotiate(f"image/png, {row.media_type};q=0.1", form) == row.media_type


def test_languages_come_in_the_client_s_order_and_the_refused_are_left_out() -> None:
    assert parse_languages("de;q=0.2, es-MX, fr;q=0, en;q=0.8") == ["es-mx", "en", "de"]
