"""A breath during long work: where gevent runs, others have their turn."""

from __future__ import annotations

import time

# As good as none, yet more: pauses of 0 follow one another without gevent's looking at its
# connections and clocks in between.
MOMENT = 1e-6


def breathe() -> None:
    """To be called every few milliseconds of work that waits for nothing."""
    time.sleep(MOMENT)
