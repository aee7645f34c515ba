"""What a reverse proxy says of a request, believed only of proxies that the settings name.

An address, a scheme and a host that anybody could write into a header would let anybody be somebody
else: what comes from elsewhere is taken as it came. https://www.rfc-editor.org/rfc/rfc7239
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from atlas.errors import UsageError

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
HOST = re.compile(r"[A-Za-z0-9._-]{1,255}(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](:[0-9]{1,5})?")
SCHEMES = ("http", "https")


class Proxies:
    """WSGI middleware that puts the client's own address, scheme and host into the environment."""

    def __init__(self, application: Callable[..., Any], trusted: str) -> None:
        """``trusted``: addresses or networks, with commas between. Raises UsageError."""
        self.application, self.networks = application, networks(trusted)
        self.is_trusted = lru_cache(maxsize=1024)(self._is_trusted)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        if self.networks and self.is_trusted(environ.get("REMOTE_ADDR", "")):
            self.believe(environ)
        return self.application(environ, start_response)

    def believe(self, environ: dict[str, Any]) -> None:
        if forwarded := environ.get("HTTP_X_FORWARDED_FOR"):
            environ["REMOTE_ADDR"] = self.client(forwarded.split(","), environ["REMOTE_ADDR"])
        scheme = last(environ.get("HTTP_X_FORWARDED_PROTO"))
        if scheme in SCHEMES:
            environ["wsgi.url_scheme"] = scheme
        host = last(environ.get("HTTP_X_FORWARDED_HOST"))
        if HOST.fullmatch(host):
            environ["HTTP_HOST"] = host

    def client(self, hops: Iterable[str], nearest: str) -> str:
        """The last address that no trusted proxy has: what stands before it anybody may write."""
        for hop in reversed([hop.strip() for hop in hops]):
            if address(hop) is None:
                return nearest
            nearest = hop
            if not self.is_trusted(hop):
                break
        return nearest

    def _is_trusted(self, text: str) -> bool:
        found = address(text)
        return found is not None and any(found in network for network in self.networks)


def address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def networks(trusted: str) -> tuple[Network, ...]:
    """The networks that a setting names. Raises UsageError."""
    names = [name.strip() for name in trusted.split(",") if name.strip()]
    try:
        return tuple(ipaddress.ip_network(name, strict=False) for name in names)
    except ValueError as error:
        raise UsageError(
            f"ATLAS_TRUSTED_PROXIES is {trusted!r}; it takes addresses or networks with commas "
            "between."
        ) from error


def last(values: str | None) -> str:
    """What the nearest proxy wrote: it adds to the end of what was there."""
    return (values or "").rsplit(",", 1)[-1].strip()
