"""What the feed tells of each step from one generation to the next: which graphs changed, and how.

A patch is made when it is first asked for, in a thread of its own, one at a time in one process.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import gevent
from flask import url_for

from endpoint.catalogue import Graph
from endpoint.language import reader_language
from endpoint.publishing.distributions import titled
from endpoint.site import Site
from store import Generation
from store.exports.history import Step, state, steps, withdrawn
from store.exports.patches import GraphChange, Patch, Patches

# So many numbers of generations are told of in one document.
PAGE = 20
MAKING = threading.Lock()
Entry = Mapping[str, Any]


@dataclass(frozen=True)
class Event:
    """One step, and what it changed; ``first``: what was before it is not kept any more."""

    step: Step
    base: str
    graphs: Sequence[GraphChange]

    @property
    def first(self) -> bool:
        return self.step.before is None

    @property
    def iri(self) -> str:
        """Its name: that of the state, once more for each time that it came back."""
        name = state(self.step.after, self.base)
        return f"{name}/{self.step.at}" if self.step.again else name

    @property
    def patch(self) -> str:
        """The address of the patch that leads there."""
        before = self.step.before.number if self.step.before else 0
        return url_for("feed.patch", old=before, new=self.step.after.number, _external=True)

    def title(self, change: GraphChange, known: Mapping[str, Graph], language: str) -> str:
        """What a graph is called, by the record of the state that has it or by what is served."""
        entry = self.entry(change)
        return (titled(entry, known, language) if entry else "") or change.name

    def entry(self, change: GraphChange) -> Entry:
        """What the record of the newest of both states that has the graph says of it."""
        states = filter(None, (self.step.after, self.step.before))
        records = [generation.record for generation in states]
        graphs = [graph for record in records for graph in record.get("graphs", ())]
        return next((graph for graph in graphs if graph["graph"] == change.graph), {})


@dataclass(frozen=True)
class History:
    """What came to be served, cut into pages that keep their content."""

    site: Site
    steps: Sequence[Step]

    @property
    def pages(self) -> list[int]:
        """The numbers of the pages that there are, oldest first."""
        return sorted({step.number // PAGE for step in self.steps})

    @property
    def version(self) -> str:
        """What all that is told is a function of."""
        if not self.steps:
            return "0"
        first, last = self.steps[0], self.steps[-1]
        return f"{last.after.number}-{first.after.number}-{last.number}-{last.at}"

    def on(self, page: int) -> list[Step]:
        return [step for step in self.steps if step.number // PAGE == page]

    def events(self, page: int) -> list[Event]:
        """What a page tells, newest first. Raises what making a patch raises."""
        base = self.site.settings.base
        return [Event(step, base, changes(self.site, step)) for step in reversed(self.on(page))]


def history(site: Site) -> History:
    return History(site, steps(site.engine.generations))


def told(event: Event, site: Site) -> dict[str, object]:
    """An event as the templates show it."""
    known = site.catalogue().graphs
    language = reader_language()
    return {
        "event": event,
        "number": event.step.after.number,
        "graphs": [(event.title(graph, known, language), graph) for graph in event.graphs],
        "added": sum(graph.added for graph in event.graphs),
        "removed": sum(graph.removed for graph in event.graphs),
    }


def changes(site: Site, step: Step) -> Sequence[GraphChange]:
    """The graphs that a step changed; none where nobody can tell."""
    return patch(site, step.before, step.after).graphs if step.before else ()


def patch(site: Site, old: Generation | None, new: Generation) -> Patch:
    """The patch from one generation to another; 0, None, is the empty dataset.

    Raises InstanceError where a generation is gone, StorageFull.
    """
    patches = Patches(site.engine.generations, site.settings.base)
    found = patches.kept(old, new)
    if found is None:
        with MAKING:
            found = gevent.get_hub().threadpool.apply(patches.made, (old, new))
    return found


def refused(
    changed: Sequence[GraphChange], old: Generation | None, new: Generation, served: Generation
) -> dict[str, str]:
    """The graphs of a patch that are not given away any more, by name, with the reason."""
    reasons = withdrawn(new, served) | (withdrawn(old, served) if old else {})
    return {graph.name: reasons[graph.graph] for graph in changed if graph.graph in reasons}
