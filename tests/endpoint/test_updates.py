"""An update is cut into operations as the engine reads it, and none reaches further than seen."""

from __future__ import annotations

import gzip
import json
import time
import timeit
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import (
    CanonicalizationAlgorithm,
    Dataset,
    DefaultGraph,
    NamedNode,
    Quad,
    Triple,
)

from atlas.errors import AtlasError, Forbidden, MalformedQuery, TooLarge, UsageError
from atlas.settings import Settings
from endpoint.reading.using import Using
from endpoint.writing.updates import MAX_OPERATIONS, Step, split
from store import LocalEngine, UpdateStep

SETTINGS = Settings.load({}, query_bytes=30_000)
BASE = "http://example.org/sparql"
# The graphs that the updates of the suites and of the logs speak of, so that some match.
SEED = """INSERT DATA {
  <urn:s> <urn:p> <urn:o>
  GRAPH <urn:g> { <urn:s> <urn:p> <urn:o> }
  GRAPH <http://example.org/g1> { <urn:s> <urn:p> <urn:o> }
  GRAPH <http://mu.semte.ch/application> { <urn:s> <urn:p> <urn:o> }
}"""
CHANGING = ("UUID", "NOW", "RAND")


def cut(text: str, **using: tuple[str, ...]) -> tuple[Step, ...]:
    return split(text, SETTINGS, base=BASE, using=Using(**using))


def one(text: str, **using: tuple[str, ...]) -> UpdateStep:
    (step,) = cut(text, **using)
    assert isinstance(step, UpdateStep)
    return step


def seeded(quads: Iterable[Quad] = ()) -> LocalEngine:
    engine = LocalEngine()
    engine.update(SEED)
    engine.store.extend(quads)
    return engine


def content(engine: LocalEngine) -> dict[str, set[Triple]]:
    """The triples of each graph, those without triples too."""
    graphs: dict[str, set[Triple]] = {node.value: set() for node in engine.store.named_graphs()}
    for quad in engine.store:
        name = "" if isinstance(quad.graph_name, DefaultGraph) else quad.graph_name.value
        graphs.setdefault(name, set()).add(quad.triple)
    return graphs


def isomorphic(one: LocalEngine, other: LocalEngine) -> bool:
    datasets = [Dataset(engine.store) for engine in (one, other)]
    for dataset in datasets:
        dataset.canonicalize(CanonicalizationAlgorithm.UNSTABLE)
    return set(datasets[0]) == set(datasets[1])


def reached(engine: LocalEngine, step: UpdateStep) -> set[str]:
    """The graphs that a step says it may change."""
    graphs = set(step.graphs)
    if step.every_graph:
        graphs |= content(engine).keys() - {""}
    if step.selection is not None:
        default = () if step.selection_graph is None else (step.selection_graph,)
        for row in engine.solutions(step.selection, default_graphs=default):
            graphs |= {term.value for term in row.values() if isinstance(term, NamedNode)}
    return graphs


def run(engine: LocalEngine, steps: Iterable[UpdateStep]) -> None:
    """Run the steps one after the other, each within the graphs that it names."""
    for step in steps:
        before, allowed = content(engine), reached(engine, step)
        engine.update(step.held_to(allowed))
        after = content(engine)
        changed = {
            name for name in before.keys() | after.keys() if before.get(name) != after.get(name)
        }
        assert changed <= allowed, step


def compared(text: str) -> bool:
    """Whether whole and steps end in the same store; False where neither can be run."""
    whole: LocalEngine | None
    whole, stepped = seeded(), seeded()
    try:
        whole.store.update(text, base_iri=BASE)
    except (SyntaxError, RuntimeError, OSError):
        whole = None
    try:
        run(stepped, cut(text))
    except AtlasError:
        assert whole is None, text
        return False
    if whole is not None and not any(word in text.upper() for word in CHANGING):
        assert isomorphic(whole, stepped), text
    return whole is not None


def test_every_update_of_the_w3c_suites_does_the_same_whole_and_in_steps(atlas_data: Path) -> None:
    paths = sorted((atlas_data / "w3c-rdf-tests" / "sparql").rglob("*.ru"))
    texts = [path.read_text("utf-8") for path in paths]
    loads = [text for text in texts if "LOAD" in text and "SILENT" not in text]
    done = sum(compared(text) for text in texts if text not in loads)
    assert done > 130


def test_updates_of_real_stores_do_the_same_whole_and_in_steps(atlas_data: Path) -> None:
    path = atlas_data / "queries-lblod-updates" / "updates.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        updates = [json.loads(line)["update"] for line in lines]
    assert sum(compared(text) for text in updates) > 400


@pytest.mark.parametrize(
    ("text", "graphs"),
    [
        ("INSERT DATA { <urn:a> <urn:b> 1 }", {""}),
        ("INSERT DATA { }", set()),
        ("INSERT DATA { GRAPH <urn:g> { <urn:a> <urn:b> 1 } }", {"urn:g"}),
        ("INSERT DATA { GRAPH<urn:g>{} GRAPH <g> { } . <urn:a> a <urn:b> }", None),
        ("PREFIX e: <urn:> DELETE DATA { GRAPH e:g { e:a e:b 1 } }", {"urn:g"}),
        (r"PREFIX e: <urn:> DELETE DATA { GRAPH e:a\/b { e:a e:b 1 } }", {"urn:a/b"}),
        (r"DELETE DATA { GRAPH <urn:\u0067> { <urn:a> <urn:b> 1 } }", {"urn:g"}),
        ("WITH <urn:g> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }", {"urn:g"}),
        ("WITH <urn:g> INSERT { GRAPH <urn:h> { ?s ?p ?o } } WHERE { ?s ?p ?o }", {"urn:h"}),
        ("DELETE { ?s ?p ?o } USING <urn:g> WHERE { ?s ?p ?o }", {""}),
        ("DELETE WHERE { GRAPH <urn:g> { ?s ?p ?o } }", {"urn:g"}),
        ("INSERT DATA { GRAPH <urn:g> { <urn:a> <urn:b> 1 {| <urn:c> 2 |} } }", {"urn:g"}),
        ("CLEAR DEFAULT", {""}),
        ("clear silent graph <urn:g>", {"urn:g"}),
        ("DROP ALL", {""}),
        ("DROP NAMED", set()),
        ("CREATE GRAPH <urn:g>", {"urn:g"}),
        ("ADD <urn:a> TO GRAPH <urn:b>", {"urn:b"}),
        ("COPY SILENT GRAPH <urn:a> TO DEFAULT", {""}),
        ("MOVE DEFAULT TO <urn:b>", {"", "urn:b"}),
    ],
)
def test_the_graphs_that_an_operation_names_are_found(text: str, graphs: set[str] | None) -> None:
    found = {"urn:g", "http://example.org/g", ""} if graphs is None else graphs
    assert set(one(text).graphs) == found


def test_graph_variables_are_selected_over_the_graphs_that_where_reads() -> None:
    engine = seeded()
    everywhere = one("DELETE { GRAPH ?g { ?s ?p ?o } } WHERE { GRAPH ?g { ?s ?p ?o } }")
    assert reached(engine, everywhere) == {
        "urn:g",
        "http://example.org/g1",
        "http://mu.semte.ch/application",
    }
    assert everywhere.reads_graphs
    made = "BIND (IRI(CONCAT('urn:made:', STR(?s))) AS ?g)"
    within = one(f"WITH <urn:g> INSERT {{ GRAPH ?g {{ ?s ?p ?o }} }} WHERE {{ ?s ?p ?o {made} }}")
    assert reached(engine, within) == {"urn:made:urn:s"}
    assert not within.reads_graphs
    using = one(
        "WITH <urn:none> DELETE { GRAPH ?g { ?s ?p ?o } } "
        "USING NAMED <urn:g> WHERE { GRAPH ?g { ?s ?p ?o } }"
    )
    assert reached(engine, using) == {"urn:g"}


def test_with_a_graph_that_is_not_there_hides_no_target() -> None:
    """WITH makes it an empty default graph; GRAPH <…> {} in its place would match nothing."""
    engine = seeded()
    text = "WITH <urn:new> INSERT { GRAPH ?g { <urn:a> <urn:b> 1 } } WHERE { BIND (<urn:h> AS ?g) }"
    assert reached(engine, one(text)) == {"urn:h"}
    run(engine, cut(text))


@pytest.mark.parametrize(
    "graph",
    [
        "IF (RAND() < 0.5, <urn:a>, <urn:b>)",
        "IRI(CONCAT('urn:', STRUUID()))",
        "IF (RAND() < 0.5, <urn:a>, BNODE())",
        "IF (RAND() < 0.5, 'none', <urn:b>)",
    ],
)
def test_a_graph_that_changes_its_name_at_each_look_is_held_to_those_seen(graph: str) -> None:
    text = f"INSERT {{ GRAPH ?g {{ ?s ?p ?o }} }} WHERE {{ ?s ?p ?o BIND ({graph} AS ?g) }} # {{"
    for _ in range(20):
        engine = LocalEngine()
        engine.update("INSERT DATA { <urn:s> <urn:p> 1, 2, 3 }")
        step = one(text)
        seen = {
            term.value
            for row in engine.solutions(step.selection or "")
            for term in row.values()
            if isinstance(term, NamedNode)
        }
        engine.update(step.held_to(seen))
        assert {node.value for node in engine.store.named_graphs()} <= seen


def test_a_solution_without_a_graph_still_fills_the_other_templates() -> None:
    text = (
        "INSERT { GRAPH ?g { ?s ?p ?o } GRAPH <urn:all> { ?s ?p ?o } } "
        "WHERE { ?s ?p ?o OPTIONAL { GRAPH ?g { ?s ?p 'none' } } }"
    )
    engine = seeded()
    run(engine, cut(text))
    assert len(content(engine)["urn:all"]) == 1


@pytest.mark.parametrize(
    "text",
    [
        # Three texts in which the engine pairs quotes and brackets in another way than the lexer.
        "DELETE { GRAPH <urn:g> { ?s ?p ?o } } WHERE { ?s ?p ?o FILTER (?s<')>'||'x') } ; "
        "INSERT DATA { GRAPH <urn:h> { <urn:a> <urn:b> 1 } } #'}",
        "INSERT { GRAPH <urn:g> { <urn:a> <urn:b> 1 } } WHERE { FILTER (1<'#>'||'') } ; "
        "DROP ALL #'}",
        "INSERT { GRAPH <urn:g> { <urn:a> <urn:b> 1 } } WHERE { FILTER (1<#>'''\n2) } ; "
        "DROP ALL #'''}",
    ],
)
def test_an_operation_that_hides_behind_quotes_is_not_run(text: str) -> None:
    engine = seeded()
    before = content(engine)
    with pytest.raises(MalformedQuery):
        run(engine, cut(text))
    assert content(engine) == before


@pytest.mark.parametrize(
    "text",
    [
        "CLEAR XYZ",
        "CLEAR",
        "INSERT",
        "INSERT DATA",
        "INSERT DATA {",
        "INSERT DATA { GRAPH { <urn:a> <urn:b> 1 } }",
        "INSERT DATA { GRAPH <urn:g> { GRAPH <urn:h> { <urn:a> <urn:b> 1 } } }",
        "INSERT DATA { <urn:a> <urn:b> trueGRAPH <urn:g> { <urn:a> <urn:b> 1 } }",
        "PREFIX : <urn:> INSERT DATA { GRAPH:g { :a :b 1 } }",
        "INSERT DATA { GRAPH none:g { <urn:a> <urn:b> 1 } }",
        "INSERT DATA { <urn:a> <urn:b> 'open }",
        r"INSERT DATA { <urn:a> <urn:b> 'open\' }",
        "INSERT DATA { <urn:a> <urn:b> '''open' }",
        "INSERT DATA { <urn:a> <urn:b> [ ) }",
        "INSERT DATA { <urn:a> <urn:b> 1 } DROP ALL",
        "INSERT DATA { <urn:a> <urn:b> 1 } ;; DROP ALL",
        "INSERT DATA { <urn:a>\u00a0<urn:b> 1 }",
        "INSERT DATA { _:x <urn:b> 1 } ; INSERT DATA { _:x <urn:b> 2 }",
        "DELETE { ?s ?p ?o }",
        "DELETE { ?s ?p ?o } WHERE { ?s ?p ?o } VALUES ?s { <urn:s> }",
        "DELETE { ?s ?p ?o } WHERE ?s",
        "WITH <urn:g> CLEAR ALL",
        "PREFIX x <urn:x> CLEAR ALL",
        "SELECT * {}",
        "ASK {} ; DROP ALL",
        ";",
    ],
)
def test_what_is_not_understood_is_refused(text: str) -> None:
    with pytest.raises(MalformedQuery):
        cut(text)


def test_a_text_that_is_no_update_is_malformed_even_where_it_would_be_refused() -> None:
    with pytest.raises(MalformedQuery):
        cut("CREATE GRAPH <urn:g> ; LOAD <http://example.org/x> INTO GRAPH <urn:g> ;;")


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("LOAD <http://example.org/x>", Forbidden),
        ("CLEAR ALL ; LOAD <file:///etc/passwd> INTO GRAPH <urn:g>", Forbidden),
        ("DELETE { ?s ?p ?o } WHERE { SERVICE <http://example.org/> { ?s ?p ?o } }", Forbidden),
        ("INSERT { ?s ?p 1 } WHERE { ?s ?p ?o { SERVICE SILENT ?s { ?s ?p ?o } } }", Forbidden),
        ("INSERT { ?s ?p 1 } WHERE {" + "{" * 300 + "}" * 300 + "}", MalformedQuery),
        ("INSERT DATA { <urn:a> <urn:b> " + "[ <urn:b> " * 300 + "]" * 300 + "}", MalformedQuery),
        ("INSERT { ?s ?p 1 } WHERE {" + " UNION ".join(["{}"] * 3000) + "}", MalformedQuery),
        ("INSERT { ?s ?p 1 } WHERE { VALUES ?s {" + "<urn:some-value>" * 2000 + "} }", TooLarge),
        ("CLEAR DEFAULT ;" * (MAX_OPERATIONS + 1), TooLarge),
    ],
)
def test_updates_have_the_bounds_of_queries(text: str, error: type[AtlasError]) -> None:
    with pytest.raises(error):
        cut(text)


def test_data_may_be_larger_than_a_query_and_hold_any_number_of_typed_literals() -> None:
    triple = '<urn:s> <urn:p> "1"^^<http://www.w3.org/2001/XMLSchema#integer> . '
    assert one(f"INSERT DATA {{ GRAPH <urn:g> {{ {triple * 3_000} }} }}").graphs == ("urn:g",)


def test_a_load_that_is_silent_fails_silently() -> None:
    assert cut("LOAD SILENT <http://example.org/x> INTO GRAPH <urn:g>") == ()


def test_the_graphs_of_the_request_become_using_clauses() -> None:
    engine = seeded()
    text = "CLEAR GRAPH <urn:g> ; INSERT { GRAPH <urn:t> { ?s ?p ?o } } WHERE { ?s ?p ?o }"
    run(engine, cut(text, default_graphs=("http://example.org/g1",)))
    assert content(engine)["urn:t"] == content(engine)["http://example.org/g1"]
    step = one("DELETE WHERE { GRAPH ?g { ?s ?p ?o } }", named_graphs=("http://example.org/g1",))
    run(engine, [step])
    assert reached(seeded(), step) == {"http://example.org/g1"}
    assert content(engine)["http://example.org/g1"] == set()
    assert content(engine)["urn:t"]


@pytest.mark.parametrize(
    "text",
    [
        "WITH <urn:g> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
        "CLEAR DEFAULT ; DELETE { ?s ?p ?o } USING <urn:g> WHERE { ?s ?p ?o }",
    ],
)
def test_a_dataset_in_the_request_and_in_the_text_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="give one"):
        cut(text, named_graphs=("urn:g",))


def test_prologues_add_up_and_relative_iris_start_from_the_last_base() -> None:
    text = (
        "PREFIX a: <urn:a:> INSERT DATA { GRAPH a:g { <x> a:p a:o } } ;\n"
        "BASE <http://example.org/deep/> PREFIX a: <b#> INSERT DATA { GRAPH a:g { <x> a:p a:o } }"
    )
    steps = [step for step in cut(text) if isinstance(step, UpdateStep)]
    assert [step.graphs for step in steps] == [("urn:a:g",), ("http://example.org/deep/b#g",)]
    engine = LocalEngine()
    run(engine, steps)
    subjects = {quad.subject for quad in engine.store}
    assert subjects == {
        NamedNode("http://example.org/x"),
        NamedNode("http://example.org/deep/x"),
    }


def test_the_engine_names_the_place_of_an_error_in_the_whole_text() -> None:
    text = (
        "PREFIX e: <urn:>\nCLEAR GRAPH e:g ;\n  DELETE DATA {\n    GRAPH e:g { e:a e:b 1 = 2 }\n}"
    )
    with pytest.raises(MalformedQuery, match="line 4, column 27"):
        LocalEngine().update(cut(text)[1].text)
    with pytest.raises(MalformedQuery, match="line 3, column 9"):
        cut("\n\n  CLEAR XYZ")


@pytest.mark.parametrize(
    "piece", ["'", "'''", "<a", "{", "a:", "GRAPH <urn:g> {} ", "_:", "\\", "#"]
)
def test_cutting_takes_time_in_proportion_to_the_text(piece: str) -> None:
    def seconds(length: int) -> float:
        text = "INSERT DATA {" + piece * (length // len(piece))

        def attempt() -> None:
            with pytest.raises(AtlasError):
                cut(text)

        # Of the processor: on a busy machine the clock on the wall says nothing.
        return min(timeit.repeat(attempt, timer=time.thread_time, number=1, repeat=3))

    assert seconds(160_000) < 40 * seconds(10_000) + 0.2


GRAPHS = st.sampled_from(["", "urn:g", "urn:h", "http://example.org/g1"])
TERMS = st.sampled_from(["<urn:s>", "<urn:g>", "?s", "?o", "<urn:o>", "'}'", '"""a ; DROP ALL"""'])
NAMES = st.sampled_from(["?g", "?o", "<urn:g>", "<urn:h>", "<urn:new>"])


@st.composite
def patterns(draw: st.DrawFn) -> str:
    """A group of triples, some of them in graphs."""
    parts = []
    for _ in range(draw(st.integers(0, 3))):
        triple = f"?s ?p {draw(TERMS)}"
        name = draw(st.none() | NAMES)
        parts.append(f"GRAPH {name} {{ {triple} }}" if name else f"{triple} .")
    if draw(st.booleans()):
        parts.append(f"BIND ({draw(st.sampled_from(['<urn:new>', '<urn:h>', '1']))} AS ?made)")
        parts.append("FILTER NOT EXISTS { GRAPH ?other { ?s <urn:none> ?made } }")
    return "{ " + " ".join(parts) + " }"


@st.composite
def operations(draw: st.DrawFn) -> str:
    """One operation of any kind; some are refused."""

    def template() -> str:
        name = draw(st.none() | NAMES | st.just("?made"))
        triple = f"?s <urn:q> {draw(st.sampled_from(['?s', '?o', '<urn:x>']))}"
        return f"{{ GRAPH {name} {{ {triple} }} }}" if name else f"{{ {triple} }}"

    kind = draw(st.sampled_from(["modify", "modify", "modify", "where", "data", "clear", "move"]))
    if kind == "where":
        return f"DELETE WHERE {draw(patterns())}"
    if kind == "data":
        return f"INSERT DATA {{ GRAPH <{draw(GRAPHS) or 'urn:g'}> {{ <urn:s> <urn:p> <urn:o> }} }}"
    if kind == "clear":
        verb = draw(st.sampled_from(["CLEAR", "DROP"]))
        target = draw(st.sampled_from(["ALL", "NAMED", "DEFAULT", "GRAPH <urn:h>"]))
        return f"{verb} SILENT {target}"
    if kind == "move":
        verb = draw(st.sampled_from(["ADD", "MOVE", "COPY"]))
        source, target = draw(GRAPHS), draw(GRAPHS)
        names = [f"GRAPH <{name}>" if name else "DEFAULT" for name in (source, target)]
        return f"{verb} {names[0]} TO {names[1]}"
    graph = draw(GRAPHS)
    using = draw(st.lists(st.sampled_from(["USING <urn:g>", "USING NAMED <urn:h>"]), max_size=2))
    parts = [f"WITH <{graph}>" if graph else ""]
    parts.append(draw(st.sampled_from(["DELETE", "INSERT"])) + template())
    if parts[-1].startswith("DELETE") and draw(st.booleans()):
        parts.append(f"INSERT {template()}")
    return " ".join([*parts, *using, "WHERE", draw(patterns())])


def quads() -> Iterator[Quad]:
    for graph in ("urn:g", "urn:h"):
        for object in ("urn:o", "urn:g", "urn:s"):
            yield Quad(NamedNode("urn:s"), NamedNode("urn:p"), NamedNode(object), NamedNode(graph))


@settings(max_examples=300, deadline=None)
@given(st.lists(operations(), min_size=1, max_size=4))
def test_steps_do_what_the_whole_does_within_the_graphs_they_name(parts: list[str]) -> None:
    text = " ;\n".join(parts)
    whole: LocalEngine | None
    whole, stepped = seeded(quads()), seeded(quads())
    try:
        whole.store.update(text, base_iri=BASE)
    except (SyntaxError, RuntimeError):
        whole = None
    try:
        run(stepped, cut(text))
    except AtlasError:
        assert whole is None
    else:
        assert whole is None or isomorphic(whole, stepped)
