"""What holds for every page, in every language: it loads, is accessible, fits and stays at home."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.web.addresses import LANGUAGES, PAGES, Address
from tests.web.browsing import overflow, scripts_size, shot, violations
from tests.web.watching import PHONE, Opener

pytestmark = [pytest.mark.national, pytest.mark.slow]

every_page = pytest.mark.parametrize("address", PAGES, ids=lambda address: address.name)


@every_page
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_speaks_the_readers_language_and_shuts_nobody_out(
    open_page: Opener, address: Address, language: str
) -> None:
    page = open_page(address.path, language=language)
    expect(page.locator("html")).to_have_attribute("lang", language)
    assert page.locator("h1").count() == 1
    assert scripts_size(page) <= address.script
    found = violations(page)
    if language == "fr":
        shot(page, address.name)
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    found += overflow(page)
    if language == "fr":
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
