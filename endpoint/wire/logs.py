"""The access log and the log of slow queries.

Neither ever holds a credential: of a request's headers only the name of its program is written. The
text of a query is in the log of slow queries alone, which is the application's own.
"""

from __future__ import annotations

import json
import logging
import os
import stat
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from atlas.settings import Settings
from endpoint.wire.observing import Seen, Watcher

# Longer texts are cut: who needs the whole query has its request's identifier.
QUERY_CHARACTERS = 2000
FIELD_CHARACTERS = 300
STANDARD_OUTPUT = "-"
# How long a file may still be written to after log rotation has moved it away, in seconds.
ROTATION_SEEN = 1.0

log = logging.getLogger("atlas.endpoint")
slow = logging.getLogger("atlas.slow")


def watchers(settings: Settings) -> list[Watcher]:
    """What the settings want logged."""
    chosen: list[Watcher] = []
    if settings.access_log:
        chosen.append(AccessLog(settings.access_log))
    if settings.slow_query:
        chosen.append(SlowLog(settings.slow_query))
    return chosen


class AccessLog:
    """One line of JSON per request."""

    def __init__(self, target: str) -> None:
        self.lines = Lines(target)

    def __call__(self, seen: Seen) -> None:
        self.lines.write(json.dumps(entry(seen)))


class SlowLog:
    """A warning for each query or write whose answer took its time."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def __call__(self, seen: Seen) -> None:
        if seen.kind and seen.answered >= self.seconds:
            slow.warning("%s", json.dumps(slow_entry(seen)))


def entry(seen: Seen) -> dict[str, Any]:
    """What the access log says of a request: neither its query string nor any secret."""
    environ = seen.environ
    return {
        "time": now(),
        "id": seen.id,
        "client": environ.get("REMOTE_ADDR", ""),
        "method": seen.method,
        "path": readable(environ.get("PATH_INFO", "")),
        "route": seen.route,
        "status": seen.status,
        "problem": seen.problem or None,
        "seconds": round(seen.seconds, 6),
        "received_bytes": number(environ.get("CONTENT_LENGTH")),
        "sent_bytes": seen.sent,
        "generation": number(seen.generation),
        "agent": readable(environ.get("HTTP_USER_AGENT", "")),
    }


def slow_entry(seen: Seen) -> dict[str, Any]:
    return {
        "id": seen.id,
        "kind": seen.kind,
        "seconds": round(seen.answered, 3),
        "outcome": seen.outcome,
        "generation": number(seen.generation),
        "characters": len(seen.text),
        "text": seen.text[:QUERY_CHARACTERS],
    }


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def readable(text: str) -> str:
    """Text from WSGI, whose characters are bytes: https://peps.python.org/pep-3333/#unicode-issues"""
    return text.encode("latin-1", "replace").decode("utf-8", "replace")[:FIELD_CHARACTERS]


def number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() else None


class Lines:
    """A file that lines are appended to, by several processes, and that log rotation may move.

    Each line is one write at the end of the file, so that lines of several processes do not mix. A
    file that has been moved or removed is opened anew within a second. A line that cannot be
    written is lost, which is told once: no request fails because of its log.
    """

    def __init__(self, target: str) -> None:
        self.target = target
        self._lock = threading.Lock()
        self._descriptor: int | None = None
        self._looked = 0.0
        self._failing = False

    def write(self, line: str) -> None:
        with self._lock:
            try:
                os.write(self._open(), line.encode("utf-8") + b"\n")
                self._failing = False
            except OSError as error:
                if not self._failing:
                    log.error("%s cannot be written: %s", self.target, error.strerror)
                self._failing = True

    def _open(self) -> int:
        if self.target == STANDARD_OUTPUT:
            return sys.stdout.fileno()
        if self._descriptor is not None and time.monotonic() - self._looked >= ROTATION_SEEN:
            self._looked = time.monotonic()
            if self._moved():
                os.close(self._descriptor)
                self._descriptor = None
        if self._descriptor is None:
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
            # For its owner and group alone: addresses of people are in it.
            self._descriptor = os.open(self.target, flags, 0o640)
        return self._descriptor

    def _moved(self) -> bool:
        try:
            there = Path(self.target).stat()
        except OSError:
            return True
        assert self._descriptor is not None
        ours = os.fstat(self._descriptor)
        return stat.S_ISREG(there.st_mode) and (there.st_ino, there.st_dev) != (
            ours.st_ino,
            ours.st_dev,
        )
