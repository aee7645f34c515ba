"""``atlas harvest``."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import click
from rich.console import Console

from atlas.errors import AtlasError, UsageError
from atlas.settings import Settings
from federation.exchange.gate import Gate
from federation.partner import HARVEST
from federation.sites.partners import PartnerFolder
from loaders.harvests import run as harvesting
from loaders.harvests.kinds import KINDS
from loaders.harvests.report import sentences
from loaders.harvests.run import Harvest, Options
from loaders.progress import Display
from loaders.report import sentences as of_build
from loaders.sources import PUBLISH


@click.command()
@click.argument("partners", nargs=-1, metavar="PARTNER...")
@click.option("--all", "everyone", is_flag=True, help="Every partner that may be harvested.")
@click.option("--kind", type=click.Choice(KINDS), help="By default what is served says it.")
@click.option(
    "--file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file of the partner's, instead of what its address serves.",
)
@click.option(
    "--publish",
    type=click.Choice(PUBLISH),
    help="In the default graph too, in its own graph only, or as illustration; by default as the "
    "last time, and at first in its own graph only where the licence is share-alike.",
)
@click.option(
    "--dry-run", "dry", is_flag=True, help="Fetch, compare and validate; publish nothing."
)
@click.option("--accept-loss", is_flag=True, help="Also where most of what was there is gone.")
@click.option("--remove", is_flag=True, help="Take out again what was harvested of the partner.")
def harvest(
    partners: tuple[str, ...],
    everyone: bool,
    kind: str | None,
    file: Path | None,
    publish: str | None,
    dry: bool,
    accept_loss: bool,
    remove: bool,
) -> None:
    """Take what partners publish into graphs of their own, each whole or not at all.

    A partner's dump is harvested, else its endpoint: ScrutariData, OAI-PMH, RDF, SKOS, a DCAT
    catalogue and its RDF files. Where nothing has changed, nothing is published. Whatever goes
    wrong, what is served stays as it is; the other partners are harvested all the same.

    \b
    Examples:
      atlas harvest example-site
      atlas harvest example-site --dry-run
      atlas harvest --all
    """
    settings = Settings.load()
    names = _names(settings, partners, everyone)
    if len(names) != 1 and (file or remove):
        raise UsageError("Give one partner with --file or --remove.")
    if remove:
        _each(names, lambda name: _remove(settings, name))
        return
    options = Options(kind or "", file, publish or "", dry, accept_loss)
    _each(names, lambda name: _harvest(settings, name, options))


def _names(settings: Settings, partners: tuple[str, ...], everyone: bool) -> list[str]:
    if bool(partners) == everyone:
        raise UsageError("Name the partners to harvest, or give --all.")
    if not everyone:
        return list(dict.fromkeys(partners))
    known = PartnerFolder(settings.home).all()
    names = [name for name, partner in known.items() if HARVEST in partner.uses]
    if not names:
        raise UsageError(f"No partner's entry allows the use {HARVEST}; atlas partners lists them.")
    return names


def _each(names: list[str], work: Callable[[str], None]) -> None:
    """Do the work for each; what fails is told, and does not keep the others from it."""
    if len(names) == 1:
        work(names[0])
        return
    worst = 0
    for name in names:
        try:
            work(name)
        except AtlasError as error:
            click.echo(f"atlas: {name}: {error}", err=True)
            worst = max(worst, error.exit_code)
    if worst:
        raise SystemExit(worst)


def _harvest(settings: Settings, name: str, options: Options) -> None:
    partner = PartnerFolder(settings.home).get(name)
    console = Console(stderr=True, highlight=False)
    status = console.status(f"{name}: beginning") if console.is_terminal else None
    with status or nullcontext(), _quiet() as display:

        def say(text: str) -> None:
            if status is not None:
                status.update(f"{name}: {text}")

        work = Harvest(settings, partner, options, gate=Gate(), display=display, say=say)
        harvested = work.run()
    for line in sentences(harvested, dry=options.dry):
        click.echo(line)


def _remove(settings: Settings, name: str) -> None:
    with _quiet() as display:
        built = harvesting.remove(settings, name, display=display)
    click.echo(f"{name}: what was harvested of it is no more in the atlas.")
    click.echo([*of_build(built)][-1])


def _quiet() -> Display:
    """A harvest runs by night: it tells what came of it, and a terminal how far it is."""
    return Display(Console(stderr=True, quiet=True, force_terminal=False))
