"""``atlas serve`` and ``atlas query``."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from atlas.errors import UsageError
from atlas.settings import Settings


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    default=8000,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="Port to listen on; 0 takes a free one.",
)
@click.option(
    "--processes",
    default=os.cpu_count() or 1,
    show_default="one per core",
    type=click.IntRange(1, 64),
    help="Server processes.",
)
@click.option(
    "--settings",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="File of settings, NAME=value a line; it is read again at SIGHUP.",
)
@click.option(
    "--scratch",
    is_flag=True,
    help="Serve an empty store that --token may write, and forget it at the end.",
)
@click.option("--token", help="With --scratch: the token for writing.")
def serve(
    host: str, port: int, processes: int, file: Path | None, scratch: bool, token: str | None
) -> None:
    """Serve the current generation over HTTP.

    \b
    Examples:
      atlas serve --port 8080
      atlas serve --scratch --token "$(openssl rand -hex 16)"
    """
    from endpoint.server import serve as run
    from endpoint.server import serve_scratch

    if scratch != (token is not None):
        raise UsageError("--scratch and --token belong together; atlas token makes other tokens.")
    if token is not None:
        serve_scratch(Settings.load(file=file), host, port, processes, token=token)
        return
    run(Settings.load(file=file), host, port, processes, file=file)


@click.command()
@click.argument("name", required=False)
@click.option("--param", "-p", "params", multiple=True, metavar="NAME=VALUE", help="A parameter.")
@click.option("--format", "-f", "wish", help="csv, tsv, json, xml, turtle, … or table.")
@click.option("--list", "listing", is_flag=True, help="List the named queries.")
@click.option(
    "--file",
    "path",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Run the SPARQL query in this file.",
)
@click.option("--federated", is_flag=True, help="Ask this atlas and all its partners together.")
@click.option(
    "--explain", is_flag=True, help="With --federated: say who is asked what, and what came of it."
)
def query(
    name: str | None,
    params: tuple[str, ...],
    wish: str | None,
    listing: bool,
    path: Path | None,
    federated: bool,
    explain: bool,
) -> None:
    """Run a named query, or the query in a file, on the current generation.

    On a terminal the answer is a table, elsewhere CSV or Turtle. What --explain says goes to
    standard error.

    \b
    Examples:
      atlas query --list
      atlas query cq05_competence_holders -p insee=54395
      atlas query --file question.rq --format json
      atlas query --federated --explain --file question.rq
    """
    from endpoint import asking

    settings = Settings.load()
    if explain and not federated:
        raise UsageError("--explain belongs to --federated.")
    if listing:
        asking.show_library(settings)
    elif (name is None) == (path is None):
        raise UsageError("Give the name of a query or --file; atlas query --list shows the names.")
    else:
        operation = (
            asking.read_file(path, params)
            if path is not None
            else asking.bind(settings, str(name), params)
        )
        terminal = sys.stdout.isatty()
        if federated:
            asking.show_federated(settings, operation, wish, terminal=terminal, explain=explain)
            return
        asking.show(settings, operation, wish, terminal=terminal)
