"""The pages for people, in three languages, and what they may load."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser

import pytest

from atlas.errors import Wording
from endpoint.language import LANGUAGES, choose_language, words
from endpoint.refusals import spelled
from tests.endpoint.serving import Served

HTML = {"Accept": "text/html"}


class Reader(HTMLParser):
    """What a page loads, where its links and forms lead, and which tags it leaves open."""

    VOID = frozenset({"meta", "link", "input", "br", "hr", "img"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.leads: list[str] = []
        self.labelled: set[str] = set()
        self.fields: set[str] = set()
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        if tag not in self.VOID:
            self.open.append(tag)
        if tag in ("script", "img"):
            self.loads.append(named.get("src", "inline"))
        if tag in ("link", "style") and named.get("rel", "stylesheet") == "stylesheet":
            self.loads.append(named.get("href", "inline"))
        if tag in ("a", "form"):
            self.leads.append(named.get("href") or named.get("action", ""))
        if tag == "label" and "for" in named:
            self.labelled.add(named["for"])
        if tag in ("input", "textarea") and named.get("type") != "hidden":
            self.fields.add(named["id"])
        assert not any(name.startswith("on") or name == "style" for name in named)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("path", ["/", "/queries/", "/sparql", "/nothing", "/problems/forbidden"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_is_whole_in_the_reader_s_language_and_loads_only_from_here(
    served: Served, path: str, language: str
) -> None:
    reply = served.fetch(path, headers={**HTML, "Accept-Language": f"{language}-XX, de;q=0.5"})
    page = Reader(reply.text)
    assert page.open == []
    assert f'<html lang="{language}">' in reply.text
    assert words(language)["section.territories"] in reply.text
    for address in page.loads:
        assert address.startswith("/static/")
        assert served.fetch(address).status == 200
    assert page.fields <= page.labelled
    policy = reply.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_each_source_is_listed_with_its_count_and_licence(served: Served) -> None:
    text = served.fetch("/datasets", headers=HTML).text
    for title, triples in (("Carte", 7), ("Exposé", 6)):
        source = text.split(f"<bdi>{title}<")[1].split('<li class="source">')[0]
        assert f'<span class="figure">{triples}</span>' in source
        assert "CC BY 4.0" in source
    invented = text.split("<bdi>Exemple<")[1].split('<li class="source">')[0]
    assert words("fr")["datasets.illustrative"] in invented


def test_every_link_of_the_home_page_leads_somewhere(served: Served) -> None:
    leads = Reader(served.fetch("/", headers=HTML).text).leads
    ours = {address for address in leads if address.startswith("/")}
    assert {"/sparql?lang=fr", "/queries/?lang=fr", "/datasets?lang=fr"} <= ours
    for address in ours:
        # The talk that the page quotes is not in this small atlas.
        found = (200, 404) if address.startswith("/doc/document/calame-talk-") else (200, 400, 406)
        assert served.fetch(address, headers=HTML).status in found, address


def test_the_example_query_of_the_form_runs(served: Served) -> None:
    text = served.fetch("/sparql", headers=HTML).text
    example = text.split("<textarea")[1].split(">", 1)[1].split("</textarea>")[0]
    query = example.replace("&lt;", "<").replace("&gt;", ">").replace("&#34;", '"')
    assert served.ask(query).status == 200


def test_the_page_of_a_problem_says_the_way_out_in_the_reader_s_language(served: Served) -> None:
    for language in LANGUAGES:
        text = served.fetch(f"/nowhere?lang={language}", headers=HTML).text
        assert words(language)["problem.not-found.help"] in text
        assert spelled(Wording("refusal.nowhere", {"path": "/nowhere"}), language) in plain(text)
        assert 'lang="en"' not in text.split("<main")[1].split("</main>")[0]


def plain(text: str) -> str:
    return unescape(re.sub("<[^>]+>", "", text))


def test_lang_in_the_address_wins_and_french_is_the_default() -> None:
    assert choose_language("es", "en") == "es"
    assert choose_language("xx", "en") == "en"
    assert choose_language(None, "de, en;q=0") == "fr"


def test_every_text_exists_in_every_language_with_the_same_values() -> None:
    for key, text in words("fr").items():
        for language in LANGUAGES:
            other = words(language)
            assert other.keys() ^ words("fr").keys() == set()
            assert other[key].count("{") == text.count("{")


@pytest.mark.parametrize("path", ["/territories?q=ann%C3%A9e", "/queries/?q=a%26b", "/nowhere?x=1"])
def test_another_language_is_asked_the_same(served: Served, path: str) -> None:
    text = served.fetch(f"{path}&lang=en", headers=HTML).text
    rest = path.partition("?")[2].replace("&", "&amp;")
    assert f'href="?lang=es&amp;{rest}" lang="es"' in text
