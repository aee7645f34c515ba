"""Which benchmarks a run has: the figures themselves are no matter of tests."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.__main__ import BENCHMARKS, LONG, QUICK, main, options


def test_what_takes_long_is_run_only_by_name() -> None:
    assert {"build", "federation", "http", "page-peers", "validate"} <= set(LONG)
    assert set(QUICK) | set(LONG) == set(BENCHMARKS)
    assert options().parse_args([]).names == []
    assert options().parse_args(["federation", "search"]).names == ["federation", "search"]


def test_the_help_tells_every_benchmark_and_how_long_it_takes() -> None:
    said = options().format_help()
    for name, benchmark in BENCHMARKS.items():
        assert name in said
        assert benchmark.says in said
        assert benchmark.lasts in said


def test_a_run_tells_what_it_left_out(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "argv", ["benchmarks", "search"])
    monkeypatch.setenv("ATLAS_HOME", str(tmp_path))
    main()
    said = capsys.readouterr().out
    assert "There is no generation" in said
    for name in LONG:
        assert f"python -m benchmarks {name}\n" in said


def test_a_name_that_is_none_is_refused() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "speed"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "page-peers" in done.stderr
