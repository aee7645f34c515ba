"""Which place a code is: a commune of today, a former one, a part of one, or a department."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from atlas.errors import UnknownName, UsageError
from atlas.namespaces import ATLAS
from endpoint.names import folded
from endpoint.refusals import refused
from endpoint.solutions import Solution
from endpoint.view import View

# The years of the map of France that the sources give, the newest first.
VINTAGES = ("2026", "2021")
CODE = re.compile(r"[0-9]([0-9]|[AB])?[0-9]{0,3}")
COMMUNE = "Commune"
PARTS = ("DelegatedCommune", "AssociatedCommune", "MunicipalArrondissement")
WIDER = ("Department", "OverseasCollectivity", "Region", "Arrondissement")


@dataclass(frozen=True)
class Kin:
    """Another place than the one in hand: that it is a part of, that followed it, that it followed.

    ``vintages``: the years of the map in which it stands, where they were asked for.
    """

    code: str
    label: str
    vintages: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The name, or the code where the sources give no name."""
        return self.label or self.code


@dataclass(frozen=True)
class Place:
    """A place of a code. What the sources do not say is "" or, of a population, None.

    ``whole``: the place next above; ``vintages``: the years of the map in which the place stands.
    """

    iri: str
    kind: str
    code: str
    label: str
    alternatives: tuple[str, ...]
    population: int | None
    vintages: tuple[str, ...]
    whole: Kin

    @property
    def name(self) -> str:
        """The name, or the code where the sources give no name."""
        return self.label or self.code


def places(view: View, code: str) -> list[Place]:
    """The places of a code, communes first. Raises UnknownName where there is none."""
    found = view.ask("here_places", insee=code) if CODE.fullmatch(code) else []
    if not found:
        raise refused(UnknownName, "refusal.place", insee=code)
    kinds = (COMMUNE, *PARTS, *WIDER)
    iris = dict.fromkeys(row.text("place") for row in found)
    every = [place(code, [row for row in found if row.text("place") == iri]) for iri in iris]
    return sorted(every, key=lambda one: kinds.index(one.kind))


def place(code: str, rows: Sequence[Solution]) -> Place:
    """One place from its rows: one for each of its vintages and other names."""
    first = rows[0]
    whole = first.text("wholeCode")
    return Place(
        first.text("place"),
        first.text("kind").removeprefix(ATLAS),
        code,
        first.text("label"),
        each(rows, "alternative"),
        first.number("population") if "population" in first else None,
        each(rows, "vintage"),
        Kin(whole if CODE.fullmatch(whole) else "", first.text("wholeLabel")),
    )


def kin(view: View, code: str, how: str) -> list[Kin]:
    """The communes of today that followed the one of this code, or those that it followed.

    ``how`` is "successor" or "predecessor", as here_successors.rq has it.
    """
    rows = [
        row
        for row in view.ask("here_successors", insee=code, year=VINTAGES[0])
        if row.text("how") == how and CODE.fullmatch(row.text("code"))
    ]
    codes = dict.fromkeys(row.text("code") for row in rows)
    return [one_of_kin([row for row in rows if row.text("code") == one]) for one in codes]


def one_of_kin(rows: Sequence[Solution]) -> Kin:
    return Kin(rows[0].text("code"), rows[0].text("label"), each(rows, "vintage"))


def each(rows: Sequence[Solution], variable: str) -> tuple[str, ...]:
    """The values of a variable, each once."""
    return tuple(dict.fromkeys(row.text(variable) for row in rows if variable in row))


def vintage_of(asked: str | None, place: Place) -> str:
    """The year of the map to show: the one asked for, else the newest that has the place.

    Raises UsageError for a year that the sources do not give, or that does not know the place.
    """
    if asked and asked not in VINTAGES:
        raise refused(UsageError, "refusal.vintage", value=asked, years=VINTAGES)
    if asked and asked not in place.vintages:
        where = "elsewhere" if place.vintages else "nowhere"
        raise refused(
            UsageError,
            f"refusal.vintage_{where}",
            year=asked,
            code=place.code,
            years=place.vintages,
        )
    return asked or next((year for year in VINTAGES if year in place.vintages), "")


def in_order(rows: Sequence[Solution]) -> list[Solution]:
    """Rows with a label in the alphabet's order, whatever accents and capitals they have."""
    return sorted(rows, key=lambda row: (folded(row.text("label")), row.text("code")))
