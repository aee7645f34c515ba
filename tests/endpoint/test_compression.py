"""What is compressed, how a client chooses, and how the tags of the forms hold together."""

from __future__ import annotations

import gzip
from collections.abc import Callable

import pytest
import zstandard
from flask import Flask, Response
from flask.testing import FlaskClient

from endpoint.wire import compression
from endpoint.wire.compression import chosen, compressible
from tests.endpoint.serving import Served

CSV = "text/csv"
JSON = "application/sparql-results+json"
# More than one packet: a small atlas has little else to say.
LONG = (
    "SELECT * { VALUES ?n { 1 2 3 4 5 6 7 8 9 } VALUES ?m { 'one of several' 'another' } ?s ?p ?o }"
)
FORMATS = {
    "SELECT": (JSON, "application/sparql-results+xml", CSV, "text/tab-separated-values"),
    "CONSTRUCT": ("text/turtle", "application/n-triples", "application/ld+json"),
}
UNPACK: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.decompress,
    "zstd": lambda content: zstandard.ZstdDecompressor().decompressobj().decompress(content),
}


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, ""),
        ("", ""),
        ("gzip", "gzip"),
        ("GZIP", "gzip"),
        ("x-gzip", "gzip"),
        ("zstd", "zstd"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("gzip;q=1, zstd;q=0.5", "gzip"),
        ("gzip;q=0", ""),
        ("gzip;q=0.0, zstd;q=0", ""),
        ("*", "zstd"),
        ("zstd;q=0, *", "gzip"),
        ("br, deflate", ""),
        ("identity, gzip;q=0.5", ""),
        ("identity;q=0.5, gzip", "gzip"),
        ("gzip ; q = 0.3", "gzip"),
        ("nonsense/;;,,gzip", "gzip"),
    ],
)
def test_the_coding_is_the_one_that_the_client_likes_best(
    header: str | None, expected: str
) -> None:
    assert chosen(header) == expected


def test_texts_are_compressed_and_what_is_packed_already_is_not() -> None:
    assert all(map(compressible, ("text/html", JSON, "application/n-quads", "image/svg+xml")))
    assert not any(map(compressible, ("image/png", "application/zip", "font/woff2")))


@pytest.mark.parametrize("coding", UNPACK)
@pytest.mark.parametrize("media_type", FORMATS["SELECT"])
def test_an_answer_unpacks_to_the_same_in_every_format(
    served: Served, coding: str, media_type: str
) -> None:
    plain = served.ask(LONG, media_type)
    assert plain.headers["Content-Encoding"] is None
    packed = served.fetch_query(LONG, {"Accept": media_type, "Accept-Encoding": coding})
    assert packed.headers["Content-Encoding"] == coding
    assert UNPACK[coding](packed.body) == plain.body
    assert len(packed.body) < len(plain.body)
    assert packed.headers["ETag"] == f'{plain.headers["ETag"][:-1]}-{coding}"'
    for reply in (plain, packed):
        assert reply.headers["Vary"] == "Accept, Accept-Encoding"


def test_a_short_answer_is_sent_as_it_is(served: Served) -> None:
    reply = served.fetch_query("ASK {}", {"Accept": JSON, "Accept-Encoding": "gzip, zstd"})
    assert reply.headers["Content-Encoding"] is None
    assert reply.json["boolean"] is True


@pytest.mark.parametrize("held", ["", "-gzip", "-zstd"])
@pytest.mark.parametrize("accepted", ["identity", "gzip", "zstd"])
def test_every_form_of_an_answer_counts_as_held(served: Served, held: str, accepted: str) -> None:
    tag = served.ask(LONG, CSV).headers["ETag"]
    wanted = f'{tag[:-1]}{held}"'
    for _ in range(2):
        reply = served.fetch_query(
            LONG, {"Accept": CSV, "Accept-Encoding": accepted, "If-None-Match": f'"x", {wanted}'}
        )
        assert reply.status == 304
        assert reply.headers["ETag"] == wanted
        assert reply.body == b""
        # Asked without a condition, the answer is in the cache, and the next is told from there.
        served.fetch_query(LONG, {"Accept": CSV, "Accept-Encoding": accepted})


@pytest.mark.parametrize("coding", ["identity", "gzip", "zstd"])
def test_head_tells_what_get_would(served: Served, coding: str) -> None:
    headers = {"Accept": CSV, "Accept-Encoding": coding}
    for query in (LONG, f"{LONG} # {coding}"):
        head = served.fetch_query(query, headers, method="HEAD")
        got = served.fetch_query(query, headers)
        again = served.fetch_query(query, headers, method="HEAD")
        for name in ("Content-Length", "Content-Encoding", "Content-Type", "ETag", "Vary"):
            assert head.headers[name] == got.headers[name] == again.headers[name]
        assert head.body == again.body == b""


@pytest.fixture
def client() -> FlaskClient:
    app = Flask(__name__)
    compression.init_app(app)

    @app.get("/page")
    def page() -> Response:
        response = Response("<p>long</p>" * 1000, mimetype="text/html")
        response.set_etag("page")
        return response

    @app.get("/held")
    def held() -> Response:
        from flask import request

        assert request.if_none_match.contains("page")
        response = Response(status=304)
        response.set_etag("page")
        return response

    @app.get("/image")
    def image() -> Response:
        return Response(b"\0" * 5000, mimetype="image/png")

    @app.get("/stream")
    def stream() -> Response:
        return Response(iter(["piece"] * 1000), mimetype="text/plain")

    return app.test_client()


def test_pages_are_compressed_with_a_tag_and_a_length_of_their_own(client: FlaskClient) -> None:
    response = client.get("/page", headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(response.data) == b"<p>long</p>" * 1000
    assert response.headers["ETag"] == '"page-gzip"'
    assert response.content_length == len(response.data)
    assert "Accept-Encoding" in response.vary
    plain = client.get("/page")
    assert plain.headers["ETag"] == '"page"'
    assert "Accept-Encoding" in plain.vary


def test_a_page_that_is_held_in_another_form_is_held(client: FlaskClient) -> None:
    response = client.get("/held", headers={"If-None-Match": '"page-zstd"'})
    assert response.status_code == 304
    assert response.headers["ETag"] == '"page-zstd"'


@pytest.mark.parametrize("path", ["/image", "/stream"])
def test_images_and_streams_are_left_alone(client: FlaskClient, path: str) -> None:
    response = client.get(path, headers={"Accept-Encoding": "gzip, zstd"})
    assert "Content-Encoding" not in response.headers
