"""Groupings of communes found by their names, and the communes of one of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from atlas.errors import UnknownName
from atlas.namespaces import ATLAS
from endpoint.api.finding import find
from endpoint.names import Names, Value
from endpoint.refusals import refused
from endpoint.solutions import Solution
from endpoint.view import View
from endpoint.web.territories.places import CODE, VINTAGES, in_order
from endpoint.web.territories.search import Commune
from store.labels.asked import Query

# The kinds of which the sources give the communes: they give those of no syndicate.
KINDS = ("OwnTaxGrouping", "TerritorialPublicEstablishment")
SIREN = re.compile(r"[0-9]{9}")
# So many of each kind are listed beside the communes of a name.
MOST = 10


@dataclass(frozen=True)
class Body:
    """A grouping in the newest ``year`` that has it: how many communes, in which departments."""

    siren: str
    value: Value
    nature: str
    year: str
    departments: tuple[tuple[str, int], ...]

    @property
    def size(self) -> int:
        return sum(count for _, count in self.departments)

    @property
    def current(self) -> bool:
        """Whether the newest map has the grouping."""
        return self.year == VINTAGES[0]


@dataclass(frozen=True)
class Listed:
    """A grouping with its communes in the newest year that has it."""

    body: Body
    communes: list[Commune] = field(default_factory=list)


def named(view: View, text: str) -> tuple[list[Body], bool]:
    """The groupings whose names or SIREN numbers have all the words, and whether there are more.

    Raises Overloaded while nothing is served.
    """
    iris: list[str] = []
    more = False
    for kind in KINDS:
        found, _ = find(
            view.site, view.site.served, Query(text, view.language, f"{ATLAS}{kind}", MOST)
        )
        iris += [hit.iri for hit in found.hits]
        more = more or found.more
    return bodies(view, iris), more


def bodies(view: View, iris: Sequence[str]) -> list[Body]:
    """What the groupings are, in the same order; without those that have no communes here, or no
    number by which one might ask for these."""
    if not iris:
        return []
    rows = view.ask("here_groupings", groupings=" ".join(iris))
    names = view.names([*iris, *(row.text("nature") for row in rows if "nature" in row)])
    return [
        body(own, names)
        for iri in iris
        if (own := [row for row in rows if row.text("grouping") == iri])
        and SIREN.fullmatch(own[0].text("siren"))
    ]


def body(rows: Sequence[Solution], names: Names) -> Body:
    """A grouping from its rows, those of the newest year first."""
    first = rows[0]
    counts = {
        row.text("department"): row.number("communes")
        for row in rows
        if row.text("vintage") == first.text("vintage")
    }
    return Body(
        first.text("siren"),
        names.value(first.text("grouping")),
        names.of(first.text("nature")) if "nature" in first else "",
        first.text("vintage"),
        tuple(counts.items()),
    )


def listed(view: View, siren: str) -> Listed:
    """The grouping of a SIREN number with its communes, in the alphabet's order.

    Raises UsageError for what is no such number, UnknownName where no grouping with communes has
    it.
    """
    rows = view.ask("here_grouping", siren=siren)
    found = bodies(view, list(dict.fromkeys(row.text("grouping") for row in rows)))
    if not found:
        raise refused(UnknownName, "refusal.grouping", siren=siren)
    year = found[0].year
    return Listed(
        found[0],
        [
            Commune(
                row.text("code"),
                row.text("label"),
                row.number("population") if "population" in row else None,
            )
            for row in in_order([row for row in rows if row.text("vintage") == year])
            if CODE.fullmatch(row.text("code"))
        ],
    )
