"""Reads public schemes and the bodies that run them, as betagouv/aides-jeunes gives them.

Two JSON Lines files: ``institutions`` (id, name, type, code_siren, code_insee, departments) and
``benefits`` (id, label, institution, description, conditions, conditions_generales, profils, link).
What is computed in code elsewhere (the benefits of kind "openfisca") states no condition here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pyoxigraph import NamedNode

from loaders.readers.schemes_operators import Operator, Operators
from loaders.readers.schemes_places import Place, Places
from loaders.rows import Problems, json_lines
from loaders.sources import Source
from loaders.values import address, one_line, plain_text, slug

PLACE_CONDITIONS = {"communes": "commune", "departements": "department", "regions": "region"}
# Conditions on a person's situation: not of place, and not stated as facts here.
OTHER_CONDITIONS = {
    "agence_travail_temporaire",
    "difficultes_acces_ou_frais_logement",
    "formation_sanitaire_social",
    "quotient_familial",
    "regime_securite_sociale",
    "statut_occupation_logement",
}
UNDERSTOOD = {
    "age",
    "attached_to_institution",
    "beneficiaire_rsa",
    "codes_postaux",
    "epcis",
    "excluded_epcis",
}
PUBLICS = {
    "apprenti": "apprentices",
    "beneficiaire_rsa": "rsa-recipients",
    "chomeur": "job-seekers",
    "collegien": "middle-school-students",
    "enseignement_superieur": "higher-education-students",
    "etudiant": "students",
    "inactif": "inactive",
    "independant": "self-employed",
    "lyceen": "high-school-students",
    "parent": "parents",
    "professionnalisation": "professionalisation",
    "salarie": "employees",
    "service_civique": "civic-service",
    "situation_handicap": "disabled-people",
    "stagiaire": "trainees",
}
# How an operator moves the bound: ages are whole years.
MINIMUM = {">=": 0, ">": 1, "=": 0}
MAXIMUM = {"<=": 0, "<": -1, "=": 0}


@dataclass(frozen=True, slots=True)
class Where:
    """The place conditions of a scheme: any of these places, or members of these groupings."""

    places: tuple[Place, ...] = ()
    members_of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scheme:
    id: str
    label: str
    description: str
    operator: Operator
    page: NamedNode | None = None
    publics: tuple[str, ...] = ()
    minimum_age: int | None = None
    maximum_age: int | None = None
    where: Where = Where()
    excluded: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


Row = Operator | Scheme


def read_rows(source: Source, problems: Problems) -> Iterator[Row]:
    """The operators, then the schemes.

    Raises MalformedSource for a broken file, BadRow where the source says stop.
    """
    places = Places(source.paths["map"])
    if "groupings" in source.paths:
        places.add_groupings(source.paths["groupings"], problems)
    operators = Operators(source.paths["institutions"], places, problems)
    yield from operators.read()
    yield from Schemes(source, operators, problems).read()


class Schemes:
    """The benefits, their conditions resolved against the map."""

    def __init__(self, source: Source, operators: Operators, problems: Problems) -> None:
        self.path, self.operators, self.problems = source.paths["benefits"], operators, problems
        self.excluded = frozenset(source.options.get("exclude", ()))
        self.line = 0
        self.seen: set[str] = set()

    def read(self) -> Iterator[Scheme]:
        for line, row in json_lines(self.path):
            self.line = line
            if row.get("id") not in self.excluded:
                yield from self.scheme(row)

    def scheme(self, row: dict[str, Any]) -> Iterator[Scheme]:
        key, label = str(row.get("id") or ""), one_line(str(row.get("label") or ""))
        operator = self.operators.known.get(str(row.get("institution")))
        if not key or not label:
            self.bad("label" if key else "id", "", "a scheme has an id and a label.")
        elif slug(key) in self.seen:
            self.bad("id", key, "it, or one whose IRI is alike, occurs twice.")
        elif operator is None:
            self.bad("institution", row.get("institution"), "the institutions do not have it.")
        else:
            self.seen.add(slug(key))
            conditions = [one for one in row.get("conditions_generales") or () if self.known(one)]
            minimum, maximum = self.ages(conditions)
            yield Scheme(
                slug(key),
                label,
                plain_text(str(row.get("description") or "")),
                operator,
                page=self.page(row),
                publics=self.publics(row, conditions),
                minimum_age=minimum,
                maximum_age=maximum,
                where=self.where(conditions, operator),
                excluded=tuple(_listed(conditions, "excluded_epcis")),
                notes=tuple(_notes(row, conditions)),
            )

    def known(self, condition: object) -> bool:
        """Whether a condition is of a kind that is understood: none of place must be missed."""
        kind = condition.get("type") if isinstance(condition, dict) else condition
        if kind in {*PLACE_CONDITIONS, *OTHER_CONDITIONS, *UNDERSTOOD}:
            return True
        self.bad("conditions_generales", kind, "this kind of condition is not known.")
        return False

    def page(self, row: dict[str, Any]) -> NamedNode | None:
        written = str(row.get("link") or "")
        page = address(written)
        if written and page is None:
            self.bad("link", written, "it is no http address.")
        return page

    def publics(self, row: dict[str, Any], conditions: list[dict[str, Any]]) -> tuple[str, ...]:
        named = [profile.get("type") for profile in row.get("profils") or ()]
        named += [one["type"] for one in conditions if one["type"] in PUBLICS]
        for name in named:
            if name not in PUBLICS:
                self.bad("profils", name, "the vocabulary of publics has no such public.")
        return tuple(dict.fromkeys(PUBLICS[name] for name in named if name in PUBLICS))

    def ages(self, conditions: list[dict[str, Any]]) -> tuple[int | None, int | None]:
        """The bounds of age; all conditions hold together, so the strictest of each counts."""
        minima: list[int] = []
        maxima: list[int] = []
        for one in (condition for condition in conditions if condition["type"] == "age"):
            operator, value = str(one.get("operator")), str(one.get("value"))
            if not value.isdecimal() or operator not in MINIMUM | MAXIMUM:
                self.bad(
                    "conditions_generales", f"age {operator} {value}", "it is no bound of age."
                )
                continue
            if operator in MINIMUM:
                minima.append(int(value) + MINIMUM[operator])
            if operator in MAXIMUM:
                maxima.append(int(value) + MAXIMUM[operator])
        minimum, maximum = max(minima, default=None), min(maxima, default=None)
        if minimum is not None and maximum is not None and minimum > maximum:
            self.bad("conditions_generales", f"age {minimum} to {maximum}", "no age is both.")
            return None, None
        return minimum, maximum

    def where(self, conditions: list[dict[str, Any]], operator: Operator) -> Where:
        """Where the scheme applies, if it says so.

        A scheme states any of its places; several conditions at once would mean all of them, which
        no scheme seen needs: it is reported, and no place stated.
        """
        found = list(dict.fromkeys(self.wheres(conditions, operator)))
        if len(found) > 1:
            self.bad("conditions_generales", "", "it has several conditions of place.")
            return Where()
        return found[0] if found else Where()

    def wheres(self, conditions: list[dict[str, Any]], operator: Operator) -> Iterator[Where]:
        for condition in conditions:
            kind = condition["type"]
            if kind in PLACE_CONDITIONS:
                yield Where(places=tuple(self.places(PLACE_CONDITIONS[kind], condition)))
            elif kind == "epcis":
                yield Where(members_of=tuple(_listed([condition], kind)))
            elif kind == "attached_to_institution":
                members_of = (operator.siren,) if operator.grouping else ()
                if not members_of and not operator.territories:
                    self.bad("institution", operator.id, "it has no territory to be attached to.")
                yield Where(operator.territories, members_of)

    def places(self, kind: str, condition: dict[str, Any]) -> Iterator[Place]:
        for code in condition.get("values") or ():
            place = self.operators.places.place(kind, str(code))
            if place:
                yield place
            else:
                self.bad("conditions_generales", code, f"the map has no {kind} with this code.")

    def bad(self, field: str, value: object, reason: str) -> None:
        self.problems.bad(self.path, self.line, field, value, reason)


def _listed(conditions: list[dict[str, Any]], kind: str) -> Iterator[str]:
    """The values of the conditions of that kind."""
    for condition in conditions:
        if condition["type"] == kind:
            yield from (str(value) for value in condition.get("values") or ())


def _notes(row: dict[str, Any], conditions: list[dict[str, Any]]) -> Iterator[str]:
    """The conditions in words, and the post codes, which are no places of the map."""
    for condition in row.get("conditions") or ():
        said = plain_text(str(condition))
        if said:
            yield f"Condition : {said}"
    codes = list(_listed(conditions, "codes_postaux"))
    if codes:
        yield f"Codes postaux : {', '.join(codes)}"
