"""The ``atlas`` program: finds its commands among the packages, turns errors into one sentence."""

from __future__ import annotations

import sys
from importlib.metadata import entry_points

import click

from atlas import __version__
from atlas.errors import AtlasError

COMMANDS = "atlas.commands"


class LazyGroup(click.Group):
    """A group whose commands are entry points, imported only when one is called."""

    def list_commands(self, context: click.Context) -> list[str]:
        return sorted(entry.name for entry in entry_points(group=COMMANDS))

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        for entry in entry_points(group=COMMANDS, name=name):
            command: click.Command = entry.load()
            return command
        return None


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="atlas")
def program() -> None:
    """Atlas relationnel: relations between actors, domains and scales, as linked data.

    \b
    Examples:
      atlas build                     read the sources, reason, validate, publish a generation
      atlas serve                     answer SPARQL on http://127.0.0.1:8000/sparql
      atlas query --list              the named queries
    """


def main() -> None:
    """Run the program. Exit codes: 0 done, 1 the data is at fault, 2 the call is at fault."""
    try:
        program(standalone_mode=True)
    except AtlasError as error:
        click.echo(f"atlas: {error}", err=True)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        click.echo("atlas: stopped; nothing was published.", err=True)
        sys.exit(130)
