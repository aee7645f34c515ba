"""Replays the older Graph Store tests, which the suite prints as text for readers.

Their tests follow one another: what one writes, the next one reads.
https://www.w3.org/TR/sparql11-http-rdf-update/
"""

from __future__ import annotations

import textwrap
import tomllib
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

from tests.conformance.exchanges import objection
from tests.conformance.server import GRAPHS, Reply, Server
from tests.conformance.tasks import Exchange, Script
from tests.conformance.verdicts import PASSED, Verdict

Headers = tuple[tuple[str, str], ...]
LINE_BREAK = "\r\n"


@dataclass(frozen=True)
class Correction:
    """What the suite's text lacks to be run as it is, and why."""

    reason: str
    replace: tuple[tuple[str, str], ...] = ()
    clear: bool = False  # The store is empty before it.
    first: str | None = None  # A request that makes what the test takes to be there.


def corrections() -> dict[str, Correction]:
    """By the test's IRI."""
    table = tomllib.loads((Path(__file__).parent / "corrections.toml").read_text("utf-8"))
    return {
        iri: Correction(
            reason=entry["reason"],
            replace=tuple((old, new) for old, new in entry.get("replace", ())),
            clear=entry.get("clear", False),
            first=entry.get("first"),
        )
        for iri, entry in table.items()
    }


def replay(iri: str, task: Script, server: Server) -> Verdict:
    """One request and its response, in the state that the tests before have left."""
    correction = corrections().get(iri)
    text = task.text
    if correction:
        if correction.clear:
            server.clear()
        if correction.first:
            _send(read(correction.first, server.authority), server)
        for old, new in correction.replace:
            assert old in text, old
            text = text.replace(old, new)
    exchange = read(text, server.authority)
    reply = _send(exchange, server)
    why = objection(exchange, reply)
    if why:
        return Verdict(False, why=why)
    if exchange.location:
        server.placeholders[exchange.location] = _address(reply.headers["Location"], server)
    return PASSED


def read(text: str, host: str) -> Exchange:
    """The request, and the response where the text has one."""
    text = text.replace("$HOST$/$GRAPHSTORE$", f"{host}{GRAPHS}")
    text = text.replace("$GRAPHSTORE$", GRAPHS).replace("$HOST$", host)
    _, request, *responses = text.split("#### Re")
    head, headers, body = _message(request.removeprefix("quest"))
    method, path, _ = head.split(" ")
    if any(value.startswith("multipart/") for _, value in headers):
        body = body.replace("\n", LINE_BREAK)
    status, expected_headers, expected_body = (
        _message(responses[0].removeprefix("sponse")) if responses else ("", (), "")
    )
    return Exchange(
        method=method,
        path=path,
        headers=headers,
        body=body.encode("utf-8") if body else None,
        statuses=frozenset({_name(status)} if status else ()),
        expected_headers=tuple(header for header in expected_headers if header[0] != "Location"),
        expected_body=expected_body or None,
        location=dict(expected_headers).get("Location"),
    )


def _message(text: str) -> tuple[str, Headers, str]:
    """First line, headers and body of a message that is printed with an indent."""
    lines = textwrap.dedent(text.strip("\n")).strip()
    top, _, body = lines.partition("\n\n")
    first, *headers = top.split("\n")
    pairs = (header.partition(": ") for header in headers)
    return first, tuple((name, value) for name, _, value in pairs), body


def _name(status: str) -> str:
    return HTTPStatus(int(status.split(" ")[0])).phrase.replace(" ", "")


def _send(exchange: Exchange, server: Server) -> Reply:
    path = exchange.path
    for name, value in server.placeholders.items():
        path = path.replace(name, value)
    return server.request(exchange.method, path, dict(exchange.headers), exchange.body)


def _address(location: str, server: Server) -> str:
    """The request line's path for a Location, which may be relative."""
    split = urlsplit(location)
    assert split.netloc in ("", server.authority), location
    return split.path + (f"?{split.query}" if split.query else "")
