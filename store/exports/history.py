"""What was served one after another, as far as it is kept, and what may be told of it.

The feed of changes tells no more than the dumps hold: of each generation the graphs that its own
record lets be given away, and of these none that the record of today refuses.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from atlas.errors import InstanceError
from store.exports.dump import refusals
from store.generation import Generation
from store.generations import Generations

Entry = Mapping[str, Any]
# What decides whether a graph may be given away.
STATUS = ("publish", "licence_verified")


@dataclass(frozen=True)
class Step:
    """One generation that came to be served, and what was served before it.

    ``before``: None where it is not kept any more. ``at``: when, as xsd:dateTime. ``again``: it was
    served before, and a rollback brought it back.
    """

    before: Generation | None
    after: Generation
    at: str
    again: bool = False

    @property
    def number(self) -> int:
        """The newest generation that there was when it came to be served, or before that."""
        return self.before.number if self.again and self.before else self.after.number


def steps(generations: Generations) -> list[Step]:
    """What came to be served, oldest first, of the generations that are kept.

    Each record says what its generation followed, and the pointer what is served now: where that is
    not the one before, it was rolled back to.
    """
    kept = [generation for generation in generations.all() if _is_whole(generation)]
    by_number = {generation.number: generation for generation in kept}
    found: list[Step] = []
    for generation in kept:
        previous = generation.record.get("previous") or {}
        _roll_back(found, by_number.get(previous.get("number", 0)), previous.get("since", ""))
        before = found[-1].after if found else None
        found.append(Step(before, generation, generation.record["published"]))
    if served := generations.current():
        _roll_back(found, by_number.get(served.number), generations.since())
    return found


def _roll_back(found: list[Step], to: Generation | None, at: str) -> None:
    """Add a rollback to this generation, where it is not what was served last."""
    if found and to is not None and to.number != found[-1].after.number:
        found.append(Step(found[-1].after, to, at, again=True))


def state(generation: Generation, base: str) -> str:
    """The IRI of what a generation holds: no other state has it, in this instance or another."""
    published = generation.record["published"].removesuffix("+00:00").replace(":", "")
    return f"{generation.record.get('base', base)}/feed/state/{generation.number}-{published}"


def given(generation: Generation) -> dict[str, Entry]:
    """The graphs of a generation that its dumps hold, by IRI."""
    graphs = generation.record.get("graphs", ())
    refused = refusals(graphs)
    return {
        graph["graph"]: graph
        for graph in graphs
        if "file" in graph and graph["name"] not in refused
    }


def withdrawn(generation: Generation, served: Generation) -> dict[str, str]:
    """The graphs that the dumps of a generation held and that are refused today, with the reason.

    What was inferred then is judged by what it was inferred from then.
    """
    today = {graph["graph"]: graph for graph in served.record.get("graphs", ())}
    judged = [_as_of(today, graph) for graph in generation.record.get("graphs", ())]
    refused = refusals(judged)
    return {
        iri: refused[graph["name"]]
        for iri, graph in given(generation).items()
        if graph["name"] in refused
    }


def _as_of(today: Mapping[str, Entry], graph: Entry) -> Entry:
    if "inferred_from" in graph or graph["graph"] not in today:
        return graph
    now = today[graph["graph"]]
    return {**graph, **{key: now[key] for key in STATUS if key in now}}


def _is_whole(generation: Generation) -> bool:
    """Whether it can be read: one that is pruned in this moment cannot."""
    with suppress(InstanceError):
        return "published" in generation.record
    return False
