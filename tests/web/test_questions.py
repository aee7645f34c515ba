"""Cross-cutting questions: who shares them, in whose words, with the documents of each side."""

from __future__ import annotations

import csv
import io
import re
from html import unescape
from urllib.parse import urlencode, urlsplit

import pytest
from playwright.sync_api import expect

from endpoint.names import Value
from endpoint.solutions import Solution
from endpoint.web.questions.cards import Side, reason, sort_of
from tests.endpoint.serving import Served
from tests.endpoint.world import BASE
from tests.web.watching import Opener

HTML = {"Accept": "text/html", "Accept-Language": "fr"}
ID = f"{BASE}/id"
COMMUNITIES = [
    f"{ID}/community/{name}"
    for name in ("city-for-all", "local-economic-development", "food-systems")
]
CITEGO, FABRIQUE = f"{ID}/site/citego", f"{ID}/site/fabrique-des-transitions"
COREDEM = f"{ID}/site/coredem"
national_atlas = pytest.mark.national


def fetch(served: Served, *sides: str) -> str:
    reply = served.fetch(address(*sides), headers=HTML)
    assert reply.status == 200, reply.text
    return reply.text


def address(*sides: str) -> str:
    return "/questions?" + urlencode([("with", side) for side in sides])


def answered(served: Served, text: str, query: str) -> list[dict[str, str]]:
    """The answer of a query behind the page, as the page links to it."""
    link = re.search(rf'href="([^"]*/{query}\.csv[^"]*)"', text)
    assert link, query
    path = urlsplit(link[1].replace("&amp;", "&"))._replace(scheme="", netloc="").geturl()
    return list(csv.DictReader(io.StringIO(served.fetch(path).text)))


def articles(text: str) -> dict[str, str]:
    """Each question told at length: the last part of its address, and what the page says."""
    found = re.findall(r'<article class="question">(.*?)</article>', text, re.DOTALL)
    return {re.search(r'/doc/question/([^"?]+)', each)[1]: each for each in found}


def side(*, community: bool) -> Side:
    return Side("urn:side", Value("side"), community, 1, 1, 1, True)


@pytest.mark.parametrize(
    ("communities", "expected"),
    [((True,), "communities"), ((False, False), "corpora"), ((True, False), "both")],
)
def test_the_words_fit_what_was_chosen(communities: tuple[bool, ...], expected: str) -> None:
    assert sort_of([side(community=one) for one in communities]) == expected


def test_a_question_of_which_nothing_is_counted_still_has_a_reason() -> None:
    assert reason(Solution(), [side(community=True)], 0) == "0 document"


@national_atlas
def test_three_questions_cross_the_three_communities_of_the_talk(national: Served) -> None:
    text = fetch(national)
    told = articles(text)
    assert list(told) == [
        "short-supply-chains",
        "social-exclusion",
        "precarity",
        "childhood",
    ]
    assert "3 questions traversent les 3 communautés choisies" in text
    for name in ("precarity", "social-exclusion", "short-supply-chains"):
        for community in COMMUNITIES:
            assert community.removeprefix(BASE + "/id") in told[name]
        assert told[name].count("est partagée par</a>") == 3
        assert "paragraphe 6" in told[name]
    assert "Partagée par 3 communautés ; " in told["precarity"].replace("\u00a0", " ")
    assert "Traverse 4 domaines" in told["childhood"]
    assert "paragraphe 4" in told["childhood"]


@national_atlas
@pytest.mark.parametrize("sides", [(), tuple(COMMUNITIES[:2]), (CITEGO, FABRIQUE)])
def test_the_order_and_the_figures_are_those_of_the_query(
    national: Served, sides: tuple[str, ...]
) -> None:
    text = fetch(national, *sides)
    rows = answered(national, text, "question_ranking")
    least = [row for row in rows if int(row["sides"]) >= 2]
    told = articles(text)
    assert [row["question"].rpartition("/")[2] for row in least] == list(told)[: len(least)]
    for row in least:
        article = told[row["question"].rpartition("/")[2]]
        because = re.search(r'class="reason">([^<]+)<', article)
        assert because
        assert re.findall(r"(\d+) relation", because[1]) == [row["relations"]]
        crossed = re.findall(r"(\d+) domaine", because[1])
        assert crossed == ([row["domains"]] if row["domains"] != "0" else [])
        # Each side in a column of its own, and no side twice.
        assert article.count("<h5>") == int(row["sides"])
    relations = answered(national, text, "question_relations")
    for name, article in told.items():
        counted = {row["relation"] for row in relations if row["question"].endswith("/" + name)}
        because = re.search(r"(\d+) relation", article)
        assert because
        assert int(because[1]) == len(counted)


@national_atlas
def test_what_only_one_side_speaks_of_is_listed_with_that_side(national: Served) -> None:
    text = fetch(national, CITEGO, COREDEM)
    section = text.partition('id="one_side"')[2].partition("</section>")[0]
    listed = section.partition('<ul class="challenges">')[2].split("<li>")[1:]
    assert listed
    rows = answered(national, text, "question_documents")
    for one in listed:
        name = re.search(r'/question/([^"?]+)', one)
        assert name
        mine = [row for row in rows if row["question"].endswith("/" + name[1])]
        met = {row["side"] for row in mine}
        assert ("<bdi>Citego" in one, "<bdi>Coredem" in one) == (CITEGO in met, COREDEM in met)
        assert met & {CITEGO, COREDEM}


@national_atlas
def test_the_page_says_in_which_order_the_questions_stand(national: Served) -> None:
    assert "Dans l’ordre des communautés" in unescape(fetch(national))


@national_atlas
def test_the_experiences_of_a_crossed_domain_are_those_of_the_query_and_no_answers(
    national: Served,
) -> None:
    text = fetch(national)
    rows = answered(national, text, "question_domain_experiences")
    told = articles(text)
    for domain in ("health", "transport"):
        counted = {row["experience"] for row in rows if row["domain"].endswith(f"/{domain}")}
        assert len(counted) > 50
        said = rf'domains=[^"]*{domain}[^"]*">{len(counted)} expériences que leur source classe'
        assert re.search(said, told["childhood"]), domain
    assert "Rien ne dit qu’elles répondent à la question" in told["childhood"]
    # No word of a source is the name of these domains: nothing is counted, and nothing said of it.
    assert told["short-supply-chains"].count("aucune expérience classée") == 2
    assert "Rien ne dit" not in told["short-supply-chains"]


@national_atlas
def test_what_separates_the_communities_is_told_with_what_they_share(national: Served) -> None:
    between = fetch(national).split('class="between"')[1].split("</section>")[0]
    assert between.count('<span class="status" data-status="missing">') == 3
    assert "qui se juxtaposent" in between


@national_atlas
def test_two_corpora_share_a_challenge_and_candidates_that_are_called_so(
    national: Served,
) -> None:
    text = fetch(national, CITEGO, FABRIQUE)
    assert list(articles(text)) == ["sustainable-territories"]
    rows = answered(national, text, "question_candidates")
    table = text.split('<table class="candidates">')[1].split("</table>")[0]
    lines = re.findall(r"<tr>(.*?)</tr>", table.split("<tbody>")[1], re.DOTALL)
    shown = {
        re.search(r"/doc/descriptor/([^\"?]+)", line)[1]: re.findall(r">(\d+)</td>", line)
        for line in lines
    }
    counted: dict[str, list[str]] = {}
    for row in rows:
        sites = counted.setdefault(row["descriptor"].rpartition("/")[2], ["0", "0"])
        sites[row["site"] == FABRIQUE] = row["documents"]
    assert shown == counted
    assert "Ce sont des candidats" in text


@national_atlas
def test_the_words_of_a_question_are_candidates_only(national: Served) -> None:
    text = fetch(national)
    mentions = answered(national, text, "question_mentions")
    article = articles(text)["social-exclusion"]
    assert "Aucune expérience n’est encore dite répondre" in article
    for row in mentions:
        assert row["thing"].removeprefix(BASE + "/id") in article
    assert len(mentions) == len(re.findall("<li>", article.split('class="mentions"')[1])) >= 1


@national_atlas
@pytest.mark.parametrize("side", ["http://example.org/nobody", "nobody", f"{ID}/site/none"])
def test_a_side_that_is_not_offered_is_said_to_be_unknown(national: Served, side: str) -> None:
    assert national.fetch(address(side), headers=HTML).status == 404


@national_atlas
def test_a_reader_chooses_sides_without_scripts_and_the_address_holds_them(
    open_page: Opener,
) -> None:
    page = open_page("/questions", scripts=False)
    for community in ("développement économique des villes", "ville pour tous"):
        page.get_by_role("checkbox", name=community).uncheck()
    page.get_by_role("checkbox", name="Citego").check()
    page.get_by_role("button", name="Voir ce qui les traverse").click()
    assert page.url.count("with=") == 2
    expect(page.locator(".group h2").first).to_contain_text("se posent des 2 côtés choisis")
    expect(page.locator(".question h3").first).to_have_text("valorisation des circuits courts")
    expect(page.locator(".question").first.locator(".columns > section")).to_have_count(2)


@national_atlas
def test_a_question_has_its_map(open_page: Opener) -> None:
    page = open_page("/questions")
    first = page.locator(".question").first
    expect(first.locator("svg")).to_be_visible()
    first.locator("summary").click()
    expect(first.locator("svg")).to_be_hidden()
