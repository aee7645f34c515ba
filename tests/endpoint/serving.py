"""A real ``atlas serve`` and a plain HTTP client for it."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from tests.waiting import until, worked

ATLAS = str(Path(sys.executable).with_name("atlas"))
# Seconds in which a server starts, stops or is gone, on a busy machine.
PATIENCE = 60
# What every server is told that is not told otherwise.
DEFAULTS: dict[str, str] = {}


@dataclass
class Reply:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8")

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def type(self) -> str:
        return self.headers.get_content_type()

    @property
    def slug(self) -> str:
        """The kind of problem, the last part of its type."""
        assert self.type == "application/problem+json", self.text
        return str(self.json["type"]).rsplit("/", 1)[-1]


class Server(subprocess.Popen[str]):
    """``atlas serve`` as a process whose descendants can be told from any other's."""

    def __init__(self, home: Path, *options: str, **settings: str) -> None:
        self.mark = uuid.uuid4().hex
        self.said: list[str] = []
        super().__init__(
            [ATLAS, "serve", "--port", "0", "--processes", "1", *options],
            env=environment(home, **{**DEFAULTS, "ATLAS_TEST_MARK": self.mark, **settings}),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def read_log(self) -> None:
        """Keep what the server says, until it is closed."""
        assert self.stdout
        with suppress(ValueError):  # Closed while we read.
            self.said.extend(self.stdout)

    def processes(self) -> list[tuple[int, str]]:
        """Number and command of each process that this server started, itself included."""
        mark = f"ATLAS_TEST_MARK={self.mark}".encode()
        found = []
        for entry in Path("/proc").iterdir():
            try:
                if entry.name.isdecimal() and mark in (entry / "environ").read_bytes():
                    command = (entry / "cmdline").read_bytes().replace(b"\0", b" ")
                    found.append((int(entry.name), command.decode()))
            except OSError:
                continue  # It ended while we looked.
        return found

    def workers(self) -> dict[int, float]:
        """The query workers by number, with the seconds of the processor that each has used."""
        return {
            number: worked(number)
            for number, command in self.processes()
            if "store.workers.worker" in command
        }


@dataclass
class Served:
    address: str
    process: Server

    def fetch(
        self,
        path: str,
        method: str = "GET",
        *,
        body: str | bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """One request; every reply must say the length of its body and have just that."""
        split = urlsplit(self.address)
        connection = http.client.HTTPConnection(split.hostname or "", split.port, timeout=60)
        try:
            content = body.encode("utf-8") if isinstance(body, str) else body
            connection.request(method, path, content, dict(headers or {}))
            response = connection.getresponse()
            reply = Reply(response.status, response.headers, response.read())
        finally:
            connection.close()
        assert "Transfer-Encoding" not in reply.headers
        if reply.status not in (204, 304):
            length = int(reply.headers["Content-Length"])
            assert method == "HEAD" or length == len(reply.body)
        return reply

    def ask(self, query: str, accept: str | None = None, **fields: str) -> Reply:
        """A query by GET."""
        headers = {"Accept": accept} if accept else {}
        return self.fetch("/sparql?" + urlencode({"query": query, **fields}), headers=headers)

    def fetch_query(self, query: str, headers: Mapping[str, str], method: str = "GET") -> Reply:
        """A query by GET or HEAD, with headers of its own."""
        return self.fetch("/sparql?" + urlencode({"query": query}), method, headers=headers)

    def rows(self, query: str, **fields: str) -> set[tuple[str, ...]]:
        """The solutions of a SELECT, as texts."""
        reply = self.ask(query, "application/sparql-results+json", **fields)
        assert reply.status == 200, reply.text
        variables = reply.json["head"]["vars"]
        return {
            tuple(row[name]["value"] if name in row else "" for name in variables)
            for row in reply.json["results"]["bindings"]
        }


@contextmanager
def serving(home: Path, *options: str, **settings: str) -> Iterator[Served]:
    """``atlas serve`` until the block ends; then stopped as a service manager would."""
    process = Server(home, *options, **settings)
    try:
        served = Served(address(process), process)
        # Unread, the log would fill its pipe and hold up the server.
        threading.Thread(target=process.read_log, daemon=True).start()
        yield served
    finally:
        stop(process)


def environment(home: Path, **settings: str) -> dict[str, str]:
    # What a server asks of its own accord would be counted by the tests of what others ask.
    quiet = {"ATLAS_HOME": str(home), "ATLAS_PREPARE": "false", "PYTHONUNBUFFERED": "1"}
    return {**os.environ, **quiet, **settings}


def address(process: Server) -> str:
    """The address that the server prints once it is ready."""
    assert process.stdout
    said = []
    for line in process.stdout:
        said.append(line)
        if "answers at" in line:
            return line.split("answers at ")[1].split()[0].rstrip("/")
    raise AssertionError("".join(said))


def stop(process: Server, how: int = signal.SIGTERM) -> int:
    """Stop the server; its exit code. Fails where a process of it is left."""
    process.send_signal(how)
    try:
        code = process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise
    assert process.stdout
    process.stdout.close()
    until(lambda: not process.processes(), process.processes)
    return code
