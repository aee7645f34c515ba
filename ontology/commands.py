"""``atlas format``: the ontology's files in the stable form."""

from __future__ import annotations

import difflib
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

import click

from atlas.errors import UsageError
from ontology.modules import files
from ontology.reader import parse
from ontology.turtle import serialise

DIFF_LINES = 20


@click.command("format")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path, exists=True))
@click.option("--check", is_flag=True, help="Only look; exit with 1 if a file would change.")
def format_files(paths: tuple[Path, ...], check: bool) -> None:
    """Write Turtle in the stable form: no edit, no diff; a small edit, a small diff.

    Without PATHS: all modules, vocabularies, alignments and import stubs of the ontology. Shapes,
    fixtures and queries are written by hand and stay so. Comments (#) are not kept.

    \b
    Examples:
      atlas format
      atlas format --check ontology/territory.ttl
    """
    # Everything is read before anything is written: a broken file leaves all others as they were.
    changes = list(reformatted(turtle_files(paths)))
    for path, before, after in changes:
        if check:
            click.echo(f"{path} is not in the stable form; run: atlas format {path}")
            click.echo(difference(path, before, after))
        else:
            replace(path, after)
            click.echo(f"{path} rewritten")
    if check and changes:
        raise SystemExit(1)


def turtle_files(paths: Iterable[Path]) -> list[Path]:
    """The files meant: those named, those in a folder named, or else the ontology's own.

    Raises UsageError for a file that is not Turtle by its name.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += sorted(inner for inner in path.rglob("*.ttl") if inner.name != "prefixes.ttl")
        elif path.suffix != ".ttl":
            raise UsageError(f"{path} is not a Turtle file (.ttl); save it as Turtle first.")
        else:
            found.append(path)
    return found or files()


def reformatted(paths: Iterable[Path]) -> Iterable[tuple[Path, str, str]]:
    """Path, text, text in the stable form: of the files where the two differ."""
    for path in paths:
        before = path.read_bytes()
        after = serialise(parse(before, path))
        if after.encode() != before:
            yield path, before.decode(), after


def difference(path: Path, before: str, after: str) -> str:
    """A unified diff, cut so that the screen stays readable."""
    lines = list(
        difflib.unified_diff(
            before.splitlines(), after.splitlines(), f"{path}", f"{path} (stable)", n=1, lineterm=""
        )
    )
    if len(lines) > DIFF_LINES:
        lines[DIFF_LINES:] = [f"… and {len(lines) - DIFF_LINES} more lines"]
    return "\n".join(lines)


def replace(path: Path, text: str) -> None:
    """Put the text in the file's place in one step: a crash leaves the old file or the new one.

    Raises UsageError where the folder cannot be written to.
    """
    target = path.resolve()
    try:
        descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        try:
            with open(descriptor, "w", encoding="utf-8", newline="\n") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(name, target.stat().st_mode)
            os.replace(name, target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}.") from error
