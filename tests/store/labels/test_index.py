"""The index of names: made with each generation, kept in step with writes, asked by anybody."""

from __future__ import annotations

import random
import shutil
from contextlib import suppress
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad, Triple

from atlas.errors import InstanceError, InvalidWrite
from loaders.build import add
from loaders.extra import adding
from loaders.progress import Display
from store import Generation, Generations, LocalEngine, Writer
from store.archives.backup import backup
from store.archives.restore import restore
from store.labels import files
from store.labels.asked import Query
from store.labels.search import Index, NameSearch
from store.labels.things import Classes, one_thing
from store.labels.words import LONGEST_NAME, begins, folded
from store.writing.writer import publish_scratch
from tests.store.labels.indexed import (
    EX,
    HOSTILE,
    LANGUAGES,
    OWL,
    RDF_TYPE,
    RDFS,
    SKOS,
    SWEPT,
    anew,
    everything,
    find,
    iris,
    linked,
    said,
    world,
)
from tests.store.test_backup import quiet
from tests.store.written_atlas import (
    ATLAS,
    BASE,
    GRAPH,
    PARTNER,
    asked,
    body,
    build_atlas,
    delete,
    insert,
    served,
    settings,
    update,
    write_sources,
)

# What counts as the same text.


def test_case_accents_and_signs_are_forgiven() -> None:
    assert folded("Saint-Étienne") == folded("SAINT  ETIENNE") == "saint etienne"
    assert folded("Vandœuvre-lès-Nancy") == folded("vandoeuvre les nancy")
    assert folded("l’école") == folded("L'ECOLE") == "l ecole"
    assert folded("Straße") == "strasse"
    assert folded("Łódź İzmir") == "lodz izmir"
    assert folded("e\u0301cole \u00adco\u00adupée") == "ecole coupee"
    assert folded("*\"'()-_🙂\0") == ""


# What is found.


@pytest.mark.parametrize(
    ("name", "text", "does"),
    [
        ("Santé et environnement", "sante", True),
        ("Santé et environnement", "ENV san", True),
        ("Santé et environnement", "anté", False),
        ("Saint-Étienne", "st etienne", True),
        ("Santé", "santé publique", False),
        ("Santé", "", False),
    ],
)
def test_each_word_begins_a_word_of_the_name_or_it_is_another(
    name: str, text: str, does: bool
) -> None:
    assert begins(name, text) is does


def test_everything_built_is_found_by_name_and_by_code(home: Path) -> None:
    generation = served(home)
    assert iris(generation, "Val")[0] == f"{EX}val"
    assert iris(generation, "01001") == [f"{EX}val"]
    assert iris(generation, "01")[0] == f"{EX}ain"
    assert f"{ATLAS}Commune" in iris(generation, "commune")
    assert f"{ATLAS}Commune" in iris(generation, "municipio", "es")
    (hit,) = find(generation, "01002").hits
    assert (hit.label and hit.label.text, hit.types, hit.within, hit.codes) == (
        "Mont",
        (f"{ATLAS}Commune",),
        f"{EX}ain",
        ("01002",),
    )


def test_apostrophes_and_no_break_spaces_are_forgiven(tmp_path: Path) -> None:
    generation = world(tmp_path, said("a", "droit à l’eau\u00a0: un bien commun"))
    for typed in ("l'eau", "l’eau", "l eau", "droit à l'eau : un bien"):
        assert iris(generation, typed) == [f"{EX}a"], typed


def test_a_class_and_a_place_are_called_by_their_names(home: Path) -> None:
    found = find(served(home), "mont", "es")
    assert found.labels[f"{ATLAS}Commune"].language == "es"
    assert found.labels[f"{EX}ain"].text == "Ain"


def test_what_is_illustrative_is_not_found(home: Path) -> None:
    assert iris(served(home), "dispositif inventé") == []


def test_what_is_published_apart_is_not_found(writer: Writer, home: Path) -> None:
    writer.write(asked(insert(':hidden a atlas:Actor ; rdfs:label "Caché"@fr .'), publish="named"))
    assert iris(served(home), "cache") == []


def test_every_kind_of_name_is_found_and_a_hidden_one_is_not_told(tmp_path: Path) -> None:
    generation = world(
        tmp_path,
        said("a", "eau", prop=f"{SKOS}prefLabel")
        + said("a", "flotte", prop=f"{SKOS}altLabel")
        + said("a", "o", prop=f"{SKOS}hiddenLabel")
        + said("a", "E-1", prop=f"{SKOS}notation", language="")
        + said("b", "Titre", prop="http://purl.org/dc/terms/title")
        + said("c", "Personne", prop="http://xmlns.com/foaf/0.1/name", language=""),
    )
    for text in ("eau", "flotte", "o", "e 1", "e-1"):
        assert iris(generation, text) == [f"{EX}a"], text
    assert iris(generation, "titre") == [f"{EX}b"]
    assert iris(generation, "personne") == [f"{EX}c"]
    (hit,) = find(generation, "o").hits
    assert hit.match is None
    assert hit.label
    assert hit.label.text == "eau"
    (hit,) = find(generation, "flotte").hits
    assert hit.match
    assert hit.match.text == "flotte"


def test_the_beginning_of_each_word_is_enough_in_any_order(tmp_path: Path) -> None:
    generation = world(tmp_path, said("a", "Métropole du Grand Nancy") + said("b", "Nancy"))
    for text in ("m", "metro", "nan gra", "grand nancy", "NANCY métropole du", "gr du"):
        assert f"{EX}a" in iris(generation, text), text
    for text in ("ancy", "metropolis", "nancy lyon"):
        assert iris(generation, text) == [], text


def test_saint_may_be_typed_short_and_a_kind_of_grouping_in_full(tmp_path: Path) -> None:
    generation = world(
        tmp_path,
        said("denis", "Saint-Denis")
        + said("suburb", "Faubourg Saint-Denis")
        + said("andrews", "St Andrews")
        + said("colombe", "Sainte-Colombe")
        + said("stocks", "Stocks")
        + said("grouping", "CC du Pays de Colombey"),
    )
    assert iris(generation, "st denis") == [f"{EX}denis", f"{EX}suburb"]
    assert iris(generation, "ST-DENIS") == [f"{EX}denis", f"{EX}suburb"]
    assert iris(generation, "ste colombe") == [f"{EX}colombe"]
    assert iris(generation, "st andrews") == [f"{EX}andrews"]
    assert f"{EX}denis" not in iris(generation, "st")
    assert iris(generation, "communauté de communes du pays de Colombey") == [f"{EX}grouping"]


def test_a_code_is_found_though_its_digits_are_grouped(tmp_path: Path) -> None:
    generation = world(
        tmp_path,
        said("a", "Nancy") + said("a", "215403957", prop=f"{ATLAS}siren", language=""),
    )
    assert iris(generation, "215 403 957") == iris(generation, "2154") == [f"{EX}a"]


def test_a_search_for_a_class_finds_those_below_it(home: Path) -> None:
    generation = served(home)
    assert iris(generation, "val", type=f"{ATLAS}Commune") == [f"{EX}val"]
    assert f"{EX}val" in iris(generation, "val", type=f"{ATLAS}Territory")
    assert iris(generation, "val", type="http://purl.org/dc/terms/Location") == [f"{EX}val"]
    assert iris(generation, "val", type=f"{ATLAS}Actor") == []
    assert iris(generation, "val", type="https://example.org/no-such-class") == []


# Who comes first.


def test_the_name_itself_then_what_begins_with_it_then_what_has_its_words(tmp_path: Path) -> None:
    generation = world(
        tmp_path,
        said("has", "Droit de l’eau")
        + said("begins", "Eau de pluie")
        + said("exact", "eau")
        + said("code", "EAU", prop=f"{SKOS}notation", language="")
        + said("code", "Bassin")
        + "".join(linked(f"from{n}", f"{EX}to", f"{EX}has") for n in range(50)),
    )
    expected = [f"{EX}{name}" for name in ("exact", "code", "begins", "has")]
    assert iris(generation, "eau") == expected


def test_a_preferred_name_comes_before_another(tmp_path: Path) -> None:
    generation = world(
        tmp_path,
        said("other", "zone", prop=f"{SKOS}altLabel")
        + said("other", "aire", prop=f"{SKOS}prefLabel")
        + said("mine", "zone", prop=f"{SKOS}prefLabel")
        + "".join(linked(f"from{n}", f"{EX}to", f"{EX}other") for n in range(50)),
    )
    assert iris(generation, "zone") == [f"{EX}mine", f"{EX}other"]


def test_the_reader_s_language_comes_first(tmp_path: Path) -> None:
    generation = world(
        tmp_path,
        said("a", "pain", language="en")
        + said("a", "douleur", language="fr")
        + said("b", "pain", language="fr")
        + said("b", "bread", language="en"),
    )
    assert iris(generation, "pain", "fr") == [f"{EX}b", f"{EX}a"]
    assert iris(generation, "pain", "en") == [f"{EX}a", f"{EX}b"]
    assert iris(generation, "pain", "en-GB") == [f"{EX}a", f"{EX}b"]
    labels = [hit.label and hit.label.text for hit in find(generation, "pain", "en").hits]
    assert labels == ["pain", "bread"]


def test_what_much_leads_to_comes_before_what_little_does(tmp_path: Path) -> None:
    generation = world(
        tmp_path,
        said("few", "lieu un")
        + said("many", "lieu deux")
        + "".join(linked(f"from{n}", f"{EX}to", f"{EX}many") for n in range(20)),
    )
    assert iris(generation, "lieu") == [f"{EX}many", f"{EX}few"]


def test_terms_and_large_places_come_before_others(tmp_path: Path) -> None:
    kind = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
    people = '"{}"^^<http://www.w3.org/2001/XMLSchema#integer>'
    generation = world(
        tmp_path,
        said("thing", "place a")
        + said("small", "place b")
        + said("large", "place c")
        + said("term", "place d")
        + linked("small", kind, f"{ATLAS}Territory")
        + linked("large", kind, f"{ATLAS}Territory")
        + linked("term", kind, "http://www.w3.org/2002/07/owl#Class")
        + f"<{EX}small> <{ATLAS}population> {people.format(80)} .\n"
        + f"<{EX}large> <{ATLAS}population> {people.format(80_000)} .\n",
    )
    order = [f"{EX}{name}" for name in ("large", "term", "small", "thing")]
    assert iris(generation, "place") == order


def test_ties_are_always_broken_alike_and_the_limit_is_kept(tmp_path: Path) -> None:
    numbers = list(range(60))
    random.Random(7).shuffle(numbers)
    text = "".join(said(f"n{n:02}", "même nom") for n in numbers)
    generation = world(tmp_path, text)
    assert iris(generation, "meme", limit=100) == [f"{EX}n{n:02}" for n in range(60)]
    few = find(generation, "meme nom", limit=5)
    assert [hit.iri for hit in few.hits] == [f"{EX}n{n:02}" for n in range(5)]
    assert few.more
    assert not find(generation, "meme nom", limit=60).more


def test_the_weightiest_are_ranked_where_there_are_very_many(tmp_path: Path) -> None:
    text = "".join(said(f"n{n:04}", f"rue {n:04}") for n in range(2_000))
    text += "".join(linked(f"from{n}", f"{EX}to", f"{EX}n1999") for n in range(9))
    generation = world(tmp_path, text)
    found = find(generation, "r", limit=3)
    assert found.more
    assert found.hits[0].iri == f"{EX}n1999"
    assert iris(generation, "rue 0777") == [f"{EX}n0777"]


# Nothing that is typed is syntax, and no name is.


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Generation:
    """A generation in which each of these is a name; N-Triples has no NUL in a text."""
    names = (said(f"h{n}", text) for n, text in enumerate(HOSTILE) if text != "\0")
    return world(tmp_path_factory.mktemp("hostile"), "".join(names))


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_whatever_is_typed_is_answered(hostile: Generation, number: int) -> None:
    found = iris(hostile, HOSTILE[number], limit=100)
    if folded(HOSTILE[number]):
        assert f"{EX}h{number}" in found
    else:
        assert found == []


def test_a_very_long_name_is_kept_in_part(tmp_path: Path) -> None:
    generation = world(tmp_path, said("a", "début " + "x" * 10_000 + " fin"))
    (hit,) = find(generation, "debut").hits
    assert hit.label
    assert len(hit.label.text) == LONGEST_NAME
    assert iris(generation, "fin") == []


def test_a_long_title_is_found_whole(tmp_path: Path) -> None:
    words = [f"mot{n}" for n in range(60)]
    generation = world(tmp_path, said("a", " ".join(words)) + said("b", " ".join(words[:-1])))
    assert iris(generation, " ".join(words)) == [f"{EX}a"]
    assert iris(generation, " ".join(reversed(words))) == [f"{EX}a"]


# Every way in which a generation comes to be.


def test_a_write_is_found_and_what_it_takes_away_is_not(writer: Writer, home: Path) -> None:
    before = served(home)
    writer.write(asked(insert(':club a atlas:CivilSocietyActor ; rdfs:label "Club"@fr .')))
    with_club = served(home)
    (hit,) = find(with_club, "club").hits
    assert (hit.iri, hit.types) == (f"{EX}club", (f"{ATLAS}CivilSocietyActor",))
    writer.write(
        asked(delete(':club rdfs:label "Club"@fr .'), insert(':club rdfs:label "Cercle"@fr .'))
    )
    renamed = served(home)
    assert iris(renamed, "club") == []
    assert iris(renamed, "cercle") == [f"{EX}club"]
    writer.write(asked(update(f"DROP GRAPH <{PARTNER}>", PARTNER)))
    assert iris(served(home), "cercle") == []
    # Each generation keeps its own.
    assert iris(with_club, "club") == [f"{EX}club"]
    assert iris(before, "club") == []


def test_what_a_write_says_of_a_thing_that_was_built_is_found(writer: Writer, home: Path) -> None:
    writer.write(asked(insert(f':val <{SKOS}altLabel> "Vallon"@fr .')))
    generation = served(home)
    assert iris(generation, "vallon") == [f"{EX}val"]
    assert iris(generation, "val")[0] == f"{EX}val"
    assert iris(generation, "01001") == [f"{EX}val"]


def test_a_write_shares_the_large_file_with_the_generation_before(
    writer: Writer, home: Path
) -> None:
    first = served(home).folder / files.FOLDER / files.NAMES
    writer.write(asked(insert(':club a atlas:Actor ; rdfs:label "Club"@fr .')))
    second = served(home).folder / files.FOLDER
    assert (second / files.NAMES).samefile(first)
    assert (second / files.CHANGES).exists()
    assert sorted(path.name for path in second.iterdir()) == [files.CHANGES, files.NAMES]


def test_a_write_of_very_much_writes_the_index_whole(
    writer: Writer, home: Path, tmp_path: Path
) -> None:
    first = served(home).folder / files.FOLDER / files.NAMES
    lines = "".join(f':n{n} a atlas:Actor ; rdfs:label "Numéro {n}"@fr .\n' for n in range(1_500))
    writer.write(asked(body(tmp_path, lines)))
    second = served(home).folder / files.FOLDER
    assert not (second / files.NAMES).samefile(first)
    assert not (second / files.CHANGES).exists()
    assert iris(served(home), "numero 1234") == [f"{EX}n1234"]


def test_a_write_that_moves_classes_writes_the_index_whole(writer: Writer, home: Path) -> None:
    writer.write(asked(insert(f':Pond a <{OWL}Class> ; rdfs:label "mare"@fr .')))
    assert iris(served(home), "mare") == [f"{EX}Pond"]
    writer.write(asked(insert(':Pond rdfs:subClassOf :Water . :p a :Pond ; rdfs:label "P"@fr .')))
    generation = served(home)
    assert not (generation.folder / files.FOLDER / files.CHANGES).exists()
    assert iris(generation, "p", type=f"{EX}Water") == [f"{EX}p"]


@pytest.mark.parametrize("seed", range(4))
def test_what_is_carried_along_is_bounded_and_says_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """Forty changes, with smaller numbers for when the index is written whole."""
    monkeypatch.setattr(files, "CARRIED", 6)
    luck, store = random.Random(seed), LocalEngine().store
    store.extend(Quad(*triple) for triple in map(statement, [luck] * 30))
    folder, wholes = anew(store, tmp_path / "0"), 0
    for number in range(1, 41):
        came = {statement(luck) for _ in range(luck.randint(1, 3))}
        went = {quad.triple for quad in luck.sample(list(store), 2)} - came
        store.extend(Quad(*triple) for triple in came)
        for triple in went:
            store.remove(Quad(*triple))
        before, folder = folder, tmp_path / str(number)
        folder.mkdir()
        files.revise(store, before, folder, came | went)
        names = files.FOLDER, files.NAMES
        wholes += not folder.joinpath(*names).samefile(before.joinpath(*names))
        assert everything(folder) == everything(anew(store, tmp_path / "anew")), number
    assert 1 <= wholes < 40


def statement(luck: random.Random) -> Triple:
    thing = NamedNode(f"{EX}n{luck.randint(0, 9)}")
    other = NamedNode(f"{EX}n{luck.randint(0, 9)}")
    name = Literal(f"Nom {luck.randint(0, 3)}", language=luck.choice(LANGUAGES))
    kind = NamedNode(ATLAS + luck.choice(("Commune", "Actor", "Territory")))
    prop, value = luck.choice(
        (
            (f"{RDFS}label", name),
            (f"{SKOS}altLabel", name),
            (f"{SKOS}notation", Literal(str(luck.randint(0, 9)))),
            (f"{ATLAS}population", Literal(luck.randint(0, 9_999))),
            (f"{ATLAS}directlyPartOf", other),
            (f"{EX}points", other),
            (RDF_TYPE, kind),
        )
    )
    return Triple(thing, NamedNode(prop), value)


@pytest.mark.slow
def test_an_index_that_was_kept_in_step_equals_one_written_whole(
    writer: Writer, home: Path, tmp_path: Path
) -> None:
    luck = random.Random(11)
    for _ in range(12):
        with suppress(InvalidWrite):
            writer.write(asked(luck.choice((insert, delete))(some(luck))))
    generation = served(home)
    whole = anew(LocalEngine(generation.store).store, tmp_path / "whole")
    assert everything(generation.folder) == everything(whole)
    kept, made = Index(generation), Index(Generation(generation.number, lockable(whole)))
    try:
        for text in ("a", "val", "nom", "nom 1", "commune", "cl", "le", "01", "autre"):
            for language in LANGUAGES:
                query = Query(text, language, limit=100)
                assert kept.search(query, LANGUAGES) == made.search(query, LANGUAGES), text
    finally:
        kept.close()
        made.close()


def some(luck: random.Random) -> str:
    """A few statements about a few things, new ones and those that were built."""
    things = [":val", ":mont", ":ain", ":n0", ":n1", ":n2", ":n3"]
    lines = []
    for _ in range(luck.randint(1, 6)):
        thing, other = luck.choice(things), luck.choice(things)
        lines.append(
            luck.choice(
                (
                    f'{thing} rdfs:label "Nom {luck.randint(0, 2)}"@{luck.choice(LANGUAGES)} .',
                    f'{thing} <{SKOS}altLabel> "Autre {luck.randint(0, 2)}"@fr .',
                    f'{thing} <{SKOS}notation> "{luck.randint(0, 2)}" .',
                    f"{thing} <{EX}points> {other} .",
                    f"{luck.choice(things[3:])} a atlas:CivilSocietyActor .",
                    f"{luck.choice(things[3:])} a atlas:Actor ; atlas:actsIn :val .",
                )
            )
        )
    return "\n".join(lines)


def lockable(folder: Path) -> Path:
    (folder / "lock").touch()
    return folder


def test_one_thing_is_read_as_it_is_among_all(home: Path, tmp_path: Path) -> None:
    generation = served(home)
    store = LocalEngine(generation.store).store
    classes, whole = Classes.of(store), everything(generation.folder)
    assert len(whole) > 200
    for iri, thing in whole.items():
        assert one_thing(store, classes, NamedNode(iri)) == thing


def test_a_rollback_serves_the_index_of_that_generation(writer: Writer, home: Path) -> None:
    search = NameSearch()
    writer.write(asked(insert(':club a atlas:Actor ; rdfs:label "Club"@fr .')))
    query = Query("club", "fr")
    assert search.search(served(home), query, LANGUAGES).hits
    Generations(home).rollback(1)
    assert not search.search(served(home), query, LANGUAGES).hits
    search.close()


def test_a_source_that_is_loaded_is_found(tmp_path: Path) -> None:
    write_sources(tmp_path / "sources")
    build_atlas(tmp_path / "home")
    file = tmp_path / "talk.ttl"
    file.write_text(f'<{EX}talk> <{RDFS}label> "Conférence"@fr .\n', "utf-8")
    here = settings(tmp_path / "home")
    with (
        adding([file], here, name="talk", syntax="", publish="default", licence="") as source,
        Display() as display,
    ):
        add(here, source, display=display)
    assert iris(served(tmp_path / "home"), "conference") == [f"{EX}talk"]
    assert iris(served(tmp_path / "home"), "val")[0] == f"{EX}val"
    build_atlas(tmp_path / "home", force=True)
    assert iris(served(tmp_path / "home"), "val")[0] == f"{EX}val"


def test_a_backup_brings_the_index_back(writer: Writer, home: Path, tmp_path: Path) -> None:
    writer.write(asked(insert(':club a atlas:Actor ; rdfs:label "Club"@fr .')))
    archive = tmp_path / "atlas.tar"
    backup(home, served(home), archive, quiet)
    restored = restore(Generations(tmp_path / "other"), archive, quiet).generation
    assert iris(restored, "club") == [f"{EX}club"]
    assert everything(restored.folder) == everything(served(home).folder)


def test_a_backup_without_an_index_is_given_one(home: Path, tmp_path: Path) -> None:
    old = tmp_path / "old"
    shutil.copytree(home, old, symlinks=True, ignore=SWEPT)
    shutil.rmtree(served(old).folder / files.FOLDER)
    archive = tmp_path / "atlas.tar"
    backup(old, served(old), archive, quiet)
    restored = restore(Generations(tmp_path / "other"), archive, quiet).generation
    assert iris(restored, "val")[0] == f"{EX}val"


def test_a_generation_without_an_index_says_so_and_the_next_write_makes_one(
    home: Path, tmp_path: Path
) -> None:
    old = tmp_path / "old"
    shutil.copytree(home, old, symlinks=True, ignore=SWEPT)
    shutil.rmtree(served(old).folder / files.FOLDER)
    with pytest.raises(InstanceError, match="has no index of names"):
        find(served(old), "val")
    writer = Writer(Generations(old), base=BASE, memory_bytes=2 * 1024**3, deadline=60)
    try:
        writer.write(asked(insert(':club a atlas:Actor ; rdfs:label "Club"@fr .')))
    finally:
        writer.close()
    assert iris(served(old), "val")[0] == f"{EX}val"


def test_a_scratch_generation_has_none(tmp_path: Path) -> None:
    generation = publish_scratch(Generations(tmp_path))
    assert not (generation.folder / files.FOLDER).exists()


@pytest.mark.parametrize("content", [b"", b"not a database", b"SQLite format 3\0" + b"\xff" * 5000])
def test_an_index_that_cannot_be_read_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    generation = world(tmp_path, said("a", "eau"))
    (generation.folder / files.FOLDER / files.NAMES).write_bytes(content)
    with pytest.raises(InstanceError, match="has no index of names"):
        find(generation, "eau")


def test_an_index_stays_open_until_another_generation_is_asked(tmp_path: Path) -> None:
    generations = Generations(tmp_path / "home", keep=1)
    search = NameSearch()
    for name in ("eau", "feu", "air"):
        last = world(tmp_path, said("a", name))
        assert [hit.iri for hit in search.search(last, Query(name, "fr"), LANGUAGES).hits]
        assert generations.prune() is not None
        opened = open_files()
        assert sum(f"{last.number:06d}" in path for path in opened) >= 1
        assert not any("deleted" in path for path in opened)
    search.close()
    assert not any(files.NAMES in path for path in open_files())


def open_files() -> list[str]:
    """The files of an index that this process has open."""
    found = []
    for entry in Path("/proc/self/fd").iterdir():
        with suppress(OSError):
            target = str(entry.readlink())
            if files.NAMES in target or files.CHANGES in target:
                found.append(target)
    return found


def test_a_generation_that_is_gone_is_one_sentence(tmp_path: Path) -> None:
    generation = world(tmp_path, said("a", "eau"))
    shutil.rmtree(generation.folder)
    with pytest.raises(InstanceError, match="no longer kept"):
        find(generation, "eau")


def test_names_in_other_graphs_alone_are_not_found(writer: Writer, home: Path) -> None:
    apart = f"{GRAPH}apart"
    statement = ':apart a atlas:Actor ; rdfs:label "Apart"@fr .'
    writer.write(asked(insert(statement, apart), publish="named"))
    assert iris(served(home), "apart") == []
    writer.write(asked(insert(statement)))
    assert iris(served(home), "apart") == [f"{EX}apart"]


def test_a_write_makes_an_index_anew_that_cannot_be_read(home: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(home, broken, symlinks=True, ignore=SWEPT)
    names = served(broken).folder / files.FOLDER / files.NAMES
    names.unlink()
    names.write_bytes(b"no index" * 1_000)
    other = Writer(Generations(broken), base=BASE, memory_bytes=2 * 1024**3, deadline=60)
    try:
        other.write(asked(insert(':club a atlas:Actor ; rdfs:label "Club"@fr .')))
    finally:
        other.close()
    assert iris(served(broken), "club") == [f"{EX}club"]
    assert iris(served(broken), "val")[0] == f"{EX}val"


def test_many_things_of_one_name_are_bounded_and_found_by_their_class(tmp_path: Path) -> None:
    text = "".join(said(f"n{n:04}", "même nom") for n in range(6_000))
    generation = world(tmp_path, text + linked("n5999", RDF_TYPE, f"{ATLAS}Scheme"))
    assert iris(generation, "meme nom")[0] == f"{EX}n5999"
    assert iris(generation, "meme nom", type=f"{ATLAS}Scheme") == [f"{EX}n5999"]
