"""What is inferred, kept right triple by triple: the rules of this folder without a whole run.

The hierarchy is linear: each of its conclusions follows from one asserted triple. derived.rls adds
ways along transitive properties, whose steps are asserted or of the hierarchy, and the statements
of observed relations; neither feeds on what it concludes. So what may be lost is gathered over the
state before and proved anew over the state after, and what is gained needs no proof.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from pyoxigraph import NamedNode, Triple

from store.rules.axioms import Axioms, Node, Statement, named

STATUS, OBSERVED = named("atlas", "relationStatus"), named("status", "observed")
KIND = named("atlas", "relationType")
SOURCE, TARGET = named("atlas", "relationSource"), named("atlas", "relationTarget")
ROLES = (STATUS, KIND, SOURCE, TARGET)


class Facts(Protocol):
    """Triples that can be looked up; None is a wildcard."""

    def match(self, subject: Any, predicate: Any, object: Any, /) -> Iterator[Triple]: ...


@dataclass
class Inferred:
    """What to change in the graph of inferred triples."""

    added: set[Triple]
    removed: set[Triple]


class Maintenance:
    """The rules over one schema: its axioms only, which data cannot change."""

    def __init__(self, schema: Iterable[Triple] | Path) -> None:
        """``schema``: the ontology and its alignments, as ``rules.infer`` takes them."""
        self.axioms = Axioms(schema)

    def change(
        self, asserted: Facts, inferred: Facts, *, added: set[Triple], removed: set[Triple]
    ) -> Inferred:
        """What a change of the asserted triples changes in the inferred ones.

        ``asserted``: after the change. ``inferred``: before it. ``added`` and ``removed``: what is
        really gained and lost, so that ``asserted`` holds all of the one and none of the other.
        """
        after = _Reading(self.axioms, asserted)
        gained = _triples(after.consequences(added))
        lost = _triples(after.consequences(removed, before=inferred))
        return Inferred(
            added={t for t in gained if not _holds(inferred, t) and not _holds(asserted, t)}
            | {t for t in removed if after.follows(t)},
            removed={t for t in added if _holds(inferred, t)}
            | {t for t in lost if _holds(inferred, t) and not after.follows(t)},
        )

    def is_closure(self, asserted: Facts, triple: Triple) -> bool:
        """Whether it follows from the hierarchy (closure.rls), so that SHACL sees it."""
        return _Reading(self.axioms, asserted).is_hierarchy(_statement(triple))

    def hierarchy(self, changed: Iterable[Triple]) -> set[Triple]:
        """What the hierarchy makes of each of the triples: what a change may show to SHACL, or
        hide from it, be it that something else concludes it too."""
        read = (s for t in changed if (s := self.axioms.readable(t)) is not None)
        return _triples({high for s in read for high in self.axioms.conclusions(s)})

    def may_derive(self, triple: Triple) -> bool:
        """Whether derived.rls can say such a thing at all: its property tells, at no cost."""
        return triple.predicate in self.axioms.concluded


class _Reading:
    """One state of the asserted triples, as the rules read it, and what follows there."""

    def __init__(self, axioms: Axioms, facts: Facts) -> None:
        self._axioms, self._facts = axioms, facts
        self._steps: dict[tuple[NamedNode, Node, bool], set[Node]] = {}
        self._ends: dict[tuple[NamedNode, Node], set[Node]] = {}

    def follows(self, triple: Triple) -> bool:
        """Whether any rule concludes it."""
        statement = _statement(triple)
        bases = (statement, *self._axioms.lower(statement))
        return any(self._is_way(base) or self._is_stated(base) for base in bases) or (
            # Of a transitive property a conclusion of the hierarchy is a way already.
            triple.predicate not in self._axioms.transitive and self.is_hierarchy(statement)
        )

    def is_hierarchy(self, statement: Statement) -> bool:
        return any(self._holds(premise) for premise in self._axioms.premises(statement))

    def consequences(self, changed: set[Triple], before: Facts | None = None) -> set[Statement]:
        """All that follows with the help of these triples.

        ``before``: what was inferred while they were asserted, where they no longer are; then what
        followed at that time is wanted (and perhaps more, for what was added since is not undone).
        """
        statements = {s for t in changed if (s := self._axioms.readable(t)) is not None}
        bases = {*self._ways(statements, before), *self._stated(statements, before)}
        found = bases | {high for base in bases for high in self._axioms.higher(base)}
        return found.union(*(self._axioms.conclusions(each) for each in statements))

    def _ways(self, statements: set[Statement], before: Facts | None) -> Iterator[Statement]:
        """The ways along transitive properties that have one of the statements for a step."""
        steps: dict[NamedNode, set[tuple[Node, Node]]] = defaultdict(set)
        for statement in statements:
            for start, predicate, end in (statement, *self._axioms.higher(statement)):
                if predicate in self._axioms.transitive:
                    steps[predicate].add((start, end))
        for predicate, pairs in steps.items():
            there, back = (_Walk(self, predicate, pairs, before, back=b) for b in (False, True))
            for start, end in pairs:
                ends = {end, *there.reached(end)}
                for first in {start, *back.reached(start)}:
                    yield from ((first, predicate, last) for last in ends)

    def _stated(self, statements: set[Statement], before: Facts | None) -> Iterator[Statement]:
        """What the relations that the statements describe state directly."""
        gone: dict[tuple[Node, NamedNode], set[Node]] = defaultdict(set)
        for relation, role, value in statements if before is not None else ():
            gone[relation, role].add(value)
        for relation in {relation for relation, role, _ in statements if role in ROLES}:
            status, kinds, sources, targets = (
                {*self._objects(relation, role), *gone.get((relation, role), ())} for role in ROLES
            )
            if OBSERVED in status:
                for kind in kinds & self._axioms.named.keys():
                    for name in self._axioms.named[kind]:
                        yield from ((s, name, t) for s in sources for t in targets)

    def _is_way(self, statement: Statement) -> bool:
        start, predicate, end = statement
        if predicate not in self._axioms.transitive:
            return False
        if (predicate, start) not in self._ends:
            walk = _Walk(self, predicate, set(), None, back=False)
            self._ends[predicate, start] = walk.reached(start)
        return end in self._ends[predicate, start]

    def _is_stated(self, statement: Statement) -> bool:
        source, predicate, target = statement
        kinds = self._axioms.naming.get(predicate)
        return kinds is not None and any(
            self._holds((relation, TARGET, target))
            and self._holds((relation, STATUS, OBSERVED))
            and any(self._holds((relation, KIND, kind)) for kind in kinds)
            for relation in self._subjects(SOURCE, source)
        )

    def may_turn(self, predicate: NamedNode) -> bool:
        """Whether a statement can be a step of the property the other way round."""
        return any(turned for turned, _ in self._axioms.down.get(predicate, ()))

    def steps(self, predicate: NamedNode, node: Node, back: bool) -> set[Node]:
        """Where one step of a transitive property leads from the node, or from where to it."""
        key = predicate, node, back
        if key not in self._steps:
            found: set[Node] = set()
            for turned, name in ((False, predicate), *self._axioms.down.get(predicate, ())):
                there = turned == back
                found.update(self._objects(node, name) if there else self._subjects(name, node))
            self._steps[key] = found
        return self._steps[key]

    def _holds(self, statement: Statement) -> bool:
        """Whether it is asserted, so that the rules can read it."""
        subject, predicate, value = statement
        return isinstance(subject, NamedNode) and any(
            self._axioms.readable(t) for t in self._facts.match(subject, predicate, value)
        )

    def _objects(self, subject: Node, predicate: NamedNode) -> Iterator[Node]:
        if isinstance(subject, NamedNode):
            for triple in self._facts.match(subject, predicate, None):
                if (statement := self._axioms.readable(triple)) is not None:
                    yield statement[2]

    def _subjects(self, predicate: NamedNode, value: Node) -> Iterator[Node]:
        for triple in self._facts.match(None, predicate, value):
            if (statement := self._axioms.readable(triple)) is not None:
                yield statement[0]


class _Walk:
    """Ways along one transitive property; with ``before``, those that there were, too."""

    def __init__(
        self,
        reading: _Reading,
        predicate: NamedNode,
        pairs: set[tuple[Node, Node]],
        before: Facts | None,
        *,
        back: bool,
    ) -> None:
        self._reading, self._predicate, self._back = reading, predicate, back
        self._gone: dict[Node, set[Node]] = defaultdict(set)
        for start, end in pairs if before is not None else ():
            self._gone[end if back else start].add(start if back else end)
        # Of literals no way is recorded, and a turned step can lead to one: that is walked.
        self._recorded = None if reading.may_turn(predicate) else before
        self._reached: dict[Node, set[Node]] = {}

    def reached(self, start: Node) -> set[Node]:
        """What one step or more lead to."""
        if start not in self._reached:
            self._reached[start] = self._from_record(start) or self._walked(start)
        return self._reached[start]

    def _walked(self, start: Node) -> set[Node]:
        found: set[Node] = set()
        waiting = [start]
        while waiting:
            new = self._steps(waiting.pop()) - found
            found |= new
            waiting += new
        return found

    def _from_record(self, start: Node) -> set[Node]:
        """All ways that there were are inferred, asserted still, or asserted and gone."""
        if self._recorded is None:
            return set()
        if not self._back and not isinstance(start, NamedNode):
            return set()
        pattern = (None, start) if self._back else (start, None)
        found = self._recorded.match(pattern[0], self._predicate, pattern[1])
        ends = {t.subject if self._back else t.object for t in found}
        return self._steps(start) | ends  # type: ignore[operator]

    def _steps(self, node: Node) -> set[Node]:
        steps = self._reading.steps(self._predicate, node, self._back)
        return steps | self._gone.get(node, set())


def _statement(triple: Triple) -> Statement:
    return triple.subject, triple.predicate, triple.object  # type: ignore[return-value]


def _triples(statements: set[Statement]) -> set[Triple]:
    """Without those about a literal, which are no triples."""
    return {Triple(s, p, o) for s, p, o in statements if isinstance(s, NamedNode)}


def _holds(facts: Facts, triple: Triple) -> bool:
    return next(facts.match(triple.subject, triple.predicate, triple.object), None) is not None
