"""``python -m benchmarks``: figures of this atlas beside its peers, measured in one run.

Each benchmark prints a table with the machine's conditions. Peers that are not installed are named
as missing, never guessed.
"""

from __future__ import annotations

import os
import platform
import sys

from benchmarks import build, federation, http, pages, search, validate
from benchmarks import map as relation_map

BENCHMARKS = {
    "build": build.run,
    "validate": validate.run,
    "http": http.run,
    "search": search.run,
    "pages": pages.run,
    "federation": federation.run,
    "map": relation_map.run,
}


def main() -> None:
    """Run the benchmarks named on the command line, or all of them."""
    chosen = sys.argv[1:] or list(BENCHMARKS)
    unknown = [name for name in chosen if name not in BENCHMARKS]
    if unknown:
        sys.exit(f"There is no benchmark {unknown[0]!r}; there are: {', '.join(BENCHMARKS)}.")
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    print(f"{os.cpu_count()} cores, Python {platform.python_version()}, load before: {load}\n")
    for name in chosen:
        print(f"## {name}\n")
        BENCHMARKS[name]()
        print()


if __name__ == "__main__":
    main()
