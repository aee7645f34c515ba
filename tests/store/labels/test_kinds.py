"""What is found, counted by class: as many as a search finds that is held to the class."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from store import Generation, Writer
from store.labels.asked import Query
from store.labels.kinds import ANY, COUNTED, kinds
from store.labels.search import Index
from tests.store.labels.indexed import (
    EX,
    OWL,
    RDF_TYPE,
    RDFS,
    SKOS,
    iris,
    linked,
    said,
    world,
)
from tests.store.written_atlas import ATLAS, asked, delete, insert, served


def counted(generation: Generation, text: str) -> dict[str, int] | None:
    with closing(Index(generation)) as index:
        return kinds(index, Query(text, "fr"))


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Generation:
    """Two towns, of which one is a port too, a river, and a concept with a code of digits."""
    town, port, place = (f"{EX}{name}" for name in ("Town", "Port", "Place"))
    return world(
        tmp_path_factory.mktemp("kinds"),
        "".join(linked(name, RDF_TYPE, f"{OWL}Class") for name in ("Town", "Port", "Place"))
        + linked("Town", f"{RDFS}subClassOf", place)
        + linked("Port", f"{RDFS}subClassOf", place)
        + "".join(
            said(thing, f"Val {thing}") + "".join(linked(thing, RDF_TYPE, kind) for kind in types)
            for thing, types in {"a": [town], "b": [town, port], "c": [place], "d": []}.items()
        )
        + said("a", "Val d’autrefois", prop=f"{SKOS}altLabel")
        + said("e", "12345", prop=f"{SKOS}notation", language=""),
    )


def test_each_thing_counts_once_and_under_every_class_that_finds_it(small: Generation) -> None:
    counts = counted(small, "val")
    assert counts is not None
    assert counts[ANY] == 4
    for name, count in counts.items():
        assert count == len(iris(small, "val", type=name or None)), name
    assert counts[f"{EX}Place"] == 3


def test_a_code_in_groups_of_digits_counts(small: Generation) -> None:
    assert counted(small, "12 345") == {ANY: 1}
    assert counted(small, "nothing") == {ANY: 0}


def test_what_is_typed_short_counts_with_what_is_written_out(tmp_path: Path) -> None:
    generation = world(tmp_path, said("denis", "Saint-Denis") + said("place", "St Denis Square"))
    assert counted(generation, "st denis") == {ANY: len(iris(generation, "st denis"))} == {ANY: 2}


def test_what_a_write_changes_is_counted_as_it_is_now(writer: Writer, home: Path) -> None:
    club = f"{ATLAS}CivilSocietyActor"
    writer.write(asked(insert(':club a atlas:CivilSocietyActor ; rdfs:label "Club"@fr .')))
    assert counted(served(home), "club") == {ANY: 1, club: 1}
    writer.write(asked(delete(':club rdfs:label "Club"@fr .')))
    assert counted(served(home), "club") == {ANY: 0}


def test_too_much_is_not_counted(tmp_path: Path) -> None:
    many = "".join(said(f"n{n}", f"lieu {n}") for n in range(COUNTED + 1))
    generation = world(tmp_path, many)
    assert counted(generation, "lieu") is None
    assert counted(generation, "lieu 7") is not None
    assert counted(generation, " ".join(f"mot{n}" for n in range(20))) is None
    assert counted(generation, "…") is None
