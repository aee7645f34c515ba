"""Leaves a partner alone that fails again and again, and tries it once in a while.

Closed: it is asked. Open: it is not, and the query is told at once. Half-open: after a pause one
request is let through as a probe; if it succeeds all are, if it fails the pause begins again.
A query may be too much for a site that is well, and meant to be: before one is left alone, it is
asked something trivial, and only a site that fails this too is.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from atlas.errors import PartnerFailed, PartnerRefused
from federation.partner import Partner

CLOSED, OPEN, HALF_OPEN = "closed", "open", "half-open"
FAILURES = 5
# The pause doubles with each probe that fails.
PAUSE, LONGEST_PAUSE = 15.0, 300.0


@dataclass
class _Breaker:
    failures: int = 0
    pause: float = 0.0
    until: float = 0.0
    probing: bool = False
    last: str = ""


class Breakers:
    """One breaker for each partner, by its name. Safe to use from many threads."""

    def __init__(
        self,
        *,
        failures: int = FAILURES,
        pause: float = PAUSE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._failures, self._pause, self._clock = failures, pause, clock
        self._lock = threading.Lock()
        self._all: defaultdict[str, _Breaker] = defaultdict(_Breaker)

    @contextmanager
    def guard(self, partner: Partner, well: Callable[[], bool] = lambda: False) -> Iterator[None]:
        """One exchange with the partner, whose outcome counts.

        ``well``: whether the partner answers something trivial; asked before it is left alone.
        Only what is the partner's own failure counts as one: PartnerFailed, and not that it refused
        this very query, reached a limit, or was hung up on. Raises PartnerFailed while open.
        """
        probe = self._enter(partner.name)
        try:
            yield
        except PartnerRefused:
            self._succeeded(partner.name)
            raise
        except PartnerFailed as error:
            if self._decides(partner.name, probe) and well():
                self._succeeded(partner.name)
            else:
                self._failed(partner.name, error.told, probe)
            raise
        except BaseException:
            if probe:
                self._undecided(partner.name)
            raise
        self._succeeded(partner.name)

    def state(self, name: str) -> str:
        """CLOSED, OPEN or HALF_OPEN."""
        with self._lock:
            breaker = self._all.get(name)
            if breaker is None or not breaker.pause:
                return CLOSED
            waiting = breaker.probing or self._clock() >= breaker.until
            return HALF_OPEN if waiting else OPEN

    def _enter(self, name: str) -> bool:
        """Whether this request is the probe."""
        with self._lock:
            breaker = self._all[name]
            if not breaker.pause:
                return False
            left = breaker.until - self._clock()
            if breaker.probing or left > 0:
                again = f"in {left:.0f} s" if left > 0.5 else "soon"
                raise PartnerFailed(
                    name,
                    f"failed {breaker.failures} times in a row and is left alone for now; "
                    f"it is tried again {again}. The last time it {breaker.last}",
                )
            breaker.probing = True
            return True

    def _decides(self, name: str, probe: bool) -> bool:
        """Whether one failure more is the one after which the partner is left alone."""
        with self._lock:
            breaker = self._all[name]
            return probe or (not breaker.pause and breaker.failures + 1 >= self._failures)

    def _undecided(self, name: str) -> None:
        """The probe said nothing of the partner: the next request is one."""
        with self._lock:
            self._all[name].probing = False

    def _succeeded(self, name: str) -> None:
        with self._lock:
            self._all.pop(name, None)

    def _failed(self, name: str, did: str, probe: bool) -> None:
        with self._lock:
            breaker = self._all[name]
            breaker.failures += 1
            breaker.last = did
            if probe:
                breaker.pause = min(2 * breaker.pause, LONGEST_PAUSE)
                breaker.probing = False
            elif not breaker.pause and breaker.failures >= self._failures:
                breaker.pause = self._pause
            else:
                return
            breaker.until = self._clock() + breaker.pause
