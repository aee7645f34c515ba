"""The bodies that run public schemes, as betagouv/aides-jeunes lists them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loaders.readers.schemes_places import Place, Places
from loaders.rows import Problems, json_lines
from loaders.values import one_line

# Numbers such as 999999998 stand where a body has no SIREN, or is no legal person.
SIREN = re.compile(r"(?!99999999)\d{9}")
# Where the code of what each type of institution governs is looked for.
GOVERNED = {"commune": "municipality", "departement": "department", "region": "region"}
TYPES = {*GOVERNED, "epci", "caf", "msa", "national", "europeen", "autre"}


@dataclass(frozen=True, slots=True)
class Operator:
    """A body that may run schemes; ``described`` where the map gives it a name already."""

    id: str
    name: str
    type: str
    siren: str = ""
    territories: tuple[Place, ...] = ()
    grouping: bool = False
    described: bool = False


class Operators:
    """The institutions by their identifiers."""

    def __init__(self, path: Path, places: Places, problems: Problems) -> None:
        self.path, self.places, self.problems = path, places, problems
        self.known: dict[str, Operator] = {}

    def read(self) -> Iterator[Operator]:
        for line, row in json_lines(self.path):
            key, kind, name = (str(row.get(field) or "") for field in ("id", "type", "name"))
            if not key or not name:
                self.bad(line, "name" if key else "id", "", "an institution has an id and a name.")
            elif kind not in TYPES:
                self.bad(line, "type", kind, f"it is none of {', '.join(sorted(TYPES))}.")
            elif key in self.known:
                self.bad(line, "id", key, "it occurs twice.")
            else:
                self.known[key] = self.operator(line, row, key, kind)
                yield self.known[key]

    def operator(self, line: int, row: dict[str, Any], key: str, kind: str) -> Operator:
        written = str(row.get("code_siren") or "")
        siren = written if SIREN.fullmatch(written) else ""
        return Operator(
            key,
            one_line(str(row["name"])),
            kind,
            siren,
            territories=tuple(self.territories(line, row, kind)),
            grouping=bool(siren) and (kind == "epci" or siren in self.places.groupings),
            described=siren in self.places.sirens,
        )

    def territories(self, line: int, row: dict[str, Any], kind: str) -> Iterator[Place]:
        """What the body governs, or the departments that it acts in."""
        codes = [(GOVERNED[kind], str(row.get("code_insee")))] if kind in GOVERNED else []
        codes += [("department", str(code)) for code in row.get("departments") or ()]
        for whole, code in codes:
            place = self.places.place(whole, code)
            if place:
                yield place
            else:
                field = "code_insee" if kind in GOVERNED else "departments"
                self.bad(line, field, code, f"the map has no {whole} with this code.")

    def bad(self, line: int, field: str, value: object, reason: str) -> None:
        self.problems.bad(self.path, line, field, value, reason)
