"""What the rules make of the schema before they look at any data: its axioms, closed.

The same as the first half of ``closure.rls``, for axioms between names only.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from store.rules import PREFIXES
from store.rules.triples import EMPTY

# A statement of the rules: unlike a triple it may have a literal for its subject, in between.
Node = NamedNode | Literal
Statement = tuple[Node, NamedNode, Node]


def named(prefix: str, name: str) -> NamedNode:
    return NamedNode(PREFIXES[prefix] + name)


TYPE = named("rdf", "type")
SUB_CLASS, SUB_PROPERTY = named("rdfs", "subClassOf"), named("rdfs", "subPropertyOf")
INVERSE, SYMMETRIC = named("owl", "inverseOf"), named("owl", "SymmetricProperty")
TRANSITIVE = named("owl", "TransitiveProperty")
NAMES = named("atlas", "namesProperty")

Links = dict[NamedNode, set[NamedNode]]
Turns = dict[NamedNode, set[tuple[bool, NamedNode]]]


class Axioms:
    """The hierarchies of a schema, transitively, and from both ends.

    ``above`` and ``below``: the classes over and under each class. ``up`` and ``down``: what each
    property implies and what implies it, with True where the two ends change places.
    """

    def __init__(self, schema: Iterable[Triple] | Path) -> None:
        links: dict[NamedNode, Links] = defaultdict(lambda: defaultdict(set))
        for subject, predicate, value in _between_names(schema):
            links[predicate][subject].add(value)
        kinds = links[TYPE]
        self.above = {cls: _reached(cls, links[SUB_CLASS]) for cls in links[SUB_CLASS]}
        self.below = _turned(self.above)
        self.transitive = frozenset(name for name in kinds if TRANSITIVE in kinds[name])
        symmetric = {name for name in kinds if SYMMETRIC in kinds[name]}
        self.up = _implied(links[SUB_PROPERTY], links[INVERSE], symmetric)
        self.down: Turns = defaultdict(set)
        for low, highs in self.up.items():
            for turned, high in highs:
                self.down[high].add((turned, low))
        self.named: Links = dict(links[NAMES])
        self.naming = _turned(self.named)
        self.carried = frozenset(
            end for low, highs in links[SUB_PROPERTY].items() for end in (low, *highs)
        )
        """The properties whose literals a rule carries along (``triples.carried``)."""
        bases = self.transitive | self.naming.keys()
        self.concluded = bases | {high for base in bases for _, high in self.up.get(base, ())}
        """The properties of which derived.rls may say something."""

    def readable(self, triple: Triple) -> Statement | None:
        """The triple as the rules may read it (``triples.readable``); None: they pass it over."""
        subject, predicate, value = triple.subject, triple.predicate, triple.object
        if isinstance(subject, NamedNode) and (
            isinstance(value, NamedNode)
            or (isinstance(value, Literal) and predicate in self.carried)
        ):
            return subject, predicate, value
        return None

    def conclusions(self, statement: Statement) -> Iterator[Statement]:
        """What the hierarchy makes of one statement by itself."""
        subject, predicate, value = statement
        yield from self.higher(statement)
        if predicate == TYPE and isinstance(value, NamedNode):
            for cls in self.above.get(value, ()):
                yield subject, TYPE, cls

    def premises(self, statement: Statement) -> Iterator[Statement]:
        """The statements from each of which the hierarchy makes this one."""
        subject, predicate, value = statement
        yield from self.lower(statement)
        if predicate == TYPE and isinstance(value, NamedNode):
            for cls in self.below.get(value, ()):
                yield subject, TYPE, cls

    def higher(self, statement: Statement) -> Iterator[Statement]:
        """What the hierarchy of properties alone makes of it."""
        return _along(self.up, statement)

    def lower(self, statement: Statement) -> Iterator[Statement]:
        """What the hierarchy of properties alone makes it from."""
        return _along(self.down, statement)


def _along(turns: Turns, statement: Statement) -> Iterator[Statement]:
    subject, predicate, value = statement
    for turned, other in turns.get(predicate, ()):
        yield (value, other, subject) if turned else (subject, other, value)


def _between_names(
    schema: Iterable[Triple] | Path,
) -> Iterator[tuple[NamedNode, NamedNode, NamedNode]]:
    """``triples.axioms``, of terms instead of lines."""
    if isinstance(schema, Path):
        schema = (q.triple for q in parse(path=str(schema), format=RdfFormat.N_TRIPLES))
    for triple in schema:
        subject, value = triple.subject, triple.object
        if not isinstance(subject, NamedNode) or not isinstance(value, NamedNode):
            continue
        if str(value) not in EMPTY:
            yield subject, triple.predicate, value


def _implied(lower: Links, inverse: Links, symmetric: set[NamedNode]) -> Turns:
    """implies (False) and reverses (True) of closure.rls, closed."""
    steps: Turns = defaultdict(set)
    for low, highs in lower.items():
        steps[low] |= {(False, high) for high in highs}
    for one, others in inverse.items():
        for other in others:
            steps[one].add((True, other))
            steps[other].add((True, one))
    for name in symmetric:
        steps[name].add((True, name))
    return {name: _turns(name, steps) for name in list(steps)}


def _turns(start: NamedNode, steps: Turns) -> set[tuple[bool, NamedNode]]:
    found: set[tuple[bool, NamedNode]] = set()
    waiting = [(False, start)]
    while waiting:
        turned, name = waiting.pop()
        for again, high in steps.get(name, ()):
            step = (turned != again, high)
            if step not in found:
                found.add(step)
                waiting.append(step)
    return found


def _reached(start: NamedNode, links: Links) -> set[NamedNode]:
    found: set[NamedNode] = set()
    waiting = [start]
    while waiting:
        new = links.get(waiting.pop(), set()) - found
        found |= new
        waiting += new
    return found


def _turned(links: Links) -> Links:
    turned: Links = defaultdict(set)
    for one, others in links.items():
        for other in others:
            turned[other].add(one)
    return turned
