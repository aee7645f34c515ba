"""Queries with SERVICE over HTTP: a server of ours, and partners on loopback."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, parse

from federation.partner import Limits, Partner
from federation.sites.partners import PartnerFolder
from tests.endpoint.serving import Served, environment, serving
from tests.endpoint.world import ATLAS, BASE, LABEL, NANCY, publish_world
from tests.federation import faulty
from tests.federation.faulty import Faulty
from tests.federation.small_site import SmallSite, small_site

MAXEVILLE = f"{BASE}/id/commune/54357"
SONGS = f"""
<{NANCY}> <urn:song> "Ô Nancy"@fr-FR, "Nancy's song"@en . <urn:elsewhere> <urn:song> "Other" .
[] <urn:sings> <{NANCY}> .
"""
COMMUNES = f"?x a <{ATLAS}Commune> ; {LABEL} ?label ."
NAMED = "<http://www.w3.org/ns/sparql-service-description#BasicFederatedQuery>"


@dataclass
class World:
    """``there``: a partner; ``blocks``: one that takes one value at a time."""

    served: Served
    there: SmallSite
    blocks: SmallSite
    home: Path

    @property
    def songs(self) -> str:
        service = f"SERVICE <{self.there.endpoint}> {{ ?x <urn:song> ?song }}"
        return f"SELECT ?label ?song {{ {COMMUNES} {service} }}"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    home = tmp_path_factory.mktemp("instance")
    publish_world(home)
    folder = PartnerFolder(home)
    with small_site() as gone:
        down = gone.endpoint
    with small_site(SONGS) as there, small_site(SONGS) as blocks:
        local = frozenset({"127.0.0.1"})
        folder.add(Partner("songs", there.endpoint, names=("urn:songs",), addresses=local))
        folder.add(Partner("down", down, names=("urn:down",), addresses=local))
        one = Limits(block=1)
        folder.add(Partner("blocks", blocks.endpoint, ("urn:blocks",), addresses=local, limits=one))
        with serving(home, ATLAS_WORKERS="2") as served:
            yield World(served, there, blocks, home)


@pytest.fixture(autouse=True)
def forget(world: World) -> None:
    world.there.asked.clear()
    world.there.refuses = lambda text: False


def test_a_partner_is_asked_about_what_is_here_and_nobody_keeps_the_answer(world: World) -> None:
    reply = world.served.ask(world.songs, "text/csv")
    assert reply.status == 200, reply.text
    assert sorted(reply.text.split("\r\n")) == [
        "",
        "Nancy,Nancy's song",
        "Nancy,Ô Nancy",
        "label,song",
    ]
    assert reply.headers["Cache-Control"] == "no-store"
    assert "ETag" not in reply.headers
    (asked,) = world.there.asked
    assert NANCY in asked
    assert MAXEVILLE in asked
    assert "elsewhere" not in asked


def test_blocks_are_asked_side_by_side_under_the_server_s_own_threads(world: World) -> None:
    query = world.songs.replace(world.there.endpoint, "urn:blocks")
    assert world.served.rows(query) == world.served.rows(world.songs)
    assert len(world.blocks.asked) == 2


def test_the_query_of_a_post_and_every_form_is_answered(world: World) -> None:
    service = "SERVICE <urn:songs> { ?x <urn:song> ?song }"
    assert world.served.ask(f"ASK {{ {COMMUNES} {service} }}").json["boolean"] is True
    made = world.served.fetch(
        "/sparql",
        "POST",
        body=f"CONSTRUCT {{ ?x <urn:has> ?song }} {{ {COMMUNES} {service} }}",
        headers={"Content-Type": "application/sparql-query", "Accept": "application/n-triples"},
    )
    assert {triple.object.language for triple in parse(made.body, format=RdfFormat.N_TRIPLES)} == {
        "fr-fr",
        "en",
    }


def test_blank_nodes_of_a_partner_come_through_the_workers(world: World) -> None:
    query = f"SELECT ?who {{ {COMMUNES} SERVICE <urn:songs> {{ ?who <urn:sings> ?x }} }}"
    (row,) = world.served.ask(query, "application/sparql-results+json").json["results"]["bindings"]
    assert row["who"]["type"] == "bnode"


def test_a_partner_that_is_down_is_named_or_left_out(world: World) -> None:
    down = world.songs.replace(world.there.endpoint, "urn:down")
    reply = world.served.ask(down)
    assert (reply.status, reply.slug) == (502, "partner-failed")
    assert "down" in reply.json["detail"]
    silent = world.served.rows(down.replace("SERVICE", "SERVICE SILENT"))
    assert silent == {("Nancy", ""), ("Maxéville", "")}
    partial = world.served.ask(down, "text/csv", partial="1")
    assert (partial.status, partial.text) == (200, "label,song\r\n")
    assert partial.headers.get_all("Atlas-Partial") == ["down"]
    # The rest of the atlas goes on.
    assert len(world.served.rows(world.songs)) == 2


def test_a_partner_that_answers_something_else_is_named(world: World) -> None:
    world.there.refuses = lambda text: True
    reply = world.served.ask(world.songs)
    assert (reply.status, reply.slug) == (502, "partner-failed")
    assert "songs" in reply.json["detail"]


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { SERVICE <http://127.0.0.1:1/sparql> { ?s ?p ?o } }",
        "SELECT * { BIND (<http://169.254.169.254/> AS ?e) SERVICE ?e { ?s ?p ?o } }",
        "SELECT * { SERVICE <file:///etc/passwd> { ?s ?p ?o } }",
    ],
)
def test_whoever_is_no_partner_is_refused_by_name(world: World, query: str) -> None:
    reply = world.served.ask(query)
    assert (reply.status, reply.slug) == (403, "forbidden")
    assert "/api/partners" in reply.json["detail"]


def test_silent_gives_no_values_for_whoever_is_no_partner(world: World) -> None:
    query = "SELECT * { SERVICE SILENT <http://127.0.0.1:1/sparql> { ?s ?p ?o } }"
    reply = world.served.ask(query, "application/sparql-results+json")
    assert reply.json["results"]["bindings"] == [{}]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SELECT * { ?s ?p ?o SERVICE <urn:songs> { ?x <urn:song> } }", "line 1, column 57"),
        ("SELECT * { SERVICE <urn:songs> { ?x <urn:song> ?y }", "line 1"),
        ("SELECT ?z { SERVICE <urn:songs> { ?x x:y ?z } }", "column 43"),
    ],
)
def test_a_malformed_query_is_told_its_place_before_anybody_is_asked(
    world: World, query: str, said: str
) -> None:
    reply = world.served.ask(query)
    assert (reply.status, reply.slug) == (400, "malformed-query")
    assert said in reply.json["detail"]
    assert world.there.asked == []


def test_an_update_calls_no_other_site(world: World) -> None:
    update = "INSERT { GRAPH <urn:g> { ?s ?p ?o } } WHERE { SERVICE <urn:songs> { ?s ?p ?o } }"
    reply = world.served.fetch(
        "/sparql", "POST", body=update, headers={"Content-Type": "application/sparql-update"}
    )
    assert reply.status in (401, 403)
    assert world.there.asked == []


def test_graphs_of_this_atlas_are_seen_as_without_a_service(world: World) -> None:
    """The illustrative graph stays apart; a graph that is named is read."""
    query = (
        f"SELECT ?g {{ GRAPH ?g {{ ?x {LABEL} ?l }} SERVICE <urn:songs> {{ ?x <urn:song> ?s }} }}"
    )
    plain = f"SELECT ?g {{ GRAPH ?g {{ <{NANCY}> {LABEL} ?l }} }}"
    assert world.served.rows(query) == world.served.rows(plain) != set()


def test_the_service_says_that_it_asks_others(world: World, served: Served) -> None:
    """And one without partners does not."""
    headers = {"Accept": "application/n-triples"}
    assert NAMED in world.served.fetch("/sparql", headers=headers).text
    assert NAMED not in served.fetch("/sparql", headers=headers).text


def test_the_command_line_asks_partners_too(world: World, tmp_path: Path) -> None:
    path = tmp_path / "songs.rq"
    path.write_text(world.songs, "utf-8")
    atlas = Path(sys.executable).parent / "atlas"
    done = subprocess.run(
        [atlas, "query", "--file", path],
        env=environment(world.home),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    lines = ["Nancy,Nancy's song", "Nancy,Ô Nancy", "label,song"]
    assert sorted(done.stdout.splitlines()) == lines


def test_where_a_private_partner_stands_is_told_to_nobody(world: World) -> None:
    """Nor where it leads to, nor which private address the name of a public one has."""
    folder = PartnerFolder(world.home)
    leads = faulty.redirect("http://inner.example:9000/secret")
    try:
        with Faulty(leads) as site:
            folder.add(site.partner("leads", names=("urn:leads",)))
            port = site.port
            folder.add(Partner("inner", f"http://localhost:{port}/", names=("urn:inner",)))
            for name in ("inner", *6 * ["leads"]):
                reply = world.served.ask(f"SELECT * {{ SERVICE <urn:{name}> {{ ?s ?p ?o }} }}")
                assert reply.status in (403, 502)
                assert name in reply.json["detail"]
                for secret in ("127.0.0.1", "::1", "inner.example", f"{port}"):
                    assert secret not in reply.json["detail"]
    finally:
        folder.remove("leads")
        folder.remove("inner")
