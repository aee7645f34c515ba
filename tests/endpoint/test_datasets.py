"""Partners and data: what is said of the sources, the generations, the checks and the partners."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from html import unescape
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from endpoint.language import LANGUAGES, translate
from federation.sites.partners import PartnerFolder
from store import Generations
from tests.endpoint.serving import Served, serving
from tests.endpoint.test_feed import load
from tests.endpoint.test_pages import HTML, Reader
from tests.endpoint.test_partners_api import CHECKED, INNER, PUBLIC, home, served
from tests.endpoint.world import BASE, DCTERMS, LABEL, PLACES, publish_world
from tests.endpoint.writing import token

__all__ = ["home", "served"]  # Partners of which one is at a private address.

SCRIPT = "<script>alert(1)</script>"
PRIVATE = ("10.11.12.13", "fd00::7", "inner.example")


def page(server: Served, path: str = "/datasets", language: str = "en") -> str:
    reply = server.fetch(f"{path}?lang={language}", headers=HTML)
    assert (reply.status, reply.type) == (200, "text/html"), reply.text
    return reply.text


def source_of(text: str, title: str) -> str:
    """What a page says of one source."""
    return (
        text.split(f"<bdi>{title}</bdi>")[1].split('<li class="source">')[0].split("</section>")[0]
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", ["/datasets", "/datasets/own", "/partners"])
def test_each_page_is_whole_in_each_language(published: Served, path: str, language: str) -> None:
    text = page(published, path, language)
    assert Reader(text).open == []
    assert f'<html lang="{language}">' in text
    assert not re.search(r"\{\w+\}", text)


def test_every_link_of_the_page_leads_somewhere(published: Served) -> None:
    leads = set(Reader(page(published)).leads)
    ours = {address for address in leads if address.startswith("/")}
    assert {"/dumps/?lang=en", "/partners?lang=en", "/datasets/own?lang=en"} <= ours
    for address in ours | {urlsplit(each).path for each in leads if published.address in each}:
        assert published.fetch(address, headers=HTML).status == 200, address


def test_a_source_says_where_it_is_from_and_on_what_terms(published: Served) -> None:
    said = source_of(page(published), "own (en)")
    for part in ("Example", "version 1", "example.org/own", "example.org/licence"):
        assert part in said
    assert translate("datasets.verified", "en") in said
    assert "/dumps/own.nt.gz" in said
    unverified = source_of(page(published), "unverified (en)")
    assert translate("datasets.unverified", "en") in unverified
    assert translate("datasets.why.chosen", "en") in unverified
    assert "/dumps/" not in unverified


def test_what_is_invented_is_marked_and_stands_by_itself(published: Served) -> None:
    text = page(published)
    assert translate("datasets.illustrative", "en") in source_of(text, "invented (en)")
    alone = page(published, "/datasets/invented")
    assert translate("site.illustrative", "en") in unescape(alone)
    assert "/dumps/invented.nt.gz" in alone


def test_each_count_is_that_of_the_query_behind_it(published: Served) -> None:
    text = page(published)
    counts: dict[str, int] = {}
    for address in re.findall(r'href="(/api/queries/dataset_(?:sources|counted)\.csv[^"]*)"', text):
        rows = csv.DictReader(io.StringIO(published.fetch(unescape(address)).text))
        counts |= {row["title"]: int(row["triples"]) for row in rows if row["triples"]}
    assert len(counts) > 5
    for title, triples in counts.items():
        assert f'<span class="figure">{triples:,}</span>' in source_of(text, title), title


def test_the_page_of_a_source_counts_what_it_describes(published: Served) -> None:
    text = page(published, "/datasets/own")
    (address,) = re.findall(r'href="(/api/queries/dataset_classes\.csv[^"]*)"', text)
    rows = list(csv.DictReader(io.StringIO(published.fetch(unescape(address)).text)))
    assert rows
    counts = re.findall(r'<td class="number">([0-9,]+)</td>', text.split('id="classes"')[1])
    assert counts == [f"{int(row['things']):,}" for row in rows]


def test_a_graph_has_a_page_for_who_reads_pages(published: Served) -> None:
    browser = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
    reply = published.fetch("/graph/own", headers=browser)
    assert (reply.status, reply.headers["Location"]) == (303, "/datasets/own")
    reply = published.fetch("/graph/own?lang=fr", headers=browser)
    assert (reply.status, reply.headers["Location"]) == (303, "/datasets/own?lang=fr")
    for accept in ("*/*", "text/turtle", "application/n-triples"):
        graph = published.fetch("/graph/own", headers={"Accept": accept})
        assert (graph.status, graph.headers["Vary"].partition(",")[0]) == (200, "Accept")
    asked = published.fetch("/graph/own?format=ttl", headers=browser)
    assert (asked.status, asked.type) == (200, "text/turtle")


def test_a_generation_says_what_changed_once_it_is_worked_out(built: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(built, home)
    load(home, a="a", b="b", name="Anne", value="1")
    with serving(home, ATLAS_WORKERS="1") as server:
        first = server.fetch("/datasets?lang=en", headers=HTML)
        told = first.text.split('id="generations"')[1].split("</section>")[0]
        assert told.index("Edition 2") < told.index("Edition 1")
        assert translate("datasets.generations.look", "en") in told
        assert server.fetch("/feed/", headers=HTML).status == 200
        held = {**HTML, "If-None-Match": first.headers["ETag"]}
        later = server.fetch("/datasets?lang=en", headers=held)
        told = later.text.split('id="generations"')[1].split("</section>")[0]
        added = re.findall(r"notes: new, \+(\d+)", told)
        assert added == [re.findall(r"notes: new, \+(\d+)", page(server, "/feed/"))[0]]


def test_what_is_written_without_a_licence_is_told_though_no_file_has_it(
    built: Path, tmp_path: Path
) -> None:
    home, graph = tmp_path / "home", f"{BASE}/graph/proposals-x"
    shutil.copytree(built, home)
    secret = token(home, graph)
    with serving(home, ATLAS_WORKERS="1") as server:
        told = wrote(server, secret, graph, "1")
        assert "proposals-x: new, +1; not given as a file" in told
        none = told.split('id="reuse"')[1].split(translate("datasets.no_licence", "en"))[1]
        assert "proposals-x" in none.split("</dd>")[0]
        alone = page(server, "/datasets/proposals-x")
        assert translate("datasets.refused.unstated", "en") in alone
        assert translate("datasets.title.fr", "en") not in alone
        told = wrote(server, secret, graph, "1 , 2")
        assert "proposals-x: from 1 to 2 statements; not given as a file" in told
        told = wrote(server, secret, graph, "")
        assert "proposals-x: taken out, −2; was not given as a file" in told
        assert translate("feed.nothing", "en") not in told


def wrote(server: Served, secret: str, graph: str, values: str) -> str:
    """The page once these values were written to the graph; it is dropped where there are none."""
    headers = {"Authorization": f"Bearer {secret}", "Content-Type": "text/turtle"}
    body = f"<{BASE}/id/note/x> <urn:x:value> {values} ." if values else None
    method = "PUT" if values else "DELETE"
    reply = server.fetch(f"/data?graph={graph}", method, body=body, headers=headers)
    assert reply.status < 300, reply.text
    return unescape(page(server))


def test_a_licence_that_is_not_verified_is_marked_where_one_reads_how_to_reuse(
    published: Served,
) -> None:
    reuse = page(published).split('id="reuse"')[1]
    assert translate("datasets.unverified", "en") in reuse.split("unverified (en)")[1][:120]
    assert translate("datasets.unverified", "en") not in reuse.split("own (en)")[1][:60]


def test_validation_says_what_the_build_recorded(published: Served, built: Path) -> None:
    generation = Generations(built).current()
    assert generation
    found = generation.record["findings_listed"]
    assert sum(each["count"] for each in found) == sum(generation.record["findings"].values()) > 0
    text = unescape(page(published, language="fr")).split('id="validation"')[1]
    for each in found:
        assert each["messages"]["fr"] in text


def test_the_suites_of_the_w3c_are_those_that_were_run(served: Served) -> None:
    figures = served.fetch("/datasets/conformance.json").json
    text = unescape(page(served)).split('id="conformance"')[1].split('id="partners"')[0]
    rows = re.findall(r'<th scope="row" lang="en">(.*?)</th>.*?>([\d,]+)<.*?>([\d,]+)<', text)
    assert rows == [
        (suite["suite"], f"{suite['passed']:,}", f"{suite['total']:,}")
        for suite in figures["suites"]
    ]
    assert sum(suite["excused"] for suite in figures["suites"]) == len(figures["failed"])
    assert all(test["name"] in text and test["reason"] in text for test in figures["failed"])


def test_a_partner_is_shown_with_its_state_and_what_it_holds(served: Served) -> None:
    for path in ("/datasets", "/partners", "/partners/public-site"):
        text = page(served, path)
        assert "A site" in text
        assert translate("partners.state.failed", "en") in text
    assert "http://p.example/a" in text
    assert "1 class new: http://c.example/C." in text
    assert PUBLIC.endpoint in text


@pytest.mark.parametrize("path", ["/datasets", "/partners", "/partners/inner-site"])
def test_pages_tell_nobody_a_private_address(served: Served, path: str) -> None:
    text = page(served, path)
    assert INNER.name in text
    assert translate("partners.private", "en") in text
    for private in PRIVATE:
        assert private not in text


@pytest.mark.parametrize("path", ["/partners/nobody", "/partners/broken", "/datasets/nothing"])
def test_what_is_not_there_is_not_found(served: Served, path: str) -> None:
    reply = served.fetch(path, headers=HTML)
    assert (reply.status, reply.type) == (404, "text/html")
    assert translate("problem.not-found", "fr") in reply.text


def test_without_partners_it_says_how_a_site_becomes_one(published: Served) -> None:
    text = unescape(page(published, "/partners"))
    assert translate("partners.none", "en") in text
    assert "atlas partners add" in text
    assert f"{published.address}/sparql" in text


def test_a_check_of_a_partner_makes_the_page_anew(tmp_path: Path) -> None:
    publish_world(tmp_path)
    with serving(tmp_path, ATLAS_WORKERS="1") as server:
        etag = server.fetch("/datasets", headers=HTML).headers["ETag"]
        held = {**HTML, "If-None-Match": etag}
        assert server.fetch("/datasets", headers=held).status == 304
        folder = PartnerFolder(tmp_path)
        folder.add(PUBLIC)
        changed = server.fetch("/datasets", headers=held)
        assert changed.status == 200
        held = {**HTML, "If-None-Match": changed.headers["ETag"]}
        assert server.fetch("/datasets", headers=held).status == 304
        folder.remember(PUBLIC.name, CHECKED)
        assert server.fetch("/datasets", headers=held).status == 200


def test_hostile_words_in_a_source_show_safely(tmp_path: Path) -> None:
    long, turned = "très long " * 1_000, "\u202eשלום 🙂"
    publish_world(
        tmp_path,
        extra="".join(
            f"<{PLACES}> <{DCTERMS}{term}> {json.dumps(text, ensure_ascii=False)} .\n"
            for term, text in (("rights", SCRIPT + long), ("source", f"http://[{turned}"))
        )
        + f'<{BASE}/id/site/x> {LABEL} "{SCRIPT}"@fr .\n'
        + f"<{BASE}/id/site/x> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> "
        + "<https://w3id.org/atlas-relationnel/ontology/ResourceSite> .\n",
    )
    with serving(tmp_path, ATLAS_WORKERS="1") as server:
        for path in ("/datasets", "/datasets/places"):
            text = page(server, path)
            assert SCRIPT not in text
            assert "&lt;script&gt;" in text
            assert len(text) < 100_000
            assert Reader(text).open == []
