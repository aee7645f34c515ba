"""Every constraint of the shapes is said in plain words, in each language."""

from __future__ import annotations

import pyoxigraph
import pytest

from endpoint.language import LANGUAGES
from endpoint.names import Value
from endpoint.web.constraints.shapes import CLASS, NO_CONSTRAINT, SH, Rule, Shapes, project_shapes
from endpoint.web.constraints.text import Words
from endpoint.web.constraints.words import Saying

SHAPES = """
@prefix atlas: <https://w3id.org/atlas-relationnel/ontology/> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""


def constraints_in(shapes: Shapes) -> set[tuple[str, str, str]]:
    """Every constraint that stands in the files: shape, parameter, value."""
    found = set()
    for node, said in shapes.said.items():
        if f"{SH}prefix" in said or f"{SH}select" in said or f"{SH}declare" in said:
            continue  # Prefixes, and the queries that are the values of sh:sparql.
        for prop, values in said.items():
            name = prop.removeprefix(SH)
            steps = ("inversePath", "alternativePath", "zeroOrMorePath")
            if prop != name and name not in (*NO_CONSTRAINT, *steps):
                found |= {(node, name, str(value)) for value in values}
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_constraint_of_every_shape_is_said_in_words(language: str) -> None:
    shapes = project_shapes()
    saying = Saying(Words(shapes, lambda iri: Value(iri.rsplit("/", 1)[-1]), language))
    for targeted in shapes.targeted():
        said = saying.say(targeted.rule)
        assert said.sentences, targeted
        assert not said.turtle, targeted
        for sentence in said.sentences:
            text = "".join(piece.text for piece in sentence.pieces if not piece.code)
            assert "{" not in text, "a place that nothing was put in"
            assert text.endswith("." if not sentence.cases else ":"), text
    assert saying.unsaid == []
    said_of = {(str(c.shape), c.parameter, str(c.value)) for c in saying.done}
    assert {c for c in constraints_in(shapes) if c[1] != "property"} <= said_of


def one_rule(text: str) -> tuple[Shapes, Rule]:
    quads = pyoxigraph.parse(SHAPES + text, format=pyoxigraph.RdfFormat.TURTLE)
    shapes = Shapes(quad.triple for quad in quads)
    (targeted,) = shapes.targeted()
    assert targeted.target == CLASS
    return shapes, targeted.rule


@pytest.mark.parametrize(
    ("shape", "says"),
    [
        ("sh:path atlas:siren ; sh:minCount 1 ; sh:maxCount 1", "Exactly one value."),
        ("sh:path atlas:siren ; sh:minCount 2", "At least 2 values."),
        ("sh:path atlas:siren ; sh:maxCount 0", "No value."),
        ("sh:path atlas:siren ; sh:minCount 2 ; sh:maxCount 4", "From 2 to 4 values."),
        (
            "sh:path atlas:siren ; sh:or ( [ sh:datatype xsd:gYear ] [ sh:datatype xsd:date ] )",
            "Each value is a year or a day (full date).",
        ),
        (
            'sh:path atlas:siren ; sh:languageIn ( "fr" "en" "es" ) ; sh:uniqueLang true',
            "Each value is in French, English or Spanish. Only one value in each language.",
        ),
        (
            "sh:path atlas:siren ; sh:or ( [ sh:class atlas:A ] [ sh:class atlas:B ]"
            " [ sh:class atlas:C ] )",
            "Each value is a member of the class A, B or C.",
        ),
        (
            "sh:path atlas:siren ; sh:or ( [ sh:class atlas:A ] [ sh:datatype xsd:date ] )",
            "Each value is a member of the class A or a day (full date).",
        ),
        ('sh:path atlas:siren ; sh:in ( "a" "b" )', "Each value is one of a or b."),
        (
            "sh:path atlas:siren ; sh:qualifiedValueShape [ sh:class atlas:Actor ] ;"
            " sh:qualifiedMinCount 2",
            "Among the values, at least 2 are each a member of the class Actor.",
        ),
        (
            "sh:path atlas:siren ; sh:xone ( [ sh:path atlas:a ; sh:minCount 1 ]"
            " [ sh:not [ sh:path atlas:b ; sh:maxCount 1 ] ] )",
            "Exactly one of these cases: (a: at least one value)"
            " (this is not the case: b: at most one value)",
        ),
        (
            "sh:path atlas:siren ; sh:node [ sh:property [ sh:path atlas:a ; sh:minCount 1 ] ]",
            "It keeps to this: (a: at least one value)",
        ),
        ("sh:path atlas:siren ; sh:lessThan atlas:a", "Each value is less than that of a."),
        ("sh:path atlas:siren ; sh:maxExclusive 3", "Each value is below 3."),
        (
            "sh:path atlas:siren ; sh:nodeKind sh:BlankNode",
            "Each value is a thing without an address.",
        ),
    ],
)
def test_a_constraint_is_said_as_one_would_say_it(shape: str, says: str) -> None:
    shapes, rule = one_rule(
        f"atlas:S a sh:NodeShape ; sh:targetClass atlas:Actor ; sh:property [ {shape} ] ."
    )
    saying = Saying(Words(shapes, lambda iri: Value(iri.rsplit("/", 1)[-1]), "en"))
    said = saying.say(rule)
    spoken = " ".join(
        "".join(piece.text for piece in sentence.pieces)
        + "".join(f" ({''.join(p.text for p in case)})" for case in sentence.cases)
        for sentence in said.sentences
    )
    assert spoken == says
    assert not saying.unsaid


def test_what_no_template_says_is_shown_by_its_message_and_as_it_is_written() -> None:
    shapes, rule = one_rule(
        "atlas:S a sh:NodeShape ; sh:targetClass atlas:Actor ; sh:property [ sh:path atlas:siren ;"
        ' sh:singleLine true ; sh:message "One line."@en , "Une ligne."@fr ] .'
    )
    said = Saying(Words(shapes, lambda iri: Value(iri), "fr")).say(rule)
    assert said.message == "Une ligne."
    assert "sh:singleLine true" in said.turtle


def test_every_path_is_said() -> None:
    text = "atlas:S sh:targetClass atlas:Actor ; sh:property [ sh:path %s ; sh:minCount 1 ] ."
    for path, says in {
        "atlas:a": "a",
        "( atlas:a atlas:b )": "a, then b",
        "[ sh:inversePath atlas:a ]": "what leads to it by a",
        "[ sh:alternativePath ( atlas:a atlas:b atlas:c ) ]": "a, b or c",
        "[ sh:oneOrMorePath atlas:a ]": "a, once or more",
    }.items():
        shapes, rule = one_rule(text % path)
        said = Saying(Words(shapes, lambda iri: Value(iri.rsplit("/", 1)[-1]), "en")).say(rule)
        assert "".join(piece.text for piece in said.subject) == says
