"""Work for several sites at the same time, of which the first failure is the end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor, as_completed
from typing import TypeVar

from federation.run import Run

T = TypeVar("T")
Result = TypeVar("Result")


def abreast(
    work: Callable[[T], Result], items: Sequence[T], run: Run, pool: Executor
) -> list[Result]:
    """What the work gives for each item, in their order.

    Raises what is raised first; then the run is cancelled, so that nobody waits for the others.
    """
    if len(items) <= 1:
        return [work(item) for item in items]
    futures = [pool.submit(work, item) for item in items]
    try:
        for future in as_completed(futures):
            future.result()
    except BaseException:
        run.cancelled.cancel()
        for future in futures:
            future.cancel()
        raise
    return [future.result() for future in futures]
