"""The ``atlas`` program as a user calls it."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

ATLAS = Path(sys.executable).parent / "atlas"
COMMANDS = sorted(entry.name for entry in entry_points(group="atlas.commands"))


def atlas(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [ATLAS, *words], capture_output=True, text=True, env=os.environ | environment, check=False
    )


def test_help_lists_every_command() -> None:
    help_text = atlas("--help").stdout
    assert all(command in help_text for command in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_help_with_an_example(command: str) -> None:
    done = atlas(command, "--help")
    assert done.returncode == 0
    assert "Example" in done.stdout
    assert f"atlas {command}" in done.stdout


def test_a_bad_setting_is_one_sentence_and_exit_code_2() -> None:
    done = atlas("settings", ATLAS_WORKERS="many")
    assert done.returncode == 2
    assert done.stderr.startswith("atlas: ATLAS_WORKERS is 'many'")
    assert "Traceback" not in done.stderr


def test_an_unknown_command_is_exit_code_2() -> None:
    assert atlas("fly").returncode == 2
