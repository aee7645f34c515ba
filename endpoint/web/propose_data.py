"""A proposal as triples: what was said and nothing else, under an IRI made from its name."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pyoxigraph import Literal, NamedNode, Triple

from endpoint.language import LANGUAGES
from endpoint.web.propose_entries import Entries, Entry
from endpoint.web.propose_kinds import ADDRESS, CONCEPTS, DATE, NUMBER, TEXTS, THING, Field, Kind
from endpoint.web.terms_ground import RDF, XSD
from endpoint.web.view import View
from loaders.values import address, partial_date, short_slug

# So many proposals may bear the same name.
ALIKE = 6


def name_of(fields: Sequence[Field], entries: Entries) -> str:
    """The name in the first language that it has."""
    named = [entry for field in fields if field.control == TEXTS for entry in entries[field.name]]
    by_language = {entry.language: entry.text for entry in reversed(named)}
    return next((by_language[code] for code in LANGUAGES if code in by_language), "")


def subject_of(view: View, kind: Kind, name: str) -> tuple[str, str]:
    """The IRI of the proposal, and that of a thing which has the same name already, or "".

    A number follows the name where the IRI is taken: a proposal never speaks of another thing.
    """
    if not name:
        return f"{view.base}/id/{kind.place}/proposal", ""
    first = f"{view.base}/id/{kind.place}/{short_slug(name)}"
    wanted = [first, *(f"{first}-{number}" for number in range(2, ALIKE + 1))]
    taken = {row.text("thing") for row in view.ask("propose_taken", things=" ".join(wanted))}
    free = next((iri for iri in wanted if iri not in taken), wanted[-1])
    return free, first if first in taken else ""


def triples_of(kind: Kind, subject: str, fields: Sequence[Field], entries: Entries) -> list[Triple]:
    """The proposal, in the order of its form."""
    node = NamedNode(subject)
    found = [Triple(node, NamedNode(f"{RDF}type"), NamedNode(kind.iri))]
    for field in fields:
        for entry in entries[field.name]:
            term = term_of(field, entry)
            if term is not None:
                found.append(Triple(node, NamedNode(field.iri), term))
    return found


def term_of(field: Field, entry: Entry) -> NamedNode | Literal | None:
    """The value as the shapes ask for it; what cannot be one stays a text, which they refuse."""
    if field.control in (THING, CONCEPTS):
        return NamedNode(entry.iri) if entry.iri else None
    if field.control == TEXTS:
        return Literal(entry.text, language=entry.language)
    if field.control == NUMBER:
        return Literal(entry.text, datatype=NamedNode(f"{XSD}integer"))
    reading = READINGS.get(field.control)
    return (reading(entry.text) if reading else None) or Literal(entry.text)


READINGS: dict[str, Callable[[str], NamedNode | Literal | None]] = {
    ADDRESS: address,
    DATE: partial_date,
}
