"""Fixtures that every package's tests may use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def atlas_data() -> Path:
    """The folder of real sources and suites; its absence is a skip, and under CI a failure."""
    folder = os.environ.get("ATLAS_DATA", "")
    if folder and Path(folder).is_dir():
        return Path(folder).resolve()
    if os.environ.get("CI") == "true":
        pytest.fail("ATLAS_DATA names no folder, and under CI the real sources must be there.")
    pytest.skip("ATLAS_DATA is not set: this test reads real sources from there.")
