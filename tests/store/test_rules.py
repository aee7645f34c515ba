"""The rules of the build on a few triples, with what must follow written by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from atlas.errors import InstanceError
from store.rules import infer

PREFIXES = {
    "a": "https://w3id.org/atlas-relationnel/ontology/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "s": "https://w3id.org/atlas-relationnel/vocabulary/relation-statuses/",
    "x": "urn:x:",
}
SCHEMA = """
a:Commune rdfs:subClassOf a:AdministrativeTerritory
a:AdministrativeTerritory rdfs:subClassOf a:Territory
a:Commune rdfs:subClassOf _:restriction
a:directlyPartOf rdfs:subPropertyOf a:partOf
a:partOf rdf:type owl:TransitiveProperty
a:partOf owl:inverseOf x:hasPart
a:articulatesWith rdf:type owl:SymmetricProperty
a:articulatesWith rdfs:subPropertyOf a:relatesTo
x:articulation a:namesProperty a:articulatesWith
a:actsOn rdfs:range x:Domain
"""


def n_triples(text: str) -> str:
    def term(word: str) -> str:
        prefix, _, name = word.partition(":")
        return word if prefix == "_" or word.startswith('"') else f"<{PREFIXES[prefix]}{name}>"

    lines = [line.split() for line in text.strip().splitlines()]
    return "".join(f"{' '.join(map(term, words))} .\n" for words in lines)


def inferred(tmp_path: Path, asserted: str, schema: str = SCHEMA) -> tuple[set[str], set[str]]:
    (tmp_path / "asserted.nt").write_text(n_triples(asserted), encoding="utf-8")
    (tmp_path / "schema.nt").write_text(n_triples(schema), encoding="utf-8")
    inference = infer([tmp_path / "asserted.nt"], tmp_path / "schema.nt", tmp_path / "out")
    closure, derived = (
        set(path.read_text("utf-8").splitlines()) for path in (inference.closure, inference.derived)
    )
    return closure, derived


def lines(text: str) -> set[str]:
    return set(n_triples(text).splitlines())


def test_types_climb_to_every_superclass_that_has_a_name(tmp_path: Path) -> None:
    closure, derived = inferred(tmp_path, "x:nancy rdf:type a:Commune")
    assert closure == lines(
        "x:nancy rdf:type a:AdministrativeTerritory\nx:nancy rdf:type a:Territory"
    )
    assert derived == set()


def test_parts_of_parts_are_parts_in_both_directions(tmp_path: Path) -> None:
    closure, derived = inferred(
        tmp_path, "x:nancy a:directlyPartOf x:54\nx:54 a:directlyPartOf x:grand-est"
    )
    assert closure == lines(
        """x:nancy a:partOf x:54
        x:54 a:partOf x:grand-est
        x:54 x:hasPart x:nancy
        x:grand-est x:hasPart x:54"""
    )
    assert derived == lines("x:nancy a:partOf x:grand-est\nx:grand-est x:hasPart x:nancy")


def test_a_symmetric_property_holds_both_ways_and_so_does_its_super_property(
    tmp_path: Path,
) -> None:
    closure, _ = inferred(tmp_path, "x:one a:articulatesWith x:two")
    assert closure == lines(
        """x:two a:articulatesWith x:one
        x:one a:relatesTo x:two
        x:two a:relatesTo x:one"""
    )


RELATION = """x:r rdf:type a:Relation
x:r a:relationType x:articulation
x:r a:relationSource x:one
x:r a:relationTarget x:two
x:r a:relationStatus s:"""


def test_an_observed_relation_gives_its_direct_statement(tmp_path: Path) -> None:
    _, derived = inferred(tmp_path, f"{RELATION}observed")
    assert derived == lines(
        """x:one a:articulatesWith x:two
        x:two a:articulatesWith x:one
        x:one a:relatesTo x:two
        x:two a:relatesTo x:one"""
    )


@pytest.mark.parametrize("status", ["possible", "missing", "broken"])
def test_a_relation_that_is_not_observed_gives_none(tmp_path: Path, status: str) -> None:
    assert inferred(tmp_path, f"{RELATION}{status}") == (set(), set())


def test_what_is_asserted_is_not_inferred_again(tmp_path: Path) -> None:
    closure, _ = inferred(tmp_path, "x:nancy a:directlyPartOf x:54\nx:nancy a:partOf x:54", SCHEMA)
    assert closure == lines("x:54 x:hasPart x:nancy")


def test_a_range_gives_no_type(tmp_path: Path) -> None:
    assert inferred(tmp_path, "x:scheme a:actsOn x:housing") == (set(), set())


def test_axioms_in_the_data_are_only_data(tmp_path: Path) -> None:
    closure, _ = inferred(
        tmp_path, "x:thing rdf:type x:Theirs\nx:Theirs rdfs:subClassOf a:Territory"
    )
    assert closure == set()


def test_blank_nodes_get_no_inferred_statement(tmp_path: Path) -> None:
    assert inferred(tmp_path, "_:b rdf:type a:Commune") == (set(), set())


def test_texts_keep_their_language_and_their_signs(tmp_path: Path) -> None:
    said = '<urn:x:nancy> <urn:x:name> "L\'« été » \\"là\\"\\n\\\\"@fr .\n'
    (tmp_path / "asserted.nt").write_text(said, encoding="utf-8")
    (tmp_path / "schema.nt").write_text(
        n_triples("x:name rdfs:subPropertyOf x:label"), encoding="utf-8"
    )
    inference = infer([tmp_path / "asserted.nt"], tmp_path / "schema.nt", tmp_path / "out")
    assert inference.closure.read_text("utf-8") == said.replace("x:name", "x:label")


def labels(tmp_path: Path, asserted: str) -> str:
    """What follows where a name is a label, from lines of N-Triples."""
    (tmp_path / "asserted.nt").write_text(asserted, encoding="utf-8")
    (tmp_path / "schema.nt").write_text(
        n_triples("x:name rdfs:subPropertyOf x:label"), encoding="utf-8"
    )
    inference = infer([tmp_path / "asserted.nt"], tmp_path / "schema.nt", tmp_path / "out")
    return inference.closure.read_text("utf-8")


@pytest.mark.parametrize(
    "literal",
    [
        '"01"^^<http://www.w3.org/2001/XMLSchema#integer>',
        '"5"^^<http://www.w3.org/2001/XMLSchema#nonNegativeInteger>',
        '"1.50"^^<http://www.w3.org/2001/XMLSchema#decimal>',
        '"2021"^^<http://www.w3.org/2001/XMLSchema#gYear>',
        '"Namur"@fr-BE',
        '"a . <b> % \\" c ."',
        '""',
    ],
)
def test_a_literal_is_carried_along_as_it_was_written(tmp_path: Path, literal: str) -> None:
    said = f"<urn:x:nancy> <urn:x:name> {literal} .\n"
    assert labels(tmp_path, said) == said.replace("x:name", "x:label")


def test_a_literal_that_is_not_of_its_datatype_disturbs_nothing_after_it(tmp_path: Path) -> None:
    ill = '"seven"^^<http://www.w3.org/2001/XMLSchema#integer>'
    said = f'<urn:x:a> <urn:x:name> {ill} .\n<urn:x:b> <urn:x:name> "B" .\n'
    followed = set(labels(tmp_path, said).splitlines())
    assert followed == set(said.replace("x:name", "x:label").splitlines())


def test_nothing_is_said_of_blank_nodes_in_any_place(tmp_path: Path) -> None:
    closure, derived = inferred(
        tmp_path,
        """x:a a:directlyPartOf _:b
        _:b a:directlyPartOf x:c
        _:b a:articulatesWith x:c""",
    )
    assert (closure, derived) == (set(), set())


def test_nothing_is_said_to_be_a_thing_or_a_resource(tmp_path: Path) -> None:
    schema = "a:Territory rdfs:subClassOf owl:Thing\na:Territory rdfs:subClassOf rdfs:Resource"
    assert inferred(tmp_path, "x:nancy rdf:type a:Territory", schema) == (set(), set())


def test_nothing_is_left_beside_what_was_inferred(tmp_path: Path) -> None:
    inferred(tmp_path, "x:nancy rdf:type a:Commune")
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"closure.nt", "derived.nt"}


def test_a_folder_that_the_rules_cannot_name_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "schema.nt").touch()
    with pytest.raises(InstanceError, match="quote or a backslash; set ATLAS_HOME"):
        infer([], tmp_path / "schema.nt", tmp_path / 'a "quoted" folder')


def test_without_input_nothing_follows(tmp_path: Path) -> None:
    (tmp_path / "schema.nt").write_text(n_triples(SCHEMA), encoding="utf-8")
    inference = infer([], tmp_path / "schema.nt", tmp_path / "out")
    assert inference.closure.read_bytes() == inference.derived.read_bytes() == b""


def test_vintages_apart_meet_in_one_inference(tmp_path: Path) -> None:
    """A step of one file goes on in another."""
    for name, text in (
        ("one", "x:nancy a:directlyPartOf x:54"),
        ("two", "x:54 a:directlyPartOf x:grand-est"),
    ):
        (tmp_path / f"{name}.nt").write_text(n_triples(text), encoding="utf-8")
    (tmp_path / "schema.nt").write_text(n_triples(SCHEMA), encoding="utf-8")
    inputs = [tmp_path / "one.nt", tmp_path / "two.nt"]
    inference = infer(inputs, tmp_path / "schema.nt", tmp_path / "out")
    assert lines("x:nancy a:partOf x:grand-est") < set(
        inference.derived.read_text("utf-8").splitlines()
    )
