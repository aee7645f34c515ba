"""``atlas link``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from textwrap import shorten

import click
from rich.console import Console

from atlas.errors import UsageError, shown
from atlas.settings import Settings
from loaders.linking import proposing as linking
from loaders.linking.accepting import Accepted, accept
from loaders.linking.proposing import MINIMUM, Options, Proposed
from loaders.progress import Display
from loaders.report import sentences as of_build
from loaders.sources import IRI, LANGUAGES

LANGUAGE = re.compile("[a-z]{2,3}")
# Of each two graphs, the best proposals, their labels cut.
SHOWN, WIDTH = 3, 60


@click.command()
@click.argument("graphs", nargs=-1, metavar="PARTNER [OTHER]...")
@click.option(
    "--minimum",
    type=click.FloatRange(0, 1),
    default=MINIMUM,
    show_default=True,
    help="Propose nothing with a lower score.",
)
@click.option(
    "--language",
    "languages",
    multiple=True,
    help="Compare labels of this language; may be given again. By default: fr, en, es.",
)
@click.option(
    "--across-languages",
    "across",
    is_flag=True,
    help="Compare labels of different languages too, and those that say none; for less.",
)
@click.option(
    "--accept",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Publish what is accepted in this file, and remember what is refused.",
)
@click.option("--by", default="", help="With --accept: who decided; kept with today's date.")
@click.option("--licence", default="", help="With --accept: the licence of the matches, an IRI.")
@click.option("--dry-run", "dry", is_flag=True, help="Write and publish nothing.")
def link(
    graphs: tuple[str, ...],
    minimum: float,
    languages: tuple[str, ...],
    across: bool,
    file: Path | None,
    by: str,
    licence: str,
    dry: bool,
) -> None:
    """Propose matches between keywords of a partner, or of a graph, and those of other graphs.

    The keywords are those that are here: built, or harvested of the partner. Labels, codes and
    identifiers are compared; each proposal has a score between 0 and 1 and its reason. Nothing is
    published until a person has written yes or no in the first column of the CSV file, and accepts
    the file.

    \b
    Examples:
      atlas link example-site
      atlas link sdg eurovoc unesco-thesaurus --minimum 0.4
      atlas link --accept instance/links/sdg--eurovoc.csv --by "Name of who decided"
    """
    settings = Settings.load()
    if (file is None) == (not graphs):
        raise UsageError("Name the partner, or the graph, to link; or give --accept with a file.")
    if file is None and (by or licence):
        raise UsageError("--by and --licence belong to --accept.")
    if file is not None:
        _accept(settings, file, by=by.strip(), licence=licence, dry=dry)
        return
    tags = tuple(language.lower() for language in languages)
    for tag in tags:
        if not LANGUAGE.fullmatch(tag):
            raise UsageError(f"{shown(tag)} is no language; give its code, such as fr.")
    _propose(settings, graphs, Options(minimum, tags or LANGUAGES, across, dry))


def _accept(settings: Settings, file: Path, *, by: str, licence: str, dry: bool) -> None:
    if licence and not re.fullmatch(IRI.pattern, licence):
        raise UsageError(f"The licence {shown(licence)} is not {IRI.name}; give its address.")
    quiet = Display(Console(stderr=True, quiet=True, force_terminal=False))
    with _saying() as say, quiet as display:
        say(f"validating what {file.name} accepts with all that is served")
        for accepted in accept(settings, file, by=by, licence=licence, dry=dry, display=display):
            _echo(_of_accepted(accepted, dry=dry))


@contextmanager
def _saying() -> Iterator[Callable[[str], None]]:
    """Tells a terminal what is being done; a file of standard error is not filled with it."""
    console = Console(stderr=True, highlight=False)
    if not console.is_terminal:
        yield lambda text: None
        return
    with console.status("beginning") as status:
        yield status.update


def _propose(settings: Settings, graphs: tuple[str, ...], options: Options) -> None:
    name, *others = graphs
    with _saying() as say:
        found = 0
        for proposed in linking.propose(settings, name, others, options, say=say):
            found += len(proposed.rows)
            _echo(_of_proposed(proposed))
    if found and not options.dry:
        click.echo("Write yes or no in the first column, and give the file to atlas link --accept.")


def _of_proposed(proposed: Proposed) -> Iterator[str]:
    parts = [f"{len(proposed.rows):,} proposed"]
    if proposed.lower:
        parts.append(f"{proposed.lower:,} more have a lower score")
    if proposed.decided:
        parts.append(f"{proposed.decided:,} were decided or stated before")
    yield f"{' and '.join(proposed.graphs)}: {', '.join(parts)}."
    for each in proposed.rows[:SHOWN]:
        one, other = (shorten(label, WIDTH, placeholder=" …") for label in each.labels)
        yield f"  {each.score:.2f}  {one} ~ {other}  ({each.relation})"
    if proposed.files:
        yield f"  {proposed.files[0]}"


def _of_accepted(accepted: Accepted, *, dry: bool) -> Iterator[str]:
    one, other = accepted.graphs
    yield (
        f"{one} and {other}: {accepted.accepted:,} accepted, {accepted.refused:,} refused; "
        f"{accepted.whole:,} matches in all."
    )
    if dry:
        yield "Nothing was published: this was a rehearsal, and the shapes refuse nothing."
    elif accepted.built:
        yield [*of_build(accepted.built)][-1]


def _echo(lines: Iterator[str]) -> None:
    """What a partner wrote cannot command the terminal."""
    for line in lines:
        click.echo("".join(letter if letter.isprintable() else "�" for letter in line))
