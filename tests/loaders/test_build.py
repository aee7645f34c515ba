"""The build, from small files to a generation, with the real ontology, shapes and rules."""

from __future__ import annotations

import io
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from pyoxigraph import CanonicalizationAlgorithm, Dataset, Literal, NamedNode, RdfFormat, parse
from rich.console import Console

from atlas.errors import ChangedSource, InstanceError, InvalidData, MalformedSource, UnknownName
from atlas.settings import Settings
from loaders.build import Built, build, choose
from loaders.progress import Display
from loaders.report import sentences, table
from loaders.sources import load_sources
from store import Generation, Generations, LocalEngine
from store.statistics import Statistics

BASE = "https://example.org/atlas"
GRAPH = f"{BASE}/graph/"
COUNT = "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"
DISTINCT = """SELECT (COUNT(*) AS ?n) WHERE {{
    SELECT DISTINCT ?s ?p ?o WHERE {{ VALUES ?g {{ {} }} GRAPH ?g {{ ?s ?p ?o }} }} }}"""
VOCABULARY = "https://w3id.org/atlas-relationnel/vocabulary"
ATLAS = "https://w3id.org/atlas-relationnel/ontology/"

Run = Callable[..., Built]
WriteTurtle = Callable[[str, str], Path]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.load({}, home=tmp_path / "home", base=BASE)


@pytest.fixture
def run(settings: Settings, small_sources: Path) -> Run:
    """Build from the small sources as they are now."""

    def run(*, force: bool = False, only: tuple[str, ...] = (), public: bool = False) -> Built:
        sources = choose(load_sources(small_sources, settings), only=only, public=public)
        quiet = Display(Console(file=io.StringIO()))
        return build(settings, sources, force=force, display=quiet)

    return run


def number(generation: Generation, query: str) -> int:
    (row,) = LocalEngine(generation.store).solutions(query)
    assert isinstance(row["n"], Literal)
    return int(row["n"].value)


def written(settings: Settings) -> dict[str, int]:
    """When the triples of each source were last written."""
    files = (settings.home / "sources").glob("*/*.nt")
    return {path.name: path.stat().st_mtime_ns for path in files if "rewritten" not in path.name}


def served(settings: Settings) -> Generation:
    generation = Generations(settings.home).current()
    assert generation
    return generation


def test_the_default_graph_is_the_merge_of_the_graphs_published_in_it(run: Run) -> None:
    generation = run().generation
    names = ("ontology", "alignments", "map", "notes", "inferred")
    graphs = " ".join(f"<{GRAPH}{name}>" for name in names)
    assert number(generation, COUNT) == number(generation, DISTINCT.format(graphs))
    assert number(generation, COUNT) == generation.record["triples"] > 4000


def test_each_graph_of_the_record_holds_what_its_file_holds(run: Run) -> None:
    generation = run().generation
    graphs = {graph["name"]: graph for graph in generation.record["graphs"]}
    assert graphs.keys() >= {"ontology", "alignments", "map", "notes", "shared", "inferred"}
    for graph in graphs.values():
        path = generation.graphs / graph["file"]
        triples = {quad.triple for quad in parse(path=str(path), format=RdfFormat.N_TRIPLES)}
        counted = number(generation, DISTINCT.format(f"<{graph['graph']}>"))
        assert len(triples) == counted == graph["triples"]


def test_what_is_published_apart_does_not_leak_into_the_default_graph(run: Run) -> None:
    engine = LocalEngine(run().generation.store)
    ask = "ASK { <https://example.org/club> ?p ?o }"
    assert not engine.ask(ask)
    assert engine.ask(ask, default_graphs=[f"{GRAPH}shared"])
    inferred = f"ASK {{ <https://example.org/club> a <{ATLAS}Actor> }}"
    assert engine.ask(inferred, default_graphs=[f"{GRAPH}inferred/shared"])
    assert not engine.ask(inferred, default_graphs=[f"{GRAPH}inferred"])


def test_what_is_inferred_is_in_a_graph_of_its_own(run: Run) -> None:
    engine = LocalEngine(run().generation.store)
    commune, france = f"<{BASE}/id/commune/01001>", f"<{BASE}/id/country/FR>"
    ask = f"ASK {{ {commune} <{ATLAS}partOf> {france} ; a <{ATLAS}Territory> }}"
    assert engine.ask(ask)
    assert engine.ask(ask, default_graphs=[f"{GRAPH}inferred"])
    assert not engine.ask(ask, default_graphs=[f"{GRAPH}map"])


def test_what_the_atlas_holds_is_counted_and_described_in_a_graph_apart(run: Run) -> None:
    generation = run().generation
    engine = LocalEngine(generation.store)
    counted = Statistics.from_json(generation.record["statistics"])
    assert counted == Statistics.of(engine)
    assert counted.triples == generation.record["triples"]
    ask = f"ASK {{ ?dataset <http://rdfs.org/ns/void#triples> {counted.triples} }}"
    assert engine.ask(ask, default_graphs=[f"{GRAPH}void"])
    assert not engine.ask(ask)


def test_nothing_is_published_when_nothing_has_changed(run: Run, settings: Settings) -> None:
    first = run()
    before = written(settings)
    assert before
    again = run()
    assert (first.published, again.published) == (True, False)
    assert again.generation.number == first.generation.number
    assert written(settings) == before
    assert "Nothing has changed since generation 1" in " ".join(sentences(again))


def test_only_the_source_that_changed_is_read_again(
    run: Run, settings: Settings, write_turtle: WriteTurtle
) -> None:
    run()
    before = written(settings)
    write_turtle("notes.ttl", ':new rdfs:label "Nouvelle"@fr .')
    again = run()
    after = written(settings)
    assert {name for name in after if after[name] != before[name]} == {"notes.nt"}
    assert again.read == {"notes"}
    engine = LocalEngine(again.generation.store)
    assert engine.ask("ASK { <https://example.org/new> ?p ?o }")
    assert not engine.ask("ASK { <https://example.org/note> ?p ?o }")


def test_a_forced_rebuild_gives_the_same_atlas(run: Run) -> None:
    first, second = run(), run(force=True)
    assert second.generation.number == first.generation.number + 1
    assert second.read == {plan.source.name for plan in second.plans}
    assert quads(first.generation) == quads(second.generation)


def quads(generation: Generation) -> Dataset:
    """Everything but the time at which it was read, blank nodes by what is said of them."""
    time = NamedNode("http://www.w3.org/ns/prov#generatedAtTime")
    engine = LocalEngine(generation.store)
    found = Dataset(quad for quad in engine.store if quad.predicate != time)
    found.canonicalize(CanonicalizationAlgorithm.UNSTABLE)
    return found


def test_an_observed_relation_gives_its_direct_statement_and_a_missing_one_does_not(
    run: Run, write_turtle: WriteTurtle
) -> None:
    relation = """
    :{0} a atlas:Relation ; rdfs:label "{0}"@fr, "{0}"@en, "{0}"@es ;
        atlas:relationType <{1}/relation-types/articulatesWith> ;
        atlas:relationStatus <{1}/relation-statuses/{0}> ;
        atlas:relationSource :a-{0} ; atlas:relationTarget :b-{0} ;
        atlas:documentedBy :talk ; atlas:locator "paragraph 3" .
    :a-{0} a atlas:Scheme ; rdfs:label "A"@fr . :b-{0} a atlas:Scheme ; rdfs:label "B"@fr ."""
    text = ':talk a atlas:Document ; <http://purl.org/dc/terms/title> "Propos"@fr .'
    write_turtle(
        "notes.ttl",
        text + relation.format("observed", VOCABULARY) + relation.format("missing", VOCABULARY),
    )
    engine = LocalEngine(run().generation.store)
    ask = "ASK {{ <https://example.org/a-{0}> <" + ATLAS + "articulatesWith> ?b }}"
    assert engine.ask(ask.format("observed"))
    assert not engine.ask(ask.format("missing"))


INVALID = {
    "a place that is an actor": ":x a atlas:Commune, atlas:Municipality .",
    "a population that is no xsd:integer": (
        '<https://example.org/atlas/id/commune/01002> atlas:population "500"^^xsd:int .'
    ),
}


@pytest.mark.parametrize("file", ["notes.ttl", "shared.ttl"])
@pytest.mark.parametrize("text", INVALID.values(), ids=INVALID.keys())
def test_invalid_data_is_refused_and_what_is_served_stays(
    run: Run, settings: Settings, write_turtle: WriteTurtle, file: str, text: str
) -> None:
    first = run().generation
    write_turtle(file, text)
    with pytest.raises(InvalidData, match="The shapes refuse the data: ") as caught:
        run()
    report = settings.home / "reports" / "build.ttl"
    assert str(report) in str(caught.value)
    assert "\n" not in str(caught.value)
    said = {quad.object for quad in parse(path=str(report), format=RdfFormat.TURTLE)}
    assert NamedNode("http://www.w3.org/ns/shacl#Violation") in said
    assert served(settings).number == first.number
    assert number(served(settings), COUNT) == first.record["triples"]
    assert not list((settings.home / "generations").glob("*.tmp"))


def test_once_corrected_the_data_is_published(run: Run, write_turtle: WriteTurtle) -> None:
    write_turtle("notes.ttl", INVALID["a place that is an actor"])
    with pytest.raises(InvalidData):
        run()
    write_turtle("notes.ttl", ':x rdfs:label "X"@fr .')
    assert run().published


def test_an_optional_source_that_is_not_there_is_listed(run: Run) -> None:
    built = run()
    assert [source.name for source in built.absent] == ["elsewhere"]
    output = io.StringIO()
    Console(file=output, width=200).print(table(built))
    (line,) = [line for line in output.getvalue().splitlines() if "elsewhere" in line]
    assert "not there" in line


def test_a_required_source_that_is_not_there_is_one_sentence(run: Run, small_sources: Path) -> None:
    text = small_sources.read_text(encoding="utf-8").replace('"map"\nversion', '"npm:map"\nversion')
    small_sources.write_text(text, encoding="utf-8")
    with pytest.raises(MalformedSource, match=r"source map: .*node_modules.*; run: npm ci\."):
        run()


def test_a_source_whose_checksum_changed_stops_the_build(
    run: Run, settings: Settings, small_sources: Path
) -> None:
    first = run().generation
    with small_sources.open("a", encoding="utf-8") as stream:
        stream.write(f'checksum = "sha256:{"0" * 64}"\n')
    elsewhere = small_sources.parent / "elsewhere.csv"
    elsewhere.write_text("name\n", encoding="utf-8")
    with pytest.raises(ChangedSource, match="The source 'elsewhere' has changed"):
        run()
    assert served(settings).number == first.number


def test_a_broken_file_stops_the_build_with_its_line(
    run: Run, settings: Settings, write_turtle: WriteTurtle
) -> None:
    first = run().generation
    path = write_turtle("notes.ttl", ":a :b <not an iri> .")
    with pytest.raises(MalformedSource) as caught:
        run()
    assert str(path) in str(caught.value)
    assert caught.value.line
    assert served(settings).number == first.number


def test_on_a_public_address_only_verified_licences_are_published(run: Run) -> None:
    names = {graph["name"] for graph in run(public=True).generation.record["graphs"]}
    assert "map" in names
    assert "notes" not in names


def test_some_sources_may_be_built_alone(run: Run) -> None:
    names = {plan.source.name for plan in run(only=("notes",)).plans}
    assert names == {"ontology", "alignments", "notes"}
    with pytest.raises(UnknownName, match="no source 'maps'"):
        run(only=("maps",))


def test_the_table_shows_rows_bad_rows_and_where_they_are_told(
    run: Run, small_sources: Path
) -> None:
    text = small_sources.read_text(encoding="utf-8")
    small_sources.write_text(text.replace("options.v", 'on_error = "skip"\noptions.v'), "utf-8")
    epci = small_sources.parent / "map" / "epci.json"
    epci.write_text(epci.read_text("utf-8").replace('"200000172"', '"2000"'), "utf-8")
    built = run()
    output = io.StringIO()
    Console(file=output, width=250).print(table(built))
    (line,) = [line for line in output.getvalue().splitlines() if line.startswith("map")]
    assert " 1 " in line
    assert "bad-rows.txt" in line
    assert "MiB" in " ".join(sentences(built))


def test_a_home_that_is_a_file_is_one_sentence(
    tmp_path: Path, small_sources: Path, settings: Settings
) -> None:
    home = tmp_path / "occupied"
    home.touch()
    other = Settings.load({}, home=home, base=BASE)
    sources = load_sources(small_sources, other)
    with pytest.raises(InstanceError, match=r"occupied.* cannot be used"):
        build(other, sources, display=Display(Console(file=io.StringIO())))


def test_only_one_build_writes_at_a_time(run: Run, settings: Settings) -> None:
    with (
        Generations(settings.home).stage(),
        pytest.raises(InstanceError, match="Another atlas is writing"),
    ):
        run()


CALL = "import resource, sys; from atlas.cli import main; {} sys.argv[1:] = sys.argv[1:]; main()"
LIMITED = "resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000));"


def command(settings: Settings, sources: Path, *, before: str = "") -> subprocess.Popen[str]:
    """``atlas build --force`` in a process of its own."""
    arguments = ["build", "--force", "--sources", str(sources)]
    environment = os.environ | {"ATLAS_HOME": str(settings.home), "ATLAS_BASE": BASE}
    return subprocess.Popen(
        [sys.executable, "-c", CALL.format(before), *arguments],
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


@pytest.mark.slow
def test_a_full_disk_is_one_sentence_and_what_is_served_stays(
    run: Run, settings: Settings, small_sources: Path
) -> None:
    first = run().generation
    process = command(settings, small_sources, before=LIMITED)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 2
    last = said.strip().splitlines()[-1]
    assert last.startswith("atlas: ")
    assert "Traceback" not in said
    assert served(settings).number == first.number
    assert number(served(settings), COUNT) == first.record["triples"]


@pytest.mark.slow
def test_a_build_killed_at_any_moment_leaves_the_last_generation(
    run: Run, settings: Settings, small_sources: Path
) -> None:
    first = run().generation
    began = time.monotonic()
    process = command(settings, small_sources)
    process.communicate(timeout=120)
    whole = time.monotonic() - began
    assert process.returncode == 0
    last = served(settings).number
    assert last == first.number + 1
    moments = random.Random(2026)
    for _ in range(5):
        process = command(settings, small_sources)
        time.sleep(moments.uniform(0.3, 1.0) * whole)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate(timeout=60)
        # What was acknowledged stays; a build that ended before the kill is served whole.
        assert served(settings).number in (last, last + 1)
        last = served(settings).number
        assert number(served(settings), COUNT) == first.record["triples"]
    assert run(force=True).published
    assert not list((settings.home / "generations").glob("*.tmp"))
    assert not list((settings.home / "sources").rglob("*.tmp"))
