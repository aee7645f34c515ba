"""The Graph Store Protocol over real HTTP, direct and indirect, over an atlas and from nothing."""

from __future__ import annotations

import gzip
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from pyoxigraph import RdfFormat, Triple, parse

from tests.endpoint.serving import Served
from tests.endpoint.world import BASE, EXAMPLE, NANCY, PLACES
from tests.endpoint.writing import Desk, at, canonical, scratch

ONE = '<urn:s> <urn:p> [ <urn:q> "é" ] .'
TWO = "<urn:s> <urn:p> <urn:o> ; <urn:q> 01 ."
EXTRA = "<urn:s> <urn:r> _:b . _:b <urn:r> _:b ."
TRIG = f"<urn:g1> {{ {ONE} }} <urn:g2> {{ {TWO} }}"
SYNTAXES = {
    "text/turtle": RdfFormat.TURTLE,
    "application/n-triples": RdfFormat.N_TRIPLES,
    "application/rdf+xml": RdfFormat.RDF_XML,
    "application/ld+json": RdfFormat.JSON_LD,
    "application/trig": RdfFormat.TRIG,
    "application/n-quads": RdfFormat.N_QUADS,
    "text/n3": RdfFormat.N3,
}


@pytest.fixture(scope="module")
def running() -> Iterator[Desk]:
    with scratch() as desk:
        yield desk


@pytest.fixture
def desk(running: Desk) -> Desk:
    """An empty store."""
    assert running.update("DROP ALL").status == 204
    return running


def graphs(desk: Desk) -> set[str]:
    return {row[0] for row in desk.served.rows("SELECT ?g { GRAPH ?g {} }")}


@pytest.mark.parametrize("graph", ["urn:g", "http://www.example/é/1.ttl", ""])
def test_a_graph_is_put_got_replaced_extended_and_deleted(desk: Desk, graph: str) -> None:
    first = desk.put(graph, ONE)
    assert first.status == (201 if graph else 204)
    assert desk.triples(graph) == canonical(ONE)
    assert desk.put(graph, TWO).status == 204
    assert desk.triples(graph) == canonical("<urn:s> <urn:p> <urn:o> ; <urn:q> 1 .")
    assert desk.put(graph, EXTRA, "POST").status == 204
    assert len(desk.triples(graph)) == 4
    assert desk.fetch(at(graph), "DELETE").status == 204
    if graph:
        assert desk.served.fetch(at(graph)).status == 404
        assert desk.served.fetch(at(graph), "HEAD").status == 404
        assert (gone := desk.fetch(at(graph), "DELETE")).status == 404
        assert gone.slug == "not-found"
    else:
        assert desk.triples(graph) == set()


def test_a_graph_is_at_its_own_address_too(desk: Desk) -> None:
    path = "/data/person/1%C3%A9.ttl"
    assert desk.fetch(path, "PUT", ONE, content_type="text/turtle").status == 201
    graph = f"{desk.served.address}{path}"
    assert graphs(desk) == {graph}
    assert desk.triples(graph) == canonical(ONE)
    reply = desk.served.fetch(path)
    assert reply.headers["Content-Type"] == "text/turtle; charset=utf-8"
    assert canonical(reply.body) == canonical(ONE)
    assert desk.fetch(path, "DELETE").status == 204
    assert desk.served.fetch(path).status == 404
    assert desk.served.fetch(f"{path}?default").status == 400


def test_a_graph_of_the_base_is_at_its_name(desk: Desk) -> None:
    assert desk.fetch("/graph/a/b", "PUT", ONE, content_type="text/turtle").status == 201
    assert graphs(desk) == {f"{BASE}/graph/a/b"}
    assert canonical(desk.served.fetch("/graph/a/b").body) == canonical(ONE)


@pytest.mark.parametrize("media_type", SYNTAXES)
def test_a_graph_comes_back_equal_in_every_syntax(desk: Desk, media_type: str) -> None:
    assert desk.put("urn:g", ONE).status == 201
    reply = desk.served.fetch(at("urn:g"), headers={"Accept": media_type})
    assert (reply.status, reply.type) == (200, media_type)
    assert canonical(reply.body, SYNTAXES[media_type]) == canonical(ONE)
    sent = desk.fetch(at("urn:h"), "PUT", reply.body, content_type=media_type)
    assert sent.status == 201, sent.text
    assert desk.triples("urn:h") == canonical(ONE)


def test_an_older_generation_has_the_graph_as_it_was(desk: Desk) -> None:
    older = desk.put("urn:g", ONE).headers["Atlas-Generation"]
    assert desk.put("urn:g", TWO).status == 204
    reply = desk.served.fetch(f"{at('urn:g')}&generation={older}")
    assert canonical(reply.body) == canonical(ONE)
    assert desk.fetch(at("urn:g"), "DELETE").status == 204
    assert desk.served.fetch(f"{at('urn:g')}&generation={older}&format=nt").type.endswith("triples")
    assert desk.served.fetch(f"{at('urn:g')}&generation=now").status == 400


def test_head_has_the_headers_of_get(desk: Desk) -> None:
    desk.put("urn:g", ONE)
    got, head = (desk.served.fetch(at("urn:g"), method) for method in ("GET", "HEAD"))
    assert (head.status, head.body) == (200, b"")
    for name in ("Content-Type", "Content-Length", "ETag", "Vary", "Atlas-Generation"):
        assert head.headers[name] == got.headers[name]
    held = {"If-None-Match": got.headers["ETag"]}
    assert desk.served.fetch(at("urn:g"), headers=held).status == 304
    assert desk.put("urn:g", EXTRA, "POST", If_Match=got.headers["ETag"]).status == 204
    assert desk.put("urn:g", EXTRA, "POST", If_Match=got.headers["ETag"]).status == 412


def test_posting_to_the_store_makes_a_graph(desk: Desk) -> None:
    reply = desk.fetch("/data", "POST", ONE, content_type="text/turtle")
    assert reply.status == 201
    location = reply.headers["Location"]
    assert graphs(desk) == {location}
    assert desk.triples(location) == canonical(ONE)
    assert desk.served.fetch(location.removeprefix(desk.served.address)).status == 200


@pytest.mark.parametrize("media_type", ["application/trig", "application/n-quads"])
@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_several_graphs_are_written_at_once(desk: Desk, media_type: str, method: str) -> None:
    desk.put("urn:g2", EXTRA)
    quads = list(parse(TRIG, RdfFormat.TRIG))
    body = TRIG if media_type == "application/trig" else "\n".join(f"{quad} ." for quad in quads)
    assert desk.fetch("/data", method, body, content_type=media_type).status == 201
    assert desk.triples("urn:g1") == canonical(ONE)
    assert len(desk.triples("urn:g2")) == (2 if method == "PUT" else 4)


def test_a_graph_in_a_body_for_another_graph_is_refused(desk: Desk) -> None:
    reply = desk.fetch(at("urn:g"), "PUT", TRIG, content_type="application/trig")
    assert (reply.status, reply.slug) == (400, "malformed-data")
    assert graphs(desk) == set()


def test_a_form_with_files_extends_a_graph(desk: Desk) -> None:
    body = form(("a.ttl", "text/turtle; charset=utf-8", ONE), ("b.nt", "text/turtle", EXTRA))
    kind = "multipart/form-data; boundary=edge"
    assert desk.fetch(at("urn:g"), "POST", body, content_type=kind).status == 201
    assert desk.triples("urn:g") == canonical(f"{ONE} {EXTRA}")
    assert desk.fetch(at("urn:g"), "PUT", body, content_type=kind).status == 415
    unsaid = form(("c.ttl", "application/octet-stream", "<urn:s> <urn:p> 3 ."))
    assert desk.fetch(at("urn:h"), "POST", unsaid, content_type=kind).status == 201
    other = form(("a.html", "text/html", "<p>"))
    assert desk.fetch(at("urn:g"), "POST", other, content_type=kind).status == 415
    assert desk.fetch(at("urn:g"), "POST", "--edge--\r\n", content_type=kind).status == 400


def form(*files: tuple[str, str, str]) -> str:
    parts = [
        f'--edge\r\nContent-Disposition: form-data; name="{name}"; filename="{name}"\r\n'
        f"Content-Type: {kind}\r\n\r\n{content}\r\n"
        for name, kind, content in files
    ]
    return "".join(parts) + "--edge--\r\n"


def test_the_name_of_a_graph_is_decoded_once(desk: Desk) -> None:
    for sent, name in (("urn:%31", "urn:1"), ("urn:%2531", "urn:%31")):
        reply = desk.fetch(f"/data?graph={sent}", "PUT", ONE, content_type="text/turtle")
        assert reply.status == 201
        assert name in graphs(desk)


def test_relative_iris_of_a_body_start_from_its_graph(desk: Desk) -> None:
    desk.put("http://example.org/a/b", "<> <urn:p> <c> .")
    rows = desk.served.rows("SELECT ?s ?o { GRAPH ?g { ?s ?p ?o } }")
    assert rows == {("http://example.org/a/b", "http://example.org/a/c")}


def test_a_packed_body_is_unpacked(desk: Desk) -> None:
    packed = gzip.compress(ONE.encode())
    reply = desk.fetch(
        at("urn:g"), "PUT", packed, content_type="text/turtle", content_encoding="gzip"
    )
    assert reply.status == 201
    assert desk.triples("urn:g") == canonical(ONE)


@pytest.mark.parametrize(
    ("path", "method", "kind", "body", "status"),
    [
        ("/data", "GET", "", None, 400),
        ("/data", "PUT", "text/turtle", ONE, 400),
        ("/data", "DELETE", "", None, 400),
        ("/data?default&graph=urn:g", "PUT", "text/turtle", ONE, 400),
        ("/data?graph=urn:g&graph=urn:h", "PUT", "text/turtle", ONE, 400),
        ("/data?graph=relative", "PUT", "text/turtle", ONE, 400),
        ("/data?graph=", "PUT", "text/turtle", ONE, 400),
        ("/data?graph=urn:a%20b", "PUT", "text/turtle", ONE, 400),
        ("/data?graph=urn:g%FF", "PUT", "text/turtle", ONE, 400),
        ("/data?graph=urn:g", "PUT", "text/html", "<html/>", 415),
        ("/data?graph=urn:g", "PUT", "", ONE, 415),
        ("/data?graph=urn:g", "PUT", "text/turtle; charset=latin-1", ONE, 415),
        ("/data?graph=urn:g", "PUT", "application/sparql-update", "CLEAR ALL", 415),
        ("/data?graph=urn:g", "PUT", "text/turtle", "<urn:s> <urn:p> 1 . <broken", 400),
        ("/data?graph=urn:g", "PUT", "application/rdf+xml", "<a>", 400),
        ("/data?graph=urn:g", "PUT", "application/ld+json", "{", 400),
        ("/data?graph=urn:g", "PATCH", "application/sparql-update", "CLEAR ALL", 405),
        ("/data?graph=urn:none", "GET", "", None, 404),
    ],
)
def test_what_is_not_a_request_of_the_protocol_is_refused(
    desk: Desk, path: str, method: str, kind: str, body: str | None, status: int
) -> None:
    reply = desk.fetch(path, method, body, **({"content_type": kind} if kind else {}))
    assert reply.status == status, reply.text
    assert reply.slug
    if status == 405:
        assert {"GET", "PUT", "POST", "DELETE", "HEAD"} <= set(reply.headers["Allow"].split(", "))
    assert graphs(desk) == set()


def test_a_graph_in_no_format_that_is_accepted_is_406(desk: Desk) -> None:
    desk.put("urn:g", ONE)
    assert desk.served.fetch(at("urn:g"), headers={"Accept": "image/png"}).status == 406


def test_a_broken_body_leaves_the_graph_as_it_was(desk: Desk) -> None:
    desk.put("urn:g", ONE)
    reply = desk.put("urn:g", "<urn:s> <urn:p> 1 . <broken")
    assert (reply.status, reply.slug) == (400, "malformed-data")
    assert "line" in reply.json["detail"]
    assert desk.triples("urn:g") == canonical(ONE)


def test_the_graphs_of_an_atlas_are_read_by_everybody(served: Served) -> None:
    for graph in (PLACES, EXAMPLE):
        reply = served.fetch(at(graph))
        assert (reply.status, reply.type) == (200, "text/turtle")
        by_name = served.fetch(graph.removeprefix(BASE))
        assert by_name.body == reply.body
    assert subjects(served.fetch(at(PLACES)).body) >= {NANCY}
    assert f"{BASE}/id/scheme/invented" not in subjects(served.fetch("/data?default").body)
    assert served.fetch("/graph/none").status == 404
    assert served.fetch("/data").status == 400
    assert "atlas dump" in served.fetch("/data").json["detail"]


def subjects(turtle: bytes) -> set[str]:
    return {triple_subject(quad.triple) for quad in parse(turtle, RdfFormat.TURTLE)}


def triple_subject(triple: Triple) -> str:
    return getattr(triple.subject, "value", "")


def test_evil_bodies_are_survived(running: Desk, atlas_data: Path) -> None:
    kinds = {
        "turtle": "text/turtle",
        "rdfxml": "application/rdf+xml",
        "jsonld": "application/ld+json",
    }
    sent = 0
    for folder, kind in kinds.items():
        for path in sorted((atlas_data / "evil-inputs" / folder).iterdir()):
            body = path.read_bytes()
            headers = {"content_type": "application/n-triples" if ".nt" in path.name else kind}
            if path.suffix == ".gz":
                headers["content_encoding"] = "gzip"
            reply = running.fetch(at(f"urn:{quote(path.name)}"), "PUT", body, **headers)
            assert reply.status != 500, path
            assert reply.status in (201, 204, 400, 413, 503, 507), (path, reply.text)
            assert running.served.ask("ASK {}").status == 200
            sent += 1
    assert sent > 15


def spoken(desk: Desk, head: str, body: bytes) -> int:
    """The status of an answer to bytes that no HTTP library would send."""
    split = urlsplit(desk.served.address)
    with socket.create_connection((split.hostname, split.port), timeout=120) as connection:
        lines = (f"PUT {at('urn:raw')} HTTP/1.1", "Host: localhost", "Content-Type: text/turtle")
        headers = "\r\n".join((*lines, f"Authorization: Bearer {desk.token}", head))
        connection.sendall(headers.encode() + b"\r\n\r\n" + body)
        connection.shutdown(socket.SHUT_WR)
        return int(connection.recv(12).decode().split()[1])


def test_a_body_of_chunks_is_put_together(desk: Desk) -> None:
    chunks = b"5\r\n<urn:\r\n10\r\ns> <urn:p> 1 . \n\r\n0\r\n\r\n"
    assert spoken(desk, "Transfer-Encoding: chunked", chunks) == 201
    assert len(desk.triples("urn:raw")) == 1


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ("Content-Length: 100", b"<urn:s> <urn:p> 1 ."),
        ("Transfer-Encoding: chunked", b"13\r\n<urn:s> <urn:p> 1 .\r\n"),
        ("Transfer-Encoding: chunked", b"zz\r\n<urn:s> <urn:p> 1 .\r\n0\r\n\r\n"),
        ("Transfer-Encoding: chunked", b"3\r\n<urn:s> <urn:p> 1 .\r\n0\r\n\r\n"),
    ],
)
def test_a_body_that_breaks_off_writes_nothing(desk: Desk, head: str, body: bytes) -> None:
    assert spoken(desk, head, body) == 400
    assert graphs(desk) == set()
