"""The map of France: the files of npm ``@etalab/decoupage-administratif``, one vintage a source.

A place and the body that governs it are two things, and memberships are dated. An older vintage
names the newest one as its input ``current``: direct statements describe the newest vintage, so an
older one says what a place is part of, or what a grouping is, only where the newest does not know
it; a name that has changed since is an alternative name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pyoxigraph import NamedNode, Quad

from loaders.readers.france_rows import Body, Former, Member, Place, Row, read_rows
from loaders.sources import Source
from loaders.terms import (
    ATLAS,
    DCTERMS,
    IGEO,
    LABEL,
    TYPE,
    Instances,
    concept,
    integer,
    text,
    year,
)

__all__ = ["read_rows", "to_quads"]

CLASSES = {
    "commune": ATLAS["Commune"],
    "delegated-commune": ATLAS["DelegatedCommune"],
    "associated-commune": ATLAS["AssociatedCommune"],
    "municipal-arrondissement": ATLAS["MunicipalArrondissement"],
    "arrondissement": ATLAS["Arrondissement"],
    "department": ATLAS["Department"],
    "region": ATLAS["Region"],
    "overseas-collectivity": ATLAS["OverseasCollectivity"],
}
CODE = IGEO["codeINSEE"]
FRANCE = (("France", "fr"), ("France", "en"), ("Francia", "es"))


def to_quads(rows: Iterable[Row], source: Source) -> Iterator[Quad]:
    """The graph of one vintage."""
    writer = Writer(source)
    yield from writer.country()
    for row in rows:
        if isinstance(row, Place):
            yield from writer.place(row)
        elif isinstance(row, Member):
            yield from writer.member(row)
        elif isinstance(row, Body):
            yield from writer.body(row)
        else:
            yield from writer.former(row)


class Writer:
    """What the quads of one vintage have in common."""

    def __init__(self, source: Source) -> None:
        self.vintage = str(source.options["vintage"])
        self.year = year(self.vintage)
        self.newest = "current" not in source.paths
        self.graph = NamedNode(source.graph)
        self.instances = Instances(source.base)

    def country(self) -> Iterator[Quad]:
        france = self.instances["country", "FR"]
        yield Quad(france, TYPE, ATLAS["Country"], self.graph)
        yield Quad(france, ATLAS["countryCode"], text("FR"), self.graph)
        for name, language in FRANCE:
            yield Quad(france, LABEL, text(name, language), self.graph)

    def place(self, row: Place) -> Iterator[Quad]:
        place, graph = self.instances[row.kind, row.code], self.graph
        yield Quad(place, TYPE, CLASSES[row.kind], graph)
        yield Quad(place, CODE, text(row.code), graph)
        yield Quad(place, self.naming(row), text(row.name, "fr"), graph)
        yield Quad(place, ATLAS["recordedIn"], self.year, graph)
        if self.newest or not row.current_name:
            yield Quad(place, ATLAS["directlyPartOf"], self.instances[row.whole], graph)
        if self.newest and row.population is not None:
            yield Quad(place, ATLAS["population"], integer(row.population), graph)

    def former(self, row: Former) -> Iterator[Quad]:
        """A former commune: only its code and what it became are known here."""
        place, graph = self.instances["commune", row.code], self.graph
        yield Quad(place, TYPE, ATLAS["Commune"], graph)
        yield Quad(place, CODE, text(row.code), graph)
        yield Quad(place, ATLAS["succeededBy"], self.instances["commune", row.successor], graph)

    def body(self, row: Body) -> Iterator[Quad]:
        graph = self.graph
        body = self.instances["grouping" if row.nature else "municipality", row.key]
        if row.siren:
            yield Quad(body, ATLAS["siren"], text(row.siren), graph)
        yield Quad(body, self.naming(row), text(row.name, "fr"), graph)
        yield Quad(body, ATLAS["recordedIn"], self.year, graph)
        if not row.nature:
            yield Quad(body, TYPE, ATLAS["Municipality"], graph)
            yield Quad(body, ATLAS["governs"], self.instances["commune", row.governs], graph)
            return
        kind = "TerritorialPublicEstablishment" if row.nature == "ept" else "OwnTaxGrouping"
        yield Quad(body, TYPE, ATLAS[kind], graph)
        if self.newest or not row.current_name:
            nature = concept("grouping-natures", row.nature)
            yield Quad(body, ATLAS["groupingNature"], nature, graph)

    def member(self, row: Member) -> Iterator[Quad]:
        graph = self.graph
        membership = NamedNode(
            f"{self.instances.base}/id/membership/{self.vintage}-{row.grouping}-{row.commune}"
        )
        municipality = self.instances["municipality", row.municipality]
        grouping = self.instances["grouping", row.grouping]
        yield Quad(membership, TYPE, ATLAS["Membership"], graph)
        yield Quad(membership, ATLAS["member"], municipality, graph)
        yield Quad(membership, ATLAS["grouping"], grouping, graph)
        yield Quad(membership, ATLAS["vintage"], self.year, graph)
        if self.newest:
            yield Quad(municipality, ATLAS["memberOf"], grouping, graph)

    def naming(self, row: Place | Body) -> NamedNode:
        """One name per thing in the merge: an older vintage's other name is an alternative."""
        same = row.current_name in ("", row.name)
        return LABEL if same else DCTERMS["alternative"]
