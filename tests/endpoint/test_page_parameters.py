"""Whatever an address asks of a page, the answer is a page or one sentence, and never a fault."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from tests.endpoint.serving import Served

HTML = {"Accept": "text/html", "Accept-Language": "fr"}
PATHS = (
    "/",
    "/search",
    "/map",
    "/matrix",
    "/questions",
    "/territories",
    "/territories/54395",
    "/territories/2a004",
    "/territories/54395/pair",
    "/experiences",
    "/queries/",
    "/queries/editor",
    "/queries/cq05_competence_holders",
    "/queries/labels",
    "/datasets",
    "/datasets/talk",
    "/partners",
    "/partners/nobody",
    "/local",
    "/local/change",
    "/local/map.ttl",
    "/propose",
    "/propose/relation",
    "/propose/relation/proposal.ttl",
    "/about",
    "/doc/document/panorama",
    "/ontology/Relation",
    "/vocabulary/relation-types",
    "/ontology/",
)
# Names that a router, a form or a query takes; among them those that belong to Flask's url_for.
NAMES = (
    *(
        "endpoint",
        "_external",
        "_scheme",
        "_anchor",
        "_method",
        "lang",
        "name",
        "language",
        "insee",
    ),
    *("q", "iri", "of", "row", "column", "status", "type", "source", "family", "centre", "open"),
    *("depth", "with", "kind", "like", "factor", "page", "sort", "m", "do", "place", "find", "as"),
    *("vintage", "public", "department", "first", "second", "check", "year", "country", "domain"),
    *("source.name", "label.fr", "run", "query", "where", "count", "selected", "things", "format"),
)
VALUES = ("", "x", "-1", "9" * 40, "²", "<script>", "\u202e\U0001f3d9", "a" * 3_000, "http://a b/")
# Bytes that are no UTF-8, and a NUL.
RAW = ("%FF%FE", "%00", "%C3", "[]", "a%0D%0AX:%20y")


def answered(served: Served, address: str) -> None:
    reply = served.fetch(address, headers=HTML)
    assert reply.status < 500, f"{address[:300]}: {reply.text[:500]}"
    if reply.status >= 400:
        assert "Traceback" not in reply.text
        assert '<p lang="en">' not in reply.text, f"{address[:300]} is refused in English"
    assert "<script>x" not in reply.text


@pytest.mark.parametrize("path", PATHS)
def test_any_value_of_any_parameter_is_answered(published: Served, path: str) -> None:
    for nth, value in enumerate(VALUES):
        # A few at a time, so that one that is refused hides few others.
        for start in range(nth % 3, len(NAMES), 3):
            pairs = NAMES[start : start + 2]
            text = "&".join(f"{name}={quote(value)}" for name in pairs)
            answered(published, f"{path}?{text}")


@pytest.mark.parametrize("path", PATHS)
def test_bytes_that_are_no_text_are_answered(published: Served, path: str) -> None:
    for value in RAW:
        for name in ("q", "lang", "endpoint", "iri", "m", "centre", "insee"):
            answered(published, f"{path}?{name}={value}&{name}={value}")


@pytest.mark.parametrize("path", ["/", "/about?iri=x", "/problems/bad-request", "/nowhere"])
def test_a_cache_gives_no_reader_the_page_of_another(published: Served, path: str) -> None:
    for language in ("fr", "en"):
        headers = {"Accept": "text/html", "Accept-Language": language}
        reply = published.fetch(path, headers=headers)
        assert f'<html lang="{language}"' in reply.text
        assert {"Accept", "Accept-Language"} <= set(reply.headers["Vary"].split(", "))


@pytest.mark.parametrize("value", ["9" * 5_000, "%D9%A3", "1e9", "-0", "0x10", "+1", "1%00"])
def test_no_number_of_a_page_is_read_as_another(published: Served, value: str) -> None:
    for path in ("/experiences?page=", "/links?thing=urn:x&property=urn:y&page="):
        reply = published.fetch(path + value, headers=HTML)
        assert reply.status == 400
        assert "page" in reply.text
