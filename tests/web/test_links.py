"""Where the links of the pages lead: on in the reader's language, to what is there.

And to the queries behind a page, each with as many rows as the page says.
"""

from __future__ import annotations

import csv
import io
import re
from html.parser import HTMLParser
from urllib.parse import parse_qs, unquote, urljoin, urlsplit

import pytest

from tests.endpoint.serving import Served
from tests.web.addresses import PAGES, Address

pytestmark = [pytest.mark.national, pytest.mark.slow]

# The reader asked for French in the address, and the browser would rather have English.
HEADERS = {"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8", "Accept-Language": "en"}
NAMING = ("for", "list", "form", "aria-labelledby", "aria-describedby", "aria-controls")
# What has no language: programs and files, and what a suffix says the format of.
FOR_PROGRAMS = ("/api/", "/static/", "/feed/", "/sparql", "/data/", "/shapes/")
A_FILE = re.compile(r"\.[a-z0-9]{2,8}$")

every_page = pytest.mark.parametrize("address", PAGES, ids=lambda address: address.name)


class Links(HTMLParser):
    """The links of a page, its ids, what refers to them, and the queries behind it with figures."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.leads: list[str] = []
        self.ids: list[str] = []
        self.named: list[str] = []
        # Where each form leads, and the language that it sends; a hidden one is a script's.
        self.forms: list[tuple[str, list[str]]] = []
        self.behind: list[tuple[int, list[str]]] = []
        self.inside = 0
        self.counting = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if "id" in given:
            self.ids.append(given["id"])
        for name in NAMING:
            self.named += given.get(name, "").split()
        if tag == "form" and "hidden" not in given:
            self.forms.append((given.get("action", ""), []))
        elif tag == "input" and given.get("name") == "lang":
            self.forms[-1][1].append(given["value"])
        if tag == "details":
            self.inside += bool(self.inside) or given.get("class") == "behind"
        elif self.inside and tag == "li":
            self.behind.append((0, []))
        elif self.inside and tag == "span":
            self.counting = True
        if tag == "a" and "hreflang" not in given:
            self.leads.append(given.get("href", ""))
            if self.inside:
                self.behind[-1][1].append(given["href"])

    def handle_endtag(self, tag: str) -> None:
        if tag == "details" and self.inside:
            self.inside -= 1

    def handle_data(self, data: str) -> None:
        if self.inside and self.counting:
            self.behind[-1] = (int(re.sub(r"\D", "", data)), self.behind[-1][1])
            self.counting = False


def links_of(served: Served, path: str) -> Links:
    reply = served.fetch(path, headers=HEADERS)
    if reply.status == 308:
        reply = served.fetch(reply.headers["Location"], headers=HEADERS)
    assert reply.status == 200
    return Links(reply.text)


def in_french(path: str) -> str:
    return f"{path}{'&' if '?' in path else '?'}lang=fr"


@every_page
def test_links_keep_the_language_of_the_address_and_lead_to_what_the_page_has(
    national: Served, address: Address
) -> None:
    asked = in_french(address.path)
    page = links_of(national, asked)
    assert len(set(page.ids)) == len(page.ids)
    assert set(page.named) <= set(page.ids)
    for lead in page.leads:
        split = urlsplit(urljoin(national.address + asked, lead))
        if not split.geturl().startswith(national.address):
            continue
        given = parse_qs(split.query)
        of_data = split.path.startswith(FOR_PROGRAMS) or A_FILE.search(split.path)
        assert of_data or "format" in given or given.get("lang") == ["fr"], lead
        if lead.startswith("#"):
            assert unquote(split.fragment) in page.ids, lead
    for action, languages in page.forms:
        split = urlsplit(action)
        said = parse_qs(split.query).get("lang", languages)
        assert split.path.startswith(FOR_PROGRAMS) or said == ["fr"], action


def test_a_property_leads_to_where_the_description_counts_it(national: Served) -> None:
    leads = links_of(national, "/about?iri=http://metadata.un.org/sdg/ontology%23tier").leads
    places = [urlsplit(lead) for lead in leads]
    counted = {one.fragment for one in places if one.path == "/.well-known/void"} - {""}
    assert counted
    assert counted <= set(links_of(national, "/.well-known/void").ids)


@every_page
def test_the_queries_behind_a_page_answer_with_as_many_rows_as_it_says(
    national: Served, address: Address
) -> None:
    for count, (page, *data) in links_of(national, address.path).behind:
        assert national.fetch(page, headers=HEADERS).status == 200, page
        for link in data:
            reply = national.fetch(link)
            assert reply.status == 200, link
            if reply.type == "text/csv":
                rows = sum(1 for _ in csv.reader(io.StringIO(reply.text))) - 1
                assert rows == count, link
