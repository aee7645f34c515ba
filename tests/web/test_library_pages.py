"""The library of questions: each page shows what its query answers, and says how to have it."""

from __future__ import annotations

import csv
import io
import re
import shlex
from html import unescape
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.sync_api import Page, expect

from endpoint.language import LANGUAGES
from endpoint.web.library.text import pieces
from endpoint.web.library.themes import themes
from queries import NamedQuery, library
from tests.endpoint.conftest import home, served
from tests.endpoint.serving import Served
from tests.web.browsing import overflow, scripts_size, shot, violations
from tests.web.watching import PHONE, Opener

__all__ = ["home", "served"]

pytestmark = pytest.mark.national
HTML = {"Accept": "text/html"}
HOLDERS = "/queries/cq05_competence_holders"
MATRIX = "/queries/cq51_relation_matrix"
SIMILAR = "/queries/cq08_similar_territories"
QUERIES = library()
QUESTIONS = [query for query in QUERIES.values() if query.question]
WIDTHS = "all => all.map((e) => Number(e.getAttribute('width')))"


def rows(served: Served, path: str) -> list[dict[str, str]]:
    """The answer of a named query as CSV."""
    reply = served.fetch(f"/api/queries/{path}")
    assert reply.status == 200, reply.text
    return list(csv.DictReader(io.StringIO(reply.text)))


def page_of(served: Served, path: str, status: int = 200) -> str:
    reply = served.fetch(path, headers=HTML)
    assert reply.status == status, reply.text
    return reply.text


@pytest.mark.slow
@pytest.mark.parametrize("query", QUESTIONS, ids=lambda query: query.name)
def test_every_question_has_a_page_whose_total_is_that_of_its_answer(
    national: Served, query: NamedQuery
) -> None:
    given = query.example
    address = f"/queries/{query.name}?{urlencode({**given, 'lang': 'fr'})}"
    text = page_of(national, address)
    assert query.title["fr"].replace("'", "&#39;") in text or query.title["fr"] in text
    if query.form != "SELECT":
        return
    if any(one.name == "language" for one in query.parameters):
        given["language"] = "fr"
    answer = rows(national, f"{query.name}.csv?{urlencode(given)}")
    said = re.search(r'<p class="quietly">([\d\u202f\u00a0]+)\u00a0?\s*lignes?\.', text)
    total = int(re.sub(r"\D", "", said[1])) if said else 0
    assert total == len(answer)


# With its example each query finds something; these find nothing yet, whatever they are given.
NOTHING = {
    "cq10_actors_without_partners": "nobody is known to carry what addresses a challenge",
    "cq16_grounded_principles": "no principle says which experiences it comes from",
    "cq17_carriers": "no experience says which question it addresses",
    "cq23_matching_keywords": "no document is indexed by a keyword",
    "cq26_corpus": "a corpus comes with a site that is harvested, and none is",
    "cq45_cooccurrence": "no document is indexed by a keyword",
}


@pytest.mark.slow
@pytest.mark.parametrize(
    "query", [one for one in QUERIES.values() if one.parameters], ids=lambda query: query.name
)
def test_every_query_with_parameters_has_an_example_that_finds_something(
    national: Served, query: NamedQuery
) -> None:
    suffix = "csv" if query.form == "SELECT" else "nt"
    reply = national.fetch(f"/api/queries/{query.name}.{suffix}?{urlencode(query.example)}")
    assert reply.status == 200, reply.text
    found = len(reply.text.splitlines()) - (suffix == "csv")
    assert (found == 0) == (query.name in NOTHING), "its header gives an example that finds some"


def test_a_query_that_needs_a_value_offers_one(national: Served) -> None:
    name = "cq47_members_in_other_departments"
    text = page_of(national, f"/queries/{name}?lang=fr")
    found = re.search(r'href="([^"]+)">Essayer avec un exemple<', text)
    assert found
    assert 'id="answer"' in page_of(national, unescape(found[1]))
    api = national.fetch("/api/openapi.json").json
    (siren,) = (
        one
        for one in api["paths"][f"/api/queries/{name}"]["get"]["parameters"]
        if one["name"] == "siren"
    )
    answer = rows(national, f"{name}.csv?{urlencode({'siren': siren['example']})}")
    assert len({row["department"] for row in answer}) > 1


def test_an_unknown_query_is_not_found(national: Served) -> None:
    page_of(national, "/queries/cq99_nothing", 404)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_answer_has_names_for_things_and_files_with_the_same_values(
    national: Served, language: str
) -> None:
    values = {"insee": "54395", "code": "1502"}
    text = page_of(national, f"{HOLDERS}?{urlencode({**values, 'lang': language})}")
    (row,) = rows(national, f"cq05_competence_holders.csv?{urlencode(values)}")
    assert f"<bdi>{row['holderLabel']}</bdi>" in text
    place = row["holder"].split("/id/")[1]
    assert f'href="/doc/{place}?lang={language}"' in text
    for suffix in ("csv", "json", "tsv", "xml"):
        address = f"/api/queries/cq05_competence_holders.{suffix}?{urlencode(values)}"
        assert f'href="{address.replace("&", "&amp;")}"' in text
        assert national.fetch(address).status == 200
    assert "curl -H 'Accept: text/csv' 'http://" in text


def test_a_bad_value_is_a_sentence_at_its_field_in_the_reader_s_language(national: Served) -> None:
    for language, sentence in (("fr", "Donnez un code INSEE"), ("en", "Give an INSEE code")):
        text = page_of(national, f"{HOLDERS}?insee=Nancy&lang={language}", 400)
        assert sentence in text.split('id="value-insee-fault">')[1][:60]
        assert 'value="Nancy"' in text
        assert 'id="answer"' not in text


def test_what_the_query_does_not_take_is_said(national: Served) -> None:
    assert "« zone »".replace(" ", "\u00a0") in page_of(national, f"{HOLDERS}?zone=1&lang=fr", 400)
    assert "une seule valeur" in page_of(national, f"{HOLDERS}?code=1&code=2&lang=fr", 400)
    long = page_of(national, f"{HOLDERS}?code={'x' * 3000}&lang=fr", 400)
    assert "2000 caractères au plus" in long


def test_a_required_value_that_is_not_given_yet_is_no_fault(national: Served) -> None:
    text = page_of(national, "/queries/cq47_members_in_other_departments?lang=fr")
    assert "Remplissez le formulaire" in text
    assert 'class="fault"' not in text


def test_a_code_that_nothing_bears_is_said_beside_the_empty_answer(national: Served) -> None:
    said = "L’atlas ne connaît aucun lieu qui porte ce code."
    assert said in page_of(national, f"{HOLDERS}?insee=99999&lang=fr")
    assert said not in page_of(national, f"{HOLDERS}?insee=54395&lang=fr")
    # A body may be known by its number only.
    listed = page_of(national, "/queries/cq06_grouping_competences?siren=200042851&lang=en")
    assert ">grouping/200042851</a>" in listed.split('id="value-siren-named"')[1][:300]
    address = "/queries/cq42_relations_of?thing=https://w3id.org/atlas-relationnel/id/x/y&lang=en"
    assert "no name for this address" in page_of(national, address)


def test_the_command_for_a_shell_shows_what_can_be_changed_in_it(national: Served) -> None:
    for path, given in (
        (HOLDERS, {"insee": ["54395"], "code": ["1502"]}),
        (f"{HOLDERS}?insee=62528", {"insee": ["62528"], "code": ["1502"]}),
        ("/queries/cq47_members_in_other_departments", {"siren": ["200071066"]}),
    ):
        (command,) = re.findall(r'id="shell">([^<]*)<', page_of(national, path))
        *_, address = shlex.split(unescape(command))
        assert parse_qs(urlsplit(address).query) == given
        assert national.fetch(address.removeprefix(national.address)).status == 200


def test_hostile_values_are_text(national: Served) -> None:
    nasty = "<script>alert(1)</script>\u202e\U0001f600"
    for name in ("cq06_grouping_competences", "labels", "cq50_stating_graphs"):
        for parameter in QUERIES[name].parameters:
            reply = national.fetch(
                f"/queries/{name}?{urlencode({parameter.name: nasty})}", headers=HTML
            )
            assert reply.status in (200, 400)
            assert "<script>alert" not in reply.text


def test_the_command_for_a_shell_keeps_a_value_in_its_quotation_marks(national: Served) -> None:
    value = "l'eau'; touch x; echo '$(id)"
    text = page_of(national, f"/queries/experience_list?{urlencode({'words': value})}")
    (command,) = re.findall(r'id="shell">([^<]*)<', text)
    *_, address = words = shlex.split(unescape(command))
    assert words[:3] == ["curl", "-H", "Accept: text/csv"]
    assert len(words) == 4
    assert parse_qs(urlsplit(address).query)["words"] == [value]


def test_a_long_answer_shows_its_first_rows_and_says_how_many_there_are(national: Served) -> None:
    iris = [row["vocabulary"] for row in rows(national, "cq29_vocabularies.csv")]
    things = " ".join(iris)
    answer = rows(national, f"labels.csv?{urlencode({'things': things})}")
    assert len(answer) > 200
    text = page_of(national, f"/queries/labels?{urlencode({'things': things, 'lang': 'en'})}")
    assert f"{len(answer):,} rows. Here are the first 200." in text
    body = text.split("<tbody>")[1].split("</tbody>")[0]
    assert body.count("<tr>") == 200


def test_the_figures_of_a_grid_are_those_of_the_query(open_page: Opener, national: Served) -> None:
    page = open_page(f"{MATRIX}?as=chart", language="en")
    counted = rows(national, "cq51_relation_matrix.csv")
    drawn = page.locator("table.grid td[data-step]").all_inner_texts()
    assert sorted(map(int, drawn)) == sorted(int(row["relations"]) for row in counted)


def test_the_bars_have_the_figures_of_the_query_in_their_order(
    open_page: Opener, national: Served
) -> None:
    page = open_page(f"{SIMILAR}?as=chart&of=population", language="en")
    counted = rows(national, "cq08_similar_territories.csv?language=en")
    drawn = page.locator("table.bars .number").all_inner_texts()
    assert drawn == [f"{int(row['population']):,}" for row in counted]
    widths = page.locator("table.bars rect").evaluate_all(WIDTHS)
    assert max(widths) == 100


def test_only_what_fits_is_offered(national: Served) -> None:
    def offered(name: str) -> list[str]:
        text = page_of(national, f"/queries/{name}?lang=en")
        ways = re.search(r'<nav class="tabs".*?</nav>', text, re.DOTALL)
        return re.findall(r">(\w[\w ]*)</a>", ways[0]) if ways else []

    assert offered("cq05_competence_holders") == []
    assert offered("cq51_relation_matrix") == ["Table", "Chart"]
    assert offered("cq42_relations_of") == ["Table", "Relations drawn"]
    assert offered("cq48_desmogram") == ["Table", "Relations drawn"]
    assert offered("cq22_tensions") == ["Table", "Chart", "Relations drawn"]


def test_relations_are_drawn_once_each(open_page: Opener, national: Served) -> None:
    page = open_page("/queries/cq22_tensions?as=map")
    pairs = {(row["one"], row["other"]) for row in rows(national, "cq22_tensions.csv")}
    assert page.locator(".links path").count() == len(pairs)
    star = open_page("/queries/cq42_relations_of?as=map")
    others = {row["other"] for row in rows(national, "cq42_relations_of.csv")}
    assert star.locator(".star-name").count() == len(others)
    assert star.get_by_role("link", name="carte des relations").count() == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("library-answer", HOLDERS),
        ("library-fault", f"{HOLDERS}?insee=xx"),
        ("library-grid", f"{MATRIX}?as=chart"),
        ("library-bars", f"{SIMILAR}?as=chart"),
        ("library-links", "/queries/cq48_desmogram?as=map"),
    ],
)
def test_the_pages_of_queries_shut_nobody_out(open_page: Opener, name: str, path: str) -> None:
    page = open_page(path, status=400 if "xx" in path else 200)
    assert scripts_size(page) < 50_000
    page.locator("details.text").evaluate("e => { e.open = true }")
    found = violations(page)
    page.emulate_media(color_scheme="dark")
    found += [f"dark: {line}" for line in violations(page)]
    shot(page, name)
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    found += overflow(page)
    assert not found, "\n".join(found)


def test_a_commune_is_found_by_its_name_and_the_answer_follows(open_page: Opener) -> None:
    page = open_page(HOLDERS, language="fr")
    field = page.locator("#value-insee")
    field.fill("maxev")
    page.get_by_role("option", name="Maxéville").first.click()
    page.wait_for_url("**insee=54357**")
    expect(page.locator(".means")).to_contain_text("Maxéville")
    expect(field).to_have_value("54357")


def test_the_library_filters_as_one_types_and_without_scripts(open_page: Opener) -> None:
    page = open_page("/queries/")
    whole = page.locator(".questions li").count()
    assert whole == len(QUERIES)
    page.get_by_label("Filtrer les questions").fill("competences commune")
    left = page.locator(".questions li:visible")
    expect(left).not_to_have_count(whole)
    expect(page.locator("#count")).to_contain_text(str(left.count()))
    assert 0 < left.count() < whole
    expect(left.first).to_contain_text("compétence")
    plain = open_page("/queries/?q=competences+commune", scripts=False)
    assert plain.locator(".questions li").count() == left.count()


def test_the_query_opens_in_the_editor_with_its_values(open_page: Opener) -> None:
    page: Page = open_page(f"{HOLDERS}?insee=54357")
    page.get_by_role("link", name="Ouvrir dans l’éditeur").click()
    page.wait_for_url("**/queries/editor?**")
    expect(page.locator("#query")).to_have_value(re.compile('"54357"'))
    page.locator("#run").click()
    expect(page.locator("#answer tbody tr").first).to_be_visible()


def test_a_source_that_is_not_here_is_said(served: Served) -> None:
    text = page_of(served, f"{HOLDERS}?lang=fr")
    assert "La source «\u00a0banatic\u00a0» n’est pas dans cet atlas" in text
    assert "Rien dans cet atlas ne répond" in text


def test_the_editor_opens_a_named_query_and_refuses_one_that_is_not_there(served: Served) -> None:
    text = page_of(served, "/queries/editor?named=cq05_competence_holders&insee=99101")
    assert "&#34;99101&#34;" in text
    page_of(served, "/queries/editor?named=cq99_nothing", 404)
    assert "?_thing" in page_of(served, "/queries/editor?named=thing_statements")
    page_of(served, "/queries/editor?named=cq05_competence_holders&insee=x", 400)


def test_without_scripts_a_wrong_query_is_said_above_the_answer(served: Served) -> None:
    wrong = urlencode({"query": "SELECT <b>", "run": "1", "lang": "fr"})
    text = page_of(served, f"/queries/editor?{wrong}", 400)
    assert "Ce n’est pas du SPARQL valide" in text
    assert "SELECT &lt;b&gt;</textarea>" in text
    asked = urlencode({"query": "ASK { ?s ?p ?o }", "run": "1", "lang": "fr"})
    assert "<p>oui</p>" in page_of(served, f"/queries/editor?{asked}")
    other = urlencode({"query": "SELECT * { SERVICE <urn:x> { ?s ?p ?o } }", "run": "1"})
    assert "SERVICE" in page_of(served, f"/queries/editor?{other}", 403)


@pytest.mark.parametrize("number", ["1e3000000", "1e-3000000", "9" * 40])
def test_a_number_beyond_reading_is_shown_as_it_is_written(served: Served, number: str) -> None:
    integer = "http://www.w3.org/2001/XMLSchema#integer"
    asked = urlencode({"run": 1, "query": f'SELECT ("{number}"^^<{integer}> AS ?n) {{}}'})
    assert f"<bdi>{number}</bdi>" in page_of(served, f"/queries/editor?{asked}")


def test_what_the_editor_proposes_is_kept_by_whoever_has_it(national: Served) -> None:
    reply = national.fetch("/queries/editor/terms?lang=fr")
    terms = {term["iri"]: term for term in reply.json["terms"]}
    commune = terms["https://w3id.org/atlas-relationnel/ontology/Commune"]
    assert commune["label"] == "commune"
    counted = national.rows(f"SELECT (COUNT(*) AS ?n) {{ ?s a <{commune['iri']}> }}")
    assert counted == {(str(commune["count"]),)}
    assert reply.json["prefixes"]["atlas"] == "https://w3id.org/atlas-relationnel/ontology/"
    again = national.fetch(
        "/queries/editor/terms?lang=fr", headers={"If-None-Match": reply.headers["ETag"]}
    )
    assert again.status == 304


def test_every_query_has_one_theme_and_the_pages_come_last() -> None:
    found = themes(QUERIES.values())
    names = [query.name for theme in found for query in theme.queries]
    assert sorted(names) == sorted(QUERIES)
    assert found[-1].key == "pages"
    assert "others" not in {theme.key for theme in found}


def test_the_pieces_of_a_text_are_the_text() -> None:
    for query in QUERIES.values():
        assert "".join(piece.text for piece in pieces(query.text)) == query.text
