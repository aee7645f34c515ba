"""Who does what here: a commune is found, its bodies are seen, each figure can be had again."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, quote, urlsplit

import pytest
from playwright.sync_api import Page, expect

from endpoint.language import LANGUAGES, translate
from tests.endpoint.serving import Served, serving
from tests.endpoint.world import ATLAS, BASE, LABEL, TYPE, publish_world
from tests.web.browsing import overflow, shot, violations
from tests.web.watching import Opener

pytestmark = [pytest.mark.national, pytest.mark.slow]

# A city, two groupings at once, one island without any, codes of Corsica and of the oceans.
COMMUNES = ("54395", "92049", "29155", "2A004", "97411", "97502")
CODE = "<http://rdf.insee.fr/def/geo#codeINSEE>"
SKOS = "http://www.w3.org/2004/02/skos/core#"


class Read:
    """The page of a commune, as a program reads it: its figures, and the answers behind them."""

    def __init__(self, served: Served, path: str, language: str = "en") -> None:
        headers = {"Accept": "text/html", "Accept-Language": language}
        reply = served.fetch(path, headers=headers)
        assert reply.status == 200, reply.text
        self.served, self.text = served, reply.text

    def figures(self, name: str) -> list[int]:
        """The numbers that the page marks with a name."""
        found = re.findall(rf'data-figure="{name}">([^<]*)<', self.text)
        return [int(re.sub(r"[^0-9]", "", text)) for text in found]

    def answer(self, query: str) -> list[dict[str, str]]:
        """The rows of a query, from its address as CSV at the foot of the page."""
        found = re.search(rf'href="([^"]*/{query}\.csv[^"]*)"', self.text)
        assert found, f"{query} is not behind the page"
        reply = self.served.fetch(html.unescape(found[1]))
        assert reply.status == 200, reply.text
        return list(csv.DictReader(io.StringIO(reply.text)))

    def words(self) -> str:
        """What one reads in the page, without its marks."""
        main = self.text.partition("<main")[2].partition("</main>")[0]
        main = re.sub(r"</?(a|b|bdi|span)\b[^>]*>", "", main)
        return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", main)).split())


def found(page: Page, text: str) -> None:
    """Type into the search for a commune until it proposes some."""
    field = page.get_by_role("combobox", name="Nom ou code INSEE de la commune")
    field.press_sequentially(text)
    expect(page.get_by_role("option").first).to_contain_text("Nancy")


class TestNewcomer:
    def test_the_whole_way_from_home_to_the_csv(self, open_page: Opener, national: Served) -> None:
        page = open_page("/")
        page.get_by_role("navigation", name="Rubriques").get_by_text("Territoires").click()
        page.wait_for_url("**/territories?**")
        found(page, "nancy")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        page.wait_for_url("**/territories/54395?*")
        lead = page.locator(".summary")
        expect(lead).to_contain_text("Nancy est une commune de")
        expect(lead).to_contain_text("Métropole du Grand Nancy (20 communes)")
        ladder = page.locator(".ladder")
        for level in (
            "Commune",
            "Intercommunalité",
            "Syndicats intercommunaux",
            "Département",
            "Région",
            "État",
        ):
            expect(ladder.get_by_role("rowheader", name=level, exact=True)).to_be_visible()
        shot(page, "territories-nancy")

        pair = page.locator(".pair").first
        ends = [end.locator("bdi").first.inner_text() for end in pair.locator(".end").all()]
        pair.get_by_role("link").click()
        expect(page.get_by_role("heading", level=1)).to_have_text(
            "Deux dispositifs, un même public"
        )
        expect(page.locator("main .note").first).to_contain_text("une question à poser")
        expect(page.locator(".sides h2")).to_have_text(ends)
        assert violations(page) == []
        shot(page, "territories-pair")

        table = page.get_by_role("link", name="Télécharger en CSV").get_attribute("href")
        assert table
        page.get_by_role("link", name="Voir la requête").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("sans articulation connue")
        path = urlsplit(page.url)
        assert path.path == "/queries/cq01_unarticulated_schemes"
        assert dict(parse_qsl(path.query))["insee"] == "54395"
        reply = national.fetch(table)
        assert reply.type == "text/csv"
        names = {row["label"] for row in csv.DictReader(io.StringIO(reply.text))}
        assert set(ends) <= names

    def test_without_scripts_the_form_lists_the_communes_of_one_name(
        self, open_page: Opener
    ) -> None:
        page = open_page("/territories", scripts=False, phone=True)
        page.get_by_label("Nom ou code INSEE de la commune").fill("Sainte-Colombe")
        page.locator("main form").get_by_role("button").click()
        same = page.locator(".results li", has=page.get_by_text("Sainte-Colombe", exact=True))
        page.wait_for_url("**q=Sainte-Colombe*")
        assert same.count() >= 12
        # The department beside each tells them apart.
        beside = [one.inner_text() for one in same.locator(".quietly").all()]
        assert len(set(beside)) == len(beside)
        assert "Rhône · 69189" in beside
        same.first.get_by_role("link").click()
        expect(page.locator(".summary")).to_contain_text("Sainte-Colombe est une commune")
        page.get_by_label("Public (nombre de dispositifs ici)").select_option("job-seekers")
        page.get_by_role("button", name="Montrer").click()
        expect(page.locator(".finding")).to_contain_text(re.compile("demandeurs d[’']emploi"))

    def test_a_code_leads_straight_to_its_commune(self, open_page: Opener) -> None:
        page = open_page("/territories", scripts=False)
        page.get_by_label("Nom ou code INSEE de la commune").fill(" 2a004")
        page.locator("main form").get_by_role("button").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Ajaccio")

    @pytest.mark.parametrize("asked", ["grand nancy", "MÉTROPOLE DU GRAND NANCY", "245400676"])
    def test_a_grouping_is_found_by_its_name_or_number_and_lists_its_communes(
        self, open_page: Opener, asked: str
    ) -> None:
        page = open_page("/territories", scripts=False)
        page.get_by_label("Nom ou code INSEE de la commune").fill(asked)
        page.locator("main form").get_by_role("button").click()
        found = page.get_by_role("region", name="Intercommunalités trouvées")
        expect(found).to_contain_text("métropole · 20 communes · SIREN 245400676")
        found.get_by_role("link", name="Métropole du Grand Nancy").click()
        communes = page.get_by_role("region", name="Métropole du Grand Nancy").locator("li")
        expect(communes).to_have_count(20)
        communes.get_by_role("link", name="Laxou", exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Laxou")

    def test_a_grouping_is_offered_as_one_types_where_no_commune_is_called_so(
        self, open_page: Opener
    ) -> None:
        page = open_page("/territories")
        field = page.get_by_role("combobox", name="Nom ou code INSEE de la commune")
        field.press_sequentially("grand nancy")
        expect(page.get_by_role("option")).to_have_text(re.compile("^Métropole du Grand Nancy"))
        field.press("ArrowDown")
        field.press("Enter")
        expect(page).to_have_url(re.compile(r"/territories\?grouping=245400676&lang=fr#grouping$"))
        grouping = page.get_by_role("region", name="Métropole du Grand Nancy")
        expect(grouping.locator("li")).to_have_count(20)
        assert violations(page) == []

    @pytest.mark.parametrize("siren", ["245400676", "200054781", "200035459"])
    def test_the_figures_of_a_grouping_are_those_of_its_queries(
        self, national: Served, siren: str
    ) -> None:
        page = Read(national, f"/territories?grouping={siren}")
        rows = page.answer("here_grouping")
        newest = max(row["vintage"] for row in rows)
        codes = {row["code"] for row in rows if row["vintage"] == newest}
        listed = page.text.partition('id="grouping"')[2].partition("</section>")[0]
        assert set(re.findall(r"/territories/(\w+)\?lang=en", listed)) == codes
        counted = [
            int(row["communes"])
            for row in page.answer("here_groupings")
            if row["vintage"] == newest
        ]
        assert sum(counted) == len(codes)
        assert f" {len(codes)} communes" in page.words()

    @pytest.mark.parametrize(
        ("asked", "department"),
        [
            ("meurthe et moselle", "Meurthe-et-Moselle"),
            ("54", "Meurthe-et-Moselle"),
            ("grand est", "Vosges"),
            ("corse du sud", "Corse-du-Sud"),
        ],
    )
    def test_a_department_is_found_by_its_name_its_number_or_its_region(
        self, national: Served, asked: str, department: str
    ) -> None:
        page = Read(national, f"/territories?q={quote(asked)}", "fr")
        named = page.text.partition('id="named"')[2].partition("</section>")[0]
        assert f"<bdi>{department}</bdi>" in named

    @pytest.mark.parametrize(
        ("code", "departments"),
        [
            ("54000", ["Meurthe-et-Moselle"]),
            ("20000", ["Corse-du-Sud", "Haute-Corse"]),
            ("97400", ["La Réunion"]),
            ("00000", []),
        ],
    )
    def test_a_postal_code_is_no_dead_end(
        self, national: Served, code: str, departments: list[str]
    ) -> None:
        page = Read(national, f"/territories?q={code}", "fr")
        words = page.words()
        assert f"Aucun lieu de l’atlas ne porte le code INSEE {code}" in words
        assert "Si c’est un code postal" in words
        found = page.text.partition('id="found"')[2].partition("</section>")[0]
        assert re.findall(r"<bdi>(.*?)</bdi>", found) == departments

    def test_a_department_lists_its_communes(self, open_page: Opener) -> None:
        page = open_page("/territories", scripts=False)
        page.get_by_role("link", name="Meurthe-et-Moselle").click()
        page.get_by_role("link", name="Pont-à-Mousson", exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Pont-à-Mousson")

    def test_the_combobox_is_worked_by_the_keyboard_alone(self, open_page: Opener) -> None:
        page = open_page("/territories")
        field = page.get_by_role("combobox", name="Nom ou code INSEE de la commune")
        found(page, "nanc")
        expect(field).to_have_attribute("aria-expanded", "true")
        page.keyboard.press("ArrowDown")
        marked = page.locator('[role="option"][aria-selected="true"]')
        expect(marked).to_have_count(1)
        expect(field).to_have_attribute("aria-activedescendant", marked.get_attribute("id") or "")
        assert violations(page) == []
        page.keyboard.press("Escape")
        expect(page.get_by_role("listbox")).to_be_hidden()
        expect(field).to_have_value("nanc")
        page.keyboard.press("Enter")
        page.wait_for_url("**/territories?q=nanc*")


class TestFigures:
    @pytest.mark.parametrize("code", COMMUNES)
    def test_each_equals_what_its_query_answers(self, national: Served, code: str) -> None:
        page = Read(national, f"/territories/{code}")
        holders: dict[str, set[str]] = {}
        for row in page.answer("here_competences"):
            holders.setdefault(row["code"], set()).update({row["holder"]} - {""})
        counts = [len(one) for one in holders.values()]
        assert page.figures("held") == [sum(count > 0 for count in counts)]
        assert page.figures("shared") == [sum(count > 1 for count in counts)]
        assert page.figures("unheld") == [counts.count(0)]

        members: dict[str, int] = {}
        for row in page.answer("here_members"):
            if row["after"] == "1":
                members[row["grouping"]] = members.get(row["grouping"], 0) + 1
        assert sorted(page.figures("members")) == sorted(members.values())

        chosen = re.search(r'<option value="([^"]*)" selected>.*\((\d+)\)<', page.text)
        assert chosen
        here = [
            row["scheme"]
            for row in page.answer("here_candidates")
            if row["public"].endswith(f"/{chosen[1]}")
        ]
        assert page.figures("schemes") == [len(here)] == [int(chosen[2])]

    @pytest.mark.parametrize("code", ["54395", "75056", "97411"])
    def test_the_candidates_are_those_of_the_competency_question(
        self, national: Served, code: str
    ) -> None:
        page = Read(national, f"/territories/{code}")
        here: dict[str, set[str]] = {}
        for row in page.answer("here_candidates"):
            here.setdefault(row["public"].rpartition("/")[2], set()).add(row["scheme"])
        publics = re.findall(r'<option value="([^"]*)"', page.text)
        assert len(publics) == 18
        for public in publics:
            address = f"/api/queries/cq01_unarticulated_schemes.csv?insee={code}&public={public}"
            rows = csv.DictReader(io.StringIO(national.fetch(address).text))
            assert {row["scheme"] for row in rows} == here.get(public, set()), public


class TestWhatTheSourcesSay:
    def test_the_greater_paris_has_competences_at_two_levels(self, national: Served) -> None:
        page = Read(national, "/territories/92049")
        assert page.figures("shared") == [9]
        listed = page.words().partition("Competences recorded at two levels")[2]
        assert "Métropole du Grand Paris (metropolis) · Vallée Sud-Grand Paris" in listed

    def test_no_holder_is_never_said_to_be_none(self, national: Served) -> None:
        words = Read(national, "/territories/54395").words()
        assert "With no holder recorded in these sources" in words
        assert "This does not mean that nobody holds them" in words
        assert "held by none" not in words

    def test_a_code_without_a_sure_name_stays_a_code(self, national: Served) -> None:
        page = Read(national, "/territories/54395")
        # 1520 is another competence in the list of 2025, and the crosswalk has no row for it.
        assert re.search(r">1520</a>", page.text)
        unsure = {row["code"] for row in page.answer("here_competences") if not row["label"]}
        assert "1520" in unsure
        assert page.words().count("1004: the list of 2025 divides it into") == 1

    def test_an_island_is_in_no_grouping(self, national: Served) -> None:
        words = Read(national, "/territories/29155", "fr").words()
        assert "Ces sources ne lui connaissent aucune intercommunalité." in words
        assert "Aucune adhésion n’est enregistrée dans ces sources." in words

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_a_commune_that_lies_in_nothing_of_another_name_is_said_without_a_place(
        self, national: Served, language: str
    ) -> None:
        words = Read(national, "/territories/97701", language).words()
        assert "Saint-Barthélemy" in words
        assert "()" not in words

    def test_mergers_are_told_apart_from_true_changes(self, national: Served) -> None:
        words = Read(national, "/territories/25364").words()
        assert "One commune merged into another member: Le Gratteris → Mamirolle" in words
        assert "communes left" not in words

    def test_one_may_look_back(self, national: Served) -> None:
        page = Read(national, "/territories/25297?vintage=2021")
        assert "You are looking at the administrative map of 2021" in page.words()
        assert "Le Gratteris was a commune (Doubs, Bourgogne-Franche-Comté)." in page.words()
        assert "CU Grand Besançon Métropole" in page.words()
        assert {row["before"] for row in page.answer("here_members")} >= {"1"}

    @pytest.mark.parametrize(
        ("code", "says"),
        [
            (
                "47169",
                "In 2021, Moirax was a member of CA d'Agen; in 2026, of CA Agglomération d'Agen. "
                "31 communes went from one to the other.",
            ),
            ("81080", "in 2026, of CC du Cordais et du Causse (4 C). 5 communes went"),
            # The new grouping has the name of the old one.
            (
                "56174",
                "a member of CC Centre Morbihan Communauté (SIREN 200067221); in 2026, of CC Centre"
                " Morbihan Communauté (SIREN 200096683). 12 communes went",
            ),
        ],
    )
    def test_a_commune_that_went_to_another_grouping_is_said_to_have_gone(
        self, national: Served, code: str, says: str
    ) -> None:
        page = Read(national, f"/territories/{code}")
        assert says in page.words()
        rows = page.answer("here_members")
        old, new = (
            {row["grouping"] for row in rows if row["code"] == code and row[when] == "1"}
            for when in ("before", "after")
        )
        assert old.isdisjoint(new)
        went = {row["code"] for row in rows if row["grouping"] in old and row["before"] == "1"} & {
            row["code"] for row in rows if row["grouping"] in new and row["after"] == "1"
        }
        (said,) = re.findall(r"(\d+) communes went from one", page.words())
        assert int(said) == len(went)

    def test_looking_back_does_not_say_that_the_competences_are_the_same(
        self, national: Served
    ) -> None:
        then, now = (Read(national, f"/territories/81080{year}") for year in ("?vintage=2021", ""))
        assert then.figures("held") != now.figures("held")
        assert "stay the same" not in then.words()

    @pytest.mark.parametrize(
        ("code", "says", "leads"),
        [
            ("25297", "Le Gratteris is no longer a commune. It was succeeded by:", "25364"),
            ("24170", "Eyvirat is a delegated commune", "24064"),
            ("12114", "Grand-Vabre is a delegated commune", "12218"),
            ("75101", "is a municipal arrondissement: a part of the commune Paris", "75056"),
            ("54", "This code is that of a department: Meurthe-et-Moselle.", ""),
        ],
    )
    def test_a_code_of_something_else_says_what_and_leads_on(
        self, national: Served, code: str, says: str, leads: str
    ) -> None:
        page = Read(national, f"/territories/{code}")
        assert says in page.words()
        assert not leads or f"/territories/{leads}?lang=en" in page.text

    @pytest.mark.parametrize(
        ("path", "status"),
        [
            ("99999", 404),
            ("nancy", 404),
            ("54395?vintage=1999", 400),
            ("25297?vintage=2026", 400),
            ("54395?public=nobody", 404),
            ("54395?source=nothing", 404),
            ("54395/pair?public=students&first=a&second=b", 404),
            ("54/pair", 404),
            ("?grouping=999999999", 404),
            ("?grouping=nancy", 400),
        ],
    )
    def test_what_there_is_not_is_said_in_a_sentence(
        self, national: Served, path: str, status: int
    ) -> None:
        reply = national.fetch(
            f"/territories{'' if path.startswith('?') else '/'}{path}",
            headers={"Accept": "text/html"},
        )
        assert reply.status == status, reply.text
        assert reply.type == "text/html"

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_a_pair_shows_no_address_to_which_nobody_answers(
        self, national: Served, language: str
    ) -> None:
        first = "aides-jeunes-grand-est-aide-mobilite-internationale-etudiants"
        second = "aides-jeunes-union-europeenne-bourse-erasmus"
        public = "higher-education-students"
        path = f"/territories/54395/pair?public={public}&first={first}&second={second}"
        words = Read(national, path, language).words()
        assert "@example" not in words
        assert translate("territories.pair.no_address", language) in words

    def test_invented_schemes_are_marked_wherever_they_show(self, open_page: Opener) -> None:
        page = open_page("/territories/54395?source=illustrative-meurthe-et-moselle")
        note = "Données d’illustration"
        expect(page.locator("section", has=page.locator("#schemes"))).to_contain_text(note)
        rows = page.locator(".schemes tbody tr")
        expect(rows.locator(".mark")).to_have_count(rows.count())
        page.locator(".pair").first.get_by_role("link").click()
        expect(page.locator("main")).to_contain_text(note)
        # Those that are articulated with each other are no candidates.
        assert "soutien scolaire" not in page.content()

    def test_what_is_real_says_its_source_and_licence(self, national: Served) -> None:
        words = Read(national, "/territories/54395").words()
        assert "AGPL 3.0" in words
        assert "passes on to copies (copyleft)" in words
        assert "[illustrative]" not in words


# A source may say anything: it shows as text, and the page fits.
HOSTILE = ("<script>alert(1)</script>", "‮שלום", "\U0001f600" * 40, "x" * 10_000)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A small atlas with communes of such names, and with no source of competences or schemes."""
    folder = tmp_path_factory.mktemp("hostile-territories")
    publish_world(folder, extra="".join(hostile_lines()))
    with serving(folder, ATLAS_WORKERS="1") as running:
        yield running


def hostile_lines() -> Iterator[str]:
    year = '"2026"^^<http://www.w3.org/2001/XMLSchema#gYear>'
    for nth, name in enumerate(HOSTILE):
        commune, body = f"<{BASE}/id/commune/9990{nth}>", f"<{BASE}/id/municipality/9990{nth}>"
        yield f'{commune} {TYPE} <{ATLAS}Commune> .\n{commune} {CODE} "9990{nth}" .\n'
        yield f'{commune} {LABEL} "{name}"@fr .\n{commune} <{ATLAS}recordedIn> {year} .\n'
        yield f'{body} <{ATLAS}governs> {commune} .\n{body} {LABEL} "{name}"@fr .\n'
        yield f"{body} <{ATLAS}recordedIn> {year} .\n"
    yield from held_by_a_council(year)


def held_by_a_council(year: str) -> Iterator[str]:
    """The department of the first commune, and a competence of its council."""
    department, council = f"<{BASE}/id/department/99>", f"<{BASE}/id/council/99>"
    edition, competence = f"<{BASE}/id/competences/1>", f"<{BASE}/id/competence/1>"
    yield f"<{BASE}/id/commune/99900> <{ATLAS}partOf> {department} .\n"
    yield f'{department} {TYPE} <{ATLAS}Department> .\n{department} {LABEL} "Rives"@fr .\n'
    yield f'{department} {CODE} "99" .\n{council} {LABEL} "Conseil des Rives"@fr .\n'
    yield f"{council} <{ATLAS}governs> {department} .\n"
    yield f"{council} <{ATLAS}holdsCompetence> {competence} .\n"
    yield f"{edition} {TYPE} <{SKOS}ConceptScheme> .\n"
    yield f"{edition} <{ATLAS}vintage> {year.replace('2026', '2021')} .\n"
    yield f'{competence} <{SKOS}notation> "1" .\n{competence} <{SKOS}inScheme> {edition} .\n'
    yield f'{competence} <{SKOS}prefLabel> "collèges"@fr .\n'
    yield f"<{BASE}/id/municipality/99900> <{ATLAS}holdsCompetence> {competence} .\n"


class TestHostile:
    @pytest.mark.parametrize("nth", range(len(HOSTILE)), ids=("script", "rtl", "emoji", "long"))
    def test_a_name_shows_as_text_and_fits(
        self, open_page: Opener, hostile: Served, nth: int
    ) -> None:
        page = open_page(f"/territories/9990{nth}", site=hostile, phone=True)
        expect(page.get_by_role("heading", level=1)).to_contain_text(HOSTILE[nth][:20])
        expect(page.locator("#schemes + .note")).to_contain_text("n’a pas de source")
        assert page.locator("main script").count() == 0
        assert overflow(page) == []

    def test_who_holds_a_competence_is_named_and_counted_at_its_level(
        self, hostile: Served
    ) -> None:
        text = hostile.fetch("/territories/99900?lang=en", headers={"Accept": "text/html"}).text
        assert re.search(r'data-figure="shared">1<', text)
        ladder, rest = text.split('id="competences"', 1)
        assert re.search(r"Conseil des Rives</bdi>.*?1 competence", ladder, re.DOTALL)
        assert "Conseil des Rives" in rest
        assert re.search(r"\(<a [^>]*><bdi>Rives</bdi></a>\)", ladder)

    def test_a_search_shows_what_it_was_asked_as_text(self, hostile: Served) -> None:
        asked = quote(HOSTILE[0])
        reply = hostile.fetch(f"/territories?q={asked}", headers={"Accept": "text/html"})
        assert reply.status == 200
        assert "<script>alert" not in reply.text
