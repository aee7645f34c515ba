"""Fixtures that every package's tests may use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.endpoint import serving
from tests.national import build

# The same examples in every run, however long one takes on a busy machine: what a run finds, it
# finds because of a change, and the next run finds it again.
settings.register_profile(
    "steady",
    derandomize=True,
    database=None,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("steady")
# As few workers as can be shared: each takes a quarter of a second to start.
serving.DEFAULTS["ATLAS_WORKERS"] = "2"


@pytest.fixture(scope="session")
def atlas_data() -> Path:
    """The folder of real sources and suites; its absence is a skip, and under CI a failure."""
    folder = os.environ.get("ATLAS_DATA", "")
    if folder and Path(folder).is_dir():
        return Path(folder).resolve()
    if os.environ.get("CI") == "true":
        pytest.fail("ATLAS_DATA names no folder, and under CI the real sources must be there.")
    pytest.skip("ATLAS_DATA is not set: this test reads real sources from there.")


@pytest.fixture(scope="session")
def national_home(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """An instance folder with the national atlas in it, built by the program. Nobody changes it."""
    if built := os.environ.get("ATLAS_NATIONAL_HOME"):
        return Path(built)
    home = tmp_path_factory.mktemp("national")
    done = build(home, request.getfixturevalue("atlas_data"))
    assert done.returncode == 0, done.stderr
    return home
