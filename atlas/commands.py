"""``atlas settings``."""

from __future__ import annotations

from collections.abc import Iterator

import click

from atlas.settings import Settings, grouped

INTRODUCTION = """\
# Settings

Each is an environment variable. `atlas settings` shows the values in force. `atlas serve --settings
FILE` reads them from a file of lines `ATLAS_NAME=value` too, and again at each reload (SIGHUP);
what the file says counts more than the environment. This page is made by `atlas settings
--markdown`.
"""


@click.command()
@click.option("--markdown", "as_markdown", is_flag=True, help="Print the page docs/settings.md.")
def settings(as_markdown: bool) -> None:
    """List the settings: environment variable, value in force, what it is.

    \b
    Example:
      ATLAS_QUERY_TIMEOUT=10 atlas settings
    """
    for line in markdown() if as_markdown else values_in_force(Settings.load()):
        click.echo(line)


def values_in_force(values: Settings) -> Iterator[str]:
    """Lines that a shell or a service manager can read, explained in comments."""
    for number, (title, group) in enumerate(grouped()):
        if number:
            yield ""
        yield f"# {title}"
        for setting in group:
            yield f"{setting.variable}={getattr(values, setting.name)}"
            yield f"    # {setting.help} (default {setting.shown})"


def markdown() -> Iterator[str]:
    """The table for readers. The same on every machine."""
    yield INTRODUCTION
    for number, (title, group) in enumerate(grouped()):
        if number:
            yield ""
        yield f"## {title}"
        yield ""
        yield "| variable | default | what it is |"
        yield "| --- | --- | --- |"
        for setting in group:
            yield f"| `{setting.variable}` | {setting.shown} | {setting.help} |"
