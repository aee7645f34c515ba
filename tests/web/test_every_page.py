"""What holds for every page, in every language: it loads, is accessible, fits and stays at home."""

from __future__ import annotations

import html
import re

import pytest
from playwright.sync_api import Page, expect

from endpoint.language import translate
from tests.endpoint.serving import Served
from tests.web.addresses import LANGUAGES, PAGES, Address
from tests.web.browsing import overflow, scripts_size, shot, structure, unseen_focus, violations
from tests.web.watching import PHONE, Opener

pytestmark = [pytest.mark.national, pytest.mark.slow]

every_page = pytest.mark.parametrize("address", PAGES, ids=lambda address: address.name)
# A desktop of 1280 at 400 %, as WCAG 2.2, 1.4.10 has it; a sheet of A4 without its margins.
ENLARGED, PAPER = (320, 256), (720, 1040)


@every_page
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_speaks_the_readers_language_and_shuts_nobody_out(
    open_page: Opener, address: Address, language: str
) -> None:
    page = open_page(address.path, language=language)
    expect(page.locator("html")).to_have_attribute("lang", language)
    assert page.locator("h1").count() == 1
    assert scripts_size(page) <= address.script
    found = violations(page) + structure(page)
    if language == "fr":
        shot(page, address.name)
    for width, height in (PHONE, ENLARGED):
        page.set_viewport_size({"width": width, "height": height})
        found += overflow(page)
    if language == "fr":
        page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
        page.emulate_media(color_scheme="dark")
        found += [f"on a phone, dark: {line}" for line in violations(page)]
        shot(page, f"{address.name}-phone-dark")
    assert not found, "\n".join(found)


@every_page
def test_a_page_says_the_same_without_scripts(open_page: Opener, address: Address) -> None:
    page = open_page(address.path, scripts=False, phone=True)
    expect(page.locator("h1")).to_have_count(1)
    expect(page.locator("main")).to_contain_text(page.locator("h1").inner_text())
    found = overflow(page)
    assert not found, "\n".join(found)
    shot(page, f"{address.name}-no-scripts")


@every_page
def test_focus_is_seen_everywhere_and_paper_bears_the_page(
    open_page: Opener, address: Address
) -> None:
    page = open_page(address.path)
    found = unseen_focus(page)
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    found += [f"on a phone: {line}" for line in unseen_focus(page)]
    page.set_viewport_size({"width": PAPER[0], "height": PAPER[1]})
    page.emulate_media(media="print")
    found += [f"on paper: {line}" for line in overflow(page)]
    assert not found, "\n".join(found)
    expect(page.locator("h1")).to_be_visible()
    for off in ("nav.sections", "nav.languages", "button", ".button", "details:not([open], .more)"):
        expect(page.locator(off).locator("visible=true")).to_have_count(0)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_page_has_a_title_of_its_own(national: Served, language: str) -> None:
    titles: dict[str, set[str]] = {}
    site = translate("site.name", language)
    for address in PAGES:
        title = title_of(national, address.path, language)
        assert site in title.split(" · "), address.path
        assert len(title.split(" · ")) > 1, address.path
        titles.setdefault(title, set()).add(address.path.partition("?")[0])
    shared = {title: paths for title, paths in titles.items() if len(paths) > 1}
    assert not shared


def title_of(national: Served, path: str, language: str) -> str:
    headers = {"Accept": "text/html", "Accept-Language": language}
    reply = national.fetch(path, headers=headers)
    if "Location" in reply.headers:  # The ontology itself, told apart from its page.
        reply = national.fetch(reply.headers["Location"], headers=headers)
    return html.unescape(re.findall("<title>(.*)</title>", reply.text)[0])


def test_the_head_of_a_page_says_where_one_is(open_page: Opener) -> None:
    for path, section in (
        ("/territories/54395", "Territoires"),
        ("/partners", "Partenaires et données"),
        ("/dumps/", "Partenaires et données"),
        ("/local", "Relations"),
        ("/sparql", "Requêtes"),
    ):
        page = open_page(path)
        expect(page.locator("nav.sections [aria-current]")).to_have_text(section)


@pytest.mark.parametrize("path", ["/", "/propose/relation", "/queries/editor", "/map?q=nancy"])
def test_the_keyboard_goes_through_a_page_and_out_of_it(open_page: Opener, path: str) -> None:
    page = open_page(path)
    places = [place(page) for _ in iter(lambda: step(page), None)]
    assert places == sorted(places), "Focus goes back and forth."
    assert places[0] == 0, "The first step leads past the head."
    assert len(set(places)) == len(places), "Focus comes back to where it was."


def step(page: Page) -> bool | None:
    """One press of the key; None once the focus has left the page."""
    page.keyboard.press("Tab")
    return page.evaluate("document.activeElement !== document.body") or None


def place(page: Page) -> int:
    """How many links and controls come before the one in focus."""
    return int(
        page.evaluate(
            """() => [...document.querySelectorAll(
              "a[href], button, input, select, textarea, summary, [tabindex='0']",
            )].indexOf(document.activeElement)"""
        )
    )


def test_the_first_step_skips_the_head(open_page: Opener) -> None:
    page = open_page("/territories/54395")
    page.keyboard.press("Tab")
    skip = page.locator(".skip")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport(ratio=1)
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_colours_that_a_reader_forces_take_nothing_away(open_page: Opener) -> None:
    def ground(page: Page, selector: str) -> str:
        return str(
            page.locator(selector).first.evaluate("e => getComputedStyle(e).backgroundColor")
        )

    page = open_page("/search?q=nancy")
    page.emulate_media(forced_colors="active")
    assert ground(page, ".chips a[aria-current]") != ground(page, ".chips a:not([aria-current])")
    search = page.locator("#q")
    search.fill("")
    search.press_sequentially("precar")
    expect(page.get_by_role("option").first).to_contain_text("précarité")
    search.press("ArrowDown")
    expect(page.get_by_role("option", selected=True)).to_be_visible()
    assert ground(page, ".names [aria-selected=true]") != ground(page, ".names li:last-child")

    page = open_page("/territories/54395")
    page.emulate_media(forced_colors="active")
    disc = page.locator(".disc").first
    assert disc.evaluate("e => parseFloat(getComputedStyle(e).borderTopWidth)") > 0
