"""Banatic on a hand-written world, and on the real files."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from atlas.errors import BadRow, MalformedSource
from loaders.readers import banatic
from loaders.readers.banatic import Competence, Grouping, Holding
from loaders.rows import Problems
from loaders.sources import Source

# 1020 passes to 1015; 1005 is in both lists and means two things; 1004 was split; 5015 has no heir.
WORLD = {
    "holdings": "siren,competence_code\n245400676,1020\n245400676,1005\n255600793,1004\n",
    "groupings": "siren,libelle,region_code,departement_code,nature,population\n"
    '245400676,Métropole,44,54,METRO,250000\n255600793,"SIVU des ""Eaux""",53,56,SIVU,1245\n',
    "crosswalk": "id,code_2021,code_2025,kind\n1,1020,1015,one_to_one\n2,1004,1005,split\n"
    "3,1004,1010,split\n4,5015,NULL,no_equivalent\n",
    "labels": "competenceCode,intitule\n1005,Électricité\n1010,Gaz\n1015,Chaleur urbaine\n",
}


@pytest.fixture
def world(tmp_path: Path, make_source: Callable[..., Source]) -> Callable[..., Source]:
    def make(on_error: str = "stop", **changes: str) -> Source:
        paths = {}
        for name, text in (WORLD | changes).items():
            paths[name] = tmp_path / f"{name}.csv"
            paths[name].write_text(text, encoding="utf-8")
        paths["map"] = tmp_path / "map"
        paths["map"].mkdir(exist_ok=True)
        known = [{"code": "245400676", "nom": "Métropole du Grand Nancy"}]
        (paths["map"] / "epci.json").write_text(json.dumps(known), encoding="utf-8")
        return make_source(kind="banatic", paths=paths, on_error=on_error)

    return make


def about(subject: str, lines: set[str]) -> set[str]:
    return {line.removeprefix(f"{subject} ") for line in lines if line.startswith(f"{subject} ")}


Read = Callable[[Source], set[str]]


def test_a_one_to_one_row_gives_its_label(world: Callable[..., Source], triples: Read) -> None:
    assert about(":competence/banatic-2021-1020", triples(world())) == {
        "a atlas:Competence",
        "skos:inScheme :competence-list/banatic-2021",
        'skos:notation "1020"',
        'skos:prefLabel "Chaleur urbaine"@fr',
        "skos:closeMatch :competence/banatic-2025-1015",
    }


def test_the_same_code_in_both_lists_lends_no_label(
    world: Callable[..., Source], triples: Read
) -> None:
    lines = triples(world())
    assert 'skos:prefLabel "Électricité"@fr' in about(":competence/banatic-2025-1005", lines)
    assert not [line for line in about(":competence/banatic-2021-1005", lines) if "Label" in line]


def test_a_code_that_was_split_has_narrower_matches_and_no_label(
    world: Callable[..., Source], triples: Read
) -> None:
    assert about(":competence/banatic-2021-1004", triples(world())) == {
        "a atlas:Competence",
        "skos:inScheme :competence-list/banatic-2021",
        'skos:notation "1004"',
        "skos:narrowMatch :competence/banatic-2025-1005",
        "skos:narrowMatch :competence/banatic-2025-1010",
    }


def test_a_code_without_equivalent_says_so(world: Callable[..., Source], triples: Read) -> None:
    notes = about(":competence/banatic-2021-5015", triples(world()))
    assert [note for note in notes if note.startswith("skos:note")]
    assert not [note for note in notes if "Match" in note]


def test_one_to_one_rows_that_share_a_code_are_bad(world: Callable[..., Source]) -> None:
    crosswalk = WORLD["crosswalk"] + "5,1021,1015,one_to_one\n"
    told: list[BadRow] = []
    source = world("skip", crosswalk=crosswalk)
    rows = list(banatic.read_rows(source, Problems(source, told.append)))
    assert [(row.line, row.field, row.value) for row in told] == [
        (2, "code_2025", "1015"),
        (6, "code_2025", "1015"),
    ]
    labels = {row.code: row.label for row in rows if isinstance(row, Competence)}
    assert labels["1020"] == ""


def test_a_holding_is_a_node_without_a_vintage(world: Callable[..., Source], triples: Read) -> None:
    assert about(":holding/245400676-1020", triples(world())) == {
        "a atlas:CompetenceHolding",
        "atlas:holder :grouping/245400676",
        "atlas:heldCompetence :competence/banatic-2021-1020",
    }


def test_a_grouping_that_the_map_describes_is_not_described_again(
    world: Callable[..., Source], triples: Read
) -> None:
    lines = triples(world())
    assert not [line for line in about(":grouping/245400676", lines) if "holds" not in line]
    assert 'rdfs:label "SIVU des \\"Eaux\\""@fr' in about(":grouping/255600793", lines)
    assert "a atlas:Syndicate" in about(":grouping/255600793", lines)


def test_a_holder_that_no_list_describes_is_a_grouping_and_nothing_more(
    world: Callable[..., Source], triples: Read
) -> None:
    source = world(holdings=WORLD["holdings"] + "255601601,1020\n")
    assert about(":grouping/255601601", triples(source)) == {
        "a atlas:Grouping",
        'atlas:siren "255601601"',
        "atlas:holdsCompetence :competence/banatic-2021-1020",
    }


@pytest.mark.parametrize(
    ("file", "row", "field", "value"),
    [
        ("holdings", "24540067,1020", "siren", "24540067"),
        ("holdings", "245400676,102", "competence_code", "102"),
        ("labels", "10x5,Gaz", "competenceCode", "10x5"),
        ("labels", "1020,", "intitule", ""),
        ("labels", "1010,Gaz encore", "competenceCode", "1010"),
        ("crosswalk", "9,12,1005,split", "code_2021", "12"),
        ("crosswalk", "9,1300,1005,merged", "kind", "merged"),
        ("crosswalk", "9,1300,1099,split", "code_2025", "1099"),
        ("groupings", "2556,Nom,53,56,SIVU,1", "siren", "2556"),
        ("groupings", "255600794,Nom,53,56,CLUB,1", "nature", "CLUB"),
    ],
)
def test_a_bad_row_is_told_with_file_line_field_and_value(
    world: Callable[..., Source], file: str, row: str, field: str, value: str
) -> None:
    text = WORLD[file] + row + "\n"
    source = world("skip", **{file: text})
    told: list[BadRow] = []
    rows = list(banatic.read_rows(source, Problems(source, told.append)))
    (bad,) = told
    assert (Path(bad.path).name, bad.line) == (f"{file}.csv", text.count("\n"))
    assert (bad.field, bad.value) == (field, value)
    assert sum(isinstance(row, Holding) for row in rows) == 3


def test_a_bad_row_stops_where_the_source_says_stop(world: Callable[..., Source]) -> None:
    source = world("stop", holdings=WORLD["holdings"] + "1,1020\n")
    with pytest.raises(BadRow, match=r"holdings\.csv, line 5: field 'siren' is '1'"):
        list(banatic.read_rows(source, Problems(source)))


def test_a_missing_column_is_named(world: Callable[..., Source]) -> None:
    source = world(labels="code,intitule\n1005,a\n")
    with pytest.raises(MalformedSource, match=r"labels\.csv.*no column 'competenceCode'"):
        list(banatic.read_rows(source, Problems(source)))


@pytest.fixture(scope="module")
def rows(atlas_data: Path, node_modules: Path) -> list[Any]:
    folder = atlas_data / "experience-fr-territoires-en-transitions"
    paths = {
        "holdings": folder / "banatic-competences-par-groupement.csv.gz",
        "groupings": folder / "banatic-groupements.csv.gz",
        "crosswalk": folder / "banatic-crosswalk-2021-2025.csv",
        "labels": folder / "import-personnalisation-competences.csv.gz",
        "map": node_modules / "@etalab" / "decoupage-administratif" / "data",
    }
    source = Source(
        name="banatic",
        kind="banatic",
        title={},
        paths=paths,
        version="",
        licence="",
        licence_verified=False,
        attribution="",
        base="https://example.org",
    )
    return list(banatic.read_rows(source, Problems(source)))


def test_every_holding_is_there_and_no_row_is_bad(rows: list[Any]) -> None:
    holdings = [row for row in rows if isinstance(row, Holding)]
    assert len(set(holdings)) == len(holdings) == 56393
    assert len({row.siren for row in holdings}) == 9811
    assert len({row.code for row in holdings}) == 90


def test_25_of_the_57_codes_of_grand_nancy_have_a_label(rows: list[Any]) -> None:
    codes = {row.code for row in rows if isinstance(row, Holding) and row.siren == "245400676"}
    labelled = {
        row.code
        for row in rows
        if isinstance(row, Competence) and row.edition == "2021" and row.label
    }
    assert (len(codes), len(codes & labelled)) == (57, 25)


def test_only_the_32_one_to_one_codes_have_a_label(rows: list[Any]) -> None:
    old = [row for row in rows if isinstance(row, Competence) and row.edition == "2021"]
    assert sum(bool(row.label) for row in old) == 32


def test_groupings_of_the_map_are_left_to_the_map(rows: list[Any]) -> None:
    groupings = [row for row in rows if isinstance(row, Grouping)]
    assert len(groupings) == 10137 - 1255 - 11 + 179
    assert sum(not row.nature for row in groupings) == 179
