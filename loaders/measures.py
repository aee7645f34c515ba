"""Time and memory of a build, measured by the build itself."""

from __future__ import annotations

import os
import resource
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Clock:
    """Seconds that each step took, in order, and the memory of the whole."""

    memory: Memory = field(default_factory=lambda: Memory())
    began: float = field(default_factory=time.monotonic)
    steps: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        began = time.monotonic()
        yield
        self.steps[name] = round(time.monotonic() - began, 3)

    @property
    def total(self) -> float:
        return round(time.monotonic() - self.began, 3)


class Memory:
    """The most that this process and those it started held at one time, looked at now and then.

    It looks for as long as it is entered. Where the system does not tell (no /proc), an upper
    bound: the peaks of both, added up.
    """

    EVERY_SECONDS = 0.1

    def __init__(self) -> None:
        self._peak = 0
        self._processes = Path("/proc")
        self._done = threading.Event()

    def __enter__(self) -> Memory:
        if (self._processes / "self" / "statm").exists():
            threading.Thread(target=self._watch, daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self._done.set()

    @property
    def peak(self) -> int:
        """Bytes."""
        return self._peak or _bound()

    def _watch(self) -> None:
        while not self._done.wait(self.EVERY_SECONDS):
            self._peak = max(self._peak, self._held(os.getpid()))

    def _held(self, process: int) -> int:
        """What a process and its descendants hold now; one that has just ended holds nothing."""
        folder = self._processes / str(process)
        try:
            pages = int((folder / "statm").read_text("ascii").split()[1])
            tasks = (folder / "task").glob("*/children")
            children = [int(child) for task in tasks for child in task.read_text("ascii").split()]
        except OSError:
            return 0
        return pages * resource.getpagesize() + sum(map(self._held, children))


def _bound() -> int:
    unit = 1 if sys.platform == "darwin" else 1024
    whose = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return unit * sum(resource.getrusage(who).ru_maxrss for who in whose)
