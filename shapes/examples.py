"""Each shape against its examples: what it must accept, what it must refuse and how.

``examples/valid/{Shape}-{what}.ttl`` gives no result at all.
``examples/invalid/{Shape}-{what}.ttl`` gives exactly the results that its first lines expect::

    # expect: Violation shape:Commune atlas:directlyPartOf

that is severity, nearest shape with an IRI, and path ("-" where the focus node itself is at fault).
An example is judged by the shape that it is named after and by no other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import rdflib
from pyshacl.shapes_graph import ShapesGraph
from rdflib import Namespace

import shapes
from shapes.hierarchy import Hierarchy
from shapes.judge import judge, read_shapes, report_of
from shapes.plans import Plan, compile_shapes, select
from shapes.readthrough import ReadThrough
from shapes.report import Report
from shapes.sieve import Sieve
from shapes.terms import Engine

SHAPE = Namespace("https://w3id.org/atlas-relationnel/shape/")
FOLDER = Path(__file__).parent / "examples"
EXPECT = re.compile(r"^# expect: (\w+) (\S+) (\S+)$", re.MULTILINE)

Expected = set[tuple[str, str, str]]


class LoadableEngine(Engine, Protocol):
    """An engine that can be filled."""

    def load(self, data: bytes | Path, media_type: str) -> None: ...


def files(kind: str) -> list[Path]:
    """The examples that are "valid" or "invalid"."""
    return sorted((FOLDER / kind).glob("*.ttl"))


def shape_of(path: Path) -> rdflib.URIRef:
    """The shape that the example is named after."""
    return SHAPE[path.stem.split("-")[0]]


def run(engine_factory: Callable[[], LoadableEngine], schema: rdflib.Graph) -> list[str]:
    """What is wrong, one sentence each: none where every example does what it says.

    ``engine_factory`` makes an empty engine; ``schema`` says what is a subclass of what.
    """
    shapes_graph = read_shapes(shapes.load())
    problems: list[str] = []
    for kind in ("valid", "invalid"):
        for path in files(kind):
            engine = engine_factory()
            engine.load(path, "text/turtle")
            problems += _problems(path, engine, schema, shapes_graph)
    return [*problems, *_without_examples(shapes_graph)]


def _problems(
    path: Path, engine: Engine, schema: rdflib.Graph, shapes_graph: ShapesGraph
) -> Iterator[str]:
    name = f"{path.parent.name}/{path.name}"
    hierarchy = Hierarchy(engine, schema)
    plans = compile_shapes(engine, shapes_graph, hierarchy, only={shape_of(path)})
    if not plans:
        yield f"{name}: there is no shape {shape_of(path)} with a target."
        return
    (plan,) = plans
    if not _has_focus(engine, plan):
        yield f"{name}: the shape finds no focus node in its example."
        return
    expected: Expected = set(EXPECT.findall(path.read_text(encoding="utf-8")))
    if expected == set() and path.parent.name == "invalid":
        yield f"{name}: an invalid example says in its first lines what is expected."
    found = _found(engine, plan, hierarchy, shapes_graph)
    for title, rows in (("expected", expected - found), ("not expected", found - expected)):
        yield from (f"{name}: {title}: {' '.join(row)}." for row in sorted(rows))


def _has_focus(engine: Engine, plan: Plan) -> bool:
    assert plan.targets is not None
    return next(iter(engine.solutions(select(plan.targets.pattern, "true"))), None) is not None


def _found(engine: Engine, plan: Plan, hierarchy: Hierarchy, shapes_graph: ShapesGraph) -> Expected:
    candidates = Sieve(engine, hierarchy).candidates([plan])
    data = rdflib.Graph(store=ReadThrough(engine, hierarchy))
    results = judge(shapes_graph, data, candidates)
    report = Report(report_of(shapes_graph, results), shapes_graph.graph)
    return {
        (
            result.severity.split("#")[-1],
            result.shape.n3(shapes_graph.graph.namespace_manager),
            result.path or "-",
        )
        for result in report.results
    }


def _without_examples(shapes_graph: ShapesGraph) -> Iterator[str]:
    for kind in ("valid", "invalid"):
        have = {shape_of(path) for path in files(kind)}
        for shape in sorted(shapes_graph.shapes, key=lambda s: str(s.node)):
            targeted = any(list(targets) for targets in shape.target())
            if targeted and shape.node not in have:
                yield f"{shape.node} has no {kind} example."
