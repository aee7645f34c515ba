"""Waiting for what comes about by itself, on a machine that may be busy with something else."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

# Seconds: what has not come about by then never will, on the busiest of machines.
LONG = 120.0
TICKS = os.sysconf("SC_CLK_TCK")


def until(holds: Callable[[], object], said: Callable[[], object] = lambda: "") -> None:
    """Wait until it holds; fail where it never does, with what ``said`` tells of it then."""
    ends = time.monotonic() + LONG
    while not holds():
        assert time.monotonic() < ends, f"it never came to hold {said()}"
        time.sleep(0.01)


def stat(process: int) -> list[str]:
    """The fields of /proc/N/stat from the state on, as proc(5) has them; none where it is gone."""
    with suppress(OSError):
        return Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(")")[2].split()
    return []


def is_gone(process: int) -> bool:
    """Whether it has ended, also where nobody has asked yet how."""
    return stat(process)[:1] in ([], ["Z"], ["X"])


def worked(process: int) -> float:
    """Seconds of the processor that it has used: it grows while it is at work and only then."""
    fields = stat(process)
    return sum(map(int, fields[11:13])) / TICKS if fields else 0.0
