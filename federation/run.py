"""What one query asked of other sites: each exchange counted, and bounded all together."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

from atlas.errors import PartnerLimit
from store.cancellation import Cancellation

# What all partners together may send for one query: all of it is held until the query is answered.
BYTES = 100 * 1024 * 1024


@dataclass(frozen=True)
class Exchange:
    """One request to a site and what came of it. ``bytes``: of the answer's body, unpacked."""

    partner: str
    text: str
    bindings: int
    rows: int
    bytes: int
    seconds: float
    failed: str = ""


@dataclass
class Run:
    """One query's dealings with other sites. Safe to use from many threads.

    ``ends``: the moment (``time.monotonic()``) by which all must be done. ``rows``, ``requests``:
    at most so many, all partners together. ``partial``: whether a partner that fails is left out
    instead of failing the query; who was, and why, is in ``left_out``. ``client``: who asks, for
    fairness; "" is ourselves.
    """

    ends: float
    rows: int
    requests: int
    partial: bool = False
    cancelled: Cancellation = field(default_factory=Cancellation)
    client: str = ""
    exchanges: list[Exchange] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _asked: int = 0
    _moved: int = 0
    _received: int = 0

    @property
    def left(self) -> float:
        """Seconds that are left, 0 where the time is over."""
        return max(0.0, self.ends - time.monotonic())

    def asking(self) -> None:
        """One request more. Raises PartnerLimit."""
        with self._lock:
            self._asked += 1
            if self._asked > self.requests:
                raise PartnerLimit(
                    f"The query needs more than {self.requests:,} requests to partners "
                    "(ATLAS_FEDERATION_REQUESTS). Add a more selective pattern."
                )

    def moved(self, rows: int) -> None:
        """So many rows more have come. Raises PartnerLimit."""
        with self._lock:
            self._moved += rows
            if self._moved > self.rows:
                raise PartnerLimit(
                    f"Partners sent more than {self.rows:,} rows for this query "
                    "(ATLAS_FEDERATION_ROWS). Add a more selective pattern."
                )

    def received(self, size: int) -> None:
        """So many bytes more have come. Raises PartnerLimit."""
        with self._lock:
            self._received += size
            if self._received > BYTES:
                raise PartnerLimit(
                    f"Partners sent more than {BYTES:,} bytes for this query, which is the most "
                    "for one. Add a more selective pattern."
                )

    def exchanged(self, exchange: Exchange) -> None:
        with self._lock:
            self.exchanges.append(exchange)

    def leave_out(self, partner: str, why: str) -> None:
        with self._lock:
            self.left_out.setdefault(partner, why)
