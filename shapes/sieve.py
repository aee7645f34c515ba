"""The sieve: which focus nodes of each plan may fail.

It may name one too many, never one too few: the judge sees only what the sieve lets through.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache

import pyoxigraph as ox
from rdflib.term import Node, URIRef

from shapes.failures import THIS, Read, any_of, by_pattern
from shapes.hierarchy import Hierarchy
from shapes.plans import Plan, merged_query, select
from shapes.targets import Targets, instances
from shapes.terms import BATCH, Engine, sparql, to_rdflib

# Two queries at a time: the engine answers outside the interpreter's lock.
THREADS = min(4, os.cpu_count() or 1)
# With more focus nodes than this a failure is looked for from its property on: what few nodes have,
# or none, is then found without a look at each of them.
FEW = 5_000


class Sieve:
    """Candidates by query, over one engine."""

    def __init__(
        self, engine: Engine, hierarchy: Hierarchy, rewritten: Collection[ox.Triple] = ()
    ) -> None:
        self._engine = engine
        self._hierarchy = hierarchy
        self._rewritten = rewritten
        self._changed: dict[Node, set[Node]] = defaultdict(set)
        for triple in rewritten:
            self._changed[to_rdflib(triple.predicate)].add(to_rdflib(triple.subject))
        # Two threads may ask the same at once: that costs time and changes no answer.
        self._is_functional = lru_cache(maxsize=None)(self._ask_functional)
        self._is_empty = lru_cache(maxsize=None)(self._ask_empty)

    def candidates(self, plans: Iterable[Plan]) -> dict[Node, set[Node] | None]:
        """The candidates of each shape. None: the judge finds the focus nodes for itself."""
        plans = list(plans)
        with ThreadPoolExecutor(THREADS) as pool:
            found = pool.map(self._candidates, plans)
            return {plan.shape.node: nodes for plan, nodes in zip(plans, found, strict=True)}

    def _candidates(self, plan: Plan) -> set[Node] | None:
        if plan.targets is None:
            return None
        # Nodes that a shape names are few, and need not be in the data: no query is worth it.
        found = set(plan.targets.nodes)
        for query in self._queries(plan, plan.targets):
            found |= self._answers(query)
        if self._changed:
            found |= self._touched(plan, plan.targets)
        return found

    def _answers(self, query: str) -> set[Node]:
        return {to_rdflib(row["this"]) for row in self._engine.solutions(query)}

    def _queries(self, plan: Plan, targets: Targets) -> Iterator[str]:
        merged = merged_query(plan)
        if merged is None:
            return
        if plan.reason or self._has_few(targets):
            yield merged
            return
        failures = [f for f in plan.failures if not self._is_impossible(f.impossible_if)]
        from_property = [f for f in failures if _starts_at_a_property(f.pattern)]
        for pattern, condition in by_pattern(from_property).items():
            # Shapes share properties, and mostly nobody fails: that is asked once for all of them.
            if not self._is_empty(_renumbered(select(pattern, condition))):
                yield select(pattern, f"({condition}) && ({targets.condition})")
        if others := [f for f in failures if not _starts_at_a_property(f.pattern)]:
            yield select(self._pattern(targets), any_of(others).text)

    def _has_few(self, targets: Targets) -> bool:
        return self._ask_empty(f"SELECT {THIS} WHERE {{ {targets.pattern} }} OFFSET {FEW}")

    def _pattern(self, targets: Targets) -> str:
        """The pattern that meets each focus node as seldom as it can."""
        if targets.root and targets.several and self._hierarchy.is_materialised(targets.root):
            return instances([targets.root])
        return targets.pattern

    def _is_impossible(self, predicate: URIRef | None) -> bool:
        return predicate is not None and self._is_functional(predicate)

    def _ask_functional(self, predicate: URIRef) -> bool:
        """Whether no node has two values of the predicate."""
        counts = (
            f"SELECT (COUNT(*) AS ?n) (COUNT(DISTINCT ?s) AS ?d) {{ ?s {sparql(predicate)} ?o }}"
        )
        row = next(iter(self._engine.solutions(counts)))
        return row["n"] == row["d"]

    def _ask_empty(self, query: str) -> bool:
        return next(iter(self._engine.solutions(f"{query} LIMIT 1")), None) is None

    def _touched(self, plan: Plan, targets: Targets) -> set[Node]:
        """The focus nodes that look at a literal that the store has changed, or are one."""
        found: set[Node] = {
            to_rdflib(triple.object)
            for triple in self._rewritten
            if to_rdflib(triple.predicate) in targets.objects_of
        }
        for read in plan.reads:
            if read.predicate is None:
                subjects = set().union(*self._changed.values())
            else:
                subjects = self._changed.get(read.predicate, set())
            if subjects and targets.pattern:
                for query in _reaching(read, targets, subjects):
                    found |= self._answers(query)
        return found


def _starts_at_a_property(pattern: str) -> bool:
    """Whether the pattern walks from ?this along named properties, each once."""
    named = pattern.startswith((f"{THIS} <", f"{THIS} ("))
    return named and not any(mark in pattern for mark in (")*", ")+", ")?"))


def _renumbered(query: str) -> str:
    """The query with its variables numbered in order: the same for the same question."""
    numbers: dict[str, str] = {}
    return re.sub(r"\?_\d+", lambda m: numbers.setdefault(m[0], f"?_{len(numbers)}"), query)


def _reaching(read: Read, targets: Targets, subjects: set[Node]) -> Iterator[str]:
    """Queries for the focus nodes from which the route leads to one of the subjects."""
    if read.route is None:
        yield select(targets.pattern, "true")
        return
    route = f"{THIS} {read.route} ?_r ." if read.route else ""
    end = "?_r" if read.route else THIS
    named = sorted(subject for subject in subjects if isinstance(subject, URIRef))
    for start in range(0, len(named), BATCH):
        values = " ".join(map(sparql, named[start : start + BATCH]))
        yield select(f"VALUES {end} {{ {values} }} {route} {{ {targets.pattern} }}", "true")
    if len(named) < len(subjects):
        # Blank nodes have no name in SPARQL: whoever reaches any of them is a candidate.
        yield select(f"{{ {targets.pattern} }} {route}", f"isBlank({end})")
