"""Writes to a small atlas, by a real writer process."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, parse

from atlas.errors import (
    Conflict,
    Forbidden,
    InvalidWrite,
    MalformedData,
    MalformedQuery,
    PreconditionFailed,
    UnsupportedMedia,
)
from store import Generations, GraphStep, LocalEngine, Writer, graph_files
from store.statistics import Statistics
from tests.store.written_atlas import (
    GRAPH,
    INFERRED,
    PARTNER,
    PREFIXES,
    asked,
    body,
    delete,
    entry,
    holds,
    insert,
    lines,
    served,
    update,
)

ACTOR = ':club a atlas:CivilSocietyActor ; rdfs:label "Club"@fr ; atlas:actsIn :val .'
# A commune has an INSEE code: the shapes insist.
CODELESS = ":codeless a atlas:Commune ."


@pytest.fixture
def home(rewound: Path) -> Path:
    return rewound


def test_a_write_is_served_in_its_graph_and_in_the_default_graph(
    writer: Writer, home: Path
) -> None:
    before = served(home).number
    written = writer.write(asked(insert(ACTOR)))
    assert (written.generation, written.created) == (served(home).number, (PARTNER,))
    assert written.generation > before
    assert (written.added, written.removed) == (3, 0)
    assert holds(home, ":club rdfs:label ?name", PARTNER)
    assert holds(home, ":club rdfs:label ?name")
    assert not LocalEngine(Generations(home).get(before).store).ask(
        "ASK { <https://example.org/club> ?p ?o }"
    )


def test_the_record_says_who_wrote_what(writer: Writer, home: Path) -> None:
    writer.write(asked(insert(ACTOR), by="first"))
    writer.write(asked(insert(':club rdfs:label "Cercle"@es .'), by="second"))
    said = entry(home)
    assert (said["kind"], said["publish"], said["triples"]) == ("written", "default", 4)
    assert (said["created_by"], said["written_by"]) == ("first", "second")
    assert (said["licence"], said["licence_verified"]) == ("", False)
    assert said["name"] == "partner"


def test_what_follows_from_a_write_is_inferred(writer: Writer, home: Path) -> None:
    writer.write(asked(insert(ACTOR)))
    assert holds(home, ":club a atlas:Actor", INFERRED)
    assert holds(home, ":club a atlas:Actor")
    writer.write(asked(delete(":club a atlas:CivilSocietyActor .")))
    assert not holds(home, ":club a atlas:Actor")
    assert not holds(home, ":club a atlas:Actor", INFERRED)


def test_the_inferred_graph_says_that_it_comes_from_the_written_one_too(
    writer: Writer, home: Path
) -> None:
    writer.write(asked(insert(ACTOR)))
    derived = f"<{INFERRED}> <http://www.w3.org/ns/prov#wasDerivedFrom> <{PARTNER}>"
    assert holds(home, derived, INFERRED)
    assert "partner" in entry(home, INFERRED)["inferred_from"]
    writer.write(asked(GraphStep(PARTNER, "drop")))
    assert not holds(home, derived)


def test_what_two_graphs_hold_stays_until_both_have_lost_it(writer: Writer, home: Path) -> None:
    label = ':val rdfs:label "Val"@fr .'
    writer.write(asked(insert(f"{label} {ACTOR}")))
    count = served(home).record["triples"]
    writer.write(asked(delete(label)))
    assert holds(home, label)
    assert served(home).record["triples"] == count


def test_what_shapes_refuse_changes_nothing_and_comes_with_the_report(
    writer: Writer, home: Path
) -> None:
    before = served(home)
    with pytest.raises(InvalidWrite, match="shapes refuse") as caught:
        writer.write(asked(insert(ACTOR), insert(CODELESS)))
    report = list(parse(caught.value.report, format=RdfFormat.N_TRIPLES))
    assert any("codeless" in str(quad) for quad in report)
    assert served(home).number == before.number
    assert not list(Generations(home).folder.glob("*.tmp"))


def test_literals_are_judged_as_they_are_written(
    writer: Writer, home: Path, tmp_path: Path
) -> None:
    """The engine would give the population back as an xsd:integer, which the shapes want."""
    population = ':val atlas:population "500"^^xsd:int .'
    with pytest.raises(InvalidWrite):
        writer.write(asked(body(tmp_path, population)))
    writer.write(asked(body(tmp_path, ':val atlas:population "500"^^xsd:integer .')))


def test_the_file_of_a_graph_keeps_literals_as_they_are_written(
    writer: Writer, home: Path, tmp_path: Path
) -> None:
    writer.write(asked(body(tmp_path, ':a :size "01"^^xsd:integer , "5"^^xsd:byte ; :name "a" .')))
    assert entry(home)["rewritten"] == 2
    writer.write(asked(insert(":a :size 7 ."), delete(":a :size 5 .")))
    text = (served(home).graphs / entry(home)["file"]).read_text()
    assert {
        line.split(" ", 2)[2].split("^")[0].removesuffix(" .") for line in text.splitlines()
    } == {
        '"01"',
        '"7"',
        '"a"',
    }
    assert entry(home)["triples"] == 3


@pytest.mark.parametrize(
    ("graph", "reason"),
    [
        ("", "Name a graph"),
        (f"{GRAPH}map", "filled by the build"),
        (f"{GRAPH}example", "filled by the build"),
        (INFERRED, "filled by the build"),
        (f"{GRAPH}void", "filled by the build"),
        (f"{GRAPH}inferred/partner", "filled by the build"),
        ("https://example.org/other", "may not write"),
    ],
)
def test_graphs_that_are_not_the_token_s_or_not_for_writes_are_refused(
    writer: Writer, graph: str, reason: str, home: Path
) -> None:
    before = served(home).number
    scope = ("", f"{GRAPH}*")
    inside = update("INSERT DATA { :a :b :c }", "") if not graph else insert(ACTOR, graph)
    for step in (inside, GraphStep(graph, "drop")):
        with pytest.raises(Forbidden, match=reason):
            writer.write(asked(step, graphs=scope))
    assert served(home).number == before


def test_graphs_named_by_a_variable_are_known_before_the_step_runs(
    writer: Writer, home: Path
) -> None:
    writer.write(asked(insert(ACTOR)))
    text = "DELETE { GRAPH ?g { ?s rdfs:label ?o } } WHERE { GRAPH ?g { ?s rdfs:label ?o } }"
    select = "SELECT DISTINCT ?g WHERE { GRAPH ?g { ?s rdfs:label ?o } }"
    step = update(text, selection=PREFIXES + select, reads_graphs=True)
    with pytest.raises(Forbidden, match="filled by"):
        writer.write(asked(step))
    with pytest.raises(Forbidden, match="filled by"):
        writer.write(asked(update("DROP NAMED", every_graph=True), graphs=(f"{GRAPH}*",)))


def test_an_illustrative_graph_is_not_reached_by_a_variable(writer: Writer, home: Path) -> None:
    where = "GRAPH ?g { ?s a atlas:Scheme ; rdfs:label ?l }"
    copy = f"INSERT {{ GRAPH <{PARTNER}> {{ ?s rdfs:comment ?l }} }} WHERE {{ {where} }}"
    writer.write(asked(insert(ACTOR)))
    assert writer.write(asked(update(copy, PARTNER, reads_graphs=True))).added == 0
    named = update(copy, PARTNER, reads_graphs=True, names=frozenset({f"{GRAPH}example"}))
    assert writer.write(asked(named)).added == 1
    assert holds(home, ":imagined a atlas:Scheme", f"{GRAPH}example")


def test_a_graph_that_calls_itself_illustrative_stays_out_of_the_default_graph(
    writer: Writer, home: Path
) -> None:
    writer.write(asked(insert(ACTOR)))
    says = f"<{PARTNER}> atlas:illustrative true ."
    before = served(home).record["triples"]
    writer.write(asked(insert(says)))
    assert entry(home)["publish"] == "illustrative"
    assert not holds(home, ":club ?p ?o")
    assert holds(home, ":club a atlas:Actor", f"{INFERRED}/partner")
    assert "partner" not in entry(home, INFERRED)["inferred_from"]
    writer.write(asked(delete(says)))
    assert entry(home)["publish"] == "default"
    assert holds(home, ":club a atlas:Actor", INFERRED)
    assert served(home).record["triples"] == before
    assert not any(e["name"] == "inferred/partner" for e in served(home).record["graphs"])


def test_no_write_says_what_a_class_of_the_atlas_means(writer: Writer, home: Path) -> None:
    said = "atlas:CivilSocietyActor rdfs:subClassOf atlas:Relation ."
    for publish in ("default", "illustrative"):
        with pytest.raises(Forbidden, match="ontology"):
            writer.write(asked(insert(said), publish=publish))
    # A class of one's own below ours, and what the ontology says itself, mean no harm.
    own = ":Fund rdfs:subClassOf atlas:CivilSocietyActor ."
    writer.write(asked(insert(own)))
    writer.write(asked(insert("atlas:CivilSocietyActor rdfs:subClassOf atlas:Actor .")))
    writer.write(asked(insert(ACTOR)))
    assert holds(home, ":Fund rdfs:subClassOf atlas:CivilSocietyActor", PARTNER)
    assert not holds(home, "atlas:CivilSocietyActor rdfs:subClassOf atlas:Relation")


@pytest.mark.parametrize("last", ["partner/../map", "partner/%2E%2e/map", "partner/.", ".."])
def test_no_graph_is_named_so_that_it_resolves_to_another(writer: Writer, last: str) -> None:
    with pytest.raises(Forbidden, match="dots"):
        writer.write(asked(insert(ACTOR, f"{GRAPH}{last}")))


def test_a_graph_may_be_published_apart(writer: Writer, home: Path) -> None:
    writer.write(asked(insert(ACTOR), publish="named"))
    assert not holds(home, ":club ?p ?o")
    assert holds(home, ":club a atlas:Actor", f"{INFERRED}/partner")
    with pytest.raises(InvalidWrite):
        writer.write(asked(insert(CODELESS)))
    writer.write(asked(GraphStep(PARTNER, "drop")))
    assert not holds(home, "?s ?p ?o", f"{INFERRED}/partner")


def test_a_replaced_graph_holds_the_body_and_nothing_else(
    writer: Writer, home: Path, tmp_path: Path
) -> None:
    writer.write(asked(insert(ACTOR)))
    written = writer.write(
        asked(body(tmp_path, ':club a atlas:CivilSocietyActor ; rdfs:label "Cercle"@fr .'))
    )
    assert (written.added, written.removed, written.created) == (1, 2, ())
    assert not holds(home, ":club atlas:actsIn :val")


def test_a_dataset_replaces_the_graphs_that_it_names_and_no_other(
    writer: Writer, home: Path, tmp_path: Path
) -> None:
    writer.write(asked(insert(":a :b 1 ."), insert(":c :d 1 .", f"{GRAPH}second")))
    trig = f"<{PARTNER}> {{ <urn:x> <urn:y> <urn:z> }} <{GRAPH}third> {{ <urn:x> <urn:y> 2 }}"
    step = body(tmp_path, trig, graph=None, media="application/trig")
    assert writer.write(asked(step)).created == (f"{GRAPH}third",)
    assert not holds(home, ":a :b 1")
    assert holds(home, ":c :d 1", f"{GRAPH}second")
    step = body(tmp_path, "<urn:x> <urn:y> 3 .", graph=None, media="application/trig")
    with pytest.raises(Forbidden, match="Name a graph"):
        writer.write(asked(step))
    with pytest.raises(MalformedData, match="one or the other"):
        writer.write(asked(body(tmp_path, trig, media="application/trig")))


def test_blank_nodes_of_two_writes_are_never_one(
    writer: Writer, home: Path, tmp_path: Path
) -> None:
    for number in range(2):
        step = body(tmp_path, f"_:a :number {number} .", kind="merge")
        writer.write(asked(step, insert(f"_:a :number {number + 10} .")))
    engine = LocalEngine(served(home).store)
    (row,) = engine.solutions(
        "SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s <https://example.org/number> ?o }"
    )
    assert row["n"].value == "4"
    # In the default graph they have the labels that they have in their graph.
    writer.write(asked(GraphStep(PARTNER, "drop")))
    assert not holds(home, "?s :number ?o")


def test_what_changes_nothing_publishes_nothing(writer: Writer, home: Path, tmp_path: Path) -> None:
    text = ':club a atlas:CivilSocietyActor ; rdfs:label "Club"@fr .'
    first = writer.write(asked(body(tmp_path, text)))
    again = writer.write(asked(body(tmp_path, text), delete(":nobody :knows :this .")))
    assert (again.generation, again.added, again.removed) == (first.generation, 0, 0)
    assert served(home).number == first.generation


def test_a_drop_of_a_graph_that_is_not_there_says_so(writer: Writer, home: Path) -> None:
    number = served(home).number
    written = writer.write(asked(GraphStep(f"{GRAPH}nothing", "drop")))
    assert (written.missing, written.generation) == (True, number)
    writer.write(asked(insert(ACTOR)))
    assert not writer.write(asked(GraphStep(PARTNER, "drop"))).missing
    assert not any(e["graph"] == PARTNER for e in served(home).record["graphs"])
    assert not (served(home).graphs / "partner.nt").exists()


def test_a_condition_that_does_not_hold_stops_the_write(writer: Writer, home: Path) -> None:
    number = served(home).number
    with pytest.raises(PreconditionFailed, match=f"Generation {number} is served"):
        writer.write(asked(insert(ACTOR), if_generation=(number + 1,)))
    assert writer.write(asked(insert(ACTOR), if_generation=(number,))).generation > number


@pytest.mark.parametrize(
    ("media", "text", "error", "reason"),
    [
        ("text/turtle", "<urn:a> <urn:b>\n<urn:c> ,, .", MalformedData, "line 2"),
        ("application/rdf+xml", "<!DOCTYPE x><x/>", MalformedData, "DOCTYPE"),
        ("application/ld+json", '{"@context": "http://x.example"}', MalformedData, "no other file"),
        ("application/ld+json", "[" * 600 + "]" * 600, MalformedData, "nests"),
        ("text/n3", "{ <urn:a> <urn:b> <urn:c> } <urn:d> <urn:e> .", MalformedData, "formulae"),
        ("text/html", "<p>", UnsupportedMedia, "text/turtle"),
    ],
)
def test_a_body_that_is_not_what_it_is_said_to_be_is_one_sentence(
    writer: Writer, tmp_path: Path, media: str, text: str, error: type[Exception], reason: str
) -> None:
    with pytest.raises(error, match=reason):
        writer.write(asked(body(tmp_path, text, media=media)))


def test_an_operation_that_cannot_be_done_is_the_client_s_fault(writer: Writer) -> None:
    nothing = f"{GRAPH}nothing"
    with pytest.raises(Conflict, match="does not exist"):
        writer.write(asked(update(f"DROP GRAPH <{nothing}>", nothing)))
    with pytest.raises(MalformedQuery):
        writer.write(asked(update("INSERT DATA { nonsense }", nothing)))


def test_the_counts_are_those_of_a_whole_count(writer: Writer, home: Path) -> None:
    writer.write(asked(insert(ACTOR)))
    writer.write(asked(delete(":club atlas:actsIn :val ."), insert(":a :b _:c .")))
    generation = served(home)
    counted = Statistics.of(LocalEngine(generation.store))
    assert Statistics.from_json(generation.record["statistics"]) == counted
    assert generation.record["triples"] == counted.triples
    assert holds(home, f"?d <http://rdfs.org/ns/void#triples> {counted.triples}", f"{GRAPH}void")


def test_every_file_holds_what_its_graph_holds(writer: Writer, home: Path) -> None:
    writer.write(asked(insert(ACTOR)))
    writer.write(
        asked(delete(":club a atlas:CivilSocietyActor ."), insert(":club a atlas:Actor ."))
    )
    generation = served(home)
    for graph in generation.record["graphs"]:
        held = [line.strip() for line in graph_files.read(generation.graphs, graph)]
        assert len(held) == len(set(held)) == graph["triples"], graph["name"]
        assert set(held) == lines(generation, graph["graph"]), graph["name"]
    assert (generation.graphs / "inferred.added.nt").exists()
