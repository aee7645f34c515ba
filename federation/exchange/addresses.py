"""Which addresses may be asked: how a URL must be written, whose it is, and which IPs are refused.

Everything here is pure: nothing is looked up. There is one reader of URLs, and connections are made
from what it read, so no two readings of one text can differ. URLs are read strictly: RFC 3986 in
ASCII, no user, no backslash, IP addresses in their one usual form.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from atlas.errors import Forbidden, shown
from federation.partner import Partner

MAXIMUM_URL = 8_000
PORTS = {"http": 80, "https": 443}
# What a URL may be made of. Quotes, brackets and spaces are percent-encoded in a URL.
CHARACTERS = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+")
# A zone ("%eth0") means something on one machine only, and has no place in a URL of another's.
PLACE = re.compile(
    r"(?:\[(?P<ipv6>[0-9A-Fa-f:.]+)\]|(?P<host>[^:\[\]@]+))(?::(?P<port>[0-9]{1,5}))?"
)
LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
# Such a host is an IP address in one of the forms that systems read: 127.1, 0x7f.1, 2130706433.
ENDS_IN_NUMBER = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)")

# https://www.iana.org/assignments/iana-ipv4-special-registry, and what clouds keep for themselves.
REFUSED_IPV4 = {
    "0.0.0.0/8": "the address of no host",
    "10.0.0.0/8": "a private address",
    "100.64.0.0/10": "an address of a provider's inner network",
    "127.0.0.0/8": "an address of this machine",
    "168.63.129.16/32": "where a cloud keeps its metadata",
    "169.254.0.0/16": "link-local, where clouds keep their metadata",
    "172.16.0.0/12": "a private address",
    "192.0.0.0/24": "a reserved address",
    "192.0.2.0/24": "an address for documentation",
    "192.31.196.0/24": "a reserved address",
    "192.52.193.0/24": "a reserved address",
    "192.88.99.0/24": "the address of a relay",
    "192.168.0.0/16": "a private address",
    "192.175.48.0/24": "a reserved address",
    "198.18.0.0/15": "an address for measurements",
    "198.51.100.0/24": "an address for documentation",
    "203.0.113.0/24": "an address for documentation",
    "224.0.0.0/4": "a multicast address",
    "240.0.0.0/4": "a reserved address",
}
# https://www.iana.org/assignments/iana-ipv6-special-registry. The first that fits is said; what is
# not in the global range at the end is refused too.
REFUSED_IPV6 = {
    "::/128": "the address of no host",
    "::1/128": "an address of this machine",
    "::ffff:0:0/96": "an IPv4 address in disguise",
    "::/96": "an IPv4 address in disguise",
    "64:ff9b::/96": "an IPv4 address in disguise",
    "64:ff9b:1::/48": "an IPv4 address in disguise",
    "2002::/16": "an IPv4 address in disguise",
    "2001::/32": "an IPv4 address in disguise",
    "2001::/23": "a reserved address",
    "2001:db8::/32": "an address for documentation",
    "2620:4f:8000::/48": "a reserved address",
    "3fff::/20": "an address for documentation",
    "fc00::/7": "a private address",
    "fe80::/10": "a link-local address",
    "fec0::/10": "a private address",
    "ff00::/8": "a multicast address",
}
GLOBAL_IPV6 = ipaddress.IPv6Network("2000::/3")
REFUSED = tuple(
    (ipaddress.ip_network(network), what) for network, what in (REFUSED_IPV4 | REFUSED_IPV6).items()
)


@dataclass(frozen=True)
class Target:
    """A URL that was read: ``host`` in lower case without brackets, ``path`` with its query."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def origin(self) -> tuple[str, str, int]:
        return self.scheme, self.host, self.port

    @property
    def place(self) -> str:
        """Host and port for people, the port only where it is not the usual one."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.place}{self.path}"


def read(url: str) -> Target:
    """The URL's parts. Raises Forbidden with what is wrong with it."""
    if len(url) > MAXIMUM_URL:
        raise _refused(url, f"has more than {MAXIMUM_URL:,} characters")
    if not CHARACTERS.fullmatch(url):
        raise _refused(url, "holds a character that no URL may hold; percent-encode it")
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise _refused(url, f"cannot be read ({error})") from error
    if parts.scheme not in PORTS:
        raise _refused(url, "is neither http nor https")
    if "@" in parts.netloc:
        raise _refused(url, "names a user; partners are asked without credentials")
    place = PLACE.fullmatch(parts.netloc)
    if place is None:
        raise _refused(url, "has no readable host and port")
    port = int(place["port"] or PORTS[parts.scheme])
    if not 0 < port < 65536:
        raise _refused(url, f"has a port that cannot be: {port}")
    host = _ipv6(url, place["ipv6"]) if place["ipv6"] else _host(url, place["host"].lower())
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port, path)


def _ipv6(url: str, address: str) -> str:
    try:
        return ipaddress.IPv6Address(address).compressed
    except ValueError as error:
        raise _refused(url, "has no readable IPv6 address") from error


def _host(url: str, host: str) -> str:
    if ENDS_IN_NUMBER.fullmatch(host):
        try:
            return str(ipaddress.IPv4Address(host))
        except ValueError as error:
            reason = "writes an IP address in an unusual form; write four decimal numbers"
            raise _refused(url, reason) from error
    if len(host) > 253 or not all(map(LABEL.fullmatch, host.split("."))):
        reason = "has no readable host name (ASCII, without a final dot; xn--… for other letters)"
        raise _refused(url, reason)
    return host


def _unzoned(address: str) -> str:
    if "%" in address:
        raise ValueError("it has a zone, which only means something on one machine")
    return address


def _refused(url: str, why: str) -> Forbidden:
    return Forbidden(f"The address {shown(url)} {why}.")


def is_own(partner: Partner, target: Target) -> bool:
    """Whether the target is on an origin of the partner's: of its endpoint, dump or homepage.

    https on the usual port counts where the entry says http on the usual port: sites move up.
    """
    own = origins(partner)
    return target.origin in own or (
        target.scheme == "https" and target.port == 443 and ("http", target.host, 80) in own
    )


def origins(partner: Partner) -> frozenset[tuple[str, str, int]]:
    """Scheme, host and port of each address of the entry, of those that can be read."""
    found = set()
    for url in (partner.endpoint, partner.dump, partner.homepage):
        if url:
            try:
                found.add(read(url).origin)
            except Forbidden:
                continue
    return frozenset(found)


def literal(host: str) -> str | None:
    """The host where it is an IP address itself, None where it is a name."""
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return None


def refusal(address: str, allowed: frozenset[str]) -> str | None:
    """Why an IP address may not be reached ("a private address"), None where it may.

    ``allowed``: addresses that may be reached whatever they are, however they are written.
    """
    try:
        ip = ipaddress.ip_address(_unzoned(address))
    except ValueError:
        return "no IP address"
    if ip in _read_all(allowed):
        return None
    for network, what in REFUSED:
        if ip.version == network.version and ip in network:
            return what
    if isinstance(ip, ipaddress.IPv6Address) and ip not in GLOBAL_IPV6:
        return "no public address"
    return None


def _read_all(addresses: frozenset[str]) -> set[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    found = set()
    for address in addresses:
        try:
            found.add(ipaddress.ip_address(_unzoned(address)))
        except ValueError:
            continue  # Of what cannot be read nothing is allowed.
    return found
