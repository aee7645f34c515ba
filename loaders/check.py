"""``atlas check``: everything that must hold of the ontology and of what is written about it.

The ontology's own checks know only its files; those that need an engine, the questions or the
examples of the shapes are added here, where all packages are known.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import click

import loaders
import ontology
import queries
import shapes
from ontology.checks import CHECKS, run
from ontology.findings import ERROR, INFORMATION, WARNING, Check, Finding, Outcome
from ontology.messages import LANGUAGES, same
from ontology.modules import Files
from ontology.project import Project, short
from queries import competency
from queries.library import read_query
from shapes import examples
from store import LocalEngine

COLOURS = {ERROR: "red", WARNING: "yellow", INFORMATION: "blue"}
COUNTED = {
    ERROR: {"fr": "à corriger", "en": "to correct", "es": "por corregir"},
    WARNING: {"fr": "à regarder", "en": "to look at", "es": "por mirar"},
    INFORMATION: {"fr": "pour information", "en": "for information", "es": "informativo"},
}
NOT_RUN = {"fr": "non lancé", "en": "not run", "es": "no ejecutado"}


def lint_queries(project: Project) -> Iterator[Finding]:
    """No row from any query of ``queries/lint``; its title says what to do about one."""
    for path in sorted(project.lint_queries.glob("*.rq")):
        query = read_query(path)
        for row in project.everything.query(query.text).bindings:
            values = {str(name): str(value) for name, value in row.items()}
            term = values.pop("term")
            shown = ", ".join(map(short, values.values()))
            text = {
                language: f"{title} ({shown})" if shown else title
                for language, title in query.title.items()
            }
            yield Finding(text, project.homes.get(term), term)


def competency_questions(project: Project) -> Iterator[Finding]:
    """Each question gives its expected answer on the world, and another one under its mutation."""
    for failure in competency.run(LocalEngine):
        yield Finding(same(str(failure)), project.queries / "competency" / f"{failure.query}.rq")


def shape_examples(project: Project) -> Iterator[Finding]:
    """Each shape accepts its valid examples and refuses its invalid ones, as they say."""
    for problem in examples.run(LocalEngine, project.everything):
        yield Finding(same(problem), project.shapes / "examples")


ALL_CHECKS = (
    *CHECKS,
    Check(
        "lint",
        {
            "fr": "les requêtes de style ne trouvent rien",
            "en": "the lint queries find nothing",
            "es": "las consultas de estilo no encuentran nada",
        },
        lint_queries,
    ),
    Check(
        "questions",
        {
            "fr": "chaque question de compétence a la réponse attendue, et peut échouer",
            "en": "every competency question has its expected answer, and can fail",
            "es": "cada pregunta de competencia tiene la respuesta esperada, y puede fallar",
        },
        competency_questions,
    ),
    Check(
        "examples",
        {
            "fr": "les formes acceptent leurs exemples valides et refusent les autres",
            "en": "the shapes accept their valid examples and refuse the others",
            "es": "las formas aceptan sus ejemplos válidos y rechazan los demás",
        },
        shape_examples,
    ),
)


def installed_project() -> Project:
    """The packages as they are installed."""
    return Project(
        ontology=Files(folder(ontology)),
        shapes=folder(shapes),
        queries=folder(queries),
        loaders=folder(loaders),
    )


def folder(package: object) -> Path:
    return Path(str(getattr(package, "__file__", ""))).parent


def own_language() -> str:
    """The first of our languages that the environment asks for, else English."""
    for variable in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        language = os.environ.get(variable, "")[:2]
        if language in LANGUAGES:
            return language
    return "en"


@click.command()
@click.option(
    "--only", multiple=True, metavar="NAME", help="Run this check only; may be given several times."
)
@click.option("--list", "listed", is_flag=True, help="List the checks and what each proves.")
@click.option(
    "--language", type=click.Choice(LANGUAGES), default=own_language, help="Of the findings."
)
def check(only: tuple[str, ...], listed: bool, language: str) -> None:
    """Check the ontology: form, house style, logic, questions, shapes.

    One line per check, then what it found: file, term, what to do. The exit code is 1 if there is
    something to correct. Without Java the reasoner's check is not run, and all others are.

    \b
    Examples:
      atlas check
      atlas check --only labels --only sources --language fr
    """
    if listed:
        for row in ALL_CHECKS:
            click.echo(f"{row.name:<13} {row.proves[language]}")
        return
    failed = False
    for outcome in run(installed_project(), ALL_CHECKS, only):
        report(outcome, language)
        failed = failed or outcome.failed
    if failed:
        raise SystemExit(1)


def report(outcome: Outcome, language: str) -> None:
    """One line for the check, then one per finding."""
    state, colour = summary(outcome, language)
    click.echo(f"{outcome.check.name:<13} {click.style(state, fg=colour)}")
    for finding in outcome.findings:
        place = " ".join(filter(None, (nearby(finding.file), short(finding.term))))
        text = finding.message.get(language) or next(iter(finding.message.values()), "")
        mark = click.style("•", fg=COLOURS[finding.severity])
        click.echo(f"  {mark} {place}: {text}" if place else f"  {mark} {text}")


def summary(outcome: Outcome, language: str) -> tuple[str, str]:
    """What stands behind a check's name, and its colour."""
    if outcome.not_run:
        return f"{NOT_RUN[language]}: {outcome.not_run}", "yellow"
    counts = [
        (severity, outcome.count(severity)) for severity in COLOURS if outcome.count(severity)
    ]
    if not counts:
        return f"ok, {outcome.check.proves[language]}", "green"
    return (
        ", ".join(f"{count} {COUNTED[severity][language]}" for severity, count in counts),
        COLOURS[counts[0][0]],
    )


def nearby(path: Path | None) -> str:
    """The path from where the reader stands, if it is below."""
    if path is None:
        return ""
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)
