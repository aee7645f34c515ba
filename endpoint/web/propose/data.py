"""A proposal as triples: what was said and nothing else, under an IRI made from its name."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from hashlib import sha256

from pyoxigraph import Literal, NamedNode, Triple

from atlas.namespaces import RDF, XSD
from endpoint.language import LANGUAGES
from endpoint.names import folded
from endpoint.view import View
from endpoint.web.propose.entries import Entries, Entry, is_iri
from endpoint.web.propose.kinds import ADDRESS, CONCEPTS, DATE, NUMBER, TEXTS, THING, Field, Kind

DATE_FORM = re.compile(r"[0-9]{4}(-[0-9]{2}){0,2}")
DATES = {0: "gYear", 1: "gYearMonth", 2: "date"}
SLUG, DIGEST = 60, 8
# So many things of the same name are told apart by a number.
ALIKE = 6


def name_of(fields: Sequence[Field], entries: Entries) -> str:
    """The name in the first language that it has."""
    named = [entry for field in fields if field.control == TEXTS for entry in entries[field.name]]
    by_language = {entry.language: entry.text for entry in reversed(named)}
    return next((by_language[code] for code in LANGUAGES if code in by_language), "")


def slug(name: str) -> str:
    """What an IRI calls it: letters and digits; a digest where there are none."""
    words = re.findall("[a-z0-9]+", folded(name))
    whole = "-".join(words)
    if not whole:
        return sha256(name.encode()).hexdigest()[:DIGEST]
    return whole if len(whole) <= SLUG else whole[: SLUG + 1].rpartition("-")[0] or whole[:SLUG]


def subject_of(view: View, kind: Kind, name: str) -> tuple[str, str]:
    """The IRI of the proposal, and that of a thing which has the same name already, or "".

    A number follows the name where the IRI is taken: a proposal never speaks of another thing. That
    of the generation is the last resort, for each thing published since makes another one.
    """
    if not name:
        return f"{view.base}/id/{kind.place}/proposal", ""
    first = f"{view.base}/id/{kind.place}/{slug(name)}"
    wanted = [first, *(f"{first}-{number}" for number in range(2, ALIKE + 1))]
    taken = {row.text("thing") for row in view.ask("propose_taken", things=" ".join(wanted))}
    free = next((iri for iri in wanted if iri not in taken), f"{first}-g{view.generation}")
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


def page(text: str) -> NamedNode | None:
    return NamedNode(text) if is_iri(text) else None


def partial_date(text: str) -> Literal | None:
    """A year, a month or a day, None where it is none of them."""
    datatype = DATES.get(text.count("-"))
    try:
        date.fromisoformat((text + "-01-01")[:10])
    except ValueError:
        return None
    return (
        Literal(text, datatype=NamedNode(f"{XSD}{datatype}")) if DATE_FORM.fullmatch(text) else None
    )


READINGS: dict[str, Callable[[str], NamedNode | Literal | None]] = {
    ADDRESS: page,
    DATE: partial_date,
}
