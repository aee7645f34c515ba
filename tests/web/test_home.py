"""The first page: names found as one types, figures that are those of their queries."""

from __future__ import annotations

import csv
import io
import re

import pytest
from playwright.sync_api import expect

from endpoint.language import LANGUAGES, translate
from tests.endpoint.serving import Served
from tests.web.watching import Opener

pytestmark = [pytest.mark.national, pytest.mark.slow]


def test_a_name_is_found_as_one_types_and_chosen_with_the_keyboard(open_page: Opener) -> None:
    page = open_page("/")
    page.keyboard.press("Control+k")
    search = page.locator("#q")
    expect(search).to_be_focused()
    search.press_sequentially("precar")
    options = page.get_by_role("option")
    expect(options.first).to_contain_text("précarité")
    expect(search).to_have_attribute("aria-expanded", "true")
    search.press("ArrowDown")
    expect(search).to_have_attribute("aria-activedescendant", options.first.get_attribute("id"))
    search.press("Enter")
    page.wait_for_url("**/doc/question/precarity?lang=fr")
    expect(page.get_by_role("heading", level=1)).to_have_text("précarité")


def test_escape_closes_the_names_and_enter_asks_for_the_words(open_page: Opener) -> None:
    page = open_page("/", language="en")
    search = page.locator("#q")
    search.press_sequentially("nancy")
    expect(page.get_by_role("listbox")).to_be_visible()
    search.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(search).to_have_attribute("aria-expanded", "false")
    search.press("Enter")
    page.wait_for_url("**/search?q=nancy&lang=en")


def test_without_scripts_the_words_are_sent(open_page: Opener) -> None:
    page = open_page("/", language="es", scripts=False)
    page.locator("#q").fill("nancy")
    page.locator("main form button").click()
    page.wait_for_url("**/search?q=nancy&lang=es")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_new_document_is_listed_once_by_its_title_for_the_reader(
    open_page: Opener, language: str
) -> None:
    page = open_page("/", language=language)
    documents = page.locator("section[aria-labelledby=new] li a")
    leads = [link.get_attribute("href") for link in documents.all()]
    assert len(leads) == len(set(leads)) == 6
    talk = documents.and_(page.locator('[href*="calame-talk-talk"]'))
    expect(talk.and_(page.locator("[lang]"))).to_have_count(0)


def test_each_figure_is_that_of_the_query_behind_the_page(
    open_page: Opener, national: Served
) -> None:
    page = open_page("/", language="en")
    page.locator(".behind summary").click()
    answers = {}
    for link in page.get_by_role("link", name="CSV").all():
        address = link.get_attribute("href") or ""
        rows = list(csv.DictReader(io.StringIO(national.fetch(address).text)))
        answers[re.sub(r".*/|\.csv.*", "", address)] = rows
    counted = {row["class"].rsplit("/", 1)[1]: int(row["things"]) for row in answers["home_counts"]}
    doors = page.locator(".doors")
    for key, name in (
        ("relations", "Relation"),
        ("territories", "Commune"),
        ("experiences", "Experience"),
    ):
        expect(doors).to_contain_text(translate(f"home.{key}.count", "en", count=counted[name]))
    # "Depends on: between actors" would say little: no example leads to a family of relations.
    assert not any("/relation-families/" in row["target"] for row in answers["home_verbs"])
    verbs = page.locator(".verbs li")
    expect(verbs).to_have_count(len(answers["home_verbs"]))
    for line, row in zip(verbs.all(), answers["home_verbs"], strict=True):
        expect(line).to_contain_text(translate("home.verb", "en", count=int(row["relations"])))
    shared = {row["question"] for row in answers["cq13_shared_questions"]}
    expect(page.locator("section[aria-labelledby=shared] li")).to_have_count(len(shared))
