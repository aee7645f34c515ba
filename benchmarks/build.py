"""From files to a served generation: the national atlas, three times from an empty folder."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from store import Generations

ROUNDS = 3


def run() -> None:
    records = [_once() for _ in range(ROUNDS)]
    print("| step | median s | min | max |\n| --- | --- | --- | --- |")
    for step in records[0]["seconds"]:
        _row(step, [record["seconds"][step] for record in records])
    _row("**whole**", [sum(record["seconds"].values()) for record in records])
    memory = max(record["peak_memory"] for record in records) / 2**20
    print(f"\n{records[0]['triples']:,} triples in the default graph; at most {memory:,.0f} MiB.")
    print("ATLAS_DATA is " + ("set: all sources." if os.environ.get("ATLAS_DATA") else "not set."))


def _once() -> Any:
    with tempfile.TemporaryDirectory() as home:
        environment = os.environ | {"ATLAS_HOME": home}
        atlas = Path(sys.executable).with_name("atlas")
        subprocess.run([atlas, "build"], env=environment, check=True, capture_output=True)
        generation = Generations(Path(home)).current()
        assert generation
        return json.loads((generation.folder / "record.json").read_text("utf-8"))


def _row(name: str, seconds: list[float]) -> None:
    figures = (statistics.median(seconds), min(seconds), max(seconds))
    print(f"| {name} | {' | '.join(f'{figure:.1f}' for figure in figures)} |")
