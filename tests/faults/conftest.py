"""An atlas that is just large enough to be hurt, behind small limits."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.endpoint.serving import Served, serving
from tests.endpoint.world import ATLAS, BASE, publish_world
from tests.faults.watching import MIB

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
        "ATLAS_QUERY_TIMEOUT": "2",
    }
    with serving(folder, **limits) as server:
        yield server


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
