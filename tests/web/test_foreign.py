"""Things of other sites: their names lead to the page here, and the way out is marked."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from html.parser import HTMLParser
from urllib.parse import quote, urlencode

import pytest

from tests.endpoint.serving import Served
from tests.web.addresses import PAGES

HTML = {"Accept": "text/html"}
CONCEPT = "http://eurovoc.europa.eu/1389"
MORE = (
    "/search?q=gouvernance",
    f"/map?centre={quote(CONCEPT, safe='')}",
    "/queries/editor?run=1&query="
    + quote("SELECT ?c { ?c <http://www.w3.org/2004/02/skos/core#broader> ?b } LIMIT 20"),
)


class Links(HTMLParser):
    """The links of a page that lead out of it: their addresses, with their texts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.out: dict[str, set[str]] = defaultdict(set)
        self.about: set[str] = set()
        self.unmarked: set[str] = set()
        self.address, self.text = "", ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        if tag != "a":
            return
        self.address, self.text = named.get("href", ""), ""
        if self.address.startswith("/about?"):
            self.about.add(self.address)
        if leads_out(self.address) and "external" not in named.get("rel", "").split():
            self.unmarked.add(self.address)

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and leads_out(self.address):
            self.out[self.address].add(" ".join(self.text.split()))


def leads_out(address: str) -> bool:
    return address.startswith(("http://", "https://")) and "//127.0.0.1:" not in address


def names_of(national: Served, iris: list[str]) -> dict[str, set[str]]:
    """What the atlas calls these things, as the query says that pages ask."""
    found: dict[str, set[str]] = defaultdict(set)
    for start in range(0, len(iris), 20):
        things = urlencode({"things": " ".join(iris[start : start + 20])})
        text = national.fetch(f"/api/queries/labels.csv?{things}").text
        for row in csv.DictReader(io.StringIO(text)):
            found[row["thing"]].add(" ".join(row["label"].split()))
    return found


@pytest.fixture(scope="module")
def pages(national: Served) -> dict[str, Links]:
    paths = [*(page.path for page in PAGES), *MORE]
    return {path: Links(national.fetch(path, headers=HTML).text) for path in paths}


@pytest.mark.slow
def test_no_name_that_the_atlas_gives_leads_out_of_it(
    national: Served, pages: dict[str, Links]
) -> None:
    every = sorted({iri for links in pages.values() for iri in links.out if " " not in iri})
    named = names_of(national, [iri for iri in every if len(iri) < 500])
    wrong = [
        (path, iri, text)
        for path, links in pages.items()
        for iri, texts in links.out.items()
        for text in texts & named.get(iri, set())
    ]
    assert not wrong


@pytest.mark.slow
def test_every_page_of_a_thing_of_another_site_that_is_led_to_is_there(
    national: Served, pages: dict[str, Links]
) -> None:
    led = sorted({address for links in pages.values() for address in links.about})
    assert len(led) > 20
    statuses = {address: national.fetch(address, headers=HTML).status for address in led}
    assert set(statuses.values()) == {200}, statuses


@pytest.mark.slow
def test_the_way_out_is_marked(pages: dict[str, Links]) -> None:
    assert {path: links.unmarked for path, links in pages.items() if links.unmarked} == {}


@pytest.mark.parametrize(
    ("given", "status", "sentence"),
    [
        ("", 400, "No thing is named"),
        ("javascript:alert(1)", 400, "takes an IRI"),
        ("data:text/html,<script>", 400, "takes an IRI"),
        ("/doc/commune/54395", 400, "takes an IRI"),
        ("//example.org/x", 400, "takes an IRI"),
        ("http://example.org/\x00", 400, "takes an IRI"),
        (f"https://example.org/{'x' * 3000}", 400, "has 3,020 characters"),
        ("https://example.org/nothing", 404, "says nothing of"),
        ("urn:x", 404, "says nothing of"),
    ],
)
def test_what_is_no_thing_of_the_atlas_is_refused_in_one_sentence(
    national: Served, given: str, status: int, sentence: str
) -> None:
    reply = national.fetch(f"/about?{urlencode({'iri': given})}")
    assert reply.status == status
    assert sentence in reply.json["detail"]
    assert reply.json["detail"].count(". ") == 0
    page = national.fetch(f"/about?{urlencode({'iri': given, 'lang': 'fr'})}", headers=HTML)
    assert (page.status, page.type) == (status, "text/html")
    assert "<script>" not in page.text.partition("<main")[2]


def test_a_thing_is_named_once(national: Served) -> None:
    reply = national.fetch(f"/about?iri={quote(CONCEPT)}&iri={quote(CONCEPT)}")
    assert reply.status == 400
    assert "2 times" in reply.json["detail"]
