"""The Accept algorithm of RFC 9110, on the formats that an answer can have."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atlas.errors import NotAcceptable, UsageError
from endpoint.negotiate import best, parse_accept, parse_languages, quality
from endpoint.wire.formats import FORMAT_NAMES, OFFERED, negotiate

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
        ('text/csv;charset="utf-8";q=0.3, application/*;q=0.2', CSV),
        ('text/csv;charset="a,b;q=1";q=0.3, application/*;q=0.2', JSON),
        ("text/csv;charset=latin1, text/tab-separated-values;q=0.1", TSV),
        ("text/csv;q=0, text/csv;charset=UTF-8;q=0.9, application/*;q=0.5", CSV),
        ("text/csv;charset=utf-8;q=0, text/csv, application/*;q=0.5", JSON),
        ("text/csv; header=absent, */*;q=0.1", JSON),
        ("text/*;charset=utf-8;q=0.2, text/*;q=0.9, application/*;q=0.5", JSON),
        ("text/csv;q=1.000, application/*;q=0.999", CSV),
        ("text/csv;q=2, application/sparql-results+xml;q=0.1", XML),
        ("text/csv;Q=0.1, application/sparql-results+xml;q=0.2", XML),
        ("application/sparql-results+json;q=0, */*", XML),
        ("application/sparql-results+json;q=0, application/json, text/csv;q=0.1", CSV),
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
    ("accept", "chosen"),
    [
        ("text/turtle;version=1.1", "text/turtle"),
        ("text/turtle;version=1.2, application/n-triples;q=0.9", "text/turtle"),
        ("text/turtle;version=2.0, application/n-triples;q=0.9", "application/n-triples"),
        (
            'application/ld+json;profile="http://www.w3.org/ns/json-ld#expanded"',
            "application/ld+json",
        ),
        ("application/xml", "application/rdf+xml"),
        ("application/json, text/turtle;q=0.9", "application/ld+json"),
        ("application/*", "application/n-triples"),
        ("text/*", "text/turtle"),
    ],
)
def test_the_best_format_for_a_construct(accept: str, chosen: str) -> None:
    assert negotiate(accept, "CONSTRUCT") == chosen


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


TOKENS = st.sampled_from(["text", "application", "csv", "turtle", "*", "sparql-results+json"])
WEIGHTS = st.sampled_from(["", ";q=0", ";q=0.5", "; q=1", ";q=0.001", ";q=nan", ";charset=utf-8"])
ELEMENTS = st.builds("{}/{}{}".format, TOKENS, TOKENS, WEIGHTS)
HEADERS = st.lists(ELEMENTS, min_size=1, max_size=5).map(", ".join)
OFFERS = ("application/sparql-results+json", "text/csv", "text/turtle")


@given(HEADERS)
def test_what_is_chosen_has_the_highest_weight_and_nothing_of_weight_zero_is_chosen(
    header: str,
) -> None:
    ranges = parse_accept(header)
    chosen = best(header, OFFERS)
    weights = {media_type: quality(ranges, media_type)[0] for media_type in OFFERS}
    if not ranges:
        assert chosen == OFFERS[0]
    elif chosen is None:
        assert set(weights.values()) == {0.0}
    else:
        assert weights[chosen] == max(weights.values()) > 0


@given(st.lists(ELEMENTS, min_size=1, max_size=5), st.randoms())
def test_neither_the_order_of_the_ranges_nor_their_case_matters(
    elements: list[str], random: Random
) -> None:
    chosen = best(", ".join(elements), OFFERS)
    random.shuffle(elements)
    assert best(",".join(elements).upper(), OFFERS) == chosen


@given(HEADERS, st.sampled_from(OFFERS))
def test_a_type_refused_by_its_name_is_never_chosen(header: str, refused: str) -> None:
    whole = f"{header}, {refused};charset=utf-8;q=0"
    if any(candidate.parameters for candidate in parse_accept(header)):
        return  # Another range says as much of the type, and may say otherwise.
    assert best(whole, OFFERS) != refused


@given(st.text())
def test_any_text_is_a_header_that_is_read(header: str) -> None:
    assert best(header, OFFERS) in (*OFFERS, None)
    parse_languages(header)


@pytest.mark.parametrize("form", OFFERED)
def test_every_name_that_is_told_of_a_format_gives_it(form: str) -> None:
    for name, row in zip(FORMAT_NAMES[form], OFFERED[form], strict=True):
        assert negotiate("image/png", form, (name,)) == row.media_type
