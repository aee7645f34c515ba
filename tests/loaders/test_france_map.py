"""The map of France on a hand-written vintage of four communes, and on the real files."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from atlas.errors import BadRow, MalformedSource
from loaders.readers import france_map
from loaders.readers.france_rows import Body, Former, Member, Place
from loaders.rows import Problems
from loaders.sources import Source

# Vieux-Val became part of Val-Neuf, which took the code of Arbre, now its delegated part.
# Saint-Pierre is overseas and in no grouping.
COMMUNES: list[dict[str, Any]] = [
    {
        "code": "01015",
        "nom": "Val-Neuf",
        "type": "commune-actuelle",
        "zone": "metro",
        "departement": "01",
        "siren": "200053668",
        "population": 710,
        "anciensCodes": ["01340"],
    },
    {
        "code": "01004",
        "nom": "Grand-Lieu",
        "type": "commune-actuelle",
        "zone": "metro",
        "departement": "01",
        "siren": "210100046",
        "population": 15934,
    },
    {
        "code": "97502",
        "nom": "Saint-Pierre",
        "type": "commune-actuelle",
        "zone": "com",
        "departement": "975",
    },
    {"code": "01015", "nom": "Arbre", "type": "commune-deleguee", "chefLieu": "01015"},
    {"code": "01120", "nom": "Cordieux", "type": "commune-associee", "chefLieu": "01004"},
    {"code": "01201", "nom": "Lieu 1er", "type": "arrondissement-municipal", "commune": "01004"},
]
DIVISIONS = {
    "regions": [
        {"code": "84", "nom": "Auvergne-Rhône-Alpes", "zone": "metro"},
        {"code": "975", "nom": "Saint-Pierre-et-Miquelon", "zone": "com"},
    ],
    "departements": [
        {"code": "01", "nom": "Ain", "region": "84", "zone": "metro"},
        {"code": "975", "nom": "Saint-Pierre-et-Miquelon", "region": "975", "zone": "com"},
    ],
    "arrondissements": [{"code": "011", "nom": "Belley", "departement": "01", "region": "84"}],
}
GROUPING = {
    "code": "200000172",
    "nom": "CC du Val",
    "type": "CC",
    "membres": [
        {"code": "01015", "siren": "200053668", "nom": "Val-Neuf"},
        {"code": "01004", "siren": "210100046", "nom": "Grand-Lieu"},
    ],
}
# As with real ones: the member's SIREN is missing, communes.json has it.
ESTABLISHMENT = {
    "code": "200057867",
    "nom": "Plaine",
    "type": "EPT",
    "membres": [{"code": "01004", "nom": "Grand-Lieu"}],
}
# The older vintage: Vieux-Val is still there, Grand-Lieu and the grouping had other names.
OLD_COMMUNES: list[dict[str, Any]] = [
    {"code": "01015", "nom": "Arbre", "type": "commune-actuelle", "departement": "01"},
    {"code": "01340", "nom": "Vieux-Val", "type": "commune-actuelle", "departement": "01"},
    {
        "code": "01004",
        "nom": "Lieu",
        "type": "commune-actuelle",
        "departement": "01",
        "population": 14134,
        "anciensCodes": ["01015", "01999"],
    },
    {
        "code": "97502",
        "nom": "Saint-Pierre",
        "type": "commune-actuelle",
        "collectiviteOutremer": {"code": "975", "nom": "Saint-Pierre-et-Miquelon"},
    },
]
OLD_GROUPING = {
    "code": "200000172",
    "nom": "CC Val et Lieu",
    "type": "CA",
    "membres": [
        {"code": "01340", "siren": "210103404", "nom": "Vieux-Val"},
        {"code": "01004", "siren": "210100046", "nom": "Lieu"},
    ],
}

Read = Callable[[Source], set[str]]


def folder(path: Path, **files: list[dict[str, Any]]) -> Path:
    """A folder of files laid out as the package has them, one object a line."""
    path.mkdir()
    for name, rows in (DIVISIONS | files).items():
        lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
        (path / f"{name}.json").write_text(f"[\n{lines}\n]\n", encoding="utf-8")
    return path


@pytest.fixture
def newest(tmp_path: Path, make_source: Callable[..., Source]) -> Source:
    data = folder(tmp_path / "2026", communes=COMMUNES, epci=[GROUPING], ept=[ESTABLISHMENT])
    return make_source(paths={"map": data}, options={"vintage": "2026"})


@pytest.fixture
def older(tmp_path: Path, make_source: Callable[..., Source], newest: Source) -> Source:
    data = folder(tmp_path / "2021", communes=OLD_COMMUNES, epci=[OLD_GROUPING])
    paths = {"map": data, "current": newest.paths["map"]}
    return make_source(name="older", paths=paths, options={"vintage": "2021"})


def about(subject: str, lines: set[str]) -> set[str]:
    return {line.removeprefix(f"{subject} ") for line in lines if line.startswith(f"{subject} ")}


def test_a_commune_is_a_place_with_its_code_and_its_department(
    newest: Source, triples: Read
) -> None:
    assert about(":commune/01004", triples(newest)) == {
        "a atlas:Commune",
        'igeo:codeINSEE "01004"',
        'rdfs:label "Grand-Lieu"@fr',
        "atlas:directlyPartOf :department/01",
        'atlas:recordedIn "2026"^^xsd:gYear',
        'atlas:population "15934"^^xsd:integer',
    }


def test_the_body_that_governs_a_commune_is_another_thing(newest: Source, triples: Read) -> None:
    assert about(":municipality/210100046", triples(newest)) == {
        "a atlas:Municipality",
        'atlas:siren "210100046"',
        'rdfs:label "Grand-Lieu"@fr',
        "atlas:governs :commune/01004",
        'atlas:recordedIn "2026"^^xsd:gYear',
        "atlas:memberOf :grouping/200000172",
        "atlas:memberOf :grouping/200057867",
    }


def test_a_code_used_twice_is_two_places(newest: Source, triples: Read) -> None:
    lines = triples(newest)
    assert 'rdfs:label "Val-Neuf"@fr' in about(":commune/01015", lines)
    assert about(":delegated-commune/01015", lines) == {
        "a atlas:DelegatedCommune",
        'igeo:codeINSEE "01015"',
        'rdfs:label "Arbre"@fr',
        "atlas:directlyPartOf :commune/01015",
        'atlas:recordedIn "2026"^^xsd:gYear',
    }


def test_every_part_is_directly_part_of_its_whole(newest: Source, triples: Read) -> None:
    lines = triples(newest)
    pairs = {
        tuple(line.split(" atlas:directlyPartOf ")) for line in lines if "directlyPart" in line
    }
    assert pairs == {
        (":commune/01015", ":department/01"),
        (":commune/01004", ":department/01"),
        (":commune/97502", ":overseas-collectivity/975"),
        (":delegated-commune/01015", ":commune/01015"),
        (":associated-commune/01120", ":commune/01004"),
        (":municipal-arrondissement/01201", ":commune/01004"),
        (":arrondissement/011", ":department/01"),
        (":department/01", ":region/84"),
        (":region/84", ":country/FR"),
        (":overseas-collectivity/975", ":country/FR"),
    }


def test_an_overseas_collectivity_filed_as_department_and_region_is_one(
    newest: Source, triples: Read
) -> None:
    lines = triples(newest)
    assert "a atlas:OverseasCollectivity" in about(":overseas-collectivity/975", lines)
    assert not about(":department/975", lines) | about(":region/975", lines)


def test_a_commune_without_a_siren_has_no_body_made_up(newest: Source) -> None:
    rows = list(france_map.read_rows(newest, Problems(newest)))
    assert {row.governs for row in rows if isinstance(row, Body) and row.governs} == {
        "01015",
        "01004",
    }


def test_a_former_code_is_a_commune_that_was_succeeded(newest: Source, triples: Read) -> None:
    assert about(":commune/01340", triples(newest)) == {
        "a atlas:Commune",
        'igeo:codeINSEE "01340"',
        "atlas:succeededBy :commune/01015",
    }


def test_a_membership_is_a_dated_node(newest: Source, triples: Read) -> None:
    assert about(":membership/2026-200000172-01004", triples(newest)) == {
        "a atlas:Membership",
        "atlas:member :municipality/210100046",
        "atlas:grouping :grouping/200000172",
        'atlas:vintage "2026"^^xsd:gYear',
    }


def test_a_grouping_has_its_class_and_nature(newest: Source, triples: Read) -> None:
    lines = triples(newest)
    assert about(":grouping/200000172", lines) == {
        "a atlas:OwnTaxGrouping",
        'atlas:siren "200000172"',
        'rdfs:label "CC du Val"@fr',
        "atlas:groupingNature vocabulary:grouping-natures/cc",
        'atlas:recordedIn "2026"^^xsd:gYear',
    }
    assert "a atlas:TerritorialPublicEstablishment" in about(":grouping/200057867", lines)


def test_an_older_vintage_adds_no_direct_membership(older: Source, triples: Read) -> None:
    lines = triples(older)
    assert about(":membership/2021-200000172-01340", lines)
    assert not [line for line in lines if "atlas:memberOf" in line]


def test_an_older_vintage_places_only_what_the_newest_does_not_know(
    older: Source, triples: Read
) -> None:
    lines = triples(older)
    assert [line for line in lines if "directlyPartOf" in line] == [
        ":commune/01340 atlas:directlyPartOf :department/01"
    ]
    assert not [line for line in lines if "atlas:population" in line]


def test_a_name_that_has_changed_since_is_an_alternative_name(older: Source, triples: Read) -> None:
    lines = triples(older)
    assert 'dcterms:alternative "Lieu"@fr' in about(":commune/01004", lines)
    assert 'dcterms:alternative "CC Val et Lieu"@fr' in about(":grouping/200000172", lines)
    assert 'rdfs:label "Vieux-Val"@fr' in about(":commune/01340", lines)
    assert 'rdfs:label "Saint-Pierre"@fr' in about(":commune/97502", lines)


def test_the_nature_a_grouping_had_is_not_given_as_its_nature(older: Source, triples: Read) -> None:
    assert not [line for line in triples(older) if "groupingNature" in line]


def test_a_code_that_came_back_was_not_succeeded(older: Source, triples: Read) -> None:
    """01015 is a commune again (in the newest vintage): only 01999 is gone for good."""
    assert [line for line in triples(older) if "succeededBy" in line] == [
        ":commune/01999 atlas:succeededBy :commune/01004"
    ]


def test_an_older_vintage_names_overseas_collectivities_from_their_communes(
    older: Source, triples: Read, newest: Source
) -> None:
    old = json.loads((older.paths["map"] / "departements.json").read_text(encoding="utf-8"))
    assert any(row["code"] == "975" for row in old)  # This small world has both; real 2021 has one.
    assert about(":overseas-collectivity/975", triples(older))


@pytest.mark.parametrize(
    ("row", "field", "reason"),
    [
        ({"code": 1004}, "code", "two to five digits"),
        ({"code": "0100x"}, "code", "two to five digits"),
        ({"nom": ""}, "nom", "has no name"),
        ({"code": "01004"}, "code", "already a commune with this code"),
        ({"departement": "99"}, "code", "part of department '99', not in the map"),
        ({"population": "many"}, "population", "a whole number"),
        ({"siren": "21010004"}, "siren", "nine digits"),
        ({"type": "hameau"}, "type", "none of commune-actuelle"),
        ({"anciensCodes": [1]}, "anciensCodes", "no INSEE code"),
    ],
)
def test_a_bad_commune_is_told_with_line_field_and_value(
    tmp_path: Path,
    make_source: Callable[..., Source],
    row: dict[str, Any],
    field: str,
    reason: str,
) -> None:
    good = {"code": "01007", "nom": "Ambre", "type": "commune-actuelle", "departement": "01"}
    data = folder(tmp_path / "map", communes=[*COMMUNES, good | row], epci=[GROUPING])
    source = make_source(paths={"map": data}, options={"vintage": "2026"}, on_error="skip")
    told: list[BadRow] = []
    rows = list(france_map.read_rows(source, Problems(source, told.append)))
    (bad,) = told
    assert (bad.line, bad.field) == (len(COMMUNES) + 2, field)
    ((name, given),) = row.items()
    # A department that is not there is told by the commune's code, a list by what is wrong in it.
    assert bad.value == {"departement": "01007", "anciensCodes": 1}.get(name, given)
    assert reason in str(bad)
    assert Counter(type(row) for row in rows)[Member] == 2


def test_a_member_that_is_no_commune_is_a_bad_row(
    tmp_path: Path, make_source: Callable[..., Source]
) -> None:
    stray = GROUPING | {"membres": [{"code": "75056", "siren": "217500016", "nom": "Paris"}]}
    data = folder(tmp_path / "map", communes=COMMUNES, epci=[stray])
    source = make_source(paths={"map": data}, options={"vintage": "2026"})
    with pytest.raises(BadRow, match=r"epci\.json, line 2: field 'membres' is '75056'"):
        list(france_map.read_rows(source, Problems(source)))


def test_a_missing_file_is_told(tmp_path: Path, make_source: Callable[..., Source]) -> None:
    source = make_source(paths={"map": folder(tmp_path / "map")}, options={"vintage": "2026"})
    with pytest.raises(MalformedSource, match=r"communes\.json: cannot be read"):
        list(france_map.read_rows(source, Problems(source)))


@pytest.fixture(scope="module")
def vintages(node_modules: Path) -> dict[str, list[Any]]:
    newest = node_modules / "@etalab" / "decoupage-administratif" / "data"
    older = node_modules / "decoupage-administratif-2021" / "data"
    paths = {"2026": {"map": newest}, "2021": {"map": older, "current": newest}}
    return {vintage: read_vintage(vintage, inputs) for vintage, inputs in paths.items()}


def read_vintage(vintage: str, paths: dict[str, Path]) -> list[Any]:
    source = Source(
        name="map",
        kind="france_map",
        title={},
        paths=paths,
        version="",
        licence="",
        licence_verified=True,
        attribution="",
        base="https://example.org",
        options={"vintage": vintage},
    )
    return list(france_map.read_rows(source, Problems(source)))


def test_no_row_is_bad_and_every_place_is_there(vintages: dict[str, list[Any]]) -> None:
    kinds = Counter(row.kind for row in vintages["2026"] if isinstance(row, Place))
    assert kinds == {
        "commune": 34969,
        "delegated-commune": 2105,
        "associated-commune": 471,
        "municipal-arrondissement": 45,
        "arrondissement": 333,
        "department": 101,
        "region": 18,
        "overseas-collectivity": 8,
    }


def test_codes_are_unique_by_type_only(vintages: dict[str, list[Any]]) -> None:
    parts = ("commune", "delegated-commune", "associated-commune", "municipal-arrondissement")
    codes = Counter(
        row.code for row in vintages["2026"] if isinstance(row, Place) and row.kind in parts
    )
    assert sum(count == 2 for count in codes.values()) == 584
    assert max(codes.values()) == 2


def test_every_grouping_and_member_is_there(vintages: dict[str, list[Any]]) -> None:
    natures = Counter(row.nature for row in vintages["2026"] if isinstance(row, Body))
    assert {nature: natures[nature] for nature in natures if nature} == {
        "cc": 989,
        "ca": 230,
        "metro": 21,
        "cu": 14,
        "met69": 1,
        "ept": 11,
    }
    members = [row for row in vintages["2026"] if isinstance(row, Member)]
    assert len(members) == 34871 + 129
    assert not [row for row in members if row.municipality.startswith("insee")]


def test_grand_nancy_has_twenty_members(vintages: dict[str, list[Any]]) -> None:
    rows = vintages["2026"]
    members = {
        row.commune for row in rows if isinstance(row, Member) and row.grouping == "245400676"
    }
    assert len(members) == 20
    assert "54395" in members


def test_a_commune_of_greater_paris_is_in_two_groupings(vintages: dict[str, list[Any]]) -> None:
    groupings = Counter(row.commune for row in vintages["2026"] if isinstance(row, Member))
    assert sum(count == 2 for count in groupings.values()) == 129


def test_98_communes_are_in_no_grouping(vintages: dict[str, list[Any]]) -> None:
    rows = vintages["2026"]
    members = {row.commune for row in rows if isinstance(row, Member)}
    communes = {row.code for row in rows if isinstance(row, Place) and row.kind == "commune"}
    assert len(communes - members) == 98


def test_107_groupings_changed_member_codes_and_44_once_mergers_are_followed(
    vintages: dict[str, list[Any]],
) -> None:
    successors = {r.code: r.successor for r in vintages["2026"] if isinstance(r, Former)}
    changed = {}
    for name, follow in (("codes", {}), ("communes", successors)):
        then, now = (memberships(vintages[vintage], follow) for vintage in ("2021", "2026"))
        both = then.keys() & now.keys()
        changed[name] = sum(then[grouping] != now[grouping] for grouping in both)
    assert changed == {"codes": 107, "communes": 44}


def memberships(rows: list[Any], successors: dict[str, str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for row in rows:
        if isinstance(row, Member):
            commune = successors.get(row.commune, row.commune)
            found.setdefault(row.grouping, set()).add(commune)
    return found


def test_nobody_is_succeeded_by_what_is_not_in_the_vintage(vintages: dict[str, list[Any]]) -> None:
    for rows in vintages.values():
        communes = {r.code for r in rows if isinstance(r, Place) and r.kind == "commune"}
        formers = [row for row in rows if isinstance(row, Former)]
        assert len(formers) > 4000
        assert not [r for r in formers if r.successor not in communes or r.code in communes]
