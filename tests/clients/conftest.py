"""One small atlas, served by a real server process, for clients that only read."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.clients.tools import TOKEN
from tests.endpoint.conftest import home, served
from tests.endpoint.serving import Served, serving

__all__ = ["home", "served"]


@pytest.fixture(scope="session")
def writable(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """``atlas serve --scratch``: an empty store that the token TOKEN may write."""
    folder = tmp_path_factory.mktemp("writable")
    with serving(folder, "--scratch", "--token", TOKEN) as server:
        yield server
