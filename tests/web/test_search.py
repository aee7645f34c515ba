"""Names that are not spelt as any is: the nearest are offered, and said to be no more than near."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from endpoint.language import LANGUAGES, translate
from tests.endpoint.serving import Served, serving
from tests.endpoint.world import ATLAS, BASE, DCTERMS, LABEL, NANCY, TYPE, publish_world
from tests.web.browsing import overflow, shot, structure, violations
from tests.web.watching import Opener

pytestmark = pytest.mark.slow

CODE = "<http://rdf.insee.fr/def/geo#codeINSEE>"
SKOS = "http://www.w3.org/2004/02/skos/core#"
LONG = "Nancéien " * 60
NAMES = f"""\
<{NANCY}> {CODE} "54395" .
<{BASE}/id/grouping/1> {LABEL} "Métropole du Grand Nancy"@fr .
<{BASE}/id/place/misspelt> {LABEL} "Route de Nancu"@fr .
<{BASE}/id/place/roses> {LABEL} "L’Haÿ-les-Roses"@fr .
<{BASE}/id/place/long> {LABEL} "{LONG}"@fr .
<{BASE}/id/place/hostile> {LABEL} "<script>alert(1)</script> Villeneuve"@fr .
""" + "".join(
    f"""\
<{BASE}/id/competence/{year}> {TYPE} <{ATLAS}Competence> .
<{BASE}/id/competence/{year}> {LABEL} "Verreries"@fr .
<{BASE}/id/competence/{year}> <{SKOS}inScheme> <{BASE}/id/competence-list/{year}> .
<{BASE}/id/competence-list/{year}> <{DCTERMS}title> "Liste de {year} <b>"@fr .
"""
    for year in (2021, 2025)
)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A small atlas: the same names near to the same words, whatever the sources hold."""
    folder = tmp_path_factory.mktemp("misspelt")
    publish_world(folder, extra=NAMES)
    with serving(folder, ATLAS_WORKERS="1") as running:
        yield running


def typed(page: Page, text: str) -> tuple[Locator, Locator]:
    """The search with these words written, and the list under it."""
    search = page.locator("#q")
    search.press_sequentially(text)
    return search, page.get_by_role("listbox")


def said(key: str, language: str = "fr", number: int = 0) -> str:
    return translate(f"search.near{key}", language, number=number)


@pytest.mark.parametrize("language", LANGUAGES)
def test_near_names_are_offered_as_one_types_and_told_to_be_near(
    open_page: Opener, small: Served, language: str
) -> None:
    page = open_page("/search", site=small, language=language)
    search, names = typed(page, "nanyc")
    options = names.get_by_role("option")
    expect(options).to_have_count(2)
    expect(names.locator(".above")).to_have_text(said(".short", language))
    expect(names.locator("li").first).to_have_class("above")
    # Who does not see the list hears of each that it is near, and of all how many there are.
    near = re.compile(rf"^Nancy.*{re.escape(said('.one', language))}")
    expect(options.first).to_have_accessible_name(near)
    told = page.get_by_role("status").filter(has_text=said(".offered", language, number=2))
    expect(told).to_have_count(1)
    search.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    expect(search).to_have_attribute("aria-activedescendant", "names-1-0")
    found = violations(page)
    assert not found, "\n".join(found)
    search.press("Enter")
    page.wait_for_url(f"**/doc/commune/54395?lang={language}")


def test_names_that_have_the_words_come_first_and_near_ones_apart(
    open_page: Opener, small: Served
) -> None:
    page = open_page("/search", site=small)
    search, names = typed(page, "nancu")
    lines = names.locator("li")
    expect(lines).to_have_count(4)
    expect(lines.first).to_contain_text("Route de Nancu")
    expect(lines.nth(1)).to_have_text(said(".as_well"))
    expect(lines.nth(2)).to_contain_text("Nancy")
    both = (translate("search.offered", "fr", number=1), said(".offered_too", number=2))
    expect(page.get_by_role("status").filter(has_text=" ".join(both))).to_have_count(1)
    search.press("ArrowUp")
    expect(lines.last).to_have_attribute("aria-selected", "true")
    lines.nth(1).click()
    expect(page).to_have_url(re.compile("/search"))
    lines.nth(2).click()
    page.wait_for_url("**/doc/commune/54395?lang=fr")


def test_names_that_are_spelt_so_have_nothing_beside_them(open_page: Opener, small: Served) -> None:
    page = open_page("/search", site=small)
    _, names = typed(page, "nancy")
    expect(names.get_by_role("option")).to_have_count(2)
    expect(names.locator(".above")).to_have_count(0)
    expect(names).not_to_contain_text(said(".one"))


def test_what_is_near_to_nothing_is_said_to_have_no_name(open_page: Opener, small: Served) -> None:
    page = open_page("/search", site=small)
    _, names = typed(page, "qsdfqsdf")
    none = translate("search.none_offered", "fr")
    expect(page.get_by_role("status").filter(has_text=none)).to_have_count(1)
    expect(names).to_be_hidden()


@pytest.mark.parametrize("phone", [False, True])
@pytest.mark.parametrize("scripts", [False, True])
def test_the_page_shows_near_names_and_leads_to_them(
    open_page: Opener, small: Served, phone: bool, scripts: bool
) -> None:
    page = open_page("/search", site=small, phone=phone, scripts=scripts)
    page.locator("#q").fill("nanyc")
    page.locator("main form button").click()
    page.wait_for_url("**/search?q=nanyc")
    near = page.get_by_role("region", name=said(""))
    expect(near).to_contain_text(said(".instead"))
    expect(near.locator("li")).to_have_count(2)
    if scripts:
        found = [*violations(page), *overflow(page), *structure(page)]
        assert not found, "\n".join(found)
        shot(page, f"search-near{'-phone' if phone else ''}")
    near.get_by_role("link", name="Nancy", exact=True).click()
    page.wait_for_url("**/doc/commune/54395**")


@pytest.mark.parametrize("text", ["nancéienn", "vilenneuve", "lhay"])
def test_hostile_near_names_show_safely(open_page: Opener, small: Served, text: str) -> None:
    page = open_page(f"/search?q={text}", site=small, phone=True)
    expect(page.get_by_role("region", name=said("")).locator("li")).to_have_count(1)
    found = [*violations(page), *overflow(page)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "path",
    [
        "/territories?q=nanyc",
        "/map?q=nanyc",
        "/experiences?commune=nanyc",
    ],
)
def test_other_searches_offer_near_names_without_scripts(
    open_page: Opener, small: Served, path: str
) -> None:
    page = open_page(path, site=small, scripts=False)
    expect(page.locator("main")).to_contain_text(said(".instead"))
    expect(page.locator("main").get_by_role("link", name="Nancy", exact=True)).to_have_count(1)


def test_a_map_of_one_s_own_takes_a_near_name_and_marks_it(
    open_page: Opener, small: Served
) -> None:
    page = open_page("/local?find=nanyc", site=small, scripts=False)
    line = page.locator("#find-thing + ul li").filter(has_text="Nancy").first
    expect(line).to_contain_text(said(".one"))


def test_things_of_one_name_are_told_apart_by_the_list_they_are_of(
    open_page: Opener, small: Served
) -> None:
    page = open_page("/search?q=verreries", site=small)
    lines = page.locator(".found li")
    expect(lines).to_have_count(2)
    for year in (2021, 2025):
        expect(lines.filter(has_text=f"Liste de {year} <b>")).to_have_count(1)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_postal_code_is_said_to_be_none_that_the_atlas_knows(
    small: Served, language: str
) -> None:
    headers = {"Accept": "text/html", "Accept-Language": language}
    reply = small.fetch("/search?q=54000", headers=headers)
    assert translate("search.code", language) in html.unescape(reply.text)
    named = small.fetch("/search?q=qsdfqsdf", headers=headers)
    assert translate("search.code", language) not in html.unescape(named.text)
