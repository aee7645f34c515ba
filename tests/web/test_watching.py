"""What goes wrong in a page is noticed: a watch that sees nothing would pass every page."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing

import pytest
from playwright.sync_api import Browser, Page

from tests.endpoint.conftest import home, served
from tests.endpoint.serving import Served
from tests.web.browsing import overflow, scripts_size, violations
from tests.web.watching import Opener

__all__ = ["home", "served"]


@pytest.fixture
def opener(chromium: Browser, served: Served) -> Iterator[Opener]:
    """Like ``open_page``, of a small atlas, and the test itself judges what was noted."""
    with closing(Opener(chromium, lambda: served)) as opener:
        yield opener


@pytest.fixture
def page(opener: Opener) -> Page:
    return opener("/dumps/")


@pytest.mark.parametrize(
    ("fault", "noted"),
    [
        ("console.error('spoilt')", "console: spoilt"),
        ("setTimeout(() => { throw new Error('spoilt') })", "uncaught: spoilt"),
        ("document.head.append(document.createElement('style'))", "console: Applying inline style"),
        ("document.body.append(Object.assign(new Image(), {src: '//a.test/'}))", "foreign request"),
        ("fetch('//a.test/').catch(String)", "console: Fetch API cannot load http://a.test/"),
        ("fetch('/nothing-here')", "nothing-here"),
        ("location.assign('//a.test/')", "foreign request: GET http://a.test/"),
    ],
)
def test_a_fault_in_a_page_is_noted(opener: Opener, page: Page, fault: str, noted: str) -> None:
    page.evaluate(f"() => {{ {fault} }}")
    ends = time.monotonic() + 10
    while not any(noted in line for line in opener.problems):
        assert time.monotonic() < ends, opener.problems
        page.wait_for_timeout(20)


def test_what_a_test_expects_is_let_pass_and_nothing_else(opener: Opener) -> None:
    opener("/nothing-here", status=404).evaluate("() => console.error('spoilt')")
    opener.close()
    assert [line.split(" (")[0] for line in opener.unexpected()] == ["console: spoilt"]


def test_violations_name_the_element_that_shuts_somebody_out(page: Page) -> None:
    before = violations(page)
    page.evaluate("() => document.querySelector('main').append(new Image())")
    (line,) = set(violations(page)) - set(before)
    assert line.startswith("image-alt: img: ")


def test_overflow_names_the_element_that_is_too_wide(page: Page) -> None:
    assert overflow(page) == []
    page.evaluate("() => { document.querySelector('h1').style.width = '3000px' }")
    total, wide, *_ = overflow(page)
    assert "in 1280" in total
    assert wide.startswith("h1 ends at 30")


def test_the_size_of_scripts_is_that_of_the_files_the_page_named(page: Page) -> None:
    assert 0 < scripts_size(page) < 50_000
