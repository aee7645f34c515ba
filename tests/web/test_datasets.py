"""Partners and data, and the search page, in a real browser over the national atlas."""

from __future__ import annotations

import csv
import io
import re

import pytest
from playwright.sync_api import Page, expect

from endpoint.language import translate
from tests.endpoint.serving import Served
from tests.web.browsing import overflow, shot, violations
from tests.web.watching import Opener

pytestmark = [pytest.mark.national, pytest.mark.slow]


def answers(page: Page, national: Served) -> dict[str, list[dict[str, str]]]:
    """The answers of the queries behind the page, by the name of the query."""
    page.locator(".behind summary").click()
    found: dict[str, list[dict[str, str]]] = {}
    for link in page.locator(".behind").get_by_role("link", name="CSV").all():
        address = link.get_attribute("href") or ""
        rows = list(csv.DictReader(io.StringIO(national.fetch(address).text)))
        found.setdefault(re.findall(r"/queries/(\w+)\.csv", address)[0], []).extend(rows)
    return found


def test_each_figure_of_a_source_or_a_site_is_that_of_its_query(
    open_page: Opener, national: Served
) -> None:
    page = open_page("/datasets", language="en")
    rows = answers(page, national)
    counted = [*rows["dataset_sources"], *rows["dataset_counted"]]
    expected = {row["title"]: f"{int(row['triples']):,}" for row in counted if row["triples"]}
    shown = {
        source.locator("h4 bdi").inner_text(): source.locator(".figure").inner_text()
        for source in page.locator(".source").all()
    }
    assert shown == expected
    documents = [
        translate("datasets.sites.documents", "en", count=int(row["documents"]))
        for row in rows["dataset_sites"]
    ]
    told = page.locator(".sites > li").all_inner_texts()
    assert len(told) == len(documents)
    assert all(count in text for count, text in zip(documents, told, strict=True))


def test_what_is_apart_says_why_and_what_is_invented_is_marked(open_page: Opener) -> None:
    page = open_page("/datasets", language="en")
    thesaurus = page.locator(".source", has_text="UNESCO Thesaurus").first
    expect(thesaurus).to_contain_text(translate("datasets.why.share_alike", "en"))
    for source in page.locator(".source", has_text="Illustrative schemes").all():
        expect(source).to_contain_text(translate("datasets.illustrative", "en"))


def test_from_the_contents_to_a_source_and_its_file(open_page: Opener, national: Served) -> None:
    page = open_page("/datasets")
    page.get_by_role("navigation", name="Sur cette page").get_by_text("Sources").first.click()
    expect(page.locator("#sources")).to_be_in_viewport()
    page.get_by_role("link", name="Découpage administratif de la France, 2026").first.click()
    page.wait_for_url("**/datasets/france-2026?lang=fr")
    expect(page.get_by_role("heading", level=1)).to_contain_text("2026")
    rows = answers(page, national)["dataset_classes"]
    counts = page.locator("#content .counted td.number").all_inner_texts()
    assert [int(re.sub(r"\D", "", count)) for count in counts] == [int(r["things"]) for r in rows]
    file = page.get_by_role("link", name="nt.gz").get_attribute("href") or ""
    assert national.fetch(file.removeprefix(national.address), "HEAD").status == 200


def test_a_search_is_narrowed_to_a_kind_that_has_as_many_as_it_says(open_page: Opener) -> None:
    page = open_page("/search?q=nancy")
    kinds = page.get_by_role("navigation", name=translate("datasets.search.kinds", "fr"))
    results = page.locator(".found > li")
    everything = kinds.get_by_role("link").first
    expect(everything).to_have_attribute("aria-current", "true")
    expect(results).to_have_count(int(everything.locator(".count").inner_text()))
    commune = kinds.get_by_role("link", name="commune")
    count = int(commune.locator(".count").inner_text())
    commune.click()
    page.wait_for_url("**type=**")
    expect(results).to_have_count(count)
    expect(commune).to_have_attribute("aria-current", "true")
    expect(page.locator("#q")).to_have_value("nancy")


def test_names_are_offered_as_one_types_on_the_search_page(open_page: Opener) -> None:
    page = open_page("/search", language="en")
    page.locator("#q").press_sequentially("precar")
    expect(page.get_by_role("option").first).to_contain_text("Precarity")


def test_who_asks_for_nothing_that_there_is_finds_a_way_out(open_page: Opener) -> None:
    page = open_page("/datasets/nowhere", status=404, phone=True, dark=True)
    found = [*violations(page), *overflow(page)]
    assert not found, "\n".join(found)
    shot(page, "not-found-phone-dark")
    page.locator("#content").get_by_role("link", name="Territoires").click()
    page.wait_for_url("**/territories?lang=fr")
