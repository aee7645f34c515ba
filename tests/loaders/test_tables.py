"""Tables of documents and experiences: their options, their faults, and the real ones."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from atlas.errors import BadRow, MalformedSource
from atlas.settings import Settings
from loaders.readers import rdf_file, tables
from loaders.readers.tables_options import KINDS, Column
from loaders.readers.tables_options import __doc__ as documentation
from loaders.rows import Problems
from loaders.sources import SOURCES, Source, load_sources
from loaders.terms import FOAF, LABEL

MakeSource = Callable[..., Source]
Read = Callable[[Source], set[str]]

TITLE = {"column": "title", "kind": "text", "predicate": "dcterms:title", "required": True}


@pytest.fixture
def table(tmp_path: Path, make_source: MakeSource) -> Callable[..., Source]:
    """A source of one table; a list of rows is written as JSON Lines, a text as CSV."""

    def make(rows: str | list[dict[str, Any]], *columns: dict[str, Any], **given: Any) -> Source:
        text = rows if isinstance(rows, str) else "".join(json.dumps(row) + "\n" for row in rows)
        path = tmp_path / ("table.csv" if isinstance(rows, str) else "table.jsonl")
        path.write_text(text, encoding="utf-8")
        on_error = given.pop("on_error", "stop")
        options = {"record": "document", "key": ["id"], "columns": [*columns], **given}
        return make_source(kind="tables", paths={"table": path}, options=options, on_error=on_error)

    return make


def stated(source: Source, triples: Read) -> set[str]:
    """What is said of the records, their type left out."""
    lines = {line for line in triples(source) if line.startswith(":document/")}
    return {line.partition(" ")[2] for line in lines} - {"a atlas:Document"}


def refused(source: Source) -> str:
    with pytest.raises(MalformedSource) as caught:
        list(tables.read_rows(source, Problems(source)))
    return str(caught.value)


def problems_of(source: Source) -> list[str]:
    problems = Problems(source)
    list(tables.read_rows(source, problems))
    return problems.rows


# --- What columns mean ---


@pytest.mark.parametrize(
    ("cell", "column", "expected"),
    [
        ("Un texte", {"kind": "text", "predicate": "dcterms:title"}, 'dcterms:title "Un texte"@fr'),
        (
            "Camille",
            {"kind": "text", "predicate": "dc:creator", "language": ""},
            '<http://purl.org/dc/elements/1.1/creator "Camille"',
        ),
        ("Un\n nom ", {"kind": "label"}, 'rdfs:label "Un nom"@fr'),
        ("Pilot", {"kind": "note", "prefix": "Status"}, 'skos:note "Status: Pilot"@fr'),
        (2019, {"kind": "date", "predicate": "dcterms:date"}, 'dcterms:date "2019"^^xsd:gYear'),
        (
            "43",
            {"kind": "integer", "predicate": "atlas:participants"},
            'atlas:participants "43"^^xsd:integer',
        ),
        (
            "\xa0https://e.org/a, ",
            {"kind": "iri", "predicate": "rdfs:seeAlso"},
            "rdfs:seeAlso <https://e.org/a",
        ),
        (
            "case",
            {
                "kind": "concept",
                "predicate": "atlas:documentType",
                "scheme": "document-types",
                "values": {"case": "case-sheet"},
            },
            "atlas:documentType vocabulary:document-types/case-sheet",
        ),
        ("case", {"kind": "class", "values": {"case": "CaseSheet"}}, "a atlas:CaseSheet"),
        (
            "FR",
            {"kind": "country", "predicate": "dcterms:spatial"},
            "dcterms:spatial :country/FR",
        ),
        (
            "Belgium",
            {"kind": "country", "predicate": "dcterms:spatial", "values": {"Belgium": "BE"}},
            "dcterms:spatial :country/BE",
        ),
        (
            "Ville d'Exemple",
            {"kind": "actor", "predicate": "atlas:carriedBy"},
            "atlas:carriedBy :actor/small-ville-d-exemple",
        ),
        (
            "example.org",
            {"kind": "site", "predicate": "atlas:publishedOn"},
            "atlas:publishedOn :site/example-org",
        ),
        (
            "example.org",
            {
                "kind": "site",
                "predicate": "atlas:publishedOn",
                "values": {"example.org": "example"},
            },
            "atlas:publishedOn :site/example",
        ),
    ],
)
def test_each_kind_of_column_makes_its_fact(
    cell: object, column: dict[str, Any], expected: str, table: MakeSource, triples: Read
) -> None:
    source = table([{"id": 1, "cell": cell}], {"column": "cell", **column}, language="fr")
    assert stated(source, triples) == {expected}


def test_every_kind_has_its_way_and_its_word_in_the_documentation() -> None:
    assert documentation is not None
    line = next(line for line in documentation.splitlines() if line.startswith("kind "))
    assert set(line.removeprefix("kind ").replace(" ", "").split(",")) == set(KINDS)


def test_a_value_may_be_a_list_or_a_text_with_separators(table: MakeSource, triples: Read) -> None:
    column = {"column": "see", "kind": "iri", "predicate": "rdfs:seeAlso", "separator": "[;\n]"}
    expected = {"rdfs:seeAlso <https://e.org/a", "rdfs:seeAlso <https://e.org/b"}
    for cell in (["https://e.org/a", "https://e.org/b"], "https://e.org/a;\nhttps://e.org/b"):
        assert stated(table([{"id": 1, "see": cell}], column), triples) == expected


def test_each_record_may_have_its_own_language(table: MakeSource, triples: Read) -> None:
    rows = [
        {"id": 1, "title": "Un", "lang": "fr"},
        {"id": 2, "title": "Two", "lang": None},
        {"id": 3, "title": "Drei", "lang": "de"},
    ]
    source = table(rows, TITLE, language="en", language_column="lang")
    assert stated(source, triples) == {
        'dcterms:title "Un"@fr',
        'dcterms:title "Two"@en',
        'dcterms:title "Drei"@de',
    }


def test_missing_and_blank_cells_state_nothing(table: MakeSource, triples: Read) -> None:
    columns = [{"column": name, "kind": "note"} for name in ("none", "blank", "empty", "absent")]
    row = {"id": 1, "title": "T", "none": None, "blank": "\xa0\n", "empty": []}
    source = table([row, {"id": 2, "title": "T", "absent": ""}], TITLE, *columns)
    assert stated(source, triples) == {'dcterms:title "T"'}


def test_a_template_joins_what_the_row_has(table: MakeSource, triples: Read) -> None:
    column = {"template": "{theme}, {body}, {year}", "kind": "label"}
    rows = [
        {"id": 1, "theme": "Air", "body": "Ville", "year": 2020},
        {"id": 2, "theme": "Eau", "year": 2021},
    ]
    assert stated(table(rows, column), triples) == {
        'rdfs:label "Air, Ville, 2020"',
        'rdfs:label "Eau, 2021"',
    }


def test_a_value_mapped_to_nothing_states_nothing_and_is_no_fault(
    table: MakeSource, triples: Read
) -> None:
    column = {
        "column": "extent",
        "kind": "concept",
        "predicate": "atlas:atScale",
        "scheme": "scales",
        "values": {"National": "state", "Local": ""},
    }
    source = table([{"id": 1, "extent": "Local"}, {"id": 2, "extent": "National"}], column)
    assert stated(source, triples) == {"atlas:atScale vocabulary:scales/state"}


def test_countries_take_the_names_that_the_source_gives_them(
    table: MakeSource, triples: Read
) -> None:
    column = {
        "column": "codes",
        "kind": "country",
        "predicate": "atlas:appliesIn",
        "names": "names",
    }
    rows = [
        {"id": 1, "codes": ["AT", "BE"], "names": ["Austria", "Belgium"]},
        # Which name would be whose?
        {"id": 2, "codes": ["IT"], "names": ["Italy", "Malta"]},
    ]
    lines = triples(table(rows, column, language="en"))
    assert {line for line in lines if line.startswith(":country/")} == {
        ":country/AT a atlas:Country",
        ':country/AT atlas:countryCode "AT"',
        ':country/AT rdfs:label "Austria"@en',
        ":country/BE a atlas:Country",
        ':country/BE atlas:countryCode "BE"',
        ':country/BE rdfs:label "Belgium"@en',
        ":country/IT a atlas:Country",
        ':country/IT atlas:countryCode "IT"',
    }


def test_bodies_of_one_name_in_two_countries_are_two_actors(
    table: MakeSource, triples: Read
) -> None:
    column = {
        "column": "lead",
        "kind": "actor",
        "predicate": "atlas:carriedBy",
        "within": ["country"],
    }
    rows = [
        {"id": 1, "lead": "Ministry of Finance", "country": ["FI"]},
        {"id": 2, "lead": "Ministry of Finance", "country": ["NL"]},
        {"id": 3, "lead": "Ministry of  Finance", "country": ["NL"]},
    ]
    lines = triples(table(rows, column))
    assert {line for line in lines if " a atlas:Actor" in line} == {
        ":actor/small-fi-ministry-of-finance a atlas:Actor",
        ":actor/small-nl-ministry-of-finance a atlas:Actor",
    }


# --- Keys ---


def test_a_plain_key_is_the_end_of_the_iri(table: MakeSource, triples: Read) -> None:
    lines = triples(table([{"id": "la-adu-2020", "title": "T"}], TITLE))
    assert ":document/small-la-adu-2020 a atlas:Document" in lines


def test_records_are_told_apart_by_every_part_of_their_key(table: MakeSource) -> None:
    rows = [
        {"url": "https://e.org/g", "title": "Démocratie"},
        {"url": "https://e.org/g", "title": "Démocratie urbaine"},
        {"url": "https://e.org/h", "title": "Démocratie"},
    ]
    source = table(rows, TITLE, key=["url", "title"], slug="title")
    keys = [record.key for record in tables.read_rows(source, Problems(source))]
    assert len(set(keys)) == 3
    assert [key.rpartition("-")[0] for key in keys] == [
        "democratie",
        "democratie-urbaine",
        "democratie",
    ]


def test_a_key_used_twice_is_told_with_its_line(table: MakeSource) -> None:
    rows = [{"id": 1, "title": "T"}, {"id": 1, "title": "U"}]
    [problem] = problems_of(table(rows, TITLE, on_error="skip"))
    assert "table.jsonl, line 2: field 'id' is '1': another record has the same key" in problem


# --- Faults of the data ---


@pytest.mark.parametrize(
    ("cell", "column", "reason"),
    [
        ("soon", {"kind": "date", "predicate": "dcterms:date"}, "no year, month or day"),
        ("many", {"kind": "integer", "predicate": "atlas:participants"}, "no whole number"),
        ("-3", {"kind": "integer", "predicate": "atlas:participants"}, "no whole number"),
        ("javascript:1", {"kind": "iri", "predicate": "foaf:page"}, "no http address"),
        ("https://e.org/ and more", {"kind": "iri", "predicate": "foaf:page"}, "no http address"),
        ("france", {"kind": "country", "predicate": "dcterms:spatial"}, "two capitals"),
        ("x", {"kind": "class", "values": {"case": "CaseSheet"}}, "do not say what it means"),
        ({"a": 1}, {"kind": "note"}, "a cell holds"),
    ],
)
def test_a_value_that_cannot_be_used_is_told_and_the_record_stays(
    cell: object, column: dict[str, Any], reason: str, table: MakeSource
) -> None:
    rows = [{"id": 1, "cell": "", "title": "T"}, {"id": 2, "cell": cell, "title": "T"}]
    source = table(rows, TITLE, {"column": "cell", **column}, on_error="skip")
    problems = Problems(source)
    assert len(list(tables.read_rows(source, problems))) == 2
    [problem] = problems.rows
    assert "table.jsonl, line 2: field 'cell' is " in problem
    assert reason in problem


def test_a_record_without_what_is_required_is_told_and_left_out(table: MakeSource) -> None:
    source = table([{"id": 1, "title": ""}, {"id": 2, "title": "T"}], TITLE, on_error="skip")
    problems = Problems(source)
    assert [record.key for record in tables.read_rows(source, problems)] == ["2"]
    assert "line 1: field 'title' is '': it is required." in problems.rows[0]


def test_a_source_that_stops_stops_at_its_first_bad_value(table: MakeSource) -> None:
    source = table([{"id": 1, "title": ""}], TITLE)
    with pytest.raises(BadRow, match="line 1: field 'title'"):
        list(tables.read_rows(source, Problems(source)))


def test_csv_is_read_like_json_lines(table: MakeSource, triples: Read) -> None:
    source = table('id;title\n1;"Un; deux"\n', TITLE, delimiter=";")
    assert stated(source, triples) == {'dcterms:title "Un; deux"'}


def test_a_csv_without_a_column_that_is_read_is_refused(table: MakeSource) -> None:
    assert "table.csv, line 1: has no column 'title'" in refused(table("id\n1\n", TITLE))


def test_json_lines_in_which_no_row_has_a_field_that_is_read_are_refused(
    table: MakeSource,
) -> None:
    column = {"column": "titel", "kind": "note"}
    assert "no row has a field 'titel'" in refused(table([{"id": 1, "title": "T"}], TITLE, column))


def test_json_that_stops_midway_is_refused_with_its_line(table: MakeSource, tmp_path: Path) -> None:
    source = table([{"id": 1, "title": "T"}], TITLE)
    with source.path.open("a") as stream:
        stream.write('{"id": 2, "title": "Un')
    assert "table.jsonl, line 2: the JSON stops midway" in refused(source)


# --- Faults of the options ---


@pytest.mark.parametrize(
    ("column", "given", "reason"),
    [
        ({"kind": "txt"}, {}, "kind is 'txt'; it takes text or"),
        ({"kind": "note", "colour": "red"}, {}, "has no key 'colour'"),
        ({"kind": "note", "required": "yes"}, {}, "required is 'yes'; it takes a bool"),
        ({"kind": "note", "predicate": "skos:note"}, {}, "a predicate of its own"),
        ({"kind": "note", "template": "{x}"}, {}, "takes one of column and template"),
        ({"kind": "text"}, {}, "predicate is ''"),
        ({"kind": "text", "predicate": "foo:bar"}, {}, "one of the prefixes atlas, dc"),
        ({"kind": "concept", "predicate": "atlas:atScale", "values": {"a": "b"}}, {}, "scheme"),
        ({"kind": "class"}, {}, "needs values"),
        ({"kind": "class", "values": {"a": 1}}, {}, "values is {'a': 1}"),
        ({"kind": "note", "unmapped": "keep"}, {}, "it takes bad or skip"),
        ({"kind": "note", "separator": "("}, {}, "no regular expression"),
        ({}, {}, "has no 'kind'"),
        ({"kind": "note"}, {"record": "thing"}, "it takes document or experience"),
        ({"kind": "note"}, {"key": "id"}, "key is 'id'; it takes a tuple"),
        ({"kind": "note"}, {"colunms": []}, "has no key 'colunms'"),
    ],
)
def test_options_that_do_not_fit_are_refused_with_the_source_and_the_option(
    column: dict[str, Any], given: dict[str, Any], reason: str, table: MakeSource
) -> None:
    said = refused(table([{"id": 1, "cell": "x"}], {"column": "cell"} | column, **given))
    assert said.startswith("sources.toml: source 'small': options")
    assert reason in said


def test_options_without_columns_are_refused(table: MakeSource) -> None:
    assert "options.columns lists what the columns mean" in refused(table([{"id": 1}]))


def test_a_column_knows_all_that_it_reads() -> None:
    column = Column("actor", "lead", within=("country",), names="n")
    assert column.reads == ("lead", "n", "country")
    assert Column("label", template="{a}, {b}").reads == ("a", "b")


# --- Real tables, as sources.toml maps them ---


@pytest.fixture
def shipped(atlas_data: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Source]:
    monkeypatch.setenv("ATLAS_DATA", str(atlas_data))
    sources = {source.name: source for source in load_sources(SOURCES, Settings.load())}
    return sources.__getitem__


def facts(source: Source) -> tuple[Counter[str], list[str]]:
    """How often each predicate and class occurs, by its last name; the problems."""
    problems = Problems(source)
    counts: Counter[str] = Counter()
    for quad in tables.to_quads(tables.read_rows(source, problems), source):
        term = quad.object if quad.predicate.value.endswith("#type") else quad.predicate
        counts[term.value.replace("#", "/").rpartition("/")[2]] += 1
    return counts, problems.rows


def test_a_page_that_our_content_describes_is_not_a_second_document(
    shipped: Callable[[str], Source],
) -> None:
    """Nor its site a second site: what both sources say is said of one."""
    content, sheets = shipped("citego"), shipped("resource-sheets")
    ours = list(rdf_file.to_quads(rdf_file.read_rows(content, Problems(content)), content))
    theirs = list(tables.to_quads(tables.read_rows(sheets, Problems(sheets)), sheets))
    page = FOAF["page"]
    described = {quad.object: quad.subject for quad in ours if quad.predicate == page}
    shared = [q for q in theirs if q.predicate == page and q.object in described]
    assert len(shared) == len(sheets.options["known"]) == 26
    assert [q for q in shared if q.subject != described[q.object]] == []
    named = {
        quad.subject for quad in ours if "/site/" in str(quad.subject) and quad.predicate == LABEL
    }
    doubled = [q for q in theirs if q.predicate == LABEL and q.subject in named]
    assert doubled == [], "its name stays the one that our content gives it"


def test_the_38_sheets_are_38_documents_on_16_sites(shipped: Callable[[str], Source]) -> None:
    counts, problems = facts(shipped("resource-sheets"))
    assert problems == []
    assert {name: counts[name] for name in ("Document", "ResourceSite", "Dossier", "date")} == {
        "Document": 38,
        "ResourceSite": 16,
        "Dossier": 7,
        "date": 19,
    }


def test_the_853_cases_are_experiences_in_34_countries(
    shipped: Callable[[str], Source],
) -> None:
    counts, problems = facts(shipped("jrc-public-services"))
    assert {name: counts[name] for name in ("Experience", "Country", "atScale")} == {
        "Experience": 853,
        "Country": 34,
        # 462 national and 83 regional; "local" and "across countries" are no one scale.
        "atScale": 545,
    }
    # 853 less twelve of the European Union, which is no country.
    assert counts["appliesIn"] == 841
    assert {problem.split("'")[1] for problem in problems} == {"url"}
    assert len(problems) == 28


def test_the_50_assemblies_keep_their_own_rights(shipped: Callable[[str], Source]) -> None:
    counts, problems = facts(shipped("uk-citizen-assemblies"))
    assert {name: counts[name] for name in ("Experience", "participants", "rights")} == {
        "Experience": 50,
        "participants": 49,
        "rights": 16,
    }
    assert len(problems) == 1
    assert "data/raw/assemblies" in problems[0]
