"""Who works next: a few seats, many requests, and fairness between those who ask.

- Among those that wait, the client with the fewest requests at work comes first; then the one whose
  requests have taken the least time so far; then the one that came first.
- One client holds all seats but one at most, unless it is known for quick requests.
- A request that has sat for a slice of time while others wait is slow. Slow requests hold all seats
  but one at most: the one beyond that gives up its seat, and starts again once a slow seat is free.
  So who is known to ask quick things waits a short slice at most, whatever the others ask.
- Who is known for slow requests is taken to ask another one.
- A queue that is full lets go of a slow request before it refuses a new one.

Nothing here waits or locks: the pool does.
"""

from __future__ import annotations

import threading
import time
from collections import Counter, OrderedDict
from contextlib import suppress
from dataclasses import dataclass

from atlas.errors import Overloaded
from store.workers.process import WorkerProcess

# Seconds until a request counts as slow: where anybody waits, and where somebody waits whose
# requests take less than QUICK. Each eviction costs a new worker, so neither is very short.
SLICE, SHORT_SLICE = 0.5, 0.2
QUICK = 0.1
# How many clients are remembered by what their requests took, and how much the latest one counts.
# A single long one must not be held against a client for long.
REMEMBERED = 1_000
WEIGHT, LONGEST = 0.2, 1.0


@dataclass(eq=False)
class Ticket:
    """One request on its way through the queue. Requests of ours have no client and no bounds."""

    client: str
    slow: bool = False
    evicted: bool = False
    dropped: bool = False
    worker: WorkerProcess | None = None
    seated: float = 0.0
    _called: threading.Lock | None = None

    def begin_waiting(self) -> None:
        """To be called while the ticket is still out of everybody's reach. Most never wait."""
        self._called = threading.Lock()
        self._called.acquire()

    def wait(self, seconds: float) -> None:
        """Until somebody calls, or for so long."""
        assert self._called is not None
        self._called.acquire(timeout=seconds)

    def call(self) -> None:
        """Have whoever waits with this ticket look at it."""
        if self._called is not None and self._called.locked():
            with suppress(RuntimeError):  # Somebody else has just called.
                self._called.release()


class Admission:
    """The seats, those who sit and those who wait."""

    def __init__(self, seats: int, places: int) -> None:
        self.seats, self.places = seats, places
        self.share = max(1, seats - 1)
        self.waiting: list[Ticket] = []
        self.working: set[Ticket] = set()
        self._at_work: Counter[str] = Counter()
        self._slow = 0
        self._taken: OrderedDict[str, float] = OrderedDict()

    def enter(self, ticket: Ticket) -> None:
        """Join those who wait. Raises Overloaded where too many do."""
        ticket.slow |= self._typical(ticket.client) >= SHORT_SLICE
        if len(self.waiting) >= self.places and not ticket.slow:
            self._drop_one()
        if len(self.waiting) >= self.places:
            raise Overloaded(
                f"{len(self.waiting)} requests wait for a query worker already (ATLAS_QUEUE); "
                "try again in a moment."
            ).worded("refusal.queue", count=len(self.waiting))
        self.waiting.append(ticket)

    def leave(self, ticket: Ticket) -> None:
        """Give up waiting."""
        if ticket in self.waiting:
            self.waiting.remove(ticket)

    def next(self) -> Ticket | None:
        """Who may take a seat now: then ``sit`` must follow."""
        if not self.waiting or len(self.working) >= self.seats:
            return None
        if len(self.waiting) == 1:
            return self.waiting[0] if self._may_sit(self.waiting[0]) else None
        able = [ticket for ticket in self.waiting if self._may_sit(ticket)]
        return min(able, key=self._rank) if able else None

    def sit(self, ticket: Ticket) -> None:
        self.leave(ticket)
        ticket.evicted = False
        ticket.seated = time.monotonic()
        self.working.add(ticket)
        self._at_work[ticket.client] += 1
        self._slow += ticket.slow

    def rise(self, ticket: Ticket) -> None:
        """Give back the seat."""
        self.working.discard(ticket)
        self._slow -= ticket.slow
        self._at_work[ticket.client] -= 1
        if not self._at_work[ticket.client]:
            del self._at_work[ticket.client]
        if ticket.client:
            self._remember(ticket.client, time.monotonic() - ticket.seated)
        if ticket.evicted:
            ticket.slow = True

    def overstaying(self) -> Ticket | None:
        """Who has to give up its seat to those who wait; those who only turned slow are marked."""
        wanting = [ticket for ticket in self.waiting if self._wants_seat(ticket)]
        if len(self.working) < self.seats or not wanting:
            return None
        quick = any(self._typical(ticket.client) < QUICK for ticket in wanting)
        latest = time.monotonic() - (SHORT_SLICE if quick else SLICE)
        long = [
            ticket
            for ticket in self.working
            if ticket.client and not ticket.slow and not ticket.evicted and ticket.seated <= latest
        ]
        for ticket in sorted(long, key=lambda ticket: ticket.seated):
            if self._slow >= self.share:
                return ticket
            ticket.slow = True
            self._slow += 1
        return None

    def stats(self) -> dict[str, int]:
        return {"busy": len(self.working), "waiting": len(self.waiting), "slow": self._slow}

    def _may_sit(self, ticket: Ticket) -> bool:
        return self._within_share(ticket) and not (ticket.slow and self._slow >= self.share)

    def _wants_seat(self, ticket: Ticket) -> bool:
        return not ticket.slow and self._within_share(ticket)

    def _within_share(self, ticket: Ticket) -> bool:
        if not ticket.client or self._at_work.get(ticket.client, 0) < self.share:
            return True
        return not ticket.slow and self._typical(ticket.client) < QUICK

    def _rank(self, ticket: Ticket) -> tuple[int, float]:
        if not ticket.client:
            return -1, 0.0
        return self._at_work.get(ticket.client, 0), self._typical(ticket.client)

    def _typical(self, client: str) -> float:
        """Seconds that the client's requests take; who is not known yet is not known as quick."""
        return self._taken.get(client, QUICK)

    def _remember(self, client: str, seconds: float) -> None:
        seconds = min(seconds, LONGEST)
        before = self._taken.pop(client, seconds)
        self._taken[client] = before + WEIGHT * (seconds - before)
        if len(self._taken) > REMEMBERED:
            self._taken.popitem(last=False)

    def _drop_one(self) -> None:
        """The slow request that came last makes room for one that nothing is known of."""
        for ticket in reversed(self.waiting):
            if ticket.slow:
                self.leave(ticket)
                ticket.dropped = True
                ticket.call()
                return
