"""Programs that the tests of clients need: there, or a skip with its reason."""

from __future__ import annotations

import os
import shutil

import pytest

TOKEN = "a-token-for-the-tests-of-clients"


def tool(name: str, brings: str) -> str:
    """The path of a program; its absence is a skip, and under CI a failure."""
    path = shutil.which(name)
    if path is None:
        missing(f"{name} is not installed (Debian: {brings}).")
    return str(path)


def missing(reason: str) -> None:
    """Skip, or fail where every client must be there."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
