"""The relations that the atlas states of a thing, each with its status and its evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from endpoint.language import translate
from endpoint.names import Names, Value
from endpoint.page_addresses import at
from endpoint.solutions import Solution
from endpoint.view import View
from endpoint.web.passages import passage
from endpoint.web.star.drawing import Direction
from endpoint.web.thing.links import Evidence, Group, Item, group
from endpoint.web.thing.sources import Letters
from endpoint.web.thing.words import local

QUERY = "thing_relations"


def asked(view: View, thing: str) -> list[Solution]:
    return view.ask(QUERY, thing=thing)


def groups(rows: Sequence[Solution], names: Names, letters: Letters, thing: str) -> list[Group]:
    """The relations by type and direction, those of most relations first."""
    items: dict[tuple[Direction, str], dict[str, Item]] = {}
    for row in rows:
        direction: Direction = "from" if row.text("direction") == "from" else "to"
        of_verb = items.setdefault((direction, row.text("type")), {})
        relation = row.text("relation")
        if relation not in of_verb:
            of_verb[relation] = Item(
                value=names.value(row.text("other")),
                letters=letters.of([row.text("graph")]),
                iri=row.text("other"),
                status=local(row.text("status")),
                relation=names.value(relation).href,
            )
        add_evidence(of_verb[relation], row, names)
    every = at("library.query", name=QUERY, thing=thing)
    return [
        group(names, iri, direction, found.values(), every=every)
        for (direction, iri), found in sorted(
            items.items(), key=lambda pair: (pair[0][0], -len(pair[1]), pair[0][1])
        )
    ]


def add_evidence(item: Item, row: Solution, names: Names) -> None:
    """The document and the passage of one more row about the same relation, each said once."""
    if not row.text("document"):
        return
    place = passage(row.text("locator"))
    document = names.value(row.text("document"))
    for number, found in enumerate(item.evidence):
        if found.document == document:
            if place and place not in found.passage.split(", "):
                both = ", ".join(part for part in (found.passage, place) if part)
                item.evidence[number] = Evidence(document, both)
            return
    item.evidence.append(Evidence(document, place))


@dataclass(frozen=True)
class Sentence:
    """A relation read as a sentence: source, verb, target.

    ``standing``: its status in words, leading to what is meant by it.
    """

    source: Value
    verb: Value
    target: Value
    status: str
    families: Sequence[Value] = ()
    standing: Value | None = None
    relation: str | None = None
    letters: str = ""


def sentence(view: View, relation: str) -> list[Solution]:
    """The parts of a relation, a row for each family of its type; none where it is no relation."""
    return view.ask("thing_sentence", thing=relation)


def read(rows: Sequence[Solution], names: Names) -> Sentence | None:
    """The relation's sentence, None where a part of it is missing."""
    if not rows:
        return None
    row = rows[0]
    families = dict.fromkeys(r.text("family") for r in rows if r.text("family"))
    return Sentence(
        source=names.value(row.text("source")),
        verb=names.value(row.text("type")),
        target=names.value(row.text("target")),
        status=local(row.text("status")),
        families=[names.value(family) for family in families],
        standing=names.link(row.text("status"), translate(f"status.{local(row.text('status'))}")),
    )


def documented(rows: Sequence[Solution], names: Names, letters: Letters) -> list[Sentence]:
    """The relations that a document establishes, in the order of the query."""
    found = {row.text("relation"): row for row in rows}
    return [
        Sentence(
            source=names.value(row.text("source")),
            verb=names.value(row.text("type")),
            target=names.value(row.text("target")),
            status=local(row.text("status")),
            relation=names.value(relation).href,
            letters=letters.of([row.text("graph")]),
        )
        for relation, row in found.items()
    ]
