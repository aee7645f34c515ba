"""What ``atlas query`` does: the route's steps, in process, on the current generation."""

from __future__ import annotations

import difflib
import json
import shutil
import sys
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import click
from rich.console import Console
from rich.table import Table

import queries
from atlas.errors import InstanceError, MalformedQuery, UnknownName, UsageError
from atlas.settings import Settings
from endpoint.catalogue import read_catalogue
from endpoint.reading.guard import inspect, scope
from endpoint.wire.formats import negotiate
from federation.federation import Federation
from federation.plain.answering import PlainFederation
from federation.plain.explaining import after, before
from federation.plain.sources import parsed
from federation.rows import Rows
from federation.service.bind_join import answerable
from store import Answer, Generations, LocalEngine, Operation

TABLE = "table"
RESULTS = "application/sparql-results+json"


def show_library(settings: Settings) -> None:
    """The named queries: name, parameters, title."""
    for query in queries.library(settings.base).values():
        needs = " ".join(
            f"{parameter.name}=…" if parameter.required else f"[{parameter.name}=…]"
            for parameter in query.parameters
        )
        click.echo(f"{query.name} {needs}".rstrip())
        click.echo(f"    {query.title['en']}")


def bind(settings: Settings, name: str, params: tuple[str, ...]) -> Operation:
    """The named query with its parameters. Raises UnknownName or UsageError."""
    library = queries.library(settings.base)
    if name not in library:
        near = difflib.get_close_matches(name, library, n=1)
        hint = f"did you mean {near[0]}?" if near else "atlas query --list shows them."
        raise UnknownName(f"There is no query {name!r}; {hint}")
    bound = library[name].bind(dict(pair(param) for param in params))
    return Operation(bound.text, substitutions=bound.substitutions)


def pair(param: str) -> tuple[str, str]:
    name, equals, value = param.partition("=")
    if not equals or not name:
        raise UsageError(f"--param {param!r} is not of the form name=value.")
    return name, value


def read_file(path: Path, params: tuple[str, ...]) -> Operation:
    """The query in a file. Raises UsageError for parameters, MalformedQuery for bad bytes."""
    if params:
        raise UsageError("--param belongs to named queries; a file's query is run as it is.")
    try:
        return Operation(path.read_text("utf-8"))
    except UnicodeDecodeError as error:
        raise MalformedQuery(f"{path} is not UTF-8 at byte {error.start}.") from error


def show(settings: Settings, operation: Operation, wish: str | None, *, terminal: bool) -> None:
    """Run the operation and write its answer to standard output.

    Raises InstanceError where nothing is built, and what guard and engine raise.
    """
    engine = current(settings)
    analysis = inspect(operation, settings, services=True)
    tabular = wish == TABLE or (wish is None and terminal)
    media_type = chosen(analysis.form, wish, tabular=tabular)
    operation = scope(operation, analysis, partial(read_catalogue, engine))
    if analysis.uses_service:
        operation = with_partners(settings, operation, engine, media_type)
    put(engine.query(operation, media_type), tabular=tabular)


def current(settings: Settings) -> LocalEngine:
    """The engine over the current generation. Raises InstanceError where nothing is built."""
    generation = Generations(settings.home, keep=settings.generations_kept).current()
    if generation is None:
        raise InstanceError(f"There is no generation in {settings.home}; run atlas build first.")
    return LocalEngine(generation.store)


def put(answer: Answer, *, tabular: bool) -> None:
    """Write an answer to standard output."""
    try:
        with answer.open() as stream:
            write(stream, tabular and answer.media_type.endswith("json"))
    finally:
        answer.close()


def with_partners(
    settings: Settings, operation: Operation, engine: LocalEngine, media_type: str
) -> Operation:
    """The operation with what partners answer instead of each SERVICE."""
    federation = Federation.of(settings)
    return answerable(
        operation,
        federation,
        lambda asked: parsed(engine.query(asked, RESULTS).read()),
        federation.run(settings.query_timeout),
        judge=lambda asked: engine.query(asked, media_type).close(),
    )


def show_federated(
    settings: Settings, operation: Operation, wish: str | None, *, terminal: bool, explain: bool
) -> None:
    """Run the operation over this atlas and its partners; the plan goes to standard error.

    Raises what ``show`` raises, and NotFederable, PartnerFailed, PartnerLimit.
    """
    engine = current(settings)
    analysis = inspect(operation, settings, services=True)
    tabular = wish == TABLE or (wish is None and terminal)
    media_type = chosen(analysis.form, wish, tabular=tabular)
    federation = Federation.of(settings)
    run = federation.run(settings.query_timeout)
    plain = PlainFederation(federation, settings.base)

    def local(operation: Operation) -> Rows:
        return parsed(engine.query(operation, RESULTS).read())

    if not analysis.uses_service:
        # The engine says what it cannot run, before anybody is asked.
        engine.query(replace(operation, data=b""), media_type).close()
    planned = plain.planned(operation, local, run)
    say(before(planned) if explain else ())
    try:
        operation = plain.answerable(planned, run)
    finally:
        say(after(run) if explain else ())
    put(engine.query(operation, media_type), tabular=tabular)


def say(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(line, err=True)


def chosen(form: str | None, wish: str | None, *, tabular: bool) -> str:
    """The media type for a table, a wish, or neither: CSV for solutions, Turtle for graphs."""
    if wish is None or tabular:
        solutions = "json" if tabular else "csv"
        wish = "turtle" if form in ("CONSTRUCT", "DESCRIBE") else solutions
    return negotiate(None, form, (wish,))


def write(stream: BinaryIO, tabular: bool) -> None:
    if tabular:
        print_table(json.load(stream))
        return
    sys.stdout.flush()
    shutil.copyfileobj(stream, sys.stdout.buffer)
    sys.stdout.buffer.flush()


def print_table(results: dict[str, Any]) -> None:
    if "boolean" in results:
        click.echo(str(results["boolean"]).lower())
        return
    variables, rows = results["head"]["vars"], results["results"]["bindings"]
    table = Table(*variables, caption=f"{len(rows)} answers", caption_justify="left")
    for row in rows:
        table.add_row(*(cell(row.get(variable)) for variable in variables))
    Console(highlight=False, markup=False).print(table)


def cell(term: dict[str, str] | None) -> str:
    if term is None:
        return ""
    language = f" @{term['xml:lang']}" if "xml:lang" in term else ""
    return term["value"] + language
