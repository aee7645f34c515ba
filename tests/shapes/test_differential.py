"""Random small graphs: the sieve and pySHACL on the whole graph write the same report."""

from __future__ import annotations

from collections import Counter

import pyoxigraph as ox
import pyshacl
import pytest
import rdflib
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyshacl.errors import ReportableRuntimeError
from rdflib import RDF, RDFS, SH
from rdflib.term import Node, URIRef

import shapes
from atlas.errors import DataError
from shapes.judge import read_shapes
from shapes.paths import path_text
from shapes.terms import graph_of, to_oxigraph
from tests.shapes.few_triples import engine_of, triples

SHAPES = shapes.load()
PATHS = (SH.path, SH.alternativePath, SH.inversePath, SH.disjoint, SH.targetSubjectsOf)
NODES = [ox.NamedNode(f"https://example.org/{name}") for name in "abcd"] + [ox.BlankNode("e")]


def terms_of_the_shapes() -> tuple[list[Node], list[Node]]:
    """The properties that our shapes look at, and the classes that they name."""
    used = {value for path in PATHS for value in SHAPES.objects(None, path)}
    lists = {item for value in used for item in SHAPES.items(value)}
    properties = {term for term in used | lists if isinstance(term, URIRef)}
    classes = set(SHAPES.objects(None, SH.targetClass)) | set(SHAPES.objects(None, SH["class"]))
    return sorted(properties - {RDF.type}, key=str), sorted(classes, key=str)


PROPERTIES, CLASSES = terms_of_the_shapes()
LITERALS = [
    triple.object
    for triple in triples(
        """ex:x ex:p "nom"@fr, "name"@en, "nombre"@es, "Name"@EN, "nom", "", "54395", "2A004",
            "123456789", "fr", "abc", 0, 1, 16, -1, "01"^^xsd:integer, "1"^^xsd:int,
            "x"^^xsd:integer, 1.50, 1e0, true, false, "1"^^xsd:boolean, "yes"^^xsd:boolean,
            "2026"^^xsd:gYear,
            "2026Z"^^xsd:gYear, "26"^^xsd:gYear, "12026"^^xsd:gYear, "2026-02"^^xsd:gYearMonth,
            "2026-02-30"^^xsd:date, "2026-02-03"^^xsd:date,
            "2026-02-03T00:00:00.000Z"^^xsd:dateTime, "https://example.org/"^^xsd:anyURI ."""
    )
]
TRIPLES = st.builds(
    ox.Triple,
    st.sampled_from(NODES),
    st.sampled_from([to_oxigraph(name) for name in PROPERTIES]),
    st.sampled_from(NODES) | st.sampled_from(LITERALS),
)
TYPES = st.builds(
    ox.Triple,
    st.sampled_from(NODES),
    st.just(to_oxigraph(RDF.type)),
    st.sampled_from([to_oxigraph(name) for name in CLASSES]),
)


TARGETED = sorted(set(SHAPES.subjects(SH.targetClass, None)), key=str)


def alone(shape: Node) -> rdflib.Graph:
    """The shapes graph with this shape only, and all that it refers to."""
    graph, waiting = (
        rdflib.Graph(),
        [shape, URIRef("https://w3id.org/atlas-relationnel/shape/Prefixes")],
    )
    while waiting:
        for triple in SHAPES.triples((waiting.pop(), None, None)):
            if triple not in graph:
                graph.add(triple)
                waiting.append(triple[2])
    return graph


@st.composite
def focused(draw: st.DrawFn) -> tuple[rdflib.Graph, list[ox.Triple]]:
    """One of our shapes, and a graph in which its classes and its properties come together."""
    shape = draw(st.sampled_from(TARGETED))
    shapes_graph = alone(shape)
    cls = draw(st.sampled_from(sorted(SHAPES.objects(shape, SH.targetClass), key=str)))
    paths = [path for path in PROPERTIES if (None, None, path) in shapes_graph]
    graph = [ox.Triple(NODES[0], to_oxigraph(RDF.type), to_oxigraph(cls))]
    for path in paths:
        for value in draw(st.lists(st.sampled_from(NODES) | st.sampled_from(LITERALS), max_size=3)):
            graph.append(ox.Triple(NODES[0], to_oxigraph(path), value))
    return shapes_graph, [
        *graph,
        *draw(st.lists(TYPES, max_size=6)),
        *draw(st.lists(TRIPLES, max_size=6)),
    ]


def results(graph: rdflib.Graph) -> Counter[tuple[str, ...]]:
    keys = (SH.focusNode, SH.value, SH.resultSeverity, SH.sourceConstraintComponent)
    return Counter(
        (*(repr(graph.value(node, key)) for key in keys), _path(graph, node))
        for report in graph.subjects(RDF.type, SH.ValidationReport)
        for node in graph.objects(report, SH.result)
    )


def _path(graph: rdflib.Graph, node: Node) -> str:
    return path_text(graph, graph.value(node, SH.resultPath))


def both(
    data: list[ox.Triple], schema: rdflib.Graph, shapes_graph: rdflib.Graph = SHAPES
) -> tuple[object, object]:
    """What we report, and what pySHACL does. It fails where it would compare a blank node."""
    return ours(data, schema, shapes_graph), theirs(data, schema, shapes_graph)


def ours(data: list[ox.Triple], schema: rdflib.Graph, shapes_graph: rdflib.Graph) -> object:
    engine = engine_of(data)
    written = shapes.rewritten(engine, data)
    try:
        return results(shapes.validate(engine, schema, shapes_graph, written).graph)
    except DataError:
        return "failure"


def theirs(data: list[ox.Triple], schema: rdflib.Graph, shapes_graph: rdflib.Graph) -> object:
    whole = graph_of(data)
    for triple in schema.triples((None, RDFS.subClassOf, None)):
        whole.add(triple)
    copy = read_shapes(shapes_graph).graph
    try:
        _, report, _ = pyshacl.validate(whole, shacl_graph=copy, inference="none")
    except ReportableRuntimeError:
        return "failure"
    assert isinstance(report, rdflib.Graph)
    return results(report)


def examples(number: int) -> settings:
    checks = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
    return settings(max_examples=number, deadline=None, suppress_health_check=checks)


@pytest.mark.slow
@examples(150)
@given(drawn=focused())
def test_each_shape_reports_what_pyshacl_reports_on_the_whole_graph(
    drawn: tuple[rdflib.Graph, list[ox.Triple]], schema: rdflib.Graph, focus_nodes: str
) -> None:
    shapes_graph, data = drawn
    found, expected = both(data, schema, shapes_graph)
    assert found == expected


@pytest.mark.slow
@examples(20)
@given(data=st.lists(TYPES | TRIPLES, min_size=10, max_size=40))
def test_all_shapes_together_report_what_pyshacl_reports(
    data: list[ox.Triple], schema: rdflib.Graph, focus_nodes: str
) -> None:
    found, expected = both(data, schema)
    assert found == expected


# One shape for each way to be exact, or not, under a negation or a count.
LOGIC = """
ex:Shape a sh:NodeShape ; sh:targetSubjectsOf ex:p, ex:q ;
    sh:not [ sh:path ex:p ; sh:datatype xsd:integer ] ;
    sh:xone ( [ sh:path ex:p ; sh:minCount 2 ] [ sh:path ex:q ; sh:pattern "^n" ]
              [ sh:path ex:q ; sh:nodeKind sh:IRI ] ) ;
    sh:property [ sh:path ex:p ; sh:qualifiedValueShape [ sh:nodeKind sh:Literal ] ;
                  sh:qualifiedMinCount 1 ; sh:qualifiedMaxCount 2 ] ,
        [ sh:path ex:q ; sh:qualifiedValueShape [ sh:class ex:C ] ;
          sh:qualifiedValueShapesDisjoint true ; sh:qualifiedMinCount 1 ; sh:qualifiedMaxCount 1 ] ,
        [ sh:path ex:p ; sh:qualifiedValueShape [ sh:minLength 3 ] ;
          sh:qualifiedValueShapesDisjoint true ; sh:qualifiedMaxCount 1 ] ,
        [ sh:path ex:p ; sh:lessThan ex:q ] , [ sh:path ex:p ; sh:equals ex:q ] ,
        [ sh:path ( ex:q ex:p ) ; sh:maxCount 2 ; sh:uniqueLang true ] ,
        [ sh:path [ sh:zeroOrMorePath ex:p ] ; sh:minCount 2 ; sh:hasValue "01"^^xsd:integer ] ,
        [ sh:path [ sh:inversePath ex:q ] ; sh:maxCount 1 ; sh:disjoint ex:p ] ,
        [ sh:path ex:q ; sh:in ( ex:a 1 "01"^^xsd:integer "nom"@fr "nom" ) ] ,
        [ sh:path ex:p ; sh:minInclusive 1 ; sh:maxExclusive "2026-02-04"^^xsd:date ] ,
        [ sh:path ex:p ; sh:languageIn ( "fr" "en-GB" ) ; sh:flags "i" ; sh:pattern "NOM" ] .
ex:Closed a sh:NodeShape ; sh:targetClass ex:C ;
    sh:closed true ; sh:ignoredProperties ( rdf:type ) ;
    sh:or ( [ sh:property [ sh:path ex:p ; sh:datatype xsd:gYear ] ]
            [ sh:property [ sh:path ex:p ; sh:datatype xsd:date ] ] ) ;
    sh:property [ sh:path ex:p ; sh:maxCount 4 ; sh:node ex:Inner ] .
ex:Inner a sh:NodeShape ; sh:targetObjectsOf ex:q ;
    sh:nodeKind sh:BlankNodeOrIRI ; sh:property [ sh:path ex:q ; sh:maxLength 4 ] .
"""
P, Q, C = (ox.NamedNode(f"https://example.org/{name}") for name in "pqC")
# pySHACL fails altogether where it should compare a blank node.
COMPARABLE = [node for node in NODES if isinstance(node, ox.NamedNode)]
LOGICAL = st.lists(
    st.builds(
        ox.Triple,
        st.sampled_from(COMPARABLE),
        st.sampled_from([P, Q]),
        st.sampled_from(COMPARABLE) | st.sampled_from(LITERALS),
    )
    | st.builds(ox.Triple, st.sampled_from(COMPARABLE), st.just(to_oxigraph(RDF.type)), st.just(C)),
    max_size=12,
)


@pytest.mark.slow
@examples(100)
@given(data=LOGICAL)
def test_negations_counts_and_pairs_report_what_pyshacl_reports(
    data: list[ox.Triple], focus_nodes: str
) -> None:
    found, expected = both(data, rdflib.Graph(), graph_of(triples(LOGIC)))
    assert found == expected
