"""The levels that concern a commune, and which competences are recorded at each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from endpoint.names import Value
from endpoint.solutions import Solution
from endpoint.view import View

SCALES = "https://w3id.org/atlas-relationnel/vocabulary/scales/"
COLLECTIVITY = "/id/overseas-collectivity/"
# From the nearest to the widest. No source says of which syndicates a commune is a member, so that
# level has no body here, and says so.
LEVELS = ("commune", "intercommunality", "syndicates", "department", "region", "state")


@dataclass(frozen=True)
class Body:
    """A body or place of one level. ``nature``: what kind of grouping it is, in words, or ""."""

    iri: str
    value: Value
    label: str
    nature: str = ""
    siren: str = ""
    code: str = ""


@dataclass
class Level:
    """A rung: ``name`` is its key in the catalogue; ``recorded``: competences by its bodies' IRI.

    ``covered`` is whether any competence is recorded at the level: the sources cover groupings
    only, so nothing follows from none.
    """

    key: str
    name: str
    bodies: list[Body]
    recorded: dict[str, int] = field(default_factory=dict)

    @property
    def covered(self) -> bool:
        return any(self.recorded.values())


@dataclass
class Competence:
    """A competence of the list; ``label`` is "" where its code has no name that is sure.

    ``reason``: the key of why it has none; ``parts``: those into which a later list divides it;
    ``holders``: level and IRI of those that hold it here.
    """

    code: str
    value: Value
    label: str
    reason: str
    parts: list[str]
    holders: list[tuple[str, str]] = field(default_factory=list)

    def held_at(self, level: str) -> int:
        """How many bodies of a level hold it."""
        return sum(at == level for at, _ in self.holders)


@dataclass
class Competences:
    """The whole list, in the order of its codes; ``holders``: whoever holds any here, by IRI."""

    every: list[Competence]
    holders: dict[str, Body]

    @property
    def held(self) -> list[Competence]:
        return [one for one in self.every if one.holders]

    @property
    def unheld(self) -> list[Competence]:
        """Those with no holder recorded in these sources, which is not to say: held by none."""
        return [one for one in self.every if not one.holders]

    @property
    def shared(self) -> list[Competence]:
        """Those recorded with more than one holder."""
        return [one for one in self.every if len(one.holders) > 1]


def levels(view: View, code: str, year: str) -> list[Level]:
    """The rungs from the commune to the State; an overseas collectivity stands for two of them."""
    rows = view.ask("here_levels", insee=code, year=year)
    natures = view.names(row.text("nature") for row in rows if "nature" in row)
    names = view.names(())
    rungs = []
    for key in LEVELS:
        bodies = [
            Body(
                row.text("thing"),
                names.link(row.text("thing"), row.text("label")),
                row.text("label"),
                natures.of(row.text("nature")) if "nature" in row else "",
                row.text("siren"),
                row.text("code"),
            )
            for row in rows
            if row.text("level").removeprefix(SCALES) == key
        ]
        overseas = any(COLLECTIVITY in body.iri for body in bodies)
        if bodies or key in ("intercommunality", "syndicates", "commune"):
            rungs.append(Level(key, "collectivity" if overseas else key, bodies))
    return rungs


def competences(view: View, code: str, year: str, rungs: Sequence[Level]) -> Competences:
    """The list with its holders here; the rungs are told who they are and how many each holds."""
    rows = view.ask("here_competences", insee=code, year=year)
    divided = splits(view)
    names = view.names(())
    known: dict[str, Competence] = {}
    for row in rows:
        one = known.setdefault(row.text("competence"), competence(row, divided))
        one.value = names.link(row.text("competence"), one.label or one.code)
        if "holder" in row:
            holder = (row.text("level").removeprefix(SCALES), row.text("holder"))
            if holder not in one.holders:
                one.holders.append(holder)
    every = list(known.values())
    holders = held_by(view, {holder for one in every for holder in one.holders}, rungs)
    for rung in rungs:
        for body in rung.bodies:
            rung.recorded[body.iri] = sum((rung.key, body.iri) in one.holders for one in every)
    return Competences(every, holders)


def held_by(view: View, found: set[tuple[str, str]], rungs: Sequence[Level]) -> dict[str, Body]:
    """The holders by IRI. A council, which governs a place, joins the place on its rung."""
    known = {body.iri: body for rung in rungs for body in rung.bodies}
    names = view.names(sorted(iri for _, iri in found if iri not in known))
    for level, iri in sorted(found):
        if iri not in known:
            known[iri] = Body(iri, names.value(iri), names.of(iri))
            for rung in rungs:
                if rung.key == level:
                    rung.bodies.append(known[iri])
    return known


def competence(row: Solution, divided: dict[str, list[str]]) -> Competence:
    parts = divided.get(row.text("competence"), [])
    reason = "split" if parts else "none" if "note" in row else "unsure"
    label = row.text("label")
    return Competence(row.text("code"), Value(), label, "" if label else reason, parts)


def splits(view: View) -> dict[str, list[str]]:
    """Names of the parts into which the later list divides a competence, by its IRI."""
    parts: dict[str, list[str]] = {}
    for row in view.ask("here_splits"):
        parts.setdefault(row.text("competence"), []).append(row.text("partLabel"))
    return parts
