"""The answers that the page of a thing is made of: which queries such a thing calls for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pyoxigraph import NamedNode, Triple

from atlas.namespaces import ATLAS
from endpoint.solutions import Solution
from endpoint.view import View, lists
from endpoint.web.thing import documents, facts, relations
from endpoint.web.thing.said import Told
from endpoint.web.thing.statements import terms_of
from endpoint.web.thing.words import ACTOR, DOCUMENT, MORE_TELLING, RELATION, TECHNICAL, TYPE

ADDRESSES = f"{ATLAS}addresses"
DOCUMENTED = f"{ATLAS}documentedBy"
# Of the classes of a thing so many are looked at for the one that says most.
MOST_CLASSES = 40
# By which properties something leads to a thing that is an end of relations, that documents are
# about, that is an end of memberships: where nothing does, there is no need to ask.
RELATED = frozenset((f"{ATLAS}relationSource", f"{ATLAS}relationTarget"))
TOLD_OF = RELATED | {ADDRESSES, f"{ATLAS}definesNotion", f"{ATLAS}indexedBy"}
JOINED = frozenset((f"{ATLAS}member", f"{ATLAS}grouping"))


@dataclass(frozen=True)
class Asked:
    """The answers that a page is made of."""

    told: Told
    kinds: Sequence[str]
    relations: Sequence[Solution]
    sentence: Sequence[Solution]
    documents: Sequence[Solution]
    documented: Sequence[Solution]
    subjects: Sequence[Solution]
    memberships: Sequence[Solution]
    counts: Sequence[facts.Pointed]
    led: dict[str, list[Solution]]
    nodes: Sequence[Triple]

    def iris(self) -> Iterator[str]:
        """Everything that the page may call by its name."""
        yield self.told.thing
        yield from self.kinds
        for said in self.told.sample:
            yield said.predicate
            yield from terms_of(said.value)
        for triple in self.nodes:
            yield from (triple.predicate.value, *terms_of(triple.object))
        for count in facts.leading(self.counts):
            yield count.predicate
        for rows in (
            self.relations,
            self.sentence,
            self.documents,
            self.documented,
            self.subjects,
            self.memberships,
            *self.led.values(),
        ):
            for row in rows:
                yield from (term.value for term in row.values() if isinstance(term, NamedNode))


def ask(view: View, told: Told, counts: Sequence[facts.Pointed]) -> Asked:
    """The answers to the queries that such a thing calls for."""
    thing, leading = told.thing, {one.predicate for one in counts}
    if view.site.own_default_graph:
        # What it alone says is in no named graph, so it is not counted.
        leading |= TOLD_OF | JOINED | {DOCUMENTED}
    is_relation, is_document = RELATION in told.types, DOCUMENT in told.types
    is_related = not (is_relation or is_document) and leading & RELATED
    is_documented = told.cut or any(said.predicate == DOCUMENTED for said in told.statements)
    is_told_of = is_documented or leading & TOLD_OF
    documents_it = is_document and DOCUMENTED in leading
    joined = ACTOR in told.types and leading & JOINED
    return Asked(
        told=told,
        kinds=kinds(view, told),
        relations=relations.asked(view, thing) if is_related else (),
        sentence=relations.sentence(view, thing) if is_relation else (),
        documents=documents.asked(view, thing) if is_told_of and not is_relation else (),
        documented=view.ask("thing_documented", thing=thing) if documents_it else (),
        subjects=view.ask("thing_subjects", thing=thing) if documents_it else (),
        memberships=view.ask("thing_memberships", thing=thing) if joined else (),
        counts=counts,
        led=facts.first_incoming(view, thing, facts.led(counts)),
        nodes=view.triples("thing_description", thing=thing) if told.has_nodes else (),
    )


def kinds(view: View, told: Told) -> list[str]:
    """What kind of thing it is: a sort that says more than a class, then its most telling class."""
    classes = [s.iri for s in told.of(TYPE) if s.iri]
    telling = [iri for iri in classes if not iri.startswith(TECHNICAL)] or classes
    if len(telling) > 1:
        some = next(lists(sorted(telling)[:MOST_CLASSES]), "")
        rows = view.ask("thing_kinds", classes=some) if some else []
        telling = [row.text("class") for row in rows]
    return [s.iri for s in told.of(*MORE_TELLING) if s.iri] + telling[:1]


def listed(asked: Asked) -> list[facts.Pointed]:
    """What leads here and is listed; what only documents address is told of among the documents."""
    addressing = sum(row.text("how") == "addresses" for row in asked.documents)
    return [
        one
        for one in facts.led(asked.counts)
        if one.predicate != ADDRESSES or one.stated != addressing
    ]
