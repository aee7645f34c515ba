"""Fetches, step by step of a plan, every triple of every site that can matter for a query.

What is gathered is part of the merge of all sites, and holds all of it that the query's solutions
come from; so the query has the same answers over both. Blank nodes have names within one answer
only: where several answers of a partner hold some, they are fetched once more, all in one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import Executor

from pyoxigraph import BlankNode

from atlas.errors import PartnerFailed
from federation.plain.gathered import Gathered, maker
from federation.plain.questions import Blanks, Question, ask_all
from federation.plain.selection import Chosen
from federation.plain.sources import HERE, Source, columns
from federation.plain.steps import OPTIONAL, Branches, GroupPlan, Inner, Step, Unit, Walk
from federation.plain.values import Known, Values
from federation.plain.walking import walk
from federation.query.patterns import Pattern
from federation.rows import Rows, unhurried
from federation.run import Run
from store.answers import Term


class Gatherer:
    """Carries out one plan."""

    def __init__(self, sources: Sequence[Source], run: Run, pool: Executor) -> None:
        self.sources, self.run, self.pool = {s.name: s for s in sources}, run, pool
        self.gathered = Gathered()
        # What each site was asked, in case its blank nodes have to be fetched in one answer.
        self.asked: dict[str, dict[Pattern, None]] = {}

    def gather(self, plan: GroupPlan, given: Known) -> Gathered:
        """Raises PartnerFailed (unless ``run.partial``), PartnerLimit, NotFederable, Forbidden."""
        self.group(plan, given)
        for site, answers in list(self.gathered.blank_answers.items()):
            if answers > 1 and site != HERE:
                self.blanks_at_once(self.sources[site])
        return self.gathered

    def group(self, plan: GroupPlan, given: Known, outside: Known | None = None) -> Known | None:
        """What the certain variables of a group may be; None where it has no solution.

        ``given``: what they may be from without. ``outside``: what the filters of an OPTIONAL know
        besides.
        """
        for inner in plan.always:
            self.group(inner, {})
        known = {name: values for name, values in given.items() if name in plan.certain}
        for name, values in plan.fixed.items():
            known[name] = values & known[name] if name in known else values
        if not all(known.values()):
            return None
        waiting = list(plan.steps)
        while waiting:
            step = following(waiting, known)
            waiting.remove(step)
            found = self.step(step, known)
            if found is None:
                return None
            for name, values in found.items():
                known[name] = values & known[name] if name in known else values
            if not all(known.values()):
                return None
        for later in plan.later:
            around = {**(outside or {}), **known} if later.outside else known
            limited = {name: around[name] for name in later.given if name in around}
            self.group(later.group, limited, limited if later.kind == OPTIONAL else None)
        return known

    def step(self, step: Step, known: Known) -> Known | None:
        match step:
            case Unit():
                return self.unit(step, known)
            case Walk():
                return walk(step, known, self)
            case GroupPlan():
                return self.group(step, known)
            case Branches(groups=groups):
                return united(step.certain, [self.group(group, known) for group in groups])
            case Inner():
                inside = {n: v for n, v in known.items() if step.open and n in step.shown}
                found = self.group(step.group, inside)
                if found is None:
                    # Counting nothing is a solution too.
                    return {} if step.grouped else None
                return {name: values for name, values in found.items() if name in step.shown}

    # Triples

    def unit(self, unit: Unit, known: Known) -> Known | None:
        """Ask the unit's sites; what its variables may be then, None where nothing came."""
        filters = [pushed.text for pushed in unit.filters]
        return self.fetch(unit.patterns, unit.sources, known, filters, unit.limit)

    def fetch(
        self,
        patterns: Sequence[Pattern],
        sources: Iterable[Chosen],
        known: Known,
        filters: Sequence[str] = (),
        limit: int | None = None,
    ) -> Known | None:
        questions = []
        for chosen in sources:
            if chosen.source.name not in self.run.left_out:
                self.asked.setdefault(chosen.source.name, {}).update(dict.fromkeys(patterns))
                questions.append(Question(chosen, patterns, filters, known, limit))
        found: dict[str, Values] = {}
        for question, rows in ask_all(questions, self.run, self.pool):
            try:
                taken = self.take(question.source, patterns, rows, known)
            except PartnerFailed as error:
                if not self.run.partial:
                    raise
                self.run.leave_out(question.source.name, error.did)
                continue
            for name, values in taken.items():
                found[name] = found[name] | values if name in found else values
        return found or None

    def take(
        self, source: Source, patterns: Sequence[Pattern], rows: Rows, known: Known
    ) -> dict[str, Values]:
        """Keep the triples of the rows that can matter; what the variables are in these rows."""
        names = list(dict.fromkeys(name for p in patterns for name in p.variables))
        places = columns(source, rows, names)
        checked = [(place, known[n]) for n, place in zip(names, places, strict=True) if n in known]
        makers = [maker(pattern, dict(zip(names, places, strict=True))) for pattern in patterns]
        seen: list[set[Term]] = [set() for _ in names]
        blank = False
        for row in unhurried(rows.rows):
            cells = [row[place] for place in places]
            if None in cells:
                raise PartnerFailed(source.name, "left a variable of a pattern without a value.")
            if not all(values.may_be(row[place], source.name) for place, values in checked):  # type: ignore[arg-type]
                continue
            try:
                for make in makers:
                    self.gathered.add(make(row), source.name)
            except TypeError as error:
                raise PartnerFailed(
                    source.name, "answered with a literal where only an IRI can stand."
                ) from error
            for place, cell in enumerate(cells):
                seen[place].add(cell)  # type: ignore[arg-type]
                blank |= isinstance(cell, BlankNode)
        if blank:
            counts = self.gathered.blank_answers
            counts[source.name] = counts.get(source.name, 0) + 1
        if not any(seen):
            return {}
        return {n: Values.of(terms, source.name) for n, terms in zip(names, seen, strict=True)}

    def blanks_at_once(self, source: Source) -> None:
        """Fetch all triples of a site that hold blank nodes anew, in one answer.

        Within it the same node has the same name, whatever patterns it was found by.
        """
        self.gathered.without_blanks_of(source.name)
        question = Blanks(source, [p for p in self.asked[source.name] if p.may_have_blanks])
        for _, rows in ask_all([question], self.run, self.pool):
            for pattern, names in question.renamed.items():
                places = dict(zip(names, columns(source, rows, list(names.values())), strict=True))
                make = maker(pattern, places)
                for row in rows.rows:
                    if all(row[place] is not None for place in places.values()):
                        self.gathered.add(make(row), source.name)

    def fetch_everywhere(self, pattern: Pattern, known: Known) -> None:
        """Ask every site for a pattern, whatever it was chosen for."""
        sources = [Chosen(source, 1) for source in self.sources.values()]
        self.fetch([pattern], sources, known)


def following(waiting: Sequence[Step], known: Known) -> Step:
    """The step to take next, now that it is known how many values there really are.

    What has steps of its own keeps its place: they were planned for what is known there.
    """
    first = waiting[0]
    if not isinstance(first, Unit | Walk):
        return first
    sizes = {name: float(len(values)) for name, values in known.items()}
    simple = [step for step in waiting if isinstance(step, Unit | Walk)]
    return min(simple, key=lambda step: step.cost(sizes))


def united(certain: frozenset[str], branches: Sequence[Known | None]) -> Known | None:
    """What UNION's certain variables may be: what they may be in one of its branches."""
    live = [branch for branch in branches if branch is not None]
    if not live:
        return None
    found: Known = {}
    for name in certain:
        if all(name in branch for branch in live):
            found[name] = Values()
            for branch in live:
                found[name] = found[name] | branch[name]
    return found
