"""The graphs as files over HTTP: those that may be given away, as they were written."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from rdflib import Graph, URIRef
from rdflib.compare import isomorphic

from store import Generations
from store.exports.dump_files import made
from tests.endpoint.published import BASE
from tests.endpoint.serving import Served


def fetched(served: Served, name: str) -> bytes:
    reply = served.fetch(f"/dumps/{name}.gz")
    assert (reply.status, reply.type) == (200, "application/gzip"), reply.text
    assert "Content-Encoding" not in reply.headers
    return gzip.decompress(reply.body)


def test_a_graph_is_had_as_it_was_written_with_its_licence(published: Served, built: Path) -> None:
    text = fetched(published, "own.nt").decode()
    comments = [line for line in text.splitlines() if line.startswith("#")]
    assert any("licence: https://example.org/licence" in line for line in comments)
    generation = Generations(built).current()
    assert generation is not None
    lines = [line for line in text.splitlines(keepends=True) if not line.startswith("#")]
    assert "".join(lines) == (generation.graphs / "own.nt").read_text("utf-8")


def test_turtle_has_the_same_triples(published: Served) -> None:
    turtle = Graph().parse(data=fetched(published, "own.ttl"), format="turtle")
    assert isomorphic(turtle, Graph().parse(data=fetched(published, "own.nt"), format="nt"))
    assert len(turtle) > 5


def test_the_list_has_what_may_be_given_away_and_nothing_else(published: Served) -> None:
    page = published.fetch("/dumps/", headers={"Accept": "text/html"}).text
    graph = Graph().parse(data=published.fetch("/dumps/").text, format="turtle")
    urls = set(map(str, graph.objects(None, URIRef("http://www.w3.org/ns/dcat#downloadURL"))))
    for name in ("own", "rives", "ontology"):
        assert f"{published.address}/dumps/{name}.nt.gz" in urls
        assert f"/dumps/{name}.ttl.gz" in page
    for name in ("invented", "unverified"):
        assert name not in page
        assert not [url for url in urls if name in url]
    for url in urls:
        assert published.fetch(url.removeprefix(published.address), "HEAD").status == 200


def test_a_graph_whose_licence_nobody_verified_is_refused_with_the_reason(
    published: Served,
) -> None:
    reply = published.fetch("/dumps/unverified.nt.gz")
    assert (reply.status, reply.slug) == (403, "forbidden")
    assert "its licence is not verified" in reply.json["detail"]


def test_an_invented_graph_is_had_by_its_name_and_says_so(published: Served) -> None:
    assert "illustrative: invented" in fetched(published, "invented.nt").decode()


@pytest.mark.parametrize("name", ["nothing.nt", "..%2fown.nt", "own.rdf", "own.nt.gz"])
def test_what_is_not_there_is_not_found(published: Served, name: str) -> None:
    assert published.fetch(f"/dumps/{name}.gz").status == 404


def test_it_is_not_sent_again_while_the_generation_is_the_same(published: Served) -> None:
    reply = published.fetch("/dumps/own.nt.gz", "HEAD")
    tag = reply.headers["ETag"]
    assert int(reply.headers["Content-Length"]) > 0
    again = published.fetch("/dumps/own.nt.gz", headers={"If-None-Match": tag})
    assert (again.status, again.body) == (304, b"")
    assert published.fetch("/dumps/own.ttl.gz", "HEAD").headers["ETag"] != tag


def test_files_of_other_generations_go_and_who_reads_one_reads_on(
    built: Path, tmp_path: Path
) -> None:
    generation = Generations(built).current()
    assert generation is not None
    graph = next(entry for entry in generation.record["graphs"] if entry["name"] == "own")
    old = tmp_path / "dumps" / "000000" / "own.nt.gz"
    old.parent.mkdir(parents=True)
    old.write_bytes(gzip.compress(b"old"))
    with old.open("rb") as reading:
        with made(tmp_path, generation, graph, "nt", {}) as stream:
            whole = stream.read()
        assert gzip.decompress(reading.read()) == b"old"
    assert not old.exists()
    with made(tmp_path, generation, graph, "nt", {}) as stream:
        assert stream.read() == whole
    assert f"{BASE}/graph/own".encode() in gzip.decompress(whole)
