"""The matrices: what is crossed with what, from which queries, and what their figures count."""

from __future__ import annotations

from dataclasses import dataclass, field

from atlas.errors import UnknownName, UsageError
from atlas.namespaces import ATLAS, RDF
from endpoint.refusals import refused

# Stands for "no component recorded" and "no angle recorded" in queries; in addresses it is "none".
NIL = f"{RDF}nil"


@dataclass(frozen=True)
class Table:
    """One matrix drawn from one origin.

    ``query`` gives ?row, ?column and a figure for each of ``measures``; ``cell`` lists what one
    cell counts, asked with the cell's row and column. ``order`` names the query that puts the
    heads in order; without it they stand as they come, or by name where ``by_name``.
    """

    of: str
    origin: str
    query: str
    cell: str
    measures: tuple[str, ...]
    values: dict[str, str] = field(default_factory=dict)
    filters: tuple[str, ...] = ()
    order: str = ""
    by_name: bool = False
    symmetric: bool = False

    @property
    def key(self) -> str:
        return f"{self.of}.{self.origin}"


def _pairs(of: str, *kinds: str, measures: tuple[str, ...], order: str = "") -> Table:
    """A matrix of things of some kinds with one another, from the relations of the editors."""
    return Table(
        of,
        "editorial",
        "matrix_pairs",
        "matrix_pair",
        measures,
        {"kinds": " ".join(ATLAS + kind for kind in kinds)},
        ("status", "family", "source"),
        order,
        by_name=not order,
        symmetric=True,
    )


TABLES = (
    Table(
        "component-angle",
        "editorial",
        "matrix_component_angle",
        "matrix_component_angle_cell",
        ("relations", "descriptors", "documents"),
        filters=("status", "source"),
    ),
    _pairs("domain-domain", "PolicyDomain", measures=("crossings", "relations")),
    _pairs("actor-actor", "ProfessionalCommunity", "Scheme", measures=("relations", "crossings")),
    Table(
        "actor-actor",
        "registers",
        "matrix_groupings",
        "matrix_grouping_members",
        ("memberships",),
    ),
    _pairs("scale-scale", "Scale", measures=("crossings", "relations"), order="matrix_scales"),
    Table(
        "scale-scale",
        "registers",
        "matrix_levels",
        "matrix_level_parts",
        ("links",),
        order="matrix_scales",
    ),
)
CROSSINGS = tuple(dict.fromkeys(table.of for table in TABLES))


def find(of: str, origin: str) -> Table:
    """The matrix asked for, the first one of its kind where no origin is given.

    Raises UnknownName for a crossing that there is none of, UsageError for another origin.
    """
    tables = [table for table in TABLES if table.of == of]
    if not tables:
        raise refused(UnknownName, "refusal.matrix", of=of, known=CROSSINGS)
    for table in tables:
        if origin in ("", table.origin):
            return table
    takes = tuple(table.origin for table in tables)
    raise refused(
        UsageError, "refusal.parameter_for", name="from", value=origin, of=of, takes=takes
    )


def origins(of: str) -> list[str]:
    return [table.origin for table in TABLES if table.of == of]
