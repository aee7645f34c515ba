"""``make install`` says in one sentence what a machine lacks."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A folder with what ``make install`` reads, and no environment."""
    for name in ("Makefile", "setup.cfg", "pyproject.toml", "requirements.lock"):
        shutil.copy(ROOT / name, tmp_path / name)
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def make(clone: Path, *words: str, path: str | None = None) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("MAKE")}
    if path is not None:
        environment["PATH"] = path
    return subprocess.run(
        ["/usr/bin/env", "make", "install", *words],
        cwd=clone,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def tools(folder: Path, *names: str) -> str:
    """A PATH that holds only these tools."""
    folder.mkdir()
    for name in ("sh", "env", "make", "mkdir", "touch", *names):
        found = shutil.which(name)
        assert found, name
        (folder / name).symlink_to(found)
    return str(folder)


def script(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)


def test_without_python_the_sentence_names_the_version_to_install(clone: Path) -> None:
    done = make(clone, "PYTHON=python-that-is-not-there")
    assert done.returncode != 0
    assert "Python is missing: install Python 3.11 or newer" in done.stdout


def test_an_old_python_is_refused_by_name(clone: Path) -> None:
    script(clone / "old-python", "exit 1")
    done = make(clone, "PYTHON=./old-python")
    assert "./old-python is older than 3.11" in done.stdout


def test_without_node_the_sentence_says_what_node_is_for(clone: Path) -> None:
    (clone / ".venv" / "stamps").mkdir(parents=True)
    (clone / ".venv" / "stamps" / "python").touch()
    done = make(clone, path=tools(clone / "bin"))
    assert done.returncode != 0
    assert "Node.js is missing: install Node.js 20 or newer" in done.stdout


def test_without_a_network_the_sentence_says_to_try_again(clone: Path) -> None:
    script(clone / "python", 'case "$*" in *"-m pip"*) exit 1;; esac; exit 0')
    (clone / ".venv" / "bin").mkdir(parents=True)
    shutil.copy(clone / "python", clone / ".venv" / "bin" / "python")
    done = make(clone, "PYTHON=./python")
    assert done.returncode != 0
    assert "is the package index reachable?" in done.stdout
