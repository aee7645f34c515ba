"""Runs one program of rules: ``python -m store.rules.run PROGRAM FOLDER``."""

from __future__ import annotations

import sys
from pathlib import Path

from nmo_python import NemoEngine, NemoOutputManager, load_string

from store.confine import end_with_parent
from store.rules import OUTPUTS


def main() -> None:
    end_with_parent()
    program, folder = Path(sys.argv[1]), sys.argv[2]
    engine = NemoEngine(load_string(program.read_text(encoding="utf-8")))
    engine.reason()
    output = NemoOutputManager(folder, overwrite=True)
    for name in OUTPUTS:
        engine.write_result(name, output)


if __name__ == "__main__":
    main()
