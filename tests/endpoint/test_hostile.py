"""Strangers and partners who mean harm: what they may not read, change or keep a server from."""

from __future__ import annotations

import gzip
import time
import timeit
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from atlas.errors import AtlasError, MalformedQuery, Overloaded, TooLarge, UsageError
from atlas.settings import Settings
from endpoint.negotiate import parse_accept, parse_languages
from endpoint.reading.bodies import MEMBERS, Room, unpacked
from endpoint.reading.guard import inspect
from endpoint.writing.updates import MAX_OPERATIONS, split
from endpoint.writing.writes import condition
from store import Operation
from tests.endpoint.serving import Served, serving
from tests.endpoint.test_server import refused
from tests.endpoint.world import ATLAS, BASE, EXAMPLE, TALK, publish_world
from tests.endpoint.writing import PARTNER, Desk, token

SETTINGS = Settings.load({})
SECRET = f"{BASE}/graph/secret"
HIDDEN = "SELECT ?g { GRAPH ?g { <urn:hidden> ?p ?o } }"
N_TRIPLES = {"Accept": "application/n-triples"}


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    publish_world(folder, verified=False)
    return folder


@pytest.fixture(scope="module")
def running(instance: Path) -> Iterator[Served]:
    with serving(instance, ATLAS_WORKERS="2") as served:
        yield served


@pytest.fixture
def partner(running: Served, instance: Path) -> Desk:
    return Desk(running, token(instance, PARTNER, f"{PARTNER}/*"))


def seconds(work: Callable[[], object]) -> float:
    """Of the processor: on a busy machine the clock on the wall says nothing."""
    return min(timeit.repeat(work, timer=time.thread_time, number=1, repeat=3))


def test_what_was_published_as_illustrative_is_so_in_an_older_generation_too(
    running: Served, instance: Path, partner: Desk
) -> None:
    author = Desk(running, token(instance, SECRET, publish="illustrative"))
    reply = author.put(SECRET, '<urn:hidden> <urn:p> "in the making" .')
    older = reply.headers["Atlas-Generation"]
    assert partner.put(PARTNER, "<urn:s> <urn:p> 1 .").status in (201, 204)
    assert running.rows(HIDDEN) == running.rows(HIDDEN, generation=older) == set()
    named = f"SELECT ?s {{ GRAPH <{SECRET}> {{ ?s ?p ?o }} }}"
    assert running.rows(named, generation=older) == {("urn:hidden",)}


def test_no_partner_says_of_other_graphs_what_they_are_in_an_older_generation(
    running: Served, partner: Desk
) -> None:
    claim = f"<{TALK}> <{ATLAS}illustrative> true . <{EXAMPLE}> <{ATLAS}illustrative> false ."
    older = partner.put(PARTNER, claim).headers["Atlas-Generation"]
    assert partner.put(PARTNER, "<urn:s> <urn:p> 2 .").status == 204
    seen = {graph for (graph,) in running.rows("SELECT ?g { GRAPH ?g {} }", generation=older)}
    assert TALK in seen
    assert EXAMPLE not in seen


def test_an_answer_is_kept_under_the_address_as_it_was_sent(partner: Desk) -> None:
    for name in ("a%2Fb", "a/b"):
        put = partner.fetch(
            f"/graph/partner/{name}", "PUT", f"<urn:{name}> a <urn:T> .", content_type="text/turtle"
        )
        assert put.status == 201
    for _ in range(2):
        for name in ("a%2Fb", "a/b"):
            found = partner.served.fetch(f"/graph/partner/{name}", headers=N_TRIPLES)
            assert found.text.startswith(f"<urn:{name}>")


def test_no_partner_verifies_the_licence_of_a_source(tmp_path: Path) -> None:
    publish_world(tmp_path, verified=False)
    with serving(tmp_path, ATLAS_WORKERS="2") as served:
        claim = (
            f'<{TALK}> <{ATLAS}licenceVerified> true ; <http://purl.org/dc/terms/title> "A"@en .'
        )
        assert Desk(served, token(tmp_path, PARTNER)).put(PARTNER, claim).status == 201
    said = refused(tmp_path, "--host", "0.0.0.0", ATLAS_BASE="https://atlas.example.org")
    assert "no verified licence: Exposé" in said


@pytest.mark.parametrize("text", ['"\\' * 400_000, "a/b," * 200_000, '"' + '\\"' * 400_000])
def test_no_header_of_preferences_takes_long(text: str) -> None:
    assert seconds(lambda: parse_accept(text)) < 0.2
    assert seconds(lambda: parse_languages(text)) < 0.2


def test_no_condition_takes_long() -> None:
    def attempt() -> None:
        with pytest.raises(UsageError):
            condition('"1"' + ",  " * 2_000 + "x")

    assert seconds(attempt) < 0.2


@pytest.mark.parametrize(
    "text",
    [
        f"PREFIX p: <http://x/{'a' * 400_000}> SELECT * {{ {'p:a ' * 60_000} }}",
        f"BASE <http://x/{'a/' * 200_000}> SELECT * {{ {'<b>' * 60_000} }}",
    ],
    ids=["prefix", "base"],
)
def test_iris_that_grow_without_bound_are_not_written_out(text: str) -> None:
    def attempt() -> None:
        with pytest.raises(MalformedQuery, match="IRIs have more than"):
            inspect(Operation(text), SETTINGS)

    assert seconds(attempt) < 2


@pytest.mark.parametrize(
    ("prologue", "kind"),
    [
        (f"PREFIX : <http://x/{'a' * 8_000}>", TooLarge),
        (f"PREFIX : <http://x/{'a' * 9_000}>", MalformedQuery),
        (f"BASE <http://x/{'a' * 9_000}>", MalformedQuery),
    ],
)
def test_declarations_that_many_operations_repeat_are_bounded(
    prologue: str, kind: type[AtlasError]
) -> None:
    operations = ";".join(["INSERT DATA { GRAPH :g { :a :b :c } }"] * MAX_OPERATIONS)
    with pytest.raises(kind, match="characters"):
        split(f"{prologue} {operations}", SETTINGS, base="http://example.org/")


def test_a_body_packed_in_many_parts_is_refused_soon() -> None:
    part = gzip.compress(b"")
    assert b"".join(unpacked(iter([part * MEMBERS]))) == b""
    with pytest.raises(UsageError, match="parts"):
        list(unpacked(iter([part * (MEMBERS + 1)])))


def test_what_unpacks_to_nothing_is_bounded_as_it_comes(running: Served) -> None:
    # Empty blocks of deflate: https://www.rfc-editor.org/rfc/rfc1951#section-3.2.4
    endless = gzip.compress(b"")[:10] + b"\x00\x00\x00\xff\xff" * (SETTINGS.body_bytes // 5)
    reply = running.fetch(
        "/sparql",
        "POST",
        body=iter([endless]),  # In chunks: nothing says its length.
        headers={"Content-Type": "application/sparql-query", "Content-Encoding": "gzip"},
    )
    assert reply.status == 413


def test_large_bodies_share_their_room_and_short_ones_need_none() -> None:
    room = Room(100)

    def slow() -> Iterator[bytes]:
        yield b"first"
        yield b"x" * 90
        assert room.whole(iter([b"short"])) == b"short"
        with pytest.raises(Overloaded, match="90 bytes"):
            room.whole(iter([b"first", b"x" * 20]))
        yield b"last"

    assert room.whole(slow()) == b"first" + b"x" * 90 + b"last"
    assert room.taken == 0
