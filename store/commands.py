"""``atlas generations``, ``rollback``, ``dump``, ``backup`` and ``restore``."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from atlas.errors import InstanceError, UsageError
from atlas.settings import Settings
from store.exports import dump as dumping
from store.generation import Generation
from store.generations import Generations


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON, one object per generation.")
def generations(as_json: bool) -> None:
    """List the generations that are kept; a star marks the served one.

    \b
    Examples:
      atlas generations
      atlas generations --json
    """
    settings = Settings.load()
    kept = Generations(settings.home, keep=settings.generations_kept)
    served = kept.current()
    rows = [_row(generation, served) for generation in kept.all()]
    if as_json:
        for row in rows:
            click.echo(json.dumps(row))
        return
    if not rows:
        click.echo(f"No generation in {settings.home}; atlas build makes one.")
        return
    table = Table("", "number", "published (UTC)", "graphs", "triples", box=None)
    for row in rows:
        star = "*" if row["served"] else ""
        table.add_row(
            star,
            str(row["number"]),
            row["published"].removesuffix("+00:00").replace("T", " "),
            str(row["graphs"]),
            f"{row['triples']:,}",
        )
    Console(width=None if sys.stdout.isatty() else 100).print(table)


def _row(generation: Generation, served: Generation | None) -> Mapping[str, Any]:
    record = generation.record
    return {
        "number": generation.number,
        "published": record["published"],
        "graphs": len(record.get("graphs", ())),
        "triples": record.get("triples", 0),
        "served": served is not None and served.number == generation.number,
    }


@click.command()
@click.argument("number", type=click.IntRange(min=1))
def rollback(number: int) -> None:
    """Serve generation NUMBER again. Nothing is removed; running servers follow at once.

    \b
    Example:
      atlas rollback 3
    """
    settings = Settings.load()
    kept = Generations(settings.home, keep=settings.generations_kept)
    generation = kept.rollback(number)
    click.echo(f"Generation {generation.number} is served.")


@click.command()
@click.option(
    "--format",
    "form",
    type=click.Choice(sorted(dumping.FORMS)),
    help="N-Quads or TriG; by default what OUTPUT's name says, else nq.",
)
@click.option(
    "--gzip/--no-gzip", "packed", default=None, help="By default what OUTPUT's name says."
)
@click.option("--output", "-o", type=click.Path(path_type=Path), help="By default standard output.")
@click.option(
    "--generation", "number", type=click.IntRange(min=1), help="By default the served one."
)
@click.option("--graph", "graphs", multiple=True, help="IRI or name of a graph; may be repeated.")
def dump(
    form: str | None,
    packed: bool | None,
    output: Path | None,
    number: int | None,
    graphs: tuple[str, ...],
) -> None:
    """Write a generation as N-Quads or TriG, with the licence and attribution of each graph.

    Illustrative graphs, and those whose licence nobody verified, are left out unless named.

    \b
    Examples:
      atlas dump -o atlas.nq.gz
      atlas dump --format trig --graph calame-talk
    """
    generation = _generation(number)
    chosen = dumping.choose(generation, graphs)
    for sentence in chosen.left_out:
        click.echo(f"atlas: {sentence}", err=True)
    name = output.name if output else ""
    form = form or ("trig" if ".trig" in name else "nq")
    packed = name.endswith(".gz") if packed is None else packed
    if output is None:
        if packed:
            raise UsageError("Packed output needs a file: atlas dump --gzip -o atlas.nq.gz")
        dumping.write(generation, chosen.graphs, sys.stdout.buffer, form)
        return
    with dumping.target(output, packed=packed) as stream:
        dumping.write(generation, chosen.graphs, stream, form, _progress)
    click.echo(f"{output}: {len(chosen.graphs)} graphs of generation {generation.number}")


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--generation", "number", type=click.IntRange(min=1), help="By default the served one."
)
def backup(file: Path, number: int | None) -> None:
    """Write a generation, loaded sources, partners and hashed tokens to the archive FILE.

    Its name says how it is packed: .tar.zst, .tar.gz or .tar. The atlas may serve and write
    meanwhile.

    \b
    Example:
      atlas backup atlas.tar.zst
    """
    from store.archives import backup as backing

    generation = _generation(number)
    size = backing.backup(Settings.load().home, generation, file, _told)
    click.echo(f"{file}: generation {generation.number}, {size:,} bytes")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restore(file: Path) -> None:
    """Publish the generation in the archive FILE under a new number and serve it.

    Loaded sources, partners and tokens come back where the instance has none. Nothing is
    overwritten, and nothing is touched before the whole archive is verified.

    \b
    Example:
      ATLAS_HOME=/srv/atlas atlas restore atlas.tar.zst
    """
    from store.archives import restore as restoring

    settings = Settings.load()
    generations = Generations(settings.home, keep=settings.generations_kept)
    restored = restoring.restore(generations, file, _told)
    for name in restored.kept:
        click.echo(
            f"atlas: {settings.home / name} is there already and stays as it is; move it away and "
            "restore again to have the backup's.",
            err=True,
        )
    click.echo(
        f"Generation {restored.generation.number} is served: number "
        f"{restored.manifest['generation']} of the backup of {restored.manifest['made']}."
    )


def _told(name: str, size: int) -> None:
    _progress(f"{name} ({size:,} bytes)")


def _progress(name: str) -> None:
    if sys.stderr.isatty():
        click.echo(f"  {name}", err=True)


def _generation(number: int | None) -> Generation:
    settings = Settings.load()
    kept = Generations(settings.home, keep=settings.generations_kept)
    if number is not None:
        return kept.get(number)
    served = kept.current()
    if served is None:
        raise InstanceError(f"No generation in {settings.home} yet; run atlas build to make one.")
    return served
