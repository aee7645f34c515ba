"""What the gate asks, of whom, and where it lets itself be led."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from atlas import __version__
from atlas.errors import Forbidden, PartnerFailed
from federation.exchange.gate import Gate
from federation.partner import Partner
from tests.federation import faulty
from tests.federation.faulty import Faulty
from tests.federation.fetching import (
    BODY,
    fetch,
    refused,
    resolving,
)


@pytest.fixture
def site() -> Iterator[Faulty]:
    with Faulty(faulty.reply(BODY)) as site:
        yield site


# What is asked.


def test_a_partner_s_own_address_is_fetched(site: Faulty) -> None:
    with fetch(site.partner()) as reply:
        assert (reply.status, reply.url) == (200, site.url)
        assert reply.headers["content-type"] == faulty.JSON
        assert reply.read() == BODY
        assert reply.bytes == len(BODY)


def test_a_request_says_nothing_but_what_it_must(site: Faulty) -> None:
    said = {
        "Accept": "text/turtle",
        "If-None-Match": '"1"',
        "Authorization": "Bearer secret",
        "Cookie": "session=1",
        "Referer": "http://here.example/",
        "Proxy-Authorization": "Basic x",
        "Host": "evil.example",
        "X-Forwarded-For": "10.0.0.1",
        "User-Agent": "me",
    }
    fetch(site.partner(), headers=said).close()
    assert site.seen[0].headers == {
        "host": f"127.0.0.1:{site.port}",
        "user-agent": f"atlas-relationnel/{__version__}",
        "accept": "text/turtle",
        "accept-encoding": "gzip",
        "if-none-match": '"1"',
        "connection": "close",
    }


def test_a_cookie_is_never_sent_back(site: Faulty) -> None:
    to_itself = faulty.reply(
        b"", status=307, headers={"Location": "/sparql", "Set-Cookie": "id=1; Path=/"}
    )
    site.script(to_itself, faulty.reply(BODY, headers={"Set-Cookie": "id=2"}), faulty.reply(BODY))
    gate, partner = Gate(), site.partner()
    for _ in range(2):
        fetch(partner, gate=gate).close()
    assert len(site.seen) == 3
    assert not any("cookie" in seen.headers for seen in site.seen)


def test_proxies_of_the_environment_are_not_used(
    site: Faulty, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Faulty() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.origin)
        fetch(site.partner()).close()
        assert (len(site.seen), proxy.seen) == (1, [])


@pytest.mark.parametrize(
    "url",
    [
        "http://evil.example/",
        "http://127.0.0.2:{port}/",
        "http://127.0.0.1:1/",
        "https://127.0.0.1:{port}/",
        "http://localhost:{port}/",
        "http://2130706433:{port}/",
        "http://127.1:{port}/",
        "http://faulty@127.0.0.1:{port}/",
        "http://127.0.0.1:{port}\\@evil.example/",
        "http://[::ffff:127.0.0.1]:{port}/",
        "http://127.0.0.1:{port}/\r\nX-Injected: 1",
        "file:///etc/passwd",
    ],
)
def test_an_address_that_is_not_the_partner_s_is_not_asked(site: Faulty, url: str) -> None:
    sentence = refused(Forbidden, site.partner(), url.format(port=site.port))
    assert sentence.startswith("The address ")
    assert site.seen == []


# Where the connection goes.


def test_a_private_address_needs_an_entry_that_names_it(site: Faulty) -> None:
    sentence = refused(Forbidden, site.partner(addresses=frozenset({"127.0.0.2"})))
    assert "127.0.0.1, which is an address of this machine" in sentence
    assert site.seen == []


@pytest.mark.parametrize(
    "bad", ["10.0.0.1", "169.254.169.254", "::1", "fe80::1%eth0", "::ffff:127.0.0.1", "nonsense"]
)
@pytest.mark.parametrize("first", [True, False])
def test_one_bad_address_of_a_name_is_enough(site: Faulty, bad: str, first: bool) -> None:
    found = [bad, "127.0.0.1"] if first else ["127.0.0.1", bad]
    partner = site.partner(endpoint=f"http://partner.example:{site.port}/sparql")
    sentence = refused(Forbidden, partner, gate=resolving(partner_example=found))
    assert f"partner.example ({bad})" in sentence
    assert site.seen == []


def test_a_name_is_looked_up_once_and_the_connection_goes_where_it_was_judged(
    site: Faulty, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.1"]

    def nowhere(*args: Any, **named: Any) -> Any:
        raise AssertionError("looked up again")

    monkeypatch.setattr(socket, "getaddrinfo", nowhere)
    partner = site.partner(endpoint=f"http://partner.example:{site.port}/sparql")
    with fetch(partner, gate=Gate(resolve=rebinding)) as reply:
        assert reply.read() == BODY
    assert asked == ["partner.example"]
    assert site.seen[0].headers["host"] == f"partner.example:{site.port}"


def test_the_next_address_is_tried_where_one_does_not_answer(site: Faulty) -> None:
    partner = site.partner(
        endpoint=f"http://partner.example:{site.port}/sparql",
        addresses=frozenset({"127.0.0.1", "127.0.0.9"}),
    )
    gate = resolving(partner_example=["127.0.0.9", "127.0.0.1"])
    with fetch(partner, gate=gate) as reply:
        assert reply.read() == BODY


def test_a_name_that_nobody_knows_is_the_partner_s_failure() -> None:
    for gate in (resolving(), resolving(partner_example=[])):
        sentence = refused(
            PartnerFailed, Partner("p", endpoint="http://partner.example/"), gate=gate
        )
        assert sentence == "The partner p has a name that cannot be found: partner.example."


def test_the_system_finds_the_addresses_of_a_name() -> None:
    with Faulty(faulty.reply(BODY), host="127.0.0.1") as site:
        partner = site.partner(
            endpoint=f"http://localhost:{site.port}/", addresses=frozenset({"127.0.0.1", "::1"})
        )
        with fetch(partner) as reply:
            assert reply.read() == BODY


def test_a_partner_may_be_at_an_ipv6_address() -> None:
    if not has_ipv6():
        pytest.skip("this machine has no IPv6")
    with Faulty(faulty.reply(BODY), host="::1") as site:
        partner = Partner("p", endpoint=f"http://[::1]:{site.port}/", addresses=frozenset({"::1"}))
        with fetch(partner) as reply:
            assert reply.read() == BODY
        assert site.seen[0].headers["host"] == f"[::1]:{site.port}"


def has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as tried:
            tried.bind(("::1", 0))
    except OSError:
        return False
    return True


# Redirects.


def test_a_redirect_within_the_partner_s_site_is_followed(site: Faulty) -> None:
    for location in ("/other?a=b", "other?a=b", f"{site.origin}/other?a=b#here"):
        site.seen.clear()
        site.script(faulty.redirect(location, 302), faulty.reply(BODY))
        with fetch(site.partner()) as reply:
            assert (reply.read(), reply.url) == (BODY, f"{site.origin}/other?a=b")
        assert [seen.path for seen in site.seen] == ["/sparql", "/other?a=b"]


def test_a_redirect_may_lead_to_another_address_of_the_entry(site: Faulty) -> None:
    with Faulty(faulty.redirect(f"{site.origin}/dump.nt", 301)) as front:
        with fetch(front.partner(dump=f"{site.origin}/x")) as reply:
            assert reply.url == f"{site.origin}/dump.nt"
        assert [seen.method for seen in site.seen] == ["GET"]


@pytest.mark.parametrize("code", [307, 308])
def test_a_query_that_was_posted_is_posted_again(site: Faulty, code: int) -> None:
    site.script(faulty.redirect("/new", code), faulty.reply(BODY))
    said = {"Content-Type": "application/x-www-form-urlencoded"}
    fetch(site.partner(), method="POST", body=b"query=ASK{}", headers=said).close()
    assert [(seen.method, seen.path, seen.query) for seen in site.seen] == [
        ("POST", "/sparql", "ASK{}"),
        ("POST", "/new", "ASK{}"),
    ]


@pytest.mark.parametrize("code", [301, 302, 303])
def test_a_query_that_a_redirect_would_lose_is_not_sent_again(site: Faulty, code: int) -> None:
    site.script(faulty.redirect("/new", code), faulty.reply(BODY))
    sentence = refused(PartnerFailed, site.partner(), method="POST", body=b"query=ASK{}")
    assert f"status {code}, which would lose it" in sentence
    assert len(site.seen) == 1


def test_redirects_in_circles_end(site: Faulty) -> None:
    site.script(faulty.redirect("/sparql"))
    sentence = refused(PartnerFailed, site.partner())
    assert sentence == "The partner faulty redirects more than 5 times."
    assert len(site.seen) == 6


ASTRAY = {
    "http://127.0.0.1:{other}/": "does not name",
    "http://evil.example/": "does not name",
    "//evil.example/": "does not name",
    "http://169.254.169.254/latest/meta-data/": "does not name",
    "http://[::1]:{port}/": "does not name",
    "http://127.0.0.1/": "does not name",
    "https://127.0.0.1:{port}/": "does not name",
    "file:///etc/passwd": "neither http nor https",
    "gopher://127.0.0.1:{port}/": "neither http nor https",
    "javascript:alert(1)": "neither http nor https",
    "http://2130706433:{port}/": "unusual form",
    "http://0x7f.1:{port}/": "unusual form",
    "http://a@127.0.0.1:{port}/": "names a user",
    "http:\\\\127.0.0.1:{port}/": "character",
    "/a b": "character",
    "/caf\xe9": "character",
    "http://[::1/": "redirects to nowhere",
    "/" + "a" * 9000: "more than 8,000",
}


@pytest.mark.parametrize(("location", "why"), ASTRAY.items(), ids=[url[:40] for url in ASTRAY])
def test_a_redirect_that_leads_astray_is_not_followed(
    site: Faulty, location: str, why: str
) -> None:
    with Faulty(faulty.reply(b"secret")) as other:
        site.script(
            faulty.redirect(location.format(port=site.port, other=other.port)), faulty.reply(BODY)
        )
        sentence = refused(PartnerFailed, site.partner())
        assert sentence.startswith("The partner faulty redirects")
        assert why in sentence
        assert (len(site.seen), other.seen) == (1, [])


def test_a_redirect_without_a_location_is_a_failure(site: Faulty) -> None:
    site.script(faulty.status(302))
    assert "without saying where to" in refused(PartnerFailed, site.partner())


def test_the_address_behind_a_redirect_is_judged_too(site: Faulty) -> None:
    site.script(faulty.redirect("http://files.example/dump"))
    partner = site.partner(dump="http://files.example/")
    sentence = refused(PartnerFailed, partner, gate=resolving(files_example=["10.0.0.1"]))
    assert "redirects to files.example, which is a private address" in sentence
