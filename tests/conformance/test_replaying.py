"""The harness reads the suite's HTTP tests as they are meant."""

from __future__ import annotations

from http.client import HTTPMessage

import pytest

from tests.conformance.exchanges import objection
from tests.conformance.scripts import corrections, read
from tests.conformance.server import Reply, loading
from tests.conformance.tasks import Exchange

PRINTED = """
#### Request

    POST $GRAPHSTORE$/person/1.ttl HTTP/1.1
    Host: $HOST$
    Content-Type: text/turtle; charset=utf-8

    <http://$HOST$/$GRAPHSTORE$/person/1> a <urn:Person> .

#### Response

    201 Created
    Location: $NEWPATH$
    Content-Length: ...
"""


def reply(status: int, body: bytes = b"", **headers: str) -> Reply:
    message = HTTPMessage()
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    return Reply(status, message, body)


def test_a_printed_request_is_read_as_it_would_be_sent() -> None:
    exchange = read(PRINTED, "example.org")
    assert (exchange.method, exchange.path) == ("POST", "/data/person/1.ttl")
    assert dict(exchange.headers)["Host"] == "example.org"
    assert exchange.body == b"<http://example.org/data/person/1> a <urn:Person> ."
    assert exchange.statuses == {"Created"}
    assert exchange.expected_headers == (("Content-Length", "..."),)
    assert exchange.location == "$NEWPATH$"


@pytest.mark.parametrize(
    ("found", "why"),
    [
        (reply(200, Location="/data/2", Content_Length="0"), "status"),
        (reply(201, Content_Length="0"), "Location"),
        (reply(201, Location="/data/2"), "Content-Length"),
        (reply(201, Location="/data/2", Content_Length="0"), None),
    ],
)
def test_a_response_is_held_to_status_and_headers(found: Reply, why: str | None) -> None:
    said = objection(read(PRINTED, "example.org"), found)
    assert said is None if why is None else why in str(said)


@pytest.mark.parametrize(
    ("body", "media_type", "passes"),
    [
        (b'{"head": {}, "boolean": true}', "application/sparql-results+json", True),
        (b'{"head": {}, "boolean": false}', "application/sparql-results+json", False),
        (b"true", "text/csv", False),
    ],
)
def test_a_response_is_held_to_its_format_and_answer(
    body: bytes, media_type: str, passes: bool
) -> None:
    exchange = Exchange(
        "GET", "/sparql/", (), None, frozenset({"StatusCode2xx"}), boolean=True, format="boolean"
    )
    assert (objection(exchange, reply(200, body, Content_Type=media_type)) is None) is passes


def test_a_graph_is_compared_as_a_graph() -> None:
    exchange = Exchange(
        "GET", "/gsp", (), None, frozenset({"OK"}), expected_body="[] <urn:p> <urn:o>, 1 ."
    )
    same, other = b"_:z <urn:p> 1 ; <urn:p> <urn:o> .", b"_:z <urn:p> 1 ."
    assert objection(exchange, reply(200, same, Content_Type="text/turtle")) is None
    assert objection(exchange, reply(200, other, Content_Type="text/turtle"))


def test_a_graph_without_triples_is_loaded_too() -> None:
    assert loading([], ["urn:g", "urn:g"]) == (
        "DROP ALL ;\nCREATE GRAPH <urn:g> ;\nINSERT DATA {\n}"
    )


def test_every_correction_says_why() -> None:
    assert all(correction.reason.endswith(".") for correction in corrections().values())
