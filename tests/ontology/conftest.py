"""A small ontology in which every check finds nothing; tests break one thing in it at a time."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from ontology.modules import Files
from ontology.project import Project

ROOT = Path(__file__).parents[2]
SMALL = Path(__file__).parent / "small"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The small project's files, to be broken; its shapes of style are ours."""
    shutil.copytree(SMALL, tmp_path / "small")
    shutil.copytree(ROOT / "shapes" / "lint", tmp_path / "small" / "shapes" / "lint")
    return tmp_path / "small"


@pytest.fixture
def project(folder: Path) -> Callable[[], Project]:
    """Reads the files as they are now."""
    return lambda: Project(
        ontology=Files(folder / "ontology"),
        shapes=folder / "shapes",
        queries=folder / "queries",
        loaders=folder / "loaders",
    )
