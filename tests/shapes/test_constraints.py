"""The table of components against what pySHACL knows, and the parts that templates are made of."""

from __future__ import annotations

import pytest
from pyshacl.constraints import ALL_CONSTRAINT_COMPONENTS
from rdflib import SH, Graph, URIRef
from rdflib.term import Node

from shapes.constraints import COMPONENTS
from shapes.paths import NotCompiled, path_text, read_path
from shapes.patterns import is_common
from shapes.terms import graph_of
from tests.shapes.few_triples import triples


def test_the_table_has_every_component_that_pyshacl_has() -> None:
    theirs = {
        p for component in ALL_CONSTRAINT_COMPONENTS for p in component.constraint_parameters()
    }
    ours = {p for component in COMPONENTS for p in (component.parameter, *component.refinements)}
    assert theirs <= ours


@pytest.mark.parametrize(
    "expression",
    [
        "^([0-9]{2}|2A|2B)[0-9]{3}$",
        "^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$",
        r"^sha256:[0-9a-f]{64}$",
        r"a\.b+c?",
        "^(?:ab|(c|d)e)$",
    ],
)
def test_a_plain_pattern_is_common_to_both_engines(expression: str) -> None:
    assert is_common(expression)


@pytest.mark.parametrize(
    "expression",
    [
        r"\d+", r"\w", r"(a)\1", "(?=a)", "(?i)a", "[a&&b]", "[a--b]", "[[a]]", "a{,3}", "a**",
        "[[:alpha:]]", r"\p{L}", "a*+", "(?P<x>a)", "{",
    ],
)  # fmt: skip
def test_a_pattern_that_the_engines_read_apart_is_not(expression: str) -> None:
    assert not is_common(expression)


def path_of(turtle: str) -> tuple[Graph, Node]:
    graph = graph_of(triples(f"ex:S sh:path {turtle} ."))
    return graph, next(graph.objects(None, SH.path))


@pytest.mark.parametrize(
    ("turtle", "text", "readable"),
    [
        ("rdfs:label", "<L>", "rdfs:label"),
        ("[ sh:inversePath rdfs:label ]", "(^<L>)", "^rdfs:label"),
        ("( rdfs:label rdfs:label )", "(<L>/<L>)", "rdfs:label/rdfs:label"),
        (
            "[ sh:alternativePath ( rdfs:label [ sh:zeroOrMorePath rdfs:label ] ) ]",
            "(<L>|(<L>)*)",
            "(rdfs:label|(rdfs:label)*)",
        ),
        ("[ sh:zeroOrOnePath rdfs:label ]", "(<L>)?", "(rdfs:label)?"),
        ("[ sh:oneOrMorePath rdfs:label ]", "(<L>)+", "(rdfs:label)+"),
    ],
)
def test_each_kind_of_path_is_written_in_sparql(turtle: str, text: str, readable: str) -> None:
    graph, node = path_of(turtle)
    label = "http://www.w3.org/2000/01/rdf-schema#label"
    assert read_path(graph, node).text == text.replace("L", label)
    assert path_text(graph, node) == readable


def test_a_path_says_at_which_subjects_it_reads_literals() -> None:
    graph, node = path_of("( ex:p [ sh:zeroOrMorePath ex:q ] ex:n )")
    p, q, n = (URIRef(f"https://example.org/{name}") for name in "pqn")
    assert read_path(graph, node).reads == (
        ("", p),
        (f"<{p}>/(<{q}>)*", q),
        (f"<{p}>/(<{q}>)*", n),
    )


def test_the_inverse_of_a_longer_path_is_not_compiled() -> None:
    graph, node = path_of("[ sh:inversePath ( ex:p ex:q ) ]")
    with pytest.raises(NotCompiled):
        read_path(graph, node)
