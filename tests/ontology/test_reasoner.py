"""HermiT on small ontologies; without Java the check says so and the others run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from rdflib import Graph

from atlas.errors import InstanceError, MissingTool
from ontology import reasoner
from ontology.checks import run
from ontology.project import Project
from ontology.reader import parse

Reading = Callable[[], Project]
PREFIXES = """@prefix atlas: <https://w3id.org/atlas-relationnel/ontology/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<https://w3id.org/atlas-relationnel/module/test> a owl:Ontology .
atlas:Place a owl:Class ; owl:disjointWith atlas:Body . atlas:Body a owl:Class .
"""
ATLAS = "https://w3id.org/atlas-relationnel/ontology/"


def axioms(text: str) -> Graph:
    return parse((PREFIXES + text).encode(), "axioms")


def words(project: Project) -> list[tuple[str, str]]:
    (outcome,) = run(project, only=["reasoner"])
    return [(found.term.removeprefix(ATLAS), found.message["en"]) for found in outcome.findings]


@pytest.mark.java
def test_a_clean_ontology_is_consistent_and_leaves_nothing_behind(
    project: Reading, folder: Path
) -> None:
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert words(project()) == []
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


@pytest.mark.java
def test_a_class_below_two_disjoint_ones_is_found(project: Reading, folder: Path) -> None:
    places = folder / "ontology" / "places.ttl"
    text = places.read_text("utf-8")
    places.write_text(text.replace("atlas:Body a owl:Class ;\n", "atlas:Body a owl:Class ;\n"
                                   "    rdfs:subClassOf atlas:Place ;\n"), "utf-8")  # fmt: skip
    found = dict(words(project()))
    assert "can have no individual" in found["Body"]
    assert "http://www.w3.org/2002/07/owl#Nothing" not in found


@pytest.mark.java
def test_a_property_between_the_impossible_is_found() -> None:
    graph = axioms("atlas:governs a owl:ObjectProperty ; rdfs:domain atlas:Place, atlas:Body .")
    assert reasoner.classify(graph).unsatisfiable == {f"{ATLAS}governs"}


@pytest.mark.java
def test_an_individual_of_two_disjoint_classes_makes_it_inconsistent(
    project: Reading, folder: Path
) -> None:
    graph = axioms("atlas:nancy a owl:NamedIndividual, atlas:Place, atlas:Body .")
    assert not reasoner.classify(graph).consistent
    scales = folder / "ontology" / "vocabularies" / "scales.ttl"
    scales.write_text(
        scales.read_text("utf-8") + "\natlas:Nancy a atlas:Place, atlas:Body .", "utf-8"
    )
    assert "contradicts itself" in words(project())[0][1]


@pytest.mark.java
def test_two_classes_that_turn_out_to_be_one_are_found(project: Reading, folder: Path) -> None:
    places = folder / "ontology" / "places.ttl"
    places.write_text(
        places.read_text("utf-8")
        + "\natlas:Thing rdfs:subClassOf atlas:Place . atlas:Place rdfs:subClassOf atlas:Thing .",
        "utf-8",
    )
    assert any("atlas:Place, atlas:Thing" in text for _, text in words(project()))


@pytest.mark.java
def test_an_equivalence_that_is_stated_is_no_finding(project: Reading, folder: Path) -> None:
    places = folder / "ontology" / "places.ttl"
    places.write_text(
        places.read_text("utf-8") + "\natlas:Body owl:equivalentClass atlas:Organisation ."
        " atlas:Organisation a owl:Class .",
        "utf-8",
    )
    assert words(project()) == []


@pytest.mark.java
def test_an_inverse_does_not_make_two_properties_one() -> None:
    graph = axioms(
        "atlas:partOf a owl:ObjectProperty, owl:TransitiveProperty ; owl:inverseOf atlas:whole ."
        "atlas:whole a owl:ObjectProperty ."
        "atlas:near a owl:ObjectProperty, owl:SymmetricProperty ."
    )
    assert reasoner.classify(graph).equivalent == ()


@pytest.mark.java
def test_years_and_dates_do_not_stop_the_reasoner() -> None:
    graph = axioms(
        "atlas:vintage a owl:DatatypeProperty ; rdfs:range xsd:gYear ."
        'atlas:nancy a owl:NamedIndividual, atlas:Place ; atlas:vintage "2021"^^xsd:gYear .'
    )
    assert reasoner.classify(graph).consistent


@pytest.mark.java
def test_an_import_is_not_fetched() -> None:
    graph = axioms("<https://w3id.org/atlas-relationnel/module/test> owl:imports <urn:nowhere> .")
    assert reasoner.classify(graph).consistent


@pytest.mark.java
def test_a_failure_of_the_reasoner_is_one_sentence() -> None:
    # A transitive property under a cardinality: outside OWL 2 DL.
    graph = axioms(
        "atlas:partOf a owl:ObjectProperty, owl:TransitiveProperty . atlas:Place rdfs:subClassOf"
        " [ a owl:Restriction ; owl:onProperty atlas:partOf ; owl:maxCardinality"
        ' "1"^^xsd:nonNegativeInteger ] .'
    )
    with pytest.raises(InstanceError, match="The reasoner failed: ") as caught:
        reasoner.classify(graph)
    assert "\n" not in str(caught.value)


def test_without_java_the_check_is_not_run_and_says_so(
    project: Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    outcomes = list(run(project(), only=["reasoner", "names"]))
    assert [(one.check.name, one.failed) for one in outcomes] == [
        ("names", False),
        ("reasoner", False),
    ]
    assert outcomes[1].not_run.startswith("Java was not found")
    with pytest.raises(MissingTool):
        reasoner.classify(Graph())
