"""The W3C SHACL test suite, core and SPARQL, through the sieve.

https://w3c.github.io/data-shapes/data-shapes-test-suite/
"""

from __future__ import annotations

import os
import tomllib
from collections import Counter
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from rdflib import RDF, SH, Namespace
from rdflib.term import Node

import shapes
from atlas.errors import DataError
from shapes.paths import path_text
from shapes.terms import graph_of
from tests.shapes.few_triples import engine_of

MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
SHT = Namespace("http://www.w3.org/ns/shacl-test#")
SUITE = Path("w3c-data-shapes/data-shapes-test-suite/tests")
ROOT = Path(os.environ.get("ATLAS_DATA", "")).resolve() / SUITE
KNOWN_FAILURES = tomllib.loads((Path(__file__).parent / "known_failures.toml").read_text("utf-8"))
# What the suite says of a result; messages and details are left to the processor.
COMPARED = (
    SH.focusNode,
    SH.resultPath,
    SH.value,
    SH.resultSeverity,
    SH.sourceConstraintComponent,
    SH.sourceShape,
)


def read(path: Path) -> list[ox.Triple]:
    quads = ox.parse(path=str(path), format=ox.RdfFormat.TURTLE, base_iri=path.as_uri())
    return [quad.triple for quad in quads]


def files() -> list[Path]:
    if not ROOT.is_dir():
        return []
    return [p for p in sorted(ROOT.rglob("*.ttl")) if "sht:Validate" in p.read_text("utf-8")]


def name(path: Path) -> str:
    return str(path.relative_to(ROOT).with_suffix(""))


def rows(graph: rdflib.Graph, report: Node) -> Counter[tuple[str, ...]]:
    """The report's results, paths written out; only what the suite itself gives."""
    results = list(graph.objects(report, SH.result))
    return Counter(tuple(_written(graph, result, key) for key in COMPARED) for result in results)


def _written(graph: rdflib.Graph, result: Node, key: Node) -> str:
    value = graph.value(result, key)
    return path_text(graph, value) if key == SH.resultPath else repr(value)


def outcome(path: Path) -> tuple[object, object]:
    """What the suite expects, and what we say: a report or sht:Failure."""
    manifest_triples = read(path)
    manifest = graph_of(manifest_triples)
    test = next(manifest.subjects(RDF.type, SHT.Validate))
    action = manifest.value(test, MF.action)
    expected = manifest.value(test, MF.result)
    data_file, shapes_file = (
        Path(str(manifest.value(action, key)).removeprefix("file://"))
        for key in (SHT.dataGraph, SHT.shapesGraph)
    )
    data = manifest_triples if data_file == path else read(data_file)
    shapes_graph = manifest if shapes_file == path else graph_of(read(shapes_file))
    engine = engine_of(data)
    written = shapes.rewritten(engine, data)
    try:
        graph = shapes.validate(engine, rdflib.Graph(), shapes_graph, written).graph
    except DataError:
        return expected, SHT.Failure
    if expected == SHT.Failure:
        return expected, "a report"
    report = next(graph.subjects(RDF.type, SH.ValidationReport))
    return tuple(
        (one.value(node, SH.conforms), rows(one, node))
        for one, node in ((manifest, expected), (graph, report))
    )  # type: ignore[return-value]


def test_the_suite_is_all_there(atlas_data: Path) -> None:
    assert (atlas_data / SUITE).is_dir()
    groups = Counter(name(path).split("/")[0] for path in files())
    assert groups == {"core": 98, "sparql": 23}


@pytest.mark.filterwarnings("ignore::pyshacl.errors.ShapeRecursionWarning")
@pytest.mark.parametrize("path", files(), ids=name)
def test_the_report_is_the_one_that_the_suite_expects(path: Path, focus_nodes: str) -> None:
    expected, found = outcome(path)
    if name(path) in KNOWN_FAILURES:
        assert found != expected, f"{name(path)} passes: it must leave known_failures.toml."
    else:
        assert found == expected


def test_known_failures_name_tests_of_the_suite(atlas_data: Path) -> None:
    assert len(files()) > 100
    assert set(KNOWN_FAILURES) <= {name(path) for path in files()}
