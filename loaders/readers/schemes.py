"""Public schemes and the bodies that run them into the graph.

Inputs: ``benefits``, ``institutions``, ``map`` (a vintage of the map of France) and, if given,
``groupings`` (Banatic's, so that a syndicate is one body in all graphs). Option ``exclude``: ids of
benefits that the source keeps for tests of its own.

A scheme states a place only where the source puts a condition of place; the operator's territory
stands at the operator.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pyoxigraph import Literal, NamedNode, Quad

from loaders.readers.schemes_operators import GOVERNED, Operator
from loaders.readers.schemes_rows import Row, Scheme, read_rows
from loaders.sources import Source
from loaders.terms import (
    ATLAS,
    DCTERMS,
    FOAF,
    LABEL,
    SKOS,
    TYPE,
    Instances,
    concept,
    integer,
    text,
)
from loaders.values import slug

__all__ = ["read_rows", "to_quads"]

# Bodies that are not of one territory, by the source's type for them.
SCALES = {"national": "state", "europeen": "europe"}
Statement = tuple[NamedNode, NamedNode, NamedNode | Literal]


def to_quads(rows: Iterable[Row], source: Source) -> Iterator[Quad]:
    """The graph: operators, schemes, whom they serve and where they apply."""
    writer = Writer(source)
    graph = NamedNode(source.graph)
    for row in rows:
        statements = writer.operator(row) if isinstance(row, Operator) else writer.scheme(row)
        for subject, predicate, value in statements:
            yield Quad(subject, predicate, value, graph)


class Writer:
    """The statements of each kind of row."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.instances = Instances(source.base)

    def operator(self, row: Operator) -> Iterator[Statement]:
        operator = self.operator_iri(row)
        yield operator, TYPE, ATLAS[operator_class(row)]
        # The map's name is the name; this source's is another one.
        yield operator, DCTERMS["alternative"] if row.described else LABEL, text(row.name, "fr")
        if row.siren:
            yield operator, ATLAS["siren"], text(row.siren)
        if row.type in SCALES:
            yield operator, ATLAS["atScale"], concept("scales", SCALES[row.type])
        tie = ATLAS["governs" if row.type in GOVERNED else "actsIn"]
        for place in row.territories:
            yield operator, tie, self.instances[place]

    def operator_iri(self, row: Operator) -> NamedNode:
        if not row.siren:
            if row.type == "commune" and row.territories:
                return self.instances["municipality", f"insee-{row.territories[0][1]}"]
            return self.instances["actor", f"{self.source.name}-{slug(row.id)}"]
        kind = "municipality" if row.type == "commune" else "body"
        return self.instances["grouping" if row.grouping else kind, row.siren]

    def scheme(self, row: Scheme) -> Iterator[Statement]:
        scheme = self.instances["scheme", f"{self.source.name}-{row.id}"]
        yield scheme, TYPE, ATLAS["Scheme"]
        yield scheme, LABEL, text(row.label, "fr")
        if row.description:
            yield scheme, DCTERMS["description"], text(row.description, "fr")
        if row.page:
            yield scheme, FOAF["page"], row.page
        yield scheme, ATLAS["operatedBy"], self.operator_iri(row.operator)
        for public in row.publics:
            yield scheme, ATLAS["servesPublic"], concept("target-publics", public)
        if row.minimum_age is not None:
            yield scheme, ATLAS["minimumAge"], integer(row.minimum_age)
        if row.maximum_age is not None:
            yield scheme, ATLAS["maximumAge"], integer(row.maximum_age)
        yield from self.where(scheme, row)
        for note in row.notes:
            yield scheme, SKOS["note"], text(note, "fr")

    def where(self, scheme: NamedNode, row: Scheme) -> Iterator[Statement]:
        for place in row.where.places:
            yield scheme, ATLAS["appliesIn"], self.instances[place]
        for siren in row.where.members_of:
            yield scheme, ATLAS["appliesToMembersOf"], self.instances["grouping", siren]
        for siren in row.excluded:
            yield scheme, ATLAS["excludesMembersOf"], self.instances["grouping", siren]


def operator_class(row: Operator) -> str:
    """The class of a body: a municipality governs a commune that the map knows."""
    if row.grouping:
        return "Grouping"
    if row.type == "commune" and row.territories:
        return "Municipality"
    return "PublicAuthority" if row.type in GOVERNED else "Actor"
