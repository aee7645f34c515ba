"""The matrices: their figures are their queries', an empty cell opens as any other does."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.sync_api import expect

from endpoint.names import Value
from endpoint.web.matrix.grid import Head, grid, slugs, tint
from endpoint.web.matrix.relations import unbroken
from endpoint.web.matrix.tables import NIL, TABLES, Table, find
from tests.endpoint.serving import Reply, Served, serving
from tests.endpoint.world import ATLAS, BASE, LABEL, TYPE, publish_world
from tests.web.browsing import overflow, violations
from tests.web.watching import Opener

HTML = {"Accept": "text/html", "Accept-Language": "fr"}
VOCABULARY = f"{BASE}/vocabulary"
CASES = [(table, measure) for table in TABLES for measure in table.measures]
national_atlas = pytest.mark.national
HOSTILE = ("<script>alert(1)</script>", "‮شرق‬ שלום", "x" * 10_000, "🗺️" * 40)


class Page(HTMLParser):
    """The cells of a matrix by their words, its totals, its sentences, the answers behind it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.cells: dict[tuple[str, str], int] = {}
        self.totals: list[int] = []
        self.sentences = 0
        self.answers: list[str] = []
        self.reading: tuple[str, ...] = ()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        href = named.get("href", "")
        if tag == "a" and "data-tint" in named:
            asked = parse_qs(urlsplit(href).query)
            self.reading = (asked["row"][0], asked["column"][0])
        elif named.get("class") == "total":
            self.reading = ("total",)
        elif named.get("class") == "sentence":
            self.sentences += 1
        elif tag == "a" and ".csv" in href:
            self.answers.append(href)

    def handle_data(self, data: str) -> None:
        if not data.strip():
            return
        if len(self.reading) == 2:
            self.cells[self.reading[0], self.reading[1]] = whole(data)
        elif self.reading:
            self.totals.append(whole(data))
        self.reading = ()


def whole(text: str) -> int:
    """The number with which a text begins, written with spaces between its thousands."""
    return int(re.sub(r"\D", "", text.partition(",")[0]))


def fetch(served: Served, **asked: str) -> Reply:
    return served.fetch("/matrix?" + urlencode(asked), headers=HTML)


def answered(served: Served, page: Page, query: str) -> list[dict[str, str]]:
    """The answer of a query behind the page, as the page links to it."""
    address = next(one for one in page.answers if f"/{query}.csv" in one)
    reply = served.fetch(urlsplit(address)._replace(scheme="", netloc="").geturl())
    assert reply.status == 200, reply.text
    return list(csv.DictReader(io.StringIO(reply.text)))


def word(iri: str) -> str:
    return "none" if iri == NIL else re.split("[/#]", iri)[-1]


def head(iri: str) -> Head:
    return Head(iri, iri, Value(iri))


def test_a_grid_has_totals_and_counts_its_empty_cells() -> None:
    rows = [head("a"), head("b"), head(NIL)]
    laid = grid(rows, [head("x"), head("y")], {("a", "x"): 3, (NIL, "y"): 4})
    assert [[cell.count for cell in line.cells] for line in laid.lines] == [[3, 0], [0, 0], [0, 4]]
    assert [line.total for line in laid.lines] == [3, 0, 4]
    assert (laid.totals, laid.total) == ([3, 4], 7)
    # What has no place recorded is no cell of the matrix proper.
    assert (laid.empty, laid.possible) == (3, 4)


def test_a_grid_knows_its_fullest_cell() -> None:
    assert grid([head("a")], [head("x"), head("y")], {("a", "x"): 3, ("a", "y"): 7}).most == 7


def test_a_pair_of_a_symmetric_grid_counts_once() -> None:
    heads = [head("a"), head("b"), head("c")]
    laid = grid(heads, heads, {("a", "b"): 2, ("b", "a"): 2}, symmetric=True)
    assert (laid.total, laid.empty, laid.possible) == (2, 2, 3)
    assert laid.lines[0].cells[0].itself


def test_a_grid_of_nothing_is_empty() -> None:
    laid = grid([], [], {})
    assert (laid.total, laid.possible, list(laid.lines)) == (0, 0, [])


def test_a_tint_grows_with_the_count_and_only_nothing_has_none() -> None:
    tints = [tint(count, 30_000) for count in (0, 1, 20, 400, 30_000)]
    assert tints == sorted(tints)
    assert (tints[0], tints[1], tints[-1]) == (0, 1, 4)
    assert tint(1, 1) == 3


def test_two_things_never_have_one_word() -> None:
    words = slugs(["https://a.org/x/one", "https://b.org/y#one", NIL])
    assert list(words.values()) == ["one", "one-2", "none"]


def test_quotation_marks_hold_to_what_they_enclose() -> None:
    assert unbroken("la « ville »") == "la «\u00a0ville\u00a0»"


@pytest.mark.parametrize("key", sorted({table.key for table in TABLES}))
def test_each_table_is_found_by_what_it_crosses_and_where_it_comes_from(key: str) -> None:
    of, origin = key.split(".")
    assert find(of, origin).key == key


@national_atlas
@pytest.mark.parametrize(("table", "measure"), CASES, ids=lambda case: getattr(case, "key", case))
def test_each_figure_is_that_of_the_query_behind_the_page(
    national: Served, table: Table, measure: str
) -> None:
    page = Page(fetch(national, of=table.of, **{"from": table.origin, "count": measure}).text)
    rows = answered(national, page, table.query)
    counts = {(word(row["row"]), word(row["column"])): int(row[measure]) for row in rows}
    if table.symmetric:
        counts = {pair: count for pair, count in counts.items() if pair[0] != pair[1]}
    assert page.cells == counts
    share = 2 if table.symmetric else 1
    assert page.totals[-1] == sum(counts.values()) // share


@national_atlas
def test_the_atlas_knows_some_of_each_kind_and_says_where_it_knows_nothing(
    national: Served,
) -> None:
    components = Page(fetch(national).text)
    assert len(components.cells) == 64
    assert components.cells["none", "scales"] > 0
    assert components.cells["economy-and-territory", "domains"] == 3
    assert components.cells["cultural-and-intangible-capital", "actors"] == 2
    # No passage read so far says what belongs to flow, and none is made to.
    assert not any(count for (row, _), count in components.cells.items() if row == "flow")
    domains = Page(fetch(national, of="domain-domain").text)
    assert domains.cells["health", "transport"] == domains.cells["transport", "health"] == 1
    assert domains.cells["health", "housing"] == 0
    actors = Page(fetch(national, of="actor-actor", status="missing").text)
    assert actors.totals[-1] == 3
    shared = Page(fetch(national, of="actor-actor", count="crossings").text)
    assert shared.cells["city-for-all", "food-systems"] == 3
    registers = Page(fetch(national, of="actor-actor", **{"from": "registers"}).text)
    assert registers.cells["cc", "Municipality"] > 20_000
    assert registers.cells["sivu", "Municipality"] == 0
    levels = Page(fetch(national, of="scale-scale", **{"from": "registers"}).text)
    assert levels.cells["commune", "intercommunality"] > 30_000
    assert levels.cells["region", "state"] == 18


@national_atlas
@pytest.mark.parametrize("status", ["observed", "possible", "missing", "broken"])
def test_the_statuses_share_out_the_relations(national: Served, status: str) -> None:
    every = Page(fetch(national, row="none", column="tools").text)
    some = Page(fetch(national, row="none", column="tools", status=status).text)
    assert every.sentences == every.cells["none", "tools"]
    assert some.sentences == some.cells["none", "tools"] <= every.sentences


@national_atlas
def test_an_opened_cell_tells_what_it_counts_with_the_documents(national: Served) -> None:
    text = fetch(national, of="domain-domain", row="health", column="transport").text
    assert Page(text).sentences == 2
    assert "paragraphe 4" in text
    assert "/doc/document/calame-talk-talk" in text
    assert "1 question qui traverse les deux" in text
    assert "/queries/matrix_pair?row=https" in text.split('id="cell"')[1]


@national_atlas
def test_a_missing_link_stands_beside_the_questions_that_are_shared(national: Served) -> None:
    text = fetch(national, of="actor-actor", row="city-for-all", column="food-systems").text
    table, opened = text.split('id="cell"')
    # The figure alone would say that there is a link: three pairs, in two cells each.
    assert table.count('<span class="status" data-status="missing">') == 6
    assert "1 relation directe, dont une manquante, d’après les textes" in opened
    assert 'data-status="missing"' in opened
    assert opened.count("est partagée par les deux") == 3


EDITORS = "Places dans la matrice données par les éditeurs de cet atlas"


@national_atlas
def test_a_cell_says_who_placed_what_there_and_why(national: Served) -> None:
    text = fetch(national, row="economy-and-territory", column="domains").text
    assert "vient des éditeurs de cet atlas, d’après leur lecture des passages cités" in text
    component, angle = text.split('id="cell"')[1].split("<h4>")[1:]
    assert EDITORS in component
    assert "le paragraphe 3 de la conférence nomme les questions économiques" in component
    assert "Angle propre à cet atlas, donné par" in angle
    assert "Ce que dit la conférence de Pierre Calame" in angle
    rows = answered(national, Page(text), "matrix_placements")
    placed = {row["thing"] for row in rows if "placements" in row["graph"]}
    assert f"{BASE}/id/descriptor/economic-issues" in placed
    assert all(row["why"] for row in rows if "placements" in row["graph"])


@national_atlas
def test_what_citego_places_is_told_from_what_the_editors_place(national: Served) -> None:
    asked = {"count": "descriptors", "row": "organisation-of-space", "column": "tools"}
    opened = fetch(national, **asked).text.split('id="cell"')[1]
    component, angle = opened.split("<h4>")[1:]
    assert "Ce que disent des pages de Citego" in component
    assert EDITORS not in component
    assert EDITORS in angle


@national_atlas
@pytest.mark.parametrize(
    ("asked", "near"),
    [
        ({"row": "territorial-ecosystems", "column": "actors"}, "biodiversité"),
        ({"of": "domain-domain", "row": "health", "column": "housing"}, "enfance"),
        ({"of": "scale-scale", "row": "commune", "column": "europe"}, "échange d’expériences"),
    ],
)
def test_an_empty_cell_says_so_shows_both_sides_and_offers_the_query(
    national: Served, asked: dict[str, str], near: str
) -> None:
    opened = fetch(national, **asked).text.split('id="cell"')[1]
    assert "Rien de recensé dans cette case" in opened
    assert near in opened
    query = re.search(r'class="button quiet" href="([^"]+)"', opened)
    assert query
    assert national.fetch(query[1].replace("&amp;", "&"), headers=HTML).status == 200


@national_atlas
@pytest.mark.parametrize(
    ("asked", "verb"),
    [
        ({"of": "actor-actor", "from": "registers", "row": "metro"}, "est membre de"),
        ({"of": "scale-scale", "from": "registers", "row": "department"}, "subdivision directe de"),
    ],
)
def test_a_cell_of_the_registers_shows_some_of_its_links_and_the_register(
    national: Served, asked: dict[str, str], verb: str
) -> None:
    column = "Municipality" if asked["of"] == "actor-actor" else "region"
    text = fetch(national, **asked, column=column).text
    assert Page(text).sentences == 24
    opened = text.split('id="cell"')[1]
    assert "En voici 24, sur " in opened
    assert "Découpage administratif de la France, 2026" in opened
    assert verb in opened


@national_atlas
@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"of": "moon-moon"}, 404),
        ({"of": "domain-domain", "row": "health", "column": "moon"}, 404),
        ({"of": "domain-domain", "row": "health", "column": "health"}, 404),
        ({"row": "flow"}, 404),
        ({"of": "domain-domain", "from": "registers"}, 400),
        ({"count": "stars"}, 400),
        ({"status": "not a slug"}, 400),
        ({"source": "a b"}, 400),
    ],
)
def test_what_there_is_not_is_said_in_a_sentence(
    national: Served, asked: dict[str, str], status: int
) -> None:
    assert fetch(national, **asked).status == status


@national_atlas
def test_the_arrows_go_from_cell_to_cell_and_a_cell_opens(open_page: Opener) -> None:
    page = open_page("/matrix?of=domain-domain")
    focused = page.locator(":focus")
    page.locator(".grid tbody td a").first.focus()
    # A thing with itself is no cell: the focus goes over it, downwards and to the right.
    for key, row, column in (
        ("ArrowDown", "industrial-ecology", "economic-development"),
        ("End", "industrial-ecology", "transport"),
        ("Home", "industrial-ecology", "democracy"),
        ("ArrowRight", "industrial-ecology", "economic-development"),
        ("ArrowRight", "industrial-ecology", "childhood"),
        ("ArrowUp", "economic-development", "childhood"),
    ):
        page.keyboard.press(key)
        expect(focused).to_have_attribute("href", re.compile(f"row={row}&column={column}#"))
    page.keyboard.press("Enter")
    expect(page.locator("#cell")).to_be_focused()
    expect(page.locator("#cell-title")).to_be_in_viewport()
    found = violations(page)
    assert not found, "\n".join(found)


@national_atlas
def test_a_filter_keeps_the_matrix_and_stands_in_the_address(open_page: Opener) -> None:
    page = open_page("/matrix?of=actor-actor&count=relations", scripts=False)
    page.get_by_label("Statut").select_option("missing")
    page.get_by_role("button", name="Afficher").click()
    expect(page.locator(".grid tfoot .total").last).to_have_text("3")
    assert parse_qs(urlsplit(page.url).query)["status"] == ["missing"]
    page.get_by_role("link", name="Tout afficher").click()
    expect(page.locator(".grid tfoot .total").last).to_have_text("4")


def hostile() -> str:
    """Domains and a question with the worst of names, and relations between them."""
    question = f"{BASE}/id/question/odd"
    lines = [f"<{question}> {TYPE} <{ATLAS}CrossCuttingQuestion> ."]
    crosses = f"{VOCABULARY}/relation-types/crossesDomain"
    family = f"{VOCABULARY}/relation-families/between-domains"
    lines.append(f"<{crosses}> <{ATLAS}inFamily> <{family}> .")
    for number, label in enumerate(HOSTILE):
        domain = f"{VOCABULARY}/policy-domains/odd-{number}"
        relation = f"{BASE}/id/relation/odd-{number}"
        lines += [
            f"<{domain}> {TYPE} <{ATLAS}PolicyDomain> .",
            f'<{domain}> {LABEL} "{label}"@fr .',
            f'<{question}> {LABEL} "{label}"@fr .',
            f"<{relation}> {TYPE} <{ATLAS}Relation> .",
            f'<{relation}> {LABEL} "{label}"@fr .',
            f"<{relation}> <{ATLAS}relationSource> <{question}> .",
            f"<{relation}> <{ATLAS}relationTarget> <{domain}> .",
            f"<{relation}> <{ATLAS}relationType> <{crosses}> .",
            f"<{relation}> <{ATLAS}relationStatus> <{VOCABULARY}/relation-statuses/observed> .",
            f"<{relation}> <{ATLAS}documentedBy> <{BASE}/id/document/odd> .",
            f'<{relation}> <{ATLAS}locator> "{label}" .',
        ]
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder: Path = tmp_path_factory.mktemp("odd")
    publish_world(folder, extra=hostile())
    with serving(folder, ATLAS_WORKERS="1") as served:
        yield served


@pytest.mark.slow
def test_hostile_names_are_shown_and_harm_nothing(open_page: Opener, odd: Served) -> None:
    for path in (
        "/matrix?of=domain-domain&row=odd-0&column=odd-2",
        "/questions",
        "/matrix",
        "/matrix?of=scale-scale&from=registers",
    ):
        page = open_page(path, site=odd, phone=True)
        assert not overflow(page), path
    page = open_page("/matrix?of=domain-domain&row=odd-1&column=odd-0", site=odd)
    expect(page.locator("#cell-title")).to_contain_text("<script>alert(1)</script>")
    assert Page(page.content()).cells["odd-0", "odd-3"] == 1
    found = violations(page)
    assert not found, "\n".join(found)
