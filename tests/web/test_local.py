"""A reader's own map: made with the keyboard, shared by its address, kept in a file."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.web.browsing import overflow, shot, violations
from tests.web.watching import Opener

pytestmark = [pytest.mark.national, pytest.mark.slow]


def expect_relations(page: Page, said: list[str]) -> None:
    expect(page.locator("section[aria-labelledby=relations] .sentence")).to_have_text(said)


def add_by_typing(page: Page, words: str) -> None:
    before = page.url
    page.locator("#words").press_sequentially(words)
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: url != before)


def add_words(page: Page, words: str) -> None:
    """As somebody without scripts does: look for the words, then put them on the map."""
    page.locator("#words").fill(words)
    page.locator("#find-thing button").click()
    page.get_by_role("link", name=f"Mettre sur ma carte : {words}", exact=True).last.click()


def relate(page: Page, source: str, verb: str, target: str, note: str) -> None:
    form = page.locator("section[aria-labelledby=relate]")
    form.get_by_label("De", exact=True).select_option(source)
    form.get_by_label("Verbe").select_option(verb)
    form.get_by_label("À", exact=True).select_option(target)
    form.get_by_label("Note").fill(note)
    form.get_by_role("button", name="Relier", exact=True).click()


def test_a_map_is_made_shared_saved_and_opened_again(open_page: Opener, tmp_path: Path) -> None:
    page = open_page("/local")
    add_by_typing(page, "precar")
    add_words(page, "la friche <b>de</b> la gare")
    relate(page, "la friche <b>de</b> la gare", "dépend de", "précarité", "vu en réunion")
    said = ["la friche <b>de</b> la gare possible dépend de précarité"]
    expect_relations(page, said)
    assert violations(page) == []
    shot(page, "local")

    other = open_page(page.url, phone=True, scripts=False)
    expect_relations(other, said)
    assert overflow(other) == []

    with page.expect_download() as download:
        page.get_by_role("link", name="Turtle", exact=True).click()
    path = tmp_path / "map.ttl"
    download.value.save_as(path)
    assert "dépend de précarité" in path.read_text("utf-8")
    third = open_page("/local", scripts=False)
    third.locator("#file").set_input_files(path)
    third.get_by_role("button", name="Ouvrir", exact=True).click()
    expect_relations(third, said)
    expect(third.locator("section[aria-labelledby=relations]")).to_contain_text("vu en réunion")


def test_the_names_offered_do_not_cover_the_button(open_page: Opener) -> None:
    page = open_page("/local")
    page.locator("#words").press_sequentially("precar")
    expect(page.get_by_role("option").first).to_be_visible()
    page.locator("#find-thing button").click()
    own = page.get_by_role("link", name="Mettre sur ma carte : precar", exact=True)
    expect(own).to_be_visible()


def test_a_file_that_is_no_map_leaves_one_at_the_map(open_page: Opener, tmp_path: Path) -> None:
    page = open_page("/local", phone=True)
    add_words(page, "la friche de la gare")
    path = tmp_path / "map.ttl"
    path.write_text("no map", "utf-8")
    open_page.expect("status of 400")
    page.locator("#file").set_input_files(path)
    page.get_by_role("button", name="Ouvrir", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("ne peut pas être lu")
    expect(page.locator("section[aria-labelledby=things]")).to_contain_text("la friche de la gare")
    assert violations(page) == []
    assert overflow(page) == []
    # One goes on from there, with another file or without.
    add_words(page, "le quai")
    expect(page.locator("section[aria-labelledby=things] li")).to_have_count(2)


def test_a_relation_of_the_atlas_is_taken_and_one_of_ones_own_is_dropped(open_page: Opener) -> None:
    page = open_page("/local", scripts=False)
    page.locator("#words").fill("précarité")
    page.locator("#find-thing button").click()
    page.get_by_role("link", name="Mettre sur ma carte : précarité", exact=True).first.click()
    near = page.locator("section[aria-labelledby=near] li").first
    offered = near.locator(".sentence").inner_text()
    near.get_by_role("link", name="mettre sur ma carte").click()
    expect_relations(page, [" ".join(offered.split())])
    page.get_by_role("link", name="Enlever la relation 1").click()
    expect_relations(page, [])


def test_an_address_cut_short_says_so(open_page: Opener) -> None:
    page = open_page("/local?m=eJx", status=400)
    expect(page.locator("main")).to_contain_text("coupée en étant recopiée")
