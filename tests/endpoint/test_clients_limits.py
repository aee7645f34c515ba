"""Who a client is, what one client may take, and what proxies are believed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from atlas.errors import UsageError
from endpoint.tokens import OneToken
from endpoint.wire.clients import identity, network
from endpoint.wire.proxies import Proxies
from tests.endpoint.serving import Reply, Served, serving
from tests.endpoint.test_disconnects import connect
from tests.waiting import until

RUNAWAY = "SELECT (COUNT(*) AS ?n) { " + " ".join(f"?a{n} ?b{n} ?c{n} ." for n in range(9)) + " }"


def test_a_valid_token_is_who_asks_and_another_one_is_nobody() -> None:
    tokens = OneToken("secret")
    environ = {"REMOTE_ADDR": "192.0.2.1", "HTTP_USER_AGENT": "curl"}
    assert identity(environ, tokens) == "192.0.2.1 curl"
    for authorization in ("Bearer wrong", "Basic c2VjcmV0", "Bearer", ""):
        assert identity({**environ, "HTTP_AUTHORIZATION": authorization}, tokens) == (
            "192.0.2.1 curl"
        )
    assert identity({**environ, "HTTP_AUTHORIZATION": "Bearer secret"}, tokens) == "token scratch"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("not:an:address", "not:an:address"),
        ("", ""),
    ],
)
def test_of_ipv6_a_client_is_its_whole_network(address: str, expected: str) -> None:
    assert network(address) == expected


def seen(trusted: str, **environ: str) -> dict[str, Any]:
    """The environment as the application behind the proxies sees it."""
    given = {"REMOTE_ADDR": "127.0.0.1", "wsgi.url_scheme": "http", "HTTP_HOST": "atlas", **environ}
    Proxies(lambda environ, _: [], trusted)(given, lambda *_: None)
    return given


@pytest.mark.parametrize(
    ("nearest", "forwarded", "expected"),
    [
        ("127.0.0.1", "192.0.2.7", "192.0.2.7"),
        ("127.0.0.1", "198.51.100.9, 192.0.2.7", "192.0.2.7"),
        ("127.0.0.1", "198.51.100.9, 192.0.2.7, 10.1.2.3", "192.0.2.7"),
        ("127.0.0.1", "10.1.2.3", "10.1.2.3"),
        ("127.0.0.1", "192.0.2.7, unknown", "127.0.0.1"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("203.0.113.5", "192.0.2.7", "203.0.113.5"),
    ],
)
def test_the_client_is_the_last_address_that_no_trusted_proxy_has(
    nearest: str, forwarded: str, expected: str
) -> None:
    environ = seen(
        "127.0.0.1, 10.0.0.0/8, ::1", REMOTE_ADDR=nearest, HTTP_X_FORWARDED_FOR=forwarded
    )
    assert environ["REMOTE_ADDR"] == expected


def test_scheme_and_host_are_believed_of_trusted_proxies_only() -> None:
    said = {"HTTP_X_FORWARDED_PROTO": "https", "HTTP_X_FORWARDED_HOST": "atlas.example"}
    trusted = seen("127.0.0.1", **said)
    assert (trusted["wsgi.url_scheme"], trusted["HTTP_HOST"]) == ("https", "atlas.example")
    for setting in ("", "192.0.2.1"):
        other = seen(setting, **said)
        assert (other["wsgi.url_scheme"], other["HTTP_HOST"]) == ("http", "atlas")


@pytest.mark.parametrize("host", ["evil/path", "a b", "x\r\ny", "", "a" * 300, "<script>"])
def test_a_host_that_is_none_is_not_taken(host: str) -> None:
    environ = seen("127.0.0.1", HTTP_X_FORWARDED_HOST=host, HTTP_X_FORWARDED_PROTO="javascript")
    assert (environ["wsgi.url_scheme"], environ["HTTP_HOST"]) == ("http", "atlas")


def test_a_proxy_that_is_no_address_is_told() -> None:
    with pytest.raises(UsageError, match="ATLAS_TRUSTED_PROXIES"):
        Proxies(lambda *_: None, "127.0.0.1, nginx")


@pytest.fixture(scope="module")
def strict(home: Path) -> Iterator[Served]:
    """A server that lets a client have few requests in flight, for a short time each."""
    with serving(
        home, ATLAS_WORKERS="2", ATLAS_QUERY_TIMEOUT="600", ATLAS_CLIENT_REQUESTS="4"
    ) as served:
        yield served


def ask(served: Served, query: str, **headers: str) -> Reply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return served.fetch_query(query, {"Accept": "text/csv", **named})


def test_every_answer_says_how_many_requests_are_left(strict: Served) -> None:
    for path in ("/sparql?query=ASK%7B%7D", "/sparql?query=ASK%7B%7D", "/sparql?query=nonsense"):
        reply = strict.fetch(path)
        assert reply.headers["RateLimit-Limit"] == "4"
        assert int(reply.headers["RateLimit-Remaining"]) >= 3
        assert reply.headers["RateLimit-Reset"] == "1"
    assert strict.fetch("/health").headers["RateLimit-Limit"] is None


def test_more_requests_of_one_client_than_allowed_are_told_to_come_back(strict: Served) -> None:
    with ExitStack() as heavy:
        for number in range(4):
            heavy.enter_context(sending(strict, f"{RUNAWAY} # {number}", "heavy"))
        until(lambda: at_a_time(strict) == 4)
        for number in range(4, 12):
            reply = ask(strict, f"{RUNAWAY} # {number}", User_Agent="heavy")
            assert (reply.status, reply.slug) == (429, "too-many-requests")
            assert reply.headers["Retry-After"] == "1"
            assert reply.headers["RateLimit-Remaining"] == "0"
            assert "ATLAS_CLIENT_REQUESTS" in reply.json["detail"]
        assert ask(strict, "ASK {}", User_Agent="light").status == 200
    until(lambda: ask(strict, "ASK {}", User_Agent="heavy").status == 200)


@contextmanager
def sending(served: Served, query: str, agent: str, timeout: str = "600") -> Iterator[None]:
    """A query of that client, which hangs up when the block ends."""
    with connect(served) as connection:
        path = "/sparql?" + urlencode({"query": query, "timeout": timeout})
        head = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: {agent}\r\n\r\n"
        connection.sendall(head.encode())
        yield


def at_a_time(served: Served) -> int:
    """How many queries have a worker or wait for one."""
    found = served.fetch("/health").json
    return int(found["busy"]) + int(found["waiting"])


def test_addresses_behind_a_trusted_proxy_are_clients_of_their_own(strict: Served) -> None:
    with ExitStack() as heavy:
        for number in range(8):
            agent = f"heavy\r\nX-Forwarded-For: 192.0.2.{number}"
            heavy.enter_context(sending(strict, f"{RUNAWAY} # {number}", agent))
        # Twice as many as one client may have.
        until(lambda: at_a_time(strict) == 8, lambda: at_a_time(strict))


@pytest.mark.parametrize("clients", [1, 64], ids=["one client", "as many clients"])
def test_a_light_client_is_answered_while_64_runaways_are_asked(home: Path, clients: int) -> None:
    with serving(home, ATLAS_WORKERS="3", ATLAS_QUERY_TIMEOUT="50") as served:
        known = [light(served, number) for number in range(-5, 0)]
        with ExitStack() as heavy:
            for number in range(64):
                agent = f"heavy {number % clients}"
                query = f"{RUNAWAY} # {number}"
                heavy.enter_context(sending(served, query, agent, timeout="20"))
            # Of one client no more are let in at a time.
            until(lambda: at_a_time(served) >= 16)
            light(served, 0)
            left = at_a_time(served)
            for number in range(1, 40):
                light(served, number)
        # The promise is to clients who ask quick things: on a very busy machine nobody does, and
        # they too are answered once the runaways have had their time.
        assert left >= 16 or max(known) > 0.1
        light(served, 40)


def light(served: Served, number: int) -> float:
    """Seconds in which a small question is answered, one that nobody asked before."""
    began = time.monotonic()
    query = f"SELECT * {{ ?s ?p ?o }} LIMIT 1 OFFSET {number % 5} # light {number}"
    assert ask(served, query, User_Agent="light").status == 200
    return time.monotonic() - began
