"""How far shapes look from a focus node, and that none of ours looks further than can be told."""

from __future__ import annotations

import pytest
from rdflib import SH

import ontology
import shapes
from atlas.errors import DataError
from shapes.constraints import COMPONENTS
from shapes.hierarchy import Hierarchy
from shapes.judge import read_shapes
from shapes.reach import LOOKS, Place, reach
from shapes.terms import graph_of
from tests.shapes.few_triples import engine_of, triples

# These look at the value nodes themselves and no further.
VALUES_ONLY = {
    SH.datatype,
    SH.nodeKind,
    SH.minCount,
    SH.maxCount,
    SH.minExclusive,
    SH.minInclusive,
    SH.maxExclusive,
    SH.maxInclusive,
    SH.minLength,
    SH.maxLength,
    SH.pattern,
    SH.languageIn,
    SH.uniqueLang,
    SH.hasValue,
    SH["in"],
}


def walks(shape: str, schema: str = "") -> set[str]:
    """All walks that a shape takes, as text: the last part of each predicate."""
    hierarchy = Hierarchy(engine_of([]), graph_of(triples(schema)))
    root = reach(read_shapes(graph_of(triples(shape))), hierarchy)
    return {text(place) for place in root.all()}


def text(place: Place) -> str:
    step = place.step
    name = (
        "any" if step.predicate is None else step.predicate.value.replace("#", "/").split("/")[-1]
    )
    classes = "" if step.objects is None else f"={len(step.objects)}"
    own = f"{'^' * step.inverse}{name}{'*' * step.many}{classes}{'!' * step.one}"
    before = place.before
    return own if before is None or before.before is None else f"{text(before)} {own}"


def test_every_component_is_known_to_look_further_or_not() -> None:
    parameters = {component.parameter for component in COMPONENTS}
    assert VALUES_ONLY | LOOKS.keys() == parameters
    assert not VALUES_ONLY & LOOKS.keys()


def test_none_of_our_shapes_looks_further_than_can_be_told() -> None:
    root = reach(read_shapes(shapes.load()), Hierarchy(engine_of([]), ontology.load()))
    found = {text(place) for place in root.all()}
    assert "relationSource type subClassOf*" in found
    assert "relationType allowedSource" in found
    assert "^partOfDossier type=1" in found
    # A step that many things can take back would bring half the country along.
    assert {walk for walk in found if walk.startswith("^") and not walk.endswith("!")} == {
        "^partOfDossier",
        "^partOfDossier type=1",
    }
    assert max(len(walk.split()) for walk in found) == 3


TARGET = "sh:targetClass ex:C"


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        (f"{TARGET}", {"type"}),
        ("sh:targetSubjectsOf ex:p", {"p!"}),
        ("sh:targetObjectsOf ex:p", {"^p!"}),
        ("sh:targetSubjectsOf ex:p ; sh:disjoint ex:p", {"p"}),
        (f"{TARGET} ; sh:closed true", {"type", "any"}),
        (f"{TARGET} ; sh:not [ sh:class ex:C ]", {"type"}),
        (
            f"{TARGET} ; sh:property [ sh:path ( ex:p [ sh:inversePath ex:q ] ) ; sh:class ex:C ]",
            {"type", "p", "p ^q", "p ^q type=2"},
        ),
        (
            f"{TARGET} ; sh:property [ sh:path [ sh:alternativePath ( ex:p ex:q ) ] ;"
            " sh:node [ sh:property [ sh:path ex:r ; sh:lessThan ex:s ] ] ]",
            {"type", "p", "q", "p r", "q r", "p s", "q s"},
        ),
        (
            f"{TARGET} ; sh:property [ sh:path [ sh:inversePath ( ex:p ex:q ) ] ]",
            {"type", "^q", "^q ^p"},
        ),
        (
            f"{TARGET} ; sh:or ( [ sh:path [ sh:oneOrMorePath ex:p ] ; sh:class ex:D ] )",
            {"type", "p*", "p* type=1"},
        ),
        (
            "sh:targetClass ex:C ; sh:property [ sh:path ex:p ; sh:qualifiedValueShape "
            "[ sh:path ex:q ; sh:minCount 1 ] ; sh:qualifiedMinCount 1 ]",
            {"type", "p", "p q"},
        ),
    ],
)
def test_a_shape_walks_where_it_looks(shape: str, expected: set[str]) -> None:
    assert walks(f"ex:S a sh:NodeShape ; {shape} .", "ex:D rdfs:subClassOf ex:C .") == expected


PREFIXES = 'sh:prefixes [ sh:declare [ sh:prefix "ex" ; sh:namespace "https://example.org/" ] ]'


def query(body: str) -> str:
    select = f"SELECT $this WHERE {{ {body} }}"
    return f'ex:S {TARGET} ; sh:sparql [ {PREFIXES} ; sh:select "{select}" ] .'


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("$this ex:p ?a . ?a ex:q ?b", {"type", "p", "p q"}),
        ("?a ex:p $this . ?a ex:q/^ex:r ?b", {"type", "^p", "^p q", "^p q ^r"}),
        # Two names for one node in two parts: each part has its own walk.
        (
            "{ $this ex:p ?a . ?a ex:r ?b } UNION { $this ex:q ?a . ?a ex:r ?b }",
            {"type", "p", "p r", "q", "q r"},
        ),
        (
            "$this ex:p ?a OPTIONAL { ?a ex:q ?b FILTER NOT EXISTS { ?b ex:r ?c } }",
            {"type", "p", "p q", "p q r"},
        ),
        # Forwards where both ends are known: many things may be of one class.
        (
            "$this ex:p ?a ; ex:q ?b FILTER (?a != ?b && EXISTS { ?a ex:r+ ?b })",
            {"type", "p", "q", "p r*"},
        ),
        ("$this ?p ?a", {"type", "any"}),
    ],
)
def test_a_query_walks_along_what_holds_together(body: str, expected: set[str]) -> None:
    assert walks(query(body)) == expected


@pytest.mark.parametrize(
    ("shape", "reason"),
    [
        (query("$this ex:p ?a . ?b ex:q ?c"), "not link with"),
        (query("$this !ex:p ?a"), "negated property set"),
        (query("$this (ex:p/ex:q)+ ?a"), "repetition of more than one step"),
        (query("$this ex:p ?a MINUS { $this ex:q ?a }"), "a query with Minus"),
        (query("$this ex:p ?a BIND (?a AS ?b) ?b ex:q ?c"), "a query with Extend"),
        (f"ex:S {TARGET} ; sh:property ex:P . ex:P sh:path ex:p ; sh:node ex:S .", "itself"),
    ],
)
def test_a_shape_that_looks_further_than_can_be_told_is_named(shape: str, reason: str) -> None:
    with pytest.raises(DataError, match=reason):
        walks(shape)
