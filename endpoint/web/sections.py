"""The families of pages, in the order in which the head of each page lists them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple


class Section(NamedTuple):
    """A family: the key of its name in the catalogues, and the route of its first page.

    ``besides``: the other blueprints whose pages belong to it, beyond that of its first page.
    """

    key: str
    route: str
    besides: tuple[str, ...] = ()

    @property
    def blueprints(self) -> tuple[str, ...]:
        """The blueprints of its pages: a page of one of them is in this family."""
        return (self.route.partition(".")[0], *self.besides)


class First(NamedTuple):
    """A page that is read before anything is chosen: its route, and the values in its address."""

    route: str
    values: Mapping[str, Any] = MappingProxyType({})


# The commune that the pages themselves name as an example; it is not in every atlas.
EXAMPLE = "54395"

SECTIONS = (
    Section("section.map", "map.page", ("local",)),
    Section("section.matrix", "matrix.page"),
    Section("section.questions", "questions.page"),
    Section("section.territories", "territories.page"),
    Section("section.experiences", "experiences.page"),
    Section("section.queries", "library.page", ("sparql", "federated")),
    Section(
        "section.data",
        "datasets.page",
        ("partner_pages", "void", "dcat", "dumps", "feed", "scrutari"),
    ),
)

# What the server makes ready for its readers: whatever these count is counted once for a generation
# and serves the other pages of their families too.
FIRST = (
    First("home.home"),
    *(First(section.route) for section in SECTIONS),
    First("experiences.page", {"kind": "document"}),
    First("matrix.page", {"of": "domain-domain"}),
    First("matrix.page", {"of": "actor-actor", "from": "registers"}),
    First("propose.form", {"kind": "relation"}),
    First("propose.page"),
    First("search.page"),
    First("local.page"),
    First("partner_pages.listing"),
    First("ontology.whole"),
    First("territories.commune", {"insee": EXAMPLE}),
)
