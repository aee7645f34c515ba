"""Public schemes on a hand-written world, and on the real files."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from atlas.errors import BadRow, MalformedSource
from loaders.readers import schemes
from loaders.readers.schemes_operators import Operator
from loaders.rows import Problems
from loaders.sources import Source
from store import LocalEngine

MakeSource = Callable[..., Source]
Read = Callable[[Source], set[str]]

# Two communes; 54003 is a part of 54001, and 54004 was merged into it.
MAP: dict[str, list[dict[str, Any]]] = {
    "communes": [
        {"code": "54001", "type": "commune-actuelle", "siren": "215400011"},
        {"code": "54002", "type": "commune-actuelle", "siren": "215400029"},
        {"code": "54003", "type": "commune-deleguee"},
    ],
    "departements": [{"code": "54", "zone": "metro"}, {"code": "975", "zone": "com"}],
    "regions": [{"code": "44", "zone": "metro"}],
    "arrondissements": [],
    "epci": [{"code": "245400001"}],
}
MAP["communes"][0]["anciensCodes"] = ["54003", "54004"]
BODIES: dict[str, dict[str, Any]] = {
    "ville": {"type": "commune", "code_siren": "215400011", "code_insee": "54001"},
    "metropole": {"type": "epci", "code_siren": "245400001"},
    "departement": {"type": "departement", "code_siren": "225400019", "code_insee": "54"},
    "region": {"type": "region", "code_siren": "200000044", "code_insee": "44"},
    "caf": {"type": "caf", "code_siren": "775600000", "departments": ["54"]},
    "etat": {"type": "national", "code_siren": "999999997"},
    "europe": {"type": "europeen", "code_siren": "999999998"},
    "syndicat": {"type": "autre", "code_siren": "255400001"},
    "association": {"type": "autre"},
}


@pytest.fixture
def world(tmp_path: Path, make_source: MakeSource) -> Callable[..., Source]:
    """A source of these schemes; a scheme is what differs from a plain one of the region."""

    def make(
        *benefits: dict[str, Any], bodies: dict[str, dict[str, Any]] = BODIES, **given: Any
    ) -> Source:
        folder = tmp_path / "map"
        folder.mkdir(exist_ok=True)
        for name, rows in MAP.items():
            (folder / f"{name}.json").write_text(json.dumps(rows))
        plain = {"label": "Aide", "institution": "region", "link": "https://example.org/"}
        lines = {
            "institutions": [
                {"id": key, "name": f"Le {key}", **body} for key, body in bodies.items()
            ],
            "benefits": [
                plain | {"id": f"s{number}"} | row for number, row in enumerate(benefits, 1)
            ],
        }
        paths = {"map": folder}
        for name, rows in lines.items():
            paths[name] = tmp_path / f"{name}.jsonl"
            paths[name].write_text("".join(json.dumps(row) + "\n" for row in rows))
        groupings = tmp_path / "groupings.csv"
        groupings.write_text("siren\n255400001\n")
        return make_source(kind="schemes", paths={**paths, "groupings": groupings}, **given)

    return make


def about(subject: str, lines: set[str]) -> set[str]:
    return {line.removeprefix(f"{subject} ") for line in lines if line.startswith(f"{subject} ")}


def where(benefit: dict[str, Any], world: MakeSource, triples: Read) -> set[str]:
    names = ("atlas:appliesIn", "atlas:appliesToMembersOf", "atlas:excludesMembersOf")
    stated = about(":scheme/small-s1", triples(world(benefit)))
    return {line for line in stated if line.startswith(names)}


def conditions(*given: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"conditions_generales": list(given), **more}


def problems_of(source: Source) -> list[str]:
    problems = Problems(source)
    list(schemes.read_rows(source, problems))
    return [row.partition(".jsonl, ")[2] for row in problems.rows]


# --- Operators ---


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        (
            ":municipality/215400011",
            {
                "a atlas:Municipality",
                'atlas:siren "215400011"',
                "atlas:governs :commune/54001",
                'dcterms:alternative "Le ville"@fr',
            },
        ),
        (
            ":grouping/245400001",
            {
                "a atlas:Grouping",
                'atlas:siren "245400001"',
                'dcterms:alternative "Le metropole"@fr',
            },
        ),
        (
            ":body/225400019",
            {
                "a atlas:PublicAuthority",
                'atlas:siren "225400019"',
                "atlas:governs :department/54",
                'rdfs:label "Le departement"@fr',
            },
        ),
        (
            ":body/200000044",
            {
                "a atlas:PublicAuthority",
                'atlas:siren "200000044"',
                "atlas:governs :region/44",
                'rdfs:label "Le region"@fr',
            },
        ),
        (
            ":body/775600000",
            {
                "a atlas:Actor",
                'atlas:siren "775600000"',
                "atlas:actsIn :department/54",
                'rdfs:label "Le caf"@fr',
            },
        ),
        (
            ":actor/small-etat",
            {"a atlas:Actor", "atlas:atScale vocabulary:scales/state", 'rdfs:label "Le etat"@fr'},
        ),
        (
            ":actor/small-europe",
            {
                "a atlas:Actor",
                "atlas:atScale vocabulary:scales/europe",
                'rdfs:label "Le europe"@fr',
            },
        ),
        # A syndicate that Banatic lists is the grouping that it is there.
        (
            ":grouping/255400001",
            {"a atlas:Grouping", 'atlas:siren "255400001"', 'rdfs:label "Le syndicat"@fr'},
        ),
        (":actor/small-association", {"a atlas:Actor", 'rdfs:label "Le association"@fr'}),
    ],
)
def test_each_type_of_institution_is_the_body_that_it_is(
    subject: str, expected: set[str], world: MakeSource, triples: Read
) -> None:
    assert about(subject, triples(world())) == expected


def test_an_unknown_code_of_an_institution_is_told_and_the_body_stays(world: MakeSource) -> None:
    bodies = {
        "ville": BODIES["ville"] | {"code_insee": "99999"},
        "caf": BODIES["caf"] | {"departments": ["99"]},
    }
    source = world(bodies=bodies, on_error="skip")
    assert problems_of(source) == [
        "line 1: field 'code_insee' is '99999': the map has no municipality with this code.",
        "line 2: field 'departments' is '99': the map has no department with this code.",
    ]
    rows = list(schemes.read_rows(source, Problems(source)))
    # No municipality is written that governs no commune.
    kinds = {quad.object.value.rpartition("/")[2] for quad in schemes.to_quads(rows, source)}
    assert "Municipality" not in kinds
    assert "PublicAuthority" in kinds


def test_a_municipality_that_was_merged_governs_a_former_commune_and_no_part_of_one(
    world: MakeSource, triples: Read
) -> None:
    merged = {"type": "commune", "code_siren": "215400037", "code_insee": "54003"}
    lines = about(":municipality/215400037", triples(world(bodies={"merged": merged})))
    assert "atlas:governs :commune/54003" in lines


# --- Where schemes apply ---


@pytest.mark.parametrize(
    ("benefit", "expected"),
    [
        ({}, set()),
        (conditions({"type": "age", "operator": ">=", "value": "16"}), set()),
        (
            conditions({"type": "regions", "values": ["44"]}),
            {"atlas:appliesIn :region/44"},
        ),
        (
            conditions({"type": "departements", "values": ["54", "975"]}),
            {"atlas:appliesIn :department/54", "atlas:appliesIn :overseas-collectivity/975"},
        ),
        # A part of a commune and a former commune keep the IRIs that the map gives them.
        (
            conditions({"type": "communes", "values": ["54002", "54003", "54004"]}),
            {
                "atlas:appliesIn :commune/54002",
                "atlas:appliesIn :delegated-commune/54003",
                "atlas:appliesIn :commune/54004",
            },
        ),
        (
            conditions({"type": "epcis", "values": ["245400001"]}),
            {"atlas:appliesToMembersOf :grouping/245400001"},
        ),
        (
            conditions(
                {"type": "attached_to_institution"},
                {"type": "excluded_epcis", "values": ["245400001"]},
                institution="departement",
            ),
            {
                "atlas:appliesIn :department/54",
                "atlas:excludesMembersOf :grouping/245400001",
            },
        ),
        (
            conditions({"type": "attached_to_institution"}, institution="metropole"),
            {"atlas:appliesToMembersOf :grouping/245400001"},
        ),
        (conditions({"type": "codes_postaux", "values": ["54000"]}), set()),
        # The same condition, twice: it is one.
        (
            conditions(
                {"type": "departements", "values": ["54"]},
                {"type": "departements", "values": ["54"]},
            ),
            {"atlas:appliesIn :department/54"},
        ),
    ],
)
def test_a_place_is_stated_only_where_a_condition_says_it(
    benefit: dict[str, Any], expected: set[str], world: MakeSource, triples: Read
) -> None:
    assert where(benefit, world, triples) == expected


@pytest.mark.parametrize(
    ("benefit", "problem"),
    [
        (
            conditions({"type": "communes", "values": ["54999"]}),
            "'conditions_generales' is '54999': the map has no commune with this code.",
        ),
        (
            conditions({"type": "bassins", "values": ["1"]}),
            "'conditions_generales' is 'bassins': this kind of condition is not known.",
        ),
        (
            conditions(
                {"type": "regions", "values": ["44"]}, {"type": "departements", "values": ["54"]}
            ),
            "'conditions_generales' is '': it has several conditions of place.",
        ),
        (
            conditions({"type": "attached_to_institution"}, institution="association"),
            "'institution' is 'association': it has no territory to be attached to.",
        ),
        (
            conditions({"type": "age", "operator": "~", "value": "16"}),
            "'conditions_generales' is 'age ~ 16': it is no bound of age.",
        ),
        (
            conditions(
                {"type": "age", "operator": ">", "value": "30"},
                {"type": "age", "operator": "<", "value": "18"},
            ),
            "'conditions_generales' is 'age 31 to 17': no age is both.",
        ),
        ({"institution": "nobody"}, "'institution' is 'nobody': the institutions do not have it."),
        ({"label": " "}, "'label' is '': a scheme has an id and a label."),
        ({"link": "ftp://x"}, "'link' is 'ftp://x': it is no http address."),
        (
            {"profils": [{"type": "astronaute"}]},
            "'profils' is 'astronaute': the vocabulary of publics has no such public.",
        ),
    ],
)
def test_what_cannot_be_used_is_told_with_its_line(
    benefit: dict[str, Any], problem: str, world: MakeSource
) -> None:
    assert problems_of(world({}, benefit, on_error="skip")) == [f"line 2: field {problem}"]


def test_a_source_that_stops_stops_at_an_unknown_code(world: MakeSource) -> None:
    source = world(conditions({"type": "regions", "values": ["00"]}))
    with pytest.raises(BadRow, match=r"benefits\.jsonl, line 1: .*no region with this code"):
        list(schemes.read_rows(source, Problems(source)))


def test_a_map_that_is_not_there_is_one_sentence(world: MakeSource) -> None:
    source = world()
    (source.paths["map"] / "communes.json").unlink()
    with pytest.raises(MalformedSource, match=r"communes\.json: cannot be read"):
        list(schemes.read_rows(source, Problems(source)))


# --- What schemes are ---


def test_a_scheme_says_what_it_is_in_plain_text(world: MakeSource, triples: Read) -> None:
    benefit = {
        "id": "aide-à-l’envol",
        "description": "Une aide<br>de <b>200&nbsp;€</b>",
        "conditions": ["Habiter <abbr title='x'>ici</abbr>."],
        "profils": [{"type": "lyceen", "conditions": []}, {"type": "apprenti"}],
        "conditions_generales": [
            {"type": "beneficiaire_rsa"},
            {"type": "codes_postaux", "values": ["54000", "54100"]},
        ],
    }
    lines = triples(world(benefit))
    assert about(":scheme/small-aide-a-l-envol", lines) == {
        "a atlas:Scheme",
        'rdfs:label "Aide"@fr',
        'dcterms:description "Une aide\\nde 200 €"@fr',
        "<http://xmlns.com/foaf/0.1/page <https://example.org/",
        "atlas:operatedBy :body/200000044",
        "atlas:servesPublic vocabulary:target-publics/high-school-students",
        "atlas:servesPublic vocabulary:target-publics/apprentices",
        "atlas:servesPublic vocabulary:target-publics/rsa-recipients",
        'skos:note "Condition : Habiter ici."@fr',
        'skos:note "Codes postaux : 54000, 54100"@fr',
    }


@pytest.mark.parametrize(
    ("bounds", "expected"),
    [
        ([(">=", "16"), ("<=", "25")], {"minimumAge": 16, "maximumAge": 25}),
        ([(">", "18"), ("<", "26")], {"minimumAge": 19, "maximumAge": 25}),
        ([("=", "18")], {"minimumAge": 18, "maximumAge": 18}),
        ([(">=", "17"), (">=", "25")], {"minimumAge": 25}),
    ],
)
def test_bounds_of_age_are_whole_years_and_all_hold(
    bounds: list[tuple[str, str]], expected: dict[str, int], world: MakeSource, triples: Read
) -> None:
    ages = [{"type": "age", "operator": operator, "value": value} for operator, value in bounds]
    stated = about(":scheme/small-s1", triples(world(conditions(*ages))))
    assert {line for line in stated if "Age" in line} == {
        f'atlas:{name} "{value}"^^xsd:integer' for name, value in expected.items()
    }


def test_schemes_that_the_option_excludes_are_left_out(world: MakeSource, triples: Read) -> None:
    lines = triples(world({"id": "demo"}, {"id": "real"}, options={"exclude": ["demo"]}))
    assert {line.split()[0] for line in lines if "a atlas:Scheme" in line} == {":scheme/small-real"}


# --- The real files ---

MAY_APPLY = """
PREFIX atlas: <https://w3id.org/atlas-relationnel/ontology/>
SELECT DISTINCT ?scheme ?operator WHERE {
  ?scheme a atlas:Scheme ; atlas:operatedBy ?operator .
  # The operator is of no territory, or of one of the resident's.
  FILTER(NOT EXISTS { ?operator atlas:governs|atlas:actsIn ?any }
    || EXISTS { VALUES ?place { PLACES } ?operator atlas:governs|atlas:actsIn ?place })
  FILTER(NOT EXISTS { ?operator atlas:siren ?siren . FILTER(?operator IN (EPCIS)) }
    || ?operator = GROUPING)
  # The scheme says nothing of places, or one of the resident's, or their grouping.
  FILTER(NOT EXISTS { ?scheme atlas:appliesIn|atlas:appliesToMembersOf ?any }
    || EXISTS { VALUES ?place { PLACES } ?scheme atlas:appliesIn ?place }
    || EXISTS { ?scheme atlas:appliesToMembersOf GROUPING })
  FILTER NOT EXISTS { ?scheme atlas:excludesMembersOf GROUPING }
}
"""


@pytest.fixture(scope="module")
def real(atlas_data: Path, node_modules: Path) -> dict[str, Path]:
    folder = atlas_data / "experience-fr-aides-jeunes"
    return {
        "benefits": folder / "benefits.jsonl.gz",
        "institutions": folder / "institutions.jsonl.gz",
        "map": node_modules / "@etalab" / "decoupage-administratif" / "data",
    }


def test_every_scheme_and_institution_of_the_source_is_read(
    real: dict[str, Path], make_source: MakeSource
) -> None:
    source = make_source(kind="schemes", paths=real)
    problems = Problems(source)
    rows = list(schemes.read_rows(source, problems))
    assert len(problems) == 0
    assert Counter(type(row).__name__ for row in rows) == {"Scheme": 552, "Operator": 871}


def test_at_most_72_schemes_apply_to_a_resident_of_nancy(
    real: dict[str, Path], make_source: MakeSource
) -> None:
    """What the dossier counted by hand on the YAML: 71 schemes of 16 institutions, 1 of the EU.

    Here it is 72, 2 of the EU: the dossier counted 551 files, for one could not be read (its tag
    "=" is an operator of age); the data has it as the 552nd. It is DiscoverEU.
    """
    source = make_source(kind="schemes", paths=real)
    rows = list(schemes.read_rows(source, Problems(source)))
    engine = LocalEngine(None)
    lines = "\n".join(f"{quad.triple} ." for quad in schemes.to_quads(rows, source))
    engine.load(lines.encode(), "application/n-triples")
    writer = schemes.Writer(source)
    operators = {writer.operator_iri(row).value: row for row in rows if isinstance(row, Operator)}
    instances = writer.instances
    places = [("commune", "54395"), ("department", "54"), ("region", "44")]
    epcis = [iri for iri, row in operators.items() if row.type == "epci"]
    query = (
        MAY_APPLY.replace("PLACES", " ".join(str(instances[place]) for place in places))
        .replace("EPCIS", ", ".join(f"<{iri}>" for iri in epcis))
        .replace("GROUPING", str(instances["grouping", "245400676"]))
    )
    found = [
        (row["scheme"].value, operators[row["operator"].value]) for row in engine.solutions(query)
    ]
    assert Counter(operator.type for _, operator in found) == {
        "national": 55,
        "region": 9,
        "caf": 3,
        "autre": 2,
        "europeen": 2,
        "departement": 1,
    }
    assert len({operator.id for _, operator in found}) == 16
    unread = instances["scheme", "small-union-europeenne-discovereu"].value
    assert len({scheme for scheme, _ in found} - {unread}) == 71
