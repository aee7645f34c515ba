"""The memory of a server's processes while it is hurt, and whether it still answers."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from types import TracebackType

from tests.endpoint.serving import Reply, Served

MIB = 1024 * 1024
# Seconds: long for a busy machine, and half of what a client that crawls is given.
SOON = 10.0
# What a client may be told with a status of 500 and more; never 500 itself.
FAULTS = (
    "answer-too-large",
    "engine-fault",
    "overloaded",
    "query-memory",
    "query-timeout",
    "storage-full",
    "write-timeout",
)


def is_clean(reply: Reply) -> None:
    """An answer, or a refusal that says what it is about and shows nothing of the inside."""
    assert reply.status < 500 or (reply.status > 500 and reply.slug in FAULTS), reply.text
    text = reply.body.decode("utf-8", "replace")
    assert "Traceback" not in text
    assert "root:x:0" not in text
    if reply.status >= 400 and reply.type == "application/problem+json":
        assert {"type", "title", "status", "detail"} <= reply.json.keys()


def still_answers(served: Served) -> None:
    """The next request is answered, and soon."""
    began = time.monotonic()
    reply = served.ask("ASK {}")
    assert (reply.status, time.monotonic() - began < SOON) == (200, True), reply.text


class Watch:
    """The most memory that the server's processes held together while a block ran."""

    def __init__(self, served: Served) -> None:
        self.served, self.most = served, 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(0.2):
            held = sum(private(number) for number, _ in self.served.process.processes())
            self.most = max(self.most, held)


def private(process: int) -> int:
    """Bytes of memory that a process shares with nobody's file."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0  # It ended while we looked.
    lines = dict(line.split(":", 1) for line in status.splitlines())
    return int(lines.get("RssAnon", "0 kB").split()[0]) * 1024
