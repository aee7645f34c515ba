"""One small atlas, served by a real server process on a free port, for all tests that only read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.endpoint.published import build
from tests.endpoint.serving import Served, serving
from tests.endpoint.world import publish_world


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An instance folder with one generation."""
    folder = tmp_path_factory.mktemp("instance")
    publish_world(folder)
    return folder


@pytest.fixture(scope="session")
def served(home: Path) -> Iterator[Served]:
    """``atlas serve`` over that generation. Its end leaves no process, or the test run fails."""
    with serving(home, ATLAS_WORKERS="4", ATLAS_QUERY_TIMEOUT="4") as server:
        yield server


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The instance folder of a small atlas that was built; its sources are in the folder beside."""
    folder = tmp_path_factory.mktemp("built")
    build(folder / "home", folder / "sources")
    return folder / "home"


@pytest.fixture(scope="session")
def published(built: Path) -> Iterator[Served]:
    """``atlas serve`` over what was built."""
    with serving(built, ATLAS_WORKERS="2") as server:
        yield server
