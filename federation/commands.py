"""``atlas partners``: add, list, check and remove the sites that this atlas may ask."""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Mapping
from typing import Any

import click
from rich.console import Console

from atlas.errors import AtlasError, Forbidden, UsageError, shown
from atlas.settings import Settings
from federation.exchange.client import Client
from federation.partner import SENDS, USES, Limits, Partner
from federation.sites.checking import Checker
from federation.sites.counting import UNANSWERED
from federation.sites.partners import PartnerFolder
from federation.sites.showing import report, row, table
from store import Generations

DEFAULT = Limits()
# A text and, after an @, its language. https://www.rfc-editor.org/rfc/rfc5646
TAGGED = re.compile(r"(.*)@([A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*)", re.DOTALL)


@click.group()
def partners() -> None:
    """Other sites that this atlas may ask, and what each was found to hold.

    \b
    Examples:
      atlas partners add example-site --endpoint https://site.example/sparql --licence CC-BY-4.0
      atlas partners list
      atlas partners check
      atlas partners remove example-site
    """
    # What is wrong with an entry is said by the commands themselves.
    logging.getLogger("atlas.partners").addHandler(logging.NullHandler())


@partners.command()
@click.argument("name")
@click.option("--endpoint", default="", metavar="URL", help="Its SPARQL endpoint.")
@click.option("--dump", default="", metavar="URL", help="What it publishes whole, to be harvested.")
@click.option(
    "--title", "titles", multiple=True, metavar="TEXT[@LANGUAGE]", help="Its name for people."
)
@click.option("--homepage", default="", metavar="URL", help="Its page for people.")
@click.option("--licence", default="", metavar="IRI|TEXT", help="Of what it publishes.")
@click.option(
    "--vocabulary", "vocabularies", multiple=True, metavar="IRI", help="A vocabulary that it uses."
)
@click.option("--also", "names", multiple=True, metavar="IRI", help="SERVICE may call it so too.")
@click.option(
    "--use",
    "uses",
    multiple=True,
    type=click.Choice(USES),
    help="What it may be used for; by default all that it has an address for.",
)
@click.option(
    "--sends",
    type=click.Choice(SENDS),
    default=SENDS[0],
    show_default=True,
    help="Which values of our data a query to it may hold.",
)
@click.option(
    "--allow-address",
    "addresses",
    multiple=True,
    metavar="IP",
    help="A private address at which it may be reached, written out.",
)
@click.option(
    "--timeout",
    "seconds",
    type=float,
    default=DEFAULT.seconds,
    show_default=True,
    help="Seconds that one request may take.",
)
@click.option(
    "--bytes",
    "size",
    type=int,
    default=DEFAULT.bytes,
    show_default=True,
    help="Bytes of one answer, unpacked.",
)
@click.option(
    "--rows", type=int, default=DEFAULT.rows, show_default=True, help="Rows of one answer."
)
@click.option(
    "--concurrency",
    type=int,
    default=DEFAULT.concurrency,
    show_default=True,
    help="Requests to it at one time.",
)
@click.option(
    "--block",
    type=int,
    default=DEFAULT.block,
    show_default=True,
    help="Values of ours in one request.",
)
@click.option("--replace", is_flag=True, help="Write the entry anew where there is one.")
def add(
    name: str,
    titles: tuple[str, ...],
    uses: tuple[str, ...],
    seconds: float,
    size: int,
    rows: int,
    concurrency: int,
    block: int,
    replace: bool,
    **said: Any,
) -> None:
    """Add the partner NAME, and say whether it can be reached.

    A site that is down is added all the same. One at a private address is refused unless that very
    address is allowed.

    \b
    Examples:
      atlas partners add example-site --endpoint https://site.example/sparql --title "Un site@fr"
      atlas partners add local --endpoint http://127.0.0.1:3030/ds --allow-address 127.0.0.1 \\
        --use service --sends iris --timeout 5 --rows 10000
    """
    partner = Partner(
        name,
        title=dict(map(_title, titles)),
        uses=frozenset(uses) or _possible(said["endpoint"]),
        addresses=frozenset(said.pop("addresses")),
        limits=Limits(seconds, size, rows, concurrency, block),
        **said,
    )
    checker = _checker()
    _judge(checker.partners.judged(partner, replace=replace), name)
    try:
        latency = checker.reach(partner)
    except Forbidden as error:
        raise UsageError(f"{error} Give --allow-address where that is meant.") from error
    except UNANSWERED as error:
        told = f"It could not be asked: {error}"
    else:
        told = f"It answers in {latency * 1000:.0f} ms; atlas partners check {name} looks into it."
    path = checker.partners.add(partner, replace=replace)
    click.echo(f"{path} written. {told}")


@partners.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, one object per partner.")
def list_partners(as_json: bool) -> None:
    """List the partners: what each is used for, whether it answered, and what it holds.

    An entry that cannot be read is listed with the reason, and the exit code is 1.

    \b
    Example:
      atlas partners list
    """
    folder = _folder()
    found = folder.all()
    broken = folder.broken()
    if as_json:
        for partner in found.values():
            click.echo(json.dumps(row(folder, partner), ensure_ascii=False))
    elif found:
        Console(width=None if sys.stdout.isatty() else 120).print(table(folder, found))
    elif not broken:
        click.echo("There is no partner; atlas partners add makes one.")
    _complain(broken)


@partners.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, one object per partner.")
def check(names: tuple[str, ...], as_json: bool) -> None:
    """Ask the partners what they hold, keep it as their summary, and say what has changed.

    All partners by default. The exit code is 1 where one failed, or where something is marked with
    an exclamation mark: answers are missing, or may be.

    \b
    Examples:
      atlas partners check
      atlas partners check example-site other-site
    """
    checker = _checker()
    folder = checker.partners
    chosen = [folder.get(name) for name in names] or list(folder.all().values())
    bad = False
    for partner in chosen:
        found = checker.check(partner)
        bad = bad or found.bad
        if as_json:
            click.echo(json.dumps({"name": partner.name, **found.to_json()}, ensure_ascii=False))
        else:
            report(partner, found)
    if not chosen and not folder.broken():
        click.echo("There is no partner; atlas partners add makes one.")
    _complain({} if names else folder.broken())
    if bad:
        sys.exit(1)


@partners.command()
@click.argument("name")
def remove(name: str) -> None:
    """Take the partner NAME off the list, with what was known of it. It is not asked any more.

    \b
    Example:
      atlas partners remove example-site
    """
    settings = Settings.load()
    PartnerFolder(settings.home).remove(name)
    click.echo(f"The partner {name} is removed, with its summary and its history.")
    graph = f"{settings.base}/graph/partner-{name}"
    served = Generations(settings.home, keep=settings.generations_kept).current()
    for entry in served.record.get("graphs", ()) if served else ():
        if entry["graph"] == graph:
            click.echo(
                f"What was harvested of it stays: {entry['triples']:,} triples in {graph}; "
                f"atlas harvest {name} --remove takes them out."
            )


def _folder() -> PartnerFolder:
    return PartnerFolder(Settings.load().home)


def _checker() -> Checker:
    return Checker(_folder(), Client())


def _title(text: str) -> tuple[str, str]:
    """``Un site@fr`` as language and text; without a language, "" and the text."""
    found = TAGGED.fullmatch(text)
    language, words = (found[2].lower(), found[1]) if found else ("", text)
    if not words.strip():
        raise UsageError(f"{shown(text)} is no title; give one such as 'Un site@fr'.")
    return language, words


def _judge(text: str, name: str) -> None:
    """Raises UsageError for an entry that the shape of partner sites refuses."""
    from federation.sites.conforming import faults

    found = faults(text, name)
    if found:
        raise UsageError(f"{name} cannot be added: {' '.join(found)}")


def _possible(endpoint: str) -> frozenset[str]:
    """What a site with, or without, an endpoint can be used for."""
    return frozenset(USES if endpoint else {"harvest"})


def _complain(broken: Mapping[str, AtlasError]) -> None:
    """Say what is wrong with entries, and end with it."""
    for error in broken.values():
        click.echo(f"atlas: {error}", err=True)
    if broken:
        sys.exit(1)
