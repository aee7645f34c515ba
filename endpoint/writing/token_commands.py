"""``atlas token``: create, list and revoke tokens for writing."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import click

from atlas.errors import UsageError
from atlas.settings import Settings
from endpoint.tokens import PUBLISH, TokenFile, scopes, span


@click.group()
def token() -> None:
    """Tokens that let a partner write graphs over HTTP.

    \b
    Examples:
      atlas token create --graphs nancy --expires 90d --name "Métropole"
      atlas token list
      atlas token revoke 1f3a9c02
    """


@token.command()
@click.option(
    "--graphs",
    multiple=True,
    metavar="GRAPH",
    help="A graph it may write: an IRI, a name, or a prefix ending in *; may be repeated.",
)
@click.option("--admin", is_flag=True, help="It may write every graph that may be written.")
@click.option("--expires", default="90d", show_default=True, help="Such as 12h, 90d, 6w or 1y.")
@click.option(
    "--publish",
    default=PUBLISH[0],
    show_default=True,
    type=click.Choice(PUBLISH),
    help="How graphs that it creates are published.",
)
@click.option("--name", default="", metavar="TEXT", help="For whom it is.")
def create(graphs: tuple[str, ...], admin: bool, expires: str, publish: str, name: str) -> None:
    """Create a token and show it, once.

    \b
    Examples:
      atlas token create --graphs nancy --graphs 'https://example.org/graph/*'
      atlas token create --admin --expires 12h
    """
    if admin == bool(graphs):
        raise UsageError("Give --graphs, or --admin for every graph.")
    settings = Settings.load()
    words = [word for group in graphs for word in group.split()]
    scope = None if admin else scopes(words, settings.base)
    entry, text = TokenFile(settings.home).create(
        scope, expires=span(expires), publish=publish, name=name
    )
    click.echo(text)
    click.echo(
        f"Token {entry.id} expires {entry.expires}. It is shown only now; send it as "
        "Authorization: Bearer TOKEN.",
        err=True,
    )


@token.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, one object per token.")
def list_tokens(as_json: bool) -> None:
    """List the tokens: what each may write and until when, never their secret.

    \b
    Example:
      atlas token list
    """
    now = datetime.now(UTC)
    entries = sorted(
        TokenFile(Settings.load().home).entries().values(), key=lambda entry: entry.created
    )
    if not entries and not as_json:
        click.echo("There is no token; atlas token create makes one.")
    for entry in entries:
        state = "expired" if entry.expired(now) else "valid"
        graphs = "every graph" if entry.graphs is None else " ".join(entry.graphs)
        if as_json:
            row = {
                "id": entry.id,
                "name": entry.name,
                "graphs": entry.graphs,
                "publish": entry.publish,
                "created": entry.created,
                "expires": entry.expires,
                "state": state,
            }
            click.echo(json.dumps(row, ensure_ascii=False))
        else:
            click.echo(
                f"{entry.id}  {state} until {entry.expires}  {graphs}  {entry.name}".rstrip()
            )


@token.command()
@click.argument("identity", metavar="ID")
def revoke(identity: str) -> None:
    """Revoke the token with this ID; running servers follow at once.

    \b
    Example:
      atlas token revoke 1f3a9c02
    """
    entry = TokenFile(Settings.load().home).revoke(identity)
    click.echo(f"Token {entry.id} is revoked.")
