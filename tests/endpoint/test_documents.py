"""Things lead to documents, documents say what the atlas says, and hostile data stays data."""

from __future__ import annotations

import html
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from pyoxigraph import RdfFormat, parse, serialize
from rdflib import Graph, Literal, URIRef
from rdflib.namespace import FOAF, RDF, RDFS

from endpoint.documents.things import MOST_INCOMING, MOST_OUTGOING
from store.formats import FORMATS, SOLUTIONS
from tests.endpoint.serving import Reply, Served, serving
from tests.endpoint.test_pages import Reader
from tests.endpoint.world import ATLAS, BASE, LABEL, NANCY, PLACES, publish_world
from tests.endpoint.writing import scratch

HTML = {"Accept": "text/html"}
HOSTILE = f"{BASE}/id/thing/hostile"
PARENT = f"{BASE}/id/country/FR"
ACCENT = f"{BASE}/id/commune/Maxéville"
ENCODED = f"{BASE}/id/commune/a%20b%2Fc"
DOTTED = f"{BASE}/id/file/report.nt"
COMMUNE = f"{ATLAS}Commune"
FIRST, REST, NIL = (
    f"<http://www.w3.org/1999/02/22-rdf-syntax-ns#{name}>" for name in ("first", "rest", "nil")
)
P = "<https://example.org/p>"
EXTRA = f"""\
<{HOSTILE}> {LABEL} "<script>alert(1)</script>"@en .
<{HOSTILE}> {P} <javascript:alert(2)> .
<{HOSTILE}> {P} "javascript:alert(3)"^^<http://www.w3.org/2001/XMLSchema#anyURI> .
<{HOSTILE}> {P} <https://example.org/%22onmouseover=alert(4)> .
<{HOSTILE}> {P} "\\" onmouseover=\\"alert(5)" .
<{HOSTILE}> <data:text/html,x> <data:text/html,y> .
<{HOSTILE}> {P} _:loop .
_:loop {P} _:loop .
<{HOSTILE}> {P} _:list .
_:list {FIRST} <{NANCY}> .
_:list {REST} _:more .
_:more {FIRST} "two" .
_:more {REST} {NIL} .
<{PARENT}> {LABEL} "France"@fr .
<{PARENT}> {LABEL} "Francia"@es .
<{PARENT}> {LABEL} "France"@en .
<{NANCY}> <{ATLAS}partOf> <{PARENT}> .
<{ACCENT}> {LABEL} "accent" .
<{ENCODED}> {LABEL} "encoded" .
<{DOTTED}> {LABEL} "dotted" .
<{BASE}/id/file/both.nt> {LABEL} "longer" .
<{BASE}/id/file/both> {LABEL} "shorter" .
<{COMMUNE}> {LABEL} "commune"@fr .
<{COMMUNE}> <http://www.w3.org/2004/02/skos/core#definition> "Plus petite circonscription."@fr .
<{BASE}/vocabulary/scales/local> {LABEL} "local"@fr .
<{BASE}/vocabulary/scales> {LABEL} "échelles"@fr .
<urn:control> {P} <{BASE}/id/thing/control> .
<{BASE}/id/thing/control> {P} "\\u0001" .
<{BASE}/id/thing/unnameable> <https://example.org/(x)> "1" .
""" + "".join(
    f"<{BASE}/id/many/{number}> <{ATLAS}partOf> <{BASE}/id/thing/hub> .\n"
    f"<{BASE}/id/thing/star> {P} <{BASE}/id/many/{number}> .\n"
    for number in range(MOST_OUTGOING + 5)
)
SYNTAXES = {row.extension: row for row in FORMATS if row.kind != SOLUTIONS}


@pytest.fixture(scope="module")
def atlas(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home: Path = tmp_path_factory.mktemp("documents")
    publish_world(home, extra=EXTRA)
    with serving(home, ATLAS_WORKERS="2") as server:
        yield server


def path_of(iri: str) -> str:
    return quote(iri.removeprefix(BASE), safe="/%")


def document(iri: str, suffix: str = "") -> str:
    return path_of(iri).replace("/id/", "/doc/", 1) + suffix


def graph(reply: Reply, suffix: str = "ttl") -> Graph:
    """What an answer says, read by rdflib where it can without a warning, else by the engine."""
    assert reply.status == 200, reply.text
    content, name = reply.body, {"ttl": "turtle", "nt": "nt", "rdf": "xml"}.get(suffix)
    if name is None:
        syntax = SYNTAXES[suffix].engine
        assert isinstance(syntax, RdfFormat)
        triples = (quad.triple for quad in parse(content, format=syntax))
        content, name = serialize(triples, format=RdfFormat.N_TRIPLES) or b"", "nt"
    return Graph().parse(data=content, format=name)


@pytest.mark.parametrize("iri", [NANCY, ACCENT, ENCODED, DOTTED, PARENT])
def test_a_thing_leads_to_the_document_about_it(atlas: Served, iri: str) -> None:
    reply = atlas.fetch(path_of(iri))
    assert reply.status == 303
    assert reply.headers["Location"] == document(iri)
    described = graph(atlas.fetch(reply.headers["Location"], headers={"Accept": "text/turtle"}))
    assert (None, FOAF.primaryTopic, URIRef(iri)) in described
    assert (URIRef(iri), RDFS.label, None) in described


def test_the_language_asked_for_is_kept_on_the_way(atlas: Served) -> None:
    location = atlas.fetch(f"{path_of(NANCY)}?lang=es").headers["Location"]
    assert location == f"{document(NANCY)}?lang=es"


@pytest.mark.parametrize(
    "path",
    [
        "/id/commune/99999",
        "/doc/commune/99999",
        "/doc/commune/99999.ttl",
        "/id/a%zz",
        "/id/%FF",
        "/id/a%3Cb%3E",
        "/doc/..%2f..%2fetc",
        "/ontology/Nothing",
        "/vocabulary/scales/nothing",
        "/vocabulary/nothing.rdf",
        "/module/nothing",
        "/id/scheme/invented",
        "/doc/scheme/invented",
    ],
)
def test_what_the_atlas_says_nothing_of_is_not_found(atlas: Served, path: str) -> None:
    for method in ("GET", "HEAD"):
        assert atlas.fetch(path, method).status == 404


@pytest.mark.parametrize("suffix", SYNTAXES)
def test_each_syntax_is_had_by_suffix_and_by_accept_and_says_the_same(
    atlas: Served, suffix: str
) -> None:
    media_type = SYNTAXES[suffix].media_type
    by_suffix = atlas.fetch(document(PARENT, f".{suffix}"), headers=HTML)
    by_accept = atlas.fetch(document(PARENT), headers={"Accept": media_type})
    for reply in (by_suffix, by_accept):
        assert reply.type == media_type
    expected = {
        (URIRef(PARENT), RDFS.label, Literal("Francia", "es")),
        (URIRef(NANCY), URIRef(f"{ATLAS}partOf"), URIRef(PARENT)),
    }
    for reply in (by_suffix, by_accept):
        assert expected <= set(graph(reply, suffix))


def test_each_format_is_linked_and_has_an_address_of_its_own(atlas: Served) -> None:
    reply = atlas.fetch(document(NANCY))
    assert reply.headers["Content-Location"] == document(NANCY, ".ttl")
    linked = re.findall(r'<([^>]+)>; rel="alternate"; type="([^"]+)"', reply.headers["Link"])
    assert {media_type for _, media_type in linked} >= {"text/html", "application/rdf+xml"}
    for address, media_type in linked:
        assert atlas.fetch(address).type == media_type


def test_a_key_may_end_like_a_suffix(atlas: Served) -> None:
    assert (URIRef(DOTTED), RDFS.label, None) in graph(atlas.fetch(document(DOTTED)))
    assert "dotted" in atlas.fetch(document(DOTTED, ".html")).text
    both = document(f"{BASE}/id/file/both.nt")
    assert atlas.fetch(both).type == "application/n-triples"
    assert "shorter" in atlas.fetch(both).text


def test_blank_nodes_that_a_statement_leads_to_are_described_with_it(atlas: Served) -> None:
    found = graph(atlas.fetch(document(HOSTILE, ".nt")), "nt")
    assert (None, RDF.rest, RDF.nil) in found
    assert (None, RDF.first, Literal("two")) in found


@pytest.mark.parametrize("what", ["hub", "star"])
def test_what_is_cut_is_told_in_every_format(atlas: Served, what: str) -> None:
    address = document(f"{BASE}/id/thing/{what}")
    found = graph(atlas.fetch(f"{address}.ttl"))
    most = MOST_INCOMING if what == "hub" else MOST_OUTGOING
    thing = URIRef(f"{BASE}/id/thing/{what}")
    about = set(found.triples((thing, None, None))) | set(found.triples((None, None, thing)))
    assert len(about) == most + 1, "and the document's own statement"
    (sentence,) = found.objects(None, RDFS.comment)
    assert str(most) in str(sentence)


def test_the_page_of_very_much_shows_the_beginning_and_tells_how_much_there_is(
    atlas: Served,
) -> None:
    every = MOST_OUTGOING + 5
    star = atlas.fetch(document(f"{BASE}/id/thing/star", ".html") + "?lang=en").text
    assert f"Only the first {MOST_OUTGOING:,} statements" in star
    hub = atlas.fetch(document(f"{BASE}/id/thing/hub", ".html") + "?lang=en").text
    assert f"See all {every:,}" in hub
    assert max(len(star), len(hub)) < 200_000


def test_a_document_that_is_whole_says_nothing_of_a_cut(atlas: Served) -> None:
    assert not list(graph(atlas.fetch(document(NANCY))).objects(None, RDFS.comment))


@pytest.mark.parametrize(
    ("thing", "reason"), [("control", "control character"), ("unnameable", "name the property")]
)
def test_what_rdf_xml_cannot_say_is_refused_there_and_had_elsewhere(
    atlas: Served, thing: str, reason: str
) -> None:
    address = document(f"{BASE}/id/thing/{thing}")
    reply = atlas.fetch(f"{address}.rdf")
    assert (reply.status, reply.slug) == (406, "not-acceptable")
    assert reason in reply.json["detail"]
    graph(atlas.fetch(f"{address}.ttl"))


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/ontology/Commune", "Plus petite circonscription."),
        ("/vocabulary/scales", "échelles"),
        ("/vocabulary/scales/local", "local"),
    ],
)
def test_a_term_is_described_at_its_own_address(atlas: Served, path: str, says: str) -> None:
    reply = atlas.fetch(path, headers=HTML)
    assert (reply.status, reply.type) == (200, "text/html")
    assert says in reply.text
    assert says in atlas.fetch(f"{path}.ttl").text


def test_the_page_names_things_in_the_reader_s_language(atlas: Served) -> None:
    for language, name, section in (
        ("es", "Francia", "Citar y reutilizar"),
        ("en", "France", "Cite and reuse"),
    ):
        by_header = atlas.fetch(document(PARENT), headers=HTML | {"Accept-Language": language})
        by_address = atlas.fetch(f"{document(PARENT)}?lang={language}", headers=HTML)
        for reply in (by_header, by_address):
            assert f"<h1><bdi>{name}</bdi></h1>" in reply.text
            assert section in reply.text
            assert reply.headers["Content-Language"] == language
            assert "Accept-Language" in reply.headers["Vary"]
    assert by_header.headers["ETag"] != atlas.fetch(document(PARENT), headers=HTML).headers["ETag"]


def test_the_page_links_to_this_site_for_what_is_ours_and_outside_for_the_web(
    atlas: Served,
) -> None:
    page = atlas.fetch(f"{document(NANCY)}?lang=en", headers=HTML).text
    leads = Reader(page).leads
    assert f"{document(PARENT)}?lang=en" in leads, "and not by way of the address of the thing"
    assert "/ontology/Commune?lang=en" in leads
    assert "http://www.w3.org/2000/01/rdf-schema#label" in leads
    assert not [lead for lead in leads if lead.startswith(BASE)]
    graphs = Reader(atlas.fetch(f"/doc{path_of(PLACES)}", headers=HTML).text)
    assert graphs.open == []


def test_the_page_of_hostile_data_runs_and_leads_to_nothing_hostile(atlas: Served) -> None:
    text = atlas.fetch(document(HOSTILE), headers=HTML).text
    page = Reader(text)
    assert page.open == []
    assert page.loads
    assert page.leads
    assert all(re.fullmatch(r"/static/dist/[a-z/]+\.(css|js)", load) for load in page.loads)
    assert "<script>alert" not in text
    assert "<script>alert(1)</script>" in html.unescape(text), "it is shown as the text it is"
    assert all(re.match(r"[/?#]|https?://", lead) for lead in page.leads)


def test_a_list_is_shown_as_one_and_a_loop_ends(atlas: Served) -> None:
    text = atlas.fetch(document(HOSTILE), headers=HTML).text
    assert re.search(r"<ol><li><a [^>]*>Nancy</a></li><li><span>two</span></li></ol>", text)
    assert "…" in text


def test_nothing_is_sent_again_to_who_holds_it(atlas: Served) -> None:
    for accept in ("text/html", "text/turtle"):
        headers = {"Accept": accept}
        etag = atlas.fetch(document(NANCY), headers=headers).headers["ETag"]
        for held in (etag, f"W/{etag}", f'"x", {etag}'):
            again = atlas.fetch(document(NANCY), headers={**headers, "If-None-Match": held})
            assert (again.status, again.body) == (304, b"")
        assert "Accept" in again.headers["Vary"]
    other = atlas.fetch(document(PARENT), headers={**headers, "If-None-Match": etag})
    assert other.status == 200
    nothing = atlas.fetch("/doc/commune/99999", headers={"If-None-Match": "*"})
    assert nothing.status == 404


def test_head_has_the_length_and_type_of_the_whole(atlas: Served) -> None:
    got = atlas.fetch(document(NANCY), headers=HTML)
    head = atlas.fetch(document(NANCY), "HEAD", headers=HTML)
    for name in ("Content-Length", "Content-Type", "ETag", "Vary"):
        assert head.headers[name] == got.headers[name]
    assert head.body == b""


def test_a_format_that_there_is_not_is_refused_with_those_there_are(atlas: Served) -> None:
    reply = atlas.fetch(document(NANCY), headers={"Accept": "image/png"})
    assert (reply.status, reply.slug) == (406, "not-acceptable")
    assert "text/turtle" in reply.json["detail"]
    assert atlas.fetch(f"{document(NANCY)}?format=html").type == "text/html"
    assert atlas.fetch(f"{document(NANCY)}?format=nt").type == "application/n-triples"
    assert atlas.fetch(f"{document(NANCY)}?format=csv").status == 406


def test_any_web_page_may_read_documents(atlas: Served) -> None:
    for path in (document(NANCY), path_of(NANCY), "/ontology/Commune"):
        assert atlas.fetch(path).headers["Access-Control-Allow-Origin"] == "*"
        preflight = atlas.fetch(path, "OPTIONS")
        assert preflight.status == 200
        assert "GET" in preflight.headers["Allow"]


def raw(served: Served, *lines: bytes) -> tuple[int, dict[str, str]]:
    """Status and headers of the answer to a request that no client library would send."""
    address = urlsplit(served.address)
    with socket.create_connection((address.hostname or "", address.port or 0), 20) as connection:
        connection.sendall(b"\r\n".join((*lines, b"Host: x", b"Connection: close", b"", b"")))
        with connection.makefile("rb") as stream:
            head = stream.read().partition(b"\r\n\r\n")[0].decode("latin-1")
    status, *headers = head.split("\r\n")
    named = (header.partition(": ") for header in headers)
    return int(status.split()[1]), {name: value for name, _, value in named}


def test_several_accept_headers_are_one_list(atlas: Served) -> None:
    line = f"GET {document(NANCY)} HTTP/1.1".encode()
    _, headers = raw(atlas, line, b"Accept: text/turtle;q=0.1", b"Accept: application/n-triples")
    assert headers["Content-Type"] == "application/n-triples"
    _, headers = raw(atlas, line, b"Accept: text/turtle", b"Accept-Charset: iso-8859-1, *;q=0")
    assert headers["Content-Type"] == "text/turtle; charset=utf-8"


@pytest.mark.parametrize(
    "line",
    [
        b"GET /id/commune/54395?lang=%FF%C3&x=%0D%0Ay HTTP/1.1",
        b"GET http://elsewhere.example/id/commune/54395 HTTP/1.1",
        b'GET /id/commune/54395?<b>" HTTP/1.1',
    ],
)
def test_a_strange_request_line_is_led_to_the_same_site_in_plain_ascii(
    atlas: Served, line: bytes
) -> None:
    status, headers = raw(atlas, line)
    assert status == 303
    assert re.fullmatch(r"/doc/commune/54395(\?[!#-;=?-~]*)?", headers["Location"])


@pytest.mark.parametrize(
    "path", [b'/doc/a>b"c.ttl', b"/doc/\xff", b"/doc/%00", b"/doc//", b"/id/?", b"/doc/.ttl"]
)
def test_a_strange_path_is_not_found(atlas: Served, path: bytes) -> None:
    assert raw(atlas, b"GET " + path + b" HTTP/1.1")[0] in (400, 404)


def test_a_page_tells_of_documents_that_a_default_graph_of_its_own_alone_knows() -> None:
    question, document = f"<{BASE}/id/question/shade>", f"<{BASE}/id/document/trees>"
    named = f'{question} a atlas:CrossCuttingQuestion ; {LABEL} "Shade"'
    alone = f'{document} a atlas:Document ; atlas:addresses {question} ; {LABEL} "Trees in streets"'
    data = f"GRAPH <{BASE}/graph/own> {{ {named} }} {alone}"
    with scratch() as desk:
        reply = desk.update(f"PREFIX atlas: <{ATLAS}> INSERT DATA {{ {data} }}")
        assert reply.status == 201, reply.text
        page = desk.served.fetch("/doc/question/shade", headers={"Accept": "text/html"})
        assert page.status == 200, page.text
        assert "Trees in streets" in page.text
