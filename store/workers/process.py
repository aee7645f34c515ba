"""One worker process as the pool sees it: started, asked, killed."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import suppress

from store.workers.wire import Channel

START_SECONDS = 30.0
LAST_WORDS = 4096
MAIN = "from store.workers.worker import main; main()"


class WorkerProcess:
    """A worker that is ready for requests."""

    def __init__(self, memory_bytes: int, main: str = MAIN, arguments: Sequence[str] = ()) -> None:
        """Start it and wait until it is ready.

        Raises OSError (TimeoutError included) or EOFError where it does not start.
        """
        self.last_words = ""
        self._ending = threading.Lock()
        self.connection, theirs = socket.socketpair()
        self.channel = Channel(self.connection)
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 (lives as long as the worker)
        with theirs:
            self.process = subprocess.Popen(
                [
                    sys.executable,
                    "-P",
                    "-c",
                    main,
                    str(theirs.fileno()),
                    str(memory_bytes),
                    *arguments,
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
            self.channel.receive()
        except BaseException:
            self.kill()
            raise

    @property
    def usable(self) -> bool:
        """Whether it was not killed from here. One that died by itself shows when it is asked."""
        return self.connection.fileno() >= 0

    def until(self, ends: float) -> None:
        """What is sent or received next may take until then. Raises TimeoutError if it is past."""
        left = ends - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self.connection.settimeout(left)

    def stop(self) -> None:
        """Have it end, without waiting: whoever talks to it sees the connection end."""
        with suppress(OSError):
            self.process.kill()

    def abandon(self) -> None:
        """End it at once without waiting until it is gone: on a busy machine that may take long."""
        with suppress(OSError):
            self.connection.close()
        self.stop()
        threading.Thread(target=self.kill, daemon=True).start()

    def kill(self) -> None:
        """End it at once, and keep its last words. Safe to call twice."""
        with suppress(OSError):
            self.connection.close()
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        with self._ending:
            if not self._errors.closed:
                size = self._errors.seek(0, os.SEEK_END)
                self._errors.seek(max(0, size - LAST_WORDS))
                self.last_words = self._errors.read(LAST_WORDS).decode("utf-8", errors="replace")
                self._errors.close()
