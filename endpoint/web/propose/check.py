"""A proposal judged by the shapes, with what the atlas says of the things it names around it.

Nothing is written: proposal and surroundings are a small graph of their own, in this process.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from threading import BoundedSemaphore, Thread

from pyoxigraph import NamedNode, Triple
from rdflib import SH, URIRef
from rdflib.term import Node

import ontology
import shapes
from atlas.errors import Overloaded
from atlas.namespaces import ATLAS
from endpoint.language import translate
from endpoint.names import Names, shortened
from endpoint.refusals import refused
from endpoint.view import N_TRIPLES, View
from endpoint.web.constraints.shapes import OBJECTS, project_rules, project_shapes
from endpoint.web.constraints.words import LEVELS
from endpoint.web.propose.entries import Entries
from endpoint.web.propose.kinds import THING, Field
from endpoint.web.terms.ground import local
from endpoint.wire.representations import written
from store.engine import LocalEngine

# Between the properties of a path: https://www.w3.org/TR/shacl/#property-paths
BETWEEN = re.compile(r"[()|/^*+?]+")
# A judgement takes a tenth of a second of this process: so many at a time, others wait so long.
TURNS, PATIENCE = BoundedSemaphore(2), 5
MUST, SHOULD, NOTED = "must", "should", "noted"
# The parts of a relation that make its sentence; its ends, and the shape that its type rules by.
PARTS = ("relationSource", "relationType", "relationTarget")
ENDS = (PARTS[0], PARTS[2])
ENDS_SHAPE = "RelationEnds"


@dataclass(frozen=True)
class Finding:
    """A sentence at a field. ``level``: must, should or noted; "must" keeps it from being valid."""

    field: str
    level: str
    text: str


@cache
def prepared() -> shapes.Prepared:
    """The shapes, read once for each process."""
    return shapes.Prepared(ontology.load(), shapes.load())


def warm() -> None:
    """Has the shapes read while a first form is filled in: its check then answers at once."""
    if not prepared.cache_info().currsize:
        Thread(target=prepared, daemon=True).start()


def findings(
    view: View, fields: Sequence[Field], entries: Entries, said: Sequence[Triple]
) -> list[Finding]:
    """What is wrong, in the order of the fields, each sentence once."""
    unclear = list(not_meant(view, fields, entries))
    open_fields = {finding.field for finding in unclear}
    found = [
        finding
        for finding in judged(view, fields, entries, said)
        if finding.field not in open_fields
    ]
    order = {field.name: place for place, field in enumerate(fields)}
    return sorted(dict.fromkeys([*unclear, *found]), key=lambda one: order.get(one.field, -1))


def not_meant(view: View, fields: Sequence[Field], entries: Entries) -> Iterator[Finding]:
    """Words that mean no thing of the atlas, or one of several."""
    for field in fields:
        for entry in entries[field.name] if field.control == THING else ():
            if entry.open:
                key = "propose.which" if entry.candidates else "propose.none_found"
                text = translate(key, view.language, name=entry.text[:80])
                yield Finding(field.name, MUST, text)


def judged(
    view: View, fields: Sequence[Field], entries: Entries, said: Sequence[Triple]
) -> Iterator[Finding]:
    named = [t.object.value for t in said if isinstance(t.object, NamedNode)]
    around = view.triples("propose_around", things=" ".join(named)) if named else []
    known = {str(triple.subject) for triple in around}
    names = view.names([*named, *(iri for iris in allowed(said, around).values() for iri in iris)])
    for field in fields:
        for entry in entries[field.name]:
            if entry.iri and f"<{entry.iri}>" not in known:
                text = translate("propose.unknown", view.language, iri=shortened(entry.iri)[:120])
                yield Finding(field.name, SHOULD, text)
    yield from results(fields, said, around, names)
    yield from already(view, said)


def already(view: View, said: Sequence[Triple]) -> Iterator[Finding]:
    """That the atlas has a relation with these ends and this type."""
    values = {t.predicate.value: t.object.value for t in said if isinstance(t.object, NamedNode)}
    source, kind, target = (values.get(f"{ATLAS}{part}", "") for part in PARTS)
    if not (source and kind and target):
        return
    for row in view.ask("propose_same", source=source, type=kind, target=target)[:1]:
        iri = row.text("relation")
        called_so = view.names([iri]).of(iri)
        yield Finding(PARTS[1], SHOULD, translate("propose.same", view.language, name=called_so))


def allowed(said: Iterable[Triple], around: Iterable[Triple]) -> Mapping[str, Sequence[str]]:
    """The classes of the ends that the type of the relation allows, by the field of the end."""
    types = [t.object for t in said if t.predicate.value == f"{ATLAS}{PARTS[1]}"]
    found: dict[str, list[str]] = {}
    for triple in around:
        field = triple.predicate.value.replace(f"{ATLAS}allowed", "relation")
        if triple.subject in types and field in ENDS and isinstance(triple.object, NamedNode):
            found.setdefault(field, []).append(triple.object.value)
    return found


def results(
    fields: Sequence[Field], said: Sequence[Triple], around: Iterable[Triple], names: Names
) -> Iterator[Finding]:
    """The results of SHACL on the proposal, and on what it makes of the things that it names."""
    subject = said[0].subject
    engine = LocalEngine.over(written([*said, *around], N_TRIPLES))
    asked, kinds = asked_of_objects(said), allowed(said, around)
    focus = {shapes.to_rdflib(subject), *(URIRef(iri) for iri in asked)}
    for result in judgement(engine, focus).results:
        iri, shape = str(result.focus), str(result.shape)
        if iri in asked and shape not in asked[iri]:
            continue  # What the atlas says of it by itself is not the reader's to answer for.
        level = LEVELS.get(result.severity.removeprefix(str(SH)), MUST)
        if iri in asked:
            field = next((one.name for one in fields if one.iri == asked[iri][shape]), "")
        else:
            field = field_of(result.path, str(result.value), shape, fields, said)
        values = (str(result.value), iri)
        text = called(result.message(names.language), values, names)
        if local(shape) == ENDS_SHAPE and field in kinds:
            listed = ", ".join(sorted(names.of(iri) for iri in kinds[field]))
            text = f"{text} {translate('propose.takes', names.language, kinds=listed)}"
        yield Finding(field, level, text)


def judgement(engine: LocalEngine, focus: Container[Node]) -> shapes.Report:
    """The report on these nodes. Raises Overloaded where too many others are being judged."""
    if not TURNS.acquire(timeout=PATIENCE):
        raise refused(Overloaded, "refusal.proposals_checked")
    try:
        return prepared().report(prepared().results(engine, (), focus))
    finally:
        TURNS.release()


def asked_of_objects(said: Sequence[Triple]) -> Mapping[str, Mapping[str, str]]:
    """What is asked of a thing because the proposal names it: by its IRI, shapes and properties."""
    found: dict[str, dict[str, str]] = {}
    of_objects = [targeted for targeted in project_rules() if targeted.target == OBJECTS]
    for triple in said:
        for targeted in of_objects:
            if targeted.iri == triple.predicate.value and isinstance(triple.object, NamedNode):
                shapes_of = found.setdefault(triple.object.value, {})
                shapes_of[targeted.rule.named] = targeted.iri
    return found


def field_of(
    path: str,
    value: str,
    shape: str,
    fields: Sequence[Field],
    said: Sequence[Triple],
) -> str:
    """The field that a result is about: of its path, of its value, or of what its shape speaks of.

    Of several that the shape speaks of it is the first that was left empty. "" where there is none.
    """
    by_property = {field.iri: field.name for field in fields}
    steps = BETWEEN.split(path)
    for iri, called_so in by_property.items():
        if shortened(iri) in steps:
            return called_so
    for triple in said:
        name = by_property.get(triple.predicate.value)
        if name and isinstance(triple.object, NamedNode) and triple.object.value == value:
            return name
    filled = {triple.predicate.value for triple in said}
    spoken = [iri for iri in project_shapes().mentioned(NamedNode(shape)) if iri in by_property]
    return next((by_property[iri] for iri in spoken if iri not in filled), "")


def called(message: str, values: Iterable[str], names: Names) -> str:
    """The message with things by their names, where it says their IRIs."""
    for iri in values:
        if iri in names.known:
            message = message.replace(
                iri, translate("propose.quoted", names.language, name=names.of(iri))
            )
    return message
