"""The pool under gevent, whose sockets do not block, in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

SERVER = """
from gevent import monkey
monkey.patch_all()
import json, sys, time
from pathlib import Path
import gevent
from atlas.errors import QueryTimeout
from store import Generations, Operation, WorkerPool
pool = WorkerPool(Generations(Path(sys.argv[1])), workers=2, deadline=120, queue=200)
def ask(number):
    text = f"SELECT ?n {{ <http://example.org/place/{number}> <http://example.org/name> ?n }}"
    return pool.query(Operation(text), "text/csv").read().decode().split("\\r\\n")[1]
def runaway():
    text = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
    began = time.monotonic()
    try:
        pool.query(Operation(text), "text/csv", deadline=3)
    except QueryTimeout:
        return time.monotonic() - began
ask(0)
slow = gevent.spawn(runaway)
while not pool.stats()['busy']:
    gevent.sleep(0.01)
quick = [gevent.spawn(ask, number) for number in range(30)]
gevent.joinall(quick)
neighbours_first = not slow.dead
slow.join()
pool.close()
print(json.dumps([[one.value for one in quick], neighbours_first, slow.value]))
"""


def test_greenlets_share_the_pool_and_a_runaway_is_stopped(home: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SERVER, home], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    answers, neighbours_first, seconds = json.loads(done.stdout)
    assert answers == [f"Lieu {number}" for number in range(30)]
    assert neighbours_first
    # Its own time, not the pool's.
    assert 3 <= seconds < 100
