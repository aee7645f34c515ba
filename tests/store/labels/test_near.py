"""Names near to what was typed: found where nothing has its words, and never in place of a name."""

from __future__ import annotations

import random
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from store import Generation, Generations, Writer
from store.labels import files
from store.labels.asked import Found, Query
from store.labels.ranking import LITTLE, MOST_NEAR
from store.labels.search import Index
from store.labels.spelling import one_step, steps_between, steps_forgiven, taken_apart
from tests.store.labels.indexed import (
    EX,
    HOSTILE,
    LANGUAGES,
    RDF_TYPE,
    SKOS,
    SWEPT,
    everything,
    find,
    iris,
    linked,
    said,
    world,
)
from tests.store.written_atlas import (
    ATLAS,
    BASE,
    PARTNER,
    asked,
    insert,
    served,
    update,
)

PLACES = (
    "Nancy",
    "Métropole du Grand Nancy",
    "Strasbourg",
    "Montpellier",
    "L’Haÿ-les-Roses",
    "La Rochelle",
    "Aix-en-Provence",
    "Saint-Étienne",
    "Vandœuvre-lès-Nancy",
    "Lay",
    "Paris",
    "gouvernance territoriale",
    "mobilité douce",
)


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Generation:
    text = "".join(said(f"p{number}", name) for number, name in enumerate(PLACES))
    text += said("p0", "54395", prop=f"{SKOS}notation", language="")
    return world(tmp_path_factory.mktemp("places"), text)


def near(generation: Generation, text: str, **more: object) -> list[str]:
    """The names that are offered as near, the nearest first."""
    found = find(generation, text, **more)
    return [hit.label.text for hit in found.near if hit.label]


# How far words are apart.


@pytest.mark.parametrize(
    ("one", "other", "steps"),
    [
        ("nancy", "nancy", 0),
        ("nanyc", "nancy", 1),
        ("strasboug", "strasbourg", 1),
        ("montpelier", "montpellier", 1),
        ("gouvernense", "gouvernance", 2),
        ("etiene", "etienne", 1),
        ("ancyn", "nancy", 2),
        ("ca", "abc", None),
        ("paris", "nancy", None),
        ("", "ab", 2),
    ],
)
def test_a_step_is_a_letter_more_less_other_or_exchanged(
    one: str, other: str, steps: int | None
) -> None:
    assert steps_between(one, other, 2) == steps_between(other, one, 2) == steps


def test_every_text_one_step_away_is_one_step_away_and_there_is_no_other() -> None:
    luck = random.Random(3)
    for _ in range(40):
        word = "".join(luck.choice("abc") for _ in range(luck.randint(1, 6)))
        texts = one_step(word)
        assert all(steps_between(word, text, 1) == 1 for text in texts)
        other = "".join(luck.choice("abc") for _ in range(luck.randint(1, 6)))
        assert (other in texts) == (steps_between(word, other, 1) == 1), (word, other)


def test_short_words_and_numbers_stand_as_they_are_and_long_ones_forgive_more() -> None:
    assert [steps_forgiven(word) for word in ("aix", "54395", "e1", "x" * 31)] == [0, 0, 0, 0]
    assert [steps_forgiven(word) for word in ("lhay", "nanyc", "strasbu")] == [1, 1, 1]
    assert [steps_forgiven(word) for word in ("strasbug", "x" * 30)] == [2, 2]


def test_a_word_is_taken_apart_into_words_the_fewest_first() -> None:
    words = {"aix", "en", "provence", "pro", "vence"}
    ways = taken_apart("aixenprovence", words.__contains__, words.__contains__)
    assert ways == [("aix", "en", "provence"), ("aix", "en", "pro", "vence")]
    assert taken_apart("la" * 15, lambda _: True, lambda _: True)


# What is offered.


@pytest.mark.parametrize(
    ("typed", "name", "steps"),
    [
        ("nanyc", "Nancy", 1),
        ("NANYC", "Nancy", 1),
        ("mancy", "Nancy", 1),
        ("strasboug", "Strasbourg", 1),
        ("trasbourg", "Strasbourg", 1),
        ("strassburg", "Strasbourg", 2),
        ("montpelier", "Montpellier", 1),
        ("gouvernence", "gouvernance territoriale", 1),
        ("gouvernanse teritoriale", "gouvernance territoriale", 2),
        ("mobilitee", "mobilité douce", 1),
        ("grand nanyc", "Métropole du Grand Nancy", 1),
        ("st etiene", "Saint-Étienne", 1),
        ("vandeuvre les nancy", "Vandœuvre-lès-Nancy", 1),
        # Words together and apart.
        ("lhay", "L’Haÿ-les-Roses", 0),
        ("lhaylesroses", "L’Haÿ-les-Roses", 0),
        ("larochelle", "La Rochelle", 0),
        ("aixenprovence", "Aix-en-Provence", 0),
        ("stras bourg", "Strasbourg", 0),
        # Still being typed.
        ("strasbu", "Strasbourg", 2),
        ("larochel", "La Rochelle", 1),
    ],
)
def test_what_is_not_spelt_as_any_name_is_offers_the_nearest(
    places: Generation, typed: str, name: str, steps: int
) -> None:
    found = find(places, typed)
    assert found.hits == ()
    assert found.near
    first = found.near[0]
    assert (first.label and first.label.text, first.steps) == (name, steps)


@pytest.mark.parametrize(
    "typed",
    [
        *("nancy", "la rochelle", "rochelle (la)", "aix en provence", "l'hay les roses"),
        *("54395", "5439", "nan", "st etienne"),
    ],
)
def test_what_is_found_has_nothing_beside_it(places: Generation, typed: str) -> None:
    found = find(places, typed)
    assert found.hits
    assert found.near == ()
    assert {hit.steps for hit in found.hits} == {0}


@pytest.mark.parametrize("typed", ["54396", "aix nanyc", "qsdfqsdf", "xyz", "pariser land", "🙂"])
def test_what_is_near_to_nothing_offers_nothing(places: Generation, typed: str) -> None:
    assert find(places, typed) == Found((), False, {})


def test_the_nearest_come_first_then_as_names_that_are_found_do(tmp_path: Path) -> None:
    generation = world(
        tmp_path,
        said("two", "Montpelards")
        + said("has", "Gare de Montpellier")
        + said("begins", "Montpellier-le-Vieux")
        + said("exact", "Montpellier")
        + said("apart", "Mont Pelier")
        + "".join(linked(f"from{n}", f"{EX}to", f"{EX}has") for n in range(50)),
    )
    order = [hit.iri.removeprefix(EX) for hit in find(generation, "montpelier").near]
    assert order == ["apart", "exact", "begins", "has"]
    assert near(generation, "montpelars") == ["Montpelards"]


def test_a_few_that_only_have_the_words_leave_room_for_what_may_be_meant(tmp_path: Path) -> None:
    text = said("place", "Strasbourg") + said("typed", "Une visite à Strasbour ce soir")
    generation = world(tmp_path, text)
    found = find(generation, "strasbour ce")
    assert [hit.iri for hit in found.hits] == [f"{EX}typed"]
    text += "".join(said(f"more{n}", f"Encore strasbouk {n}") for n in range(LITTLE))
    generation = world(tmp_path / "few", text)
    found = find(generation, "strasbouk")
    assert len(found.hits) == LITTLE
    assert [hit.iri for hit in found.near] == [f"{EX}typed", f"{EX}place"]
    generation = world(tmp_path / "many", text + said("last", "Encore strasbouk"))
    assert find(generation, "strasbouk").near == ()


def test_what_was_found_is_not_near_as_well(tmp_path: Path) -> None:
    generation = world(tmp_path, said("a", "Ville de Nanyc, ou Nancy") + said("b", "Nancy"))
    found = find(generation, "nanyc")
    assert [hit.iri for hit in found.hits] == [f"{EX}a"]
    assert [hit.iri for hit in found.near] == [f"{EX}b"]


def test_what_is_near_is_held_to_the_class_and_to_the_limit(tmp_path: Path) -> None:
    text = "".join(said(f"n{n:02}", f"Strasbourg {n:02}") for n in range(40))
    text += linked("n39", RDF_TYPE, f"{EX}Rare")
    generation = world(tmp_path, text)
    assert len(near(generation, "strasboug", limit=100)) == MOST_NEAR
    assert near(generation, "strasboug", limit=3) == [f"Strasbourg 0{n}" for n in range(3)]
    assert near(generation, "strasboug", type=f"{EX}Rare") == ["Strasbourg 39"]
    assert near(generation, "strasboug", type=f"{ATLAS}Actor") == []


def test_every_name_is_near_to_itself_with_one_letter_wrong(tmp_path: Path) -> None:
    luck = random.Random(17)
    letters = "abcdefghijklmnopqrstuvwxyz"
    names = {"".join(luck.choices(letters, k=luck.randint(4, 12))) for _ in range(300)}
    generation = world(tmp_path, "".join(said(f"x{name}", name) for name in names))
    index = Index(generation)
    try:
        for name in sorted(names):
            typed = luck.choice(sorted(one_step(name)))
            found = index.search(Query(typed, "fr"), LANGUAGES)
            if not found.hits and steps_forgiven(typed):
                assert f"{EX}x{name}" in [hit.iri for hit in found.near], (typed, name)
    finally:
        index.close()


# Nothing that is typed breaks it or takes long.


@pytest.mark.parametrize(
    "typed",
    [
        *HOSTILE,
        *("x" * 300, "la" * 150, "abcdefgh " * 33, "a " * 150, "lade" * 7, "é" * 300),
        *('"^na$"', "^strasboug$", "na*c", "strasboug OR montpelier", "שלוםם", "東京東京東京東京"),
        "communautes gouvernances territoriale experience participation citoyenne",
    ],
)
def test_whatever_is_typed_is_answered(places: Generation, typed: str) -> None:
    assert len(find(places, typed).near) <= MOST_NEAR


def test_other_letters_than_latin_are_near_as_well(tmp_path: Path) -> None:
    generation = world(tmp_path, said("a", "ירושלים") + said("b", "Александрово"))
    assert near(generation, "ירושילם") == ["ירושלים"]
    assert near(generation, "Алексадрво") == ["Александрово"]


# Every way in which an index comes to be.


@pytest.fixture
def home(built: Path, tmp_path: Path) -> Path:
    shutil.copytree(built, tmp_path / "home", symlinks=True, ignore=SWEPT)
    return tmp_path / "home"


@pytest.fixture
def writer(home: Path) -> Writer:
    return Writer(Generations(home), base=BASE, memory_bytes=2 * 1024**3, deadline=60)


def test_what_a_write_brings_is_near_and_what_it_takes_away_is_not(
    writer: Writer, home: Path
) -> None:
    try:
        writer.write(asked(insert(':club a atlas:Actor ; rdfs:label "Association"@fr .')))
        assert near(served(home), "asociatoin") == ["Association"]
        assert near(served(home), "associassion") == ["Association"]
        writer.write(asked(insert(':other a atlas:Actor ; rdfs:label "Associations"@fr .')))
        assert near(served(home), "asociation") == ["Association", "Associations"]
        writer.write(asked(update(f"DROP GRAPH <{PARTNER}>", PARTNER)))
        assert near(served(home), "asociation") == []
    finally:
        writer.close()


def without_words(generation: Generation) -> None:
    """As an index was before words were kept beside it."""
    names = generation.folder / files.FOLDER / files.NAMES
    older = names.with_suffix(".older")
    shutil.copyfile(names, older)
    with closing(sqlite3.connect(older)) as file:
        file.executescript("DROP TABLE word; DROP TABLE trigram;")
    older.replace(names)


def test_an_index_made_before_finds_names_and_offers_none(writer: Writer, home: Path) -> None:
    without_words(served(home))
    assert iris(served(home), "Val")[0] == f"{EX}val"
    assert find(served(home), "municipalitee") == Found((), False, {})
    try:
        writer.write(asked(insert(':club a atlas:Actor ; rdfs:label "Association"@fr .')))
        assert iris(served(home), "association") == [f"{EX}club"]
        assert find(served(home), "asociation") == Found((), False, {})
    finally:
        writer.close()


def test_changes_carried_along_from_before_are_written_whole(writer: Writer, home: Path) -> None:
    try:
        writer.write(asked(insert(':club a atlas:Actor ; rdfs:label "Association"@fr .')))
        without_words(served(home))
        changes = served(home).folder / files.FOLDER / files.CHANGES
        with closing(sqlite3.connect(changes)) as file:
            file.executescript("DROP TABLE word; DROP TABLE trigram;")
        writer.write(asked(insert(':ring a atlas:Actor ; rdfs:label "Cercle"@fr .')))
    finally:
        writer.close()
    assert not (served(home).folder / files.FOLDER / files.CHANGES).exists()
    assert near(served(home), "asociation") == ["Association"]
    assert f"{EX}ring" in everything(served(home).folder)


def test_a_class_is_near_in_each_language(home: Path) -> None:
    typed = {"fr": "comune", "en": "communne", "es": "munisipio"}
    for language, text in typed.items():
        found = find(served(home), text, language)
        assert f"{ATLAS}Commune" in [hit.iri for hit in found.near], text
