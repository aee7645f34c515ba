"""``atlas settings``."""

from __future__ import annotations

import click

from atlas.settings import SETTINGS, Settings


@click.command()
def settings() -> None:
    """List the settings: environment variable, value in force, what it is.

    \b
    Example:
      ATLAS_QUERY_TIMEOUT=10 atlas settings
    """
    values = Settings.load()
    for setting in SETTINGS:
        click.echo(f"{setting.variable}={getattr(values, setting.name)}")
        click.echo(f"    {setting.help} (default {setting.default or 'none'})")
