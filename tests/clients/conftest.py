"""One small atlas, served by a real server process, for clients that only read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients.tools import TOKEN
from tests.endpoint.serving import Served, serving
from tests.endpoint.world import publish_world


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An instance folder with one generation."""
    folder = tmp_path_factory.mktemp("clients")
    publish_world(folder)
    return folder


@pytest.fixture(scope="session")
def served(home: Path) -> Iterator[Served]:
    """``atlas serve`` over that generation."""
    with serving(home, ATLAS_WORKERS="4", ATLAS_QUERY_TIMEOUT="4") as server:
        yield server


@pytest.fixture(scope="session")
def writable(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """``atlas serve --scratch``: an empty store that the token TOKEN may write."""
    folder = tmp_path_factory.mktemp("writable")
    with serving(folder, "--scratch", "--token", TOKEN) as server:
        yield server
