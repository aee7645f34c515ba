"""``/api/partners`` over HTTP: what everybody may know of the sites that this atlas asks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import jsonschema_rs
import pytest

from federation.partner import Limits, Partner
from federation.sites.partners import PartnerFolder
from federation.sites.summaries import COUNTED, PredicateSummary, Summary
from tests.endpoint.serving import Served, serving
from tests.endpoint.world import publish_world

PUBLIC = Partner(
    "public-site",
    endpoint="https://site.example/sparql",
    names=("https://site.example/service",),
    title={"fr": "Un site", "en": "A site"},
    homepage="https://site.example/",
    licence="https://creativecommons.org/licenses/by/4.0/",
    uses=frozenset({"service", "federation"}),
    sends="iris",
    limits=Limits(seconds=5, rows=10),
)
INNER = Partner(
    "inner-site",
    endpoint="http://10.11.12.13:3030/ds",
    dump="http://triples.inner.example/all.ttl",
    homepage="http://10.11.12.13/",
    addresses=frozenset({"10.11.12.13", "fd00::7"}),
)
SUMMARY = Summary(
    datetime(2026, 11, 29, 12, tzinfo=UTC),
    triples=12,
    predicates={
        "http://p.example/a": PredicateSummary(12, frozenset({"http://10.11.12.13"})),
        "http://p.example/b": PredicateSummary(),
    },
    classes={"http://c.example/C": 3},
    complete=True,
    source=COUNTED,
)
CHECKED = {
    "at": "2026-11-29T12:00:00+00:00",
    "failed": "",
    "latency": 0.004,
    "source": COUNTED,
    "triples": 12,
    "complete": True,
    "changes": [{"text": "1 class new: http://c.example/C.", "bad": False}],
    "remarks": [],
}
FAILED = {"at": "2026-11-29T13:00:00+00:00", "failed": "It is at 10.11.12.13, refused."}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("partners")


@pytest.fixture(scope="module")
def served(home: Path) -> Iterator[Served]:
    publish_world(home)
    folder = PartnerFolder(home)
    for partner in (PUBLIC, INNER):
        folder.add(partner)
        folder.remember(partner.name, CHECKED)
        folder.remember(partner.name, FAILED)
        folder.keep_summary(partner.name, SUMMARY)
    (folder.folder / "broken.ttl").write_text("secret of 10.11.12.13")
    with serving(home, ATLAS_WORKERS="1") as server:
        yield server


def test_every_partner_is_listed_with_its_entry_and_state(served: Served) -> None:
    reply = served.fetch("/api/partners")
    assert (reply.status, reply.type) == (200, "application/json")
    assert [row["name"] for row in reply.json] == ["inner-site", "public-site"]
    row = reply.json[1]
    assert row["endpoint"] == PUBLIC.endpoint
    assert row["title"] == PUBLIC.title
    assert row["uses"] == ["federation", "service"]
    assert row["limits"] == {"seconds": 5.0, "bytes": 20971520, "rows": 10, "bindings": 500}
    assert row["breaker"] == "closed"
    assert row["checked"]["failed"] is True
    assert row["summary"]["triples"] == 12
    assert row["url"] == f"{served.address}/api/partners/public-site"


def test_one_partner_tells_what_it_holds_and_its_history(served: Served) -> None:
    reply = served.fetch("/api/partners/public-site")
    assert reply.json["predicates"] == {"http://p.example/a": 12, "http://p.example/b": None}
    assert reply.json["classes"] == {"http://c.example/C": 3}
    assert [row["failed"] for row in reply.json["history"]] == [True, False]
    assert reply.json["history"][1]["changes"] == CHECKED["changes"]


@pytest.mark.parametrize("path", ["", "/inner-site", "/public-site", "/broken", "/nobody"])
def test_nobody_is_told_a_private_address(served: Served, home: Path, path: str) -> None:
    reply = served.fetch(f"/api/partners{path}")
    for private in ("10.11.12.13", "fd00::7", "inner.example", str(home)):
        assert private not in reply.text


@pytest.mark.parametrize("name", ["nobody", "broken", "..%2Fx", "%00"])
def test_who_is_no_partner_is_not_found(served: Served, name: str) -> None:
    reply = served.fetch(f"/api/partners/{name}")
    assert (reply.status, reply.slug) == (404, "not-found")


def test_it_is_as_the_interface_s_description_has_it(served: Served) -> None:
    document = served.fetch("/api/openapi.json").json
    schema = {"$ref": "#/components/schemas/Partner", "components": document["components"]}
    for row in (*served.fetch("/api/partners").json, served.fetch("/api/partners/inner-site").json):
        jsonschema_rs.validate(schema, row)


def test_it_is_sent_again_only_once_it_has_changed(served: Served, home: Path) -> None:
    first = served.fetch("/api/partners")
    held = {"If-None-Match": first.headers["ETag"]}
    assert first.headers["Cache-Control"] == "public, no-cache"
    assert first.headers["Access-Control-Allow-Origin"] == "*"
    assert served.fetch("/api/partners", headers=held).status == 304
    PartnerFolder(home).remember("public-site", CHECKED)
    again = served.fetch("/api/partners", headers=held)
    assert again.status == 200
    assert json.loads(again.body)[1]["checked"]["failed"] is False


def test_a_partner_added_or_removed_is_seen_by_the_running_server(
    served: Served, home: Path
) -> None:
    folder = PartnerFolder(home)
    folder.add(Partner("new-site", endpoint="https://new.example/sparql"))
    assert served.fetch("/api/partners/new-site").json["checked"] is None
    folder.remove("new-site")
    assert served.fetch("/api/partners/new-site").status == 404


def test_an_atlas_without_partners_says_so(tmp_path: Path) -> None:
    publish_world(tmp_path)
    with serving(tmp_path, ATLAS_WORKERS="1") as server:
        assert server.fetch("/api/partners").json == []
