"""One connection to one judged address, for one request, ended in time wherever it waits.

urllib3 speaks HTTP and TLS; the name stays in Host, SNI and the certificate's check, while the
socket goes to the address that was judged and nowhere else. Nothing is read from the environment.
"""

from __future__ import annotations

import http.client
import logging
import socket
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection

from federation.exchange.addresses import Target
from store.cancellation import Cancellation, Stopping

# A server may say "103 Early Hints" and its like before it answers, and some never stop.
INFORMATIONAL = 8
# Of the addresses that a name has all are judged and so many tried.
TRIED = 4
# It logs a stack trace for every broken header that a partner sends.
logging.getLogger("urllib3").setLevel(logging.CRITICAL)


class Leash:
    """Ends one exchange when its time is over or nobody waits for it any more.

    A timeout of the socket's bounds each read; this bounds them all together, however they drip.
    """

    def __init__(self, ends: float, cancelled: Cancellation) -> None:
        self.late = False
        self._ends, self._cancelled = ends, cancelled
        self._cut = Cancellation()
        self._outer = cancelled.stopping(self._cut.cancel)
        self._timer = threading.Timer(self.left, self._end)
        self._timer.daemon = True

    def __enter__(self) -> Leash:
        self._outer.__enter__()
        self._timer.start()
        return self

    def __exit__(self, *raised: object) -> None:
        self._timer.cancel()
        self._outer.__exit__()

    @property
    def left(self) -> float:
        return max(0.0, self._ends - time.monotonic())

    @property
    def gone(self) -> bool:
        """Whether whoever waited for it has hung up."""
        return self._cancelled.cancelled

    @property
    def over(self) -> bool:
        """Whether it must end, or has been ended: what then looks like an end of data is none."""
        return self.gone or self.late or not self.left

    def cutting(self, stop: Callable[[], None]) -> Stopping:
        """Within the block ``stop`` is called when the exchange must end."""
        return self._cut.stopping(stop)

    def _end(self) -> None:
        self.late = True
        self._cut.cancel()


class Line:
    """The socket's other handle: shutting it wakes whoever waits on the socket, TLS or not."""

    def __init__(self, leash: Leash) -> None:
        self._leash = leash
        self._handle: socket.socket | None = None
        self._held: Stopping | None = None

    def connect(self, addresses: Sequence[str], port: int) -> socket.socket:
        """A socket to the first of the addresses that answers. Raises OSError."""
        tried = addresses[:TRIED]
        for number, address in enumerate(tried):
            try:
                return self._connect(address, port, self._leash.left / (len(tried) - number))
            except OSError:
                if number + 1 == len(tried) or self._leash.over:
                    raise
        raise OSError("no address")

    def _connect(self, address: str, port: int, seconds: float) -> socket.socket:
        sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
        try:
            self._hold(sock)
            if self._leash.over:
                raise TimeoutError
            sock.settimeout(seconds)
            sock.connect((address, port))
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.settimeout(self._leash.left or None)
        except BaseException:
            self.close()
            sock.close()
            raise
        return sock

    def _hold(self, sock: socket.socket) -> None:
        handle = self._handle = sock.dup()

        def shut() -> None:
            with suppress(OSError):  # It is not connected yet, or not any more.
                handle.shutdown(socket.SHUT_RDWR)

        self._held = self._leash.cutting(shut)
        self._held.__enter__()

    def close(self) -> None:
        if self._held is not None:
            self._held.__exit__()
            self._held = None
        if self._handle is not None:
            self._handle.close()
            self._handle = None


class _Response(http.client.HTTPResponse):
    """An answer that does not begin for ever."""

    def _read_status(self) -> tuple[str, int, str]:
        for _ in range(INFORMATIONAL):
            version, status, reason = super()._read_status()  # type: ignore[misc]
            if status >= http.HTTPStatus.OK:
                return version, status, reason
            http.client.parse_headers(self.fp)
        raise http.client.HTTPException(f"more than {INFORMATIONAL} informational answers")


class _Pinned:
    """Mixed into urllib3's connections: the socket is made by a line, whatever the host's name."""

    line: Line
    addresses: Sequence[str]
    port: Any

    def _new_conn(self) -> socket.socket:
        return self.line.connect(self.addresses, self.port)


class _PinnedHTTP(_Pinned, HTTPConnection):
    pass


class _PinnedHTTPS(_Pinned, HTTPSConnection):
    pass


def connection(
    target: Target, addresses: Sequence[str], line: Line, tls: ssl.SSLContext | None
) -> HTTPConnection:
    """A connection to the target that only ever reaches one of the addresses. Not yet open."""
    made: _PinnedHTTP | _PinnedHTTPS
    if target.scheme == "https":
        made = _PinnedHTTPS(target.host, target.port, ssl_context=tls)
    else:
        made = _PinnedHTTP(target.host, target.port)
    made.line, made.addresses = line, addresses
    made.response_class = _Response
    return made
