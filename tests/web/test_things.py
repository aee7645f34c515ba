"""The page of a thing: its relations in words, who says what, and figures that are its queries'."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

import pytest
from playwright.sync_api import Page, expect

from atlas.namespaces import XSD
from endpoint.language import LANGUAGES, translate
from queries import library
from store import Generations, LoadJob
from tests.endpoint.serving import Reply, Served, serving
from tests.endpoint.world import ATLAS, BASE, DCTERMS, LABEL, NANCY, TYPE, described
from tests.web.browsing import overflow, violations
from tests.web.watching import PHONE, Opener

HTML = {"Accept": "text/html"}
PLACES, APART, INFERRED = (f"{BASE}/graph/{name}" for name in ("places", "apart", "inferred"))
STATUS, TYPES = (f"{BASE}/vocabulary/{name}" for name in ("relation-statuses", "relation-types"))
SCHOOL, HOUSING, ODD = (f"{BASE}/id/descriptor/{name}" for name in ("school", "housing", "odd"))
RELATION, DOCUMENT, SCHEME = (
    f"{BASE}/id/{name}" for name in ("relation/1", "document/1", "scheme/apart")
)
NAMELESS, TOWN_HALL = f"{BASE}/id/commune/00000", f"{BASE}/id/municipality/1"
CONCEPT = "http://vocabulary.example.org/concept/1"
SKOS = "http://www.w3.org/2004/02/skos/core#"
MUCH_DEFINED, DEFINED = (f"{BASE}/id/notion/{name}" for name in ("much", "less"))
# A membership bears no name; a district bears that of a town in it.
JOINED, GROUPING = f"{BASE}/id/membership/2021-1", f"{BASE}/id/grouping/1"
DEPARTMENT, DISTRICT, TOWN = (
    f"{BASE}/id/{name}" for name in ("department/54", "arrondissement/543", "commune/54528")
)
MANY_MEMBERS = 30
# What no number and no address is, though it says so.
ILL = f"{BASE}/id/document/ill"
ODD_NAMES = ("<script>alert(1)</script>", "مدينة ‮gnol", "é" * 10_000, "👩‍🚒 \u0301\u0301")
STATED = f"""\
<{SCHOOL}> {TYPE} <{ATLAS}Descriptor> .
<{SCHOOL}> <{SKOS}prefLabel> "école"@fr .
<{SCHOOL}> <{SKOS}prefLabel> "school"@en .
<{SCHOOL}> <{SKOS}exactMatch> <{CONCEPT}> .
<{HOUSING}> <{SKOS}prefLabel> "logement"@fr .
<{CONCEPT}> <{SKOS}prefLabel> "education"@en .
<{BASE}/.well-known/void#counted> <http://rdfs.org/ns/void#class> <{CONCEPT}> .
<{RELATION}> {TYPE} <{ATLAS}Relation> .
<{RELATION}> {LABEL} "l’école dépend du logement"@fr .
<{RELATION}> <{ATLAS}relationSource> <{SCHOOL}> .
<{RELATION}> <{ATLAS}relationTarget> <{HOUSING}> .
<{RELATION}> <{ATLAS}relationType> <{TYPES}/dependsOn> .
<{RELATION}> <{ATLAS}relationStatus> <{STATUS}/missing> .
<{RELATION}> <{ATLAS}documentedBy> <{DOCUMENT}> .
<{RELATION}> <{ATLAS}locator> "paragraph 3" .
<{TYPES}/dependsOn> <{SKOS}prefLabel> "dépend de"@fr .
<{DOCUMENT}> {TYPE} <{ATLAS}Document> .
<{DOCUMENT}> <{DCTERMS}title> "Logement et école"@fr .
<{NANCY}> {TYPE} <{ATLAS}Commune> .
<{NANCY}> {LABEL} "Nancy"@fr .
<{NANCY}> <http://rdf.insee.fr/def/geo#codeINSEE> "54395" .
<{TOWN_HALL}> {TYPE} <{ATLAS}Municipality> .
<{TOWN_HALL}> {LABEL} "Nancy"@fr .
<{TOWN_HALL}> <{ATLAS}governs> <{NANCY}> .
<{ILL}> {TYPE} <{ATLAS}Document> .
<{ILL}> <{DCTERMS}title> "Mal écrit"@fr .
<{ILL}> <{ATLAS}participants> "--5"^^<{XSD}integer> .
<{ILL}> <http://xmlns.com/foaf/0.1/page> "http://[x"^^<{XSD}anyURI> .
<{ILL}> <{ATLAS}locator> "http://[y" .
<{JOINED}> {TYPE} <{ATLAS}Membership> .
<{JOINED}> <{ATLAS}member> <{TOWN_HALL}> .
<{JOINED}> <{ATLAS}grouping> <{GROUPING}> .
<{GROUPING}> {LABEL} "Métropole"@fr .
<{GROUPING}> <{SKOS}definition> "A body of towns."@en .
<{DEPARTMENT}> {TYPE} <{ATLAS}Department> .
<{DEPARTMENT}> {TYPE} <{ATLAS}Territory> .
<{DEPARTMENT}> {LABEL} "Meurthe"@fr .
<{DEPARTMENT}> <http://rdf.insee.fr/def/geo#codeINSEE> "54" .
<{DEPARTMENT}> <{SKOS}note> "b" .
<{DEPARTMENT}> <{SKOS}note> "a" .
<{DISTRICT}> {LABEL} "Toul"@fr .
<{DISTRICT}> <{ATLAS}directlyPartOf> <{DEPARTMENT}> .
<{TOWN}> {LABEL} "Toul"@fr .
<{TOWN}> <{ATLAS}directlyPartOf> <{DEPARTMENT}> .
<{DOCUMENT}> <http://xmlns.com/foaf/0.1/page> "http://pages.example.org/1"^^<{XSD}anyURI> .
<{DOCUMENT}> <http://www.w3.org/2000/01/rdf-schema#seeAlso> <http://www.pages.example.org/1> .
<{DOCUMENT}> <http://www.w3.org/2000/01/rdf-schema#seeAlso> <http://www.pages.example.org/2> .
<{NAMELESS}> {TYPE} <{ATLAS}Commune> .
<{NAMELESS}> <http://rdf.insee.fr/def/geo#codeINSEE> "00000" .
""" + "".join(
    f'<{ODD}/{number}> {LABEL} "{name}"@fr .\n<{ODD}> <{ATLAS}relatesTo> <{ODD}/{number}> .\n'
    for number, name in enumerate(ODD_NAMES)
)
STATED += "".join(
    f'<{BASE}/id/town/{number:02}> {LABEL} "Lieu {number:02}"@fr .\n'
    f"<{BASE}/id/town/{number:02}> <{ATLAS}memberOf> <{GROUPING}> .\n"
    for number in range(MANY_MEMBERS)
)
MOST = library()["thing_documents"].ceiling or 0
STATED += "".join(
    f"<{DOCUMENT}/{number}> <{ATLAS}definesNotion> <{notion}> .\n"
    for notion, documents in ((MUCH_DEFINED, MOST), (DEFINED, MOST - 1))
    for number in range(documents)
)
APART_SAYS = f"""\
<{SCHEME}> {TYPE} <{ATLAS}Scheme> .
<{SCHEME}> {LABEL} "bourse"@fr .
<{SCHEME}> <{ATLAS}appliesIn> <{NANCY}> .
"""
RULES_SAY = f"""\
<{NANCY}> {TYPE} <{ATLAS}Territory> .
<{HOUSING}> <{ATLAS}relatesTo> <{SCHOOL}> .
"""


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A small atlas: a source, a source kept apart, and what the rules add."""
    home: Path = tmp_path_factory.mktemp("things")
    jobs: list[LoadJob] = []
    for graph, text, merged in (
        (PLACES, STATED + described(PLACES, "Carte"), True),
        (APART, APART_SAYS + described(APART, "Aides"), False),
        (INFERRED, RULES_SAY, True),
    ):
        path = home / f"{len(jobs)}.nt"
        path.write_text(text, "utf-8")
        jobs.append(LoadJob(path, graph, merged))
    generations = Generations(home)
    with generations.stage() as staging:
        staging.load(jobs)
        entries = [
            {"graph": graph, "publish": publish, "triples": 1}
            for graph, publish in ((PLACES, "default"), (APART, "named"), (INFERRED, "default"))
        ]
        generations.publish(staging, {"graphs": entries})
    with serving(home, ATLAS_WORKERS="1") as served:
        yield served


def doc(iri: str) -> str:
    return quote(iri.removeprefix(BASE).replace("/id/", "/doc/", 1))


def shown(served: Served, iri: str, language: str = "fr") -> str:
    reply = served.fetch(f"{doc(iri)}?lang={language}", headers=HTML)
    assert reply.status == 200, reply.text
    return plain(reply)


def plain(reply: Reply) -> str:
    """The page's text without its marks, spaces made one."""
    text = re.sub(r"<[^>]+>", "", reply.text.split("<main", 1)[1])
    return re.sub(r"\s+", " ", text)


def test_a_relation_reads_as_a_sentence_with_its_status_and_its_evidence(small: Served) -> None:
    page = small.fetch(f"{doc(RELATION)}?lang=fr", headers=HTML).text
    heading = re.sub(r"<[^>]+>", "", page.split("<h1", 1)[1].split("</h1>")[0]).partition(">")[2]
    assert " ".join(heading.split()) == "école dépend de logement"
    text = shown(small, RELATION)
    assert "manquante" in text
    assert "Logement et école (paragraphe 3)" in text


def test_links_read_from_both_ends_and_lead_straight_to_documents(small: Served) -> None:
    assert "dépend de" in shown(small, SCHOOL)
    assert "conditionne" in shown(small, HOUSING)
    page = small.fetch(f"{doc(SCHOOL)}?lang=en", headers=HTML).text
    assert f'href="{doc(HOUSING)}?lang=en"' in page
    assert 'href="/id/' not in page


def test_what_is_called_alike_is_told_apart(small: Served) -> None:
    assert "Nancy (la municipalité)" in shown(small, NANCY)
    assert "Nancy (the territory)" in shown(small, TOWN_HALL, "en")


def test_a_district_is_told_from_the_town_it_is_named_after(small: Served) -> None:
    text = shown(small, DEPARTMENT)
    assert text.count("Toul (l’arrondissement)") == text.count("(l’arrondissement)") > 0
    assert "Toul source" in text, "the town bears its name alone"
    listed = plain(small.fetch(listing(DEPARTMENT, "directlyPartOf", lang="fr"), headers=HTML))
    assert "Toul (l’arrondissement)" in listed


def test_what_is_called_by_what_it_joins_is_not_said_to_be_called_by_a_code(small: Served) -> None:
    text = shown(small, JOINED, "en")
    assert "Membership: Nancy in Métropole" in text
    assert translate("thing.unnamed", "en") not in text


def test_an_address_is_told_once_by_whatever_names_it(small: Served) -> None:
    page = small.fetch(f"{doc(DOCUMENT)}?lang=fr", headers=HTML).text
    brief = page.partition('id="brief"')[2].partition("</section>")[0]
    assert [brief.count(f">pages.example.org/{number}<") for number in (1, 2)] == [1, 1]


def test_a_letter_names_its_source_and_a_text_its_language(small: Served) -> None:
    page = small.fetch(f"{doc(GROUPING)}?lang=fr", headers=HTML).text
    assert 'class="letters" title="Carte"' in page
    assert 'href="#sources"' in page
    text = plain(small.fetch(f"{doc(GROUPING)}?lang=fr", headers=HTML))
    assert "A body of towns. (en anglais)" in text
    assert "(in English)" not in shown(small, GROUPING, "en")


def test_a_drawing_of_some_says_how_many_it_leaves_out(small: Served) -> None:
    assert translate("map.star_more", "en", count=MANY_MEMBERS - 24) in shown(small, GROUPING, "en")


def test_the_status_of_a_relation_leads_to_what_it_means(small: Served) -> None:
    page = small.fetch(f"{doc(RELATION)}?lang=fr", headers=HTML).text
    status = page.partition('id="brief"')[2].partition("</dd>")[0]
    assert f'href="{STATUS.removeprefix(BASE)}/missing?lang=fr"' in status
    assert "manquante" in status


def test_from_a_municipality_one_goes_to_who_does_what_there(small: Served) -> None:
    page = small.fetch(f"{doc(TOWN_HALL)}?lang=fr", headers=HTML).text
    assert 'href="/territories/54395?lang=fr"' in page


def test_from_a_department_one_goes_to_its_communes_and_to_the_map(small: Served) -> None:
    page = small.fetch(f"{doc(DEPARTMENT)}?lang=fr", headers=HTML).text
    doors = page.partition('class="doorways"')[2].partition("</p>")[0]
    assert 'href="/territories?department=54&amp;lang=fr"' in doors
    assert f'href="/map?centre={DEPARTMENT}&amp;lang=fr"' in doors
    notes = page.partition('id="notes"')[2].partition("</section>")[0]
    assert re.findall(r"<bdi>(.)</bdi></span>", notes) == ["a", "b"], "in their order"


def test_what_rules_add_stands_apart_from_what_sources_say(small: Served) -> None:
    page = small.fetch(f"{doc(NANCY)}?lang=en", headers=HTML).text
    before, after = page.split('id="added"')
    assert "/ontology/Territory" not in before
    assert "/ontology/Territory" in after
    assert translate("thing.rule.type", "en") in after


def test_a_thing_only_a_source_apart_speaks_of_names_it_and_its_licence(small: Served) -> None:
    reply = small.fetch(f"/id/{SCHEME.rpartition('/id/')[2]}")
    assert (reply.status, reply.headers["Location"]) == (303, doc(SCHEME))
    text = shown(small, SCHEME, "en")
    assert translate("thing.apart", "en", source="Aides") in text
    assert "CC BY 4.0" in text
    turtle = small.fetch(f"{doc(SCHEME)}.nt").text
    assert f"<{BASE}{doc(SCHEME)}> <{DCTERMS}license>" in turtle
    assert "bourse" in turtle


def test_the_default_graph_s_documents_hold_nothing_of_a_source_apart(small: Served) -> None:
    assert SCHEME not in small.fetch(f"{doc(NANCY)}.nt").text
    assert "bourse" in shown(small, NANCY), "the page shows it, with its source"


def test_what_has_no_name_is_called_by_its_code_and_says_so(small: Served) -> None:
    text = shown(small, NAMELESS, "en")
    assert "commune 00000" in text
    assert translate("thing.unnamed", "en") in text


def test_a_code_and_a_name_of_a_source_apart_are_found_in_one_answer(small: Served) -> None:
    given = urlencode({"things": f"{NAMELESS} {SCHEME}"})
    text = small.fetch(f"/api/queries/thing_names.csv?{given}").text
    rows = [(row["thing"], row["label"]) for row in csv.DictReader(io.StringIO(text))]
    assert sorted(rows) == [(NAMELESS, "00000"), (SCHEME, "bourse")]


def test_what_is_ill_written_is_shown_as_it_stands(small: Served) -> None:
    text = shown(small, ILL)
    for written in ("--5", "http://[x"):
        assert written in text


def test_a_thing_of_another_site_has_a_page_and_formats(small: Served) -> None:
    address = f"/about?iri={quote(CONCEPT, safe='')}"
    assert "education" in plain(small.fetch(f"{address}&lang=en", headers=HTML))
    assert CONCEPT in small.fetch(f"{address}&format=nt").text
    text = plain(small.fetch(f"{address}&lang=en", headers=HTML))
    assert translate("thing.kind_elsewhere", "en") in text
    assert f"is counted in ← {translate('void.title', 'en')}" in text
    ours = small.fetch(f"/about?iri={quote(NANCY, safe='')}")
    assert (ours.status, ours.headers["Location"]) == (303, doc(NANCY))
    one = small.fetch(address, headers=HTML).headers["ETag"]
    other = small.fetch(f"/about?iri={quote(f'{CONCEPT}1', safe='')}", headers=HTML)
    assert (other.status, other.headers.get("ETag")) != (200, one)


@pytest.mark.parametrize(("notion", "cut"), [(MUCH_DEFINED, True), (DEFINED, False)])
def test_a_page_whose_query_stops_says_so(small: Served, notion: str, cut: bool) -> None:
    text = small.fetch(f"{doc(notion)}?lang=en", headers={"Accept": "text/html"}).text
    assert (f"stops at {MOST} answers" in text) == cut


@pytest.mark.parametrize(
    ("given", "status"),
    [("", 400), ("x", 400), ("javascript:alert(1)", 400), ("http://nothing.example/", 404)],
)
def test_a_page_of_nothing_is_refused_in_words(small: Served, given: str, status: int) -> None:
    assert small.fetch(f"/about?iri={quote(given, safe='')}").status == status


@pytest.mark.slow
def test_hostile_names_are_shown_as_they_are_and_break_nothing(
    open_page: Opener, small: Served
) -> None:
    page = open_page(doc(ODD), site=small)
    expect(page.locator("main")).to_contain_text("<script>alert(1)</script>")
    expect(page.locator("main")).to_contain_text("👩‍🚒")
    found = violations(page)
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    assert found + overflow(page) == []
    for number in range(len(ODD_NAMES)):
        page = open_page(doc(f"{ODD}/{number}"), site=small, phone=True)
        assert overflow(page) == []


def behind(page: Page, served: Served, name: str) -> list[dict[str, str]]:
    """The rows of a query behind the page, all of its callings together."""
    links = page.locator(f'.behind a[href*="/{name}.csv"]')
    rows = []
    for link in links.all():
        text = served.fetch(link.get_attribute("href") or "").text
        rows += list(csv.DictReader(io.StringIO(text)))
    return rows


def counted(page: Page, direction: str) -> list[int]:
    """The figures beside the verbs of one direction."""
    figures = page.locator(f'.link[data-direction="{direction}"] .count').all_inner_texts()
    return sorted(int(re.sub(r"\D", "", figure)) for figure in figures)


@pytest.mark.national
@pytest.mark.slow
def test_the_figures_of_a_department_are_those_of_its_queries(
    open_page: Opener, national: Served
) -> None:
    page = open_page("/doc/department/54", language="en")
    stated = [int(row["stated"]) for row in behind(page, national, "thing_pointed")]
    assert counted(page, "to") == sorted(count for count in stated if count > 1)
    every = page.get_by_role("link", name=re.compile("^See all ")).first
    count = int(re.sub(r"\D", "", every.inner_text()))
    every.click()
    expect(page.locator(".lead")).to_contain_text(f"{count} things")
    file = page.get_by_role("link", name="CSV").first.get_attribute("href") or ""
    assert len(national.fetch(file).text.splitlines()) - 1 == count == max(stated)


def listing(thing: str, name: str, **more: str) -> str:
    """The address of the list of what leads to a thing by a property of the ontology."""
    given = {"thing": thing, "property": f"{ATLAS}{name}", **more}
    return f"/links?{urlencode(given, safe=':/')}"


def test_what_leads_to_a_thing_is_listed_as_sources_say_and_as_rules_add(small: Served) -> None:
    page = small.fetch(f"{doc(SCHOOL)}?lang=en", headers=HTML).text
    address = listing(SCHOOL, "relatesTo", by="rules", lang="en")
    assert f'href="{address.replace("&", "&amp;")}"' in page
    assert "logement" in plain(small.fetch(address, headers=HTML))
    assert small.fetch(listing(SCHOOL, "relatesTo"), headers=HTML).status == 404
    stated = plain(small.fetch(listing(NANCY, "appliesIn", lang="fr"), headers=HTML))
    assert "1 chose" in stated
    assert "bourse" in stated


@pytest.mark.parametrize("page", ["0", "2", "-1", "1.5", "1e3", "x", "٣", "9" * 400, "\0"])
def test_a_page_that_a_list_does_not_have_is_refused_in_words(small: Served, page: str) -> None:
    reply = small.fetch(listing(NANCY, "appliesIn", page=page, lang="fr"), headers=HTML)
    assert reply.status == 400
    assert "Le paramètre page vaut" in plain(reply)


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ("", 400),
        ("thing=x", 400),
        (f"thing={NANCY}&property=x", 400),
        (f"thing={NANCY}&property={ATLAS}governs&by=x", 400),
        (f"thing={NANCY}&property={ATLAS}no", 404),
    ],
)
def test_a_list_of_nothing_is_refused_in_words(small: Served, asked: str, status: int) -> None:
    reply = small.fetch(f"/links?{asked}", headers=HTML)
    assert reply.status == status
    assert "<h1" in reply.text


@pytest.mark.national
def test_a_list_of_tens_of_thousands_is_read_in_pieces_that_make_the_whole(
    national: Served,
) -> None:
    france = f"{BASE}/id/country/FR"
    counts = national.fetch(f"/api/queries/thing_pointed.csv?{urlencode({'thing': france})}").text
    rows = csv.DictReader(io.StringIO(counts))
    total = next(int(row["inferred"]) for row in rows if row["property"] == f"{ATLAS}partOf")
    last = -(-total // 100)
    seen: set[str] = set()
    for page, size in ((1, 100), (2, 100), (last, total - 100 * (last - 1))):
        address = listing(france, "partOf", by="rules", page=str(page), lang="en")
        text = national.fetch(address, headers=HTML).text
        names = re.findall(r"<li><a[^>]* href=\"([^\"]+)\"", text.split('class="links many"')[1])
        names = names[:size]
        assert len(set(names)) == size
        assert not seen & set(names)
        assert f"{total:,} things" in text
        seen |= set(names)
        found = re.search(r'href="([^"]*/thing_incoming_some\.csv[^"]*)"', text)
        assert found
        listed = national.fetch(unescape(found[1])).text.splitlines()
        assert len(listed) - 1 == size
    reply = national.fetch(listing(france, "partOf", by="rules", page=str(last + 1)), headers=HTML)
    assert reply.status == 400


@pytest.mark.national
@pytest.mark.slow
def test_the_figures_of_a_grouping_are_those_of_its_queries(
    open_page: Opener, national: Served
) -> None:
    page = open_page("/doc/grouping/245400676", language="en")
    said = behind(page, national, "thing_statements")
    competences = {row["value"] for row in said if row["property"] == f"{ATLAS}holdsCompetence"}
    assert counted(page, "from") == [len(competences)]
    members = [
        row for row in behind(page, national, "thing_memberships") if row["current"] == "true"
    ]
    assert counted(page, "to") == [len(members)]
    expect(page.locator("h3", has_text="has as members")).to_be_visible()


@pytest.mark.national
@pytest.mark.slow
def test_the_figures_of_a_document_are_those_of_its_queries(
    open_page: Opener, national: Served
) -> None:
    page = open_page("/doc/document/calame-talk-talk", language="es")
    relations = behind(page, national, "thing_documented")
    assert page.locator("#documented .count").inner_text() == str(len(relations))
    assert page.locator("section:has(> #documented) li").count() == len(relations)
    assert len(behind(page, national, "thing_subjects")) in counted(page, "to")


@pytest.mark.national
@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_letter_of_a_source_is_explained_and_the_citation_names_the_sources(
    open_page: Opener, language: str
) -> None:
    page = open_page(f"/doc/commune/54395?lang={language}")
    used = set("".join(page.locator(".letters").all_text_contents()).split())
    known = {text.strip() for text in page.locator(".legend .letter").all_text_contents()}
    assert used & set("abcdefgh") <= known
    cited = page.locator("#citation p").inner_text()
    for source in page.locator(".legend li:not(:last-child) a[href^='/']").all_inner_texts():
        assert source in cited
    assert f"{BASE}/id/commune/54395" in cited


@pytest.mark.national
@pytest.mark.slow
def test_from_a_commune_one_goes_to_who_does_what_there(open_page: Opener) -> None:
    page = open_page("/doc/commune/54395")
    door = page.get_by_role("link", name=translate("thing.door.territory", "fr"))
    assert urlsplit(door.get_attribute("href") or "").path == "/territories/54395"


@pytest.mark.national
@pytest.mark.slow
def test_the_citation_is_copied_with_one_button(open_page: Opener) -> None:
    page = open_page("/doc/question/precarity", language="en")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert (
        page.evaluate("navigator.clipboard.readText()") == page.locator("#citation p").inner_text()
    )
