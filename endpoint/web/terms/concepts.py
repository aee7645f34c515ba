"""The pages of vocabularies, of their concepts, and of relation types, which are concepts too."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from atlas.namespaces import ATLAS, OWL, SKOS
from endpoint.language import translate
from endpoint.names import Names, Value, folded
from endpoint.page_addresses import at
from endpoint.solutions import Solution
from endpoint.view import View
from endpoint.web.star.drawing import Spoke, Star, star
from endpoint.web.terms.classes import iris
from endpoint.web.terms.ground import VOCABULARY, About, by, local, named
from endpoint.web.terms.uses import Use, use_apart, use_of, used_apart
from endpoint.wire.addresses import nameable

STATUSES = ("observed", "possible", "missing", "broken")
COMPONENTS = f"{VOCABULARY}territory-components"
# Vocabularies by which the relation map may be narrowed, and its parameter for each.
MAPPED = {
    "relation-types": "type",
    "relation-families": "family",
    "relation-statuses": "status",
}
# Of each property only these many who use the concept are named; the query has them all.
MOST_PROPERTIES = 6
# So deep do the lists of a vocabulary go.
DEEPEST = 12
WAYS = ("wider-scale", "broader", "narrower", "narrower-scale", "related")

# What is broader, narrower or related, by the way it is so.
Kin = tuple[str, list[Value]]


@dataclass(frozen=True)
class Relation:
    """A named relation as a sentence: its ends, its verb, its status, its own page."""

    source: Value
    verb: Value
    target: Value
    status: str
    href: str | None


@dataclass
class Listed:
    """A concept as its vocabulary lists it."""

    value: Value
    definition: str
    notation: str
    uses: int
    place: tuple[int, str, str]
    families: list[str] = field(default_factory=list)
    narrower: list[Listed] = field(default_factory=list)


def relation_type_page(view: View, about: About) -> dict[str, object]:
    rows = view.ask("term_relations_of_type", type=about.iri)
    # A type that allows any thing says so by the class of all things.
    ends = {
        name: [iri for iri in about.iris(f"{ATLAS}{name}") if iri != f"{OWL}Thing"]
        for name in ("allowedSource", "allowedTarget")
    }
    families, properties = about.iris(f"{ATLAS}inFamily"), about.iris(f"{ATLAS}namesProperty")
    schemes = about.iris(f"{SKOS}inScheme")
    names = named(
        view,
        [
            about.iri,
            *families,
            *properties,
            *schemes,
            *(iri for found in ends.values() for iri in found),
            *(iri for row in rows for iri in iris(row)),
        ],
    )
    verb = names.value(about.iri)
    return {
        "sources_of": [names.value(iri) for iri in ends["allowedSource"]],
        "targets": [names.value(iri) for iri in ends["allowedTarget"]],
        "families": [names.value(iri) for iri in families],
        "properties": [names.value(iri) for iri in properties],
        "schemes": [names.value(iri) for iri in schemes],
        "relations": relations(rows, names, verb),
        "map": mapped(about, rows),
    }


def concept_page(view: View, about: About) -> dict[str, object]:
    rows = view.ask("term_relations_at", term=about.iri)
    used = view.ask("term_uses_of_concept", term=about.iri)
    kin = view.ask("term_kin", term=about.iri)
    things = {
        row.text("property"): [
            found.text("thing")
            for found in view.ask(
                "term_users_of_concept", term=about.iri, property=row.text("property")
            )
        ]
        for row in [row for row in used if nameable(row.text("property"))][:MOST_PROPERTIES]
    }
    apart = [] if used else used_apart(view, about.iri)
    schemes = about.iris(f"{SKOS}inScheme")
    kinds = [iri for iri in about.types if iri.startswith(ATLAS)]
    names = named(
        view,
        [
            about.iri,
            *schemes,
            *kinds,
            *(row.text("other") for row in kin),
            *(row.text("property") for row in used),
            *(one.predicate for one in apart),
            *(iri for found in things.values() for iri in found),
            *(iri for row in rows for iri in iris(row)),
        ],
    )
    uses = [use_of(row, things.get(row.text("property"), []), about.iri, names) for row in used]
    uses += [use_apart(one, about.iri, names) for one in apart]
    near = [
        (way, sorted((names.value(row.text("other")) for row in found), key=by_name))
        for way, found in sorted(by(kin, "way").items(), key=lambda pair: WAYS.index(pair[0]))
    ]
    return {
        "schemes": [names.value(iri) for iri in schemes],
        "kinds": [names.value(iri) for iri in kinds],
        "component": component(about),
        "relations": relations(rows, names),
        "star": around(about.iri, rows, near, uses, names),
        "map": mapped(about, rows),
        "uses": uses,
        "kin": near,
    }


def around(
    iri: str, rows: Sequence[Solution], kin: Sequence[Kin], uses: Sequence[Use], names: Names
) -> Star | None:
    """The concept among what it is related to and what points at it; None for too little."""
    spokes = [spoke(iri, row, names) for row in rows]
    spokes += [
        Spoke(translate(f"terms.verb.{way}", names.language), "from", other)
        for way, others in kin
        for other in others
    ]
    told = {(spoke.verb, spoke.other.text) for spoke in spokes}
    for use in uses:
        # Some of very many would say nothing of the concept: they are in the list.
        if use.count == len(use.things):
            spokes += [
                Spoke(use.property.text, "to", thing)
                for thing in use.things
                if (use.property.text, thing.text) not in told
            ]
    return star(names.value(iri), spokes) if len(spokes) > 1 else None


def spoke(iri: str, row: Solution, names: Names) -> Spoke:
    """A named relation as a branch of the drawing around one of its ends."""
    going = row.text("source") == iri
    return Spoke(
        names.of(row.text("type")),
        "from" if going else "to",
        names.value(row.text("target") if going else row.text("source")),
        local(row.text("status")),
    )


def mapped(about: About, rows: Sequence[Solution]) -> str | None:
    """The relation map of what the concept sorts, or around it; None where it would be empty."""
    for scheme in about.iris(f"{SKOS}inScheme"):
        if local(scheme) in MAPPED:
            return at("map.page", **{MAPPED[local(scheme)]: local(about.iri)})
    return at("map.page", centre=about.iri) if rows else None


def scheme_page(view: View, about: About) -> dict[str, object]:
    rows = view.ask("term_concepts", scheme=about.iri)
    names = named(view, [about.iri, *(iri for row in rows for iri in concept_iris(row))])
    concepts = listed(rows, names)
    return {
        "concepts": concepts,
        "count": sum(1 for _ in by(rows, "concept")),
        "groups": by_family(concepts, names),
        "components": about.iri == COMPONENTS,
    }


def concept_iris(row: Solution) -> Iterable[str]:
    return (row.text(name) for name in ("concept", "family") if row.text(name))


def component(about: About) -> str:
    """The number of a component of the territory, "" of any other concept."""
    if COMPONENTS not in about.iris(f"{SKOS}inScheme"):
        return ""
    return about.text(f"{SKOS}notation").text


def relations(rows: Sequence[Solution], names: Names, verb: Value | None = None) -> list[Relation]:
    """Sentences, those of one status together, in the order of the statuses."""
    found = [
        Relation(
            source=names.value(row.text("source")),
            verb=verb or names.value(row.text("type")),
            target=names.value(row.text("target")),
            status=local(row.text("status")),
            href=names.value(row.text("relation")).href,
        )
        for row in rows
    ]
    return sorted(found, key=in_order)


def in_order(relation: Relation) -> tuple[int, str, str]:
    known = relation.status in STATUSES
    place = STATUSES.index(relation.status) if known else len(STATUSES)
    return place, folded(relation.source.text), folded(relation.target.text)


def by_name(value: Value) -> tuple[str, str]:
    return folded(value.text), value.href or ""


def listed(rows: Sequence[Solution], names: Names) -> list[Listed]:
    """The concepts at the top of a vocabulary, the narrower ones inside the broader.

    So is one that is too deep for a list, or that is broader than itself by some way.
    """
    groups = by(rows, "concept")
    found = {iri: one(iri, group, names) for iri, group in groups.items()}
    above = {
        iri: next((row.text("broader") for row in group if row.text("broader") in found), "")
        for iri, group in groups.items()
    }
    tops = []
    for iri in groups:
        top = iri
        for _ in range(DEEPEST):
            top = above.get(top, "")
        if above[iri] and not top:
            found[above[iri]].narrower.append(found[iri])
        else:
            tops.append(found[iri])
    for concept in found.values():
        concept.narrower.sort(key=lambda listed: listed.place)
    return sorted(tops, key=lambda listed: listed.place)


def one(iri: str, rows: Sequence[Solution], names: Names) -> Listed:
    first, value = rows[0], names.value(iri)
    notation = first.text("notation")
    wider = -first.number("wider")
    number = first.number("notation") if notation.isdecimal() else 0
    return Listed(
        value=value,
        definition=first.text("definition"),
        notation=notation,
        uses=first.number("uses"),
        # A number where the vocabulary gives one, the widest scale first, else by name.
        place=(number or wider, folded(value.text), iri),
        families=list(dict.fromkeys(row.text("family") for row in rows if row.text("family"))),
    )


def by_family(concepts: Sequence[Listed], names: Names) -> list[tuple[Value | None, list[Listed]]]:
    """The concepts under each family that they are of; one group without a head where none is."""
    families = sorted(
        {iri for concept in concepts for iri in concept.families},
        key=lambda iri: folded(names.of(iri)),
    )
    if not families:
        return [(None, list(concepts))]
    groups: list[tuple[Value | None, list[Listed]]] = [
        (names.value(iri), [concept for concept in concepts if iri in concept.families])
        for iri in families
    ]
    loose = [concept for concept in concepts if not concept.families]
    return [*groups, (None, loose)] if loose else groups
