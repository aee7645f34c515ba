"""The documents about a thing, and what a document itself documents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from atlas.namespaces import ATLAS
from endpoint.language import translate
from endpoint.names import Names, Value
from endpoint.solutions import Solution
from endpoint.view import View
from endpoint.web.dates import written_date
from endpoint.web.passages import passage
from endpoint.web.thing.links import Item, in_order
from endpoint.web.thing.said import Told
from endpoint.web.thing.sources import Letters
from endpoint.web.thing.values import address

# In which order the ways of being about something are told.
WAYS = ("defines", "documents", "addresses", "indexed", "relations")


@dataclass
class About:
    """A document about the thing: its date, and in what ways it is about it, in words."""

    document: Value
    date: str = ""
    ways: list[str] = field(default_factory=list)


def asked(view: View, thing: str) -> list[Solution]:
    return view.ask("thing_documents", thing=thing)


def about(rows: Sequence[Solution], told: Told, names: Names) -> list[About]:
    """Each document once, those that say most of the thing first."""
    found: dict[str, About] = {}
    for row in sorted(rows, key=lambda row: WAYS.index(row.text("how"))):
        iri = row.text("document")
        entry = found.setdefault(
            iri, About(names.value(iri), written_date(row.text("date")) if "date" in row else "")
        )
        entry.ways.append(way(row, told))
    return sorted(found.values(), key=lambda entry: -len(entry.ways))


def way(row: Solution, told: Told) -> str:
    """In what way a document is about the thing; where it documents it, with the passage."""
    how = row.text("how")
    words = translate(f"thing.about.{how}", count=row.number("relations"))
    where = [found for text in told.texts(f"{ATLAS}locator") if (found := passage(text.text))]
    if how == "documents" and where:
        return f"{words} ({', '.join(where)})"
    return words


@dataclass(frozen=True)
class Rests:
    """What a relation or another thing rests on: documents, and where in them."""

    documents: Sequence[Value]
    passages: Sequence[Value]
    letters: str


def rests(told: Told, names: Names, letters: Letters) -> Rests:
    """The documents that a thing itself names, and the passages."""
    said = list(told.of(f"{ATLAS}documentedBy"))
    return Rests(
        [names.value(one.iri) for one in said if one.iri],
        [
            Value(where) if (where := passage(text.text)) else address(text.text)
            for text in told.texts(f"{ATLAS}locator")
        ],
        letters.of({graph for one in said for graph in one.graphs}),
    )


def subjects(rows: Sequence[Solution], names: Names, letters: Letters) -> list[Item]:
    """What rests on a document besides relations, with the passage, in the order of names."""
    found = [
        Item(
            names.value(row.text("other")),
            letters.of(row.text("graphs").split()),
            row.text("other"),
            note=passage(row.text("locator")),
        )
        for row in rows
    ]
    return sorted(found, key=lambda item: in_order(item, names))
