"""The same shapes on the same data: the sieve, pySHACL on rdflib, pyrudof where it is installed.

The data are the map of France of the served generation with the ontology and what follows from the
hierarchy. The reports must agree, or the figures would compare different work.
"""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable
from pathlib import Path

import pyshacl
import rdflib
from rdflib import RDF, SH

import ontology
import shapes
from atlas.settings import Settings
from store import Generations, LocalEngine
from store.rules import infer

GRAPHS = ("ontology.nt", "alignments.nt", "france-2026.nt")
N_TRIPLES = "application/n-triples"


def run() -> None:
    generation = Generations(Settings.load().home).current()
    if generation is None:
        print("There is no generation; run make build first.")
        return
    folder = Path("instance") / "benchmarks"
    folder.mkdir(parents=True, exist_ok=True)
    files = [generation.graphs / name for name in GRAPHS]
    axioms = folder / "axioms.nt"
    axioms.write_bytes(b"".join(file.read_bytes() for file in files[:2]))
    data = [*files, infer(files, axioms, folder).closure]
    rows = [_measured("sieve", _sieve, data), _measured("pySHACL on rdflib", _pyshacl, data)]
    first = rows[0]
    print("| validator | load s | validate s | results | ratio |\n| --- | --- | --- | --- | --- |")
    for name, load, seconds, results in rows:
        ratio = (load + seconds) / (first[1] + first[2])
        print(f"| {name} | {load:.1f} | {seconds:.1f} | {results} | {ratio:.1f} |")
    if importlib.util.find_spec("pyrudof") is None:
        print("\npyrudof is not installed: not measured.")


def _measured(
    name: str, validate: Callable[[list[Path]], tuple[float, int]], data: list[Path]
) -> tuple[str, float, float, int]:
    began = time.monotonic()
    loaded, results = validate(data)
    return name, loaded - began, time.monotonic() - loaded, results


def _sieve(data: list[Path]) -> tuple[float, int]:
    engine = LocalEngine()
    for file in data:
        engine.load(file, N_TRIPLES)
    loaded = time.monotonic()
    return loaded, len(shapes.validate(engine, ontology.load()).results)


def _pyshacl(data: list[Path]) -> tuple[float, int]:
    graph = rdflib.Graph()
    for file in data:
        graph.parse(file, format="nt")
    loaded = time.monotonic()
    _, report, _ = pyshacl.validate(graph, shacl_graph=shapes.load())
    assert isinstance(report, rdflib.Graph)
    return loaded, len(set(report.subjects(RDF.type, SH.ValidationResult)))
