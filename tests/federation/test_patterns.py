"""Blocks of triples, read as patterns: against what the engine makes of the same text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyoxigraph as ox
import pytest

from atlas.errors import MalformedQuery, NotFederable
from federation.query.patterns import (
    Choice,
    Link,
    Negated,
    PathPattern,
    Pattern,
    Repeated,
)
from federation.query.triples import Names, read_data, read_triples

EX = "http://example.org/"
PREFIXES = {"ex": EX, "": f"{EX}default/"}


def names() -> Names:
    return Names(f"{EX}base/", dict(PREFIXES))


# Without variables, a block of triples is Turtle as well: the engine reads the same triples.
@pytest.mark.parametrize(
    "block",
    [
        "ex:a ex:p ex:b",
        "ex:a a ex:C ; ex:p ex:b , ex:c ; ; :q <relative> .",
        "ex:a ex:p 5 , 5.5 , -1e3 , .5 , +7 , 1.0E-3 , true , false . ex:b ex:p 1 .",
        "ex:a ex:p 5.<b> ex:p 6",
        r"""ex:a ex:p "a\n\"b\u00e9" , 'x' , '''it's''' , "x"^^ex:t , "é"@fr-FR .""",
        'ex:a ex:p """two\nlines"""@en .',
        "ex:a ex:p [ ex:q ex:b ; ex:r [ ex:s 1 ] ] .",
        "[ ex:q ex:b ] . [ ex:q ex:c ] ex:p [] .",
        "ex:a ex:p ( 1 ex:b ( 2 ) () ) . ( ex:c ) ex:p ex:d .",
        "_:x ex:p _:y . _:y ex:q _:x.",
        "_:x.1 ex:p _:y.",
        r"ex:a.b ex:p\/q ex:%41 . ex:a ex:p ex:c.d .",
        "<http://other/x> <http://other/p> <../up> # a comment . ;\n .",
        "ex:a ex:p ex:b. ex:c ex:p\tex:d.",
    ],
)
def test_what_has_no_variable_is_read_as_turtle_is(block: str) -> None:
    prefixes = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items())
    text = prefixes + (block if block.rstrip().endswith(".") else f"{block} .")
    truth = [
        quad.triple for quad in ox.parse(text.encode(), ox.RdfFormat.TURTLE, base_iri=f"{EX}base/")
    ]
    found = read_triples(block, names())
    assert sorted(map(shape, found)) == sorted(map(shape, truth))
    assert isomorphic(found, truth)


def shape(triple: object) -> list[str]:
    terms = triple.terms if isinstance(triple, Pattern) else list(triple)
    return [str(t) if isinstance(t, ox.NamedNode | ox.Literal) else "?" for t in terms]


def isomorphic(found: Sequence[Any], truth: list[ox.Triple]) -> bool:
    """Whether the hidden variables are blank nodes, one for one."""

    def node(term: Any) -> Any:
        return ox.BlankNode(term.value) if isinstance(term, ox.Variable) else term

    ours, theirs = ox.Dataset(), ox.Dataset()
    for pattern in found:
        ours.add(ox.Quad(*map(node, pattern.terms)))
    for triple in truth:
        theirs.add(ox.Quad(*triple))
    for data in (ours, theirs):
        data.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return ours == theirs


def only(block: str) -> object:
    (pattern,) = read_triples(block, names())
    return pattern


def iri(name: str) -> ox.NamedNode:
    return ox.NamedNode(EX + name)


S, END = ox.Variable("s"), ox.Variable("o")
P, Q = Link(iri("p")), Link(iri("q"))


@pytest.mark.parametrize(
    ("block", "pattern"),
    [
        ("?s ex:p ?o", Pattern(S, iri("p"), END)),
        ("$s ex:p$o", Pattern(S, iri("p"), END)),
        ("?s ?p ?o", Pattern(S, ox.Variable("p"), END)),
        ("?s ^ex:p ?o", Pattern(END, iri("p"), S)),
        ("?s (^(ex:p)) ?o", Pattern(END, iri("p"), S)),
        ("?s ex:p|ex:q ?o", PathPattern(S, Choice((P, Q)), END)),
        ("?s ex:p* ?o", PathPattern(S, Repeated(P, 0, True), END)),
        ("?s ex:p+ ?o", PathPattern(S, Repeated(P, 1, True), END)),
        ("?s ex:p? ?o", PathPattern(S, Repeated(P, 0, False), END)),
        ("?s (ex:p?)?o", PathPattern(S, Repeated(P, 0, False), END)),
        ("?s ex:p?o", Pattern(S, iri("p"), END)),
        ("?s !ex:p ?o", PathPattern(S, Negated((iri("p"),), None), END)),
        ("?s !^ex:p ?o", PathPattern(S, Negated(None, (iri("p"),)), END)),
        ("?s !(ex:p|^ex:q) ?o", PathPattern(S, Negated((iri("p"),), (iri("q"),)), END)),
        ("?s !() ?o", PathPattern(S, Negated((), None), END)),
    ],
)
def test_a_pattern_and_its_path(block: str, pattern: object) -> None:
    assert only(block) == pattern


def test_a_chain_is_triples_with_a_variable_between() -> None:
    first, second = read_triples("?s ex:p/^ex:q ?o", names())
    assert isinstance(first, Pattern)
    assert (first.subject, first.predicate) == (S, iri("p"))
    assert second == Pattern(END, iri("q"), first.object)


@pytest.mark.parametrize(
    "block",
    [
        "<< ?s ?p ?o >> ex:p ?x",
        "?s ex:p <<( ?a ?b ?c )>>",
        "?s ex:p ?o {| ex:q 1 |}",
        "?s ex:p ?o ~ ?r",
        '?s ex:p "x"@ar--rtl',
    ],
)
def test_triples_about_triples_are_refused(block: str) -> None:
    with pytest.raises(NotFederable):
        read_triples(block, names())


@pytest.mark.parametrize(
    "block",
    [
        *("?s ?p", "?s", "?s nope:p ?o", "?s ex:p 'open", "?s ex:p ?o ?x", "?s ex:p ( ?o"),
        *("?s ex:p [ ex:q", "?s ex:p{2} ?o", "?s !(ex:p ex:q) ?o", "?s ex:p ; ?o", r"?s ex:p '\q'"),
        "?s <a b> ?o",
    ],
)
def test_what_is_not_understood_is_refused(block: str) -> None:
    with pytest.raises(MalformedQuery):
        read_triples(block, names())


def test_the_rows_of_inline_data() -> None:
    rows = list(read_data('(ex:a 1) (UNDEF "x"@en) # c )\n (<y> true)', names()))
    assert [[None if term is None else str(term) for term in row] for row in rows] == [
        [f"<{EX}a>", '"1"^^<http://www.w3.org/2001/XMLSchema#integer>'],
        [None, '"x"@en'],
        [f"<{EX}base/y>", '"true"^^<http://www.w3.org/2001/XMLSchema#boolean>'],
    ]
    assert list(read_data("ex:a undef 2", names()))[1] == [None]
    with pytest.raises(MalformedQuery):
        list(read_data("?x", names()))
