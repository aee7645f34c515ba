"""A world of data that means harm: each page still answers, shows it as text and leads nowhere."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote

import pytest

from atlas.namespaces import FOAF, OWL, RDF, RDFS, SKOS, XSD
from endpoint.language import LANGUAGES
from store import Generations, LoadJob
from tests.endpoint.serving import Reply, Served, serving
from tests.endpoint.world import ATLAS, BASE, DCTERMS, LABEL, NANCY, TYPE, described

GEO = "http://rdf.insee.fr/def/geo#"
EVIL = f"{BASE}/graph/evil"
SCRIPT = "javascript:alert(1)"
DATA = "data:text/html;base64,PHNjcmlwdD4="
VOCABULARY = f"{BASE}/vocabulary"


def thing(name: str) -> str:
    return f"{BASE}/id/{name}"


DOCUMENT, ODD, LED, MESH, UNNAMED = (
    thing(f"document/{name}") for name in ("pages", "classes", "led", "mesh", "unnamed")
)
DEPARTMENT, CODELESS, DOUBLE = (thing(f"department/{name}") for name in ("54", "none", "two"))
PART, GROUPING, LOST = thing("delegated-commune/1"), thing("grouping/1"), thing("commune/lost")
ITSELF, TWICE, UNTYPED, BLANK = (
    thing(f"relation/{name}") for name in ("itself", "twice", "untyped", "blank")
)
CHAIN, RING = f"{VOCABULARY}/chain", f"{VOCABULARY}/ring"
TOP = f"{ATLAS}Top"
# Deeper than a program follows by calling itself, more blank nodes than ways through have an end,
# more properties than a page tells of.
DEEP, EACH, MANY = 700, 14, 400
TEXTS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "\u202egnol \u2066",
    "é" * 10_000,
    "{0.__class__} {count} %s {{ 7*7 }}",
    "=cmd|' /C calc'!A0",
    "a\\nb\\r\\nc",
)
DATED = ("hier", "2024-13-45", "-99999-01-01", "")


def documents() -> Iterator[str]:
    """Addresses, dates and texts of a document that mean harm or nothing."""
    yield f"<{DOCUMENT}> {TYPE} <{ATLAS}Document>"
    yield f'<{DOCUMENT}> <{DCTERMS}title> "Pages"@fr'
    for address in (f"<{SCRIPT}>", f"<{DATA}>", "_:page", f'"{SCRIPT}"^^<{XSD}anyURI>'):
        yield f"<{DOCUMENT}> <{FOAF}page> {address}"
    yield f'<{DOCUMENT}> <{RDFS}seeAlso> "http://a b"^^<{XSD}anyURI>'
    yield f'<{DOCUMENT}> <{ATLAS}publishedOn> "http://[x"'
    for date in DATED:
        yield f'<{DOCUMENT}> <{DCTERMS}date> "{date}"^^<{XSD}date>'
    for number, text in enumerate(TEXTS):
        escaped = text.replace('"', '\\"')
        yield f'<{DOCUMENT}/{number}> {LABEL} "{escaped}"@fr'
        yield f'<{DOCUMENT}/{number}> <{SKOS}note> "{escaped}"@en'
        yield f"<{DOCUMENT}> <{DCTERMS}references> <{DOCUMENT}/{number}>"


def odd_terms() -> Iterator[str]:
    """Classes and properties by which no query can be asked, very many, or leading each to each."""
    for odd in ("mailto:a@b", "tag:x,2020:y", SCRIPT, f"http://long.example/{'a' * 2_100}"):
        yield f"<{ODD}> {TYPE} <{odd}>"
        yield f"<{ODD}/{len(odd)}> <{odd}> <{ODD}>"
    yield f"<{ODD}> {TYPE} <{ATLAS}Document>"
    for number in range(MANY):
        yield f"<{LED}/{number}> <http://many.example/{number}> <{LED}>"
    for one in range(EACH):
        for other in range(EACH):
            yield f"_:n{one} <http://mesh.example/{other}> _:n{other}"
    yield f"<{MESH}> <http://mesh.example/of> _:n0"
    yield f'<{UNNAMED}> {LABEL} " "@fr'
    yield f'<{UNNAMED}> <{DCTERMS}title> ""@en'


def places() -> Iterator[str]:
    """Places whose codes are none, or missing; a part of nothing known."""
    for department, codes in ((DEPARTMENT, ("", "54", "../x")), (CODELESS, ("",))):
        yield f"<{department}> {TYPE} <{ATLAS}Department>"
        for code in codes:
            yield f'<{department}> <{GEO}codeINSEE> "{code}"'
        yield f'<{department}> {LABEL} "{"é" * 10_000}"@fr'
    yield f'<{DEPARTMENT}> {LABEL} "autre nom"@fr'
    for commune, code in ((NANCY, "54395"), (LOST, ""), (f"{LOST}/2", "a/b")):
        yield f"<{commune}> {TYPE} <{ATLAS}Commune>"
        yield f'<{commune}> {LABEL} "Nancy"@fr'
        yield f'<{commune}> <{GEO}codeINSEE> "{code}"'
        yield f"<{commune}> <{ATLAS}directlyPartOf> <{DEPARTMENT}>"
        yield f'<{commune}> <{ATLAS}recordedIn> "2026"^^<{XSD}gYear>'
        yield f'<{commune}> <{ATLAS}population> "{"9" * 400}"^^<{XSD}integer>'
        yield f"<{commune}/hall> <{ATLAS}governs> <{commune}>"
        yield f"<{commune}/member> <{ATLAS}member> <{commune}/hall>"
        yield f"<{commune}/member> <{ATLAS}grouping> <{GROUPING}>"
        yield f'<{commune}/member> <{ATLAS}vintage> "2026"^^<{XSD}gYear>'
        yield f"<{commune}> <{ATLAS}succeededBy> <{LOST}>"
    yield f"<{PART}> {TYPE} <{ATLAS}DelegatedCommune>"
    yield f'<{PART}> <{GEO}codeINSEE> "54999"'
    yield f"<{PART}> <{ATLAS}directlyPartOf> <{LOST}>"


def relations() -> Iterator[str]:
    """Relations that say too little or too much, and what stands nowhere in the matrix."""
    descriptor = f"<{thing('descriptor/d')}>"
    ends = {
        ITSELF: ((ITSELF,), (ITSELF,), (f"<{ITSELF}>",)),
        TWICE: ((DOCUMENT, ODD), (DOCUMENT, LED), (f"<{SCRIPT}>", f"<{DATA}>")),
        UNTYPED: ((DOCUMENT,), (LED,), ()),
        BLANK: ((DOCUMENT,), (LED,), ("_:verb",)),
    }
    for iri, (sources, targets, verbs) in ends.items():
        yield f"<{iri}> {TYPE} <{ATLAS}Relation>"
        yield f"<{iri}> <{ATLAS}relationStatus> <{VOCABULARY}/relation-statuses/odd>"
        yield from (f"<{iri}> <{ATLAS}relationSource> <{one}>" for one in sources)
        yield from (f"<{iri}> <{ATLAS}relationTarget> <{one}>" for one in targets)
        yield from (f"<{iri}> <{ATLAS}relationType> {verb}" for verb in verbs)
    yield f"{descriptor} {TYPE} <{ATLAS}Descriptor>"
    yield f"{descriptor} <{ATLAS}belongsToComponent> _:component"
    yield f"{descriptor} <{ATLAS}seenFromAngle> <{SCRIPT}>"
    yield f"_:component {TYPE} <{ATLAS}TerritoryComponent>"


def without_end() -> Iterator[str]:
    """What is broader than itself, and what has no end soon."""
    for scheme, size, wraps in ((CHAIN, DEEP, 0), (RING, 3, 3)):
        yield f"<{scheme}> {TYPE} <{SKOS}ConceptScheme>"
        for number in range(size):
            above = (number + 1) % wraps if wraps else number + 1
            yield f"<{scheme}/c{number}> {TYPE} <{SKOS}Concept>"
            yield f"<{scheme}/c{number}> <{SKOS}inScheme> <{scheme}>"
            yield f'<{scheme}/c{number}> <{SKOS}prefLabel> "c{number}"@fr'
            yield f'<{scheme}/c{number}> <{SKOS}notation> "{"9" * 5_000}"'
            yield f"<{scheme}/c{number}> <{SKOS}broader> <{scheme}/c{above}>"
    yield f"<{TOP}> {TYPE} <{OWL}Class>"
    for number in range(DEEP):
        wider = f"{ATLAS}T{number - 1}" if number else TOP
        yield f"<{ATLAS}T{number}> <{RDFS}subClassOf> <{wider}>"
    yield f"_:list <{RDF}first> _:list"
    yield f"_:list <{RDF}rest> _:list"
    yield f"<{MESH}> <http://mesh.example/list> _:list"


def stated() -> Iterator[str]:
    """The statements, without the full stop at their end."""
    for some in (documents, odd_terms, places, relations, without_end):
        yield from some()


@pytest.fixture(scope="module")
def evil(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home: Path = tmp_path_factory.mktemp("evil")
    text = "".join(f"{one} .\n" for one in stated()) + described(EVIL, "<script>")
    text += f"<{EVIL}> <{DCTERMS}source> <{SCRIPT}> .\n<{EVIL}> <{DCTERMS}license> <{DATA}> .\n"
    (home / "evil.nt").write_text(text, "utf-8")
    generations = Generations(home)
    with generations.stage() as staging:
        staging.load([LoadJob(home / "evil.nt", EVIL, True)])
        said = {"name": "evil", "title": {"fr": TEXTS[0]}, "licence": SCRIPT, "source": DATA}
        entry = {"graph": EVIL, "publish": "default", "triples": 1, **said}
        generations.publish(staging, {"graphs": [entry]})
    with serving(home, ATLAS_WORKERS="1") as served:
        yield served


def doc(iri: str) -> str:
    return quote(iri.removeprefix(BASE).replace("/id/", "/doc/", 1))


THINGS = (DOCUMENT, ODD, LED, MESH, UNNAMED, DEPARTMENT, PART, NANCY, ITSELF, TWICE, UNTYPED, BLANK)
PAGES = (
    *map(doc, (*THINGS, CHAIN, f"{CHAIN}/c5", RING, f"{RING}/c1", TOP, f"{ATLAS}T5")),
    *(doc(f"{DOCUMENT}/{number}") for number in range(len(TEXTS))),
    *("/", "/map", "/matrix", "/questions", "/experiences", "/experiences?kind=document"),
    *(f"/map?centre={quote(iri)}&depth=2" for iri in (DOCUMENT, LED, ITSELF)),
    *("/territories", "/territories?department=54", "/territories?q=nancy", "/territories/54395"),
    *("/territories/54999", "/territories/54", "/search?q=script", "/search?q=nancy"),
    *("/datasets", "/datasets/evil", "/catalog", "/ontology/", "/local", "/propose/relation"),
)


class Read(HTMLParser):
    """What a page leads to, and what no page of ours has in it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.leads: list[str] = []
        self.foul: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("href", "src", "action", "formaction", "xlink:href"):
                self.leads.append(value or "")
            if name == "style" or name.startswith("on"):
                self.foul.append(f"{tag} {name}={value}")
        given = dict(attrs)
        ours = (given.get("src") or "").startswith("/static/")
        if tag in ("iframe", "object", "embed", "base", "style", "img"):
            self.foul.append(tag)
        if tag == "script" and not ours and given.get("type") != "application/json":
            self.foul.append(f"script {attrs}")


def plain(reply: Reply) -> str:
    return re.sub(r"<[^>]+>|\s+", " ", reply.text.split("<main", 1)[1])[:400]


def fetch(evil: Served, path: str, language: str = "fr") -> Reply:
    return evil.fetch(path, headers={"Accept": "text/html", "Accept-Language": language})


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path[:60])
def test_a_page_of_evil_data_is_a_page_and_leads_only_to_pages(evil: Served, path: str) -> None:
    for language in LANGUAGES:
        reply = fetch(evil, path, language)
        assert reply.status == 200, plain(reply)
        assert f'<html lang="{language}"' in reply.text
    read = Read(reply.text)
    assert read.foul == []
    strange = [one for one in read.leads if not re.match(r"/(?![/\\])|https?://|[?#]|$", one)]
    assert strange == []


@pytest.mark.parametrize("page", ["/territories", "/territories?department=54", "/matrix", "/"])
def test_no_page_leads_to_what_is_refused(evil: Served, page: str) -> None:
    main = fetch(evil, page).text.split("<main", 1)[1]
    leads = {html.unescape(one).split("#")[0] for one in re.findall(r'href="(/[^"]*)"', main)}
    examples = {
        one for one in leads if re.match(r"/territories/(?!54395)|/doc/document/calame", one)
    }
    for lead in sorted(leads - examples):
        assert fetch(evil, lead).status < 400, lead


def test_what_has_no_name_but_white_space_is_called_by_its_address(evil: Served) -> None:
    heading = fetch(evil, doc(UNNAMED)).text.split("<h1", 1)[1].split("</h1>")[0]
    assert "unnamed" in heading


def test_a_page_tells_of_so_many_properties_and_leads_to_all(evil: Served) -> None:
    text = fetch(evil, f"{doc(LED)}?lang=en").text
    # One more: the relations that end there.
    assert f"See all {MANY + 1}" in text
    assert "/queries/thing_pointed?" in text


def test_what_is_broader_than_itself_is_listed(evil: Served) -> None:
    text = fetch(evil, doc(RING)).text
    for number in range(3):
        assert f">c{number}<" in text


def test_a_place_is_listed_once_with_a_code_that_leads_to_it(evil: Served) -> None:
    main = fetch(evil, "/territories").text.split("<main", 1)[1]
    assert main.count("department=54") == 1
    assert "department=&" not in main
    assert "é" * 500 not in main
