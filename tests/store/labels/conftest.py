"""Tests of names write to the small atlas that was built."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def home(rewound: Path) -> Path:
    return rewound
