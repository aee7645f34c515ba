"""What a build says of its own time and memory."""

from __future__ import annotations

import subprocess
import sys
import threading
import time

from loaders.measures import Clock, Memory
from tests.waiting import until

MIB = 2**20
HOLD = "import time; held = bytearray(80 * 2**20); print('held', flush=True); time.sleep(600)"


def test_each_step_keeps_its_seconds_in_order() -> None:
    clock = Clock()
    with clock.step("first"):
        time.sleep(0.02)
    with clock.step("second"):
        pass
    assert list(clock.steps) == ["first", "second"]
    assert clock.steps["first"] >= 0.02
    assert clock.total >= clock.steps["first"]


def test_memory_counts_this_process_and_those_it_starts_at_one_time() -> None:
    with Memory() as memory:
        until(lambda: memory._peak)
    alone = memory.peak
    child = subprocess.Popen([sys.executable, "-c", HOLD], stdout=subprocess.PIPE)
    try:
        assert child.stdout
        child.stdout.readline()
        with Memory() as memory:
            until(lambda: memory.peak >= alone + 60 * MIB, lambda: memory.peak)
    finally:
        child.kill()
        child.communicate()


def test_nothing_is_looked_at_any_more_once_the_build_is_done() -> None:
    before = threading.active_count()
    with Memory() as memory:
        assert threading.active_count() == before + 1
        until(lambda: memory._peak)
    until(lambda: threading.active_count() == before, threading.enumerate)
