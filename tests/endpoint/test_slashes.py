"""A slash too many at the end of an address, or one too few, leads on and never elsewhere."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

import pytest

from tests.endpoint.serving import Served

PAGE = {"Accept": "text/html"}


@pytest.mark.parametrize(
    ("asked", "there"),
    [
        ("/matrix/", "/matrix"),
        ("/map//", "/map"),
        ("/search/", "/search"),
        ("/problems/bad-request/", "/problems/bad-request"),
        ("/datasets/places/", "/datasets/places"),
        ("/queries/cq13_shared_questions/", "/queries/cq13_shared_questions"),
        ("/api/openapi.json/", "/api/openapi.json"),
        ("/.well-known/void/", "/.well-known/void"),
        ("/id/commune/54395/", "/id/commune/54395"),
        ("/doc/commune/54395/", "/doc/commune/54395"),
        ("/ontology/Commune/", "/ontology/Commune"),
        ("/dumps", "/dumps/"),
        ("/ontology", "/ontology/"),
        ("/queries", "/queries/"),
    ],
)
def test_what_is_there_without_the_slash_or_with_it_is_led_to(
    served: Served, asked: str, there: str
) -> None:
    for method in ("GET", "HEAD"):
        reply = served.fetch(f"{asked}?a=b%26c&lang=es", method, headers=PAGE)
        assert reply.status == 308
        led = urljoin(f"{served.address}{asked}", reply.headers["Location"])
        assert led == f"{served.address}{there}?a=b%26c&lang=es"
    assert served.fetch(there, headers=PAGE).status in (200, 303)


@pytest.mark.parametrize(
    "asked",
    [
        "/nowhere/",
        "/doc/commune/none/",
        "/id/commune/none/",
        "/ontology/Nothing/",
        "/module/nothing/",
        "/datasets/nothing/",
        "/vocabulary/nothing/",
        "//evil.example/",
        "//evil.example/matrix/",
        "/%2Fevil.example/",
        "/%2F/evil.example/",
        "/%5Cevil.example/",
        "/\\evil.example/",
        "/matrix%2F",
        "/matrix/%2F",
    ],
)
def test_nothing_else_is_led_anywhere(served: Served, asked: str) -> None:
    reply = served.fetch(asked, headers=PAGE)
    assert reply.status == 404, reply.headers.get("Location")


@pytest.mark.parametrize(
    "asked", ["//matrix", "//evil.example/%2e%2e/matrix/", "///dumps", "//dumps"]
)
def test_two_slashes_at_the_start_name_no_other_site(served: Served, asked: str) -> None:
    reply = served.fetch(asked, headers=PAGE)
    led = urlsplit(urljoin(served.address, reply.headers.get("Location", "/")))
    assert f"{led.scheme}://{led.netloc}" == served.address


def test_only_what_is_read_is_led_on(served: Served) -> None:
    assert served.fetch("/data/places/").status == 404
    assert served.fetch("/graph/places/").status == 404
    assert served.fetch("/matrix/", "POST", body="a").status in (404, 405)
