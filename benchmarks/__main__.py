"""``python -m benchmarks``: figures of this atlas beside its peers, measured in one run.

Each benchmark prints a table with the machine's conditions. Peers that are not installed are named
as missing, never guessed.
"""

from __future__ import annotations

import argparse
import os
import platform
from collections.abc import Callable
from typing import NamedTuple

from benchmarks import build, federation, http, page_peers, pages, search, validate
from benchmarks import map as relation_map


class Benchmark(NamedTuple):
    """``lasts``: how long it takes on two cores, where that is too long for a run of all."""

    run: Callable[[], None]
    says: str
    lasts: str = ""


BENCHMARKS = {
    "search": Benchmark(search.run, "names found in the index, as one types"),
    "pages": Benchmark(pages.run, "time to first byte of each family of pages"),
    "map": Benchmark(relation_map.run, "frames a second of the map, at ATLAS_BENCH_SITE"),
    "validate": Benchmark(validate.run, "the shapes, beside other validators", "half an hour"),
    "build": Benchmark(build.run, "three builds from an empty folder", "15 minutes"),
    "page-peers": Benchmark(
        page_peers.run, "pages of things and names found, beside Trifid and Fuseki", "15 minutes"
    ),
    "http": Benchmark(http.run, "the endpoint, beside five other servers", "an hour"),
    "federation": Benchmark(
        federation.run,
        "joins over six sites, beside other federations; ATLAS_BENCH_QUERIES=3 is a short run",
        "hours",
    ),
}
QUICK = [name for name, benchmark in BENCHMARKS.items() if not benchmark.lasts]
LONG = {name: benchmark for name, benchmark in BENCHMARKS.items() if benchmark.lasts}


def main() -> None:
    """Run the benchmarks named on the command line, or those that take minutes at most."""
    parser = options()
    chosen = parser.parse_args().names or QUICK
    unknown = [name for name in chosen if name not in BENCHMARKS]
    if unknown:
        parser.error(f"there is no benchmark {unknown[0]!r}; there are: {', '.join(BENCHMARKS)}")
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    print(f"{os.cpu_count()} cores, Python {platform.python_version()}, load before: {load}\n")
    for name in chosen:
        print(f"## {name}\n", flush=True)
        BENCHMARKS[name].run()
        print()
    for name, benchmark in LONG.items():
        if name not in chosen:
            print(f"Not run ({benchmark.lasts}): python -m benchmarks {name}")


def options() -> argparse.ArgumentParser:
    width = max(map(len, BENCHMARKS))
    lines = [
        f"  {name:{width}}  {benchmark.says}{f' ({benchmark.lasts})' if benchmark.lasts else ''}"
        for name, benchmark in BENCHMARKS.items()
    ]
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Figures of this atlas beside its peers, measured in one run.",
        epilog="\n".join(["benchmarks, and how long the long ones take:", *lines]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "names",
        nargs="*",
        metavar="name",
        help=f"which to run; none named: the quick ones ({', '.join(QUICK)})",
    )
    return parser


if __name__ == "__main__":
    main()
