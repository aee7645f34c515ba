"""What a worker may not do, tried in processes of their own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from store.confine import SYSTEM_CALLS
from tests.waiting import is_gone, until, worked

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux") or os.uname().machine not in SYSTEM_CALLS,
    reason="this system has no filter of system calls that we know",
)

CALLS = """
import socket
from store.confine import confine
confine({memory})
for family in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX):
    try:
        socket.socket(family)
    except PermissionError:
        print("refused")
a, b = socket.socketpair()
a.send(b"x")
print(b.recv(1).decode())
"""
GREEDY = """
from store.confine import confine
confine(64 * 1024 * 1024)
try:
    bytearray(128 * 1024 * 1024)
except MemoryError:
    print("refused")
"""
PARENT = """
import sys
from pathlib import Path
from store import Generations, Operation, WorkerPool
pool = WorkerPool(Generations(Path(sys.argv[1])), workers=1)
pool.query(Operation("ASK {}"), "text/csv").read()
print(*[worker.process.pid for worker in pool._all], flush=True)
pool.query(Operation("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"), "text/csv")
"""


def run(code: str, *words: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    return done.stdout.split()


def test_a_confined_process_opens_no_socket_but_keeps_its_pipe() -> None:
    assert run(CALLS.format(memory=0)) == ["refused"] * 3 + ["x"]


def test_a_confined_process_gets_no_memory_past_its_cap() -> None:
    assert run(GREEDY) == ["refused"]


def test_workers_end_when_the_server_is_killed_in_mid_query(home: Path) -> None:
    server = subprocess.Popen(
        [sys.executable, "-c", PARENT, home], stdout=subprocess.PIPE, text=True
    )
    assert server.stdout
    workers = [int(word) for word in server.stdout.readline().split()]
    assert workers
    # One of them is at work on the second query.
    before = {pid: worked(pid) for pid in workers}
    until(lambda: any(worked(pid) > before[pid] for pid in workers))
    os.kill(server.pid, signal.SIGKILL)
    server.communicate()
    until(lambda: all(is_gone(pid) for pid in workers))
