"""A request is read strictly and once."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from flask import Request
from werkzeug.test import EnvironBuilder

from atlas.errors import AtlasError, TooLarge, UnsupportedMedia, UsageError
from atlas.settings import Settings
from endpoint.reading.protocol import Asked, Change, parse_operation
from endpoint.reading.using import Using

ASK = "ASK {}"
Asking = Callable[[], object]
FORM = "application/x-www-form-urlencoded"
UPDATE = "application/sparql-update"
SETTINGS = Settings.load({}, body_bytes=1000, write_bytes=2000)


def get(query_string: str, method: str = "GET") -> Asked:
    asked = read(EnvironBuilder("/sparql", query_string=query_string, method=method))
    assert isinstance(asked, Asked)
    return asked


def send(
    body: str | bytes,
    kind: str | None = FORM,
    query_string: str = "",
    *,
    trusted: bool = False,
    coding: str | None = None,
) -> Asked | Change:
    data = body.encode() if isinstance(body, str) else body
    headers = {"Content-Encoding": coding} if coding else {}
    builder = EnvironBuilder(
        "/sparql",
        method="POST",
        data=data,
        content_type=kind,
        query_string=query_string,
        headers=headers,
    )
    return read(builder, trusted=trusted)


def post(body: str | bytes, kind: str | None = FORM, query_string: str = "") -> Asked:
    asked = send(body, kind, query_string)
    assert isinstance(asked, Asked)
    return asked


def change(body: str, kind: str | None = FORM, query_string: str = "") -> Change:
    asked = send(body, kind, query_string)
    assert isinstance(asked, Change)
    return asked


def read(builder: EnvironBuilder, *, trusted: bool = False) -> Asked | Change:
    return parse_operation(Request(builder.get_environ()), SETTINGS, trusted=trusted)


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
def test_a_parameter_given_twice_or_in_two_places_is_refused(ask: Asking) -> None:
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
        (lambda: get("query=ASK{}&using-named-graph-uri=urn:a"), UsageError),
        (lambda: get("query=ASK{}&generation=-1"), UsageError),
        (lambda: get("query=ASK{}&generation=two"), UsageError),
        (lambda: get("query=ASK{}&generation=1&generation=2"), UsageError),
        (lambda: get("update=CLEAR ALL"), UsageError),
        (lambda: get("update=CLEAR ALL&query=ASK{}"), UsageError),
        (lambda: post("", query_string="update=CLEAR ALL"), UsageError),
        (lambda: post("query=ASK{}", query_string="update=CLEAR ALL"), UsageError),
        (lambda: post("query=ASK{}&update=CLEAR ALL"), UsageError),
        (lambda: post("update=CLEAR ALL", query_string="query=ASK{}"), UsageError),
        (lambda: post("CLEAR ALL", UPDATE, "query=ASK{}"), UsageError),
        (lambda: post("CLEAR ALL", UPDATE, "update=CLEAR ALL"), UsageError),
        (lambda: post(ASK, "application/sparql-query", "update=CLEAR ALL"), UsageError),
        (lambda: post("update=CLEAR ALL&update=CLEAR ALL"), UsageError),
        (lambda: post("update="), UsageError),
        (lambda: post("", UPDATE), UsageError),
        (lambda: post("CLEAR ALL", UPDATE, "default-graph-uri=urn:a"), UsageError),
        (lambda: post("CLEAR ALL", UPDATE, "generation=1"), UsageError),
        (lambda: post("CLEAR ALL", UPDATE, "using-graph-uri=relative"), UsageError),
        (lambda: post("CLEAR ALL", UPDATE, "using-graph-uri=urn:a> <urn:b"), UsageError),
        (lambda: post("CLEAR ALL", UPDATE, "using-graph-uri=urn:a%3E%0A%23"), UsageError),
        (lambda: post("CLEAR ALL", f"{UPDATE}; charset=utf-16"), UnsupportedMedia),
        (lambda: post("#" * 1001, UPDATE), TooLarge),
        (lambda: post(ASK, None), UnsupportedMedia),
        (lambda: post(ASK, "text/plain"), UnsupportedMedia),
        (lambda: post(ASK, "application/sparql-query; charset=latin-1"), UnsupportedMedia),
        (lambda: post("#" * 1001, "application/sparql-query"), TooLarge),
    ],
)
def test_what_is_not_one_readable_query_is_refused(ask: Asking, error: type[AtlasError]) -> None:
    with pytest.raises(error):
        ask()


def test_format_and_timeout_are_read_wherever_they_are() -> None:
    asked = post("query=ASK{}&timeout=2.5", FORM, "format=csv")
    assert (asked.formats, asked.timeout) == (("csv",), 2.5)


def test_an_older_generation_is_asked_by_its_number() -> None:
    assert get("query=ASK{}&generation=7").generation == 7
    assert get("query=ASK{}").generation is None


def test_both_ways_of_updating_say_the_same() -> None:
    asked = change(urlencode({"update": "INSERT DATA { <urn:é> <urn:b> 'a+b&c' }"}))
    assert asked.text == "INSERT DATA { <urn:é> <urn:b> 'a+b&c' }"
    assert change(asked.text, UPDATE) == asked


def test_the_dataset_of_an_update_is_in_the_address_or_in_the_form() -> None:
    fields = "using-graph-uri=urn:a&using-graph-uri=urn:b&using-named-graph-uri=urn:c&timeout=2"
    expected = Change("CLEAR ALL", Using(("urn:a", "urn:b"), ("urn:c",)), 2.0)
    assert change("CLEAR ALL", UPDATE, fields) == expected
    assert change(f"update=CLEAR ALL&{fields}") == expected
    assert change("update=CLEAR ALL", FORM, fields) == expected


def test_only_who_holds_a_token_may_send_more_than_a_query() -> None:
    text = "#" * 1500
    for body, kind in ((text, UPDATE), (f"update={text}", FORM)):
        with pytest.raises(TooLarge, match="ATLAS_BODY_BYTES"):
            send(body, kind)
        assert isinstance(send(body, kind, trusted=True), Change)
    with pytest.raises(TooLarge, match="ATLAS_WRITE_BYTES"):
        send("#" * 2001, UPDATE, trusted=True)
    with pytest.raises(TooLarge):
        send(text, "application/sparql-query", trusted=True)


def test_a_body_may_be_packed_with_gzip_and_is_measured_unpacked() -> None:
    kind = "application/sparql-query"
    asked = send(gzip.compress(ASK.encode()), kind, coding="gzip")
    assert isinstance(asked, Asked)
    assert asked.operation.text == ASK
    members = gzip.compress(b"ASK ") + gzip.compress(b"{}")
    assert send(members, kind, coding="GZIP") == asked
    with pytest.raises(TooLarge, match="unpacked"):
        send(gzip.compress(b"#" * 100_000), kind, coding="gzip")


@pytest.mark.parametrize(
    ("body", "coding", "error"),
    [
        (b"ASK {}", "gzip", UsageError),
        (gzip.compress(b"ASK {}")[:-5], "gzip", UsageError),
        (gzip.compress(b"ASK {}")[:12], "gzip", UsageError),
        (gzip.compress(b"ASK {}") + b"ASK {}", "gzip", UsageError),
        (b"", "gzip", UsageError),
        (b"ASK {}", "zstd", UnsupportedMedia),
        (b"ASK {}", "gzip, gzip", UnsupportedMedia),
    ],
)
def test_a_body_that_is_not_packed_as_it_says_is_refused(
    body: bytes, coding: str, error: type[AtlasError]
) -> None:
    with pytest.raises(error):
        send(body, "application/sparql-query", coding=coding)
