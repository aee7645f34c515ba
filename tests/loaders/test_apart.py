"""A graph published apart is judged with its surroundings, for its own subjects only."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from rdflib import RDF, SH, Graph, URIRef
from rdflib.collection import Collection

import ontology
import shapes
from loaders.apart import surroundings
from store import LocalEngine

PREFIXES = """
@prefix atlas: <https://w3id.org/atlas-relationnel/ontology/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix igeo: <http://rdf.insee.fr/def/geo#> .
@prefix : <https://w3id.org/atlas-relationnel/id/> .
"""
# The department has no region here: that is the default graph's fault, not the scheme's.
DEFAULT = f"""{PREFIXES}
:d54 a atlas:Department ; rdfs:label "Meurthe-et-Moselle"@fr ; igeo:codeINSEE "54" .
:caf a atlas:Actor ; rdfs:label "CAF"@fr .
:sheet a atlas:CaseSheet ; atlas:partOfDossier :dossier .
"""
SCHEME = ':scheme a atlas:Scheme ; rdfs:label "aide"@fr ; atlas:operatedBy :caf ; atlas:appliesIn '


@pytest.fixture
def judged(tmp_path: Path) -> Callable[[str], set[tuple[str, str]]]:
    """What the shapes say of a graph published apart: focus node and severity."""

    def judged(turtle: str) -> set[tuple[str, str]]:
        default = LocalEngine()
        default.load(DEFAULT.encode(), "text/turtle")
        apart = tmp_path / "apart.nt"
        graph = Graph().parse(data=PREFIXES + turtle, format="turtle")
        apart.write_text(graph.serialize(format="nt"), encoding="utf-8")
        around = surroundings(default, [apart])
        report = shapes.validate(around.engine, ontology.load(), focus=around.subjects)
        return {
            (str(result.focus).rpartition("/")[2], str(result.severity).rpartition("#")[2])
            for result in report.results
        }

    return judged


def test_what_the_rest_says_of_named_things_counts(
    judged: Callable[[str], set[tuple[str, str]]],
) -> None:
    assert ("scheme", "Violation") not in judged(f"{SCHEME} :d54 .")


def test_a_thing_that_nobody_describes_makes_the_subject_invalid(
    judged: Callable[[str], set[tuple[str, str]]],
) -> None:
    assert ("scheme", "Violation") in judged(f"{SCHEME} :nowhere .")


def test_the_faults_of_the_rest_are_not_reported_here(
    judged: Callable[[str], set[tuple[str, str]]],
) -> None:
    assert not {focus for focus, _ in judged(f"{SCHEME} :d54 .")} & {"d54", "caf"}


def test_what_points_at_a_subject_from_the_rest_counts_too(
    judged: Callable[[str], set[tuple[str, str]]],
) -> None:
    dossier = "a atlas:Dossier ; <http://purl.org/dc/terms/title> 'dossier'@fr"
    assert ("lonely", "Warning") in judged(f":lonely {dossier} .")
    assert ("dossier", "Warning") not in judged(f":dossier {dossier} .")


def test_no_shape_looks_further_than_what_is_said_of_what_its_focus_node_names() -> None:
    graph = shapes.load()
    for shape, path in graph.subject_objects(SH.path):
        inverse = graph.value(path, SH.inversePath)
        either = graph.value(path, SH.alternativePath)
        steps = [path if inverse is None else inverse]
        if either is not None:
            steps = list(Collection(graph, either))
        elif (path, RDF.first, None) in graph:
            # A second step leaves nothing for the types of what it leads to.
            steps = list(Collection(graph, path))
            assert len(steps) == 2, path
            assert graph.value(shape, SH["class"]) is None, path
        assert all(isinstance(step, URIRef) for step in steps), path
    nested = set(graph.objects(None, SH.node)) | set(graph.objects(None, SH.qualifiedValueShape))
    for shape in nested:
        assert not list(graph.objects(shape, SH.property)), shape
    assert set(graph.subjects(RDF.type, SH.NodeShape))
