"""The steps of a plan: what is fetched, for which part of a query."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf

from pyoxigraph import Variable

from federation.plain.selection import Chosen
from federation.plain.values import Values
from federation.query.filters import Pushed
from federation.query.patterns import PathPattern, Pattern, Term, endless

OPTIONAL, MINUS, EXISTS = "optional", "minus", "exists"
# Triples per value of a variable that is already known, as long as nothing is counted.
FANOUT = 3
Choices = Mapping[Pattern, tuple[Chosen, ...]]
# How many values each variable may have, as far as can be told.
Sizes = Mapping[str, float]


@dataclass(frozen=True)
class Unit:
    """Patterns that are asked together: one, of all its sites, or several, of their only site.

    ``counts``: how many triples each has, of all its sites. ``limit``: triples of each site that
    are enough, None where all are needed.
    """

    patterns: tuple[Pattern, ...]
    sources: tuple[Chosen, ...]
    filters: tuple[Pushed, ...]
    counts: tuple[int, ...]
    limit: int | None = None

    @property
    def certain(self) -> frozenset[str]:
        return frozenset(name for pattern in self.patterns for name in pattern.variables)

    def cost(self, known: Sizes) -> float:
        """How many triples it brings, as far as can be told."""
        return min(
            min([count, *(FANOUT * known[name] for name in pattern.variables if name in known)])
            for pattern, count in zip(self.patterns, self.counts, strict=True)
        )


@dataclass(frozen=True)
class Walk:
    """A path between two ends, followed step by step. ``links``: the sites of its predicates."""

    pattern: PathPattern
    links: Choices
    estimate: int

    @property
    def ends(self) -> tuple[Term, Term]:
        return self.pattern.subject, self.pattern.object

    @property
    def certain(self) -> frozenset[str]:
        return frozenset(self.pattern.variables)

    def cost(self, known: Sizes) -> float:
        """How many triples it brings; no number where it has no beginning."""
        sizes = [known.get(end.value) if isinstance(end, Variable) else 1 for end in self.ends]
        given = [size for size in sizes if size is not None]
        if not given:
            return inf if endless(self.pattern.path) else float(self.estimate)
        return min(float(self.estimate), FANOUT**2 * min(given))


@dataclass
class Branches:
    """UNION."""

    groups: list[GroupPlan]

    @property
    def certain(self) -> frozenset[str]:
        return frozenset.intersection(*(group.certain for group in self.groups))


@dataclass
class Inner:
    """A sub-select; ``open``: whether what is known outside may limit what it reads."""

    group: GroupPlan
    shown: frozenset[str]
    open: bool
    grouped: bool

    @property
    def certain(self) -> frozenset[str]:
        return self.group.certain & self.shown


@dataclass
class Later:
    """What is read after its group's own patterns: OPTIONAL, MINUS, EXISTS.

    ``given``: the variables of the group that limit it. ``outside``: whether those limit it too
    that limit an OPTIONAL whose group this is in, as in a filter of that OPTIONAL.
    """

    kind: str
    group: GroupPlan
    given: frozenset[str]
    outside: bool = False


@dataclass
class GroupPlan:
    """The steps of one group in their order, then what comes later.

    ``fixed``: what its inline data says of variables. ``certain``: the variables that every
    solution of it binds. ``always``: what is read even where the group has no solution.
    """

    steps: list[Step] = field(default_factory=list)
    fixed: dict[str, Values] = field(default_factory=dict)
    certain: frozenset[str] = frozenset()
    later: list[Later] = field(default_factory=list)
    always: list[GroupPlan] = field(default_factory=list)


Step = Unit | Walk | Branches | Inner | GroupPlan
