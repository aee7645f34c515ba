"""``atlas link`` as it is called: proposals in files, decisions by a person, a graph of its own."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from pyoxigraph import RdfFormat, parse

from atlas.errors import AtlasError, MalformedSource, UnknownName, UsageError
from federation.partner import Partner
from federation.sites.partners import PartnerFolder
from loaders import extra
from loaders.commands import build, load
from loaders.harvests.commands import harvest
from loaders.linking.commands import link
from store import Generation, Generations, LocalEngine

BASE = "https://example.org/atlas"
CLOSE = "<http://www.w3.org/2004/02/skos/core#closeMatch>"
PREFIXES = """@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix : <https://{}.example/> .
"""
OURS = """:water skos:prefLabel "eau"@fr , "water"@en . :air skos:prefLabel "air"@fr , "air"@en .
:noise skos:prefLabel "bruit"@fr . :soil skos:prefLabel "sol"@fr , "soil"@en ."""
THEIRS = """:1 skos:prefLabel "Eau"@fr , "Water"@en . :2 skos:prefLabel "Air"@fr , "Air"@en .
:3 skos:prefLabel "=cmd"@fr , "soil"@en ."""
PARTNER = Partner("site", dump="https://site.example/dump.ttl", uses=frozenset({"harvest"}))
LONG = "x" * 300_000
ODD = f""":1 skos:prefLabel "bruit"@fr , "{LONG}"@en . :{LONG} skos:prefLabel "bruit"@fr .
:2 skos:prefLabel "\\u001B[31m\\neau"@fr , "\\u202Ewater"@en ; skos:altLabel "-eau"@fr ."""
Call = Callable[..., Result]


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """No source but the ontology, and the files of two thesauri; the folder."""
    folder = tmp_path_factory.mktemp("sources")
    (folder / "sources.toml").write_text("")
    for name, turtle in (("ours", OURS), ("theirs", THEIRS)):
        (folder / f"{name}.ttl").write_text(PREFIXES.format(name) + turtle, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(extra, "SOURCES", folder / "sources.toml")
        yield folder


@pytest.fixture(scope="module")
def loaded(sources: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An instance that holds the two thesauri, made once and copied for each test."""
    home = tmp_path_factory.mktemp("loaded") / "home"
    for name in ("ours", "theirs"):
        calling(home)(load, sources / f"{name}.ttl", "--graph", name)
    return home


@pytest.fixture
def home(loaded: Path, tmp_path: Path) -> Path:
    return shutil.copytree(loaded, tmp_path / "home")


@pytest.fixture
def call(home: Path) -> Call:
    return calling(home)


@pytest.fixture
def linked(call: Call, home: Path) -> Path:
    """What is proposed of the two thesauri is written; the file."""
    call(link, "ours", "theirs")
    return home / "links" / "ours--theirs.csv"


def calling(home: Path) -> Call:
    """Call a command on that instance; an error of ours is raised to the test."""
    environment = {"ATLAS_HOME": str(home), "ATLAS_BASE": BASE}

    def call(command: object, *arguments: object) -> Result:
        texts = [str(argument) for argument in arguments]
        result = CliRunner(env=environment).invoke(command, texts)
        if isinstance(result.exception, AtlasError):
            raise result.exception
        assert result.exit_code == 0, result.output
        return result

    return call


def served(home: Path) -> Generation:
    generation = Generations(home).current()
    assert generation
    return generation


def graphs(home: Path) -> dict[str, dict[str, object]]:
    return {graph["name"]: graph for graph in served(home).record["graphs"]}


def matched(home: Path, graph: str = "") -> set[tuple[str, str]]:
    """The close matches of our keywords, in the default graph or in the one of that name."""
    where = f"GRAPH <{BASE}/graph/{graph}> {{ ?s {CLOSE} ?o }}" if graph else f"?s {CLOSE} ?o"
    found = LocalEngine(served(home).store).solutions(f"SELECT ?s ?o WHERE {{ {where} }}")
    pairs = {(str(row["s"])[1:-1], str(row["o"])[1:-1]) for row in found}
    return {pair for pair in pairs if pair[0].startswith("https://ours.")}


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def decide(path: Path, *, delimiter: str = ",", encoding: str = "utf-8", **decisions: str) -> Path:
    """The file with decisions by the last part of the subject's IRI, as a spreadsheet saves it."""
    records = rows(path)
    for record in records:
        record["decision"] = decisions.get(record["subject"].rpartition("/")[2], record["decision"])
    with path.open("w", encoding=encoding, newline="") as stream:
        writer = csv.DictWriter(stream, list(records[0]), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(records)
    return path


def test_proposals_are_written_for_people_and_for_machines(linked: Path, home: Path) -> None:
    proposed = rows(linked)
    assert [record["subject"] for record in proposed] == [
        "https://ours.example/air",
        "https://ours.example/water",
        "https://ours.example/soil",
    ]
    first = proposed[0]
    assert list(first)[:3] == ["decision", "score", "relation"]
    assert (first["decision"], first["score"]) == ("", "0.96")
    assert first["reason_es"].startswith("Misma etiqueta preferente en ")
    # A text that a spreadsheet would compute is made harmless.
    assert proposed[2]["object_label"] == "'=cmd"
    turtle = parse(linked.with_suffix(".ttl").read_bytes(), format=RdfFormat.TURTLE)
    predicates = {quad.predicate.value.rpartition("/")[2] for quad in turtle}
    assert predicates == {
        "22-rdf-syntax-ns#type",
        "22-rdf-syntax-ns#subject",
        "22-rdf-syntax-ns#predicate",
        "22-rdf-syntax-ns#object",
        "rdf-schema#comment",
        "confidence",
    }
    # Nobody asserts a candidate.
    assert matched(home) == set()


def test_what_is_accepted_is_published_in_a_graph_of_its_own(
    call: Call, linked: Path, home: Path
) -> None:
    decide(linked, water="Oui", air="no", delimiter=";", encoding="cp1252")
    result = call(link, "--accept", linked, "--by", "Une personne")
    assert "1 accepted, 1 refused; 1 matches in all." in result.output
    pair = {("https://ours.example/water", "https://theirs.example/1")}
    assert matched(home) == matched(home, "links-ours-to-theirs") == pair
    ask = f"""ASK {{ GRAPH <{BASE}/graph/links-ours-to-theirs> {{
        ?m a <http://www.w3.org/1999/02/22-rdf-syntax-ns#Statement> ;
           <http://purl.org/dc/elements/1.1/creator> "Une personne" ;
           <http://purl.org/dc/terms/date> ?day }} }}"""
    assert LocalEngine(served(home).store).ask(ask)
    number = served(home).number
    # Neither what was accepted nor what was refused is proposed again; what waits is.
    result = call(link, "ours", "theirs")
    assert "1 proposed, 2 were decided or stated before." in result.output
    assert [record["subject"] for record in rows(linked)] == ["https://ours.example/soil"]
    assert "2 were decided" in call(link, "theirs", "ours").output
    # The same file again changes nothing, and a build keeps it.
    call(link, "--accept", home / "links" / "decisions.csv")
    assert served(home).number == number
    call(build, "--force")
    assert matched(home) == pair


@pytest.mark.slow
def test_a_later_decision_takes_the_place_of_an_earlier_one(
    call: Call, linked: Path, home: Path
) -> None:
    call(link, "--accept", decide(linked, water="yes", air="yes"))
    assert len(matched(home)) == 2
    memory = home / "links" / "decisions.csv"
    call(link, "--accept", decide(memory, water="no"))
    assert matched(home) == {("https://ours.example/air", "https://theirs.example/2")}
    call(link, "--accept", decide(memory, air="no"))
    assert matched(home) == set()
    assert "links-ours-to-theirs" not in graphs(home)
    assert "0 proposed" not in call(link, "ours", "theirs").output
    memory.unlink()
    assert "3 proposed." in call(link, "ours", "theirs").output


@pytest.mark.slow
def test_matches_are_not_lost_with_what_was_remembered(
    call: Call, linked: Path, home: Path
) -> None:
    call(link, "--accept", decide(linked, water="yes"), "--by", "Une personne")
    memory = home / "links" / "decisions.csv"
    (known,) = rows(memory)
    memory.unlink()
    call(link, "--accept", decide(linked, water="", air="yes"))
    assert len(matched(home)) == 2
    kept = {record["subject"]: record for record in rows(memory)}[known["subject"]]
    assert (kept["decision"], kept["by"], kept["on"]) == ("yes", known["by"], known["on"])


def test_decisions_that_wait_outlive_a_new_comparison(call: Call, linked: Path) -> None:
    decide(linked, water="yes", soil="no")
    call(link, "ours", "theirs", "--minimum", "0.9")
    waiting = {record["subject"][21:]: record["decision"] for record in rows(linked)}
    assert waiting == {"air": "", "water": "yes", "soil": "no"}
    before = [linked.read_bytes(), linked.with_suffix(".ttl").read_bytes()]
    call(link, "ours", "theirs", "--minimum", "0.9")
    assert [linked.read_bytes(), linked.with_suffix(".ttl").read_bytes()] == before


def test_a_rehearsal_writes_and_publishes_nothing(call: Call, linked: Path, home: Path) -> None:
    number = served(home).number
    decide(linked, water="yes")
    assert "this was a rehearsal" in call(link, "--accept", linked, "--dry-run").output
    assert served(home).number == number
    assert not (home / "links" / "decisions.csv").exists()
    linked.unlink()
    assert "3 proposed." in call(link, "ours", "theirs", "--dry-run").output
    assert not linked.exists()


@pytest.mark.slow
def test_the_graph_of_links_is_as_restricted_as_what_it_links(
    call: Call, linked: Path, sources: Path, home: Path
) -> None:
    call(load, sources / "theirs.ttl", "--graph", "theirs", "--publish", "named")
    call(link, "--accept", decide(linked, water="yes"), "--licence", "https://example.org/licence")
    assert matched(home) == set()
    assert len(matched(home, "links-ours-to-theirs")) == 1
    entry = graphs(home)["links-ours-to-theirs"]
    assert (entry["publish"], entry["licence_verified"]) == ("named", True)
    # The licence is remembered.
    call(link, "--accept", decide(linked, air="yes"))
    assert graphs(home)["links-ours-to-theirs"]["licence"] == "https://example.org/licence"


def test_what_a_person_wrote_wrong_is_told_with_its_line(
    call: Call, linked: Path, home: Path
) -> None:
    with pytest.raises(UsageError, match="nobody has decided"):
        call(link, "--accept", linked)
    with pytest.raises(MalformedSource, match="line 3: the decision 'perhaps' is neither"):
        call(link, "--accept", decide(linked, water="perhaps"))
    text = linked.read_text("utf-8").replace("perhaps", "yes")
    linked.write_text(text.replace("skos:closeMatch", "rdfs:subClassOf"), "utf-8")
    with pytest.raises(MalformedSource, match="'rdfs:subClassOf' is no relation to accept"):
        call(link, "--accept", linked)
    linked.write_text(text.replace("https://theirs.example/1", "their water"), "utf-8")
    with pytest.raises(MalformedSource, match="the object 'their water' is no IRI"):
        call(link, "--accept", linked)
    linked.write_text(text.replace(",theirs", ",elsewhere"), "utf-8")
    with pytest.raises(UnknownName, match="'elsewhere', which is not in the atlas"):
        call(link, "--accept", linked)
    with pytest.raises(MalformedSource, match="has no column decision"):
        call(link, "--accept", linked.with_suffix(".ttl"))
    # A file in which somebody works is not overwritten where it cannot be read.
    linked.write_text("no table", "utf-8")
    with pytest.raises(MalformedSource, match="has no column decision"):
        call(link, "ours", "theirs")
    assert linked.read_text("utf-8") == "no table"
    assert matched(home) == set()


def test_calls_that_make_no_sense_are_one_sentence(call: Call, linked: Path, home: Path) -> None:
    PartnerFolder(home).add(PARTNER)
    for arguments, words in (
        ([], "Name the partner"),
        (["ours", "--accept", linked], "Name the partner"),
        (["ours", "--by", "me"], "belong to --accept"),
        (["ours", "ours"], "cannot be linked with itself"),
        (["site"], "Nothing was harvested of site yet"),
        (["ours", "--language", "f"], "is no language"),
        (["--accept", linked, "--licence", "mine"], "The licence 'mine' is not"),
    ):
        with pytest.raises(UsageError, match=words):
            call(link, *arguments)
    with pytest.raises(UnknownName, match="no partner and no graph 'nowhere'"):
        call(link, "nowhere")
    assert "Examples:" in call(link, "--help").output


def test_the_harvested_keywords_of_a_partner_are_linked_by_its_name(
    call: Call, linked: Path, tmp_path: Path, home: Path
) -> None:
    PartnerFolder(home).add(PARTNER)
    dump = tmp_path / "dump.ttl"
    dump.write_text(PREFIXES.format("site") + ':k skos:prefLabel "Bruits"@fr .', "utf-8")
    call(harvest, "site", "--file", dump)
    result = call(link, "site")
    # By default with every graph that has keywords, those of the vocabularies too.
    assert "partner-site and ours: 1 proposed" in result.output
    assert "partner-site and theirs: 0 proposed" in result.output
    assert "partner-site and ontology: " in result.output
    (proposal,) = rows(home / "links" / "partner-site--ours.csv")
    assert proposal["object"] == "https://ours.example/noise"
    assert proposal["score"] == "0.72"


def test_what_a_partner_wrote_can_harm_neither_the_table_nor_who_reads_it(
    call: Call, tmp_path: Path, home: Path
) -> None:
    turtle = tmp_path / "odd.ttl"
    turtle.write_text(PREFIXES.format("odd") + ODD, "utf-8")
    call(load, turtle, "--graph", "odd")
    result = call(link, "ours", "odd", "--minimum", "0.1")
    assert "\x1b" not in result.output
    proposed = rows(home / "links" / "ours--odd.csv")
    assert [record["object"][-1] for record in proposed] == ["2", "1"]
    assert all(len(cell) <= 1_500 for record in proposed for cell in record.values())
    # It can be read again.
    call(link, "ours", "odd", "--minimum", "0.1")
