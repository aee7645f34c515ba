"""The page of a property: what it joins, how often it is said, and what its uses must respect."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pyoxigraph import Literal

from atlas.namespaces import ATLAS, OWL, RDFS
from endpoint.names import Names, Value
from endpoint.solutions import Solution
from endpoint.view import View
from endpoint.web.constraints.shapes import (
    CLASS,
    SUBJECTS,
    Targeted,
    project_shapes,
    rules_of_property,
)
from endpoint.web.constraints.text import Words
from endpoint.web.constraints.words import Said, Saying
from endpoint.web.terms.classes import iris, mentioned, tree
from endpoint.web.terms.ground import About, named
from endpoint.web.terms.uses import uses
from endpoint.web.thing.names import of_sort

# How a property behaves, as a sentence of the catalogue says it.
MANNERS = ("Symmetric", "Transitive", "Functional", "InverseFunctional", "Reflexive")
LONGEST = 300


@dataclass(frozen=True)
class Statement:
    """One use: a thing and what the property says of it."""

    thing: Value
    value: Value


@dataclass(frozen=True)
class Asked:
    """Rules about a property for one class; ``end`` tells those for whoever bears or is named."""

    of: Value | None
    end: str
    rules: Sequence[Said]


def property_page(view: View, about: About) -> dict[str, object]:
    edges = view.ask("term_tree", term=about.iri)
    rows = view.ask("term_statements", property=about.iri)
    rules = rules_of_property(about.iri)
    types = named_by(view, about.iri)
    ends = [*about.iris(f"{RDFS}domain"), *about.iris(f"{RDFS}range")]
    inverses = about.iris(f"{OWL}inverseOf")
    names = named(
        view,
        [
            about.iri,
            *ends,
            *inverses,
            *types,
            *(iri for row in (*edges, *rows) for iri in iris(row)),
            *(targeted.iri for targeted in rules),
            *mentioned(targeted.rule for targeted in rules),
        ],
    )
    return {
        "uses": uses(view, about.iri),
        "domain": [names.value(iri) for iri in about.iris(f"{RDFS}domain")],
        "range": [names.value(iri) for iri in about.iris(f"{RDFS}range")],
        "inverses": [names.value(iri) for iri in inverses],
        "manners": [name for name in MANNERS if f"{OWL}{name}Property" in about.types],
        "types": [names.value(iri) for iri in types],
        "statements": [statement(row, names) for row in rows],
        "tree": tree(edges, about.iri, names),
        "rules": asked(rules, names),
    }


def named_by(view: View, iri: str) -> list[str]:
    """The relation types that name the property."""
    rows = view.ask("term_users_of_concept", term=iri, property=f"{ATLAS}namesProperty")
    return [row.text("thing") for row in rows]


def statement(row: Solution, names: Names) -> Statement:
    thing, value = names.value(row.text("thing")), row["value"]
    if isinstance(value, Literal):
        return Statement(thing, Value(value.value[:LONGEST], language=value.language or ""))
    other = names.value(row.text("value"))
    if thing.text == other.text:
        for shown, iri in ((thing, row.text("thing")), (other, row.text("value"))):
            shown.text = of_sort(shown.text, iri)
    return Statement(thing, other)


def asked(rules: Iterable[Targeted], names: Names) -> list[Asked]:
    """The rules in words, by whom they are for."""
    saying = Saying(Words(project_shapes(), names.value, names.language))
    grouped: dict[tuple[str, str], list[Said]] = {}
    for targeted in rules:
        key = (targeted.target, targeted.iri)
        grouped.setdefault(key, []).append(saying.say(targeted.rule))
    return [
        Asked(
            of=names.value(iri) if target == CLASS else None,
            end="class" if target == CLASS else "bears" if target == SUBJECTS else "named",
            rules=said,
        )
        for (target, iri), said in grouped.items()
    ]
