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
