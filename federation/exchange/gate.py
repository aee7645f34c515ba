"""The one way out: every request to another site is made here, and refused unless all is in order.

Only partners, only at their own addresses; a name is looked up once, all its addresses are judged,
and the connection goes to one of these. A redirect is a new request and judged like one
(https://www.rfc-editor.org/rfc/rfc9110#name-redirection-3xx). Each request has its own connection,
so no answer can be taken for another's; it carries no cookie, no credentials and no referrer.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple
from urllib.parse import urljoin

from urllib3.response import HTTPResponse

from atlas import __version__
from atlas.errors import Forbidden, PartnerFailed, PartnerLimit, shown
from federation.exchange import addresses
from federation.exchange.addresses import Target
from federation.exchange.connections import Leash, Line, connection
from federation.exchange.failures import told
from federation.exchange.unpacking import unpacker
from federation.partner import Partner
from store.cancellation import Cancellation

# How every atlas begins its User-Agent.
PRODUCT = "atlas-relationnel/"
USER_AGENT = f"{PRODUCT}{__version__}"
# What a caller may say; all else would tell who we are, or is the connection's own business.
SAID = frozenset({"accept", "content-type", "if-none-match", "if-modified-since"})
REDIRECTS = 5
REDIRECTED = frozenset({301, 302, 303, 307, 308})
# A body is sent again only where the answer says that it must be.
RESENT = frozenset({307, 308})
CHUNK = 64 * 1024


def system_addresses(host: str, port: int) -> list[str]:
    """The IP addresses of a host, as the system finds them. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Request(NamedTuple):
    method: str
    headers: Mapping[str, str]
    body: bytes | None


@dataclass
class _Lookup:
    """A look-up on its way, and who waits for it."""

    found: list[str] = field(default_factory=list)
    failed: str = ""
    waiting: list[threading.Event] = field(default_factory=list)


class Gate:
    """Safe to use from many threads. ``resolve``: the addresses of a host, or OSError.

    ``tls``: how certificates are checked; by default as the system does.
    """

    def __init__(
        self,
        *,
        resolve: Callable[[str, int], list[str]] = system_addresses,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._resolve, self._given_tls = resolve, tls
        self._lock = threading.Lock()
        self._lookups: dict[tuple[str, int], _Lookup] = {}

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return self._given_tls or ssl.create_default_context()

    def fetch(
        self,
        partner: Partner,
        url: str,
        *,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        ends: float,
        limit: int,
        cancelled: Cancellation | None = None,
    ) -> Reply:
        """The partner's reply, whatever its status, its body still to be read. To be closed.

        ``ends``: the moment (``time.monotonic()``) by which the body must be read; ``limit``: its
        bytes, unpacked. Raises Forbidden for an address that may not be asked; PartnerFailed,
        PartnerLimit; ClientGone once ``cancelled``.
        """
        target = addresses.read(url)
        if not addresses.is_own(partner, target):
            raise Forbidden(
                f"The address {shown(url)} is not one of the partner {partner.name}: "
                f"its entry names {_places(partner)}."
            )
        kept = {name: value for name, value in (headers or {}).items() if name.lower() in SAID}
        request = Request(method, kept, body)
        with ExitStack() as stack:
            leash = stack.enter_context(Leash(ends, cancelled or Cancellation()))
            for number in range(REDIRECTS + 1):
                exchange = ExitStack()
                with exchange:
                    response = self._exchange(partner, target, request, leash, exchange, number)
                    if response.status not in REDIRECTED:
                        stack.push(exchange.pop_all())
                        return Reply(partner, target, response, leash, limit, stack.pop_all())
                    with _discreet(partner):
                        target, request = _redirected(partner, target, request, response)
        raise PartnerFailed(partner.name, f"redirects more than {REDIRECTS} times.")

    def _exchange(
        self,
        partner: Partner,
        target: Target,
        request: Request,
        leash: Leash,
        stack: ExitStack,
        redirects: int,
    ) -> HTTPResponse:
        with told(partner, target, leash):
            judged = self._judged(partner, target, leash, redirects)
            line = Line(leash)
            stack.callback(line.close)
            made = connection(target, judged, line, self._tls if target.scheme == "https" else None)
            stack.callback(made.close)
            made.timeout = leash.left
            try:
                made.request(
                    request.method,
                    target.path,
                    body=request.body,
                    headers={
                        "User-Agent": USER_AGENT,
                        "Accept-Encoding": "gzip",
                        "Connection": "close",
                        **request.headers,
                    },
                    preload_content=False,
                    decode_content=False,
                )
            except (BrokenPipeError, ConnectionResetError):
                if made.sock is None or leash.over:
                    raise
                # It answered before it had read all: what it answered says why.
            response = made.getresponse()
            stack.callback(response.close)
            _check_framing(response)
            return response

    def _judged(self, partner: Partner, target: Target, leash: Leash, redirects: int) -> list[str]:
        """All addresses of the target's host, each allowed."""
        literal = addresses.literal(target.host)
        found = [literal] if literal else self._looked_up(target, leash)
        for address in found:
            reason = addresses.refusal(address, partner.addresses)
            if reason is not None:
                if redirects:
                    raise PartnerFailed(
                        partner.name, f"redirects to {target.host}, which is {reason}."
                    )
                where = address if literal else f"{target.host} ({address})"
                refused = Forbidden(
                    f"The partner {partner.name} is at {where}, which is {reason}. "
                    "It is not reached unless its entry names that very address."
                )
                # Which addresses a name has within our network is nobody's business.
                refused.public = (
                    f"The partner {partner.name} is at an address that this atlas may not reach."
                )
                raise refused
        return found

    def _looked_up(self, target: Target, leash: Leash) -> list[str]:
        """The system's look-up has no timeout: it runs aside and is left alone where it is late.

        Who needs the same name meanwhile waits for the same look-up: there are few threads for
        them, and one site's name must not take those of all others.
        """
        told = threading.Event()
        with self._lock:
            lookup = self._lookups.get((target.host, target.port))
            if lookup is None:
                lookup = self._lookups[target.host, target.port] = _Lookup()
                threading.Thread(target=self._look, args=(target, lookup), daemon=True).start()
            lookup.waiting.append(told)
        with leash.cutting(told.set):
            told.wait(leash.left)
        with self._lock:
            lookup.waiting.remove(told)
        if leash.over:
            raise TimeoutError
        if lookup.failed or not lookup.found:
            raise socket.gaierror(lookup.failed or "no address")
        return lookup.found

    def _look(self, target: Target, lookup: _Lookup) -> None:
        try:
            lookup.found = self._resolve(target.host, target.port)
        except (OSError, UnicodeError) as error:
            lookup.failed = f"{error}"
        finally:
            with self._lock:
                del self._lookups[target.host, target.port]
                for told in lookup.waiting:
                    told.set()


class Reply:
    """What a partner replied: ``status``, ``headers`` (any case), ``url`` (after redirects).

    Its body is read once, whole or in pieces; ``bytes`` counts what was unpacked of it so far.
    """

    def __init__(
        self,
        partner: Partner,
        target: Target,
        response: HTTPResponse,
        leash: Leash,
        limit: int,
        held: ExitStack,
    ) -> None:
        self.status = response.status
        self.headers: Mapping[str, str] = response.headers
        self.url = target.url
        self.bytes = 0
        self._partner, self._target, self._response = partner, target, response
        self._leash, self._limit, self._held = leash, limit, held

    def __enter__(self) -> Reply:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    def close(self) -> None:
        self._held.close()

    def read(self) -> bytes:
        """The whole body. Raises PartnerFailed, PartnerLimit, ClientGone."""
        return b"".join(self.stream())

    def stream(self) -> Iterator[bytes]:
        """The body in pieces, none of them empty, and then the reply is closed. Raises as read."""
        try:
            packed = 0
            unpack = unpacker(self._partner, self.headers)
            with told(self._partner, self._target, self._leash):
                self._check_announced()
                while piece := self._response.read(CHUNK, decode_content=False):
                    packed += len(piece)
                    self._check(packed)
                    for unpacked in unpack.pieces(piece):
                        self.bytes += len(unpacked)
                        self._check(self.bytes)
                        yield unpacked
                if self._leash.over:
                    raise TimeoutError
                unpack.finish()
        finally:
            self.close()

    def _check_announced(self) -> None:
        length = self.headers.get("Content-Length", "")
        if length.isdecimal() and self._response.length_remaining:
            self._check(int(length))

    def _check(self, size: int) -> None:
        if size > self._limit:
            raise PartnerLimit(
                f"The partner {self._partner.name} sends more than {self._limit:,} bytes for one "
                "answer, which is its limit. Ask it for less, or raise the limit in its entry."
            )


def _check_framing(response: HTTPResponse) -> None:
    """One way only to tell where the body ends. https://www.rfc-editor.org/rfc/rfc9112#section-6.3

    Raises http.client.HTTPException.
    """
    coding = response.headers.get("Transfer-Encoding")
    if coding is None:
        return
    if coding.strip().lower() != "chunked" or "Content-Length" in response.headers:
        raise http.client.HTTPException(f"Transfer-Encoding {coding} with other framing")


@contextmanager
def _discreet(partner: Partner) -> Iterator[None]:
    """Addresses within our network, where a partner leads from one there, are for the operator."""
    try:
        yield
    except PartnerFailed as error:
        if partner.addresses:
            told = "redirects to where it is not followed."
            raise PartnerFailed(partner.name, error.did, told) from error
        raise


def _redirected(
    partner: Partner, target: Target, request: Request, response: HTTPResponse
) -> tuple[Target, Request]:
    """Where to go next and with what; raises PartnerFailed where that is nowhere."""
    location = response.headers.get("Location")
    if not location:
        raise PartnerFailed(
            partner.name, f"redirects (status {response.status}) without saying where to."
        )
    try:
        following = addresses.read(urljoin(target.url, location))
    except (Forbidden, ValueError) as error:
        raise PartnerFailed(partner.name, f"redirects to nowhere. {error}") from error
    if not addresses.is_own(partner, following):
        raise PartnerFailed(
            partner.name,
            f"redirects to {shown(following.url)}, which its entry does not name.",
        )
    if target.scheme == "https" and following.scheme == "http":
        raise PartnerFailed(partner.name, f"redirects from https to {shown(following.url)}.")
    if request.body is not None and response.status not in RESENT:
        raise PartnerFailed(
            partner.name,
            f"redirects what is sent to it to {shown(following.url)} with status "
            f"{response.status}, which would lose it. Put that address in its entry.",
        )
    return following, request


def _places(partner: Partner) -> str:
    """The origins of the partner's entry for people."""
    named = (f"{scheme}://{host}:{port}" for scheme, host, port in addresses.origins(partner))
    return ", ".join(sorted(named)) or "no address that can be asked"
