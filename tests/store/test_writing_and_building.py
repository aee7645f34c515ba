"""What is written and what is built are one atlas: the same rules, and nothing is lost."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from pyoxigraph import CanonicalizationAlgorithm, Dataset
from rich.console import Console

from atlas.errors import InvalidWrite, UsageError
from loaders.build import add
from loaders.progress import Display
from loaders.sources import load_sources
from store import Generation, Generations, GraphStep, LocalEngine, Writer
from tests.store.written_atlas import (
    BASE,
    GRAPH,
    PARTNER,
    PREFIXES,
    asked,
    body,
    build_atlas,
    delete,
    entry,
    holds,
    insert,
    served,
    settings,
    write_sources,
)

OTHER, ELSEWHERE, APART = f"{GRAPH}other", "https://partner.example/data", f"{GRAPH}apart"
ACTOR = ':club a atlas:CivilSocietyActor ; rdfs:label "Club"@fr .'


@pytest.fixture
def home(tmp_path: Path) -> Path:
    write_sources(tmp_path / "sources")
    build_atlas(tmp_path / "home")
    return tmp_path / "home"


@pytest.fixture
def writer(home: Path) -> Iterator[Writer]:
    writer = Writer(Generations(home), base=BASE, memory_bytes=2 * 1024**3, deadline=60)
    yield writer
    writer.close()


def content(generation: Generation) -> dict[str, Dataset]:
    """What each graph of the store holds, blank nodes by their structure, reading times apart."""
    store = LocalEngine(generation.store).store
    graphs: dict[str, Dataset] = {}
    for quad in store:
        if "generatedAtTime" not in quad.predicate.value:
            name = getattr(quad.graph_name, "value", "")
            graphs.setdefault(name, Dataset()).add(quad)
    for dataset in graphs.values():
        dataset.canonicalize(CanonicalizationAlgorithm.UNSTABLE)
    return graphs


def test_a_build_gives_what_the_writes_made(writer: Writer, home: Path, tmp_path: Path) -> None:
    """Of random writes: places cut and joined, relations observed and not, graphs dropped."""
    seed = random.Random(7)
    pool = [
        ":quarter atlas:directlyPartOf :val .",
        ":quarter atlas:partOf :mont .",
        ":club a atlas:CivilSocietyActor .",
        ':club rdfs:label "Club"@fr .',
        ':val rdfs:label "Val"@fr .',
        ":club a atlas:CivilSocietyActor ; atlas:cooperatesWith :club .",
        ":ain atlas:partOf :france .",
        ":mont atlas:partOf :region .",
        ":ain a :Place .",
        "[] :about :val .",
        ":val a atlas:AdministrativeTerritory .",
        ':x :size "007"^^xsd:integer .',
    ]
    publish = {PARTNER: "default", OTHER: "default", ELSEWHERE: "default", APART: "named"}
    for _ in range(40):
        graph = seed.choice(list(publish))
        some = " ".join(seed.sample(pool, 4))
        known = [p for p in seed.sample(pool, 4) if not p.startswith("[]")]
        step = seed.choice(
            [
                insert(some, graph),
                insert(some, graph),
                delete(" ".join(known), graph),
                body(tmp_path, some, graph=graph, kind=seed.choice(["merge", "replace"])),
            ]
        )
        with suppress(InvalidWrite):
            writer.write(asked(step, publish=publish[graph]))
    written = served(home)
    assert written.number > 12
    assert {e["graph"] for e in written.record["graphs"]} >= publish.keys()
    rebuilt = build_atlas(home, force=True).generation
    assert rebuilt.number == written.number + 1
    assert content(rebuilt) == content(written)
    before, after = written.record, rebuilt.record
    assert after["statistics"] == before["statistics"]
    assert after["triples"] == before["triples"]
    for graph in before["graphs"]:
        again = next(e for e in after["graphs"] if e["graph"] == graph["graph"])
        assert again["triples"] == graph["triples"], graph["name"]
        assert again["publish"] == graph["publish"]
        if graph.get("kind") == "written":
            assert again == graph
            files = (g.graphs / graph["file"] for g in (written, rebuilt))
            assert len({file.read_bytes() for file in files}) == 1


def test_a_build_of_the_same_sources_builds_nothing_after_a_write(
    writer: Writer, home: Path
) -> None:
    writer.write(asked(insert(ACTOR)))
    built = build_atlas(home)
    assert (built.published, built.generation.number) == (False, served(home).number)


def test_another_state_of_a_source_leaves_what_was_written(writer: Writer, home: Path) -> None:
    writer.write(asked(insert(ACTOR)))
    path = home.parent / "sources" / "map.ttl"
    path.write_text(path.read_text("utf-8") + ":mont :note 1 .", encoding="utf-8")
    assert build_atlas(home).published
    assert holds(home, ":club a atlas:Actor . :mont :note 1")
    assert entry(home)["created_by"] == "partner"
    writer.write(asked(delete(ACTOR)))
    assert not holds(home, ":club ?p ?o")


def test_a_source_added_by_itself_leaves_what_was_written(
    writer: Writer, home: Path, tmp_path: Path
) -> None:
    writer.write(asked(insert(ACTOR)))
    text = (tmp_path / "sources" / "sources.toml").read_text("utf-8")
    more = text.replace('"map"', '"more"').replace("map.ttl", "more.ttl").split("[[source]]")[1]
    (tmp_path / "sources" / "more.ttl").write_text(f"{PREFIXES} :more :note 1 .", "utf-8")
    (tmp_path / "sources" / "more.toml").write_text(f"[[source]]{more}", "utf-8")
    (source,) = load_sources(tmp_path / "sources" / "more.toml", settings(home))
    add(settings(home), source, display=Display(Console(quiet=True)))
    assert holds(home, ":club a atlas:Actor . :more :note 1")


def test_a_source_that_would_fill_a_written_graph_is_refused(
    writer: Writer, home: Path, tmp_path: Path
) -> None:
    writer.write(asked(insert(ACTOR)))
    path = tmp_path / "sources" / "sources.toml"
    path.write_text(path.read_text("utf-8").replace('name = "example"', 'name = "partner"'))
    with pytest.raises(UsageError, match="'partner' would fill"):
        build_atlas(home)
    writer.write(asked(GraphStep(PARTNER, "drop")))
    assert build_atlas(home).published


def test_a_graph_written_apart_keeps_nobody_from_writing_or_building(
    writer: Writer, home: Path
) -> None:
    """Of what is nobody's yet it says what a commune may not have: two codes of one register."""
    first, second = (
        f':new <http://rdf.insee.fr/def/geo#codeINSEE> "{code}" .' for code in ("01001", "99999")
    )
    commune = (
        ':new a atlas:Commune ; rdfs:label "Neuve"@fr ; atlas:directlyPartOf :ain ; '
        f'atlas:recordedIn "2026"^^xsd:gYear . {first}'
    )
    writer.write(asked(insert(second, APART), publish="illustrative"))
    writer.write(asked(insert(commune)))
    assert holds(home, ":new a atlas:Commune")
    assert build_atlas(home, force=True).published
    assert holds(home, ":new ?p ?o", APART)
