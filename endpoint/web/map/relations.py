"""The relations of a map: those that documents describe, and the facts of registers around things.

A map of the whole atlas has the described relations only; around a thing, and around each thing
that the reader opens, come the facts of registers, as many as a map can hold.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from atlas.namespaces import ATLAS
from endpoint.solutions import Solution
from endpoint.view import View
from endpoint.web.map.state import State
from endpoint.wire.addresses import ROOT, nameable

OBSERVED = "observed"
TYPES = f"{ROOT}/vocabulary/relation-types/"
# From so many facts of one verb on, its query may have been cut: it takes 200 statements, and a
# source with two vintages states each fact twice.
PERHAPS_CUT = 100
# A second step is made from so many things and so many statements at most, as its query has it; and
# a map has so many relations at most.
MOST_BEYOND, MOST_STATEMENTS = 500, 1_500
MOST_RELATIONS = 5_000


@dataclass(frozen=True)
class Relation:
    """One line of the map. ``iri`` is empty for a fact of a register; ``step`` says since when it
    is there: 0 from the start, n since the nth thing was opened."""

    iri: str
    source: str
    verb: str
    target: str
    status: str
    graphs: tuple[str, ...]
    documents: tuple[str, ...]
    step: int

    @property
    def ends(self) -> tuple[str, str]:
        return self.source, self.target


@dataclass(frozen=True)
class Cut:
    """Facts of one verb around a thing of which the map shows only some."""

    thing: str
    verb: str
    direction: str
    shown: int
    count: int


@dataclass
class Drawn:
    """What a map shows. ``partial``: whether there may be more in the second step than it shows."""

    relations: list[Relation] = field(default_factory=list)
    cuts: list[Cut] = field(default_factory=list)
    full: bool = False
    partial: bool = False
    # What is on the map already, by ends and verb: with the relation's IRI, and of whatever kind.
    known: set[tuple[str, str, str, str]] = field(default_factory=set)
    told: set[tuple[str, str, str]] = field(default_factory=set)

    @property
    def things(self) -> list[str]:
        """Both ends of each relation, each once, in the order in which they come."""
        return list(dict.fromkeys(end for relation in self.relations for end in relation.ends))


def drawn(view: View, state: State) -> Drawn:
    """The relations of the map, each once: the first step that brings one keeps it."""
    result = Drawn()
    if state.centre:
        add(result, around(view, state, [state.centre], 0))
        add(result, facts(view, state, state.centre, 0, result))
        if state.depth > 1:
            add(result, beyond(view, state, result))
    else:
        found = view.ask("map_relations", **state.filters)
        add(result, (described(solution, 0) for solution in found))
    for step, thing in enumerate(state.opened, 1):
        add(result, around(view, state, [thing], step))
        add(result, facts(view, state, thing, step, result))
    return result


def add(result: Drawn, relations: Iterable[Relation]) -> None:
    """Put relations on the map, each once; a fact that a described relation says is no other."""
    for relation in relations:
        said = (*relation.ends, local(relation.verb))
        key = (*said, relation.iri)
        if key in result.known or (not relation.iri and said in result.told):
            continue
        if len(result.relations) == MOST_RELATIONS:
            result.full = True
            return
        result.known.add(key)
        if relation.iri:
            result.told.add(said)
        result.relations.append(relation)


def around(view: View, state: State, things: list[str], step: int) -> Iterator[Relation]:
    found = view.ask("map_around", things=" ".join(things), **state.filters)
    return (described(solution, step) for solution in found)


def described(solution: Solution, step: int) -> Relation:
    return Relation(
        iri=solution.text("relation"),
        source=solution.text("source"),
        verb=solution.text("type"),
        target=solution.text("target"),
        status=local(solution.text("status")),
        graphs=(solution.text("graph"),),
        documents=tuple(sorted(solution.text("documents").split())),
        step=step,
    )


def facts(view: View, state: State, thing: str, step: int, result: Drawn) -> list[Relation]:
    """The facts of registers around a thing; what is left out is noted in ``result``."""
    given = of_registers(state)
    if given is None:
        return []
    found = view.ask("map_facts", thing=thing, **given)
    shown = Counter(
        (solution.text("property"), "from" if solution.text("source") == thing else "to")
        for solution in found
    )
    if any(count >= PERHAPS_CUT for count in shown.values()):
        for solution in view.ask("map_fact_counts", thing=thing, **given):
            verb, direction = solution.text("property"), solution.text("direction")
            count = solution.number("count")
            if 0 < shown[verb, direction] < count:
                result.cuts.append(Cut(thing, verb, direction, shown[verb, direction], count))
    return [fact(solution, step) for solution in found]


def beyond(view: View, state: State, result: Drawn) -> list[Relation]:
    """The second step around the centre: what its neighbours are related to."""
    things = [end for end in result.things if nameable(end) and end != state.centre]
    near = things[:MOST_BEYOND]
    if not near:
        return []
    result.partial = len(things) > MOST_BEYOND
    relations = list(around(view, state, near, 0))
    given = of_registers(state)
    if given is not None:
        found = view.ask("map_facts_beyond", things=" ".join(near), **given)
        result.partial |= sum(row.number("triples") for row in found) >= MOST_STATEMENTS
        relations += [fact(solution, 0) for solution in found]
    return relations


def of_registers(state: State) -> dict[str, str] | None:
    """The map's filters as the queries over registers take them, None where they let none pass."""
    if state.status not in ("", OBSERVED):
        return None
    given = {name: value for name, value in state.filters.items() if name in ("family", "source")}
    if state.type:
        given["property"] = ATLAS + state.type
    return given


def fact(solution: Solution, step: int) -> Relation:
    return Relation(
        iri="",
        source=solution.text("source"),
        verb=solution.text("property"),
        target=solution.text("target"),
        status=OBSERVED,
        graphs=tuple(sorted(solution.text("graphs").split())),
        documents=(),
        step=step,
    )


@lru_cache(maxsize=4096)
def local(iri: str) -> str:
    """The last part of an IRI."""
    return iri.rpartition("/")[2].rpartition("#")[2]
