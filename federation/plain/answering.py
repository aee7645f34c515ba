"""Answers a query that names no site, over this atlas and all its partners.

The federated dataset is the RDF merge of the sites' default graphs: a triple held twice counts
once. What can matter of it is gathered, and the query itself runs over that.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from atlas.errors import NotFederable
from federation.federation import Federation
from federation.partner import FEDERATION
from federation.plain.asked_patterns import Reading, refuse
from federation.plain.gathered import lines
from federation.plain.gathering import Gatherer
from federation.plain.plan import Planner
from federation.plain.selection import Sayings, Selection
from federation.plain.sources import HERE, Here, Source, There
from federation.plain.steps import GroupPlan
from federation.plain.telling import with_sources
from federation.plain.values import Known, Values
from federation.query import parts, structure
from federation.rows import Rows
from federation.run import Run
from store.answers import Operation

# Requests of one query under way at a time, all sites together.
AT_A_TIME = 16
# Of so many triple patterns may a query be made: for each, sites are chosen.
MOST_PATTERNS = 200


@dataclass(frozen=True)
class Planned:
    """A query with its plan. ``seconds``: what choosing sites and planning took."""

    operation: Operation
    query: parts.Query
    plan: GroupPlan
    sources: tuple[Source, ...]
    elsewhere: bool  # Whether any pattern may match at another site than this atlas.
    seconds: float


class PlainFederation:
    """The sites together, for one query after another. Safe to use from many threads."""

    def __init__(self, federation: Federation, base: str, sayings: Sayings | None = None) -> None:
        """``base``: the IRI that names this atlas among the sites."""
        self.federation, self.base = federation, base
        self.sayings = sayings or Sayings()

    def partners(self) -> list[There]:
        folder = self.federation.partners
        return [
            There(partner, self.federation.client, folder.summary(partner.name))
            for partner in folder.all().values()
            if partner.endpoint and FEDERATION in partner.uses
        ]

    def read(self, operation: Operation) -> Reading:
        """The query, read. Raises MalformedQuery, and NotFederable for what cannot be asked."""
        query = structure.read(operation.text, operation.base)
        refuse(query)
        reading = Reading(query)
        number = len(reading.patterns)
        if number > MOST_PATTERNS:
            raise NotFederable(
                f"The query has {number:,} triple patterns; at most {MOST_PATTERNS} are asked of "
                "several sites. Put lists of values into VALUES, or ask in parts."
            )
        if reading.endless:
            # Refuses a path without a beginning, before anybody is asked for it.
            Planner(reading, defaultdict(tuple)).plan(known(operation))
        return reading

    def planned(
        self,
        operation: Operation,
        local: Callable[[Operation], Rows],
        run: Run,
        *,
        state: str = "",
        reading: Reading | None = None,
    ) -> Planned:
        """``state``: names the state of this atlas's data. ``reading``: of that operation.

        Raises NotFederable, MalformedQuery, PartnerFailed.
        """
        began = time.perf_counter()
        reading = reading or self.read(operation)
        here, there = Here(self.base, local, self.federation.rows), self.partners()
        with ThreadPoolExecutor(AT_A_TIME) as pool:
            selection = Selection(here, there, self.sayings, state=state, pool=pool)
            choices = selection.choose(reading.patterns, run)
        plan = Planner(reading, choices).plan(known(operation))
        sites = {chosen.source.name for some in choices.values() for chosen in some}
        # A path without a step joins whatever is a node of any site.
        elsewhere = bool(sites - {HERE}) or bool(there and reading.endless)
        seconds = time.perf_counter() - began
        return Planned(operation, reading.query, plan, selection.sources, elsewhere, seconds)

    def answerable(self, planned: Planned, run: Run, *, sources: bool = False) -> Operation:
        """The query with all the data it needs, for an engine to run.

        ``sources``: with a further column that names the sites of each row.
        Raises NotFederable, PartnerFailed, PartnerLimit, Forbidden.
        """
        operation = planned.operation
        if sources:
            sites = [source.iri for source in planned.sources]
            operation = replace(operation, text=with_sources(planned.query, sites))
        elif not planned.elsewhere:
            return operation
        with ThreadPoolExecutor(AT_A_TIME) as pool:
            gathered = Gatherer(planned.sources, run, pool).gather(planned.plan, known(operation))
        named = {s.name: s.iri for s in planned.sources if s.name not in run.left_out}
        data = "".join(lines(gathered, named, apart=sources)).encode()
        return replace(operation, data=data)


def known(operation: Operation) -> Known:
    """What the operation says of variables beside its text."""
    return {name: Values(frozenset([term])) for name, term in operation.substitutions.items()}
