"""The national atlas, built once per run by the program from real sources."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.endpoint.serving import ATLAS, environment


def build(home: Path, data: Path) -> subprocess.CompletedProcess[str]:
    """``atlas build`` in an instance folder, from the sources in ``data``."""
    return subprocess.run(
        [ATLAS, "build"],
        env=environment(home, ATLAS_DATA=str(data)),
        capture_output=True,
        text=True,
        check=False,
    )
