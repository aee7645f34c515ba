"""The sites of others, real ones, and our atlas over them: started once for all tests here."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from tests.federation.real.joins import Join, generate
from tests.federation.real.oracle import Oracle
from tests.federation.real.sites import OURS, World, world

JOINS = 36
Need = Callable[[Iterable[str]], None]


@pytest.fixture(scope="session")
def sites(atlas_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """All of them; a site whose engine is not installed is absent."""
    with world(atlas_data, tmp_path_factory.mktemp("sites")) as found:
        yield found


@pytest.fixture(scope="session")
def need(sites: World) -> Need:
    """Skips a test that needs a site that is absent; under CI that is a failure."""

    def needed(names: Iterable[str]) -> None:
        for name in sorted(set(names) - {OURS}):
            if name in sites.absent:
                reason = f"The site {name} is not there: {sites.absent[name]}"
                (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)

    return needed


@pytest.fixture(scope="session")
def oracle(sites: World) -> Oracle:
    return Oracle(sites.files)


@pytest.fixture(scope="session")
def joins(sites: World, oracle: Oracle) -> list[Join]:
    """The generated joins, always the same ones."""
    return generate(sites.files, oracle, JOINS)
