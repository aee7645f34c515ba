"""A small atlas that is asked nonsense."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.endpoint.serving import Served, serving
from tests.endpoint.world import publish_world


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("fuzz")
    publish_world(folder)
    with serving(folder, ATLAS_WORKERS="2", ATLAS_QUERY_TIMEOUT="8") as server:
        yield server
