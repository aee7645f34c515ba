"""Which sites can answer which pattern, and with how many triples.

A site is passed over only on proof: a summary that lists everything and is fresh, or its own word.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, Variable

from atlas.errors import PartnerFailed
from federation.exchange.abreast import abreast
from federation.plain.sources import Here, Source, There, columns
from federation.query.blocks import written_once
from federation.query.patterns import TYPE, Pattern, Term
from federation.run import Run
from federation.sites.summaries import PredicateSummary, Summary, authority

# Seconds for which a summary, and what a site said of a pattern, are taken at their word.
FRESH = 36 * 3600.0
SAID = 300.0
REMEMBERED = 10_000
# Triples that a pattern is taken to have where a site only says that there are some.
SOME = 1_000
# This atlas counts its own up to here: beyond, the order of steps depends on it no more.
COUNTED = 10_000


@dataclass(frozen=True)
class Chosen:
    """A site that may hold triples of a pattern, and how many about."""

    source: Source
    estimate: int


class Sayings:
    """What sites said lately of patterns: bounded, and forgotten with age. Thread-safe."""

    def __init__(self, *, age: float = SAID, now: Callable[[], float] = time.monotonic) -> None:
        self.age, self.now = age, now
        self._lock = threading.Lock()
        self._said: OrderedDict[tuple[str, str], tuple[float, int]] = OrderedDict()

    def get(self, site: str, question: str) -> int | None:
        with self._lock:
            when, answer = self._said.get((site, question), (0.0, 0))
            known = (site, question) in self._said and self.now() - when <= self.age
            return answer if known else None

    def put(self, site: str, question: str, answer: int) -> None:
        with self._lock:
            self._said[site, question] = self.now(), answer
            self._said.move_to_end((site, question))
            if len(self._said) > REMEMBERED:
                self._said.popitem(last=False)


class Selection:
    """Chooses among the sites of one query."""

    def __init__(
        self,
        here: Here,
        there: Sequence[There],
        sayings: Sayings,
        *,
        state: str = "",
        pool: Executor,
    ) -> None:
        """``state``: names the state of this atlas's data, whose counts hold as long as it does."""
        self.here, self.there, self.sayings = here, there, sayings
        self.state, self.pool = state, pool

    @property
    def sources(self) -> tuple[Source, ...]:
        return self.here, *self.there

    def choose(self, patterns: Iterable[Pattern], run: Run) -> Mapping[Pattern, tuple[Chosen, ...]]:
        """The sites for each pattern, this atlas first.

        Raises PartnerFailed where a partner that has to be asked fails, unless ``run.partial``.
        """
        wanted = list(dict.fromkeys(patterns))
        own = self.counts(wanted, run)
        chosen: dict[Pattern, list[Chosen]] = {
            pattern: [Chosen(self.here, own[pattern])] if own[pattern] else [] for pattern in wanted
        }
        estimates = {
            (pattern, site.name): estimate(pattern, site.summary)
            for pattern in wanted
            for site in self.there
        }
        silent = [
            (pattern, site)
            for pattern in wanted
            for site in self.there
            if estimates[pattern, site.name] is None
        ]
        answers = abreast(lambda one: self.said(one[0], one[1], run), silent, run, self.pool)
        for (pattern, site), found in zip(silent, answers, strict=True):
            estimates[pattern, site.name] = found
        for pattern in wanted:
            for site in self.there:
                if number := estimates[pattern, site.name]:
                    chosen[pattern].append(Chosen(site, number))
        return {pattern: tuple(sites) for pattern, sites in chosen.items()}

    def counts(self, patterns: Sequence[Pattern], run: Run) -> dict[Pattern, int]:
        """How many triples this atlas has for each, in one query for those not counted before."""
        keys = {pattern: f"{self.state} {question(pattern)}" for pattern in patterns}
        found = {pattern: self.sayings.get(self.here.name, key) for pattern, key in keys.items()}
        unknown = [pattern for pattern in patterns if found[pattern] is None]
        if unknown:
            text = " ".join(
                f"{{ SELECT (COUNT(*) AS ?n{place}) "
                f"{{ SELECT * {{ {question(pattern)} }} LIMIT {COUNTED} }} }}"
                for place, pattern in enumerate(unknown)
            )
            rows = self.here.select(f"SELECT * {{ {text} }}", run)
            names = [f"n{place}" for place in range(len(unknown))]
            (row,) = rows.rows
            for pattern, place in zip(unknown, columns(self.here, rows, names), strict=True):
                number = row[place]
                assert isinstance(number, Literal)
                found[pattern] = int(number.value)
                self.sayings.put(self.here.name, keys[pattern], int(number.value))
        return {pattern: number or 0 for pattern, number in found.items()}

    def said(self, pattern: Pattern, site: There, run: Run) -> int:
        """What the partner itself says: SOME where it has such triples, else 0."""
        text = question(pattern)
        known = self.sayings.get(site.iri, text)
        if known is not None or site.name in run.left_out:
            return known or 0
        try:
            found = SOME if site.ask(f"ASK {{ {text} }}", run) else 0
        except PartnerFailed as error:
            if not run.partial:
                raise
            run.leave_out(site.name, error.did)
            return 0
        self.sayings.put(site.iri, text, found)
        return found


def question(pattern: Pattern) -> str:
    """The pattern as text, its variables named by their places, values compared by value."""
    names: dict[str, str] = {}
    filters = []
    terms = []
    for term in pattern.terms:
        if isinstance(term, Variable):
            terms.append(f"?{names.setdefault(term.value, f'v{len(names)}')}")
        elif written_once(term):
            terms.append(str(term))
        else:
            filters.append(f" FILTER(?value = {term})")
            terms.append("?value")
    return f"{' '.join(terms)} .{''.join(filters)}"


def estimate(pattern: Pattern, summary: Summary | None) -> int | None:
    """How many triples a site has for a pattern, as its summary says.

    0 only where that proves that there are none; None where it does not tell whether there are any.
    """
    if summary is None or summary.age() > FRESH:
        return None
    if isinstance(pattern.predicate, Variable):
        return of_any_predicate(pattern, summary)
    known = summary.predicates.get(pattern.predicate.value)
    if known is None:
        return 0 if summary.complete else None
    if foreign(pattern.subject, known.subjects) or foreign(pattern.object, known.objects):
        return 0
    if isinstance(pattern.object, Literal) and known.literals is False:
        return 0
    number = SOME if known.triples is None else known.triples
    if pattern.predicate == TYPE and isinstance(pattern.object, NamedNode):
        if pattern.object.value in summary.classes:
            number = summary.classes[pattern.object.value]
        elif summary.classes_complete:
            return 0
        else:
            return None
    # A constant may have no triples at all: that only the site itself can tell, and a question
    # more would cost as much as the answer.
    return max(1, narrowed(number, pattern))


def of_any_predicate(pattern: Pattern, summary: Summary) -> int | None:
    if not summary.complete:
        return None
    fitting = [
        known
        for known in summary.predicates.values()
        if not (foreign(pattern.subject, known.subjects) or foreign(pattern.object, known.objects))
    ]
    return max(1, narrowed(sum(map(size, fitting)), pattern)) if fitting else 0


def size(known: PredicateSummary) -> int:
    return SOME if known.triples is None else known.triples


def narrowed(number: int, pattern: Pattern) -> int:
    """Triples that are left of a number once constants are given; an estimate, and no proof."""
    if not isinstance(pattern.subject, Variable):
        number = min(number, 10)
    if pattern.predicate != TYPE and not isinstance(pattern.object, Variable):
        number = min(number, max(10, number // 100))
    return number


def foreign(term: Term, authorities: frozenset[str] | None) -> bool:
    """Whether a term is an IRI of an authority that the site has no such IRIs of."""
    return (
        isinstance(term, NamedNode)
        and authorities is not None
        and authority(term.value) not in authorities
    )
