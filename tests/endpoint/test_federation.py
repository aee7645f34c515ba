"""``/federation/sparql`` of a real server, with partners on loopback."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest

from atlas.errors import QueryTimeout
from endpoint.sparql.services import left
from federation.partner import Limits, Partner
from federation.run import Run
from federation.sites.partners import PartnerFolder
from tests.endpoint.serving import ATLAS as ATLAS_PROGRAM
from tests.endpoint.serving import Reply, Served, environment, serving
from tests.endpoint.world import ATLAS, NANCY, publish_world
from tests.federation.faulty import Faulty, hanging
from tests.federation.small_site import SmallSite, small_site

PATH = "/federation/sparql"
JSON = "application/sparql-results+json"
PREFIXES = f"PREFIX atlas: <{ATLAS}> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>\n"
HEAD = f"@prefix atlas: <{ATLAS}> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
SCHOOLS = f"""{HEAD}
<https://schools.example.org/1> atlas:about <{NANCY}> ; rdfs:label "école"@fr .
<https://schools.example.org/2> atlas:about <{NANCY}> ; rdfs:label "collège"@fr .
<{NANCY}> rdfs:label "Nancy"@fr .
"""
HOUSES = f"""{HEAD}
<https://schools.example.org/1> atlas:near <https://houses.example.org/a> .
<https://houses.example.org/a> atlas:floors 3 .
"""
JOIN = """SELECT ?commune ?school ?house WHERE {
  ?commune a atlas:Commune . ?school atlas:about ?commune
  OPTIONAL { ?school atlas:near ?house } }"""


@dataclass
class Joined:
    """A server and the two sites that are its partners."""

    home: Path
    served: Served
    schools: SmallSite
    houses: SmallSite

    def ask(self, query: str, accept: str = JSON, **fields: str) -> Reply:
        query = PREFIXES + query
        return self.served.fetch(
            f"{PATH}?{urlencode({'query': query, **fields})}", headers={"Accept": accept}
        )

    def rows(self, query: str, **fields: str) -> list[dict[str, str]]:
        reply = self.ask(query, **fields)
        assert reply.status == 200, reply.text
        found = reply.json["results"]["bindings"]
        return [{name: cell["value"] for name, cell in row.items()} for row in found]


@pytest.fixture(scope="module")
def joined(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Joined]:
    home = tmp_path_factory.mktemp("federated")
    publish_world(home)
    with ExitStack() as stack:
        schools, houses = (stack.enter_context(small_site(text)) for text in (SCHOOLS, HOUSES))
        folder = PartnerFolder(home)
        for name, site in (("schools", schools), ("houses", houses)):
            folder.add(
                Partner(name, site.endpoint, addresses=frozenset(["127.0.0.1"]), limits=Limits())
            )
        yield Joined(home, stack.enter_context(serving(home)), schools, houses)


def test_a_query_that_names_no_site_is_answered_by_all_of_them(joined: Joined) -> None:
    rows = joined.rows(JOIN)
    assert sorted(rows, key=lambda row: row["school"]) == [
        {
            "commune": NANCY,
            "school": "https://schools.example.org/1",
            "house": "https://houses.example.org/a",
        },
        {"commune": NANCY, "school": "https://schools.example.org/2"},
    ]


def test_a_triple_that_two_sites_hold_counts_once(joined: Joined) -> None:
    counted = f"SELECT (COUNT(?label) AS ?n) WHERE {{ <{NANCY}> rdfs:label ?label }}"
    assert joined.rows(counted) == [{"n": "1"}]


def test_the_answer_comes_in_every_format_and_nobody_may_keep_it(joined: Joined) -> None:
    for accept in ("application/sparql-results+xml", "text/csv", "text/tab-separated-values"):
        reply = joined.ask(JOIN, accept)
        assert reply.type == accept
        assert "houses.example.org" in reply.text
        assert reply.headers["Cache-Control"] == "no-store"
        assert "ETag" not in reply.headers
        assert reply.headers["Access-Control-Allow-Origin"] == "*"
    made = joined.ask("CONSTRUCT { ?s atlas:isNear ?h } WHERE { ?s atlas:near ?h }", "text/turtle")
    assert "isNear" in made.text
    assert joined.ask("ASK { ?house atlas:floors 3 }").json["boolean"] is True


def test_a_query_may_be_posted(joined: Joined) -> None:
    kinds = {
        "application/sparql-query": PREFIXES + JOIN,
        "application/x-www-form-urlencoded": urlencode({"query": PREFIXES + JOIN, "sources": "1"}),
    }
    for kind, body in kinds.items():
        headers = {"Content-Type": kind, "Accept": "text/csv"}
        reply = joined.served.fetch(PATH, "POST", body=body, headers=headers)
        assert reply.status == 200, reply.text
        assert ("sources" in reply.text) == ("sources" in body)


def test_each_row_can_name_its_sources(joined: Joined) -> None:
    by_school = {row["school"]: row["sources"].split() for row in joined.rows(JOIN, sources="1")}
    atlas, schools = "https://w3id.org/atlas-relationnel", "urn:x-atlas:partner:schools"
    assert by_school == {
        "https://schools.example.org/1": [atlas, "urn:x-atlas:partner:houses", schools],
        "https://schools.example.org/2": [atlas, schools],
    }
    grouped = "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"
    assert joined.ask(grouped, sources="1").slug == "not-federable"


def test_the_plan_says_who_is_asked_what_and_what_came_of_it(joined: Joined) -> None:
    reply = joined.ask(JOIN, explain="1")
    assert reply.type == "application/json"
    told = reply.json
    assert told["sites"] == ["(this atlas)", "houses", "schools"]
    assert [step["within"] for step in told["steps"]] == [[], [], ["optional"]]
    assert "houses" in told["steps"][2]["sites"]
    assert told["totals"]["schools"]["rows"] >= 2
    assert {"query", "rows", "bytes"} & set(told["exchanges"][0]) == {"rows", "bytes"}


@pytest.mark.parametrize(
    ("query", "slug"),
    [
        ("SELECT * { GRAPH ?g { ?s ?p ?o } }", "not-federable"),
        ("SELECT * FROM <http://x/> { ?s ?p ?o }", "not-federable"),
        ("SELECT * { SERVICE <http://x/> { ?s ?p ?o } }", "not-federable"),
        ("DESCRIBE <http://x/>", "not-federable"),
        ("SELECT * { ?a atlas:near* ?b }", "not-federable"),
        ("SELECT * { << ?s ?p ?o >> ?q ?r }", "not-federable"),
        ("SELECT * { ?s ?p }", "malformed-query"),
        ("SELECT * { ?s nope:p ?o }", "malformed-query"),
        ("INSERT DATA { <x:s> <x:p> <x:o> }", "forbidden"),
        ("SELECT (<http://x/f>(?s) AS ?t) { ?s atlas:near ?o }", "unknown-function"),
    ],
)
def test_what_cannot_be_answered_is_refused_before_anybody_is_asked(
    joined: Joined, query: str, slug: str
) -> None:
    before = len(joined.schools.asked), len(joined.houses.asked)
    assert joined.ask(query, "*/*").slug == slug
    assert (len(joined.schools.asked), len(joined.houses.asked)) == before


def test_a_dataset_of_the_request_is_refused(joined: Joined) -> None:
    reply = joined.ask("ASK { ?s ?p ?o }", **{"default-graph-uri": "http://x/"})
    assert reply.slug == "not-federable"
    assert joined.ask("ASK {}", partial="maybe").status == 400


def test_a_partner_that_fails_is_named_and_left_out_only_when_asked(joined: Joined) -> None:
    joined.houses.refuses = lambda text: True
    try:
        reply = joined.ask(JOIN)
        assert (reply.status, reply.slug) == (502, "partner-failed")
        assert "houses" in reply.json["detail"]
        partly = joined.ask(JOIN, partial="1")
        assert partly.status == 200
        assert partly.headers.get_all("Atlas-Partial") == ["houses"]
        assert len(partly.json["results"]["bindings"]) == 2
    finally:
        joined.houses.refuses = lambda text: False


def test_a_client_that_hangs_up_ends_what_partners_do_for_it(joined: Joined) -> None:
    folder = PartnerFolder(joined.home)
    with Faulty(hanging()) as slow:
        folder.add(slow.partner("slow"))
        try:
            split = urlsplit(joined.served.address)
            path = f"{PATH}?{urlencode({'query': PREFIXES + JOIN})}"
            with socket.create_connection((split.hostname or "", split.port or 0)) as connection:
                connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
                ends = time.monotonic() + 20
                while not slow.seen:
                    assert time.monotonic() < ends
                    time.sleep(0.01)
            assert slow.gone.wait(20)
        finally:
            folder.remove("slow")


def test_a_query_takes_no_longer_than_it_may(joined: Joined) -> None:
    folder = PartnerFolder(joined.home)
    with Faulty(hanging()) as slow:
        folder.add(slow.partner("slow"))
        try:
            assert joined.ask(JOIN, timeout="0.5").slug in ("query-timeout", "partner-failed")
        finally:
            folder.remove("slow")


def test_without_a_query_the_service_describes_itself(joined: Joined) -> None:
    described = joined.served.fetch(PATH, headers={"Accept": "text/turtle"})
    assert "sd:Service" in described.text
    assert PATH in described.text
    page = joined.served.fetch(PATH, headers={"Accept": "text/html"})
    assert f'action="{PATH}"' in page.text


def test_the_document_of_the_interface_has_the_address(joined: Joined) -> None:
    paths = joined.served.fetch("/api/openapi.json").json["paths"]
    names = {parameter["name"] for parameter in paths[PATH]["get"]["parameters"]}
    assert {"query", "sources", "partial", "explain"} <= names
    assert json.dumps(paths[PATH]["post"])


def test_the_command_asks_all_sites_and_explains(joined: Joined, tmp_path: Path) -> None:
    question = tmp_path / "question.rq"
    question.write_text(PREFIXES + JOIN, "utf-8")
    done = subprocess.run(
        [ATLAS_PROGRAM, "query", "--federated", "--explain", "--file", str(question)],
        env=environment(joined.home),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert sorted(done.stdout.splitlines()[1:]) == [
        f"{NANCY},https://schools.example.org/1,https://houses.example.org/a",
        f"{NANCY},https://schools.example.org/2,",
    ]
    assert "OPTIONAL" in done.stderr
    assert re.search(r"schools: [0-9]+ requests, [0-9]+ rows, [0-9,]+ bytes", done.stderr)


def test_explaining_belongs_to_a_federated_query(joined: Joined) -> None:
    done = subprocess.run(
        [ATLAS_PROGRAM, "query", "--explain", "--list"],
        env=environment(joined.home),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert "--federated" in done.stderr


def test_an_atlas_that_asks_its_partners_is_not_answered_by_asking_partners(
    joined: Joined,
) -> None:
    """Two that list each other's /federation/sparql would go on until their time is over."""
    folder = PartnerFolder(joined.home)
    own = f"{joined.served.address}{PATH}"
    try:
        folder.add(Partner("loop", own, addresses=frozenset(["127.0.0.1"])))
        reply = joined.ask("SELECT * { ?s <urn:nobody> ?o }")
        assert (reply.status, reply.slug) == (502, "partner-failed")
        assert "must name /sparql" in reply.json["detail"]
    finally:
        folder.remove("loop")


def test_a_query_whose_time_is_over_is_told_so() -> None:
    """And not that it ran longer than the nothing that was left of its time."""
    with pytest.raises(QueryTimeout, match="time was over before all of it"):
        left(Run(time.monotonic() - 1, 1, 1))
