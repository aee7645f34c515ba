"""Reads the sources that have to be read: much of it in two processes, the largest source first."""

from __future__ import annotations

import copyreg
import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator, MutableSequence, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial
from typing import Any

from atlas.errors import BadRow, InstanceError, MalformedSource
from loaders.progress import Display
from loaders.readings import Planned, read

# Below this, starting a process costs more than it saves.
LARGE_BYTES = 4 * 1024 * 1024
PROCESSES = 2
TICK_SECONDS = 0.1


def read_all(plans: Sequence[Planned], display: Display) -> list[Planned]:
    """Every plan with a reading that holds, in the order given.

    Raises the first error of a loader; the readings that were done stay done.
    """
    to_read = sorted((plan for plan in plans if not plan.reading), key=_size, reverse=True)
    if len(to_read) > 1 and sum(map(_size, to_read)) >= LARGE_BYTES:
        read_now = _read_in_processes(to_read, display)
    else:
        read_now = [_read_here(plan, display) for plan in to_read]
    done = {plan.source.name: plan for plan in read_now}
    return [done.get(plan.source.name, plan) for plan in plans]


def _read_here(plan: Planned, display: Display) -> Planned:
    counters = Counter(plan, display)
    display.reading(plan.source.name, plan.rows)
    return _shown(read(plan, counters, 0), display)


class Counter(list[int]):
    """One counter that moves its source's bar now and then."""

    EVERY = 5000

    def __init__(self, plan: Planned, display: Display) -> None:
        super().__init__([0])
        self.name, self.display = plan.source.name, display

    def __setitem__(self, place: Any, value: Any) -> None:
        super().__setitem__(place, value)
        if value % self.EVERY == 0:
            self.display.rows(self.name, value)


def _read_in_processes(plans: Sequence[Planned], display: Display) -> list[Planned]:
    context = multiprocessing.get_context("spawn")
    counters = context.Array("Q", len(plans), lock=False)
    with ProcessPoolExecutor(
        min(PROCESSES, len(plans)), context, initializer=_begin, initargs=(counters,)
    ) as pool:
        futures = {}
        for place, plan in enumerate(plans):
            display.reading(plan.source.name, plan.rows)
            futures[pool.submit(_read_there, plan, place)] = plan
        with _cancelling(futures):
            _watch(futures, counters, display)
            return [future.result() for future in futures]


def _watch(
    futures: dict[Future[Planned], Planned], counters: Sequence[int], display: Display
) -> None:
    """Move the bars until every future is done; raise the first error as soon as there is one."""
    pending = set(futures)
    while pending:
        done, pending = wait(pending, timeout=TICK_SECONDS)
        for place, plan in enumerate(futures.values()):
            display.rows(plan.source.name, counters[place])
        for future in done:
            _shown(future.result(), display)


@contextmanager
def _cancelling(futures: dict[Future[Planned], Planned]) -> Iterator[None]:
    try:
        yield
    except BrokenProcessPool as error:
        raise InstanceError(
            "A process that read a source was killed, as happens when memory runs out; free some "
            "memory and run the build again."
        ) from error
    finally:
        for future in futures:
            future.cancel()


def _shown(plan: Planned, display: Display) -> Planned:
    if plan.reading:
        display.read(plan.source.name, plan.reading.rows, plan.reading.seconds)
    return plan


def _size(plan: Planned) -> int:
    files = [
        file
        for path in plan.source.files
        for file in (path.rglob("*") if path.is_dir() else [path])
    ]
    return sum(file.stat().st_size for file in files)


_counters: MutableSequence[int] = []


def _begin(counters: MutableSequence[int]) -> None:
    """In each process: take the shared counters, and end when the build ends, however it does."""
    global _counters
    _counters = counters
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent:
        parent.join()
        os._exit(1)


def _read_there(plan: Planned, place: int) -> Planned:
    return read(plan, _counters, place)


# Errors with fields of their own need to be told how they cross from one process to another.
copyreg.pickle(BadRow, lambda e: (BadRow, (e.path, e.line, e.field, e.value, e.reason)))
copyreg.pickle(
    MalformedSource, lambda e: (partial(MalformedSource, line=e.line), (e.path, e.reason))
)
