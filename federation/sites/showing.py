"""Partners as ``atlas partners`` shows them: a table, a row of JSON, and what a check found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import click
from rich.table import Table

from federation.partner import Partner
from federation.sites.checking import Check
from federation.sites.drift import plural
from federation.sites.partners import PartnerFolder
from federation.sites.summaries import COUNTED, SAMPLED, VOID

DAY, HOUR, MINUTE = 86_400, 3_600, 60
SOURCES = {VOID: "as its VoID says", COUNTED: "counted", SAMPLED: "from a sample"}


def row(folder: PartnerFolder, partner: Partner) -> dict[str, Any]:
    """What is known of a partner, for a program."""
    summary, history = folder.summary(partner.name), folder.history(partner.name)
    last = history[-1] if history else {}
    return {
        "name": partner.name,
        "endpoint": partner.endpoint,
        "dump": partner.dump,
        "uses": sorted(partner.uses),
        "sends": partner.sends,
        "checked": last.get("at"),
        "failed": last.get("failed"),
        "latency": last.get("latency"),
        "summary": summary and summary.taken.isoformat(timespec="seconds"),
        "complete": summary and summary.complete,
        "triples": summary and summary.triples,
    }


def table(folder: PartnerFolder, found: Mapping[str, Partner]) -> Table:
    """What is known of the partners, for people."""
    shown = Table("name", "state", "summary", "triples", "latency", "uses", "address", box=None)
    for partner in found.values():
        known, summary = row(folder, partner), folder.summary(partner.name)
        triples = "" if known["triples"] is None else f"{known['triples']:,}"
        latency = "" if known["latency"] is None else f"{known['latency'] * 1000:.0f} ms"
        age = _age(summary.age()) if summary else "none"
        shown.add_row(
            partner.name,
            _state(known),
            age if not summary or summary.complete else f"{age}, incomplete",
            triples,
            latency,
            " ".join(known["uses"]),
            partner.endpoint or partner.dump,
        )
    return shown


def _state(known: Mapping[str, Any]) -> str:
    if known["checked"] is None:
        return "never checked"
    return "failed" if known["failed"] else "answers"


def _age(seconds: float) -> str:
    """How old, in the largest unit that fits."""
    for size, unit in ((DAY, "d"), (HOUR, "h"), (MINUTE, "min")):
        if seconds >= size:
            return f"{seconds // size:.0f} {unit} old"
    return "fresh"


def report(partner: Partner, found: Check) -> None:
    """One line for the partner, then what there is to know."""
    if found.failed:
        click.echo(f"{partner.name}: failed. {found.failed}")
        return
    click.echo(f"{partner.name}: {', '.join(_facts(found))}.")
    for note in (*found.changes, *found.remarks):
        click.echo(f"  {'!' if note.bad else '•'} {note.text}")


def _facts(found: Check) -> Iterator[str]:
    yield f"answers in {(found.latency or 0) * 1000:.0f} ms"
    summary = found.summary
    if summary is None:
        return
    if summary.triples is not None:
        yield plural("triple", summary.triples)
    predicates, classes = len(summary.predicates), len(summary.classes)
    yield f"{plural('predicate', predicates)} and {plural('class', classes)}"
    yield SOURCES[summary.source]
    if found.found:
        yield f"has {' and '.join(found.found)}"
