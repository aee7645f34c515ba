"""Where a name leads: here for what this atlas names, else out and marked so, else nowhere."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from endpoint.names import Names, folded, in_language
from tests.endpoint.world import BASE

CONCEPT = "http://eurovoc.europa.eu/1389?a=b&c=d#é"
ABOUT = "/about?iri=http%3A%2F%2Feurovoc.europa.eu%2F1389%3Fa%3Db%26c%3Dd%23%C3%A9"
NOWHERE, LONG = "urn:isbn:1", f"http://example.org/{'x' * 3000}"


@pytest.fixture
def asked() -> Iterator[None]:
    with Flask(__name__).test_request_context("/atlas/map?lang=en", base_url="http://a.example/"):
        yield


def names(*known: str) -> Names:
    return Names({iri: {"fr": "nom"} for iri in known}, "fr", BASE)


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize("iri", [CONCEPT, NOWHERE])
def test_what_is_named_here_has_its_page_here(iri: str) -> None:
    value = names(iri).value(iri)
    assert (value.text, value.external) == ("nom", False)
    assert value.href is not None
    assert value.href.startswith("/about?iri=")
    assert value.href.endswith("&lang=en")
    assert value.outward == (iri if iri.startswith("http") else "")


@pytest.mark.usefixtures("asked")
def test_the_whole_iri_is_one_parameter() -> None:
    assert names(CONCEPT).value(CONCEPT).href == f"{ABOUT}&lang=en"


@pytest.mark.usefixtures("asked")
def test_what_an_answer_names_is_known_by_that() -> None:
    value = names().link(CONCEPT, "allocation", told=True)
    assert (value.text, value.href, value.outward) == ("allocation", f"{ABOUT}&lang=en", CONCEPT)


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize(
    ("iri", "href"),
    [(CONCEPT, CONCEPT), (NOWHERE, None), ("javascript:alert(1)", None), ("mailto:a@b", None)],
)
def test_what_is_not_named_here_leads_out_or_nowhere(iri: str, href: str | None) -> None:
    value = names().value(iri)
    assert (value.href, value.external, value.outward) == (href, href is not None, "")


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize("iri", ["javascript:alert(1)", "data:text/html,x", LONG, "/doc/x"])
def test_no_name_makes_a_page_of_what_cannot_be_asked_for(iri: str) -> None:
    value = names(iri).link(iri, "nom", told=True)
    assert value.href in (None, LONG)
    assert value.outward == ""


@pytest.mark.usefixtures("asked")
def test_our_own_things_have_their_document() -> None:
    value = names().value(f"{BASE}/id/commune/54395")
    assert (value.href, value.external, value.outward) == ("/doc/commune/54395?lang=en", False, "")


@pytest.mark.usefixtures("asked")
def test_words_of_ours_call_what_the_data_names_nowhere_and_make_no_page_of_it() -> None:
    words = Names({}, "fr", BASE, {CONCEPT: {"fr": "un mot"}})
    assert words.value(CONCEPT).text == "un mot"
    assert words.value(CONCEPT).external


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize(
    ("href", "expected"),
    [
        (None, None),
        ("/doc/x", "/doc/x?lang=en"),
        ("/doc/x#part", "/doc/x?lang=en#part"),
        (f"{ABOUT}", f"{ABOUT}&lang=en"),
    ],
)
def test_a_link_keeps_the_language(href: str | None, expected: str | None) -> None:
    assert in_language(href) == expected


def test_names_sort_as_readers_look_for_them() -> None:
    names = ["Zoug", "Œuilly", "Épernay", "épée", "Oger", "Ozay", "Æther", "Łódź", "Straße"]
    expected = ["Æther", "épée", "Épernay", "Łódź", "Œuilly", "Oger", "Ozay", "Straße", "Zoug"]
    assert sorted(names, key=folded) == expected
