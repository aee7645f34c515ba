"""``atlas build``, ``load`` and ``validate`` as they are called."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from pyoxigraph import NamedNode, RdfFormat, parse

from atlas.errors import AtlasError, InstanceError, InvalidData, MalformedSource, UsageError
from loaders import extra
from loaders.commands import build, load, validate
from store import Generation, Generations, LocalEngine

BASE = "https://example.org/atlas"
DOCUMENT = ':paper a atlas:Document ; <http://purl.org/dc/terms/title> "Propos"@fr .'
INVALID = ":x a atlas:Commune, atlas:Municipality ."
Call = Callable[..., Result]
WriteTurtle = Callable[[str, str], Path]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def call(home: Path, small_sources: Path, monkeypatch: pytest.MonkeyPatch) -> Call:
    """Call a command on an instance of its own; an error of ours is raised to the test."""
    monkeypatch.setattr(extra, "SOURCES", small_sources)
    environment = {"ATLAS_HOME": str(home), "ATLAS_BASE": BASE, "ATLAS_DATA": ""}

    def call(command: object, *arguments: object) -> Result:
        texts = [str(argument) for argument in arguments]
        result = CliRunner(env=environment).invoke(command, texts)
        if isinstance(result.exception, AtlasError):
            raise result.exception
        return result

    return call


def served(home: Path) -> Generation:
    generation = Generations(home).current()
    assert generation
    return generation


def graphs(home: Path) -> dict[str, dict[str, object]]:
    return {graph["name"]: graph for graph in served(home).record["graphs"]}


def knows(home: Path, name: str) -> bool:
    """Whether the default graph says something of https://example.org/{name}."""
    return LocalEngine(served(home).store).ask(f"ASK {{ <https://example.org/{name}> ?p ?o }}")


def test_build_ends_with_a_table_and_what_is_served(call: Call) -> None:
    result = call(build)
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert [line for line in lines if line.split()[:2] == ["map", "8"]]
    assert "Generation 1 is served" in lines[-1]
    assert "MiB" in lines[-1]


def test_build_again_says_that_nothing_has_changed(call: Call) -> None:
    call(build)
    assert "Nothing has changed since generation 1" in call(build).output
    assert "Generation 2 is served" in call(build, "--force").output


def test_a_file_is_loaded_into_a_graph_of_its_own_beside_the_others(
    call: Call, home: Path, write_turtle: WriteTurtle
) -> None:
    call(build)
    before = graphs(home)
    result = call(load, write_turtle("papers.ttl", DOCUMENT), "--graph", "papers")
    assert result.exit_code == 0, result.output
    after = graphs(home)
    assert after.keys() - before.keys() == {"papers"}
    for name in ("map", "notes", "shared"):
        assert after[name]["triples"] == before[name]["triples"]
    engine = LocalEngine(served(home).store)
    ask = "ASK { <https://example.org/paper> ?p ?o }"
    assert engine.ask(ask)
    assert engine.ask(ask, default_graphs=[f"{BASE}/graph/papers"])


def test_loading_again_replaces_the_graph_whole(
    call: Call, home: Path, write_turtle: WriteTurtle
) -> None:
    call(build)
    call(load, write_turtle("papers.ttl", DOCUMENT), "--graph", "papers")
    call(load, write_turtle("papers.ttl", DOCUMENT.replace(":paper", ":book")), "--graph", "papers")
    assert knows(home, "book")
    assert not knows(home, "paper")
    assert len(list((home / "loaded" / "papers").iterdir())) == 1


def test_a_later_build_keeps_what_was_loaded(
    call: Call, home: Path, write_turtle: WriteTurtle
) -> None:
    call(build)
    path = write_turtle("papers.ttl", DOCUMENT)
    call(load, path, "--graph", "papers")
    path.unlink()
    assert "Nothing has changed since generation 2" in call(build).output
    call(build, "--force")
    assert knows(home, "paper")


def test_a_load_keeps_the_sources_that_are_no_longer_there(
    call: Call, home: Path, small_sources: Path, write_turtle: WriteTurtle
) -> None:
    path = 'path = "notes.ttl"'
    text = small_sources.read_text("utf-8")
    assert path in text
    small_sources.write_text(text.replace(path, f'{path}\naddress = "https://example.org/n"'))
    call(build)
    before = graphs(home)["notes"]
    (small_sources.parent / "notes.ttl").unlink()
    call(load, write_turtle("papers.ttl", DOCUMENT), "--graph", "papers")
    assert knows(home, "note")
    assert before["source"] == "https://example.org/n"
    assert graphs(home)["notes"] == before


def test_a_file_that_the_shapes_refuse_changes_nothing(
    call: Call, home: Path, write_turtle: WriteTurtle
) -> None:
    call(build)
    call(load, write_turtle("papers.ttl", DOCUMENT), "--graph", "papers")
    number = served(home).number
    with pytest.raises(InvalidData):
        call(load, write_turtle("wrong.ttl", INVALID), "--graph", "papers")
    assert served(home).number == number
    assert "Nothing has changed" in call(build).output
    assert knows(home, "paper")


def test_a_file_that_is_broken_changes_nothing(
    call: Call, home: Path, write_turtle: WriteTurtle
) -> None:
    call(build)
    with pytest.raises(MalformedSource):
        call(load, write_turtle("broken.ttl", ":a :b"), "--graph", "papers")
    assert served(home).number == 1
    assert not (home / extra.FILE).exists()
    assert not list((home / "loaded").glob("*/*"))


def test_an_illustrative_graph_is_served_apart(
    call: Call, home: Path, write_turtle: WriteTurtle
) -> None:
    call(build)
    path = write_turtle("papers.ttl", DOCUMENT)
    call(load, path, "--graph", "papers", "--publish", "illustrative")
    assert not knows(home, "paper")
    assert graphs(home)["papers"]["publish"] == "illustrative"


def test_a_folder_is_loaded_file_by_file(
    call: Call, home: Path, tmp_path: Path, write_turtle: WriteTurtle
) -> None:
    folder = tmp_path / "papers"
    folder.mkdir()
    write_turtle("a.ttl", DOCUMENT).rename(folder / "a.ttl")
    line = "<https://example.org/book> <https://example.org/p> <https://example.org/paper> .\n"
    (folder / "b.nt").write_text(line, encoding="utf-8")
    (folder / "read-me.txt").write_text("Not RDF", encoding="utf-8")
    assert call(load, folder, "--graph", "papers").exit_code == 0
    assert knows(home, "paper")
    assert knows(home, "book")


def test_the_licence_that_the_operator_states_is_the_graph_s(
    call: Call, home: Path, write_turtle: WriteTurtle
) -> None:
    licence = "https://creativecommons.org/licenses/by/4.0/"
    path = write_turtle("papers.ttl", DOCUMENT)
    call(load, path, "--graph", "papers")
    assert graphs(home)["papers"]["licence_verified"] is False
    call(load, path, "--graph", "papers", "--licence", licence)
    stated = graphs(home)["papers"]
    assert (stated["licence"], stated["licence_verified"]) == (licence, True)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--graph", "map"], "'map' is a source of the build"),
        (["--graph", "inferred"], "a graph of the build's own"),
        (["--graph", "Papers!"], "lower-case words joined by hyphens"),
        (["--graph", "../../elsewhere"], "lower-case words joined by hyphens"),
        (["--graph", "papers", "--licence", "CC BY"], "give the licence's address"),
    ],
)
def test_a_call_that_cannot_be_met_is_one_sentence_and_writes_nothing(
    call: Call, write_turtle: WriteTurtle, home: Path, arguments: list[str], message: str
) -> None:
    path = write_turtle("papers.ttl", DOCUMENT)
    before = set(home.parent.rglob("*"))
    with pytest.raises(UsageError, match=message):
        call(load, path, *arguments)
    assert set(home.parent.rglob("*")) == before


@pytest.mark.parametrize("command", [build, load])
def test_a_home_that_cannot_be_written_is_one_sentence(
    call: Call, home: Path, write_turtle: WriteTurtle, command: object
) -> None:
    home.touch()  # A file where the folder should be: no user may make a folder there.
    path = write_turtle("papers.ttl", DOCUMENT)
    arguments = [path, "--graph", "papers"] if command is load else []
    with pytest.raises(InstanceError, match="it is not a folder; set ATLAS_HOME to one"):
        call(command, *arguments)


def test_a_file_whose_name_says_no_syntax_needs_one(
    call: Call, home: Path, write_turtle: WriteTurtle
) -> None:
    path = write_turtle("papers.data", DOCUMENT)
    with pytest.raises(UsageError, match=r"says no RDF syntax; give it with --format"):
        call(load, path, "--graph", "papers")
    call(load, path, "--graph", "papers", "--format", "ttl")
    assert knows(home, "paper")


def test_files_are_validated_without_being_published(
    call: Call, home: Path, write_turtle: WriteTurtle
) -> None:
    valid = call(validate, write_turtle("papers.ttl", DOCUMENT))
    assert valid.exit_code == 0, valid.output
    invalid = call(validate, write_turtle("wrong.ttl", INVALID), "--lang", "fr")
    assert invalid.exit_code == 1
    assert "Un lieu n’est pas un acteur" in invalid.output
    assert not home.exists()


def test_a_validation_may_be_had_as_turtle(call: Call, write_turtle: WriteTurtle) -> None:
    result = call(validate, write_turtle("wrong.ttl", INVALID), "--format", "turtle")
    assert result.exit_code == 1
    objects = {quad.object for quad in parse(result.stdout, format=RdfFormat.TURTLE)}
    assert NamedNode("http://www.w3.org/ns/shacl#Violation") in objects


def test_a_literal_is_validated_as_it_is_written(call: Call, write_turtle: WriteTurtle) -> None:
    text = """:x a atlas:Commune ; rdfs:label "X"@fr ; atlas:recordedIn "2026"^^xsd:gYear ;
        <http://rdf.insee.fr/def/geo#codeINSEE> "01001" ; atlas:population {} ."""
    good = call(validate, write_turtle("a.ttl", text.format('"5"^^xsd:integer')))
    wrong = call(validate, write_turtle("b.ttl", text.format('"5"^^xsd:int')))
    assert (good.exit_code, wrong.exit_code) == (0, 1)


def test_a_generation_may_be_validated_again(call: Call) -> None:
    with pytest.raises(InstanceError, match="run atlas build"):
        call(validate)
    call(build)
    assert call(validate).exit_code == 0
    assert call(validate, "--generation", "1").exit_code == 0


def test_what_was_loaded_is_a_source_like_any_other(
    call: Call, home: Path, write_turtle: WriteTurtle
) -> None:
    call(load, write_turtle('quoted "name".ttl', DOCUMENT), "--graph", "papers")
    text = (home / extra.FILE).read_text(encoding="utf-8")
    assert '"Graphe chargé\N{NO-BREAK SPACE}: papers"' in text
    assert call(build).exit_code == 0
    assert knows(home, "paper")
