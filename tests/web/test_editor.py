"""The SPARQL editor in a real browser: written in, completed, run here and over partners."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import pytest
from playwright.sync_api import Page, expect

from endpoint.language import translate
from federation.partner import Partner
from federation.sites.partners import PartnerFolder
from store import Generations, LoadJob
from tests.endpoint.serving import Served, serving
from tests.endpoint.world import ATLAS, BASE, COMMUNES, LABEL, NANCY, PLACES, described
from tests.federation.small_site import SmallSite, small_site
from tests.web.browsing import overflow, scripts_size, shot, violations
from tests.web.watching import PHONE, Opener

EDITOR = "/queries/editor"
SCHOOLS = f"""
@prefix atlas: <{ATLAS}> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
<https://schools.example.org/1> atlas:about <{NANCY}> ; rdfs:label "école"@fr .
<https://schools.example.org/2> atlas:about <{NANCY}> ; rdfs:label "<script>alert(1)</script>"@fr .
"""
VOID = f"{BASE}/graph/void"
COUNTS = "http://rdfs.org/ns/void#"
INTEGER = "<http://www.w3.org/2001/XMLSchema#integer>"
COUNTED = f"""\
<urn:part:class> <{COUNTS}class> <{ATLAS}Commune> .
<urn:part:class> <{COUNTS}entities> "2"^^{INTEGER} .
<urn:part:property> <{COUNTS}property> <{ATLAS}relationStatus> .
<urn:part:property> <{COUNTS}triples> "7"^^{INTEGER} .
"""
STATUS = f'<{ATLAS}relationStatus> {LABEL} "a pour statut"@fr .\n'
FOREIGN, UNKNOWN = "https://elsewhere.example/named", "https://elsewhere.example/unknown"
NAMED = f'<{FOREIGN}> {LABEL} "ailleurs"@fr .\n'
ASKED = f"SELECT ?x ?label {{ ?x a <{ATLAS}Commune> ; {LABEL} ?label }} ORDER BY ?label"
MANY = f"SELECT ?n {{ VALUES ?n {{ {' '.join(map(str, range(120)))} }} }}"


@dataclass
class World:
    """An atlas, and a site that is its partner."""

    served: Served
    schools: SmallSite


def publish(home: Path) -> None:
    """Two communes, and counts of what there is to complete with."""
    generations = Generations(home)
    jobs = []
    for graph, text in (
        (PLACES, COMMUNES + STATUS + NAMED + described(PLACES, "Carte")),
        (VOID, COUNTED),
    ):
        path = home / f"{graph.rsplit('/', 1)[-1]}.nt"
        path.write_text(text, "utf-8")
        jobs.append(LoadJob(path, graph, graph == PLACES))
    with generations.stage() as staging:
        staging.load(jobs)
        generations.publish(staging, {})


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    home: Path = tmp_path_factory.mktemp("editor")
    publish(home)
    with small_site(SCHOOLS) as schools:
        local = frozenset({"127.0.0.1"})
        title = {"fr": "Écoles", "en": "Schools", "es": "Escuelas"}
        PartnerFolder(home).add(Partner("schools", schools.endpoint, title=title, addresses=local))
        with serving(home, ATLAS_WORKERS="2") as served:
            yield World(served, schools)


@pytest.fixture
def page(open_page: Opener, world: World) -> Page:
    return open_page(EDITOR, site=world.served)


def opened(page: Page) -> None:
    """Open the editor and take everything out of it."""
    page.locator("#open").click()
    expect(page.locator(".yasqe .CodeMirror")).to_be_visible()
    page.keyboard.press("Control+A")
    page.keyboard.press("Delete")


def write(page: Page, text: str) -> None:
    page.locator("#query").fill(text)


def said(word: str) -> str:
    """A word of the editor, as a French reader reads it."""
    return translate(f"library.editor.{word}", "fr")


def test_a_term_is_completed_its_prefix_declared_and_the_answer_has_names(page: Page) -> None:
    assert scripts_size(page) < 200_000
    opened(page)
    page.keyboard.type("SELECT * WHERE { ?x a atlas:Comm")
    expect(page.locator(".CodeMirror-hint").first).to_contain_text("atlas:Commune")
    expect(page.locator(".CodeMirror-hint").first).to_contain_text(f"2 {said('members')}")
    page.keyboard.press("Enter")
    page.keyboard.type(" }")
    written = page.locator("#query").input_value()
    assert written.startswith(f"PREFIX atlas: <{ATLAS}>")
    assert written.endswith("{ ?x a atlas:Commune }")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#answer tbody tr")).to_have_count(2)
    nancy = page.get_by_role("link", name="Nancy")
    expect(nancy).to_have_attribute("href", "/doc/commune/54395?lang=fr")
    expect(page.locator("#told")).to_contain_text("2 lignes, en ")


def test_a_key_that_follows_at_once_finds_the_list_up_to_date(page: Page) -> None:
    """Nothing waits between the keys: the list is renewed with the text."""
    opened(page)
    page.keyboard.type("SELECT * WHERE { ?x a atlas:Comm")
    page.keyboard.press("Enter")
    page.keyboard.type(" }")
    assert page.locator("#query").input_value().endswith("{ ?x a atlas:Commune }")
    page.keyboard.press("Control+A")
    page.keyboard.type("SELECT * WHERE { ?x a atlas:Commx")
    expect(page.locator(".CodeMirror-hint")).to_have_count(0)
    page.keyboard.press("Backspace")
    page.keyboard.press("Tab")
    assert page.locator("#query").input_value().endswith("{ ?x a atlas:Commune")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("SELECT * { ?x atlas:rel", "atlas:relationStatus"),
        ("SELECT * { ?x ^atl", "atlas:relationStatus"),
        ("SELECT * { ?x rdfs:label/atl", "atlas:relationStatus"),
        ("SELECT * { ?x rdfs:label ?l ; atl", "atlas:relationStatus"),
        (f"SELECT * {{ ?x <{ATLAS}rel", "atlas:relationStatus"),
        ("SELECT * { ?x rdf:type com", "atlas:Commune"),
        ("SELECT * { ?x a/rdfs:subClassOf* atl", "atlas:Commune"),
        ("SELECT * { ?x a ?c, atl", "atlas:Commune"),
        ("SELECT * { ?x rdfs:label atl", None),
        ("SELECT * { # atl", None),
        ('SELECT * { ?x rdfs:label "atl', None),
    ],
)
def test_what_is_offered_fits_the_place(page: Page, text: str, name: str | None) -> None:
    opened(page)
    page.keyboard.type(text)
    hints = page.locator(".CodeMirror-hint .hint-name")
    if name is None:
        expect(hints).to_have_count(0)
        return
    expect(hints.first).to_have_text(name)
    page.keyboard.press("Enter")
    assert page.locator("#query").input_value().endswith(name), "the whole word is replaced"


def test_what_was_taken_is_not_offered_again(page: Page) -> None:
    opened(page)
    page.keyboard.type("SELECT * WHERE { ?x statut")
    page.keyboard.press("Enter")
    written = page.locator("#query").input_value()
    assert written == f"PREFIX atlas: <{ATLAS}>\nSELECT * WHERE {{ ?x atlas:relationStatus"
    expect(page.locator(".CodeMirror-hint")).to_have_count(0)
    page.keyboard.press("Enter")
    assert page.locator("#query").input_value().startswith(f"{written}\n")
    page.keyboard.press("Backspace")


def test_keys_alone_open_the_list_and_leave_it_and_the_editor(page: Page) -> None:
    opened(page)
    inside = "document.activeElement.closest('.yasqe') !== null"
    page.keyboard.type("SELECT * WHERE { ?x a ")
    page.keyboard.press("Control+Space")
    hints = page.locator(".CodeMirror-hint")
    expect(hints).to_have_count(1)
    page.keyboard.press("Escape")
    expect(hints).to_have_count(0)
    assert page.evaluate(inside), "the first Escape closes the list"
    page.keyboard.press("Escape")
    assert not page.evaluate(inside)


def test_a_property_is_found_by_its_label(page: Page) -> None:
    opened(page)
    page.keyboard.type("SELECT * WHERE { ?x statut")
    hint = page.locator(".CodeMirror-hint").first
    expect(hint).to_contain_text("a pour statut")
    hint.click()
    assert "?x atlas:relationStatus" in page.locator("#query").input_value()


def test_what_is_no_sparql_is_marked_as_one_writes_and_said_in_a_sentence(page: Page) -> None:
    opened(page)
    page.keyboard.type("SELECT * WHERE {\n?x ?y }\n}")
    expect(page.locator("#syntax")).to_have_text("Ligne 2 : l’écriture n’est pas du SPARQL valide.")
    expect(page.locator(".broken-line")).to_have_count(1)
    # The library's own mark would open a sentence with a style of its own; ours is a title.
    page.locator(".broken-line").hover()
    found = violations(page)
    assert not found, "\n".join(found)


def test_a_fault_is_told_in_one_sentence(open_page: Opener, page: Page) -> None:
    open_page.expect("status of 400")
    write(page, "SELECT nothing")
    page.locator("#run").click()
    expect(page.locator("#answer .fault")).to_have_text("Ce n’est pas du SPARQL valide")
    expect(page.get_by_role("alert")).to_contain_text("La lecture s’arrête à la ligne 1, colonne")
    expect(page.get_by_role("alert")).to_have_attribute("lang", "fr")


@pytest.mark.parametrize("scripts", [True, False])
def test_a_fault_is_not_told_twice_where_its_sentence_says_what_it_is(
    open_page: Opener, world: World, scripts: bool
) -> None:
    open_page.expect("status of 400")
    asked = f"/queries/editor?{urlencode({'query': 'SELECT nothing', 'run': '1'})}"
    page = open_page(asked, language="en", site=world.served, scripts=scripts, status=400)
    if scripts:
        page.locator("#run").click()
    said = page.locator("#answer, #served").filter(has_text="valid SPARQL")
    expect(said).to_have_text(re.compile(r"^(?!.*valid SPARQL.*valid SPARQL)", re.DOTALL))
    expect(said.locator(".fault")).to_contain_text("valid SPARQL at line 1, column")


def test_what_has_no_name_is_called_by_its_iri_made_short(page: Page, world: World) -> None:
    own = f"{BASE}/id/membership/2021-x"
    write(page, f"SELECT ?x {{ VALUES ?x {{ <{own}> <{COUNTS}triples> }} }}")
    page.locator("#run").click()
    expect(page.locator("#answer td")).to_have_text(["membership/2021-x", "void:triples"])
    expect(page.locator("#answer td a").first).to_have_attribute("title", own)


def test_a_fault_leads_to_its_line(open_page: Opener, page: Page) -> None:
    open_page.expect("status of 400")
    write(page, "SELECT * {\n  ?s ?p ?o\n  ORDER BY ?s\n}")
    page.locator("#run").click()
    page.get_by_role("button", name="Aller à la ligne 3").click()
    expect(page.locator("#query")).to_be_focused()
    assert page.evaluate("getSelection().toString()") == "  ORDER BY ?s"


def test_names_lead_here_and_what_is_not_named_here_leads_out_and_says_so(page: Page) -> None:
    write(page, f"SELECT ?x {{ VALUES ?x {{ <{FOREIGN}> <{UNKNOWN}> }} }}")
    page.locator("#run").click()
    found = page.locator("#answer td a")
    expect(found).to_have_count(2)
    named, unknown = found.nth(0), found.nth(1)
    expect(named).to_have_attribute("href", f"/about?iri={quote(FOREIGN, safe='')}&lang=fr")
    expect(unknown).to_have_attribute("href", UNKNOWN)
    expect(unknown).to_have_attribute("rel", "external nofollow noreferrer")
    expect(unknown).to_have_attribute("title", translate("site.outward", "fr"))
    named.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("ailleurs")
    expect(page.locator(f'a[href="{FOREIGN}"][rel~="external"]').first).to_be_visible()


def test_an_answer_is_drawn_where_it_can_be(page: Page) -> None:
    write(page, 'SELECT ?x ?n { VALUES (?x ?n) { ("un" 3) ("deux" 1) } }')
    page.locator("#run").click()
    page.get_by_role("button", name=said("draw")).click()
    expect(page.locator("#pictures .bars tr")).to_have_count(2)
    expect(page.locator("#answer :focus #pictures")).to_have_count(1)
    expect(page.locator("#pictures .bars .number").first).to_have_text("3")
    write(page, 'SELECT ?x { VALUES ?x { "un" "deux" } }')
    page.locator("#run").click()
    page.get_by_role("button", name=said("draw")).click()
    expect(page.get_by_text(said("undrawn"))).to_be_visible()


def test_the_address_holds_the_query_and_opens_it_again(
    open_page: Opener, page: Page, world: World
) -> None:
    write(page, ASKED)
    page.locator("#query").press("Control+Enter")
    expect(page.locator("#answer tbody tr")).to_have_count(2)
    assert parse_qs(urlsplit(page.url).query)["query"] == [ASKED]
    address = page.url.removeprefix(world.served.address)
    again = open_page(address, site=world.served)
    expect(again.locator("#query")).to_have_value(ASKED)
    # Without scripts the same address shows the same rows.
    plain = open_page(f"{address}&run=1", site=world.served, scripts=False)
    assert plain.locator("#served tbody tr").count() == 2
    assert plain.get_by_role("link", name="Maxéville").count() == 1


def test_a_query_too_long_for_an_address_comes_after_the_hash(
    open_page: Opener, page: Page, world: World
) -> None:
    text = f"{ASKED} # {'é' * 4000}"
    write(page, text)
    page.locator("#run").click()
    expect(page.locator("#answer tbody tr")).to_have_count(2)
    assert len(urlsplit(page.url).query) < 6000
    address = page.url.removeprefix(world.served.address)
    again = open_page(address, site=world.served)
    expect(again.locator("#query")).to_have_value(text)


def test_the_last_query_of_this_browser_is_brought_back_and_said(page: Page) -> None:
    write(page, ASKED)
    page.locator("#run").click()
    expect(page.locator("#answer tbody tr")).to_have_count(2)
    page.goto(EDITOR)
    expect(page.locator("#query")).to_have_value(ASKED)
    expect(page.locator("#told")).to_have_text(said("kept"))


def test_a_long_answer_turns_its_pages_and_sorts(page: Page) -> None:
    write(page, MANY)
    page.locator("#run").click()
    rows = page.locator("#answer tbody tr")
    expect(rows).to_have_count(50)
    following = page.get_by_role("button", name=said("next"))
    following.click()
    expect(rows.first).to_have_text("50")
    expect(page.locator("#answer [role=status]")).to_have_text("Lignes 51 à 100")
    expect(following).to_be_focused()
    following.press("Enter")
    expect(rows).to_have_count(20)
    # What leads no further cannot keep the focus.
    expect(page.get_by_role("button", name=said("previous"))).to_be_focused()
    for order, first in (("ascending", "0"), ("descending", "119")):
        page.locator("#answer .sorting").click()
        expect(page.locator("#answer th")).to_have_attribute("aria-sort", order)
        expect(rows.first).to_have_text(first)


def test_statements_and_yes_or_no_are_shown_too(page: Page) -> None:
    pattern = f"?x {LABEL} ?label"
    write(page, f"CONSTRUCT {{ {pattern} }} WHERE {{ {pattern} . ?x a <{ATLAS}Commune> }}")
    page.locator("#run").click()
    expect(page.locator("#answer tbody tr")).to_have_count(2)
    expect(page.locator("#answer .syntaxes")).to_contain_text("Turtle")
    write(page, "ASK { ?s ?p ?o }")
    page.locator("#run").click()
    expect(page.locator("#told")).to_contain_text("Oui.")


def test_the_keyboard_is_no_prisoner_of_the_editor(page: Page) -> None:
    opened(page)
    inside = "document.activeElement.closest('.yasqe') !== null"
    assert page.evaluate(inside)
    expect(page.locator("#keys")).to_contain_text("Échap, puis Tab")
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    assert not page.evaluate(inside)


def test_a_query_that_takes_long_can_be_stopped(page: Page) -> None:
    chain = " . ".join(f"?s{n} ?p{n} ?o{n}" for n in range(9))
    write(page, f"SELECT (COUNT(*) AS ?n) {{ {chain} }}")
    page.locator("#run").click()
    page.locator("#stop").click()
    expect(page.locator("#told")).to_have_text(said("stopped"))
    expect(page.locator("#stop")).to_be_hidden()
    expect(page.locator("#run")).to_be_focused()


def test_partners_answer_too_and_the_rows_say_who_did(page: Page) -> None:
    about = f"?school <{ATLAS}about> ?commune ; {LABEL} ?name . ?commune a <{ATLAS}Commune>"
    write(page, f"SELECT ?commune ?school ?name {{ {about} }}")
    page.get_by_label("cet atlas et ses partenaires").check()
    page.locator("#run").click()
    expect(page.locator("#answer tbody tr")).to_have_count(2)
    expect(page.locator("#answer tbody")).to_contain_text("<script>alert(1)</script>")
    expect(page.locator("#answer tbody")).to_contain_text("Écoles")
    expect(page.locator("#answer tbody")).to_contain_text(said("this_atlas"))
    assert parse_qs(urlsplit(page.url).query)["where"] == ["everywhere"]
    page.get_by_role("button", name=said("explain")).click()
    plan = page.locator(".plan")
    expect(plan.locator("tbody tr")).to_have_count(2)
    expect(plan).to_contain_text("Écoles")
    shot(page, "editor-federation")
    found = violations(page)
    assert not found, "\n".join(found)


def test_an_atlas_that_answers_alone_is_not_said_to_have_given_nothing(page: Page) -> None:
    write(page, f"SELECT ?x {{ ?x a <{ATLAS}Commune> }}")
    page.get_by_label("cet atlas et ses partenaires").check()
    page.locator("#run").click()
    expect(page.locator("#answer tbody tr")).to_have_count(2)
    page.get_by_role("button", name=said("explain")).click()
    here = page.locator(".plan tbody tr").filter(has_text=said("this_atlas"))
    expect(here).to_contain_text(said("answers_here"))


def test_a_partner_that_fails_is_left_out_and_named(page: Page, world: World) -> None:
    world.schools.refuses = lambda text: "label" in text
    try:
        write(page, f"SELECT ?x ?label {{ ?x a <{ATLAS}Commune> ; {LABEL} ?label }}")
        page.get_by_label("cet atlas et ses partenaires").check()
        page.locator("#run").click()
        expect(page.locator("#answer tbody tr")).to_have_count(2)
        expect(page.locator("#answer")).to_contain_text(f"{said('left_out')} schools")
    finally:
        world.schools.refuses = lambda text: False


def test_the_editor_fits_a_phone_and_the_dark(open_page: Opener, world: World) -> None:
    address = f"{EDITOR}?query={quote(ASKED)}"
    page = open_page(address, site=world.served, dark=True)
    page.locator("#open").click()
    expect(page.locator(".yasqe .CodeMirror")).to_be_visible()
    page.keyboard.press("Control+Enter")
    expect(page.locator("#answer tbody tr")).to_have_count(2)
    shot(page, "editor-dark")
    found = violations(page)
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    found += overflow(page)
    assert not found, "\n".join(found)
    shot(page, "editor-phone")


@pytest.mark.parametrize("path", ["/sparql", "/federation/sparql"])
def test_the_pages_of_the_endpoints_are_editors_as_well(
    open_page: Opener, world: World, path: str
) -> None:
    page = open_page(path, site=world.served)
    assert scripts_size(page) < 200_000
    write(page, ASKED)
    page.locator("#run").click()
    expect(page.locator("#answer tbody tr")).to_have_count(2)
    # Without scripts the form gets a file; a browser saves it.
    plain = open_page(path, site=world.served, scripts=False)
    assert plain.locator("#file").get_attribute("formaction") == path
