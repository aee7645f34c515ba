"""A reader's own map: what its address holds, what its file says, and how large it may grow."""

from __future__ import annotations

import base64
import json
import zlib
from hashlib import sha512

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Triple, serialize

from atlas.errors import UsageError
from endpoint.names import Value
from endpoint.web.local import rdf as local_rdf
from endpoint.web.local.map import (
    LONGEST_CODE,
    MOST_THINGS,
    STATUSES,
    Link,
    LocalMap,
    Thing,
    decoded,
    encoded,
)
from endpoint.web.local.picture import picture
from tests.endpoint.serving import Reply, Served

BASE = "https://atlas.example.org"
PRECARITY = f"{BASE}/id/question/precarity"
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
MAP = LocalMap(
    "Friches <b>et</b> jeunes",
    (Thing(PRECARITY), Thing(name="la friche مرحبا", note="vue en réunion"), Thing(name="🏙️")),
    (Link(1, "relatesTo", 0, "possible", "à vérifier"), Link(2, "dependsOn", 1, "missing")),
)


@st.composite
def maps(draw: st.DrawFn) -> LocalMap:
    things = draw(
        st.lists(
            st.one_of(
                st.builds(Thing, iri=st.integers(0, 99).map(lambda n: f"{BASE}/id/x/{n}")),
                st.builds(Thing, name=TEXTS.filter(bool), note=TEXTS),
            ),
            max_size=6,
        )
    )
    places = st.integers(0, max(0, len(things) - 1))
    links = st.builds(
        Link, places, st.sampled_from(["dependsOn", "ignores"]), places, st.sampled_from(STATUSES)
    )
    return LocalMap(
        draw(TEXTS), tuple(things), tuple(draw(st.lists(links, max_size=6))) if things else ()
    )


@given(maps())
def test_an_address_holds_the_whole_map(local: LocalMap) -> None:
    assert decoded(encoded(local)) == local


def triples(local: LocalMap) -> list[Triple]:
    return list(local_rdf.triples(local, BASE, "fr", {}))


@pytest.mark.parametrize("suffix", local_rdf.FORMATS)
def test_a_file_holds_the_whole_map(suffix: str) -> None:
    content = serialize(triples(MAP), format=local_rdf.FORMATS[suffix]) or b""
    read = local_rdf.from_file(content, f"map.{suffix}")
    assert read.title == MAP.title
    assert set(read.things) == set(MAP.things)
    assert sentences(read) == sentences(MAP)


def sentences(local: LocalMap) -> set[tuple[Thing, str, Thing, str, str]]:
    return {
        (local.things[one.source], one.type, local.things[one.target], one.status, one.note)
        for one in local.links
    }


def test_a_thing_taken_off_takes_its_relations_and_leaves_the_others_right() -> None:
    left = MAP.without_thing(0)
    assert sentences(left) == {s for s in sentences(MAP) if Thing(PRECARITY) not in (s[0], s[2])}
    assert MAP.without_link(0).links == MAP.links[1:]


def test_the_same_thing_and_the_same_relation_are_on_it_once() -> None:
    assert MAP.with_thing(Thing(PRECARITY)) == MAP
    again = MAP.with_link(Link(1, "relatesTo", 0, "observed"))
    assert [link.status for link in again.links] == ["missing", "observed"]


def packed(content: object) -> str:
    text = content if isinstance(content, bytes) else json.dumps(content).encode()
    return base64.urlsafe_b64encode(zlib.compress(text)).decode().rstrip("=")


@pytest.mark.parametrize(
    "code",
    [
        "x",
        "é",
        encoded(MAP)[:-9],
        packed(b"no json"),
        packed([]),
        packed(["title", [["", 7, ""]], []]),
        packed(["title", [], [[0, "dependsOn", 0, "possible", ""]]]),
        packed(["title", [["", "a", ""]], [[0, "dependsOn", -1, "possible", ""]]]),
        packed(["title", [["", "a", ""]], [[0, "depends on", 0, "possible", ""]]]),
        packed(["title", [["", "a", ""]], [[0, "dependsOn", 0, "likely", ""]]]),
        packed(["title", [["", "a", ""]] * (MOST_THINGS + 1), []]),
        packed(["t" * 1000, [], []]),
        packed(b"[" * 50_000),
        packed(b" " * 5_000_000),
    ],
)
def test_an_address_that_holds_no_map_is_one_sentence(code: str) -> None:
    with pytest.raises(UsageError):
        decoded(code)


def test_a_map_too_long_for_an_address_says_so() -> None:
    long = LocalMap(things=tuple(Thing(name=sha512(b"%d" % n).hexdigest()) for n in range(60)))
    with pytest.raises(UsageError, match=f"{LONGEST_CODE:,}"):
        encoded(long)


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"", "map.ttl", "holds no map"),
        (b"<a", "map.ttl", "cannot be read"),
        (b"{", "map.jsonld", "cannot be read"),
        (b"x" * 100_000, "map.ttl", "at most 65,536"),
        (
            b"<http://a/b> a <http://www.w3.org/2004/02/skos/core#Collection> ; "
            b"<http://www.w3.org/2004/02/skos/core#member> [] .",
            "map.ttl",
            "neither an IRI",
        ),
        (
            b"<http://a/b> a <http://www.w3.org/2004/02/skos/core#Collection> . <http://a/r> a "
            b"<https://w3id.org/atlas-relationnel/ontology/Relation> .",
            "map.ttl",
            "not one source",
        ),
    ],
)
def test_a_file_that_holds_no_map_is_one_sentence(content: bytes, name: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        local_rdf.from_file(content, name)


def test_the_drawing_has_each_thing_and_relation_once_within_its_frame() -> None:
    names = [Value(thing.name or thing.iri) for thing in MAP.things]
    drawn = picture(names, MAP.links)
    assert [spot.thing for spot in drawn.spots] == names
    assert [chord.number for chord in drawn.chords] == [1, 2]
    for spot in drawn.spots:
        assert abs(spot.x) < drawn.width / 2
        assert abs(spot.y) < drawn.height / 2


HTML = {"Accept": "text/html", "Accept-Language": "en"}
BOUNDARY = "edge"


def opened(served: Served, content: str, *, code: str = "", accept: str = "text/html") -> Reply:
    """What comes of a file sent from the page of a map."""
    body = "".join(
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'
        for name, text in (("m", code), ('file"; filename="map.ttl', content))
    )
    headers = {
        **HTML,
        "Accept": accept,
        "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
    }
    return served.fetch("/local/open", "POST", body=f"{body}--{BOUNDARY}--\r\n", headers=headers)


def test_a_file_that_cannot_be_opened_leaves_the_reader_at_their_map(published: Served) -> None:
    reply = opened(published, "no RDF", code=encoded(MAP))
    assert (reply.status, reply.headers["cache-control"]) == (400, "no-store")
    assert "etag" not in reply.headers
    assert 'role="alert">The file cannot be read as RDF' in reply.text
    assert "la friche" in reply.text
    assert 'type="file"' in reply.text


def test_a_map_that_is_no_map_leads_to_an_empty_one(published: Served) -> None:
    for reply in (
        opened(published, "no RDF", code="x"),
        published.fetch("/local?m=x", headers=HTML),
        published.fetch("/local/change?m=x&do=add&name=a", headers=HTML),
    ):
        assert reply.status == 400
        assert 'role="alert"' in reply.text
        assert 'name="m" value=""' in reply.text


def test_a_program_is_told_what_is_wrong_with_a_map_as_a_problem(published: Served) -> None:
    for reply in (
        opened(published, "no RDF", accept="*/*"),
        published.fetch("/local?m=x"),
        published.fetch("/local/change?do=x"),
    ):
        assert (reply.status, reply.type) == (400, "application/problem+json")


@pytest.mark.parametrize(
    ("title", "name"), [("L’été à Nancy", "l-ete-a-nancy"), ("", "map"), ("مرحبا", "map")]
)
def test_the_file_of_a_map_is_called_by_its_title(published: Served, title: str, name: str) -> None:
    reply = published.fetch(f"/local/map.ttl?m={encoded(LocalMap(title, MAP.things))}")
    assert reply.headers["content-disposition"] == f'attachment; filename="{name}.ttl"'
