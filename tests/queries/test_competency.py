"""The competency questions on their world: right answers, and answers that can be wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse, serialize

import ontology
from queries import competency, library
from store import LocalEngine, rules

NAMES = sorted(competency.questions())


@pytest.fixture(scope="module")
def world() -> LocalEngine:
    engine = LocalEngine()
    competency.prepare(engine)
    return engine


@pytest.mark.parametrize("name", NAMES)
def test_each_question_has_the_answer_reasoned_out_by_hand(name: str, world: LocalEngine) -> None:
    query, case = library()[name], competency.read_cases()[name]
    answer = competency.answer(query, case.parameters, world)
    assert answer == competency.read_expected(query)


@pytest.mark.parametrize("name", NAMES)
def test_each_answer_changes_under_its_mutation_exactly_as_stated(name: str) -> None:
    query, case = library()[name], competency.read_cases()[name]
    mutated = LocalEngine()
    competency.prepare(mutated, mutation=case.update)
    expected = competency.read_expected(query)
    changed = expected - case.removes + case.adds
    assert changed != expected
    assert case.removes <= expected
    assert competency.answer(query, case.parameters, mutated) == changed


def test_expected_columns_are_the_variables_that_the_query_projects(world: LocalEngine) -> None:
    for name, query in competency.questions().items():
        if query.form == "SELECT":
            text = query.bind(competency.read_cases()[name].parameters).text
            variables = [variable.value for variable in world.store.query(text).variables]
            assert competency.columns_of(query) == variables, name


def test_all_is_well_with_the_questions_as_they_are() -> None:
    assert competency.run(LocalEngine) == []


def test_a_wrong_expected_answer_is_reported(copy: Callable[[str], Path]) -> None:
    path = copy("cq20_incomplete_dossiers.expected.csv")
    path.write_text("dossier,title,lacks\n", encoding="utf-8")
    assert {failure.query for failure in competency.run(LocalEngine)} == {
        "cq20_incomplete_dossiers"
    }


def test_a_mutation_that_changes_nothing_is_reported(copy: Callable[[str], Path]) -> None:
    path = copy("cases.toml")
    update = "atlas:articulatesWith id:scheme\\/world-a }"
    text = path.read_text(encoding="utf-8")
    assert update in text
    path.write_text(text.replace(update, "rdfs:seeAlso id:scheme\\/world-a }"), encoding="utf-8")
    failures = competency.run(LocalEngine)
    assert [failure.mutation for failure in failures] == ["an articulation of A and C is recorded"]
    assert "dispositif A" in str(failures[0])


def test_a_query_without_a_case_is_reported(copy: Callable[[str], Path]) -> None:
    path = copy("cases.toml")
    text = path.read_text(encoding="utf-8")
    path.write_text(text[: text.index("[cq56_")], encoding="utf-8")
    assert [failure.query for failure in competency.run(LocalEngine)] == ["cq56_changed_groupings"]


def test_sources_kept_apart_are_not_in_the_default_graph(world: LocalEngine) -> None:
    for scheme in ("world-a", "world-z"):
        iri = f"{competency.PREFIXES['id']}scheme/{scheme}"
        assert not world.ask(f"ASK {{ <{iri}> ?p ?o }}")
        assert world.ask(f"ASK {{ GRAPH ?g {{ <{iri}> ?p ?o }} }}")


def test_the_inferred_graph_is_replaced_by_what_the_caller_infers() -> None:
    engine = LocalEngine()
    competency.prepare(engine, infer=lambda triples: iter(()))
    assert not engine.ask(f"ASK {{ GRAPH <{competency.INFERRED}> {{ ?s ?p ?o }} }}")


def test_a_term_is_written_as_a_prefixed_name_or_as_its_text() -> None:
    assert competency.written(NamedNode(f"{competency.PREFIXES['id']}commune/01001")) == (
        "id:commune/01001"
    )
    assert competency.written(NamedNode("https://example.org/x")) == "https://example.org/x"
    assert competency.written(Literal("précarité", language="fr")) == "précarité"


def test_the_world_is_invented_and_says_so() -> None:
    quads = list(parse(path=competency.WORLD, format=RdfFormat.TRIG))
    graphs = {quad.graph_name.value for quad in quads} - {competency.INFERRED}
    illustrative = f"{competency.PREFIXES['atlas']}illustrative"
    marked = {quad.subject.value for quad in quads if quad.predicate.value == illustrative}
    assert graphs <= marked
    assert b"country/FR" not in serialize(quads, format=RdfFormat.N_QUADS)


def test_the_questions_have_the_same_answers_under_the_rules_of_the_build(tmp_path: Path) -> None:
    schema = tmp_path / "schema.nt"
    ontology.load().serialize(schema, format="nt", encoding="utf-8")

    def infer(triples: Iterable[Triple]) -> Iterable[Triple]:
        asserted = tmp_path / "asserted.nt"
        serialize(triples, output=asserted, format=RdfFormat.N_TRIPLES)
        inference = rules.infer([asserted], schema, tmp_path / "inferred")
        for path in (inference.closure, inference.derived):
            for quad in parse(path=path, format=RdfFormat.N_TRIPLES):
                yield quad.triple

    engine = LocalEngine()
    competency.prepare(engine, infer=infer)
    for name, query in competency.questions().items():
        answer = competency.answer(query, competency.read_cases()[name].parameters, engine)
        assert answer == competency.read_expected(query), name


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """A copy of the folder of the questions that a test may spoil; gives the path of one file."""
    for file in competency.FOLDER.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    monkeypatch.setattr(competency, "FOLDER", tmp_path)
    monkeypatch.setattr(competency, "CASES", tmp_path / "cases.toml")
    return lambda name: tmp_path / name
