"""What may be proposed, and the fields of each form, made from the shapes of its class.

A field stands for one property. What the shapes say of its values chooses its control: a list for
the concepts of a vocabulary, a search for things, one input for each language of a name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from pyoxigraph import Literal, NamedNode

from atlas.namespaces import ATLAS, DCTERMS, FOAF, XSD
from endpoint.language import LANGUAGES
from endpoint.web.constraints.shapes import (
    CLASS,
    OBJECTS,
    Rule,
    project_rules,
    project_shapes,
    rules_of_class,
)
from endpoint.web.terms.ground import NAMES, local

TEXTS, CONCEPTS, THING, ADDRESS = "texts", "concepts", "thing", "address"
NUMBER, DATE, TEXT = "number", "date", "text"
# What leads to a page of another site, not to a thing of the atlas.
ADDRESSES = (f"{FOAF}page",)
# The shape of what stands in the project's own vocabularies: few enough for a list.
VOCABULARY_SHAPE = "VocabularyConcept"
VIOLATION = "Violation"


@dataclass(frozen=True)
class Kind:
    """A class whose instances readers may propose.

    ``name``: in addresses; ``place``: in IRIs, ``{base}/id/{place}/…``; ``first``: the properties
    that the form begins with, by local name; the others follow in the order of the shapes.
    """

    name: str
    iri: str
    place: str
    first: Sequence[str]


KINDS = {
    kind.name: kind
    for kind in (
        Kind(
            "relation",
            f"{ATLAS}Relation",
            "relation",
            (
                *("relationSource", "relationType", "relationTarget", "relationStatus"),
                *("label", "documentedBy", "locator"),
            ),
        ),
        Kind("document", f"{ATLAS}Document", "document", ("title", "creator", "date", "page")),
        Kind("experience", f"{ATLAS}Experience", "experience", ("label", "carriedBy", "appliesIn")),
        Kind(
            "descriptor",
            f"{ATLAS}Descriptor",
            "descriptor",
            ("prefLabel", "belongsToComponent", "seenFromAngle"),
        ),
        Kind("question", f"{ATLAS}CrossCuttingQuestion", "question", ("label", "crossesDomain")),
    )
}


@dataclass(frozen=True)
class Field:
    """One property in a form. ``asked_class``: of its values, "" where none is asked."""

    iri: str
    control: str
    asked_class: str
    datatype: str
    several: bool
    required: bool
    every_language: bool
    rules: tuple[Rule, ...]

    @property
    def name(self) -> str:
        """What the form calls it."""
        return local(self.iri)

    @property
    def languages(self) -> tuple[str, ...]:
        return LANGUAGES if self.control == TEXTS else ("",)


@cache
def fields_of(kind: Kind) -> tuple[Field, ...]:
    """The fields of a form, in the order in which one fills them in."""
    found = [field(prop, rules) for prop, rules in rules_by_property(kind.iri).items()]
    order = {name: place for place, name in enumerate(kind.first)}
    return tuple(sorted(found, key=lambda one: order.get(one.name, len(order))))


def rules_by_property(iri: str) -> dict[str, list[Rule]]:
    """What the shapes of a class ask, by property; what leads to the thing from elsewhere is not.

    A rule on one property or another goes with the one that has rules of its own, else the first.
    """
    shapes, found = project_shapes(), dict[str, list[Rule]]()
    choices: list[tuple[list[str], Rule]] = []
    for rule in rules_of_class(iri):
        if isinstance(rule.path, NamedNode):
            found.setdefault(rule.path.value, []).append(rule)
        elif rule.path is not None and shapes.values(rule.path, "alternativePath"):
            choices.append((shapes.properties(rule.path), rule))
    for properties, rule in choices:
        prop = next((iri for iri in properties if iri in found), properties[0])
        found.setdefault(prop, []).append(rule)
    return found


def field(prop: str, rules: Sequence[Rule]) -> Field:
    asked_class = next((v for r in [*rules, *of_objects(prop)] if (v := text(r, "class"))), "")
    datatype = next((v for rule in rules if (v := text(rule, "datatype"))), "")
    least = max((number(r, "minCount") or 0 for r in rules if r.severity == VIOLATION), default=0)
    most = min((n for rule in rules if (n := number(rule, "maxCount")) is not None), default=None)
    control = control_of(prop, rules, asked_class, datatype)
    return Field(
        prop,
        control,
        asked_class,
        datatype,
        several=most != 1 and control in (CONCEPTS, THING, ADDRESS, TEXT),
        required=least > 0,
        every_language=least >= len(LANGUAGES),
        rules=tuple(rules),
    )


def of_objects(prop: str) -> list[Rule]:
    """What is asked of whatever the property names, on any class."""
    return [t.rule for t in project_rules() if (t.target, t.iri) == (OBJECTS, prop)]


def control_of(prop: str, rules: Sequence[Rule], asked_class: str, datatype: str) -> str:
    kinds = {text(rule, "nodeKind").rpartition("#")[2] for rule in rules}
    if prop in NAMES:
        return TEXTS
    if asked_class:
        return CONCEPTS if asked_class in vocabulary_classes() else THING
    if prop in ADDRESSES:
        return ADDRESS
    if "IRI" in kinds:
        return THING
    if prop == f"{DCTERMS}date":
        return DATE
    return NUMBER if datatype == f"{XSD}integer" else TEXT


@cache
def vocabulary_classes() -> frozenset[str]:
    """The classes of the concepts of the project's vocabularies."""
    return frozenset(
        targeted.iri
        for targeted in project_rules()
        if targeted.target == CLASS and local(targeted.rule.named) == VOCABULARY_SHAPE
    )


def text(rule: Rule, parameter: str) -> str:
    value = rule.value(parameter)
    return value.value if isinstance(value, NamedNode) else ""


def number(rule: Rule, parameter: str) -> int | None:
    value = rule.value(parameter)
    return int(value.value) if isinstance(value, Literal) else None
