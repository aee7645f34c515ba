"""Replays the suite's HTTP tests: requests as they are described, responses as they may be.

https://www.w3.org/2011/http and the comment on top of each manifest, which says what the words of
the suite itself mean.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from urllib.parse import urlsplit

import pyoxigraph as ox
from pyoxigraph import QueryResultsFormat, RdfFormat

from tests.conformance.answers import parsed
from tests.conformance.comparing import same
from tests.conformance.server import ENDPOINT, GRAPHS, Reply, Server
from tests.conformance.tasks import Exchange, Protocol
from tests.conformance.verdicts import PASSED, Verdict

# Where the manifests' paths lead on this server.
PATHS = ((re.compile(r"^/sparql/"), ENDPOINT), (re.compile(r"^/gsp"), GRAPHS))
RESULTS = {
    QueryResultsFormat.JSON.media_type: QueryResultsFormat.JSON,
    QueryResultsFormat.XML.media_type: QueryResultsFormat.XML,
}
TABULAR = {*RESULTS, QueryResultsFormat.CSV.media_type, QueryResultsFormat.TSV.media_type}
SYNTAXES = {
    syntax.media_type: syntax
    for syntax in (RdfFormat.TURTLE, RdfFormat.N_TRIPLES, RdfFormat.RDF_XML)
}
FORMATS = {"boolean": set(RESULTS), "tabular": TABULAR, "RDF": set(SYNTAXES)}
OPEN = "..."
STATUS_CLASS = re.compile(r"StatusCode(\d)xx")


def replay(task: Protocol, server: Server) -> Verdict:
    """Send each request, in order, and stop at the first response that may not be."""
    server.load(task.data)
    learnt: dict[str, str] = {}
    for number, exchange in enumerate(task.exchanges, 1):
        reply = send(exchange, server, task.host, learnt)
        why = objection(exchange, reply)
        if why:
            return Verdict(False, why=f"request {number}: {why}")
        if exchange.location:
            learnt[exchange.location] = reply.headers["Location"]
    return PASSED


def send(exchange: Exchange, server: Server, host: str, learnt: dict[str, str]) -> Reply:
    path, body = exchange.path, exchange.body
    for pattern, own in PATHS:
        path = pattern.sub(own, path)
    for name, value in learnt.items():
        path = path.replace(name, value)
        body = body and body.replace(name.encode(), value.encode())
    return server.request(exchange.method, path, {"Host": host, **dict(exchange.headers)}, body)


def objection(exchange: Exchange, reply: Reply) -> str | None:
    """What is wrong with a response, or None."""
    if not any(is_status(reply.status, name) for name in exchange.statuses):
        return f"the status is {reply.status}: {reply.body[:200]!r}"
    if exchange.location and not reply.headers["Location"]:
        return "there is no Location"
    for name, value in exchange.expected_headers:
        if not is_header(name, value, reply):
            return f"{name} is {reply.headers[name]}"
    if exchange.format and reply.media_type not in FORMATS[exchange.format]:
        return f"{reply.media_type} is not a format for this kind of answer"
    if exchange.boolean is not None and (
        parsed(reply.body, RESULTS[reply.media_type]) is not exchange.boolean
    ):
        return "the answer is the other one"
    if exchange.expected_body is not None and not is_graph(exchange.expected_body, reply):
        return "the graph is another one"
    return None


def is_status(status: int, name: str) -> bool:
    """``name`` as the suite writes it: ``Created`` or ``StatusCode2xx``."""
    group = STATUS_CLASS.fullmatch(name)
    if group:
        return status // 100 == int(group[1])
    return re.sub(r"\W", "", HTTPStatus(status).phrase).lower() == name.lower()


def is_header(name: str, value: str, reply: Reply) -> bool:
    """Whether it is there, and as said, where the suite does not leave that open with dots.

    Media types are compared without their parameters: Turtle is in UTF-8 whatever is said.
    """
    found = reply.headers[name]
    if found is None:
        return False
    if name.lower() == "content-type":
        return reply.media_type == value.split(";")[0]
    return value in (OPEN, found)


def is_graph(expected: str, reply: Reply) -> bool:
    syntax = SYNTAXES[reply.media_type]
    left, right = (
        ox.Dataset(ox.parse(body, format=syntax, base_iri="http://www.example/"))
        for body, syntax in ((expected, RdfFormat.TURTLE), (reply.body, syntax))
    )
    return same(left, right)


def path_of(address: str) -> str:
    """What a request line says for an absolute IRI."""
    split = urlsplit(address)
    return split.path + (f"?{split.query}" if split.query else "")
