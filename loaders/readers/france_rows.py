"""Reads a vintage of the map of France into places, bodies and memberships.

The folder holds communes.json (communes of four types), departements.json, regions.json,
arrondissements.json, epci.json and, since 2023, ept.json. What the files do that one would not
expect: a code may be both a commune and its delegated part, so the key is (type, code); overseas
collectivities are filed as departments and as regions (2026) or only named in their communes
(2021); a commune may be in two groupings, or in none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeGuard

from loaders.rows import Problems, json_array
from loaders.sources import Source

COMMUNE_KINDS = {
    "commune-actuelle": "commune",
    "commune-deleguee": "delegated-commune",
    "commune-associee": "associated-commune",
    "arrondissement-municipal": "municipal-arrondissement",
}
# What each kind of place is part of: the field that says so, and the kind of the whole.
WHOLES = {
    "delegated-commune": ("chefLieu", "commune"),
    "associated-commune": ("chefLieu", "commune"),
    "municipal-arrondissement": ("commune", "commune"),
    "arrondissement": ("departement", "department"),
    "department": ("region", "region"),
}
# Files and the kind of place each holds, wholes before parts.
DIVISIONS = {
    "regions.json": "region",
    "departements.json": "department",
    "arrondissements.json": "arrondissement",
}
GROUPINGS = ("epci.json", "ept.json")
FRANCE = ("country", "FR")
NATURES = {"CC", "CA", "CU", "METRO", "MET69", "EPT"}
SIREN = re.compile(r"\d{9}")
CODE = re.compile(r"[0-9A-Z]{2,5}")


@dataclass(frozen=True, slots=True)
class Place:
    """A place; ``current_name`` is its name in the newest vintage, empty where it is not there."""

    kind: str
    code: str
    name: str
    whole: tuple[str, str]
    population: int | None = None
    current_name: str = ""


@dataclass(frozen=True, slots=True)
class Former:
    """A commune's code that this vintage gives as a former code of another commune."""

    code: str
    successor: str


@dataclass(frozen=True, slots=True)
class Body:
    """A municipality (``nature`` empty) or a grouping; ``key`` is its SIREN where it has one."""

    key: str
    name: str
    siren: str = ""
    nature: str = ""
    governs: str = ""
    current_name: str = ""


@dataclass(frozen=True, slots=True)
class Member:
    """That a municipality is a member of a grouping."""

    grouping: str
    municipality: str
    commune: str


@dataclass(frozen=True, slots=True)
class Names:
    """The names of the newest vintage, by what they name."""

    places: dict[tuple[str, str], str]
    bodies: dict[str, str]


Row = Place | Former | Body | Member


def read_rows(source: Source, problems: Problems) -> Iterator[Row]:
    """The places, bodies and memberships of one vintage.

    Raises MalformedSource for a file that is missing or broken, BadRow where the source says stop.
    """
    folder = source.files[0]
    newest = _names(source.paths["current"]) if "current" in source.paths else Names({}, {})
    reader = Reader(folder, newest, problems)
    yield from reader.divisions()
    yield from reader.communes()
    for file in GROUPINGS:
        # Territorial public establishments have a file since 2023 only.
        if file == GROUPINGS[0] or (folder / file).exists():
            yield from reader.groupings(file)


def _names(folder: Path) -> Names:
    """The names of a vintage; what is wrong in its files is told when it is read itself."""
    places: dict[tuple[str, str], str] = {}
    bodies: dict[str, str] = {}
    for _, row in json_array(folder / "communes.json"):
        places[COMMUNE_KINDS.get(row.get("type", ""), ""), row.get("code", "")] = row.get("nom", "")
        bodies[row.get("siren", "")] = row.get("nom", "")
    for file, kind in DIVISIONS.items():
        for _, row in json_array(folder / file):
            overseas = row.get("zone") == "com"
            place = ("overseas-collectivity" if overseas else kind, row.get("code", ""))
            places[place] = row.get("nom", "")
    for file in GROUPINGS:
        if (folder / file).exists():
            bodies |= {
                row.get("code", ""): row.get("nom", "") for _, row in json_array(folder / file)
            }
    return Names(places, bodies)


class Reader:
    """Reads one vintage's folder, keeping what later files refer to."""

    def __init__(self, folder: Path, newest: Names, problems: Problems) -> None:
        self.folder, self.newest, self.problems = folder, newest, problems
        self.known: dict[tuple[str, str], str] = {FRANCE: "France"}
        self.sirens: dict[str, str] = {}
        self.written: set[str] = set()

    def divisions(self) -> Iterator[Row]:
        """Regions, then departments, then arrondissements: wholes before parts."""
        for file, kind in DIVISIONS.items():
            path = self.folder / file
            for line, row in json_array(path):
                overseas = row.get("zone") == "com"
                if overseas and ("overseas-collectivity", row.get("code")) in self.known:
                    continue  # Filed as a region and as a department: one collectivity.
                whole = FRANCE
                if not overseas and kind in WHOLES:
                    field, kind_of_whole = WHOLES[kind]
                    whole = (kind_of_whole, row.get(field, ""))
                yield from self.place(
                    path, line, row, kind="overseas-collectivity" if overseas else kind, whole=whole
                )

    def communes(self) -> Iterator[Row]:
        """Communes first, since parts and former codes refer to them."""
        path = self.folder / "communes.json"
        rows = list(json_array(path))
        parts = []
        for line, row in rows:
            kind = COMMUNE_KINDS.get(row.get("type", ""))
            if kind == "commune":
                yield from self.commune(path, line, row)
            elif kind:
                parts.append((line, row, kind))
            else:
                known = ", ".join(COMMUNE_KINDS)
                self.problems.bad(path, line, "type", row.get("type"), f"it is none of {known}.")
        for line, row, kind in parts:
            field, kind_of_whole = WHOLES[kind]
            whole = (kind_of_whole, row.get(field, ""))
            yield from self.place(path, line, row, kind=kind, whole=whole)
        yield from self.formers(path, rows)

    def commune(self, path: Path, line: int, row: dict[str, Any]) -> Iterator[Row]:
        collectivity = row.get("collectiviteOutremer")
        if collectivity:
            whole = ("overseas-collectivity", collectivity.get("code", ""))
            if whole not in self.known:
                yield from self.place(path, line, collectivity, kind=whole[0], whole=FRANCE)
        else:
            overseas = row.get("zone") == "com"
            kind = "overseas-collectivity" if overseas else "department"
            whole = (kind, row.get("departement", ""))
        places = list(self.place(path, line, row, kind="commune", whole=whole))
        yield from places
        siren = row.get("siren")
        if places and siren and self.is_siren(siren, path, line):
            self.sirens[row["code"]] = siren
            yield from self.municipality(siren, row["nom"], commune=row["code"])

    def place(
        self, path: Path, line: int, row: dict[str, Any], *, kind: str, whole: tuple[str, str]
    ) -> Iterator[Place]:
        """The place of a row, or nothing where the row is bad."""
        code, name, population = row.get("code"), row.get("nom"), row.get("population")
        bad = self.problems.bad
        if not isinstance(code, str) or not CODE.fullmatch(code):
            bad(path, line, "code", code, "an INSEE code is two to five digits or capitals.")
        elif not name or not isinstance(name, str):
            bad(path, line, "nom", name, f"the {kind} {code} has no name.")
        elif (kind, code) in self.known:
            bad(path, line, "code", code, f"there is already a {kind} with this code.")
        elif whole not in self.known:
            bad(path, line, "code", code, f"it is part of {whole[0]} {whole[1]!r}, not in the map.")
        elif population is not None and type(population) is not int:
            bad(path, line, "population", population, "a population is a whole number.")
        else:
            self.known[kind, code] = name
            current = self.newest.places.get((kind, code), "")
            yield Place(kind, code, name, whole, population, current)

    def formers(self, path: Path, rows: Iterable[tuple[int, dict[str, Any]]]) -> Iterator[Former]:
        """What became of former codes.

        A code that the newest vintage has again (communes that parted, a seat that moved) was
        succeeded only for a time: an older vintage does not say it.
        """
        for line, row in rows:
            for code in row.get("anciensCodes", ()):
                if not isinstance(code, str) or not CODE.fullmatch(code):
                    self.problems.bad(path, line, "anciensCodes", code, "it is no INSEE code.")
                elif ("commune", code) in self.known or ("commune", code) in self.newest.places:
                    continue
                elif ("commune", row["code"]) in self.known:
                    yield Former(code, row["code"])

    def municipality(self, siren: str, name: str, *, commune: str) -> Iterator[Body]:
        key = siren or f"insee-{commune}"
        if key not in self.written:
            self.written.add(key)
            current = self.newest.bodies.get(key, "")
            yield Body(key, name, siren=siren, governs=commune, current_name=current)

    def groupings(self, file: str) -> Iterator[Row]:
        path = self.folder / file
        for line, row in json_array(path):
            siren, nature, label = row.get("code"), row.get("type"), row.get("nom")
            if not self.is_siren(siren, path, line):
                continue
            if nature not in NATURES:
                known = ", ".join(sorted(NATURES))
                self.problems.bad(path, line, "type", nature, f"it is none of {known}.")
            elif not label:
                self.problems.bad(path, line, "nom", label, f"the grouping {siren} has no name.")
            else:
                current = self.newest.bodies.get(siren, "")
                yield Body(siren, label, siren, nature=nature.lower(), current_name=current)
                for member in row.get("membres", ()):
                    yield from self.member(path, line, member, grouping=siren)

    def member(self, path: Path, line: int, row: dict[str, Any], *, grouping: str) -> Iterator[Row]:
        code = row.get("code", "")
        if ("commune", code) not in self.known:
            reason = f"the grouping {grouping} has a member that is no commune of this map."
            self.problems.bad(path, line, "membres", code, reason)
            return
        siren = row.get("siren") or self.sirens.get(code, "")
        if siren and not self.is_siren(siren, path, line):
            return
        name = row.get("nom") or self.known["commune", code]
        yield from self.municipality(siren, name, commune=code)
        yield Member(grouping, siren or f"insee-{code}", code)

    def is_siren(self, siren: object, path: Path, line: int) -> TypeGuard[str]:
        if isinstance(siren, str) and SIREN.fullmatch(siren):
            return True
        self.problems.bad(path, line, "siren", siren, "a SIREN is nine digits.")
        return False
