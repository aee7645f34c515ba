"""The pool: killable worker processes in front of the served generation.

The engine has no timeout, no cancel and no memory limit, and some queries kill its process. So each
query runs in a process of its own for as long as it takes: past its deadline the process is killed,
and whatever happens to it happens to that query alone.
"""

from __future__ import annotations

import json
import pickle
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import atlas.errors
from atlas.errors import (
    AtlasError,
    EngineFault,
    InstanceError,
    Overloaded,
    QueryTimeout,
    QueryTooBig,
)
from store import wire
from store.answers import Answer, Operation
from store.generations import Generation, Generations
from store.process import WorkerProcess
from store.worker import Request

# Above the number that may work at once: one is ready while a killed one is replaced.
SPARES = 1
# What a process says that dies for want of memory: the engine, its storage, the interpreter.
OUT_OF_MEMORY = ("memory allocation of", "bad_alloc", "MemoryError")


class WorkerPool:
    """An engine of several processes. Safe to call from many threads or greenlets."""

    def __init__(
        self,
        generations: Generations,
        *,
        workers: int = 4,
        deadline: float = 30.0,
        memory_bytes: int = 1024**3,
        answer_bytes: int = 100 * 1024**2,
        queue: int = 64,
    ) -> None:
        self.generations, self.workers = generations, workers
        self.deadline, self.memory_bytes, self.answer_bytes = deadline, memory_bytes, answer_bytes
        self.queue = queue
        self._change = threading.Condition()
        self._idle: deque[WorkerProcess] = deque()
        self._all: set[WorkerProcess] = set()
        self._busy = self._waiting = self._starting = 0
        self._closed = False
        self._watch = generations.watch()
        self._fill()

    @property
    def generation(self) -> int | None:
        """The number of the generation served now, None where there is none."""
        served = self._watch.current()
        return served.number if served else None

    @property
    def served(self) -> Generation | None:
        return self._watch.current()

    def stats(self) -> dict[str, int]:
        """How many workers there are, work and idle, and how many requests wait."""
        with self._change:
            return {
                "workers": len(self._all),
                "busy": self._busy,
                "idle": len(self._idle),
                "waiting": self._waiting,
            }

    def query(
        self,
        operation: Operation,
        media_type: str,
        *,
        deadline: float | None = None,
        generation: int | None = None,
    ) -> Answer:
        """The whole answer, from the generation served or from an older one.

        ``deadline``: seconds this request may take in all, waiting included.
        Raises MalformedQuery, NotAcceptable, QueryTimeout, QueryTooBig, AnswerTooBig, EngineFault,
        Overloaded (no generation yet, or too many wait), UnknownName (no such generation).
        """
        seconds = self.deadline if deadline is None else deadline
        self._fill()
        ends = time.monotonic() + seconds
        with self._worker(ends, seconds) as worker:
            try:
                return self._answer(worker, operation, media_type, generation, ends)
            except TimeoutError as error:
                worker.kill()
                raise QueryTimeout(too_slow(seconds)) from error
            except (EOFError, ConnectionError) as error:
                worker.kill()
                raise _death(worker.last_words, self.memory_bytes) from error

    def close(self) -> None:
        """End every worker."""
        with self._change:
            self._closed = True
            workers, self._all = list(self._all), set()
            self._idle.clear()
            self._change.notify_all()
        for worker in workers:
            worker.kill()

    def _request(self, operation: Operation, media_type: str, number: int | None) -> Request:
        chosen = self._watch.current() if number is None else self.generations.get(number)
        if chosen is None:
            raise Overloaded("No generation is served yet; run atlas build to make one.")
        return Request(chosen.number, chosen.folder, operation, media_type)

    def _answer(
        self,
        worker: WorkerProcess,
        operation: Operation,
        media_type: str,
        generation: int | None,
        ends: float,
    ) -> Answer:
        try:
            return self._ask(worker, self._request(operation, media_type, generation), ends)
        except InstanceError:
            if generation is not None or not worker.alive:
                raise
            # The served generation moved on and the old one was pruned in between.
            return self._ask(worker, self._request(operation, media_type, None), ends)

    def _ask(self, worker: WorkerProcess, request: Request, ends: float) -> Answer:
        answer = Answer(request.media_type, limit=self.answer_bytes, generation=request.generation)
        done = False
        try:
            worker.until(ends)
            wire.send(worker.connection, wire.REQUEST, pickle.dumps(request))
            while not done:
                worker.until(ends)
                kind, payload = wire.receive(worker.connection)
                done = kind in (wire.END, wire.ERROR)
                if kind == wire.ERROR:
                    raise _told(payload)
                if kind == wire.DATA:
                    answer.write(payload)
        except BaseException:
            answer.close()
            if not done:
                worker.kill()  # It is still writing: nobody may read the rest as another's answer.
            raise
        return answer

    @contextmanager
    def _worker(self, ends: float, seconds: float) -> Iterator[WorkerProcess]:
        worker = self._acquire(ends, seconds)
        try:
            yield worker
        finally:
            self._release(worker)

    def _acquire(self, ends: float, seconds: float) -> WorkerProcess:
        with self._change:
            if self._waiting >= self.queue:
                raise Overloaded(
                    f"{self._waiting} requests wait for a query worker already (ATLAS_QUEUE); "
                    "try again in a moment."
                )
            self._waiting += 1
            try:
                while self._busy >= self.workers or not self._ready():
                    if self._closed:
                        raise Overloaded("The server is stopping.")
                    left = ends - time.monotonic()
                    if left <= 0:
                        raise Overloaded(
                            f"No query worker became free within {seconds:g} s; try again later."
                        )
                    self._change.wait(left)
            finally:
                self._waiting -= 1
            self._busy += 1
            return self._idle.pop()

    def _ready(self) -> bool:
        """Whether a worker is idle, those that died meanwhile replaced."""
        dead = [worker for worker in self._idle if not worker.alive]
        for worker in dead:
            self._idle.remove(worker)
            self._all.discard(worker)
            worker.kill()
        if dead:
            self._fill()
        return bool(self._idle)

    def _release(self, worker: WorkerProcess) -> None:
        with self._change:
            self._busy -= 1
            if worker.alive and not self._closed:
                self._idle.append(worker)
            else:
                self._all.discard(worker)
            self._change.notify()
        if not worker.alive:
            worker.kill()
            self._fill()

    def _fill(self) -> None:
        """Start the workers that are missing, without waiting for them."""
        with self._change:
            missing = self.workers + SPARES - len(self._all) - self._starting
            if self._closed or missing <= 0:
                return
            self._starting += missing
        for _ in range(missing):
            threading.Thread(target=self._start, daemon=True).start()

    def _start(self) -> None:
        worker = None
        with suppress(OSError, EOFError):
            worker = WorkerProcess(self.memory_bytes)
        with self._change:
            self._starting -= 1
            if worker and not self._closed:
                self._all.add(worker)
                self._idle.appendleft(worker)
                self._change.notify()
                return
        if worker:
            worker.kill()


def too_slow(seconds: float) -> str:
    return (
        f"The query ran longer than {seconds:g} s (ATLAS_QUERY_TIMEOUT). "
        "Add a LIMIT or a more selective pattern."
    )


def _told(payload: bytes) -> AtlasError:
    """The error a worker sent, as one of ours."""
    said: dict[str, Any] = json.loads(payload)
    kind: type[AtlasError] = getattr(atlas.errors, said["error"], EngineFault)
    return kind(said["message"])


def _death(last_words: str, memory_bytes: int) -> AtlasError:
    """Why a worker died: out of memory where its last words say so, else the engine's fault."""
    if any(words in last_words for words in OUT_OF_MEMORY):
        return QueryTooBig(
            f"The query needed more than {memory_bytes // 1024**2:,} MiB (ATLAS_WORKER_MEMORY). "
            "Sort or group fewer rows, or add a more selective pattern."
        )
    return EngineFault("The engine stopped on this query; no other query was touched.")
