"""What a change concerns, and what must be at hand to judge it: walks over the engine.

``shapes.Place`` is the tree of the walks along which shapes read from a focus node. Gone backwards
from a changed triple they lead to the focus nodes that see it; forwards, to all that those see.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad, Store, Triple

from atlas.namespaces import RDF, RDFS
from shapes import Place, Step
from store.answers import Term
from store.engine import LocalEngine

TYPE = NamedNode(f"{RDF}type")
SUB_CLASS = NamedNode(f"{RDFS}subClassOf")
# Of a node with few triples all are read at once; of a hub, those of each property by themselves.
FEW = 256

Node = Term | Triple


def concerned(engine: LocalEngine, root: Place, changed: Iterable[Triple]) -> set[Node]:
    """The nodes that shapes may judge differently since these triples came or went.

    ``engine``: after the change. A walk that the change broke leads from its first changed step.
    """
    changed = list(changed)
    places = list(root.all())
    moved: set[Node] = {triple.subject for triple in changed if triple.predicate == SUB_CLASS}
    seen: dict[Place, set[Node]] = defaultdict(set)
    for place, node in _sights(places, changed, exact=not moved):
        seen[place.before or root] |= _back_along(engine, place.step, {node})
    for place in places if moved else ():
        if place.step.predicate == TYPE:
            seen[place.before or root] |= _instances(engine, moved)
    for place in reversed(places):
        if seen[place]:
            seen[place.before or root] |= _before(engine, place.step, seen[place])
    return seen[root]


def _sights(
    places: list[Place], changed: list[Triple], *, exact: bool
) -> Iterator[tuple[Place, Node]]:
    """The steps that a changed triple may be, each with the node that it starts from.

    ``exact``: the classes that matter are known, for no class has moved in the hierarchy.
    """
    steps: dict[NamedNode | None, list[Place]] = defaultdict(list)
    for place in places:
        steps[place.step.predicate].append(place)
    for triple in changed:
        for place in (*steps.get(triple.predicate, ()), *steps.get(None, ())):
            wanted = place.step.objects
            if wanted is None or not exact or triple.object in wanted:
                yield place, triple.object if place.step.inverse else triple.subject


def _instances(engine: LocalEngine, classes: set[Node]) -> set[Node]:
    """The nodes of these classes and of those below."""
    below = _back_along(engine, Step(SUB_CLASS, many=True), classes)
    return {triple.subject for cls in below for triple in _match(engine, None, TYPE, cls)}


def _before(engine: LocalEngine, step: Step, nodes: set[Node]) -> set[Node]:
    """Where the step may start that leads to one of the nodes."""
    if step.many:
        return _back_along(engine, step, nodes)
    return {end for node in nodes for end in _neighbours(engine, step, node)}


def _back_along(engine: LocalEngine, step: Step, nodes: set[Node]) -> set[Node]:
    """The nodes, and for a step that is repeated all from which it leads to them."""
    found, waiting = set(nodes), list(nodes) if step.many else []
    while waiting:
        new = set(_neighbours(engine, step, waiting.pop())) - found
        found |= new
        waiting += new
    return found


def _neighbours(engine: LocalEngine, step: Step, node: Node) -> Iterator[Node]:
    """One step back from the node."""
    if step.inverse:
        yield from (t.object for t in _match(engine, node, step.predicate, None))
    else:
        yield from (t.subject for t in _match(engine, None, step.predicate, node))


def _match(
    engine: LocalEngine, subject: Node | None, predicate: NamedNode | None, value: Node | None
) -> Iterator[Triple]:
    if subject is not None and not isinstance(subject, NamedNode | BlankNode):
        return iter(())
    return engine.match(subject, predicate, value)


def neighbourhood(
    engine: LocalEngine, root: Place, nodes: Iterable[Node], hidden: Callable[[Triple], bool]
) -> LocalEngine:
    """An engine of its own over all that shapes see from the nodes, without what is hidden."""
    around = _Around(engine, hidden)
    around.hierarchy()
    around.go(root, set(nodes))
    store = Store()
    store.extend(Quad(t.subject, t.predicate, t.object, DefaultGraph()) for t in around.found)
    return LocalEngine(store=store)


class _Around:
    def __init__(self, engine: LocalEngine, hidden: Callable[[Triple], bool]) -> None:
        self._engine, self._hidden = engine, hidden
        self.found: set[Triple] = set()
        self._hubs: set[Node] = set()
        self._said: dict[Node, dict[NamedNode, list[Triple]]] = {}

    def hierarchy(self) -> None:
        """All subclasses: they decide who is a focus node."""
        self.found.update(self._seen(Step(SUB_CLASS), None))

    def go(self, place: Place, nodes: set[Node]) -> None:
        """Gather what is further on from the nodes at this place."""
        if sum(not further.step.inverse for further in place.after) > 4:
            for node in nodes:
                self._read(node)
        for further in place.after:
            ends = self._take(further.step, nodes)
            if further.step.many:
                ends |= nodes
                while new := self._take(further.step, ends) - ends:
                    ends |= new
            if further.after:
                self.go(further, ends)

    def _take(self, step: Step, nodes: set[Node]) -> set[Node]:
        """Where one step leads from the nodes; its triples are gathered."""
        ends: set[Node] = set()
        for node in nodes:
            seen = self._seen(step, node)
            for triple in islice(seen, 1) if step.one else seen:
                self.found.add(triple)
                ends.add(triple.subject if step.inverse else triple.object)
        return ends

    def _seen(self, step: Step, node: Node | None) -> Iterator[Triple]:
        for triple in self._triples(step, node):
            wanted = step.objects
            if (wanted is None or triple.object in wanted) and not self._hidden(triple):
                yield triple

    def _triples(self, step: Step, node: Node | None) -> Iterable[Triple]:
        if step.inverse:
            return _match(self._engine, None, step.predicate, node)
        said = None if node is None else self._said.get(node)
        if said is None:
            return _match(self._engine, node, step.predicate, None)
        if step.predicate is None:
            return [triple for triples in said.values() for triple in triples]
        return said.get(step.predicate, ())

    def _read(self, node: Node) -> None:
        """What is said of the node, unless that is much."""
        if node in self._said or node in self._hubs:
            return
        triples = list(islice(_match(self._engine, node, None, None), FEW + 1))
        if len(triples) > FEW:
            self._hubs.add(node)
            return
        said = self._said[node] = defaultdict(list)
        for triple in triples:
            said[triple.predicate].append(triple)
