"""``atlas check`` as a user calls it: on a small project broken on purpose, and on the atlas."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import loaders.check
from atlas.errors import UnknownName
from loaders.check import ALL_CHECKS, check, installed_project, lint_queries
from ontology.messages import LANGUAGES
from ontology.modules import Files
from ontology.project import Project
from store import LocalEngine

ROOT = Path(__file__).parents[2]
CORE, PLACES = "ontology/core.ttl", "ontology/places.ttl"
SCALES, EXTERNAL = "ontology/vocabularies/scales.ttl", "ontology/imports/external.ttl"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small clean project in the atlas's place; its house style is ours."""
    small = tmp_path / "small"
    shutil.copytree(ROOT / "tests" / "ontology" / "small", small)
    for name in ("shapes", "queries"):
        shutil.copytree(ROOT / name / "lint", small / name / "lint")
    monkeypatch.setattr(loaders.check, "installed_project", lambda: project(small))
    return small


def project(folder: Path) -> Project:
    return Project(
        ontology=Files(folder / "ontology"),
        shapes=folder / "shapes",
        queries=folder / "queries",
        loaders=folder / "loaders",
    )


def run(*arguments: str) -> Result:
    return CliRunner().invoke(check, ["--language", "en", *arguments])


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text, f"{old!r} is not in {path.name}"
    path.write_text(text.replace(old, new), "utf-8")


def test_a_clean_project_passes_every_lint_query(folder: Path) -> None:
    assert list(lint_queries(project(folder))) == []


# Query, file broken, what is there, what is put there, the term found.
BROKEN = [
    ("blank-node-in-annotation", CORE, "<https://example.org/someone>",
     '[ dcterms:title "someone" ]', "module/core"),
    ("circular-hierarchy", CORE, "atlas:Thing a owl:Class ;",
     "atlas:Thing a owl:Class ; rdfs:subClassOf atlas:Place ;", "ontology/Place"),
    ("circular-hierarchy", SCALES, "a skos:Concept,",
     "skos:broader <https://w3id.org/atlas-relationnel/vocabulary/scales/commune> ;"
     " a skos:Concept,", "scales/commune"),
    ("deprecated-in-use", CORE, "atlas:Thing a owl:Class ;",
     "atlas:Thing a owl:Class ; owl:deprecated true ;", "ontology/Thing"),
    ("foreign-datatype", PLACES, "rdfs:range xsd:string", "rdfs:range xsd:int",
     "ontology/insideCode"),
    ("foreign-datatype", CORE, 'owl:versionInfo "0.1.0"',
     'owl:versionInfo "1"^^xsd:nonNegativeInteger', "module/core"),
    ("relation-type-without-property", SCALES, "a skos:Concept,",
     "atlas:namesProperty atlas:scales ; a skos:Concept,", "scales/commune"),
    ("reordered-by-protege", PLACES, "rdfs:range atlas:Place",
     "rdfs:range [ a owl:Class ; owl:unionOf ( atlas:Thing atlas:Place ) ]", "ontology/Thing"),
    ("reordered-by-protege", PLACES, "atlas:Place a owl:Class ;",
     "atlas:Place a owl:Class ; owl:equivalentClass atlas:Body ;", "ontology/Place"),
    ("same-label", PLACES, '"body"@en', '"place"@en', "ontology/Body"),
    ("several-domains", PLACES, "rdfs:range atlas:Place", "rdfs:range atlas:Place, atlas:Body",
     "ontology/governs"),
    ("versions-differ", PLACES, 'owl:versionInfo "0.1.0"', 'owl:versionInfo "0.2.0"',
     "module/core"),
]  # fmt: skip


@pytest.mark.parametrize(("query", "file", "old", "new", "term"), BROKEN)
def test_a_lint_query_finds_what_is_broken_on_purpose(
    query: str, file: str, old: str, new: str, term: str, folder: Path
) -> None:
    for other in (folder / "queries" / "lint").glob("*.rq"):
        if other.stem != query:
            other.unlink()
    change(folder / file, old, new)
    found = list(lint_queries(project(folder)))
    assert any(one.term.endswith(term) for one in found)
    assert all(set(one.message) == set(LANGUAGES) for one in found)


def test_every_lint_query_is_broken_on_purpose_at_least_once() -> None:
    assert {path.stem for path in (ROOT / "queries" / "lint").glob("*.rq")} == {
        row[0] for row in BROKEN
    }


def test_a_finding_is_told_with_file_term_and_what_to_do(folder: Path) -> None:
    change(folder / CORE, '"chose"@fr,', "")
    result = run("--only", "labels", "--only", "names")
    assert result.exit_code == 1
    assert "labels        1 to correct\n" in result.output
    assert f"{folder / CORE} atlas:Thing: The term must carry one rdfs:label" in result.output
    assert "names         ok, names follow the house style" in result.output


@pytest.mark.parametrize(
    ("language", "words"),
    [("fr", "1 à corriger"), ("en", "1 to correct"), ("es", "1 por corregir")],
)
def test_findings_speak_the_reader_s_language(folder: Path, language: str, words: str) -> None:
    change(folder / CORE, '"chose"@fr,', "")
    environment = {"LANGUAGE": "", "LC_ALL": "", "LC_MESSAGES": "", "LANG": f"{language}_XX.UTF-8"}
    result = CliRunner().invoke(check, ["--only", "labels"], env=environment)
    assert words in result.output


def test_a_warning_alone_does_not_fail_the_check(folder: Path) -> None:
    change(folder / CORE, '"chose"@fr', '"Chose"@fr')
    result = run("--only", "labels")
    assert (result.exit_code, "1 to look at" in result.output) == (0, True)


def test_without_java_the_other_checks_run_and_the_reasoner_says_why(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    result = run("--only", "reasoner", "--only", "punning")
    assert result.exit_code == 0
    assert "reasoner      not run: Java was not found" in result.output
    assert "punning       ok" in result.output


def test_the_list_names_every_check_and_runs_none() -> None:
    result = run("--list")
    assert [line.split()[0] for line in result.output.splitlines()] == [
        row.name for row in ALL_CHECKS
    ]


def test_an_unknown_check_is_the_call_s_fault(folder: Path) -> None:
    error = run("--only", "lables").exception
    assert isinstance(error, UnknownName)
    assert error.exit_code == 2


def test_a_broken_lint_query_is_a_finding_not_a_crash(folder: Path) -> None:
    (folder / "queries" / "lint" / "same-label.rq").write_text("SELECT * { }", "utf-8")
    result = run("--only", "lint")
    assert result.exit_code == 1
    assert "no header" in result.output


def test_the_examples_fail_on_an_engine_that_loads_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Empty(LocalEngine):
        def load(self, data: bytes | Path, media_type: str, graph: str | None = None) -> None:
            pass

    monkeypatch.setattr(loaders.check, "LocalEngine", Empty)
    result = run("--only", "examples")
    assert result.exit_code == 1
    assert "to correct" in result.output


def test_the_questions_fail_on_an_engine_that_ignores_changes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Deaf(LocalEngine):
        def update(self, text: str) -> None:
            pass

    monkeypatch.setattr(loaders.check, "LocalEngine", Deaf)
    result = run("--only", "questions")
    assert result.exit_code == 1
    assert "on the world: missing" in result.output


def test_the_help_shows_an_example() -> None:
    assert "atlas check --only labels --only sources --language fr" in run("--help").output


@pytest.mark.java
@pytest.mark.slow
@pytest.mark.parametrize("row", ALL_CHECKS, ids=lambda row: row.name)
def test_the_atlas_itself_passes(row: object) -> None:
    result = run("--only", row.name)  # type: ignore[attr-defined]
    assert result.exit_code == 0, result.output


def test_the_installed_project_is_found_where_the_packages_are() -> None:
    assert installed_project().ontology.folder == ROOT / "ontology"
    assert installed_project().lint_shapes.is_dir()
    assert installed_project().lint_queries.is_dir()
