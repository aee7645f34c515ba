"""Work on a long text, done while other requests are answered."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import gevent

Result = TypeVar("Result")
# Characters that are read in some 50 ms, on a busy machine.
LONG = 64 * 1024


def apart(work: Callable[[], Result], *, size: int) -> Result:
    """The work on a text of this size; a long one is read while other requests are answered."""
    if size < LONG:
        return work()
    result: Result = gevent.get_hub().threadpool.apply(work)
    return result
