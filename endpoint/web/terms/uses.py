"""How often a term is used in the atlas, by what, in which graphs: each figure is a query's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from atlas.namespaces import ATLAS
from endpoint.catalogue import Catalogue
from endpoint.names import Names, Value
from endpoint.page_addresses import at
from endpoint.solutions import Solution
from endpoint.view import View
from endpoint.web.terms.ground import local
from endpoint.web.thing.facts import Pointed, pointed
from endpoint.wire.addresses import nameable

# By what relations and other concepts point at one, which the page tells elsewhere.
BETWEEN = ("relationSource", "relationTarget", "widerScaleThan")


@dataclass(frozen=True)
class Source:
    """A graph in which a term is used. ``standing``: "", "inferred", "apart" or "illustrative"."""

    title: str
    href: str | None
    count: int
    standing: str


@dataclass(frozen=True)
class Use:
    """Who points at a concept by one property: how many, some of them, where all are listed.

    ``apart``: whether only sources that are kept apart say so.
    """

    property: Value
    count: int
    things: list[Value]
    every: str | None
    apart: bool = False


@dataclass(frozen=True)
class Uses:
    """The uses in the default graph, and those in each graph, the largest first."""

    count: int
    sources: list[Source]

    @property
    def several(self) -> bool:
        """Whether the same is said in several graphs, so that theirs make more than the whole."""
        common = [one.count for one in self.sources if one.standing in ("", "inferred")]
        return sum(common) > self.count


def uses(view: View, iri: str) -> Uses:
    """Instances of a class, or statements of a property."""
    recorded = view.ask("term_recorded", term=iri)
    rows = recorded or view.ask("term_count", term=iri)
    count = max((row.number("count") for row in rows), default=0)
    return Uses(count, sources(view, iri))


def sources(view: View, iri: str, query: str = "term_graphs") -> list[Source]:
    """The graphs that a query counts the uses of a term in, or the statements about it."""
    catalogue = view.site.catalogue(view.generation)
    names = Names({}, view.language, view.base)
    return [
        Source(
            title=title(catalogue, row.text("graph"), view.language),
            href=names.value(row.text("graph")).href,
            count=row.number("count"),
            standing=standing(catalogue, row.text("graph")),
        )
        for row in view.ask(query, term=iri)
    ]


def title(catalogue: Catalogue, graph: str, language: str) -> str:
    known = catalogue.graphs.get(graph)
    return known.title(language) if known else graph


def standing(catalogue: Catalogue, graph: str) -> str:
    """What sets a graph apart from a source that is part of the default graph."""
    recorded: Sequence[Mapping[str, Any]] = catalogue.record.get("graphs", ())
    entry: Mapping[str, Any] = next((e for e in recorded if e["graph"] == graph), {})
    if graph in catalogue.illustrative:
        return "illustrative"
    if entry.get("publish") == "named":
        return "apart"
    return "inferred" if "inferred_from" in entry else ""


def use_of(row: Solution, things: Sequence[str], iri: str, names: Names) -> Use:
    """Who points at a concept by the property of the row; ``things`` are some of them."""
    prop, count = row.text("property"), row.number("count")
    more = count > len(things) and nameable(prop)
    every = listing(iri, prop) if more else None
    return Use(names.value(prop), count, [names.value(thing) for thing in things], every)


def used_apart(view: View, iri: str) -> list[Pointed]:
    """How many things of sources kept apart point at a concept that nothing else points at."""
    return [
        one
        for one in pointed(view, iri)
        if one.stated and one.predicate.startswith(ATLAS) and nameable(one.predicate)
        if local(one.predicate) not in BETWEEN
    ]


def use_apart(one: Pointed, iri: str, names: Names) -> Use:
    """Who points at a concept in sources kept apart alone."""
    return Use(names.value(one.predicate), one.stated, [], listing(iri, one.predicate), apart=True)


def listing(iri: str, prop: str) -> str:
    """The page that lists all that points at a concept by a property."""
    return at("links.page", thing=iri, property=prop)
