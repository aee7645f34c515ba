"""How a URL must be written, whose it is, and which addresses are refused."""

from __future__ import annotations

import pytest

from atlas.errors import Forbidden
from federation.exchange import addresses
from federation.partner import Partner

NOBODY: frozenset[str] = frozenset()

# What attackers write, and a word of the sentence that refuses it.
BAD_URLS = {
    "ftp://partner.example/": "neither http nor https",
    "file:///etc/passwd": "neither http nor https",
    "gopher://partner.example:70/": "neither http nor https",
    "javascript:alert(1)": "neither http nor https",
    "data:text/plain,x": "neither http nor https",
    "//partner.example/": "neither http nor https",
    "partner.example/sparql": "neither http nor https",
    "": "character",
    "http://partner@evil.example/": "names a user",
    "http://partner.example:80@evil.example/": "names a user",
    "http://user:secret@partner.example/": "names a user",
    "http://@partner.example/": "names a user",
    "http://partner.example\\@evil.example/": "character",
    "http:\\\\partner.example/": "character",
    "http:/\\evil.example/": "character",
    "http:///evil.example/": "readable host and port",
    "http:evil.example/": "readable host and port",
    "http://": "readable host and port",
    "http://:80/": "readable host and port",
    "http://partner.example/\r\nHost: evil.example": "character",
    "http://partner.example/%0d%0a x": "character",
    "http://partner.example/\tx": "character",
    "\x00http://partner.example/": "character",
    " http://partner.example/": "character",
    "http://partner.example /": "character",
    "http://partner.example/<script>": "character",
    "http://partner.example/é": "character",
    "http://partner.example:0/": "port",
    "http://partner.example:/": "readable host and port",
    "http://partner.example:65536/": "port",
    "http://partner.example:-1/": "readable host and port",
    "http://partner.example:8O/": "readable host and port",
    "http://partner.example:+80/": "readable host and port",
    "http://127.1/": "unusual form",
    "http://0x7f.1/": "unusual form",
    "http://0x7f000001/": "unusual form",
    "http://2130706433/": "unusual form",
    "http://017700000001/": "unusual form",
    "http://0177.0.0.1/": "unusual form",
    "http://127.0.0.01/": "unusual form",
    "http://127.0.0.1.1/": "unusual form",
    "http://0/": "unusual form",
    "http://partner.0x7f/": "unusual form",
    "http://127.0.0.1./": "host name",
    "http://partner.example./": "host name",
    "http://.partner.example/": "host name",
    "http://partner..example/": "host name",
    "http://-partner.example/": "host name",
    "http://partner%2eexample/": "host name",
    "http://partner.example%00.evil.example/": "host name",
    "http://partner.example,evil.example/": "host name",
    "http://１２７.0.0.1/": "character",
    "http://127。0。0。1/": "character",
    "http://ⓛocalhost/": "character",
    "http://pаrtner.example/": "character",  # The first a is Cyrillic.
    f"http://{'a' * 64}.example/": "host name",
    f"http://{'a.' * 127}example/": "host name",
    f"http://partner.example/{'a' * 8000}": "more than 8,000",
    "http://[::1%25eth0]/": "readable host and port",
    "http://[fe80::1%eth0]/": "readable host and port",
    "http://[::1/": "cannot be read",
    "http://::1/": "readable host and port",
    "http://[v1.fe80::a+en1]/": "read",
    "http://[127.0.0.1]/": "read",
    "http://[::1]x/": "readable host and port",
}


@pytest.mark.parametrize(("url", "why"), BAD_URLS.items(), ids=map(ascii, BAD_URLS))
def test_a_url_that_could_be_read_in_two_ways_is_refused(url: str, why: str) -> None:
    with pytest.raises(Forbidden) as caught:
        addresses.read(url)
    sentence = str(caught.value)
    assert why in sentence
    assert sentence.startswith("The address ")
    assert sentence.isprintable()


def test_a_url_s_parts_are_read_once_for_all() -> None:
    target = addresses.read("HTTP://Data.Partner.example:8080/sparql?a=b#here")
    assert target == addresses.Target("http", "data.partner.example", 8080, "/sparql?a=b")
    assert target.url == "http://data.partner.example:8080/sparql?a=b"
    assert addresses.read("https://xn--bcher-kva.example").url == "https://xn--bcher-kva.example/"
    assert addresses.read("http://[2001:DB8::0:1]:81/x").url == "http://[2001:db8::1]:81/x"
    assert addresses.read("http://192.0.2.7?q").path == "/?q"


REFUSED = [
    *("0.0.0.0", "0.1.2.3", "10.1.2.3", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.8.8.8"),
    *("168.63.129.16", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.1"),
    *("192.0.0.192", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.51.100.1"),
    *("203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255"),
    *("::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:0:7f00:1"),
    *("64:ff9b::7f00:1", "64:ff9b::8.8.8.8", "64:ff9b:1::1", "100::1", "2001::1", "2001:2::1"),
    *("2001:db8::1", "2002:7f00:1::", "3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254"),
    *("fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "2620:4f:8000::1"),
    *("", "localhost", "127.1", "2130706433", "2a00:1450::1%eth0"),
]


@pytest.mark.parametrize("address", REFUSED)
def test_no_address_but_a_public_one_is_reached(address: str) -> None:
    assert addresses.refusal(address, NOBODY)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "1.1.1.1", "172.32.0.1", "100.128.0.1", "2a00:1450:4007::1", "2606::1"]
)
def test_a_public_address_is_reached(address: str) -> None:
    assert addresses.refusal(address, NOBODY) is None


def test_an_entry_allows_the_very_address_it_names_and_no_neighbour() -> None:
    allowed = frozenset({"127.0.0.1", "FD00:0::1"})
    assert addresses.refusal("127.0.0.1", allowed) is None
    assert addresses.refusal("fd00::1", allowed) is None
    assert addresses.refusal("127.0.0.2", allowed)
    assert addresses.refusal("::ffff:127.0.0.1", allowed)
    assert addresses.refusal("10.0.0.1", frozenset({"10.0.0.0/8", "nonsense", ""}))


def own(url: str, **entry: str) -> bool:
    return addresses.is_own(Partner("p", **entry), addresses.read(url))


def test_only_the_origins_of_an_entry_are_the_partner_s() -> None:
    entry = {
        "endpoint": "https://data.example/sparql",
        "dump": "http://files.example:8080/dump.nt",
        "homepage": "http://www.example/",
    }
    assert own("https://data.example/other", **entry)
    assert own("http://files.example:8080/", **entry)
    assert own("https://www.example/", **entry)  # It moved up from http.
    for other in (
        "http://data.example/sparql",
        "https://data.example:8443/",
        "https://files.example:8080/",
        "https://files.example/",
        "http://evil.data.example/",
        "https://data.example.evil.example/",
        "http://www.example:81/",
    ):
        assert not own(other, **entry), other


def test_an_address_of_an_entry_that_cannot_be_read_opens_nothing() -> None:
    entry = {"endpoint": "http://2130706433/", "dump": "file:///x", "homepage": "http://a@b/"}
    assert not own("http://127.0.0.1/", **entry)
    assert not own("http://b/", **entry)
