"""Who asks, and how many requests of theirs may be in flight at a time.

https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-ratelimit-headers-07: here the quota is of
requests at the same time, in one server process, so that it is whole again once they are answered.
"""

from __future__ import annotations

import ipaddress
from collections import Counter
from collections.abc import Mapping
from typing import Any, cast

from flask import Flask, Response, request

from atlas.errors import TooManyRequests
from endpoint.refusals import refused
from endpoint.site import site_of
from endpoint.tokens import BEARER, Tokens

KEY = "atlas.client"
# What an operator's own watchers ask is not counted, nor what costs nothing.
FREE = ("/health", "/ready", "/metrics", "/static/")
AGENT_CHARACTERS = 200
# Of an IPv6 address a client has at least the half: who has one has all of these.
OWN_BITS = 64
RETRY_SECONDS = "1"


def init_app(app: Flask) -> None:
    """Count the requests in flight of each client, and turn away those beyond the limit."""
    site = site_of(app)
    quota = app.extensions[KEY] = Quota(site.settings.client_requests)

    def admit() -> None:
        environ = request.environ
        if not environ["PATH_INFO"].startswith(FREE):
            environ[KEY] = flight = Flight(quota, identity(environ, site.tokens))
            flight.begin()

    def tell(response: Response) -> Response:
        flight: Flight | None = request.environ.get(KEY)
        if flight is not None and quota.limit:
            for name, value in quota.headers(flight.client):
                response.headers.add(name, value)
            if response.is_streamed and flight.counted:
                # A reader that takes its time keeps its place.
                flight.counted = False
                response.call_on_close(lambda: quota.leave(flight.client))
        return response

    def end(error: BaseException | None) -> None:
        flight: Flight | None = request.environ.get(KEY)
        if flight is not None:
            flight.end()

    app.before_request(admit)
    app.after_request(tell)
    app.teardown_request(end)


def current_client() -> str:
    """Who sent the request that is being answered."""
    flight: Flight | None = request.environ.get(KEY)
    return flight.client if flight is not None else ""


def quota_of(app: Flask) -> Quota:
    return cast(Quota, app.extensions[KEY])


class Quota:
    """The requests in flight, by client; at most ``limit`` of one, 0: any number."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._flying: Counter[str] = Counter()

    def enter(self, client: str) -> None:
        """Raises TooManyRequests."""
        if self.limit and self._flying[client] >= self.limit:
            raise refused(TooManyRequests, "refusal.client", count=self.limit)
        self._flying[client] += 1

    def leave(self, client: str) -> None:
        self._flying[client] -= 1
        if self._flying[client] <= 0:
            del self._flying[client]

    def headers(self, client: str) -> list[tuple[str, str]]:
        left = max(0, self.limit - self._flying.get(client, 0))
        return [
            ("RateLimit-Limit", str(self.limit)),
            ("RateLimit-Remaining", str(left)),
            ("RateLimit-Reset", RETRY_SECONDS),
        ]


class Flight:
    """One request on its way."""

    __slots__ = ("client", "counted", "quota")

    def __init__(self, quota: Quota, client: str) -> None:
        self.quota, self.client, self.counted = quota, client, False

    def begin(self) -> None:
        self.quota.enter(self.client)
        self.counted = True

    def end(self) -> None:
        if self.counted:
            self.counted = False
            self.quota.leave(self.client)


def identity(environ: Mapping[str, Any], tokens: Tokens) -> str:
    """The holder of a valid token, else an address with the name of the program behind it."""
    authorization = environ.get("HTTP_AUTHORIZATION")
    if authorization:
        bearer = BEARER.fullmatch(authorization.strip())
        principal = tokens.principal(bearer[1]) if bearer else None
        if principal is not None:
            return f"token {principal.id}"
    agent = environ.get("HTTP_USER_AGENT", "")[:AGENT_CHARACTERS]
    return f"{network(environ.get('REMOTE_ADDR', ''))} {agent}"


def network(address: str) -> str:
    """The address as one client's: of IPv6 the network that one client is given."""
    if ":" not in address:
        return address
    try:
        return str(ipaddress.ip_network(f"{address}/{OWN_BITS}", strict=False))
    except ValueError:
        return address
