"""``/api/search`` and ``/search``: what is named is found, and nothing typed breaks them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import jsonschema_rs
import pytest

from endpoint.language import LANGUAGES, words
from tests.endpoint.serving import Served, serving
from tests.endpoint.test_pages import Reader
from tests.endpoint.world import ATLAS, BASE, LABEL, NANCY, TYPE, publish_world
from tests.endpoint.writing import PARTNER, Desk, scratch, token

HTML = {"Accept": "text/html"}
CODE = "<http://rdf.insee.fr/def/geo#codeINSEE>"
ALTERNATIVE = "<http://www.w3.org/2004/02/skos/core#altLabel>"
SCRIPT = "<script>alert(1)</script>"
EXTRA = f"""\
<{NANCY}> {CODE} "54395" .
<{NANCY}> <{ATLAS}directlyPartOf> <{BASE}/id/department/54> .
<{BASE}/id/department/54> {LABEL} "Meurthe-et-Moselle"@fr .
<{BASE}/id/grouping/1> {LABEL} "Métropole du Grand Nancy"@fr .
<{BASE}/id/grouping/1> {ALTERNATIVE} "Greater Nancy"@en .
<{ATLAS}Commune> {TYPE} <http://www.w3.org/2002/07/owl#Class> .
<{ATLAS}Commune> {LABEL} "commune"@fr .
<{ATLAS}Commune> {LABEL} "municipality"@en .
<https://example.org/elsewhere> {LABEL} "Ailleurs & {SCRIPT}"@fr .
<{BASE}/id/place/misspelt> {LABEL} "Route de Nancu"@fr .
<urn:x-nowhere> {LABEL} "Nulle part"@fr .
<{BASE}/id/place/long> {LABEL} "{"très long " * 1_500}"@fr .
<{BASE}/id/place/rtl> {LABEL} "\u202eשלום 🙂"@he .
""" + "".join(f'<{BASE}/id/place/{n}> {LABEL} "Lieu {n}"@fr .\n' for n in range(120))


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("named")
    publish_world(folder, extra=EXTRA)
    with serving(folder, ATLAS_WORKERS="1") as server:
        yield server


def ask(server: Served, **parameters: object) -> Any:
    reply = server.fetch(f"/api/search?{urlencode(parameters)}")
    assert reply.status == 200, reply.text
    assert reply.type == "application/json"
    return reply.json


def test_a_thing_is_found_with_all_that_shows_it(named: Served) -> None:
    found = ask(named, q="nancy", lang="fr", limit=1)
    assert {key: found[key] for key in ("query", "language", "type", "limit", "more")} == {
        "query": "nancy",
        "language": "fr",
        "type": None,
        "limit": 1,
        "more": True,
    }
    assert found["results"] == [
        {
            "iri": NANCY,
            "label": "Nancy",
            "language": "fr",
            "matched": {"text": "Nancy", "language": "fr", "kind": "label"},
            "type": {"iri": f"{ATLAS}Commune", "label": "commune", "language": "fr"},
            "within": {
                "iri": f"{BASE}/id/department/54",
                "label": "Meurthe-et-Moselle",
                "language": "fr",
            },
            "codes": ["54395"],
            "page": f"{named.address}/doc/commune/54395",
        }
    ]
    assert named.fetch("/doc/commune/54395", headers=HTML).status == 200


def test_the_language_is_asked_or_accepted(named: Served) -> None:
    assert (
        ask(named, q="nancy", lang="en", limit=1)["results"][0]["type"]["label"] == "municipality"
    )
    path = "/api/search?q=nancy&limit=1"
    reply = named.fetch(path, headers={"Accept-Language": "en-GB, fr;q=0.5"})
    assert reply.json["language"] == "en"
    assert "Accept-Language" in reply.headers["Vary"]
    assert ask(named, q="nancy", lang="de")["language"] == "de"


def test_what_a_name_was_found_by_is_told(named: Served) -> None:
    (found,) = ask(named, q="greater")["results"]
    assert found["label"] == "Métropole du Grand Nancy"
    assert found["matched"] == {"text": "Greater Nancy", "language": "en", "kind": "alternative"}
    (found,) = ask(named, q="54395")["results"]
    assert (found["iri"], found["matched"]["kind"]) == (NANCY, "code")


def test_what_is_named_here_has_its_page_here_and_keeps_its_own_iri(named: Served) -> None:
    (elsewhere,) = ask(named, q="ailleurs")["results"]
    assert elsewhere["iri"] == "https://example.org/elsewhere"
    about = f"/about?iri={quote(elsewhere['iri'], safe='')}"
    assert elsewhere["page"] == f"{named.address}{about}"
    assert named.fetch(about, headers=HTML).status == 200
    (nowhere,) = ask(named, q="nulle part")["results"]
    assert nowhere["page"] == f"{named.address}/about?iri={quote(nowhere['iri'], safe='')}"
    term = ask(named, q="commune")["results"][0]
    assert term["page"] == f"{named.address}/ontology/Commune"
    assert term["type"]["label"] == words("fr")["class.owl:Class"]


@pytest.mark.parametrize("name", ["Commune", "atlas:Commune", f"{ATLAS}Commune"])
def test_a_class_is_named_in_three_ways(named: Served, name: str) -> None:
    found = ask(named, q="n", type=name)
    assert found["type"] == f"{ATLAS}Commune"
    assert [result["iri"] for result in found["results"]] == [NANCY]
    assert ask(named, q="nancy", type="skos:Concept")["results"] == []


def test_the_illustrative_graph_is_not_searched(named: Served) -> None:
    assert ask(named, q="dispositif")["results"] == []


@pytest.mark.parametrize(
    ("query", "words_of_it"),
    [
        ("", "give the words as q"),
        ("q=", "give the words as q"),
        ("q=%20", "give the words as q"),
        ("q=a&q=b", "given 2 times"),
        ("q=a&limit=0", "from 1 to 100"),
        ("q=a&limit=101", "from 1 to 100"),
        ("q=a&limit=-1", "from 1 to 100"),
        ("q=a&limit=%C2%B2", "from 1 to 100"),
        ("q=a&lang=not_a_tag", "language tag"),
        ("q=a&type=%3Cx%3E", "takes an IRI"),
        ("q=a&type=" + "x" * 2_001, "2,000 characters"),
        ("q=a&colour=red", "no parameter 'colour'"),
        ("q=%FF", "not UTF-8"),
        ("q=" + "x" * 501, "500 are the most"),
    ],
)
def test_a_bad_parameter_is_a_sentence(named: Served, query: str, words_of_it: str) -> None:
    reply = named.fetch(f"/api/search?{query}")
    assert (reply.status, reply.slug) == (400, "bad-request")
    assert words_of_it in reply.json["detail"]


TYPED = (
    *('"', "*", "nancy*", "NEAR(a b)", "AND", "-nancy", "a:b", "'; DROP TABLE name", "<script>"),
    *("\0", "na\0ncy", "a\n", "🙂", "\u202e", "\ue000", "שלום", "%", "\\", "a " * 250, "é" * 500),
)


@pytest.mark.parametrize("text", TYPED)
def test_whatever_is_typed_is_answered(named: Served, text: str) -> None:
    ask(named, q=text)
    page = named.fetch(f"/search?{urlencode({'q': text})}", headers=HTML)
    assert page.status == 200
    Reader(page.text)


def test_ten_thousand_characters_are_refused_as_a_page_too(named: Served) -> None:
    for length, written in ((501, "501"), (6_000, "6\N{NARROW NO-BREAK SPACE}000")):
        page = named.fetch(f"/search?q={'x' * length}", headers=HTML)
        assert page.status == 400
        assert f"compte {written} caractères, et la limite est de 500" in page.text
    assert named.fetch(f"/search?q={'x' * 10_000}", headers=HTML).status in (400, 414)


def test_an_answer_is_kept_until_the_data_changes(named: Served) -> None:
    path = "/api/search?q=nancy&lang=fr"
    reply = named.fetch(path)
    etag = reply.headers["ETag"]
    assert reply.headers["Atlas-Generation"] == "1"
    assert reply.headers["Cache-Control"] == "public, no-cache"
    assert reply.headers["Access-Control-Allow-Origin"] == "*"
    held = named.fetch(path, headers={"If-None-Match": etag})
    assert (held.status, held.body, held.headers["ETag"]) == (304, b"", etag)
    others = [
        named.fetch(f"/api/search?{query}").headers["ETag"]
        for query in ("q=nanc&lang=fr", "q=nancy&lang=en", "q=nancy&lang=fr&limit=3")
    ]
    assert len({etag, *others}) == 4
    head = named.fetch(path, "HEAD")
    assert (head.status, head.body, head.headers["ETag"]) == (200, b"", etag)


def test_the_answer_is_as_the_document_describes_it(named: Served) -> None:
    document = named.fetch("/api/openapi.json").json
    operation = document["paths"]["/api/search"]["get"]
    text = json.dumps(operation["responses"]["200"]["content"]["application/json"]["schema"])
    schema = {**json.loads(text), "components": document["components"]}
    for query in ("nancy", "54395", "nulle", "long", "none at all", "nanyc", "shalom"):
        jsonschema_rs.validate(schema, ask(named, q=query))
    near = document["components"]["schemas"]["Found"]["properties"]["near"]
    assert near["items"] == {"$ref": "#/components/schemas/NearThing"}
    wrong = ask(named, q="nanyc")
    del wrong["near"][0]["distance"]
    assert not jsonschema_rs.is_valid(schema, wrong)
    assert {each["name"] for each in operation["parameters"]} == {"q", "lang", "type", "limit"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_works_without_scripts_in_each_language(named: Served, language: str) -> None:
    reply = named.fetch(f"/search?q=nancy&lang={language}", headers=HTML)
    page = Reader(reply.text)
    assert (reply.status, reply.type) == (200, "text/html")
    assert reply.headers["Content-Language"] == language
    assert page.open == []
    assert words(language)["search.run"] in reply.text
    assert f"/doc/commune/54395?lang={language}" in page.leads
    assert "Meurthe-et-Moselle · 54395" in reply.text
    # The words are kept when the language is changed, and the language when the words are.
    assert all(f"?lang={other}&q=nancy" in page.leads for other in LANGUAGES)
    assert f'name="lang" value="{language}"' in reply.text
    assert named.fetch(f"/search?lang={language}", headers=HTML).status == 200


def test_the_page_marks_the_type_and_can_be_held_to_it(named: Served) -> None:
    text = named.fetch("/search?q=nancy", headers=HTML).text
    narrowed = re.search(r'class="mark" href="([^"]*type=[^"]*)"', text)
    assert narrowed
    page = named.fetch(narrowed[1].replace("&amp;", "&"), headers=HTML).text
    assert "54395" in page
    assert "Grand Nancy" not in page
    assert words("fr")["search.every"] in page
    assert words("fr")["search.only"].format(type="commune") in page


def test_the_page_says_how_many_there_are(named: Served) -> None:
    many = named.fetch("/search?q=lieu", headers=HTML).text
    assert words("fr")["search.more"].format(most=50) in many
    assert many.count("<li>") == 50
    assert words("fr")["search.none"] in named.fetch("/search?q=zzz", headers=HTML).text
    assert words("fr")["search.no_words"] in named.fetch("/search?q=*", headers=HTML).text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_name_of_another_site_s_thing_leads_here_and_says_where_it_is_at_home(
    named: Served, language: str
) -> None:
    reply = named.fetch(f"/search?q=ailleurs&lang={language}", headers=HTML)
    page, own = Reader(reply.text), "https://example.org/elsewhere"
    here = f"/about?iri={quote(own, safe='')}&lang={language}"
    assert here in page.leads
    assert named.fetch(here, headers=HTML).headers["Content-Language"] == language
    assert f'href="{own}" rel="external nofollow">{words(language)["site.outward"]}' in reply.text
    assert "(<bdi>example.org</bdi>)" in reply.text


def test_a_near_name_is_told_apart_from_those_that_are_found(named: Served) -> None:
    (exact,) = ask(named, q="54395")["results"]
    found = ask(named, q="nanyc", lang="fr")
    assert (found["results"], found["more"]) == ([], False)
    first, *others = found["near"]
    assert {**first, "matched": None} == {**exact, "matched": None, "distance": 1}
    assert first["matched"] == {"text": "Nancy", "language": "fr", "kind": "label"}
    assert [each["label"] for each in others] == ["Métropole du Grand Nancy"]
    assert ask(named, q="nanyc", limit=1)["near"] == [first]
    assert ask(named, q="nanyc", type="Commune")["near"] == [first]
    assert ask(named, q="nanyc", type="skos:Concept")["near"] == []
    for typed in ("nancy", "54396", "qsdfqsdf"):
        assert ask(named, q=typed)["near"] == []
    assert [each["distance"] for each in ask(named, q="nullepart")["near"]] == [0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_offers_near_names_and_says_that_they_are_not_equal(
    named: Served, language: str
) -> None:
    text = named.fetch(f"/search?q=nanyc&lang={language}", headers=HTML).text
    said, page = words(language), Reader(text)
    assert page.open == []
    assert f'<h2 id="near">{said["search.near"]}</h2>' in text
    assert said["search.near.instead"] in text
    assert f"/doc/commune/54395?lang={language}" in page.leads
    assert 'value="nanyc"' in text
    assert said["search.none"] not in text
    for key in ("short", "as_well", "one", "offered", "offered_too"):
        assert said[f"search.near.{key}"].replace("{number}", "#") in text


def test_where_a_name_has_the_words_near_ones_stand_apart_below_it(named: Served) -> None:
    found = ask(named, q="nancu", lang="fr")
    assert [each["label"] for each in found["results"]] == ["Route de Nancu"]
    assert [each["label"] for each in found["near"]] == ["Nancy", "Métropole du Grand Nancy"]
    said, text = words("fr"), named.fetch("/search?q=nancu&lang=fr", headers=HTML).text
    assert said["search.near.beside"] in text
    assert said["search.near.instead"] not in text
    parts = (said["search.all"].format(count=1), 'id="near"', "/doc/commune/54395")
    assert sorted(parts, key=text.index) == list(parts)
    assert 'id="near"' not in named.fetch("/search?q=nancy&lang=fr", headers=HTML).text


def test_hostile_near_names_show_safely(named: Served) -> None:
    text = named.fetch("/search?q=aileurs", headers=HTML).text
    assert 'id="near"' in text
    assert SCRIPT not in text
    assert "&lt;script&gt;" in text


def test_hostile_names_show_safely(named: Served) -> None:
    text = named.fetch("/search?q=ailleurs", headers=HTML).text
    assert SCRIPT not in text
    assert "&lt;script&gt;" in text
    typed = named.fetch(f"/search?q={quote(SCRIPT)}", headers=HTML).text
    assert SCRIPT not in typed
    assert len(named.fetch("/search?q=tres+long", headers=HTML).text) < 20_000
    assert named.fetch(f"/search?q={quote('שלום')}", headers=HTML).status == 200


def test_pages_lead_to_the_search_and_robots_do_not_follow(named: Served) -> None:
    assert "/search" in Reader(named.fetch("/", headers=HTML).text).leads
    assert "Disallow: /search\n" in named.fetch("/robots.txt").text


def test_a_write_is_found_at_once_and_the_old_tag_is_no_longer_held(tmp_path: Path) -> None:
    publish_world(tmp_path)
    with serving(tmp_path, ATLAS_WORKERS="1") as server:
        desk = Desk(server, token(tmp_path))
        path = "/api/search?q=cercle"
        before = server.fetch(path)
        assert before.json["results"] == []
        turtle = (
            f'<{BASE}/id/actor/circle> <http://www.w3.org/2000/01/rdf-schema#label> "Cercle"@fr .'
        )
        assert desk.put(PARTNER, turtle).status // 100 == 2
        after = server.fetch(path, headers={"If-None-Match": before.headers["ETag"]})
        assert after.status == 200
        assert after.headers["Atlas-Generation"] == "2"
        assert [found["label"] for found in after.json["results"]] == ["Cercle"]


def test_a_generation_without_an_index_says_so() -> None:
    with scratch() as desk:
        reply = desk.served.fetch("/api/search?q=nancy")
        assert (reply.status, reply.slug) == (503, "instance")
        assert "no index of names" in reply.json["detail"]
        assert desk.served.fetch("/search?q=nancy", headers=HTML).status == 503
