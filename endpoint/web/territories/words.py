"""Sentences with names in them: each name stays apart from the words around it, and may lead on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup, escape

from endpoint.language import translate
from endpoint.names import Value
from endpoint.web.territories.levels import Body, Level
from endpoint.web.territories.members import Grouping
from endpoint.web.territories.places import VINTAGES, Place

# A name longer than any real one is cut: data may say anything.
LONGEST = 120


def phrase(key: str, count: int | None = None, **names: str | Value | Markup) -> Markup:
    """The text of a key with names in it, safe to show whatever the names say."""
    values: dict[str, Any] = {name: f"{{{name}}}" for name in names}
    if count is not None:
        values["count"] = count
    text = translate(key, **values)
    return escape(text).format(**{name: apart(value) for name, value in names.items()})


def apart(value: str | Value | Markup) -> Markup:
    """A name as an element of its own, so that its direction of writing does not spread."""
    if isinstance(value, Markup):
        return value
    text = value.text if isinstance(value, Value) else value
    shown = text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
    if isinstance(value, Value) and value.href:
        return Markup('<a href="{}"><bdi>{}</bdi></a>').format(value.href, shown)
    return Markup("<bdi>{}</bdi>").format(shown)


def listed(parts: Sequence[Markup]) -> Markup:
    """Parts in a row as the language joins them: one, two and three."""
    if len(parts) < 2:
        return Markup("").join(parts)
    return phrase("territories.and", first=Markup(", ").join(parts[:-1]), last=parts[-1])


def either(groupings: Sequence[Grouping], others: Sequence[Grouping]) -> Markup:
    """The names of groupings in a row, with the number of one that has a name of the others."""
    names = {one.label for one in others}
    return listed(
        [
            apart(f"{one.label} (SIREN {one.siren})" if one.label in names else one.label)
            for one in groupings
        ]
    )


def summary(
    place: Place, rungs: Sequence[Level], members: Sequence[Grouping], *, year: str, held: int
) -> Markup:
    """What a commune is, or was, in two or three plain sentences."""
    tense = "is" if VINTAGES[0] in place.vintages else "was"
    said = [what(place, rungs, tense), groupings(rungs, members, year, tense)]
    if held:
        said.append(phrase("territories.summary.held", count=held))
    return Markup(" ").join(said)


def what(place: Place, rungs: Sequence[Level], tense: str) -> Markup:
    # A place has a code, and the council that governs it has none.
    containers = [
        body.value
        for rung in rungs
        for body in rung.bodies
        if rung.key in ("department", "region") and body.code
    ]
    # A department overseas, and its region, have one name; so have Paris and its department.
    once = {value.text: value for value in containers if value.text != place.name}
    named = Markup(", ").join(apart(value) for value in once.values())
    where = Markup(" ({})").format(named) if named else Markup("")
    if place.population is None:
        return phrase(f"territories.summary.place.{tense}", name=place.name, where=where)
    return phrase(
        "territories.summary.inhabitants", count=place.population, name=place.name, where=where
    )


def groupings(rungs: Sequence[Level], members: Sequence[Grouping], year: str, tense: str) -> Markup:
    sizes = {one.iri: len(one.of(year)) for one in members}
    bodies = [body for rung in rungs if rung.key == "intercommunality" for body in rung.bodies]
    if not bodies:
        return phrase("territories.summary.alone")
    named = listed([sized(body, sizes.get(body.iri, 0)) for body in bodies])
    return phrase(f"territories.summary.groupings.{tense}", count=len(bodies), groupings=named)


def sized(body: Body, communes: int) -> Markup:
    return phrase("territories.summary.sized", count=communes, name=body.value)
