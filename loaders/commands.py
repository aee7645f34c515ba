"""``atlas build``, ``atlas load`` and ``atlas validate``."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from rich.console import Console

from atlas.errors import UsageError
from atlas.settings import Settings
from loaders import build as building
from loaders.extra import adding, sources_of
from loaders.progress import Display
from loaders.report import sentences, table
from loaders.sources import LANGUAGES, PUBLISH
from loaders.validation import validate_files, validate_generation
from store import disk
from store.parsing.syntaxes import SYNTAXES

INPUT = click.Path(exists=True, path_type=Path)
WIDTH = 120


@click.command()
@click.option("--sources", "file", type=INPUT, help="Another file of sources than the one shipped.")
@click.option("--only", multiple=True, metavar="NAME", help="This source only; may be repeated.")
@click.option("--public", is_flag=True, help="Leave out sources whose licence is not verified.")
@click.option("--force", is_flag=True, help="Read and publish even what has not changed.")
def build(file: Path | None, only: tuple[str, ...], public: bool, force: bool) -> None:
    """Read the sources, reason, validate, publish a generation.

    A source that has not changed is not read again; where nothing has changed, nothing is
    published. Whatever goes wrong, the generation that is served stays as it is.

    \b
    Examples:
      atlas build
      ATLAS_DATA=../data atlas build --only france-2026 --only banatic
    """
    settings = Settings.load()
    sources = building.choose(sources_of(settings, file), only=only, public=public)
    with disk.sentences(settings.home), Display() as display:
        built = building.build(settings, sources, force=force, display=display)
    _tell(built)


@click.command()
@click.argument("files", nargs=-1, required=True, type=INPUT)
@click.option("--graph", "name", required=True, help="The graph's name: lower-case and hyphens.")
@click.option(
    "--format", "syntax", type=click.Choice(list(SYNTAXES)), help="By default the name's."
)
@click.option(
    "--publish",
    type=click.Choice(PUBLISH),
    default="default",
    show_default=True,
    help="In the default graph too; in its own graph only; as illustration.",
)
@click.option("--licence", default="", metavar="IRI", help="By default none is asserted.")
def load(
    files: tuple[Path, ...], name: str, syntax: str | None, publish: str, licence: str
) -> None:
    """Load RDF files, or folders of them, into a graph of their own.

    The graph is validated and published with what is served. Loading it again replaces it whole;
    every later build keeps it.

    \b
    Example:
      atlas load our-documents.ttl --graph our-documents
    """
    settings = Settings.load()
    with (
        disk.sentences(settings.home),
        adding(
            files, settings, name=name, syntax=syntax or "", publish=publish, licence=licence
        ) as source,
        Display() as display,
    ):
        built = building.add(settings, source, display=display)
    _tell(built)


@click.command()
@click.argument("files", nargs=-1, type=INPUT)
@click.option("--generation", type=click.IntRange(min=1), help="By default the served one.")
@click.option("--syntax", type=click.Choice(list(SYNTAXES)), help="By default what the name says.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "turtle"]),
    default="text",
    show_default=True,
    help="A text for people, or SHACL's own report.",
)
@click.option("--lang", "language", type=click.Choice(LANGUAGES), default="en", help="Of the text.")
def validate(
    files: tuple[Path, ...], generation: int | None, syntax: str | None, form: str, language: str
) -> None:
    """Validate RDF files, or a generation, against the shapes; publish nothing.

    The exit code is 1 where there is a violation.

    \b
    Examples:
      atlas validate our-documents.ttl --lang fr
      atlas validate --generation 3 --format turtle
    """
    settings = Settings.load()
    if files and generation:
        raise UsageError("Give files or --generation, not both.")
    if files:
        found = validate_files(files, settings, syntax=syntax or "")
    else:
        found = validate_generation(settings, generation)
    if form == "turtle":
        click.echo(found.graph.serialize(format="turtle"))
    else:
        click.echo(found.text(language))
    if not found.conforms:
        raise SystemExit(1)


def _tell(built: building.Built) -> None:
    """The table of sources, then what is served and what it took."""
    console = Console(highlight=False, width=None if sys.stdout.isatty() else WIDTH)
    console.print(table(built))
    for sentence in sentences(built):
        click.echo(sentence)
