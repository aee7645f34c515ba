"""How the data are doing: generations and their changes, what validation found, conformance.

The facts are those of the feed, of the generation's record and of ``make conformance``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from endpoint.feed.events import Event, History, told
from endpoint.language import LANGUAGES, reader_language
from endpoint.names import Value
from endpoint.publishing.distributions import titled
from endpoint.site import Site
from endpoint.view import View
from store.exports.history import Step, given
from store.exports.patches import Patches
from store.generation import Generation

CONFORMANCE = Path(__file__).parents[2] / "conformance.json"
# Of the generations, a page that shows other things besides tells the newest so many.
GENERATIONS = 5
SEVERITIES = ("violation", "warning", "info")
# What the record says anew of a graph that holds something else than before.
MARKS = ("triples", "checksum", "written")

Json = dict[str, Any]


@dataclass(frozen=True)
class Withheld:
    """A graph that no file has, and so no patch: how many triples it had and has.

    ``kind``: "created", "changed" or "removed".
    """

    title: str
    kind: str
    before: int
    after: int


@dataclass(frozen=True)
class Told:
    """One generation that came to be served.

    ``triples``: of the default graph, None where it is not recorded; ``gained``: how many more than
    before. ``changes``: as the feed shows them, None where nobody has worked them out yet.
    ``withheld``: what changed in the graphs that are not given away, of which the feed is silent.
    """

    step: Step
    triples: int | None
    gained: int | None
    changes: Mapping[str, Any] | None
    withheld: Sequence[Withheld] = ()


def generations(site: Site, past: History) -> list[Told]:
    """The newest first. Nothing is worked out here: what takes long is left to the feed."""
    patches = Patches(site.engine.generations, site.settings.base)
    return [_told(site, patches, step) for step in reversed(past.steps[-GENERATIONS:])]


def _told(site: Site, patches: Patches, step: Step) -> Told:
    triples = step.after.record.get("triples")
    gained, changes, others = None, None, list[Withheld]()
    if step.before is not None:
        others = withheld(site, step.before, step.after)
        before = step.before.record.get("triples")
        gained = triples - before if triples is not None and before is not None else None
        found = patches.kept(step.before, step.after)
        if found is not None:
            changes = told(Event(step, site.settings.base, found.graphs), site)
    return Told(step, triples, gained, changes, others)


def withheld(site: Site, before: Generation, after: Generation) -> list[Withheld]:
    """What the records of both say of the graphs that neither gives away."""
    known, language = site.catalogue().graphs, reader_language()
    shown = given(before).keys() | given(after).keys()
    old, new = (
        {entry["graph"]: entry for entry in each.record.get("graphs", ())}
        for each in (before, after)
    )
    found = []
    for graph in {**old, **new}.keys() - shown:
        was, now = old.get(graph, {}), new.get(graph, {})
        if any(was.get(mark) != now.get(mark) for mark in MARKS):
            kind = "changed" if was and now else "created" if now else "removed"
            title = titled(now or was, known, language) or (now or was)["name"]
            found.append(Withheld(title, kind, was.get("triples", 0), now.get("triples", 0)))
    return sorted(found, key=lambda each: each.title)


@dataclass(frozen=True)
class Findings:
    """What the shapes found in some data: results by severity, those that are none left out."""

    about: str
    counts: Mapping[str, int]

    @property
    def listed(self) -> list[tuple[str, int]]:
        return [(each, self.counts[each]) for each in SEVERITIES if self.counts.get(each)]


@dataclass(frozen=True)
class Rows:
    """How many rows of a source were read, and how many were left out because they are bad."""

    about: str
    rows: int
    bad: int


@dataclass(frozen=True)
class Finding:
    """Results that say the same; ``examples``: things that they are about, as they are called."""

    severity: str
    message: str
    language: str
    count: int
    examples: Sequence[Value]


@dataclass(frozen=True)
class Validation:
    """``whole``: of the default graph; ``apart``: of graphs that are judged by themselves.

    ``listed``: what was found in the default graph, as far as it is kept.
    """

    whole: Findings
    listed: Sequence[Finding]
    apart: Sequence[Findings]
    bad_rows: Sequence[Rows]
    rows: int


def validation(view: View, titles: Mapping[str, str]) -> Validation | None:
    """What a build recorded, None where nothing was. ``titles``: of the graphs, by their name."""
    record = view.site.record(view.generation)
    if "findings" not in record:
        return None
    readings = [
        Rows(titles.get(graph["name"], graph["name"]), reading["rows"], reading["bad"])
        for graph in record.get("graphs", ())
        if (reading := graph.get("reading"))
    ]
    return Validation(
        whole=Findings("", record["findings"]),
        listed=listed(view, record.get("findings_listed", ())),
        apart=[
            Findings(titles.get(name, name), counts)
            for name, counts in record.get("findings_apart", {}).items()
        ],
        bad_rows=[each for each in readings if each.bad],
        rows=sum(each.rows for each in readings),
    )


def listed(view: View, found: Sequence[Json]) -> list[Finding]:
    names = view.names(iri for each in found for iri in each["examples"])
    return [
        Finding(
            each["severity"],
            *message(each["messages"], view.language),
            each["count"],
            [shortly(names.value(iri), view.base) for iri in each["examples"]],
        )
        for each in found
    ]


def shortly(value: Value, base: str) -> Value:
    """What has no name, and so is called by its IRI, without what all IRIs of ours begin with."""
    return replace(value, text=value.text.removeprefix(f"{base}/id/"))


def message(messages: Mapping[str, str], wanted: str) -> tuple[str, str]:
    """What is said and its language: the reader's, or one that there is."""
    for language in (wanted, *LANGUAGES, *messages):
        if language in messages:
            return messages[language], language
    return "", ""


@cache
def conformance() -> Json:
    """What ``make conformance`` wrote: the version it ran, its suites, each test that fails."""
    found: Json = json.loads(CONFORMANCE.read_text("utf-8"))
    return found


def total(suites: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """The numbers of all suites together."""
    numbers = ("passed", "by_value", "excused", "not_claimed", "total")
    return {name: sum(suite[name] for suite in suites) for name in numbers}
