"""The places and bodies that a vintage of the map of France knows, to resolve codes against."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from loaders.readers.france_rows import COMMUNE_KINDS, DIVISIONS, GROUPINGS
from loaders.rows import Problems, csv_rows, json_array

# A commune's code may today be that of a part of a commune, or only a former code.
COMMUNES = tuple(COMMUNE_KINDS.values())
# The kinds of places that a code of each kind of condition may be.
CANDIDATES = {
    "commune": (*COMMUNES, "former-commune"),
    # What a municipality governs is a commune, if only a former one, and no part of one.
    "municipality": ("commune", "former-commune"),
    "department": ("department", "overseas-collectivity"),
    "region": ("region", "overseas-collectivity"),
}

Place = tuple[str, str]  # (type in IRIs, INSEE code)


class Places:
    """What the map knows: places by kind and code, the SIREN numbers of its bodies."""

    def __init__(self, folder: Path) -> None:
        """Raises MalformedSource for a file of the map that is missing or broken."""
        self.known: set[Place] = set()
        self.sirens: set[str] = set()
        self.groupings: set[str] = set()
        for _, row in json_array(folder / "communes.json"):
            self.known.add((COMMUNE_KINDS.get(row.get("type", ""), ""), row.get("code", "")))
            self.known |= {("former-commune", code) for code in row.get("anciensCodes", ())}
            self.sirens.add(row.get("siren", ""))
        for file, kind in DIVISIONS.items():
            for _, row in json_array(folder / file):
                overseas = row.get("zone") == "com"
                place = ("overseas-collectivity" if overseas else kind, row.get("code", ""))
                self.known.add(place)
        files = [folder / name for name in GROUPINGS if (folder / name).exists()]
        for path in files:
            self.groupings |= {row.get("code", "") for _, row in json_array(path)}
        self.sirens = (self.sirens | self.groupings) - {""}

    def add_groupings(self, path: Path, problems: Problems) -> None:
        """Know the groupings of a Banatic file too, syndicates among them."""
        self.groupings |= {row["siren"] for _, row in csv_rows(path, ("siren",), problems)}

    def place(self, kind: str, code: str) -> Place | None:
        """The place that a code means; None where the map has none.

        A former commune keeps its own IRI, from which the map leads to its successor.
        """
        found: Iterable[str] = (name for name in CANDIDATES[kind] if (name, code) in self.known)
        name = next(iter(found), None)
        if name is None:
            return None
        return ("commune" if name == "former-commune" else name, code)
