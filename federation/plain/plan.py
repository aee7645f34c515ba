"""Who is asked what, in which order, for a query that names no site.

Each step fetches the triples that can matter for its patterns; the query itself then runs over all
of them. So a plan may fetch too much, never too little, and these are the rules that keep it so:

- What a variable may be limits a part of the query only if both bind it in every solution that
  counts, for only then do solutions with another value fall away when the two are joined.
- OPTIONAL and MINUS are limited by what stands before them in their own group, and by nothing
  else: a solution of theirs that is missing would change one that stays.
- EXISTS is limited by what its group always binds, for the engine puts these values in.
- A sub-select is limited in the variables that it shows as they are, unless it counts or cuts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from math import inf

from pyoxigraph import Variable

from atlas.errors import NotFederable
from federation.plain.asked_patterns import Reading, links
from federation.plain.selection import Chosen
from federation.plain.steps import (
    EXISTS,
    FANOUT,
    MINUS,
    OPTIONAL,
    Branches,
    Choices,
    GroupPlan,
    Inner,
    Later,
    Sizes,
    Step,
    Unit,
    Walk,
)
from federation.plain.values import Values
from federation.query import parts
from federation.query.filters import Pushed, pushed
from federation.query.parts import Group, Query, Select
from federation.query.patterns import AnyPattern, PathPattern, Pattern, endless
from federation.query.triples import read_data
from queries.lexer import lexemes


class Planner:
    """Plans one query whose patterns have their sites chosen."""

    def __init__(self, reading: Reading, choices: Choices) -> None:
        self.reading, self.query, self.choices = reading, reading.query, choices

    def plan(self, given: Mapping[str, Values]) -> GroupPlan:
        """``given``: what is known of variables of the query from without."""
        plan = self.select(self.query.select, {name: len(given[name]) for name in given})
        match plan.steps, self.query.select.where.elements:
            # Of rows that are chosen by value some may not do, so there is never enough of them.
            case [Unit(patterns=(_,)) as unit], [parts.Triples()] if not (
                plan.later or plan.fixed or given
            ):
                plan.steps = [replace(unit, limit=enough(self.query))]
        return plan

    def select(self, select: Select, sizes: Sizes) -> GroupPlan:
        """The plan of a query's or sub-select's WHERE, and of the EXISTS of its clauses."""
        group = self.group(select.where, sizes, values=select.values if select.simple else None)
        for clause in select.clauses:
            for exists in clause.groups:
                if select.simple:
                    known = dict.fromkeys(group.certain, 1.0)
                    inner = self.group(exists, known)
                    group.later.append(Later(EXISTS, inner, group.certain))
                else:
                    group.always.append(self.group(exists, {}))
        return group

    def group(
        self,
        group: Group,
        sizes: Sizes,
        *,
        outside: frozenset[str] | None = None,
        values: parts.Values | None = None,
    ) -> GroupPlan:
        """``sizes``: how many values each variable may have that is limited from without.

        ``outside``: of an OPTIONAL: the variables that its filters see besides its own.
        ``values``: inline data behind the group, which its solutions are joined with.
        """
        plan = GroupPlan()
        found = Found()
        left: list[tuple[parts.Element, frozenset[str]]] = []
        for element in group.elements:
            self.add(element, found)
            if isinstance(element, parts.Optional_ | parts.Minus | parts.Bind):
                left.append((element, found.certain))
        if values is not None:
            self.behind(values, found)
        plan.fixed, plan.certain = found.fixed, found.certain
        known = {name: size for name, size in sizes.items() if name in found.certain}
        for name, fixed in found.fixed.items():
            known[name] = min(len(fixed), known.get(name, inf))
        plan.steps = self.ordered(self.units(group, found), found.nested, known)
        for element, certain in left:
            self.add_later(plan, element, certain, known)
        for filter_ in found.filters:
            scope = found.certain | (outside or frozenset())
            for exists in filter_.expression.groups:
                inner = self.group(exists, {**dict.fromkeys(scope, 1.0), **known})
                plan.later.append(Later(EXISTS, inner, scope, outside is not None))
        return plan

    def add(self, element: parts.Element, found: Found) -> None:
        """Take one element of a group."""
        match element:
            case parts.Triples():
                for pattern in self.reading.of(element):
                    found.patterns.append(pattern)
                    found.certain |= frozenset(pattern.variables)
                    for name in set(pattern.variables) & self.reading.fixed.keys():
                        found.fixed[name] = self.reading.fixed[name]
            case parts.Filter():
                found.filters.append(element)
            case parts.Values():
                self.inline(element, found)
            case parts.Bind():
                self.constant(element, found)
            case parts.Union() | parts.SubSelect() | Group():
                found.nested.append(element)
                found.certain |= self.certain(element)

    def certain(self, element: parts.Element) -> frozenset[str]:
        """The variables that every solution of a nested element binds."""
        match element:
            case parts.Union(branches=branches):
                return frozenset.intersection(*map(self.certain, branches))
            case parts.SubSelect(select=select):
                bound = self.certain(select.where)
                return bound if select.plain is None else bound & select.plain
            case Group(elements=elements):
                found = Found()
                for inner in elements:
                    self.add(inner, found)
                return found.certain
        return frozenset()

    def inline(self, values: parts.Values, found: Found) -> None:
        rows = self.reading.data(values)
        for place, name in enumerate(values.names):
            terms = [row[place] for row in rows if place < len(row)]
            if None not in terms and len(terms) == len(rows):
                known = Values(frozenset(terms))  # type: ignore[arg-type]
                found.fixed[name] = known & found.fixed[name] if name in found.fixed else known
                found.certain |= {name}

    def behind(self, values: parts.Values, found: Found) -> None:
        """Inline data behind a query limits what its group binds; it binds nothing there."""
        other = Found()
        self.inline(values, other)
        for name in other.fixed.keys() & found.certain:
            known = other.fixed[name]
            found.fixed[name] = known & found.fixed[name] if name in found.fixed else known

    def constant(self, bind: parts.Bind, found: Found) -> None:
        """What BIND gives is known where it is one term; of what it computes nothing is."""
        expression = bind.expression
        if expression.terms != 1 or expression.variables or expression.groups:
            return
        (row,) = read_data(self.query.part(expression), self.reading.names)
        if row[0] is not None:
            found.fixed[bind.name] = Values(frozenset([row[0]]))  # type: ignore[list-item]
            found.certain |= {bind.name}

    def add_later(
        self, plan: GroupPlan, element: parts.Element, certain: frozenset[str], known: Sizes
    ) -> None:
        given = {name: size for name, size in known.items() if name in certain}
        if isinstance(element, parts.Optional_):
            inner = self.group(element.group, given, outside=certain)
            plan.later.append(Later(OPTIONAL, inner, certain))
        elif isinstance(element, parts.Minus):
            plan.later.append(Later(MINUS, self.group(element.group, given), certain))
        elif isinstance(element, parts.Bind):
            for exists in element.expression.groups:
                plan.later.append(Later(EXISTS, self.group(exists, given), certain))

    # Units

    def units(self, group: Group, found: Found) -> list[Unit | Walk]:
        """The patterns of a group as they are asked: those that one site alone has go together."""
        filters = [
            known for filter_ in found.filters if (known := pushed(self.query, filter_)) is not None
        ]
        units: list[Unit | Walk] = []
        exclusive: dict[str, list[Pattern]] = {}
        for pattern in dict.fromkeys(found.patterns):
            if isinstance(pattern, PathPattern):
                units.append(self.walk(pattern))
                continue
            sources = self.choices[pattern]
            if len(sources) == 1:
                exclusive.setdefault(sources[0].source.name, []).append(pattern)
            else:
                units.append(self.unit([pattern], sources, filters))
        for patterns in exclusive.values():
            for part in connected(patterns):
                units.append(self.unit(part, self.choices[part[0]], filters))
        return units

    def unit(
        self, patterns: Sequence[Pattern], sources: tuple[Chosen, ...], filters: Sequence[Pushed]
    ) -> Unit:
        names = {name for pattern in patterns for name in pattern.variables}
        return Unit(
            tuple(patterns),
            sources,
            tuple(known for known in filters if known.variable in names),
            tuple(sum(chosen.estimate for chosen in self.choices[p]) for p in patterns),
        )

    def walk(self, pattern: PathPattern) -> Walk:
        steps = {step: self.choices[step] for step in links(pattern.path)}
        estimate = sum(chosen.estimate for sites in steps.values() for chosen in sites)
        return Walk(pattern, steps, estimate)

    # Order

    def ordered(
        self, units: list[Unit | Walk], nested: Sequence[parts.Element], known: dict[str, float]
    ) -> list[Step]:
        """Greedy: whatever is estimated to bring least comes next; ``known`` grows with it."""
        steps: list[Step] = []
        waiting: list[Unit | Walk | parts.Element] = [*units, *nested]
        while waiting:
            chosen = min(waiting, key=lambda step: self.cost(step, known))
            waiting.remove(chosen)
            size = self.cost(chosen, known)
            if isinstance(chosen, Unit | Walk):
                if isinstance(chosen, Walk):
                    refuse_endless(chosen.pattern, known)
                steps.append(chosen)
                certain = chosen.certain
            else:
                steps.append(self.nested(chosen, known))
                certain = self.certain(chosen)
            for name in certain:
                known[name] = min(size, known.get(name, inf))
        return steps

    def cost(self, step: Unit | Walk | parts.Element, known: Sizes) -> float:
        """How many triples a step brings, as far as can be told."""
        if isinstance(step, Unit | Walk):
            return step.cost(known)
        match step:
            case parts.Union(branches=branches):
                return sum(self.cost(branch, known) for branch in branches)
            case parts.SubSelect(select=select):
                return self.cost(select.where, known if select.simple else {})
            case Group():
                found = Found()
                for element in step.elements:
                    self.add(element, found)
                inner = {**known, **{name: len(v) for name, v in found.fixed.items()}}
                within = [*self.units(step, found), *found.nested]
                return FANOUT * min((self.cost(part, inner) for part in within), default=1.0)
        return inf

    def nested(self, element: parts.Element, known: Sizes) -> Step:
        match element:
            case parts.Union(branches=branches):
                return Branches([self.group(branch, known) for branch in branches])
            case parts.SubSelect(select=select):
                # What the sub-select shows as it is, is the same variable inside.
                inside = self.certain(select.where)
                shown = inside if select.plain is None else select.plain
                given = {n: s for n, s in known.items() if n in shown} if select.simple else {}
                plan = self.select(select, given)
                return Inner(plan, shown, select.simple, select.grouped)
        assert isinstance(element, Group)
        return self.group(element, known)


class Found:
    """What a group was seen to hold so far."""

    def __init__(self) -> None:
        self.patterns: list[AnyPattern] = []
        self.filters: list[parts.Filter] = []
        self.nested: list[parts.Element] = []
        self.fixed: dict[str, Values] = {}
        self.certain: frozenset[str] = frozenset()


def enough(query: Query) -> int | None:
    """How many triples, whichever they are, make the answer of a query of one pattern."""
    select = query.select
    if select.distinct or select.grouped or select.ordered or select.values:
        return None
    if query.form == "ASK":
        return 1
    words = [token.text.upper() for token in lexemes(query.text[select.where.end : select.end])]
    given = {word: int(n) for word, n in pairwise(words) if n.isdecimal()}
    return given["LIMIT"] + given.get("OFFSET", 0) if "LIMIT" in given else None


def refuse_endless(pattern: PathPattern, known: Sizes) -> None:
    ends = (pattern.subject, pattern.object)
    free = all(isinstance(end, Variable) and end.value not in known for end in ends)
    if free and endless(pattern.path):
        raise NotFederable(
            "A path that may have no step at all (* or ?) joins every node of every site to "
            "itself while both its ends are free; give one end a value or a pattern."
        )


def connected(patterns: Sequence[Pattern]) -> list[list[Pattern]]:
    """The patterns in parts, each held together by variables."""
    found: list[list[Pattern]] = []
    for pattern in patterns:
        names = set(pattern.variables)
        joined = [p for p in found if any(names & set(other.variables) for other in p)]
        merged = [one for part in joined for one in part] + [pattern]
        found = [part for part in found if part not in joined] + [merged]
    return found
