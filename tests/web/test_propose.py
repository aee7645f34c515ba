"""A proposal is filled in, mended, saved and published, by a browser in an atlas of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect
from pyoxigraph import RdfFormat, Store

import ontology
import shapes
from store.engine import LocalEngine
from tests.endpoint.published import build
from tests.endpoint.serving import Served, serving
from tests.endpoint.world import BASE
from tests.endpoint.writing import token
from tests.web.browsing import overflow, shot, violations
from tests.web.watching import Opener

pytestmark = pytest.mark.slow

GRAPH = f"{BASE}/graph/proposals-relations"
PATH = "/propose/relation"
COMPLETE = (
    f"{PATH}?check=1&relationSource={BASE}/id/descriptor/d&relationType=dependsOn"
    f"&relationTarget={BASE}/id/document/panorama&relationStatus=possible"
    f"&documentedBy={BASE}/id/document/panorama"
)
MISSING = {
    "fr": ("Vérifier", "Une relation part d’une chose et d’une seule.", "Une relation a un type"),
    "en": ("Check", "A relation has exactly one source.", "A relation has exactly one type"),
    "es": ("Comprobar", "Una relación parte de una sola cosa.", "Una relación tiene un solo tipo"),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("proposing")
    build(made / "home", made / "sources")
    return made / "home"


@pytest.fixture(scope="module")
def atlas(folder: Path) -> Iterator[Served]:
    with serving(folder, ATLAS_WORKERS="2") as served:
        yield served


def findings(page: Page, field: str) -> Locator:
    return page.locator(f"#findings-{field} li")


def choose(page: Page, field: str, words: str) -> None:
    page.locator(f"#{field}").press_sequentially(words)
    expect(page.locator(".names:not([hidden]) li").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")


def fill_in(page: Page) -> None:
    choose(page, "relationSource", "lien")
    page.locator("#relationType").select_option("dependsOn")
    choose(page, "relationTarget", "vue d'ens")
    page.locator("#relationStatus").select_option("observed")


def publish(page: Page, secret: str) -> Locator:
    page.locator("#token").fill(secret)
    page.locator("#publish button").click()
    return page.locator("#published")


@pytest.mark.parametrize("language", MISSING)
def test_an_empty_form_says_what_is_missing(
    open_page: Opener, atlas: Served, language: str
) -> None:
    check, source, kind = MISSING[language]
    page = open_page(PATH, language=language, site=atlas)
    page.get_by_role("button", name=check, exact=True).click()
    expect(findings(page, "relationSource")).to_have_text(source)
    expect(findings(page, "relationType")).to_contain_text(kind)
    expect(page.locator("#ready")).to_be_hidden()
    assert violations(page) == []


def test_a_relation_is_filled_in_mended_saved_published_and_found(
    open_page: Opener, atlas: Served, folder: Path, tmp_path: Path
) -> None:
    page = open_page(PATH, site=atlas)
    fill_in(page)
    # What one has been in says at once what is wrong with it, and what one has not is left alone.
    page.locator("#label-fr").press_sequentially("Le lien")
    expect(findings(page, "label")).to_contain_text("un en anglais et un en espagnol")
    expect(findings(page, "documentedBy")).to_have_count(0)
    page.locator("#label-fr").clear()
    page.get_by_role("button", name="Composer les noms").click()
    expect(page.locator("#label-fr")).to_have_value("Lien dépend de Vue d'ensemble")
    # What has no name in a language is not given one: that is the reader's to say.
    expect(page.locator("#label-es")).to_have_value("")
    page.locator("#label-en").fill("The link depends on the overview")
    page.locator("#label-es").fill("El vínculo depende de la vista")
    page.get_by_role("button", name="Vérifier", exact=True).click()
    expect(findings(page, "documentedBy").first).to_contain_text("cite un document")
    shot(page, "propose-wrong")
    choose(page, "documentedBy", "vue")
    page.locator("#locator").press_sequentially("page 3")
    expect(page.locator("#ready")).to_be_visible()
    expect(page.locator("#summary")).to_contain_text("complète")
    assert violations(page) == []
    shot(page, "propose-right")

    with page.expect_download() as download:
        page.get_by_role("button", name="Enregistrer en Turtle").click()
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    assert path.name == "lien-depend-de-vue-d-ensemble.ttl"
    expect(page.locator("#turtle")).to_have_text(path.read_text("utf-8"))
    assert valid_with_the_ontology(path)

    open_page.expect("status of 401", "status of 403")
    elsewhere = token(folder, f"{BASE}/graph/proposals-questions")
    for key in ("wrong", elsewhere):
        page.locator("#published").evaluate("said => said.replaceChildren()")
        expect(publish(page, key)).to_contain_text("Cette clé ne permet pas")
    said = publish(page, token(folder, GRAPH))
    expect(said).to_contain_text("Publié : édition 2")
    expect(page.locator("#token")).to_have_value("")
    assert "wrong" not in page.url
    said.get_by_role("link", name="Voir la page").click()
    expect(page.locator("h1")).to_have_text(re.compile(r"lien\s+dépend de\s+Vue d'ensemble"))
    expect(page.locator("main")).to_contain_text("page 3")


def valid_with_the_ontology(path: Path) -> bool:
    """Whether the shapes accept the file beside the ontology and the document that it cites."""
    store = Store()
    for file in (*ontology.files(), path):
        store.load(path=file, format=RdfFormat.TURTLE)
    store.update(f"INSERT DATA {{ <{BASE}/id/document/panorama> a <{BASE}/ontology/Dossier> }}")
    report = shapes.validate(LocalEngine(store=store), ontology.load())
    return not [result for result in report.results if "/id/relation/" in str(result.focus)]


def test_what_became_wrong_since_is_refused_in_sentences(
    open_page: Opener, atlas: Served, folder: Path
) -> None:
    names = "&label.fr=Le+rappel&label.en={}&label.es=El+recuerdo"
    page = open_page(COMPLETE + names.format("The+reminder"), site=atlas)
    expect(page.locator("#ready")).to_be_visible()
    other = open_page(COMPLETE + names.format("The+recall"), site=atlas)
    secret = token(folder, GRAPH)
    expect(publish(other, secret)).to_contain_text("Publié")
    # Both were given the same IRI before either was published.
    open_page.expect("status of 422")
    refused = publish(page, secret)
    expect(refused).to_contain_text("rien n’a été écrit")
    expect(refused.locator("li")).to_contain_text(
        "Il faut un libellé en français, un en anglais et un en espagnol, et aucun autre."
    )


def test_without_scripts_the_form_asks_which_thing_is_meant(
    open_page: Opener, atlas: Served
) -> None:
    page = open_page(f"{PATH}?relationType=dependsOn", scripts=False, phone=True, site=atlas)
    page.locator("#relationSource").fill("lien")
    page.locator("#relationTarget").fill("vue")
    page.locator("#relationStatus").select_option("possible")
    for code in ("fr", "en", "es"):
        page.locator(f"#label-{code}").fill(f"<b>nom</b> {code}")
    page.get_by_role("button", name="Vérifier", exact=True).click()
    expect(findings(page, "relationTarget")).to_contain_text("choisissez laquelle")
    assert overflow(page) == []
    page.locator("#field-relationTarget .offered a").first.click()
    expect(page.locator("#ready")).to_be_visible()
    expect(page.locator("#by-command")).to_contain_text("Authorization: Bearer $TOKEN")
    expect(page.locator("#publish")).to_be_hidden()
    expect(page.locator("#turtle")).to_contain_text('"<b>nom</b> fr"@fr')
    assert overflow(page) == []
    shot(page, "propose-asked")
    # In another language it is the same proposal.
    page.get_by_role("link", name="Español").click()
    expect(page.locator("#label-fr")).to_have_value("<b>nom</b> fr")
    expect(page.locator("#summary")).to_contain_text("La propuesta está completa")


def test_a_relation_of_a_map_of_ones_own_is_proposed(open_page: Opener, atlas: Served) -> None:
    page = open_page("/local", scripts=False, site=atlas)
    for words in ("lien", "mes propres mots"):
        page.locator("#words").fill(words)
        page.locator("#find-thing button").click()
        page.locator("section[aria-labelledby=add] li a").first.click()
    page.locator("section[aria-labelledby=relate]").get_by_role("button").click()
    page.get_by_role("link", name="Proposer à l’atlas la relation 1").click()
    expect(page.locator("#relationSource")).to_have_value("lien")
    expect(page.locator("#relationTarget")).to_have_value("mes propres mots")
    expect(page.locator("#relationType")).to_have_value("dependsOn")
