"""An engine by itself over one file of triples, whose own SERVICE asks the other sites.

``python -m benchmarks.services rdflib|pyoxigraph FILE``: each line of input is a query in Base64;
each line of output is how many rows it has, or what went wrong.
"""

from __future__ import annotations

import base64
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import rdflib
from pyparsing import ParseBaseException


def rdflib_engine(file: Path) -> Callable[[str], Any]:
    graph = rdflib.Graph()
    graph.parse(file, format="nt")
    return graph.query


def pyoxigraph_engine(file: Path) -> Callable[[str], Any]:
    store = ox.Store()
    store.bulk_load(path=file, format=ox.RdfFormat.N_TRIPLES)
    return store.query


FAILURES = (OSError, RuntimeError, ValueError, TypeError, LookupError, ParseBaseException)
ENGINES = {"rdflib": rdflib_engine, "pyoxigraph": pyoxigraph_engine}


def main() -> None:
    query = ENGINES[sys.argv[1]](Path(sys.argv[2]))
    for line in sys.stdin:
        try:
            found = query(base64.b64decode(line).decode("utf-8"))
            is_truth = isinstance(found, ox.QueryBoolean) or getattr(found, "type", "") == "ASK"
            said = str(int(bool(found)) if is_truth else sum(1 for _ in found))
        except FAILURES as error:
            said = " ".join(f"{type(error).__name__}: {error}".split())
        print(said, flush=True)


if __name__ == "__main__":
    main()
