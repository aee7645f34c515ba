"""What the form of the map offers: filters that have something to show, and things by name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from endpoint.api.finding import find, typed
from endpoint.names import Names, Value, folded, shortened
from endpoint.page_addresses import at
from endpoint.view import View
from endpoint.web.map.relations import TYPES, Drawn, local
from endpoint.web.map.show import Shown, verb_slug
from endpoint.web.map.state import State
from endpoint.wire.addresses import ROOT
from store.labels.asked import Found, Hit, Query

OFFERED = 20
FOLDERS = {
    "family": f"{ROOT}/vocabulary/relation-families/",
    "type": TYPES,
    "status": f"{ROOT}/vocabulary/relation-statuses/",
}


@dataclass(frozen=True)
class Choice:
    """One value of a filter: what the address says, and what the reader reads."""

    value: str
    text: str


@dataclass(frozen=True)
class Place:
    """A thing that a search found: its name leads to its map."""

    name: Value
    kind: str
    within: str


def choices(view: View, state: State, result: Drawn, figure: Shown) -> dict[str, list[Choice]]:
    """For each filter its values in the order of the alphabet, the one in use always among them."""
    rows = view.ask("map_choices")
    families = [row.text("family") for row in view.ask("map_families")]
    wanted = {
        "family": families,
        "type": [row.text("type") for row in rows],
        "status": [row.text("status") for row in rows],
        "source": [row.text("graph") for row in rows]
        + [graph for relation in result.relations for graph in relation.graphs],
    }
    for name, value in state.filters.items():
        folder = FOLDERS.get(name, f"{view.base}/graph/")
        wanted[name].append(folder + value)
    names = view.names(iri for iris in wanted.values() for iri in iris)
    offered = {name: listed(iris, names) for name, iris in wanted.items()}
    offered["type"] = with_facts(offered["type"], result, figure)
    return offered


def listed(iris: Iterable[str], names: Names) -> list[Choice]:
    once = {local(iri): names.of(iri) for iri in iris}
    return in_order(Choice(value, text) for value, text in once.items())


def with_facts(types: list[Choice], result: Drawn, figure: Shown) -> list[Choice]:
    """The verbs of the facts that the map shows, beside the types of described relations."""
    verbs = {choice.value: choice.text for choice in types}
    for relation in result.relations:
        verbs.setdefault(verb_slug(relation), figure.names.of(relation.verb))
    return in_order(Choice(value, text) for value, text in verbs.items())


def in_order(choices: Iterable[Choice]) -> list[Choice]:
    return sorted(choices, key=lambda choice: (folded(choice.text), choice.value))


def found_things(view: View, words: str) -> tuple[list[Place], bool, list[Place]]:
    """The first things whose names have the words, each leading to its map, if there are more, and
    those whose names only come near, where that is little.

    Raises Overloaded while no generation is served, InstanceError without an index of names.
    """
    found, _ = find(view.site, view.site.served, Query(words, view.language, None, OFFERED))
    near = places(view, found.near, found)
    return places(view, found.hits, found), found.more, near


def places(view: View, hits: Iterable[Hit], found: Found) -> list[Place]:
    listed = []
    for hit in hits:
        label, kind = hit.label or hit.match, typed(hit, found, view.language)
        within = found.labels.get(hit.within)
        parameters = State(centre=hit.iri).at(view.base)
        name = Value(label.text if label else shortened(hit.iri), at("map.page", **parameters))
        listed.append(
            Place(name, str(kind["label"]) if kind else "", within.text if within else "")
        )
    return listed
