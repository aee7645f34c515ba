"""An atlas that is just large enough to be hurt, behind small limits."""

from __future__ import annotations

import gzip
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.endpoint.serving import Served, serving
from tests.endpoint.world import ATLAS, BASE, publish_world
from tests.faults.watching import MIB
from tests.waiting import LONG

WORKERS = 4
WORKER_MEMORY = 256 * MIB
PEOPLE = "".join(
    f'<{BASE}/id/commune/{number:05}> <{ATLAS}population> "{number % 97}" .\n'
    for number in range(2_000)
)


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("faults")
    publish_world(folder, extra=PEOPLE)
    limits = {
        "ATLAS_WORKERS": str(WORKERS),
        "ATLAS_WORKER_MEMORY": str(WORKER_MEMORY),
        "ATLAS_QUERY_TIMEOUT": "8",
    }
    with serving(folder, **limits) as server:
        yield server


@pytest.fixture(scope="session", autouse=True)
def stalled(served: Served) -> Iterator[socket.socket]:
    """A client that has sent half of its query, and sends nothing more while all tests here run."""
    with connect(served) as connection:
        connection.sendall(
            b"POST /sparql HTTP/1.1\r\nHost: atlas\r\nContent-Length: 4000\r\n"
            b"Content-Type: application/sparql-query\r\n\r\nASK "
        )
        yield connection


def connect(served: Served, buffer: int | None = None) -> socket.socket:
    """A connection to the server, that takes in so many bytes at a time."""
    split = urlsplit(served.address)
    connection = socket.socket()
    if buffer is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    connection.settimeout(LONG)
    connection.connect((split.hostname, split.port))
    return connection


@pytest.fixture(scope="session")
def evil(atlas_data: Path) -> Path:
    return atlas_data / "evil-inputs"


def content(path: Path) -> bytes:
    """A file's bytes, those of a compressed one as they were before."""
    read = path.read_bytes()
    return gzip.decompress(read) if path.suffix == ".gz" else read


def logged(folder: Path, field: str) -> list[str]:
    """The texts of one log of real requests."""
    (path,) = folder.glob("*.jsonl.gz")
    lines = gzip.decompress(path.read_bytes()).decode("utf-8").splitlines()
    return [json.loads(line)[field] for line in lines]
