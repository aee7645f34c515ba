"""A request is read strictly and once."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from flask import Request
from werkzeug.test import EnvironBuilder

from atlas.errors import AtlasError, Forbidden, TooLarge, UnsupportedMedia, UsageError
from atlas.settings import Settings
from endpoint.protocol import Asked, parse_operation

ASK = "ASK {}"
FORM = "application/x-www-form-urlencoded"
SETTINGS = Settings.load({}, body_bytes=1000)


def get(query_string: str, method: str = "GET") -> Asked:
    return read(EnvironBuilder("/sparql", query_string=query_string, method=method))


def post(body: str | bytes, kind: str | None = FORM, query_string: str = "") -> Asked:
    data = body.encode() if isinstance(body, str) else body
    return read(
        EnvironBuilder(
            "/sparql", method="POST", data=data, content_type=kind, query_string=query_string
        )
    )


def read(builder: EnvironBuilder) -> Asked:
    return parse_operation(Request(builder.get_environ()), SETTINGS)


def test_the_three_ways_of_asking_ask_the_same() -> None:
    asked = get(urlencode({"query": "ASK { ?é ?p 'a+b&c' }"}))
    assert asked.operation.text == "ASK { ?é ?p 'a+b&c' }"
    assert post(urlencode({"query": asked.operation.text})) == asked
    assert post(asked.operation.text, "application/sparql-query; charset=UTF-8") == asked


def test_the_dataset_comes_from_the_address_beside_a_direct_query() -> None:
    fields = "default-graph-uri=urn:a&default-graph-uri=urn:b&named-graph-uri=urn:c"
    operation = post(ASK, "application/sparql-query", fields).operation
    assert operation.default_graphs == ("urn:a", "urn:b")
    assert operation.named_graphs == ("urn:c",)


def test_a_default_graph_alone_leaves_no_named_graph() -> None:
    assert get("query=ASK{}&default-graph-uri=urn:a").operation.named_graphs == ()
    assert get("query=ASK{}").operation.named_graphs is None


@pytest.mark.parametrize(
    "ask",
    [
        lambda: get("query=ASK{}&query=ASK{}"),
        lambda: get("query=ASK{}&timeout=1&timeout=1"),
        lambda: post("query=ASK{}", query_string="query=ASK{}"),
        lambda: post("query=ASK{}&query=ASK{}"),
        lambda: post(ASK, "application/sparql-query", "query=ASK{}"),
        lambda: post("query=ASK{}&default-graph-uri=urn:a", FORM, "default-graph-uri=urn:a"),
    ],
)
def test_a_parameter_given_twice_or_in_two_places_is_refused(ask) -> None:
    with pytest.raises(UsageError, match="given"):
        ask()


@pytest.mark.parametrize(
    ("ask", "error"),
    [
        (lambda: get("format=csv"), UsageError),
        (lambda: get("query="), UsageError),
        (lambda: get("query=%20%0A"), UsageError),
        (lambda: get("query=%FF"), UsageError),
        (lambda: post(b"\xff\xfe", "application/sparql-query"), UsageError),
        (lambda: post(b"query=\xff"), UsageError),
        (lambda: post("", "application/sparql-query"), UsageError),
        (lambda: get("query=ASK{}&" + "&".join(f"a{n}=" for n in range(1001))), UsageError),
        (lambda: get("query=ASK{}&using-graph-uri=urn:a"), UsageError),
        (lambda: get("query=ASK{}&timeout=soon"), UsageError),
        (lambda: get("query=ASK{}&timeout=0"), UsageError),
        (lambda: get("query=ASK{}&timeout=nan"), UsageError),
        (lambda: get("update=CLEAR ALL"), Forbidden),
        (lambda: post("update=CLEAR ALL"), Forbidden),
        (lambda: post("query=ASK{}", query_string="update=CLEAR ALL"), UsageError),
        (lambda: post("CLEAR ALL", "application/sparql-update"), Forbidden),
        (lambda: post(ASK, None), UnsupportedMedia),
        (lambda: post(ASK, "text/plain"), UnsupportedMedia),
        (lambda: post(ASK, "application/sparql-query; charset=latin-1"), UnsupportedMedia),
        (lambda: post("#" * 1001, "application/sparql-query"), TooLarge),
    ],
)
def test_what_is_not_one_readable_query_is_refused(ask, error: type[AtlasError]) -> None:
    with pytest.raises(error):
        ask()


def test_format_and_timeout_are_read_wherever_they_are() -> None:
    asked = post("query=ASK{}&timeout=2.5", FORM, "format=csv")
    assert (asked.formats, asked.timeout) == (("csv",), 2.5)
