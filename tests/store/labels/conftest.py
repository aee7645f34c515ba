"""A small atlas to write to, of which every test begins with what was built."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from store import Generations, Writer
from tests.store.written_atlas import BASE


@pytest.fixture(scope="module")
def process(built: Path) -> Iterator[Writer]:
    writer = Writer(Generations(built, keep=1000), base=BASE, memory_bytes=2 * 1024**3, deadline=60)
    yield writer
    writer.close()


@pytest.fixture
def home(built: Path) -> Path:
    Generations(built).rollback(1)
    return built


@pytest.fixture
def writer(process: Writer, home: Path) -> Writer:
    """One process for all tests: each begins with the generation that was built."""
    return process
