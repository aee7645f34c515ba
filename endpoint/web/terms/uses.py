"""How often a term is used in the atlas, and in which graphs: each figure is a query's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from endpoint.catalogue import Catalogue
from endpoint.names import Names
from endpoint.view import View


@dataclass(frozen=True)
class Source:
    """A graph in which a term is used. ``standing``: "", "inferred", "apart" or "illustrative"."""

    title: str
    href: str | None
    count: int
    standing: str


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
