"""What goes wrong between here and a partner, in words: one table from exceptions to sentences."""

from __future__ import annotations

import http.client
import socket
import ssl
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from urllib3.exceptions import HTTPError, IncompleteRead, InvalidHeader, ProtocolError
from urllib3.util.ssl_match_hostname import CertificateError

from atlas.errors import ClientGone, PartnerFailed
from federation.exchange.addresses import Target, literal
from federation.exchange.connections import Leash
from federation.partner import Partner

# The first kind that fits is told. ``{place}``: host and port, where the host has a name;
# ``{why}``: the system's words.
WORDS: tuple[tuple[tuple[type[BaseException], ...], str], ...] = (
    ((socket.gaierror,), "has a name that cannot be found: {place}."),
    (
        (ssl.SSLCertVerificationError, CertificateError),
        "shows a certificate that does not prove that it is {place} ({why}).",
    ),
    ((ssl.SSLError,), "does not manage a TLS connection at {place} ({why})."),
    ((ConnectionRefusedError,), "refuses connections at {place}."),
    ((TimeoutError,), "did not answer in time at {place}."),
    ((http.client.RemoteDisconnected,), "closed the connection without an answer."),
    (
        (http.client.IncompleteRead, IncompleteRead, ConnectionError),
        "closed the connection before its answer was whole.",
    ),
    ((zlib.error,), "sent a compressed answer that is damaged or cut short."),
    ((http.client.BadStatusLine,), "does not answer in HTTP at {place}."),
    (
        (http.client.HTTPException, InvalidHeader),
        "sent an answer whose head is too long or broken.",
    ),
    ((OSError,), "cannot be reached at {place} ({why})."),
    ((HTTPError, ValueError), "sent an answer that is not HTTP as it should be."),
)
KINDS = tuple(kind for kinds, _ in WORDS for kind in kinds)


@contextmanager
def told(partner: Partner, target: Target, leash: Leash) -> Iterator[None]:
    """Failures of the block as PartnerFailed; as ClientGone where we have hung up ourselves."""
    try:
        yield
    except KINDS as error:
        if leash.gone:
            raise ClientGone("The client hung up before its answer was ready.") from error
        if leash.over:
            raise _failed(TimeoutError(), partner, target) from error
        raise _failed(error, partner, target) from error


def _failed(error: BaseException, partner: Partner, target: Target) -> PartnerFailed:
    """An address may be one of a network that readers need not know of."""
    hidden = "its address"
    place = target.place if literal(target.host) is None else hidden
    told = words(error, hidden if partner.addresses else place)
    return PartnerFailed(partner.name, words(error, place), told)


def words(error: BaseException, place: str) -> str:
    """What the partner at that place did, to follow its name."""
    if isinstance(error, ProtocolError) and isinstance(error.__cause__, Exception):
        error = error.__cause__  # urllib3 wraps what it met.
    why = getattr(error, "verify_message", "") or getattr(error, "strerror", "") or str(error)
    text = next(text for kinds, text in WORDS if isinstance(error, kinds))
    return text.format(place=place, why=plain(why))


def plain(text: str, most: int = 200) -> str:
    """What a partner wrote as part of our sentence: printable, its blanks single, cut."""
    words = " ".join(text.split())
    words = "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in words)
    return words if len(words) <= most else f"{words[: most - 1]}…"
