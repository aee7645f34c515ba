"""The map of relations: the picture, the table and the queries say the same, for every reader."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Page, expect
from werkzeug.datastructures import MultiDict

from atlas.errors import UsageError
from endpoint.language import words
from endpoint.web.map.state import State, read
from tests.endpoint.serving import Served, serving
from tests.endpoint.world import ATLAS, BASE, LABEL, TYPE, publish_world
from tests.web.browsing import overflow, violations
from tests.web.watching import Opener

HTML = {"Accept": "text/html", "Accept-Language": "fr"}
VOCABULARY = f"{BASE}/vocabulary"
PRECARITY, NANCY = "question/precarity", "grouping/245400676"
HOSTILE = ("<script>alert(1)</script>", "مدينة ‮gnol שלום", "x" * 10_000, "🗺️" * 40, '"&]]>\u0301')
national_atlas = pytest.mark.national
slow = pytest.mark.slow
PLACES = """() => document.querySelector('#map').map.nodes()
  .map((node) => [node.id(), Math.round(node.position().x), Math.round(node.position().y)])"""
NUMBERS = """() => { const { map } = document.querySelector('#map');
  return [map.nodes().length, map.edges().length]; }"""
CHOSEN = """() => document.querySelector('#map').map.elements('.chosen').map((one) => one.id())"""


def drawn(page: Page) -> Page:
    page.wait_for_selector("#map[data-drawn]")
    return page


def rows(served: Served, text: str, query: str) -> list[dict[str, str]]:
    """The rows of all answers of a query that the page links to at its foot."""
    addresses = re.findall(rf'href="([^"]*/api/queries/{query}\.csv[^"]*)"', text)
    assert addresses, f"{query} is behind the page"
    found: list[dict[str, str]] = []
    for address in addresses:
        place = urlsplit(address.replace("&amp;", "&"))._replace(scheme="", netloc="")
        found += csv.DictReader(io.StringIO(served.fetch(place.geturl()).text))
    return found


def counted(text: str) -> tuple[int, int]:
    """How many lines the table has, and how many relations its heading says."""
    heading = re.search(r'id="map-count">([\d\s\u202f]+)', text)
    assert heading
    return text.count("<tr data-line="), int(re.sub(r"\D", "", heading[1]))


def state(text: str) -> State:
    return read(MultiDict(parse_qs(text)), BASE)


def test_an_address_says_what_a_map_shows_and_is_made_from_it_again() -> None:
    asked = state(f"centre={PRECARITY}&open=site/citego&open={VOCABULARY}/scales/state&depth=2")
    assert asked.centre == f"{BASE}/id/{PRECARITY}"
    assert asked.opened == (f"{BASE}/id/site/citego", f"{VOCABULARY}/scales/state")
    made = asked.at(BASE, status="possible")
    assert made == {
        "centre": PRECARITY,
        "open": ["site/citego", "vocabulary/scales/state"],
        "depth": "2",
        "status": "possible",
        "selected": "",
        "page": None,
    }
    foreign = State(centre="https://example.org/x").at(BASE)
    assert foreign["centre"] == "https://example.org/x"


@pytest.mark.parametrize(
    "asked",
    [
        "depth=3",
        "depth=a",
        "centre=a b",
        "status=<b>",
        "type=" + "x" * 101,
        "q=" + "x" * 2_000,
        "centre=" + "x" * 3_000,
        "&".join(f"open=a/{number}" for number in range(41)),
    ],
)
def test_an_address_of_no_map_is_refused_in_one_sentence(asked: str) -> None:
    with pytest.raises(UsageError) as refused:
        state(asked)
    assert len(str(refused.value)) < 250


@national_atlas
def test_the_table_has_a_line_for_each_row_of_its_queries(national: Served) -> None:
    for asked, queries in (
        ("", ["map_relations"]),
        ("?status=possible&family=between-domains", ["map_relations"]),
        ("?source=citego&type=dependsOn", ["map_relations"]),
        (f"?centre={PRECARITY}", ["map_around", "map_facts"]),
        (f"?centre={NANCY}", ["map_around", "map_facts"]),
        (f"?centre={NANCY}&type=memberOf", ["map_around", "map_facts"]),
        (f"?centre={PRECARITY}&status=possible", ["map_around"]),
    ):
        text = national.fetch(f"/map{asked}", headers=HTML).text
        wanted = sum(len(rows(national, text, query)) for query in queries)
        assert counted(text) == (wanted, wanted), asked


@national_atlas
def test_the_verbs_of_a_map_are_counted_and_lead_to_their_relations(national: Served) -> None:
    text = national.fetch(f"/map?centre={PRECARITY}&depth=2", headers=HTML).text
    listed = text.partition('class="map-verbs"')[2].partition("</ul>")[0]
    verbs = re.findall(r'<li><a href="([^"]+)">[^<]+</a> (\d+)</li>', listed)
    assert len(verbs) > 3
    assert sum(int(count) for _, count in verbs) == counted(text)[1]
    # A second step has no less around what the first leads to by other verbs.
    address, count = next(verb for verb in verbs if "type=sharedBy" in verb[0])
    kept = national.fetch(unescape(address).replace("&depth=2", ""), headers=HTML).text
    assert 0 < counted(kept)[1] <= int(count)


@national_atlas
def test_what_is_cut_is_told_with_the_number_of_its_query(national: Served) -> None:
    text = national.fetch("/map?centre=competence/banatic-2021-1502", headers=HTML).text
    (row,) = rows(national, text, "map_fact_counts")
    shown = len(rows(national, text, "map_facts"))
    plain = re.sub(r"[\s\u202f\xa0]", "", text)
    assert f"{shown}relationssur{row['count']}sontmontrées" in plain


@national_atlas
def test_a_family_keeps_of_the_facts_those_alone_whose_verb_is_of_it(national: Served) -> None:
    apart = national.fetch(f"/map?centre={NANCY}&family=between-domains", headers=HTML).text
    assert "Aucune relation ne passe ces filtres" in apart
    for family, kept in (("between-scales", True), ("between-domains", False)):
        asked = f"/map?centre=vocabulary/scales/state&family={family}"
        found = rows(national, national.fetch(asked, headers=HTML).text, "map_facts")
        assert any(row["property"].endswith("/atScale") for row in found) is kept


@national_atlas
def test_a_second_step_that_is_cut_says_so(national: Served) -> None:
    said = words("fr")["map.beyond_cut"]
    text = national.fetch("/map?centre=competence/banatic-2021-1502&depth=2", headers=HTML).text
    assert said in unescape(text)
    for whole in (f"{NANCY}&depth=2", "competence/banatic-2021-1502"):
        assert said not in unescape(national.fetch(f"/map?centre={whole}", headers=HTML).text)


@national_atlas
def test_a_map_of_nothing_says_so(national: Served) -> None:
    filtered = national.fetch("/map?status=broken", headers=HTML).text
    assert "Aucune relation ne passe ces filtres" in filtered
    alone = national.fetch("/map?centre=descriptor/none-such", headers=HTML)
    assert alone.status == 200
    assert "n’énoncent aucune relation" in alone.text
    assert national.fetch("/map?depth=9", headers=HTML).status == 400


@national_atlas
@slow
def test_a_newcomer_finds_a_thing_and_opens_what_is_around_it(open_page: Opener) -> None:
    page = drawn(open_page("/map"))
    assert page.evaluate(NUMBERS)[1] == page.locator("#map-table tbody tr").count()
    search = page.locator("#map-q")
    search.press_sequentially("précarité")
    page.get_by_role("option").filter(has_text="question transversale").first.click()
    page.wait_for_url("**centre=**precarity**")
    drawn(page)
    expect(page.locator("h1")).to_have_text("précarité")
    before = page.evaluate(NUMBERS)
    canvas = page.locator(".map-canvas")
    canvas.focus()
    canvas.press("ArrowRight")
    expect(page.locator("#map-said")).to_contain_text(
        "précarité, Question transversale, ", ignore_case=True
    )
    assert "selected=question/precarity" in page.url
    canvas.press("ArrowUp")
    canvas.press("Enter")
    page.wait_for_url("**open=**")
    expect(page.locator(".map-opened li")).to_have_count(1)
    page.wait_for_function(f"() => ({NUMBERS})()[0] > {before[0]}")
    expect(canvas).to_be_focused()
    places = page.evaluate(PLACES)
    assert page.evaluate(NUMBERS)[1] == page.locator("#map-table tbody tr").count()
    page.reload()
    assert drawn(page).evaluate(PLACES) == places, "the same address is the same picture"
    page.go_back()
    expect(page.locator(".map-opened")).to_have_count(0)
    page.wait_for_function(f"() => ({NUMBERS})()[0] === {before[0]}")


@national_atlas
@slow
def test_the_map_and_the_table_show_the_same_relation(open_page: Opener) -> None:
    page = drawn(open_page(f"/map?centre={PRECARITY}"))
    row = page.locator("#map-table tbody tr").first
    row.get_by_role("button").click()
    expect(row).to_have_attribute("aria-current", "true")
    assert page.evaluate(CHOSEN) == ["r0"]
    expect(page.locator("#map-panel")).to_contain_text("précarité est partagée par")
    page.locator(".map-canvas").press("Escape")
    assert page.evaluate(CHOSEN) == []
    assert page.locator("#map-table [aria-current]").count() == 0
    page.locator("#map-status").select_option("possible")
    page.locator("#map-apply").click()
    page.wait_for_url("**status=possible**")
    expect(page.locator("#map-count")).to_contain_text("0 relation")
    assert violations(page) == []


@national_atlas
@slow
def test_pictures_of_the_map_are_whole_files_that_say_where_they_are_from(
    open_page: Opener,
) -> None:
    page = drawn(open_page(f"/map?centre={PRECARITY}"))
    with page.expect_download() as saved:
        page.locator("[data-do=svg]").click()
    root = ElementTree.fromstring(saved.value.path().read_bytes())
    words = " ".join(root.itertext())
    assert "Relations autour de précarité" in words
    assert page.url in words.replace("\n", "")
    assert "CC BY" in words
    assert words.count("est partagée par") == 3
    for explained in ("question ou défi", "acteur ou communauté", "relation observée"):
        assert explained in words
    with page.expect_download() as saved:
        page.locator("[data-do=png]").click()
    assert saved.value.path().read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    assert saved.value.suggested_filename == "relations-question-precarity.png"


@national_atlas
@slow
def test_on_a_phone_and_without_scripts_the_relations_are_read(open_page: Opener) -> None:
    page = open_page(f"/map?centre={PRECARITY}", scripts=False, phone=True)
    expect(page.locator(".star-list li").first).to_be_visible()
    expect(page.locator(".star svg")).to_be_hidden()
    expect(page.locator("#map")).to_be_hidden()
    assert overflow(page) == []
    page.locator("#map-depth").select_option("2")
    page.locator("#map-apply").click()
    page.wait_for_url("**depth=2**")
    page.locator("#map-q").fill("nancy")
    page.locator(".map-find button").click()
    expect(page.locator(".results li").first).to_contain_text("Nancy")
    page.locator(".results a").first.click()
    expect(page.locator("#map-table")).to_be_visible()


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """An atlas whose things have the worst of names."""
    home: Path = tmp_path_factory.mktemp("odd")
    said = []
    for number, name in enumerate(HOSTILE):
        thing, relation = f"{BASE}/id/descriptor/{number}", f"{BASE}/id/relation/{number}"
        text = name.replace("\\", "\\\\").replace('"', '\\"')
        said.append(
            f'<{thing}> {LABEL} "{text}"@fr .\n<{thing}> {TYPE} <{ATLAS}Descriptor> .\n'
            f"<{relation}> {TYPE} <{ATLAS}Relation> .\n"
            f"<{relation}> <{ATLAS}relationSource> <{BASE}/id/descriptor/0> .\n"
            f"<{relation}> <{ATLAS}relationTarget> <{thing}> .\n"
            f"<{relation}> <{ATLAS}relationType> <{VOCABULARY}/relation-types/odd> .\n"
            f"<{relation}> <{ATLAS}relationStatus> <{VOCABULARY}/relation-statuses/odd> .\n"
        )
    said.append(f'<{VOCABULARY}/relation-types/odd> {LABEL} "</td><img src=x>"@fr .\n')
    publish_world(home, extra="".join(said))
    with serving(home, ATLAS_WORKERS="1") as served:
        yield served


@slow
def test_names_that_mean_harm_are_only_shown(open_page: Opener, odd: Served) -> None:
    page = drawn(open_page("/map?centre=descriptor/0", site=odd))
    assert page.evaluate(NUMBERS) == [len(HOSTILE), len(HOSTILE)]
    assert page.locator("main img").count() == 0
    for arrow in ("ArrowRight", "ArrowDown", "ArrowLeft"):
        page.locator(".map-canvas").press(arrow)
        expect(page.locator("#map-panel h2")).not_to_be_empty()
    with page.expect_download() as saved:
        page.locator("[data-do=svg]").click()
    root: Any = ElementTree.fromstring(saved.value.path().read_bytes())
    assert not list(root.iter("{http://www.w3.org/2000/svg}script"))
    page.set_viewport_size({"width": 390, "height": 844})
    assert overflow(page) == []
