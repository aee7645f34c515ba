"""What registers and sources say of a thing beyond the atlas's relations, and what rules add."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pyoxigraph import NamedNode

from endpoint.names import Names, Value, folded
from endpoint.page_addresses import at
from endpoint.solutions import Solution
from endpoint.view import View, lists
from endpoint.web.star.drawing import Direction
from endpoint.web.thing.links import Group, Item, group
from endpoint.web.thing.said import SHOWN, Told
from endpoint.web.thing.sources import Letters
from endpoint.web.thing.values import is_page, rank
from endpoint.web.thing.words import (
    LED_ELSEWHERE,
    MEMBER_OF,
    NODES,
    ORDER,
    SAID_ELSEWHERE,
    out_words,
    rule,
)
from endpoint.wire.addresses import nameable

# Of more than these the page reads only some, whichever the engine finds first.
MANY = 1_000
# Of the properties by which things lead here, so many are told of: those that lead here most.
MOST_LEADING = 200


@dataclass(frozen=True)
class Pointed:
    """How many things lead here by a property as sources state, and how many more by rule."""

    predicate: str
    stated: int
    inferred: int


@dataclass(frozen=True)
class Added:
    """What rules add by one property: why, and either what, or how many and where to see them."""

    property: Value
    why: str
    items: Sequence[Item]
    count: int
    direction: Direction
    every: str


def outgoing(
    told: Told, names: Names, letters: Letters, years: Mapping[tuple[str, str], str]
) -> list[Group]:
    """The things that this one is linked to, by property."""
    found: dict[str, list[Item]] = {}
    for said in told.sample:
        if not said.iri or said.inferred or is_page(said):
            continue
        if said.predicate not in SAID_ELSEWHERE:
            note = years.get(("from", said.iri), "") if said.predicate == MEMBER_OF else ""
            entry = Item(names.value(said.iri), letters.of(said.graphs), said.iri, note=note)
            found.setdefault(said.predicate, []).append(entry)
    return [
        group(
            names,
            iri,
            "from",
            found[iri],
            count=sum(1 for said in told.of(iri) if said.iri),
            every=every_statement(told.thing),
        )
        for iri in sorted(found, key=lambda iri: rank(iri, names, ORDER))
    ]


def pointed(view: View, thing: str) -> list[Pointed]:
    """How many things lead to this one, by property."""
    return [
        Pointed(row.text("property"), row.number("stated"), row.number("inferred"))
        for row in view.ask("thing_pointed", thing=thing)
    ]


def leading(counts: Sequence[Pointed]) -> list[Pointed]:
    """Those properties that the page tells of, in their order."""
    if len(counts) <= MOST_LEADING:
        return list(counts)
    ranked = sorted(counts, key=lambda one: -(one.stated + one.inferred))[:MOST_LEADING]
    return sorted(ranked, key=lambda one: one.predicate)


def led(counts: Sequence[Pointed]) -> list[Pointed]:
    """Those properties that the page lists: what a source states and no other part tells."""
    return [
        one
        for one in leading(counts)
        if one.stated and one.predicate not in LED_ELSEWHERE and nameable(one.predicate)
    ]


def first_incoming(view: View, thing: str, counts: Sequence[Pointed]) -> dict[str, list[Solution]]:
    """The first things that lead here by each of these properties; of very many, some."""
    found: dict[str, list[Solution]] = {one.predicate: [] for one in counts}
    few = [one.predicate for one in counts if one.stated <= MANY]
    for some in lists(few):
        for row in view.ask("thing_incoming_graphs", thing=thing, properties=some):
            found[row.text("property")].append(row)
    for one in counts:
        if one.stated > MANY:
            rows = view.ask("thing_incoming_some", thing=thing, property=one.predicate)
            found[one.predicate] = rows
    for iri, rows in found.items():
        first = set(sorted({row.text("other") for row in rows})[:SHOWN])
        found[iri] = [row for row in rows if row.text("other") in first]
    return found


def incoming(
    thing: str,
    counts: Sequence[Pointed],
    rows: Mapping[str, Sequence[Solution]],
    names: Names,
    letters: Letters,
    years: Mapping[tuple[str, str], str],
) -> list[Group]:
    """The things that are linked to this one, by property."""
    return [
        group(
            names,
            one.predicate,
            "to",
            ends(rows[one.predicate], names, letters, years if one.predicate == MEMBER_OF else {}),
            count=one.stated,
            every=every(thing, one.predicate),
        )
        for one in sorted(counts, key=lambda one: rank(one.predicate, names, ORDER))
    ]


def ends(
    rows: Sequence[Solution],
    names: Names,
    letters: Letters,
    years: Mapping[tuple[str, str], str],
) -> Iterable[Item]:
    graphs: dict[str, list[str]] = {}
    for row in rows:
        if isinstance(row["other"], NamedNode):
            graphs.setdefault(row.text("other"), []).append(row.text("graph"))
    for iri, stating in graphs.items():
        yield Item(names.value(iri), letters.of(stating), iri, note=years.get(("to", iri), ""))


def every(thing: str, property: str, *, inferred: bool = False) -> str:
    """The page that lists all that lead here by a property: as stated, or by rule."""
    by = "rules" if inferred else None
    return at("links.page", thing=thing, property=property, by=by)


def years(rows: Iterable[Solution]) -> dict[tuple[str, str], str]:
    """The vintages of the maps that record each membership, by direction and other end."""
    return {
        (row.text("direction"), row.text("other")): ", ".join(sorted(row.text("vintages").split()))
        for row in rows
    }


def past(rows: Sequence[Solution], told: Told, names: Names, letters: Letters) -> list[Group]:
    """Memberships that only an older map records, by direction."""
    found: dict[Direction, list[Item]] = {"from": [], "to": []}
    notes = years(rows)
    for row in rows:
        if not row.text("current"):
            other, direction = row.text("other"), row.text("direction")
            found["from" if direction == "from" else "to"].append(
                Item(
                    names.value(other),
                    letters.of(row.text("graphs").split()),
                    other,
                    note=notes[direction, other],
                )
            )
    return [
        group(
            names,
            MEMBER_OF,
            direction,
            items,
            every=at("library.query", name="thing_memberships", thing=told.thing),
            key=f"{MEMBER_OF}Past",
        )
        for direction, items in found.items()
        if items
    ]


def added(told: Told, counts: Sequence[Pointed], names: Names, letters: Letters) -> list[Added]:
    """What rules alone say: of the thing, and of how many that lead to it."""
    found: dict[str, list[Item]] = {}
    for said in told.sample:
        if said.inferred:
            value = names.value(said.iri) if said.iri else Value(str(said.value))
            found.setdefault(said.predicate, []).append(Item(value, letters.of(said.graphs)))
    own = [
        Added(
            names.link(iri, out_words(iri, names.of(iri))),
            rule(iri),
            sorted(items, key=lambda one: folded(one.value.text)),
            sum(said.inferred and said.predicate == iri for said in told.statements),
            "from",
            every_statement(told.thing),
        )
        for iri, items in sorted(found.items(), key=lambda pair: rank(pair[0], names, ORDER))
    ]
    return own + [
        Added(
            names.link(one.predicate, out_words(one.predicate, names.of(one.predicate))),
            rule(one.predicate),
            (),
            one.inferred,
            "to",
            every(told.thing, one.predicate, inferred=True),
        )
        for one in sorted(counts, key=lambda one: rank(one.predicate, names, ORDER))
        if one.inferred and one.predicate not in NODES
    ]


def every_statement(thing: str) -> str:
    """The page of the query that lists all that is said of a thing."""
    return at("library.query", name="thing_statements", thing=thing)


def in_order(groups: Sequence[Group], names: Names) -> list[Group]:
    """The groups in the order in which relations read, whatever their direction.

    What a source says both ways, as of a wider and a narrower term, is read once.
    """
    said = {
        (one.verb.text, item.iri) for one in groups if one.direction == "from" for item in one.items
    }
    fresh = [
        one
        for one in groups
        if one.direction == "from"
        or one.count > len(one.items)
        or any((one.verb.text, item.iri) not in said for item in one.items)
    ]
    return sorted(fresh, key=lambda one: (rank(one.iri, names, ORDER), one.direction))
