"""What cells hold, on values that real files hold."""

from __future__ import annotations

import pytest

from loaders.terms import DATE, YEAR, YEAR_MONTH
from loaders.values import (
    SLUG_LENGTH,
    address,
    language_tag,
    partial_date,
    plain_text,
    short_slug,
    slug,
    trimmed,
)


@pytest.mark.parametrize(
    ("written", "value", "datatype"),
    [
        ("2008", "2008", YEAR),
        ("2021.0", "2021", YEAR),
        (" 2013-12 ", "2013-12", YEAR_MONTH),
        ("2024-02-29", "2024-02-29", DATE),
    ],
)
def test_a_date_is_as_precise_as_it_is_written(written: str, value: str, datatype: object) -> None:
    date = partial_date(written)
    assert date is not None
    assert (date.value, date.datatype) == (value, datatype)


@pytest.mark.parametrize("written", ["2023-02-29", "2013-13", "0000", "13", "mars 2013", "2021.5"])
def test_what_is_no_date_is_none(written: str) -> None:
    assert partial_date(written) is None


@pytest.mark.parametrize(
    "written", ["javascript:alert(1)", "www.example.org", "http://a b", "http://a/\x00", "http://["]
)
def test_what_is_no_web_address_is_none(written: str) -> None:
    assert address(written) is None


def test_an_address_may_hold_letters_of_any_script() -> None:
    iri = address(" https://example.org/é?q=1#λ ")
    assert iri is not None
    assert iri.value == "https://example.org/é?q=1#λ"


@pytest.mark.parametrize(
    ("written", "tag"),
    [("FR", "fr"), ("pt_br", "pt-BR"), ("", None), ("français", None), ("not a tag", None)],
)
def test_a_language_is_a_tag_or_none(written: str, tag: str | None) -> None:
    assert language_tag(written) == tag


def test_a_slug_has_plain_letters_only() -> None:
    assert slug("Œuvres d’État·es — n° 2") == "oeuvres-d-etat-es-n-2"


def test_a_name_without_latin_letters_has_a_slug_of_its_own() -> None:
    assert slug("参加") != slug("民主")


def test_a_long_slug_is_cut_between_words() -> None:
    cut = short_slug("gouvernance " * 20)
    assert len(cut) <= SLUG_LENGTH
    assert set(cut.split("-")) == {"gouvernance"}


def test_html_becomes_what_a_reader_sees() -> None:
    html = (
        "Aide&nbsp;de 200&euro;<br> <br>pour <b>tous</b><script>alert(1)</script><!-- x -->\n ici"
    )
    assert plain_text(html) == "Aide de 200€\npour tous ici"


def test_broken_html_loses_no_text() -> None:
    assert plain_text("moins de 3 < 4 <a href='x>ans</b></script> oui") != ""
    assert plain_text("<p>Un<p>Deux") == "Un\nDeux"


def test_no_break_spaces_are_blanks() -> None:
    assert trimmed("\xa0") == ""
    assert trimmed(" a \n b\xa0") == "a\nb"
