"""One worker process as the pool sees it: started, asked, killed."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress

from store import wire

START_SECONDS = 30.0
LAST_WORDS = 4096
MAIN = "from store.worker import main; main()"


class WorkerProcess:
    """A worker that is ready for requests."""

    def __init__(self, memory_bytes: int) -> None:
        """Start it and wait until it is ready.

        Raises OSError (TimeoutError included) or EOFError where it does not start.
        """
        self.last_words = ""
        self.connection, theirs = socket.socketpair()
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 (lives as long as the worker)
        with theirs:
            self.process = subprocess.Popen(
                [
                    sys.executable,
                    "-P",
                    "-c",
                    MAIN,
                    str(theirs.fileno()),
                    str(memory_bytes),
                ],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._errors,
                # A backtrace would push the reason of its death out of its last words.
                env={**os.environ, "RUST_BACKTRACE": "0"},
                start_new_session=True,
            )
        try:
            self.until(time.monotonic() + START_SECONDS)
            wire.receive(self.connection)
        except BaseException:
            self.kill()
            raise

    @property
    def alive(self) -> bool:
        return self.connection.fileno() >= 0 and self.process.poll() is None

    def until(self, ends: float) -> None:
        """What is sent or received next may take until then. Raises TimeoutError if it is past."""
        left = ends - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self.connection.settimeout(left)

    def kill(self) -> None:
        """End it at once, and keep its last words. Safe to call twice."""
        with suppress(OSError):
            self.connection.close()
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        if not self._errors.closed:
            size = self._errors.seek(0, os.SEEK_END)
            self._errors.seek(max(0, size - LAST_WORDS))
            self.last_words = self._errors.read().decode("utf-8", errors="replace")
            self._errors.close()
