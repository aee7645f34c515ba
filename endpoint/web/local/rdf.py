"""A reader's own map as RDF, for a file that they keep, and back.

The map is a ``skos:Collection`` of its things; each relation is an ``atlas:Relation`` like those of
the atlas. What is the reader's own is named under ``{base}/local#``, where nothing is published.
https://www.w3.org/TR/skos-reference/#collections
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse

from atlas.errors import UsageError
from atlas.namespaces import ATLAS, DCTERMS, RDFS, SKOS
from endpoint.refusals import refused
from endpoint.web.local.map import LARGEST, STATUSES, Link, LocalMap, Thing
from endpoint.wire.addresses import ROOT
from store.statistics import RDF_TYPE

LABEL = NamedNode(f"{RDFS}label")
PREF_LABEL, NOTE, MEMBER = (NamedNode(f"{SKOS}{name}") for name in ("prefLabel", "note", "member"))
COLLECTION = NamedNode(f"{SKOS}Collection")
TITLE = NamedNode(f"{DCTERMS}title")
RELATION, DESCRIPTOR = NamedNode(f"{ATLAS}Relation"), NamedNode(f"{ATLAS}Descriptor")
SOURCE, TARGET, TYPE, STATUS = (
    NamedNode(f"{ATLAS}relation{name}") for name in ("Source", "Target", "Type", "Status")
)
TYPES, STATES = (
    f"{ROOT}/vocabulary/relation-types/",
    f"{ROOT}/vocabulary/relation-statuses/",
)
# What a map names itself, in every atlas.
OWN = "/local#"
FORMATS = {
    "ttl": RdfFormat.TURTLE,
    "nt": RdfFormat.N_TRIPLES,
    "rdf": RdfFormat.RDF_XML,
    "jsonld": RdfFormat.JSON_LD,
}


def triples(
    local: LocalMap, base: str, language: str, sentences: Mapping[int, str]
) -> Iterator[Triple]:
    """The triples of a map; ``sentences``: what each relation is called, by its place."""
    own = f"{base}{OWN}"
    whole = NamedNode(f"{own}map")
    yield Triple(whole, RDF_TYPE, COLLECTION)
    if local.title:
        yield Triple(whole, TITLE, Literal(local.title, language=language))
    nodes = []
    for place, thing in enumerate(local.things, 1):
        node = NamedNode(thing.iri or f"{own}thing-{place}")
        nodes.append(node)
        yield Triple(whole, MEMBER, node)
        if not thing.iri:
            yield Triple(node, RDF_TYPE, DESCRIPTOR)
            yield Triple(node, PREF_LABEL, Literal(thing.name, language=language))
        if thing.note:
            yield Triple(node, NOTE, Literal(thing.note, language=language))
    for place, link in enumerate(local.links, 1):
        node = NamedNode(f"{own}relation-{place}")
        yield Triple(whole, MEMBER, node)
        yield Triple(node, RDF_TYPE, RELATION)
        yield Triple(node, SOURCE, nodes[link.source])
        yield Triple(node, TYPE, NamedNode(f"{TYPES}{link.type}"))
        yield Triple(node, TARGET, nodes[link.target])
        yield Triple(node, STATUS, NamedNode(f"{STATES}{link.status}"))
        if sentence := sentences.get(place - 1):
            yield Triple(node, LABEL, Literal(sentence, language=language))
        if link.note:
            yield Triple(node, NOTE, Literal(link.note, language=language))


def from_file(content: bytes, name: str) -> LocalMap:
    """The map that a file holds, by the suffix of its name; Turtle where that says nothing.

    Raises UsageError for a file that is too large, cannot be read or holds no map.
    """
    if len(content) > LARGEST:
        raise refused(UsageError, "refusal.local_file_bytes", most=LARGEST)
    suffix = name.rpartition(".")[2].lower()
    try:
        quads = parse(content, format=FORMATS.get(suffix, RdfFormat.TURTLE))
        return from_triples([quad.triple for quad in quads])
    except (SyntaxError, ValueError) as error:
        raise refused(UsageError, "refusal.local_not_rdf", words=str(error)) from error


def from_triples(found: Iterable[Triple]) -> LocalMap:
    """The map that triples say. Raises UsageError where they say none."""
    said = Said(found)
    wholes = said.having(RDF_TYPE, COLLECTION)
    if len(wholes) != 1:
        raise refused(UsageError, "refusal.local_no_map")
    relations = said.having(RDF_TYPE, RELATION)
    members = [node for node in said.terms(wholes[0], MEMBER) if node not in relations]
    ends = [said.terms(node, end) for node in relations for end in (SOURCE, TARGET)]
    nodes = list(dict.fromkeys([*members, *(term for terms in ends for term in terms)]))
    places = {node: place for place, node in enumerate(nodes)}
    return LocalMap(
        said.text(wholes[0], TITLE),
        tuple(said.thing(node) for node in nodes),
        tuple(said.link(node, places) for node in relations),
    ).checked()


class Said:
    """Triples by subject and property, in the order in which they were read."""

    def __init__(self, found: Iterable[Triple]) -> None:
        self.by: dict[tuple[object, str], list[object]] = {}
        for triple in found:
            key = (triple.subject, triple.predicate.value)
            self.by.setdefault(key, []).append(triple.object)

    def having(self, property_: NamedNode, value: NamedNode) -> list[object]:
        """The subjects that have this value."""
        return [
            subject
            for (subject, predicate), values in self.by.items()
            if predicate == property_.value and value in values
        ]

    def terms(self, subject: object, property_: NamedNode) -> list[object]:
        return self.by.get((subject, property_.value), [])

    def text(self, subject: object, property_: NamedNode) -> str:
        """The first text, "" where there is none."""
        texts = (term.value for term in self.terms(subject, property_) if isinstance(term, Literal))
        return next(texts, "")

    def thing(self, node: object) -> Thing:
        note, name = self.text(node, NOTE), self.text(node, PREF_LABEL)
        own = isinstance(node, BlankNode) or (isinstance(node, NamedNode) and OWN in node.value)
        if name and own:
            return Thing(name=name, note=note)
        if isinstance(node, NamedNode):
            return Thing(iri=node.value, note=note)
        raise refused(UsageError, "refusal.local_nameless")

    def link(self, node: object, places: Mapping[object, int]) -> Link:
        source, target = (self.terms(node, end) for end in (SOURCE, TARGET))
        if len(source) != 1 or len(target) != 1:
            raise refused(UsageError, "refusal.local_ends")
        return Link(
            places[source[0]],
            self.slug(node, TYPE, TYPES) or "relatesTo",
            places[target[0]],
            self.slug(node, STATUS, STATES) or STATUSES[1],
            self.text(node, NOTE),
        )

    def slug(self, node: object, property_: NamedNode, scheme: str) -> str:
        values = self.terms(node, property_)
        iri = values[0].value if values and isinstance(values[0], NamedNode) else ""
        return iri.removeprefix(scheme) if iri.startswith(scheme) else ""
