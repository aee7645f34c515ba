"""Headers, parameters and binding of the named queries."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pyoxigraph
import pytest

from atlas.errors import MalformedSource, UnknownName, UsageError
from queries import DEFAULT_BASE, library
from queries.library import LANGUAGES, NamedQuery, read_query
from queries.parameters import TYPES

HEADER = """#+ title:
#+   fr: "Titre"
#+   en: "Title"
#+   es: "Título"
#+ description:
#+   fr: "Ce que dit la requête."
#+   en: "What the query says."
#+   es: "Lo que dice la consulta."
#+ parameters:
#+   - name: word
#+     type: string
#+     label:
#+       fr: "Mot"
#+       en: "Word"
#+       es: "Palabra"
#+     default: ici
#+ tags: [tests]
#+ sources: []
"""
# Writes a query to a file, and says where.
QueryFile = Callable[[str], Path]
LAST_LIMIT = re.compile(r"LIMIT \d+\s*$")
TEXT = "SELECT ?s WHERE { ?s ?p ?_word }\n"


@pytest.fixture
def query_file(tmp_path: Path) -> QueryFile:
    def write(text: str) -> Path:
        path = tmp_path / "q.rq"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_the_library_answers_at_least_twenty_of_the_fifty_five_questions() -> None:
    numbers = {query.question for query in library().values()}
    assert len([number for number in numbers if number and number <= 55]) >= 20


@pytest.mark.parametrize("query", library().values(), ids=lambda query: query.name)
def test_each_query_is_complete_in_three_languages_and_parses(query: NamedQuery) -> None:
    texts = [query.title, query.description, *(one.label for one in query.parameters)]
    for text in texts:
        assert set(text) == set(LANGUAGES)
        assert all(text.values())
    assert query.tags
    if query.name.startswith("cq"):
        assert query.name.startswith(f"cq{query.question:02d}_")
    required = {
        parameter.name: TYPES[parameter.type].example
        for parameter in query.parameters
        if parameter.required
    }
    pyoxigraph.Store().query(query.bind(required).text)


@pytest.mark.parametrize("query", library().values(), ids=lambda query: query.name)
def test_each_query_parses_with_every_optional_parameter_given(query: NamedQuery) -> None:
    given = {parameter.name: TYPES[parameter.type].example for parameter in query.parameters}
    assert "?_" not in query.bind(given).text
    pyoxigraph.Store().query(query.bind(given).text)


def test_a_query_that_is_not_there_is_named() -> None:
    with pytest.raises(UnknownName, match="no query 'cq99'"):
        library()["cq99"]


def test_another_base_moves_instances_and_graphs_but_no_term() -> None:
    query = library("https://atlas.example.org/")["cq13_shared_questions"]
    assert f"{DEFAULT_BASE}/ontology/" in query.text
    other = library("https://atlas.example.org/")["cq42_relations_of"]
    assert "<https://atlas.example.org/id/question/precarity>" in other.bind({}).text
    scheme = library("https://atlas.example.org")["cq01_unarticulated_schemes"].bind({}).text
    assert "GRAPH <https://atlas.example.org/graph/aides-jeunes>" in scheme
    assert f"<{DEFAULT_BASE}/vocabulary/target-publics/" in scheme


def test_a_value_cannot_break_out_of_its_place(query_file: QueryFile) -> None:
    bound = read_query(query_file(HEADER + TEXT)).bind({"word": 'x" } DROP ALL # \\ \n'})
    assert '?s ?p "x\\" } DROP ALL # \\\\' in bound.text
    pyoxigraph.Store().query(bound.text)


def test_a_parameter_is_replaced_outside_strings_comments_and_iris_only(
    query_file: QueryFile,
) -> None:
    text = 'SELECT ?s WHERE { ?s <urn:?_word> ?_word . # ?_word\n FILTER("?_word" != ?_word) }\n'
    bound = read_query(query_file(HEADER + text)).bind({"word": "là"})
    assert bound.text.count('"là"') == 2
    assert bound.text.count("?_word") == 3
    assert not bound.substitutions


def test_an_optional_parameter_without_a_value_stays_a_variable(query_file: QueryFile) -> None:
    query = read_query(query_file(HEADER.replace("#+     default: ici\n", "") + TEXT))
    assert "?s ?p ?_word" in query.bind({}).text
    assert "?s ?p ?_word" in query.bind({"word": "  "}).text


def test_the_default_stands_in_for_a_value_that_is_not_given(query_file: QueryFile) -> None:
    assert '?s ?p "ici"' in read_query(query_file(HEADER + TEXT)).bind().text


def test_an_unknown_parameter_is_refused_with_the_ones_there_are(query_file: QueryFile) -> None:
    with pytest.raises(UsageError, match="has no parameter 'wort'; its parameters: word"):
        read_query(query_file(HEADER + TEXT)).bind({"wort": "x"})


def test_a_missing_parameter_is_named_with_its_type_and_an_example(query_file: QueryFile) -> None:
    required = HEADER.replace("default: ici", "required: true").replace("string", "siren")
    with pytest.raises(UsageError, match=r"needs the parameter word: a SIREN .* such as 245400676"):
        read_query(query_file(required + TEXT)).bind({})


@pytest.mark.parametrize(
    ("kind", "bad"),
    [
        ("iri", "atlas:Relation"),
        ("iri", "https://a b"),
        ("integer", "3.5"),
        ("count", "-1"),
        ("count", "1" * 10),
        ("insee", "nancy"),
        ("siren", "12345"),
        ("year", "26"),
        ("language", "français"),
        ("source", "no/such"),
        ("string", "x" * 3000),
    ],
)
def test_a_value_of_the_wrong_type_is_refused_in_one_sentence(
    query_file: QueryFile, kind: str, bad: str
) -> None:
    header = HEADER.replace("type: string", f"type: {kind}")
    with pytest.raises(UsageError) as refusal:
        read_query(query_file(header + TEXT)).bind({"word": bad})
    assert "word" in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("kind", "value", "term"),
    [
        ("iri", "urn:x", "<urn:x>"),
        ("string", "l'été", '"l\'été"'),
        ("integer", "-3", '"-3"^^<http://www.w3.org/2001/XMLSchema#integer>'),
        ("count", "0200", "200"),
        ("insee", "2a004", '"2A004"'),
        ("siren", "245 400 676", '"245400676"'),
        ("year", "2026", '"2026"^^<http://www.w3.org/2001/XMLSchema#gYear>'),
        ("language", "FR", '"fr"'),
        ("source", "citego", f"<{DEFAULT_BASE}/graph/citego>"),
        ("source", "https://example.org/g", "<https://example.org/g>"),
    ],
)
def test_each_type_makes_the_term_it_should(
    query_file: QueryFile, kind: str, value: str, term: str
) -> None:
    header = HEADER.replace("type: string", f"type: {kind}")
    assert f"?s ?p {term} }}" in read_query(query_file(header + TEXT)).bind({"word": value}).text


def test_a_concept_is_looked_up_in_its_scheme(query_file: QueryFile) -> None:
    header = HEADER.replace("type: string", "type: concept\n#+     scheme: scales")
    query = read_query(query_file(header + TEXT))
    assert f"<{DEFAULT_BASE}/vocabulary/scales/commune>" in query.bind({"word": "commune"}).text
    assert "<https://example.org/c>" in query.bind({"word": "https://example.org/c"}).text


@pytest.mark.parametrize(
    ("spoilt", "fault"),
    [
        (TEXT, "no header"),
        (HEADER.replace("tags:", "tag:") + TEXT, "unknown key in the header: 'tag'"),
        (HEADER.replace("#+ tags: [tests]\n", "") + TEXT, "missing key in the header: 'tags'"),
        (HEADER.replace('#+   es: "Título"\n', "") + TEXT, "the title needs exactly"),
        (HEADER.replace("type: string", "type: text") + TEXT, "no parameter type 'text'"),
        (HEADER.replace("type: string", "type: concept") + TEXT, "names its scheme"),
        (HEADER.replace("default: ici", "required: perhaps") + TEXT, "true or false"),
        (HEADER.replace("default: ici", "defalt: ici") + TEXT, "unknown key of a parameter"),
        (HEADER.replace('"Titre"', "Titre : un") + TEXT, "put double quotes"),
        (HEADER.replace('"Titre"', '"Titre') + TEXT, "bad quotes"),
        (HEADER.replace("#+   fr: ", "#+    fr: ", 1) + TEXT, "indent by 2"),
        (HEADER + "#+ tags: [again]\n" + TEXT, "occurs twice"),
        (HEADER + "#+ a sentence\n" + TEXT, "not 'key: value'"),
        (HEADER + TEXT.replace("?_word", "?word"), "parameter not used"),
        (HEADER + "#+ ceiling: 9\n" + TEXT, "ends the query, not '9'"),
        (HEADER + "#+ ceiling: 9\n" + TEXT + "LIMIT 99\n", "ends the query, not '9'"),
        (HEADER + "#+ ceiling: all\n" + TEXT + "LIMIT all\n", "ends the query, not 'all'"),
        (HEADER + TEXT.replace("?p", "?_other"), "not declared as a parameter"),
    ],
)
def test_an_incomplete_header_is_refused(query_file: QueryFile, spoilt: str, fault: str) -> None:
    with pytest.raises(MalformedSource, match=fault) as refusal:
        read_query(query_file(spoilt))
    assert "q.rq" in str(refusal.value)


# Queries that answer with some of what there is, and whose pages present it so.
SOME = {
    "cq49_label": "the one best label",
    "home_newest": "the newest documents",
    "library_coded": "examples of codes",
    "local_near": "what may be added next",
    "matrix_grouping_members": "members of a grouping, beside their number",
    "matrix_level_parts": "parts of a level, beside their number",
    "term_instances": "examples",
    "term_statements": "examples",
    "term_unnamed": "examples",
    "term_users_of_concept": "examples",
    "thing_statements": "its page says itself that it is cut, and where all is",
}


def test_a_query_that_stops_says_whether_it_should_have_given_all() -> None:
    stopping = {name: query for name, query in library().items() if LAST_LIMIT.search(query.text)}
    assert {name for name, query in stopping.items() if query.ceiling is None} == SOME.keys()


def test_the_form_is_read_from_the_text_not_from_strings_or_comments(query_file: QueryFile) -> None:
    text = '# SELECT\nASK { ?s ?p ?_word FILTER(?p != "CONSTRUCT") }\n'
    assert read_query(query_file(HEADER + text)).form == "ASK"
    assert library()["cq48_desmogram"].form == "CONSTRUCT"
