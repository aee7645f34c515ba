"""Our shapes as a whole: what each must carry, and that all of them are sieved."""

from __future__ import annotations

import rdflib
from rdflib import RDF, SH, Graph, Literal
from rdflib.term import URIRef

import shapes
from shapes.hierarchy import Hierarchy
from shapes.judge import read_shapes
from shapes.plans import compile_shapes
from tests.shapes.few_triples import engine_of

SHAPES = shapes.load()
STRUCTURE = {SH.property, SH.severity, SH.targetClass, SH.path, SH.message, SH.name, RDF.type}
STRUCTURE |= {SH.targetSubjectsOf, SH.targetObjectsOf}
MODULES = {"core", "territory", "actors", "competence", "action", "resources", "federation"}


def test_there_is_one_file_for_each_module_of_the_ontology() -> None:
    assert {path.stem for path in shapes.files()} == MODULES


def test_whatever_can_fail_says_so_in_three_languages() -> None:
    for shape in set(SHAPES.subjects(SH.path, None)) | set(SHAPES.subjects(RDF.type, SH.NodeShape)):
        constrains = set(SHAPES.predicates(shape)) - STRUCTURE - {SH.sparql}
        nested = any(SHAPES.subjects(link, shape) for link in (SH["not"], SH.qualifiedValueShape))
        if constrains and not nested and not _is_part_of_another(shape):
            assert _languages(shape) == ["en", "es", "fr"], (shape, constrains)
    for query in SHAPES.objects(None, SH.sparql):
        assert _languages(query) == ["en", "es", "fr"]


def _is_part_of_another(shape: rdflib.term.Node) -> bool:
    """A member of sh:or and its kin, or something below one: the outer message is the one read."""
    above = set(SHAPES.subjects(RDF.first, shape))
    for link in (SH["not"], SH.qualifiedValueShape):
        above |= set(SHAPES.subjects(link, shape))
    owners = set(SHAPES.subjects(SH.property, shape))
    return bool(above) or any(_is_part_of_another(owner) for owner in owners)


def _languages(node: rdflib.term.Node) -> list[str | None]:
    messages = SHAPES.objects(node, SH.message)
    return sorted(text.language for text in messages if isinstance(text, Literal))  # type: ignore[type-var]


def test_severities_are_the_three_of_shacl_and_all_are_used() -> None:
    assert set(SHAPES.objects(None, SH.severity)) == {SH.Warning, SH.Info}
    assert any((shape, SH.severity, None) not in SHAPES for shape in SHAPES.subjects(SH.path))


def test_only_datatypes_that_the_store_keeps_are_asked_for() -> None:
    kept = ["string", "integer", "gYear", "gYearMonth", "date", "boolean", "dateTime"]
    asked = set(SHAPES.objects(None, SH.datatype))
    assert asked <= {rdflib.XSD[name] for name in kept} | {RDF.langString}


def test_every_shape_compiles() -> None:
    graph = read_shapes(SHAPES)
    engine = engine_of([])
    plans = compile_shapes(engine, graph, Hierarchy(engine, Graph()))
    assert {plan.shape.node: plan.reason for plan in plans if plan.reason} == {}
    assert len(plans) > 40


def test_named_shapes_are_in_our_namespace() -> None:
    named = {s for s in SHAPES.subjects(RDF.type) if isinstance(s, URIRef)}
    assert named
    assert all(s.startswith("https://w3id.org/atlas-relationnel/shape/") for s in named)
