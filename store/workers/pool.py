"""The pool: killable worker processes in front of the served generation.

The engine has no timeout, no cancel and no memory limit, and some queries kill its process. So each
query runs in a process of its own for as long as it takes: past its deadline, or once its client
has gone, the process is killed, and whatever happens to it happens to that query alone.
"""

from __future__ import annotations

import json
import logging
import pickle
import threading
import time
from collections import deque
from typing import Any

import atlas.errors
from atlas.errors import (
    AtlasError,
    ClientGone,
    EngineFault,
    InstanceError,
    MixedOrder,
    Overloaded,
    QueryTimeout,
    QueryTooBig,
)
from store.answers import Answer, Operation
from store.cancellation import Cancellation
from store.generation import Generation
from store.generations import Generations
from store.workers import wire
from store.workers.admission import Admission, Ticket
from store.workers.process import WorkerProcess
from store.workers.worker import Request

# Above the number that may work at once: one is ready while a killed one is replaced.
SPARES = 1
# Seconds after which a request that waits looks whether another has sat too long.
LOOK = 0.1
# Seconds between two tries to start a worker that does not start, the first and the longest.
PAUSE, LONGEST_PAUSE = 0.1, 5.0
# What a process says that dies for want of memory: the engine, its storage, the interpreter.
OUT_OF_MEMORY = ("memory allocation of", "bad_alloc", "MemoryError")
# What the engine says when ORDER BY compares what it has no one order for.
NO_ORDER = "total order"

log = logging.getLogger("atlas.workers")


class Unread(Exception):
    """The worker had died before it read the request: another may answer it."""


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
        answer_rows: int = 0,
        queue: int = 64,
    ) -> None:
        self.generations, self.workers = generations, workers
        self.deadline, self.memory_bytes = deadline, memory_bytes
        self.answer_bytes, self.answer_rows = answer_bytes, answer_rows
        self._lock = threading.Lock()
        self._admission = Admission(workers, queue)
        self._idle: deque[WorkerProcess] = deque()
        self._all: set[WorkerProcess] = set()
        self._starting = 0
        self._closed = threading.Event()
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
        """How many workers there are, work and idle; how many requests wait, how many are slow."""
        with self._lock:
            return {
                "workers": len(self._all),
                "idle": len(self._idle),
                **self._admission.stats(),
            }

    def query(
        self,
        operation: Operation,
        media_type: str,
        *,
        deadline: float | None = None,
        generation: int | None = None,
        client: str = "",
        cancelled: Cancellation | None = None,
        encoding: str = "",
    ) -> Answer:
        """The whole answer, from the generation served or from an older one.

        ``deadline``: seconds this request may take in all, waiting included. ``client``: who asks,
        for fairness; "" is ourselves. ``encoding``: how the answer may be compressed.
        Raises MalformedQuery, NotAcceptable, QueryTimeout, QueryTooBig, AnswerTooBig, EngineFault,
        Overloaded (no generation yet, or too many wait), UnknownName (no such generation),
        ClientGone once ``cancelled``.
        """
        seconds = self.deadline if deadline is None else deadline
        ends = time.monotonic() + seconds
        cancelled = cancelled or Cancellation()
        ticket = Ticket(client)
        while not cancelled.cancelled:
            request = self._request(operation, media_type, generation, encoding)
            worker = self._acquire(ticket, ends, seconds, cancelled)
            try:
                with cancelled.stopping(worker.stop):
                    return self._ask(worker, request, ends)
            except TimeoutError as error:
                raise too_slow(seconds) from error
            except Unread:
                worker.abandon()
            except EOFError as error:
                if not (ticket.evicted or cancelled.cancelled):
                    worker.kill()
                    raise _death(worker.last_words, self.memory_bytes) from error
                # Killed from here: until it is gone, which may take seconds, others have its seat.
                worker.abandon()
            except InstanceError:
                # The served generation moved on and the old one was pruned in between.
                if generation is not None or self.generation == request.generation:
                    raise
            except OSError as error:
                if not self._closed.is_set():
                    raise
                raise stopping() from error
            finally:
                self._release(ticket, worker)
        raise gone()

    def close(self) -> None:
        """End every worker."""
        with self._lock:
            self._closed.set()
            workers, self._all = list(self._all), set()
            self._idle.clear()
            for ticket in self._admission.waiting:
                ticket.call()
        for worker in workers:
            worker.kill()

    def _request(
        self, operation: Operation, media_type: str, number: int | None, encoding: str
    ) -> Request:
        chosen = self._watch.current() if number is None else self.generations.get(number)
        if chosen is None:
            raise Overloaded("No generation is served yet; run atlas build to make one.").worded(
                "refusal.no_generation"
            )
        return Request(
            chosen.number,
            str(chosen.folder),
            operation.text,
            operation.default_graphs,
            operation.named_graphs,
            dict(operation.substitutions),
            operation.base,
            operation.blanks,
            operation.data,
            media_type,
            encoding,
            self.answer_bytes,
            self.answer_rows,
        )

    def _ask(self, worker: WorkerProcess, request: Request, ends: float) -> Answer:
        answer = Answer(request.media_type, limit=self.answer_bytes, generation=request.generation)
        kind = wire.REQUEST
        try:
            worker.until(ends)
            worker.channel.send(wire.REQUEST, pickle.dumps(tuple(request)))
            while kind not in (wire.END, wire.ERROR):
                worker.until(ends)
                kind, payload = worker.channel.receive()
                if kind == wire.ERROR:
                    raise _told(payload)
                if kind == wire.END:
                    _, encoding = wire.TAIL.unpack_from(payload)
                    answer.encoding = encoding.rstrip(b"\0").decode()
                    payload = payload[wire.TAIL.size :]
                answer.write(payload)
        except ConnectionError as error:
            # What was sent to it is refused or thrown away: it was gone before it read the request.
            answer.close()
            raise Unread from error
        except BaseException as error:
            answer.close()
            if kind not in (wire.END, wire.ERROR) and not isinstance(error, EOFError):
                # It is still writing: nobody may read the rest as another's answer.
                worker.abandon()
            raise
        return answer

    def _acquire(
        self, ticket: Ticket, ends: float, seconds: float, cancelled: Cancellation
    ) -> WorkerProcess:
        with self._lock:
            self._admission.enter(ticket)
            self._seat_next()
            if ticket.worker is not None:
                return ticket.worker
            ticket.begin_waiting()
        with cancelled.stopping(ticket.call):
            self._wait(ticket, ends, cancelled)
        with self._lock:
            self._admission.leave(ticket)
            if ticket.worker is not None:
                return ticket.worker
        if cancelled.cancelled:
            raise gone()
        if self._closed.is_set():
            raise stopping()
        if ticket.dropped:
            raise Overloaded(
                "The server is too busy for a query that runs so long; ask it later."
            ).worded("refusal.busy")
        raise Overloaded(
            f"No query worker became free within {round(seconds, 2):g} s; try again later."
        ).worded("refusal.no_worker", seconds=round(seconds, 2))

    def _wait(self, ticket: Ticket, ends: float, cancelled: Cancellation) -> None:
        """Until a worker is there, or there is no use in waiting any more."""
        while ticket.worker is None and not (
            ticket.dropped or cancelled.cancelled or self._closed.is_set()
        ):
            left = ends - time.monotonic()
            if left <= 0:
                return
            ticket.wait(min(left, LOOK))
            if ticket.worker is not None:
                return
            with self._lock:
                overstaying = self._admission.overstaying()
                if overstaying is not None and overstaying.worker is not None:
                    overstaying.evicted = True
                    overstaying.worker.stop()

    def _seat_next(self) -> None:
        """Give the workers that are idle to those who wait. Under the lock."""
        while self._idle and (ticket := self._admission.next()):
            self._admission.sit(ticket)
            ticket.worker = self._idle.pop()
            ticket.call()

    def _release(self, ticket: Ticket, worker: WorkerProcess) -> None:
        with self._lock:
            ticket.worker = None
            self._admission.rise(ticket)
            if worker.usable and not self._closed.is_set():
                self._idle.append(worker)
            else:
                self._all.discard(worker)
            self._seat_next()
        if not worker.usable:
            self._fill()

    def _fill(self) -> None:
        """Start the workers that are missing, without waiting for them."""
        with self._lock:
            missing = self.workers + SPARES - len(self._all) - self._starting
            if self._closed.is_set() or missing <= 0:
                return
            self._starting += missing
        for _ in range(missing):
            threading.Thread(target=self._start, daemon=True).start()

    def _start(self) -> None:
        worker = self._started()
        with self._lock:
            self._starting -= 1
            if worker and not self._closed.is_set():
                self._all.add(worker)
                self._idle.appendleft(worker)
                self._seat_next()
                return
        if worker:
            worker.kill()

    def _started(self) -> WorkerProcess | None:
        """A worker, however often it takes to start one; None once the pool is closed."""
        pause = PAUSE
        while not self._closed.is_set():
            try:
                return WorkerProcess(self.memory_bytes)
            except (OSError, EOFError) as error:
                log.warning("A query worker did not start (%r); next try in %g s.", error, pause)
            self._closed.wait(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
        return None


def gone() -> ClientGone:
    return ClientGone("The client hung up before its answer was ready.")


def stopping() -> Overloaded:
    return Overloaded("The server is stopping.").worded("refusal.stopping")


def too_slow(seconds: float) -> QueryTimeout:
    return QueryTimeout(
        f"The query ran longer than {round(seconds, 2):g} s (ATLAS_QUERY_TIMEOUT). "
        "Add a LIMIT or a more selective pattern."
    ).worded("refusal.slow", seconds=round(seconds, 2))


def _told(payload: bytes) -> AtlasError:
    """The error a worker sent, as one of ours."""
    said: dict[str, Any] = json.loads(payload)
    kind: type[AtlasError] = getattr(atlas.errors, said["error"], EngineFault)
    error = kind(said["message"])
    if said.get("wording"):
        key, values = said["wording"]
        error.worded(key, **values)
    return error


def _death(last_words: str, memory_bytes: int) -> AtlasError:
    """Why a worker died: out of memory where its last words say so, else the engine's fault."""
    if any(words in last_words for words in OUT_OF_MEMORY):
        return QueryTooBig(
            f"The query needed more than {memory_bytes // 1024**2:,} MiB (ATLAS_WORKER_MEMORY). "
            "Sort or group fewer rows, or add a more selective pattern."
        ).worded("refusal.memory", most=memory_bytes // 1024**2)
    if NO_ORDER in last_words:
        return MixedOrder(
            "ORDER BY compares values of kinds that have no order between them; "
            "sort by STR(?value), or by one kind of value at a time."
        ).worded("refusal.order")
    return EngineFault("The engine stopped on this query; no other query was touched.").worded(
        "refusal.engine_died"
    )
