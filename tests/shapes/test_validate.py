"""validate(): what is judged, on what, and what the report says."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pyoxigraph as ox
import pytest
import rdflib
from rdflib import RDF, SH, XSD, Graph, Literal, URIRef

import shapes
from atlas.errors import DataError
from shapes.hierarchy import Hierarchy
from shapes.judge import read_shapes
from shapes.plans import compile_shapes
from shapes.sieve import Sieve
from shapes.terms import graph_of
from tests.shapes.few_triples import engine_of, triples

EX = rdflib.Namespace("https://example.org/")


def report_on(data: str, shape: str, schema: str = "", written: bool = True) -> shapes.Report:
    parsed = triples(data)
    engine = engine_of(parsed)
    rewritten = shapes.rewritten(engine, parsed) if written else ()
    return shapes.validate(engine, graph_of(triples(schema)), graph_of(triples(shape)), rewritten)


def candidates(data: str, shape: str, schema: str = "") -> set[object] | None:
    """The candidates of the only shape with a target."""
    engine = engine_of(triples(data))
    hierarchy = Hierarchy(engine, graph_of(triples(schema)))
    plans = compile_shapes(engine, read_shapes(graph_of(triples(shape))), hierarchy)
    (found,) = Sieve(engine, hierarchy).candidates(plans).values()
    return found  # type: ignore[return-value]


CODE = "ex:S sh:targetClass ex:C ; sh:property [ sh:path ex:code ; sh:datatype xsd:string ] ."


def test_only_those_who_may_fail_are_judged(focus_nodes: str) -> None:
    data = 'ex:a a ex:C ; ex:code "1" . ex:b a ex:C ; ex:code 1 . ex:c ex:code 1 .'
    assert candidates(data, CODE) == {EX.b}


def test_a_subclass_of_the_schema_is_a_target_and_a_class(focus_nodes: str) -> None:
    schema = "ex:D rdfs:subClassOf ex:C . ex:E rdfs:subClassOf ex:D ."
    shape = "ex:S sh:targetClass ex:C ; sh:property [ sh:path ex:p ; sh:class ex:C ] ."
    report = report_on("ex:a a ex:E ; ex:p ex:a , ex:b .", shape, schema)
    assert [(result.focus, result.value) for result in report.results] == [(EX.a, EX.b)]


def test_a_path_over_the_hierarchy_sees_what_only_the_schema_says(focus_nodes: str) -> None:
    shape = """ex:S sh:targetClass ex:E ; sh:property [ sh:hasValue ex:C ;
        sh:path ( rdf:type [ sh:oneOrMorePath rdfs:subClassOf ] ) ] ."""
    assert report_on("ex:a a ex:E .", shape, "ex:E rdfs:subClassOf ex:C .").conforms
    assert not report_on("ex:a a ex:E .", shape, "ex:E rdfs:subClassOf ex:D .").conforms


INTEGERS = "ex:S sh:targetClass ex:C ; sh:property [ sh:path ex:n ; sh:datatype xsd:int ] ."


def test_a_literal_is_judged_as_it_was_written(focus_nodes: str) -> None:
    data = 'ex:a a ex:C ; ex:n "5"^^xsd:int .'
    assert report_on(data, INTEGERS).conforms
    assert not report_on(data, INTEGERS, written=False).conforms


def test_two_literals_that_fall_together_in_the_store_count_as_two(focus_nodes: str) -> None:
    shape = "ex:S sh:targetClass ex:C ; sh:property [ sh:path ex:n ; sh:maxCount 1 ] ."
    data = 'ex:a a ex:C ; ex:n "01"^^xsd:integer , "1"^^xsd:integer .'
    assert not report_on(data, shape).conforms
    assert report_on('ex:a a ex:C ; ex:n "01"^^xsd:integer .', shape).conforms


def test_a_changed_literal_at_the_end_of_a_path_is_found(focus_nodes: str) -> None:
    shape = """ex:S sh:targetClass ex:C ;
        sh:property [ sh:path ex:p ; sh:property [ sh:path ( ex:q ex:n ) ; sh:hasValue 1 ] ] ."""
    data = 'ex:a a ex:C ; ex:p ex:b . ex:b ex:q ex:c . ex:c ex:n "01"^^xsd:integer .'
    assert not report_on(data, shape).conforms
    assert report_on(data.replace('"01"', '"1"'), shape).conforms


@pytest.mark.parametrize("values", ["1 , 1.0", '"a"^^ex:unknown , "b"^^ex:unknown', '"a" , "a"@fr'])
def test_values_are_different_where_their_terms_are(values: str, focus_nodes: str) -> None:
    shape = "ex:S sh:targetClass ex:C ; sh:property [ sh:path ex:p ; sh:maxCount 1 ] ."
    assert not report_on(f"ex:a a ex:C ; ex:p {values} .", shape).conforms


def test_a_list_of_values_is_one_of_terms(focus_nodes: str) -> None:
    shape = "ex:S sh:targetClass ex:C ; sh:property [ sh:path ex:p ; sh:in ( 1 ex:b ) ] ."
    data = "ex:a a ex:C ; ex:p 1.0 . ex:b a ex:C ; ex:p 1 , ex:b ."
    assert [result.focus for result in report_on(data, shape).results] == [EX.a]


@pytest.mark.parametrize(
    "values",
    [
        'ex:p "2026-01-02+14:00"^^xsd:date ; ex:q "2026-01-01-12:00"^^xsd:date',
        'ex:p "0.1"^^xsd:float ; ex:q 0.2',
        'ex:p "a" ; ex:q "b"@fr',
    ],
)
def test_what_engine_and_judge_may_order_differently_goes_to_the_judge(
    values: str, focus_nodes: str
) -> None:
    shape = "ex:S sh:targetClass ex:C ; sh:property [ sh:path ex:p ; sh:lessThan ex:q ] ."
    data = f"ex:a a ex:C ; {values} . ex:b a ex:C ; ex:p 1 ; ex:q 2 ."
    assert candidates(data, shape) == {EX.a}


# For Python "$" also matches before a last line end, for the engine it does not.
@pytest.mark.parametrize(
    "negation",
    [
        'sh:not [ sh:path ex:p ; sh:pattern "^a$" ]',
        'sh:xone ( [ sh:path ex:p ; sh:pattern "^a$" ] [ sh:path ex:p ; sh:minCount 1 ] )',
        """sh:property [ sh:path ex:p ; sh:qualifiedValueShape [ sh:pattern "^a$" ] ;
            sh:qualifiedMaxCount 0 ]""",
    ],
)
def test_what_is_not_said_exactly_hides_nothing_under_a_negation(
    negation: str, focus_nodes: str
) -> None:
    data = 'ex:a a ex:C ; ex:p "a\\n" .'
    assert not report_on(data, f"ex:S sh:targetClass ex:C ; {negation} .").conforms


def test_rewritten_lists_the_changed_and_what_falls_together_with_them() -> None:
    data = triples(
        'ex:a ex:n "01"^^xsd:integer , 1 , "x" . ex:b ex:n 1 , "2020"^^xsd:gYear , "1"^^xsd:byte .'
    )
    found = shapes.rewritten(engine_of(data), data)
    listed = sorted((triple.subject.value[-1], triple.object.value) for triple in found)
    assert listed == [("a", "01"), ("a", "1"), ("b", "1"), ("b", "1")]
    assert set(shapes.rewritten(engine_of(data), iter(data))) == set(found)


def test_an_ill_typed_literal_is_a_violation_and_no_traceback(
    focus_nodes: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for value in ('"abc"^^xsd:integer', '"2026-02-30"^^xsd:date', '"no"^^xsd:boolean'):
        kind = value.split("^^")[1]
        shape = f"ex:S sh:targetClass ex:C ; sh:property [ sh:path ex:n ; sh:datatype {kind} ] ."
        assert not report_on(f"ex:a a ex:C ; ex:n {value} .", shape).conforms
    assert capsys.readouterr().err == ""


def test_a_node_named_by_a_shape_need_not_be_in_the_data() -> None:
    shape = "ex:S sh:targetNode ex:absent ; sh:property [ sh:path ex:p ; sh:minCount 1 ] ."
    assert [result.focus for result in report_on("ex:a ex:b ex:c .", shape).results] == [EX.absent]


def test_a_literal_focus_node_is_judged_as_written(focus_nodes: str) -> None:
    shape = "ex:S sh:targetObjectsOf ex:p ; sh:nodeKind sh:IRI ."
    report = report_on('ex:a ex:p "01"^^xsd:integer .', shape)
    expected = Literal("01", datatype=XSD.integer, normalize=False)
    assert [result.focus for result in report.results] == [expected]


def test_a_recursive_shape_goes_to_the_judge() -> None:
    shape = (
        "ex:S sh:targetClass ex:C ; sh:property [ sh:path ex:p ; sh:node ex:S ] ; sh:closed false ."
    )
    assert candidates("ex:a a ex:C . ex:b a ex:C .", shape) == {EX.a, EX.b}


def test_a_malformed_shape_is_one_sentence() -> None:
    shape = "ex:S sh:targetClass ex:C ; sh:property [ sh:path ex:p ; sh:minCount 1 , 2 ] ."
    with pytest.raises(DataError, match="cannot be applied"):
        report_on("ex:a a ex:C .", shape)
    with pytest.raises(DataError, match="cannot be read"):
        report_on("ex:a a ex:C .", "ex:S a sh:PropertyShape ; sh:targetClass ex:C .")


def test_a_triple_term_is_one_sentence() -> None:
    inner = ox.Triple(*(ox.NamedNode(str(EX[name])) for name in "abc"))
    quoting = ox.Triple(inner.subject, ox.NamedNode(str(EX.n)), inner)
    engine = engine_of([*triples("ex:a a ex:C ."), quoting])
    with pytest.raises(DataError, match="triple term"):
        shapes.validate(engine, Graph(), graph_of(triples(INTEGERS)))


WARNING = """
ex:S sh:targetClass ex:C ;
    sh:property [ sh:path ex:p ; sh:minCount 1 ; sh:severity sh:Warning ;
        sh:message "Il manque p."@fr , "There is no p."@en , "Falta p."@es ] .
"""


def test_a_warning_does_not_keep_data_from_being_published() -> None:
    report = report_on("ex:a a ex:C .", WARNING)
    assert report.conforms
    assert report.counts == {SH.Violation: 0, SH.Warning: 1, SH.Info: 0}
    # SHACL itself says that data with any result do not conform.
    (node,) = report.graph.subjects(RDF.type, SH.ValidationReport)
    assert report.graph.value(node, SH.conforms) == Literal(False)


def test_the_report_speaks_three_languages() -> None:
    (result,) = report_on("ex:a a ex:C .", WARNING).results
    assert dict(result.messages) == {
        "fr": "Il manque p.",
        "en": "There is no p.",
        "es": "Falta p.",
    }
    assert result.message("de") == "There is no p."


def test_a_row_says_focus_path_value_shape_and_constraint() -> None:
    (result,) = report_on("ex:a a ex:C ; ex:code 1 .", CODE).results
    assert result.focus == EX.a
    assert result.path == "<https://example.org/code>"
    assert result.value == Literal(1)
    assert result.shape == EX.S
    assert result.constraint == SH.DatatypeConstraintComponent


def test_the_text_counts_lists_and_stops_at_its_limit() -> None:
    data = " ".join(f"ex:a{number} a ex:C ." for number in range(7))
    report = report_on(data, WARNING)
    text = report.text("fr", limit=2)
    assert text.splitlines()[0] == "7 avertissements."
    assert "Il manque p." in text.splitlines()[1]
    assert text.splitlines()[-1] == "… et 5 de plus."
    assert len(text.splitlines()) == 4
    assert report_on("ex:a ex:b ex:c .", WARNING).text("es") == "Nada que señalar."


SPARQL = """
ex:P sh:declare [ sh:prefix "ex" ; sh:namespace "https://example.org/"^^xsd:anyURI ] .
ex:S sh:targetClass ex:C ; sh:sparql [ sh:prefixes ex:P ;
    sh:message "{?value} est de trop."@fr , "{?value} is too much."@en , "{?value} sobra."@es ;
    sh:select "SELECT $this ?value { $this ex:p ?value . FILTER NOT EXISTS { ?value ex:q $this } }"
    ] .
"""


def test_a_sparql_constraint_is_sieved_and_keeps_its_languages(focus_nodes: str) -> None:
    data = "ex:a a ex:C ; ex:p ex:b . ex:b ex:q ex:a . ex:c a ex:C ; ex:p ex:b ."
    assert candidates(data, SPARQL) == {EX.c}
    (result,) = report_on(data, SPARQL).results
    assert dict(result.messages) == {
        "fr": "https://example.org/b est de trop.",
        "en": "https://example.org/b is too much.",
        "es": "https://example.org/b sobra.",
    }


@pytest.mark.parametrize(
    "select",
    [
        "SELECT $this WHERE { FILTER (bound($this)) }",
        "SELECT $this { $this ex:p ?v OPTIONAL { ?x ex:q ?y { ?z ex:q ?y FILTER isIRI($this) }}}",
        "SELECT $this WHERE { $this ex:p ?v FILTER (?v > 3) }",
        "SELECT $this WHERE { { $this ex:p ?v } UNION { ?x ex:q ?y } }",
        "SELECT $this WHERE { $this ex:p ?v } LIMIT 1",
        "SELECT $this WHERE { $this ex:p ?v . ?v ex:q* ?w }",
        "SELECT $this WHERE { $this ex:p ?v . BIND (?v AS ?w) }",
    ],
)
def test_a_query_where_joining_is_not_substituting_goes_to_the_judge(select: str) -> None:
    shape = SPARQL[: SPARQL.index('"SELECT')] + f'"""{select}""" ] .'
    assert candidates("ex:a a ex:C . ex:b a ex:C ; ex:p ex:c .", shape) == {EX.a, EX.b}


def test_two_validations_at_once_do_not_disturb_each_other() -> None:
    datas = [f"ex:a{n} a ex:C ; ex:code {n} ." for n in range(8)]
    with ThreadPoolExecutor(4) as pool:
        reports = list(pool.map(lambda data: report_on(data, CODE), datas))
    found = [[result.focus for result in report.results] for report in reports]
    assert found == [[URIRef(f"{EX}a{n}")] for n in range(8)]
