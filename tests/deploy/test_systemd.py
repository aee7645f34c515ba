"""The shipped systemd unit, judged by systemd's own tools."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deploy.proxy import DEPLOY

UNIT = DEPLOY / "systemd" / "atlas.service"
ANALYSE = shutil.which("systemd-analyze")


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """The unit with a program that is really there."""
    program = Path(sys.executable).with_name("atlas")
    text = UNIT.read_text("utf-8").replace("/opt/atlas/.venv/bin/atlas", str(program))
    path = tmp_path / UNIT.name
    path.write_text(text, "utf-8")
    return path


@pytest.mark.skipif(ANALYSE is None, reason="systemd-analyze is not installed.")
def test_systemd_finds_no_mistake_in_the_unit(unit: Path) -> None:
    done = subprocess.run(
        [str(ANALYSE), "verify", "--man=no", unit], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(ANALYSE is None, reason="systemd-analyze is not installed.")
def test_systemd_rates_the_unit_as_confined(unit: Path) -> None:
    done = subprocess.run(
        [str(ANALYSE), "security", "--offline=true", "--threshold=25", unit],
        capture_output=True,
        text=True,
        check=False,
    )
    if "offline" in done.stderr:
        pytest.skip("This systemd-analyze cannot rate a file.")
    assert done.returncode == 0, done.stdout[-500:]


def test_the_unit_says_what_an_operator_relies_on() -> None:
    text = UNIT.read_text("utf-8")
    said = dict(re.findall(r"^(\w+)=(.*)$", text, flags=re.MULTILINE))
    assert said["ExecReload"] == "/bin/kill -HUP $MAINPID"
    assert said["Restart"] == "on-failure"
    assert said["NoNewPrivileges"] == "yes"
    assert said["ProtectSystem"] == "strict"
    assert said["ReadWritePaths"] == "/var/lib/atlas /var/log/atlas"
    # Longer than the longest of a query's and a write's time, so that none is cut off.
    assert int(said["TimeoutStopSec"]) > 60
