"""The main job, whole: real files in, a reasoned and validated national atlas out, over HTTP."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from store import Generations
from tests.endpoint.serving import ATLAS, Served, environment, serving
from tests.national import build

pytestmark = [pytest.mark.national, pytest.mark.slow]

BASE = "https://w3id.org/atlas-relationnel"
NANCY = f"<{BASE}/id/grouping/245400676>"
PREFIXES = """PREFIX atlas: <https://w3id.org/atlas-relationnel/ontology/>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
"""


@pytest.fixture(scope="module")
def served(national_home: Path) -> Iterator[Served]:
    with serving(national_home) as served:
        yield served


def table(served: Served, query: str) -> list[dict[str, str]]:
    reply = served.ask(PREFIXES + query, "text/csv")
    assert reply.status == 200, reply.text
    return list(csv.DictReader(io.StringIO(reply.text)))


def named(served: Served, name: str, **parameters: str) -> list[dict[str, str]]:
    reply = served.fetch(
        f"/api/queries/{name}?{urlencode(parameters)}", headers={"Accept": "text/csv"}
    )
    assert reply.status == 200, reply.text
    return list(csv.DictReader(io.StringIO(reply.text)))


def record(home: Path) -> Any:
    generation = Generations(home).current()
    assert generation
    return json.loads((generation.folder / "record.json").read_text("utf-8"))


def test_greater_nancy_has_twenty_members_and_57_competences_of_which_25_have_a_name(
    served: Served,
) -> None:
    members = table(served, f"SELECT ?m {{ ?m atlas:memberOf {NANCY} ; a atlas:Municipality }}")
    assert len({row["m"] for row in members}) == 20
    competences = table(
        served,
        f"""SELECT ?c ?label {{ {NANCY} atlas:holdsCompetence ?c
          OPTIONAL {{ ?c skos:prefLabel ?label }} }}""",
    )
    assert len({row["c"] for row in competences}) == 57
    assert len({row["c"] for row in competences if row["label"]}) == 25


def test_the_default_graph_is_the_merge_of_the_graphs_published_there(
    served: Served, national_home: Path
) -> None:
    (row,) = table(served, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
    generation = Generations(national_home).current()
    assert generation
    distinct = set()
    for graph in record(national_home)["graphs"]:
        if graph["publish"] == "default":
            with (generation.graphs / graph["file"]).open("rb") as lines:
                distinct |= {hash(line) for line in lines}
    assert int(row["n"]) == len(distinct)


@pytest.mark.parametrize("graph", ["illustrative-meurthe-et-moselle", "aides-jeunes"])
def test_illustrative_and_copyleft_graphs_are_not_in_the_default_graph(
    served: Served, graph: str
) -> None:
    scheme = f"{{ GRAPH <{BASE}/graph/{graph}> {{ ?s a atlas:Scheme }}"
    held = table(served, f"SELECT (COUNT(DISTINCT ?s) AS ?n) {scheme} }}")
    both = table(served, f"SELECT (COUNT(DISTINCT ?s) AS ?n) {scheme} ?s a atlas:Scheme }}")
    assert int(held[0]["n"]) > 5
    assert both == [{"n": "0"}]


def test_graph_reaches_no_illustrative_graph_that_the_query_does_not_name(served: Served) -> None:
    graphs = {row["g"] for row in table(served, "SELECT DISTINCT ?g { GRAPH ?g { ?s a ?c } }")}
    assert f"{BASE}/graph/calame-talk" in graphs
    assert not {graph for graph in graphs if "illustrative" in graph}


def test_107_groupings_changed_codes_and_44_once_mergers_are_explained(served: Served) -> None:
    rows = named(served, "cq56_changed_groupings")
    assert len({row["grouping"] for row in rows}) == 107
    assert len({row["grouping"] for row in rows if not row["merger"]}) == 44


def test_three_communities_share_precarity_exclusion_and_short_chains(served: Served) -> None:
    rows = named(served, "cq13_shared_questions")
    questions = {row["question"].rpartition("/")[2] for row in rows}
    assert {"precarity", "social-exclusion", "short-supply-chains"} <= questions
    assert {row["locator"] for row in rows if "precarity" in row["question"]}


def test_candidates_for_nancy_are_real_schemes_with_their_evidence(served: Served) -> None:
    rows = named(served, "cq01_unarticulated_schemes", insee="54395")
    assert len({row["scheme"] for row in rows}) >= 2
    assert all(row["operator"] and row["label"] for row in rows)


def test_every_graph_says_its_title_and_whether_its_licence_was_verified(served: Served) -> None:
    graphs = table(
        served,
        """SELECT ?g (SAMPLE(?t) AS ?title) (SAMPLE(?v) AS ?verified) {
          GRAPH ?g { ?g <http://purl.org/dc/terms/title> ?t ; atlas:licenceVerified ?v } }
          GROUP BY ?g""",
    )
    assert {row["g"] for row in graphs} >= {
        f"{BASE}/graph/{name}" for name in ("france-2026", "france-2021", "banatic", "inferred")
    }
    verified = {row["g"].rpartition("/")[2]: row["verified"] for row in graphs}
    assert verified["france-2026"] == "true"
    assert verified["banatic"] == "false"


def test_the_record_says_what_the_build_took_and_that_nothing_is_invalid(
    national_home: Path,
) -> None:
    said = record(national_home)
    assert said["peak_memory"] > 0
    assert {"read", "load", "validate"} <= said["seconds"].keys()
    assert "violation" not in said["findings"]


def test_a_second_build_reads_nothing_and_publishes_nothing(
    national_home: Path, atlas_data: Path, tmp_path: Path
) -> None:
    home = shutil.copytree(national_home, tmp_path / "home")
    before = [generation.number for generation in Generations(home).all()]
    done = build(home, atlas_data)
    assert done.returncode == 0, done.stderr
    assert f"Nothing has changed since generation {max(before)}" in done.stdout
    assert [generation.number for generation in Generations(home).all()] == before


def test_a_public_address_refuses_what_nobody_verified(national_home: Path) -> None:
    done = subprocess.run(
        [ATLAS, "serve", "--host", "0.0.0.0", "--port", "0"],
        env=environment(national_home, ATLAS_BASE="https://atlas.example.org"),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 2
    assert "licence" in done.stderr
