"""The stable writer: same triples, same text; small edit, small diff; nothing lost."""

from __future__ import annotations

import difflib
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import OWL, RDF, RDFS, XSD, BNode, Graph, Literal, Namespace, URIRef
from rdflib.collection import Collection

from atlas.errors import DataError, MalformedSource
from ontology.canonical import canonical
from ontology.reader import parse, read
from ontology.turtle import serialise, shared_blank_nodes

EX = Namespace("https://example.org/")
SMALL = Path(__file__).parent / "small" / "ontology"


def graph_of(text: str) -> Graph:
    prefixes = (
        "@prefix atlas: <https://w3id.org/atlas-relationnel/ontology/> ."
        "@prefix ex: <https://example.org/> . @prefix owl: <http://www.w3.org/2002/07/owl#> ."
        "@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> ."
        "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> ."
        "@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n"
    )
    return parse((prefixes + text).encode(), "text")


def isomorphic(first: Graph, second: Graph) -> bool:
    """By the W3C's canonical form: rdflib's comparison takes minutes on long lists."""
    return set(canonical(first)) == set(canonical(second))


def written(text: str) -> str:
    """The graph's blocks without the table of prefixes."""
    lines = serialise(graph_of(text)).splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith("@prefix")).lstrip()


def shuffled(graph: Graph, seed: int) -> Graph:
    """The same triples with other blank nodes, added in another order."""
    copy = Graph(bind_namespaces="none")
    nodes: dict[BNode, BNode] = {}
    for triple in sorted(graph, key=lambda triple: hash((seed, triple))):
        copy.add(tuple(nodes.setdefault(n, BNode()) if isinstance(n, BNode) else n for n in triple))
    return copy


def test_a_term_is_written_as_the_style_guide_shows() -> None:
    assert written(
        """atlas:Commune rdfs:subClassOf atlas:Territory ; a owl:Class ;
             rdfs:label "municipio"@es, "commune"@fr, "commune"@en ."""
    ) == (
        "atlas:Commune a owl:Class ;\n"
        '    rdfs:label "commune"@en,\n'
        '        "commune"@fr,\n'
        '        "municipio"@es ;\n'
        "    rdfs:subClassOf atlas:Territory .\n"
    )


def test_only_prefixes_in_use_are_declared_in_alphabetical_order() -> None:
    text = serialise(graph_of('atlas:A a owl:Class ; rdfs:label "a"@en ; ex:p ex:o .'))
    assert text.split("\n\n")[0] == (
        "@prefix atlas: <https://w3id.org/atlas-relationnel/ontology/> .\n"
        "@prefix owl: <http://www.w3.org/2002/07/owl#> .\n"
        "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> ."
    )
    assert "<https://example.org/p> <https://example.org/o>" in text


def test_subjects_come_by_kind_then_iri_and_blank_nodes_last() -> None:
    text = written(
        """ex:z a owl:Class . ex:b a owl:DatatypeProperty . ex:a a ex:Thing . ex:y a owl:Class .
        ex:c a owl:ObjectProperty . ex:d a owl:AnnotationProperty, owl:ObjectProperty .
        [] a owl:AllDisjointClasses ; owl:members ( ex:y ex:z ) . ex:o a owl:Ontology ."""
    )
    heads = [block.split(" ", 1)[0] for block in text.split("\n\n")]
    assert [head.removeprefix("<https://example.org/").rstrip(">") for head in heads] == [
        *"odcbyza",
        "[]",
    ]


def test_predicates_are_type_then_label_then_by_full_iri() -> None:
    text = written(
        'ex:a owl:versionInfo "1" ; rdfs:comment "c" ; rdfs:label "l" ; a ex:T ; ex:p 1 .'
    )
    predicates = [
        line.split(" ")[0]
        for line in text.replace("<https://example.org/a> ", "    ", 1).splitlines()
        for line in [line.strip()]
    ]
    assert predicates == [
        "a",
        "rdfs:label",
        "rdfs:comment",
        "owl:versionInfo",
        "<https://example.org/p>",
    ]


def test_objects_are_literals_then_iris_then_blank_nodes_by_content() -> None:
    text = written('ex:a ex:p [ ex:q "b" ], ex:z, "b", "a"@fr, "a"@en, ex:y, [ ex:q "a" ] .')
    order = [
        text.index(part)
        for part in (
            '"a"@en',
            '"a"@fr',
            '"b",',
            "/y>",
            "/z>",
            '[ <https://example.org/q> "a"',
            '"b" ]',
        )
    ]
    assert order == sorted(order)


def test_lists_keep_their_order_even_inside_lists() -> None:
    graph = graph_of('ex:a ex:p ( "c" ( "b" () "a" ) [ ex:q ( 3 1 2 ) ] "c" ) .')
    again = parse(serialise(graph).encode(), "text")
    outer = list(Collection(again, again.value(EX.a, EX.p)))
    assert [str(member) for member in (outer[0], outer[3])] == ["c", "c"]
    inner = list(Collection(again, outer[1]))
    assert [str(inner[0]), inner[1], str(inner[2])] == ["b", RDF.nil, "a"]
    numbers = Collection(again, again.value(outer[2], EX.q))
    assert [int(number) for number in numbers] == [3, 1, 2]


def test_a_long_list_has_one_member_per_line() -> None:
    members = " ".join(f"ex:member{number}" for number in range(9))
    text = written(f"ex:a owl:unionOf ( {members} ) .")
    assert (
        sum(line.strip().startswith("<https://example.org/member") for line in text.splitlines())
        == 9
    )


def test_a_list_that_something_else_refers_into_is_not_shortened() -> None:
    graph = graph_of(
        "ex:a ex:p _:l . _:l rdf:first 1 ; rdf:rest _:m . _:m rdf:first 2 ; rdf:rest ()"
        " . ex:b ex:p _:m ."
    )
    assert isomorphic(parse(serialise(graph).encode(), "text"), graph)


@pytest.mark.parametrize(
    "literal",
    [
        Literal('line\nline "quoted" \\ back\r\ttab \x00\x0b\x7f\u2028', lang="fr"),
        Literal('ends with quote"'),
        Literal("42", datatype=XSD.integer),
        Literal("+042", datatype=XSD.integer, normalize=False),
        Literal("1.", datatype=XSD.decimal, normalize=False),
        Literal(".5", datatype=XSD.decimal, normalize=False),
        Literal("1", datatype=XSD.boolean, normalize=False),
        Literal("true", datatype=XSD.boolean),
        Literal("1e3", datatype=XSD.double, normalize=False),
        Literal("2021", datatype=XSD.gYear, normalize=False),
        Literal("é😀", lang="en"),
    ],
)
def test_a_literal_comes_back_character_by_character(literal: Literal) -> None:
    graph = Graph()
    graph.add((EX.a, EX.p, literal))
    again = next(parse(serialise(graph).encode(), "text").objects())
    assert again == literal
    assert str(again) == str(literal)


def test_the_datatype_string_is_never_written() -> None:
    graph = Graph()
    graph.add((EX.a, EX.p, Literal("text", datatype=XSD.string)))
    assert serialise(graph) == '\n<https://example.org/a> <https://example.org/p> "text" .\n'[1:]


@pytest.mark.parametrize("name", ["a/b", "a.", "-a", "a:b", "é", "a(b)", "a%20b", "a#b", "1a", ""])
def test_an_iri_is_read_back_whatever_follows_the_namespace(name: str) -> None:
    graph = Graph()
    iri = URIRef("https://w3id.org/atlas-relationnel/ontology/" + name)
    graph.add((iri, iri, iri))
    assert set(parse(serialise(graph).encode(), "text")) == {(iri, iri, iri)}


def test_a_shared_blank_node_has_a_block_of_its_own_and_is_told() -> None:
    graph = graph_of("ex:b ex:p _:x . ex:a ex:p _:x . _:x ex:q 1 . ex:c ex:p [ ex:q 2 ] .")
    assert len(shared_blank_nodes(graph)) == 1
    assert serialise(graph).endswith("_:b1 <https://example.org/q> 1 .\n")


def test_a_loop_of_blank_nodes_is_cut() -> None:
    graph = graph_of(
        "_:a ex:p _:b . _:b ex:p _:c . _:c ex:p _:a ; ex:q [ ex:r 1 ] . _:d ex:p _:d ."
    )
    again = parse(serialise(graph).encode(), "text")
    assert isomorphic(again, graph)
    assert serialise(again) == serialise(graph)


def test_two_shared_nodes_of_the_same_content_are_not_confused() -> None:
    graph = graph_of(
        "ex:a ex:p _:x, _:y . ex:b ex:p _:x . ex:c ex:p _:y . _:x ex:q 1 . _:y ex:q 1 ."
    )
    texts = {serialise(shuffled(graph, seed)) for seed in range(20)}
    assert len(texts) == 1
    assert isomorphic(parse(texts.pop().encode(), "text"), graph)


def test_a_list_of_ten_thousand_members_is_no_trouble() -> None:
    graph = graph_of(f"ex:a ex:p ( {' '.join(map(str, range(10_000)))} ) .")
    again = parse(serialise(graph).encode(), "text")
    members = Collection(again, again.value(EX.a, EX.p))
    assert [int(member) for member in members] == list(range(10_000))


IRIS = st.sampled_from([EX.a, EX.b, EX["c/d"], OWL.Class, RDF.type, RDFS.label, RDF.first])
NODES = st.sampled_from([BNode(f"n{number}") for number in range(5)])
LITERALS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8).map(Literal),
    st.builds(Literal, st.text("ab\"'\\\n", max_size=4), lang=st.sampled_from(["fr", "en", "es"])),
    st.integers().map(Literal),
    st.booleans().map(Literal),
    st.decimals(allow_nan=False, allow_infinity=False).map(
        lambda number: Literal(f"{number:f}", datatype=XSD.decimal, normalize=False)
    ),
)


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Random triples over few nodes, so that they share and loop, and lists nested in lists."""
    graph = Graph(bind_namespaces="none")
    subjects = st.one_of(IRIS, NODES)

    def value(depth: int) -> URIRef | BNode | Literal:
        if depth == 0 or draw(st.booleans()):
            return draw(st.one_of(IRIS, NODES, LITERALS))
        members = [value(depth - 1) for _ in range(draw(st.integers(0, 3)))]
        if not members:
            return RDF.nil
        head = BNode()
        Collection(graph, head, members)
        return head

    for _ in range(draw(st.integers(0, 8))):
        graph.add((draw(subjects), draw(IRIS), value(2)))
    return graph


@given(graphs())
@settings(max_examples=150, deadline=None)
def test_any_graph_comes_back_isomorphic_and_is_written_the_same_again(graph: Graph) -> None:
    text = serialise(graph)
    again = parse(text.encode(), "text")
    assert isomorphic(again, graph)
    assert serialise(again) == text
    assert serialise(shuffled(graph, 1)) == text


def test_the_text_does_not_depend_on_the_process() -> None:
    command = (
        "from pathlib import Path; from ontology.reader import read;"
        "from ontology.turtle import serialise; import sys;"
        f"sys.stdout.buffer.write(serialise(read(Path({str(SMALL / 'places.ttl')!r}))).encode())"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", command],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert outputs == {(SMALL / "places.ttl").read_bytes()}


REAL = (
    "vocab/insee",
    "vocab/w3c-dcat",
    "vocab/semic",
    "shacl-semic/cpsv-ap-3.2.0",
    "territory-it-ontopia/Ontologie",
)


@pytest.mark.slow
@pytest.mark.parametrize("folder", REAL)
def test_real_files_come_back_isomorphic_and_are_written_the_same_again(
    atlas_data: Path, folder: str
) -> None:
    tried = 0
    for path in sorted((atlas_data / folder).rglob("*.ttl")):
        try:
            graph = read(path)
        except MalformedSource:
            continue  # a few real files are broken; the tests of the reader say how it tells
        text = serialise(graph)
        again = parse(text.encode(), path)
        assert isomorphic(again, graph), path
        assert serialise(again) == text, path
        tried += 1
    assert tried


def edited(graph: Graph, parent: URIRef, over: URIRef) -> Graph:
    """A new class with three labels and two superclasses: six axioms."""
    graph.add((EX.New, RDF.type, OWL.Class))
    for language in ("fr", "en", "es"):
        graph.add((EX.New, RDFS.label, Literal(f"new in {language}", lang=language)))
    restriction = BNode()
    graph.add((EX.New, RDFS.subClassOf, parent))
    graph.add((EX.New, RDFS.subClassOf, restriction))
    graph.add((restriction, RDF.type, OWL.Restriction))
    graph.add((restriction, OWL.onProperty, over))
    graph.add((restriction, OWL.someValuesFrom, parent))
    return graph


def through(syntax: str, graph: Graph) -> Graph:
    """What another tool would hand back: written by rdflib in that syntax, read again."""
    other = Graph(bind_namespaces="none")
    for triple in shuffled(graph, 7):
        other.add(triple)
    text = other.serialize(format=syntax)
    return Graph(bind_namespaces="none").parse(data=text, format=syntax)


@pytest.mark.parametrize("syntax", ["xml", "turtle", "nt"])
@pytest.mark.parametrize(
    ("name", "parent", "over"),
    [
        (
            "insee/insee-geo.ttl",
            "http://rdf.insee.fr/def/geo#Commune",
            "http://rdf.insee.fr/def/geo#subdivisionDe",
        ),
        (
            "w3c-dcat/dcat3.ttl",
            "http://www.w3.org/ns/dcat#Resource",
            "http://www.w3.org/ns/dcat#theme",
        ),
    ],
)
def test_six_axioms_in_a_real_ontology_give_nine_lines_and_take_none(
    atlas_data: Path, syntax: str, name: str, parent: str, over: str
) -> None:
    graph = read(atlas_data / "vocab" / name)
    before = serialise(graph)
    idle = through(syntax, graph)
    assert serialise(idle) == before
    after = serialise(through(syntax, edited(idle, URIRef(parent), URIRef(over))))
    lines = list(difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm=""))[
        2:
    ]
    assert sum(line.startswith("+") for line in lines) == 9
    assert not any(line.startswith("-") for line in lines)


def test_nesting_too_deep_to_write_is_one_sentence() -> None:
    graph = graph_of(f"ex:a ex:p {'[ ex:p ' * 5_000} 1 {' ]' * 5_000} .")
    with pytest.raises(DataError, match="nest too deep"):
        serialise(graph)
