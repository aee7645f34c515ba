"""So many requests to a partner at a time; the others wait, and no client waits for another's lot.

Of those that wait the client with the fewest requests under way comes first, then the one that came
first. All turns but one are the most that one client has, so that another's never waits for all of
them to end.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from atlas.errors import ClientGone, QueryTimeout
from federation.partner import Partner
from federation.run import Run


class _Place(threading.Event):
    """A client's place in a queue; set when there is no use in waiting any more."""

    def __init__(self, client: str) -> None:
        super().__init__()
        self.client, self.granted = client, False


class Turns:
    """One queue for each partner, by its name. Safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._queues: dict[str, list[_Place]] = {}

    @contextmanager
    def turn(self, partner: Partner, run: Run) -> Iterator[None]:
        """Within the block it is this request's turn.

        Raises QueryTimeout when none comes before the run ends, ClientGone once it is cancelled.
        """
        place = _Place(run.client)
        with self._lock:
            self._queues.setdefault(partner.name, []).append(place)
            self._grant(partner)
        try:
            with run.cancelled.stopping(place.set):
                place.wait(run.left)
            if run.cancelled.cancelled:
                raise ClientGone("The client hung up before its answer was ready.")
            if not place.granted:
                raise QueryTimeout(
                    f"The time was over before the partner {partner.name}, which is asked "
                    f"{partner.limits.concurrency} requests at a time, could be asked."
                ).worded(
                    "refusal.partner_turn", partner=partner.name, most=partner.limits.concurrency
                )
            yield
        finally:
            with self._lock:
                self._queues[partner.name].remove(place)
                self._grant(partner)

    def _grant(self, partner: Partner) -> None:
        """Those who are next have their turn. Under the lock."""
        queue = self._queues[partner.name]
        free = max(1, partner.limits.concurrency)
        share = max(1, free - 1)
        under_way = Counter(place.client for place in queue if place.granted)
        free -= under_way.total()
        waiting = [place for place in queue if not place.granted]
        while free > 0 and waiting:
            # Of equals the first in the queue is found.
            place = min(waiting, key=lambda place: under_way[place.client])
            if place.client and under_way[place.client] >= share:
                break
            waiting.remove(place)
            under_way[place.client] += 1
            free -= 1
            place.granted = True
            place.set()
        if not queue:
            del self._queues[partner.name]
