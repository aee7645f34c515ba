"""Finding a commune: by its name or code, or in the list of its department."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from atlas.errors import UnknownName, UsageError
from atlas.namespaces import ATLAS
from endpoint.api.finding import find
from endpoint.names import folded
from endpoint.refusals import refused
from endpoint.view import View
from endpoint.web.territories.places import CODE, VINTAGES, in_order
from store.labels.asked import Hit, Label, Query
from store.labels.words import LONGEST_QUERY, begins

# Many communes share a name; so many are listed.
MOST = 50


@dataclass(frozen=True)
class Found:
    """A commune that a search found, with what it lies in."""

    code: str
    label: str
    other: str
    within: str


@dataclass(frozen=True)
class Commune:
    """A commune in the list of its department."""

    code: str
    label: str
    population: int | None


@dataclass(frozen=True)
class Department:
    """A department or collectivity; ``region`` is "" overseas."""

    code: str
    label: str
    region: str


def searched(view: View, text: str) -> tuple[list[Found], bool, list[Found]]:
    """The communes whose names have all the words, whether there are more, and those whose names
    only come near, where that is little.

    Raises UsageError for a text that is longer than a search takes, Overloaded while nothing is
    served.
    """
    if len(text) > LONGEST_QUERY:
        raise refused(UsageError, "refusal.too_long", name="q", count=len(text), most=LONGEST_QUERY)
    query = Query(text, view.language, f"{ATLAS}Commune", MOST)
    found, _ = find(view.site, view.site.served, query)
    return listed(found.hits, found.labels), found.more, listed(found.near, found.labels)


def listed(hits: Iterable[Hit], labels: Mapping[str, Label]) -> list[Found]:
    return [
        Found(
            code,
            hit.label.text if hit.label else code,
            hit.match.text
            if hit.label and hit.match and hit.match.text not in (hit.label.text, *hit.codes)
            else "",
            label.text if (label := labels.get(hit.within)) else "",
        )
        for hit in hits
        if (code := next(filter(CODE.fullmatch, hit.codes), ""))
    ]


def departments(view: View) -> list[tuple[str, list[Department]]]:
    """The departments by region, in the alphabet's order; those overseas without one come last."""
    coded = [row for row in view.ask("here_departments") if CODE.fullmatch(row.text("code"))]
    # Each once, whatever names and regions it is given besides.
    once = {row.text("department"): row for row in reversed(coded)}
    every = [
        Department(row.text("code"), row.text("label"), row.text("regionLabel"))
        for row in reversed(once.values())
    ]
    regions = sorted({one.region for one in every}, key=lambda name: (not name, folded(name)))
    return [(region, [one for one in every if one.region == region]) for region in regions]


def department_of(groups: Sequence[tuple[str, list[Department]]], code: str) -> Department:
    """The department of a code. Raises UnknownName where there is none."""
    for _, every in groups:
        for one in every:
            if one.code == code:
                return one
    raise refused(UnknownName, "refusal.department", code=code)


def departments_named(
    groups: Sequence[tuple[str, list[Department]]], text: str
) -> list[Department]:
    """The departments of a number, or whose names have all the words; else those of a region."""
    every = [one for _, departments in groups for one in departments]
    return [one for one in every if one.code == text.upper() or begins(one.label, text)] or [
        one for one in every if begins(one.region, text)
    ]


def departments_of(groups: Sequence[tuple[str, list[Department]]], code: str) -> list[Department]:
    """The departments in which a postal code may lie, by its first digits: that of Corsica is two
    departments, those of overseas take three digits."""
    first = code[:3] if code.startswith(("97", "98")) else code[:2]
    codes = ("2A", "2B") if first == "20" else (first,)
    return [one for _, departments in groups for one in departments if one.code in codes]


def communes(view: View, code: str) -> list[tuple[str, list[Commune]]]:
    """The communes of a department by the first letter of their names."""
    letters: dict[str, list[Commune]] = {}
    for row in in_order(view.ask("here_communes", department=code, year=VINTAGES[0])):
        if not CODE.fullmatch(row.text("code")):
            continue  # No page bears such a code.
        population = row.number("population") if "population" in row else None
        one = Commune(row.text("code"), row.text("label"), population)
        letters.setdefault(folded(one.label)[:1].upper(), []).append(one)
    return list(letters.items())


def code_in(text: str) -> str:
    """The text as the code of a commune, "" where it is none."""
    code = text.strip().upper()
    return code if len(code) == 5 and CODE.fullmatch(code) else ""
