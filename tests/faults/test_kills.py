"""Processes killed while others write: what was acknowledged is there, and nothing by half."""

from __future__ import annotations

import http.client
import os
import random
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from store import Generations
from tests.endpoint.serving import ATLAS, Served, Server, address, environment, stop
from tests.faults.watching import is_clean, still_answers
from tests.faults.writing import (
    WRITTEN,
    invalid,
    pair,
    pairs_of,
    publish_valid_world,
    token,
    unfinished,
    update,
    whole,
)

UPDATES = 140
# Who is killed, and how often, spread over the updates at random.
KILLS = {"store.writing.confined": 5, "store.workers.worker": 4, "server": 2, "all": 1}
# Every so many updates come with one that the shapes refuse, whoever is killed meanwhile.
INVALID = 20
# Seconds after which a kill comes at the latest: within some of the updates that follow.
LATEST = 0.3
PAUSE = 0.1


@dataclass
class Course:
    """One run: the server as it is now, what was acknowledged, what nobody knows."""

    home: Path
    secret: str
    served: Served
    acknowledged: dict[int, int] = field(default_factory=dict)
    unsure: set[int] = field(default_factory=set)

    def write(self, number: int) -> None:
        """One update: acknowledged with its generation, or nobody knows."""
        try:
            reply = update(self.served, self.secret, pair(number))
        except (OSError, http.client.HTTPException):
            self.unsure.add(number)
            # What was killed takes a moment to be gone; who asks on at once only hears that again.
            time.sleep(PAUSE)
            return
        is_clean(reply)
        if reply.status // 100 == 2:
            self.acknowledged[number] = int(reply.headers["Atlas-Generation"])
        else:
            assert reply.status == 503, reply.text
            self.unsure.add(number)

    def refuse(self, number: int) -> None:
        """One update that must not be done."""
        with suppress(OSError, http.client.HTTPException):
            assert update(self.served, self.secret, invalid(number)).status in (422, 503)

    def kill(self, who: str) -> None:
        """The processes of that kind, as the kernel kills for want of memory: without a word."""
        root = self.served.process.pid
        for number, command in self.served.process.processes():
            server = "store." not in command
            chosen = (server and number != root) if who == "server" else who in command
            if who == "all" or chosen:
                with suppress(ProcessLookupError):
                    os.kill(number, signal.SIGKILL)

    def is_down(self) -> bool:
        return self.served.process.poll() is not None

    def restart(self) -> None:
        """Start the server again, once nothing of it is left."""
        stop(self.served.process, signal.SIGKILL)
        self.served = start(self.home)


def start(home: Path) -> Served:
    process = Server(home, ATLAS_WORKERS="2")
    served = Served(address(process), process)
    threading.Thread(target=process.read_log, daemon=True).start()
    return served


@contextmanager
def course(home: Path) -> Iterator[Course]:
    publish_valid_world(home)
    run = Course(home, token(home), start(home))
    try:
        yield run
    finally:
        stop(run.served.process)


def holds_what_it_said(run: Course) -> None:
    """The last generation and every kept one, as they were acknowledged and as the shapes ask."""
    present = whole(run.served.rows(WRITTEN))
    assert run.acknowledged.keys() <= present <= run.acknowledged.keys() | run.unsure
    kept = Generations(run.home).all()
    assert len(kept) > 3
    for generation in kept:
        expected = {n for n, made in run.acknowledged.items() if made <= generation.number}
        assert expected <= pairs_of(generation) <= expected | run.unsure
    for generation in (kept[0], kept[-1]):
        valid = subprocess.run(
            [ATLAS, "validate", "--generation", str(generation.number)],
            env=environment(run.home),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert valid.returncode == 0, valid.stdout + valid.stderr


@pytest.mark.slow
def test_kills_at_random_points_of_many_updates_lose_nothing_and_halve_nothing(
    tmp_path: Path,
) -> None:
    chance = random.Random(20)
    victims = [who for who, times in KILLS.items() for _ in range(times)]
    when = dict(zip(chance.sample(range(5, UPDATES - 5), len(victims)), victims, strict=True))
    with course(tmp_path) as run:
        killing = None
        for number in range(UPDATES):
            if number in when:
                if killing is not None:
                    killing.join()
                killing = threading.Timer(chance.uniform(0, LATEST), run.kill, (when[number],))
                killing.start()
            run.write(number)
            if number % INVALID == 0:
                run.refuse(number)
            if killing is not None and run.is_down():
                killing.join()
                run.restart()
        assert killing is not None
        killing.join()
        if run.is_down():
            run.restart()
        run.write(UPDATES)
        assert UPDATES in run.acknowledged
        assert len(run.acknowledged) > UPDATES - 3 * len(victims)
        holds_what_it_said(run)
        assert unfinished(tmp_path) == []
        still_answers(run.served)
