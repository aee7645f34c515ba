"""Follows paths from site to site, step by step: what lies on them is gathered.

A path has the same solutions over what is gathered as over the merge of all sites: from the end
that is known, each step is fetched from every site that may have it, until nothing new is met.
https://www.w3.org/TR/sparql11-query/#propertypaths
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from pyoxigraph import Variable

from atlas.errors import NotFederable
from federation.plain.asked_patterns import ANYTHING, BY, FROM, TO, link
from federation.plain.gathered import Gathered
from federation.plain.selection import Chosen
from federation.plain.steps import Choices, Walk
from federation.plain.values import Known, Values
from federation.query.patterns import (
    Chain,
    Choice,
    Inverse,
    Link,
    Negated,
    Path,
    Pattern,
    Repeated,
    Term,
    endless,
)

# What the two ends of a path may be.
Ends = tuple[Values, Values]


class Fetching(Protocol):
    """What brings triples from the sites."""

    gathered: Gathered

    def fetch(
        self,
        patterns: Sequence[Pattern],
        sources: Iterable[Chosen],
        known: Known,
        filters: Sequence[str] = (),
    ) -> Known | None: ...
    def fetch_everywhere(self, pattern: Pattern, known: Known) -> None: ...


def walk(step: Walk, known: Known, gatherer: Fetching) -> Known | None:
    """Gather what a path may go over; what its ends may be then, None where it leads nowhere."""
    start, end = (end_values(term, known) for term in step.ends)
    found = Walking(step.links, gatherer).follow(step.pattern.path, start, end)
    if found is None:
        return None
    if endless(step.pattern.path):
        for values in (start, end):
            if values is not None:
                make_nodes(values, gatherer)
    return {
        term.value: values
        for term, values in zip(step.ends, found, strict=True)
        if isinstance(term, Variable)
    }


class Walking:
    """One path; ``links``: the sites of each of its predicates."""

    def __init__(self, links: Choices, gatherer: Fetching) -> None:
        self.links, self.gatherer = links, gatherer

    def follow(self, path: Path, start: Values | None, end: Values | None) -> Ends | None:
        """Gather what a path may go over; what its two ends may be, None where it leads nowhere.

        ``start``, ``end``: what they may be, None where anything.
        """
        match path:
            case Link():
                return self.edge(link(path), start, end)
            case Negated():
                return self.excluded(path, start, end)
            case Inverse(path=inner):
                found = self.follow(inner, end, start)
                return None if found is None else (found[1], found[0])
            case Choice(parts=parts):
                several = [self.follow(part, start, end) for part in parts]
                return joined([found for found in several if found is not None])
            case Chain(parts=parts):
                return self.chain(parts, start, end)
            case Repeated():
                return self.repeated(path, start, end)

    def edge(
        self,
        pattern: Pattern,
        start: Values | None,
        end: Values | None,
        filters: Sequence[str] = (),
    ) -> Ends | None:
        known = {
            variable.value: values
            for variable, values in ((FROM, start), (TO, end))
            if values is not None
        }
        if not all(known.values()):
            return None
        found = self.gatherer.fetch([pattern], self.links[pattern], known, filters)
        return None if found is None else (found[FROM.value], found[TO.value])

    def excluded(self, path: Negated, start: Values | None, end: Values | None) -> Ends | None:
        ways = []
        for names, (first, last) in ((path.forward, (start, end)), (path.backward, (end, start))):
            if names is not None:
                listed = ", ".join(map(str, names))
                filters = [f"FILTER(?{BY.value} NOT IN ({listed}))"] if names else []
                found = self.edge(ANYTHING, first, last, filters)
                if found is not None:
                    ways.append(found if names is path.forward else (found[1], found[0]))
        return joined(ways)

    def chain(self, parts: Sequence[Path], start: Values | None, end: Values | None) -> Ends | None:
        """Away from the end that is known, else from a part that has a step in any case."""
        if start is not None:
            return self.onward(parts, start)
        if end is not None:
            return self.back(parts, end)
        place = next((n for n, part in enumerate(parts) if not endless(part)), 0)
        middle = self.follow(parts[place], None, None)
        before = middle and self.back(parts[:place], middle[0])
        after = middle and self.onward(parts[place + 1 :], middle[1])
        return (before[0], after[1]) if before and after else None

    def onward(self, parts: Sequence[Path], start: Values) -> Ends | None:
        here, first = start, None
        for part in parts:
            found = self.follow(part, here, None)
            if found is None:
                return None
            first, here = first or found[0], found[1]
        return first or start, here

    def back(self, parts: Sequence[Path], end: Values) -> Ends | None:
        here, last = end, None
        for part in reversed(parts):
            found = self.follow(part, None, here)
            if found is None:
                return None
            last, here = last or found[1], found[0]
        return here, last or end

    def repeated(self, path: Repeated, start: Values | None, end: Values | None) -> Ends | None:
        """From the known end outwards until nothing new is met; once over all where none is."""
        if start is None and end is None:
            if path.least == 0:
                raise NotFederable("A path that may have no step needs an end that is known.")
            return self.follow(path.path, None, None)
        backward = start is None
        begun = end if backward else start
        assert begun is not None
        met, frontier = Values(), begun
        while frontier:
            ends = (None, frontier) if backward else (frontier, None)
            found = self.follow(path.path, *ends)
            if found is None:
                break
            reached = found[0] if backward else found[1]
            # What was met before, or is where it all began, has been left already.
            frontier = reached - met - begun
            met = met | reached
            if not path.many:
                break
        reached = met | begun if path.least == 0 else met
        if not reached:
            return None
        return (reached, begun) if backward else (begun, reached)


def make_nodes(values: Values, gatherer: Fetching) -> None:
    """Gather a triple of each term that some site has, if none of it is there yet.

    A path without a step joins a node to itself only where it is a node of the merge.
    """
    missing = values.terms - gatherer.gathered.nodes()
    for variable in (FROM, TO):
        if missing:
            gatherer.fetch_everywhere(ANYTHING, {variable.value: Values(missing)})
            missing -= gatherer.gathered.nodes()


def joined(found: Sequence[Ends]) -> Ends | None:
    if not found:
        return None
    start, end = found[0]
    for other in found[1:]:
        start, end = start | other[0], end | other[1]
    return start, end


def end_values(term: Term, known: Known) -> Values | None:
    if isinstance(term, Variable):
        return known.get(term.value)
    return Values(frozenset([term]))
