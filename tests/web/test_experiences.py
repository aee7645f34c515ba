"""Experiences: each figure is what its query gives, and each choice may be undone."""

from __future__ import annotations

import csv
import io
import random
import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect
from pyoxigraph import Literal

from endpoint.language import translate
from tests.endpoint.conftest import home, served
from tests.endpoint.serving import Served, serving
from tests.endpoint.world import ATLAS, BASE, DCTERMS, LABEL, TYPE, publish_world
from tests.web.browsing import overflow, shot, violations
from tests.web.watching import Opener

__all__ = ["home", "served"]

SKOS = "http://www.w3.org/2004/02/skos/core#"
COUNTRY = "https://w3id.org/atlas-relationnel/id/country/"
TICK = re.compile(
    r'<label class="tick[^"]*" for="(?P<id>[^"]*)"><input[^>]* name="(?P<facet>\w+)" '
    r'value="(?P<value>[^"]*)"(?P<checked> checked)?>.*?class="count">(?P<count>[^<]*)<',
    re.DOTALL,
)
FOUND = re.compile(r'<h2 id="found"[^>]*>(?P<text>[^<]*)<')
DATA = re.compile(r'href="(?P<csv>/api/queries/experience_(?:document_)?list\.csv[^"]*)"')

national_page = [pytest.mark.national, pytest.mark.slow]


class Read:
    """What a page of experiences says: its total, its counts, where its data are."""

    def __init__(self, served: Served, **choice: str | list[str]) -> None:
        fields = urlencode({"lang": "en", **choice}, doseq=True)
        self.reply = served.fetch(f"/experiences?{fields}", headers={"Accept": "text/html"})
        assert self.reply.status == 200, self.reply.text
        text = self.reply.text
        (found,) = FOUND.findall(text)
        self.total = int("".join(c for c in found if c.isdecimal()) or 0)
        self.counts = {
            (m["facet"], unescape(m["value"])): int(m["count"].replace(",", ""))
            for m in TICK.finditer(text)
        }
        self.checked = {
            (m["facet"], unescape(m["value"])) for m in TICK.finditer(text) if m["checked"]
        }
        self.csv = [unescape(path) for path in DATA.findall(text)]

    def rows(self, served: Served) -> list[dict[str, str]]:
        reply = served.fetch(self.csv[0])
        assert reply.status == 200, reply.text
        return list(csv.DictReader(io.StringIO(reply.text)))


def tick(page: Page, domain: str) -> Locator:
    return page.locator(f'.choose input[name="domain"][value="{domain}"]')


@pytest.fixture(scope="module")
def every(national: Served) -> Read:
    return Read(national)


@pytest.fixture
def page(open_page: Opener) -> Page:
    return open_page("/experiences")


class TestFigures:
    pytestmark = national_page

    def test_the_total_of_a_choice_is_the_number_of_rows_of_its_query(
        self, national: Served, every: Read
    ) -> None:
        dice = random.Random(5)
        values = sorted(every.counts)
        for _ in range(8):
            chosen: dict[str, list[str]] = {}
            for facet, value in dice.sample(values, dice.randint(1, 3)):
                chosen.setdefault(facet, []).append(value)
            page = Read(national, **chosen)
            rows = page.rows(national) if page.csv else []
            assert len(rows) == page.total, chosen

    @pytest.mark.parametrize(
        "choice",
        [
            {},
            {"domain": ["Health", "Education"], "country": f"{COUNTRY}FR"},
            {"q": "citizens"},
            {"kind": "document"},
            {"kind": "document", "language": "fr", "author": ["Pierre Calame", "-"]},
        ],
        ids=["nothing chosen", "two facets", "words", "documents", "two facets of documents"],
    )
    def test_each_count_is_the_total_of_the_page_it_leads_to(
        self, national: Served, choice: dict[str, str | list[str]]
    ) -> None:
        page = Read(national, **choice)
        dice = random.Random(8)
        for facet in dict.fromkeys(facet for facet, _ in page.counts):
            values = [value for one, value in page.counts if one == facet]
            value = dice.choice(values)
            led = Read(national, **{**choice, facet: value})
            assert led.total == page.counts[facet, value], (facet, value)
            if "kind" in choice:
                assert led.total == (len(led.rows(national)) if led.csv else 0), (facet, value)

    def test_several_values_may_stand_in_one_as_in_the_query(self, national: Served) -> None:
        page = Read(national, domain="Health|Education")
        assert page.checked == {("domain", "Health"), ("domain", "Education")}
        assert page.total == len(page.rows(national)) > 0

    def test_what_a_source_does_not_say_is_a_value_too(self, national: Served, every: Read) -> None:
        page = Read(national, place="-")
        assert page.total == every.counts["place", "-"] > 800
        assert len(page.rows(national)) == page.total

    def test_an_apostrophe_may_be_straight_or_curved(self, national: Served) -> None:
        straight, curved = (Read(national, q=f"l{sign}habitat") for sign in "'’")
        assert straight.total == curved.total > 0
        assert straight.rows(national) == curved.rows(national)

    def test_words_are_looked_for_in_names_and_summaries(self, national: Served) -> None:
        page = Read(national, q="Speech  RECOGNITION")
        rows = page.rows(national)
        assert 0 < len(rows) == page.total
        assert parse_qs(urlsplit(page.csv[0]).query)["words"] == ["speech recognition"]

    @pytest.mark.parametrize("sort", ["recent", "oldest", "name"])
    def test_the_list_is_in_the_order_of_its_query(self, national: Served, sort: str) -> None:
        page = Read(national, sort=sort, q="climate")
        titles = re.findall(r'<h3><a class="named" href="(?P<path>[^"?]*)', page.reply.text)
        expected = [row["experience"] for row in page.rows(national)][:25]
        assert [title.rpartition("/")[2] for title in titles] == [
            iri.rpartition("/")[2] for iri in expected
        ]

    def test_a_commune_within_a_country_counts_for_the_country(self, national: Served) -> None:
        page = Read(national, country=f"{COUNTRY}FR")
        places = [value for facet, value in page.counts if facet == "place" and value != "-"]
        assert any("/commune/" in place for place in places)
        assert page.counts["country", f"{COUNTRY}FR"] == page.total


class TestLikeMine:
    pytestmark = national_page

    def test_experiences_of_communes_of_similar_size_are_those_of_the_query(
        self, national: Served
    ) -> None:
        path = "/api/queries/cq08_similar_territories.csv?insee=62528&factor=2&language=en"
        rows = list(csv.DictReader(io.StringIO(national.fetch(path).text)))
        assert rows
        page = Read(national, like="62528", factor="2")
        (listed,) = re.findall(r'<ul class="alike">.*?</ul>', page.reply.text, re.DOTALL)
        assert listed.count("<li>") == len({row["experience"] for row in rows})

    def test_what_it_counts_of_all_leads_to_as_many_whatever_is_chosen(
        self, national: Served
    ) -> None:
        text = Read(national, like="62528", domain="Health", q="service").reply.text
        (like,) = re.findall(r'<section class="like".*?</section>', text, re.DOTALL)
        led = re.findall(r'<a href="(/experiences\?[^"#]*)#results">(\d+)', like)
        assert led
        for address, count in led:
            (found,) = FOUND.findall(national.fetch(unescape(address)).text)
            assert found.startswith(f"{count} "), address

    def test_where_none_is_recorded_the_page_says_what_is_missing(self, national: Served) -> None:
        page = Read(national, like="54395", factor="2")
        assert "No experience known to this atlas took place in a commune" in page.reply.text
        assert "The nearest in size" in page.reply.text
        assert f"{Read(national, place='-').total:,} of" in page.reply.text

    def test_a_commune_is_chosen_as_one_types(self, page: Page) -> None:
        field = page.locator("#commune")
        field.press_sequentially("loos en go")
        expect(page.get_by_role("option").first).to_contain_text("Loos-en-Gohelle")
        field.press("ArrowDown")
        field.press("Enter")
        expect(page.locator(".like")).to_contain_text("Loos-en-Gohelle a 6")
        expect(page.locator(".alike li")).not_to_have_count(0)

    def test_a_name_without_scripts_leads_to_the_communes_that_bear_it(
        self, open_page: Opener
    ) -> None:
        page = open_page("/experiences", scripts=False)
        page.get_by_label("Ma commune").fill("loos en gohelle")
        page.get_by_role("button", name="Comparer").click()
        page.get_by_role("link", name="Loos-en-Gohelle").first.click()
        expect(page.locator(".like")).to_contain_text("Sont comparables")

    @pytest.mark.parametrize("lang", ["fr", "en", "es"])
    def test_a_postal_code_is_no_dead_end(self, national: Served, lang: str) -> None:
        page = Read(national, commune="54000", domain="Health", lang=lang)
        said = translate("experiences.like.unknown_code", lang, words="54000")
        assert said in unescape(page.reply.text)
        assert f'href="/territories?q=54000&amp;lang={lang}"' in page.reply.text
        assert page.total == 119

    def test_a_code_that_is_one_is_compared_at_once(self, national: Served) -> None:
        written = Read(national, commune="54395").reply.text
        assert "Nancy</bdi></a></strong> has" in written
        assert 'name="like" value="54395"' in written


class TestWords:
    pytestmark = national_page

    @pytest.mark.parametrize(
        ("lang", "words", "value"),
        [
            ("fr", "santé", "Health"),
            ("fr", "SANTE", "Health"),
            ("es", "educación", "Education"),
            ("en", "health care", "Health and Care"),
        ],
    )
    def test_what_they_mean_among_the_facets_is_offered_with_how_many_it_leads_to(
        self, national: Served, lang: str, words: str, value: str
    ) -> None:
        text = Read(national, q=words, lang=lang, country=f"{COUNTRY}FR").reply.text
        meant = text.partition(translate("experiences.meant", lang))[2].partition("</p>")[0]
        led = re.findall(r'<a href="([^"#]*)#results">.*?</a> <span class="quietly">(\d+)<', meant)
        assert value in [
            one
            for address, _ in led
            for one in parse_qs(urlsplit(unescape(address)).query).get("domain", ())
        ]
        for address, count in led:
            (found,) = FOUND.findall(national.fetch(unescape(address)).text)
            assert found.split()[0] == count, address

    def test_what_names_no_facet_is_offered_none(self, national: Served) -> None:
        assert translate("experiences.meant", "en") not in Read(national, q="qsdf").reply.text

    def test_a_reader_of_another_language_is_told_in_which_most_texts_are(
        self, national: Served
    ) -> None:
        told = "La plupart des textes sont en anglais"
        assert told in Read(national, lang="fr").reply.text
        assert 'id="words-in"' not in Read(national, lang="en").reply.text
        assert 'id="words-in"' not in Read(national, lang="fr", kind="document").reply.text


class TestChoosing:
    pytestmark = national_page

    def test_a_tick_asks_anew_and_keeps_the_keyboard_where_it_was(self, page: Page) -> None:
        tick(page, "Health").focus()
        page.keyboard.press("Space")
        expect(page.locator("#found")).to_have_text(re.compile(r"^119 "))
        expect(tick(page, "Health")).to_be_focused()
        expect(page.get_by_role("status").first).to_be_attached()
        assert parse_qs(urlsplit(page.url).query)["domain"] == ["Health"]
        page.go_back()
        expect(page.locator("#found")).to_have_text(re.compile(r"^913 "))

    def test_without_scripts_the_form_chooses_and_a_chip_undoes(self, open_page: Opener) -> None:
        page = open_page("/experiences", scripts=False)
        tick(page, "Health").check()
        tick(page, "Education").check()
        page.get_by_role("button", name="Afficher").click()
        expect(page.locator("#found")).to_have_text("160 expériences")
        page.get_by_role("link", name="Retirer Domaine Santé").click()
        expect(page.locator("#found")).to_have_text("41 expériences")
        page.get_by_role("link", name="Tout retirer").click()
        expect(page.locator("#found")).to_have_text("913 expériences")

    def test_another_language_keeps_the_choice(self, open_page: Opener) -> None:
        page = open_page("/experiences?domain=Health&q=hospital&page=1")
        total = page.locator("#found").inner_text().split()[0]
        page.get_by_role("link", name="English").click()
        expect(page.locator("#found")).to_have_text(f"{total} experiences")

    def test_a_phone_folds_the_facets_and_fits(self, open_page: Opener) -> None:
        page = open_page("/experiences?like=54395&domain=Health", phone=True)
        expect(tick(page, "Health")).to_be_hidden()
        page.locator(".facets > summary").click()
        expect(tick(page, "Health")).to_be_visible()
        assert overflow(page) == []
        shot(page, "experiences-phone")

    @pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
    def test_a_choice_shuts_nobody_out(self, open_page: Opener, dark: bool) -> None:
        path = f"/experiences?country={COUNTRY}FR&year=2020&year=2019&like=62528"
        page = open_page(path, dark=dark)
        for summary in page.locator("summary").all():
            if summary.is_visible():
                summary.click()
        assert violations(page) == []
        shot(page, f"experiences-chosen{'-dark' if dark else ''}")


class TestSmallWorld:
    @pytest.mark.parametrize(
        ("asked", "status"),
        [
            ("page=0", 400),
            ("page=99", 400),
            ("page=x", 400),
            ("sort=size", 400),
            ("kind=book", 400),
            ("q=one+two+three+four+five", 400),
            ("factor=0&like=54395", 400),
            ("like=nancy", 400),
            ("like=99999", 404),
            (f"domain={'x' * 3000}", 400),
        ],
    )
    def test_what_asks_for_nothing_there_is_is_said_in_a_sentence(
        self, served: Served, asked: str, status: int
    ) -> None:
        reply = served.fetch(f"/experiences?{asked}", headers={"Accept": "text/html"})
        assert reply.status == status, reply.text
        assert reply.type == "text/html"

    @pytest.mark.parametrize(
        "asked",
        [
            "",
            "domain=%3Cscript%3Ealert(1)%3C/script%3E",
            "year=-",
            "country=javascript:x&q=%7B0%7D",
        ],
    )
    def test_any_other_choice_makes_a_page(self, served: Served, asked: str) -> None:
        reply = served.fetch(f"/experiences?{asked}", headers={"Accept": "text/html"})
        assert reply.status == 200, reply.text
        assert "<script>alert" not in reply.text
        assert "javascript:x" not in re.findall(r'href="([^"]*)"', reply.text)


# A source may say anything: it shows as text, and leads nowhere it should not.
HOSTILE = (
    "<script>alert(1)</script>",
    "\u202e\u05e9\u05dc\u05d5\u05dd",
    "\U0001f600" * 40,
    "x" * 10_000,
)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("hostile-experiences")
    publish_world(folder, extra="".join(hostile_lines()))
    with serving(folder, ATLAS_WORKERS="1") as running:
        yield running


def hostile_lines() -> Iterator[str]:
    for nth, name in enumerate(HOSTILE):
        iri = f"<{BASE}/id/experience/hostile-{nth}>"
        yield f"{iri} {TYPE} <{ATLAS}Experience> .\n{iri} {LABEL} {Literal(name)} .\n"
        for word in ("Sector", "Type", "Status", "Technology", "Lead organisation"):
            yield f"{iri} <{SKOS}note> {Literal(f'{word}: {name}')} .\n"
        yield f"{iri} <{DCTERMS}description> {Literal(name)} .\n"
        yield f"{iri} <http://xmlns.com/foaf/0.1/page> <javascript:alert(1)> .\n"
        yield f'{iri} <{DCTERMS}date> "never" .\n'


class TestHostile:
    def test_it_shows_as_text_and_fits(self, open_page: Opener, hostile: Served) -> None:
        page = open_page("/experiences", site=hostile, phone=True)
        page.locator(".facets > summary").click()
        expect(page.locator(".experience")).to_have_count(len(HOSTILE))
        assert page.locator("main script").count() == 0
        assert page.locator('a[href^="javascript"]').count() == 0
        assert overflow(page) == []
        assert violations(page) == []

    @pytest.mark.parametrize("name", HOSTILE[:3], ids=["script", "right to left", "emoji"])
    def test_it_may_be_chosen_and_its_query_agrees(self, hostile: Served, name: str) -> None:
        page = Read(hostile, domain=name)
        assert page.total == len(page.rows(hostile)) == 1
