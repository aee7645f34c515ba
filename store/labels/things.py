"""What has a name in the default graph: its names, its classes, and how much leads to it.

Read whole from a store, or one thing at a time after a write: both give the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from math import log2
from typing import NamedTuple, cast

import pyoxigraph
from pyoxigraph import DefaultGraph, Literal, NamedNode, RdfFormat, parse

from atlas.namespaces import ATLAS, DC, DCTERMS, FOAF, ORG, OWL, RDF, RDFS, SKOS
from store.labels.words import LONGEST_NAME

RDF_TYPE = NamedNode(f"{RDF}type")
SCHEMA = "https://schema.org/"
SUBCLASS = NamedNode(f"{RDFS}subClassOf")

# Kinds of names, in the order in which they count.
PREFERRED, ALTERNATIVE, HIDDEN, CODE = range(4)
KIND_OF: Mapping[str, int] = {
    f"{RDFS}label": PREFERRED,
    f"{SKOS}prefLabel": PREFERRED,
    f"{DCTERMS}title": PREFERRED,
    f"{DC}title": PREFERRED,
    f"{FOAF}name": PREFERRED,
    f"{SCHEMA}name": PREFERRED,
    "http://schema.org/name": PREFERRED,
    f"{SKOS}altLabel": ALTERNATIVE,
    f"{DCTERMS}alternative": ALTERNATIVE,
    f"{FOAF}nick": ALTERNATIVE,
    f"{SCHEMA}alternateName": ALTERNATIVE,
    "http://www.w3.org/ns/regorg#legalName": ALTERNATIVE,
    f"{SKOS}hiddenLabel": HIDDEN,
    "http://rdf.insee.fr/def/geo#codeINSEE": CODE,
    f"{ATLAS}siren": CODE,
    f"{ATLAS}countryCode": CODE,
    f"{SKOS}notation": CODE,
    f"{DCTERMS}identifier": CODE,
    f"{ORG}identifier": CODE,
}
# What a thing lies in, which tells it from others of its name; and what makes it large.
WITHIN, SIZE = NamedNode(f"{ATLAS}directlyPartOf"), NamedNode(f"{ATLAS}population")
# Statements of these change the thing they are about; of all others but these, what they lead to.
ABOUT = frozenset((*KIND_OF, RDF_TYPE.value, SIZE.value))

# Who comes first among equals: a class is worth as much as four times so many doublings of what
# leads to a thing.
WORTH: Mapping[str, int] = {
    f"{OWL}Class": 32,
    f"{OWL}ObjectProperty": 32,
    f"{OWL}DatatypeProperty": 24,
    f"{ATLAS}Relation": 32,
    f"{ATLAS}RelationType": 32,
    f"{ATLAS}Territory": 24,
    f"{ATLAS}CrossCuttingQuestion": 24,
    f"{ATLAS}Scheme": 24,
    f"{ATLAS}Competence": 24,
    f"{ATLAS}PolicyDomain": 24,
    f"{ATLAS}GovernancePrinciple": 24,
    f"{ATLAS}Document": 16,
    f"{ATLAS}Experience": 16,
    f"{ATLAS}Descriptor": 16,
    f"{ATLAS}Actor": 8,
    f"{SKOS}Concept": 8,
}
MOST_INCOMING = 1_000
# A place is as large as if so many times fewer things led to it as people live there.
PEOPLE_EACH = 100
HEAVIEST = 255
# Classes that say little of what a thing is.
VAGUE = frozenset((f"{OWL}NamedIndividual", f"{OWL}Thing", f"{RDFS}Resource"))
DEFAULT = DefaultGraph()
WHOLES = f"SELECT ?part ?whole {{ ?part {WITHIN} ?whole FILTER (isIRI(?whole)) }}"
VALUES = "SELECT ?thing ?value { ?thing <%s> ?value }"
INSTANCES = "SELECT ?thing { ?thing a <%s> }"
COUNTED_CLASSES = "SELECT ?class (COUNT(*) AS ?count) { ?thing a ?class } GROUP BY ?class"
USED_PROPERTIES = "SELECT DISTINCT ?property { ?thing ?property ?value }"
ANY_THING = "ASK { ?s <%s> ?thing FILTER (isIRI(?thing)) }"
INCOMING = "SELECT ?thing (COUNT(?s) AS ?count) { ?s <%s> ?thing } GROUP BY ?thing"


class Name(NamedTuple):
    """One name of a thing; ``language`` is "" where the data says none, and of codes."""

    kind: int
    language: str
    text: str


class Thing(NamedTuple):
    """``types``: its most special classes, the one that says most first. ``within``: an IRI."""

    iri: str
    names: tuple[Name, ...]
    types: tuple[str, ...] = ()
    within: str = ""
    weight: int = 0


@dataclass
class Classes:
    """The hierarchy of classes: ``above`` has the classes above each, near and far."""

    above: Mapping[str, frozenset[str]] = field(default_factory=dict)
    _worth: dict[tuple[str, ...], int] = field(default_factory=dict)

    @classmethod
    def of(cls, store: pyoxigraph.Store) -> Classes:
        direct: dict[str, set[str]] = {}
        for quad in store.quads_for_pattern(None, SUBCLASS, None, DEFAULT):
            if isinstance(quad.subject, NamedNode) and isinstance(quad.object, NamedNode):
                direct.setdefault(quad.subject.value, set()).add(quad.object.value)
        return cls({name: frozenset(_reached(name, direct)) for name in direct})

    @cached_property
    def below(self) -> Mapping[str, set[str]]:
        """The classes below each, near and far."""
        found: dict[str, set[str]] = {}
        for name, above in self.above.items():
            for other in above:
                found.setdefault(other, set()).add(name)
        return found

    def strictly_below(self, name: str) -> set[str]:
        """Without those that are above it as well, which are the same class."""
        return self.below.get(name, set()) - self.above.get(name, frozenset())

    def special(self, types: Iterable[str]) -> tuple[str, ...]:
        """Of some classes, those with none of the others below them; what says most first."""
        given = set(types)
        return self.ordered(name for name in given if not given & self.strictly_below(name))

    def ordered(self, types: Iterable[str]) -> tuple[str, ...]:
        return tuple(
            sorted(types, key=lambda name: (name in VAGUE, not name.startswith(ATLAS), name))
        )

    def worth(self, types: tuple[str, ...]) -> int:
        every = {name for each in types for name in (each, *self.above.get(each, ()))}
        return max((WORTH[name] for name in every & WORTH.keys()), default=0)

    def weight(self, types: tuple[str, ...], leading: int) -> int:
        """How early a thing comes; ``leading``: how much leads to it, and how large it is."""
        worth = self._worth.get(types)
        if worth is None:
            worth = self._worth[types] = self.worth(types)
        return min(HEAVIEST, worth + round(4 * log2(1 + leading)))


def _reached(name: str, direct: Mapping[str, set[str]]) -> set[str]:
    found, ahead = set[str](), [name]
    while ahead:
        new = direct.get(ahead.pop(), set()) - found
        found |= new
        ahead += new
    return found - {name}


def every_thing(
    store: pyoxigraph.Store, classes: Classes, properties: Iterable[str] | None = None
) -> Iterator[Thing]:
    """Every thing that has a name; in no order.

    ``properties``: those that the default graph uses, where that is known already.
    """
    names, types = _all_names(store), _all_types(store, classes)
    sizes, within = _all_sizes(store), _all_within(store)
    leading = _all_incoming(store, properties)
    for iri, found in names.items():
        special = classes.ordered(types.get(iri, ()))
        leads = min(leading.get(iri, 0), MOST_INCOMING) + sizes.get(iri, 0)
        weight = classes.weight(special, leads)
        yield Thing(iri, tuple(sorted(found)), special, within.get(iri, ""), weight)


def one_thing(store: pyoxigraph.Store, classes: Classes, node: NamedNode) -> Thing | None:
    """The same for one thing; None where it has no name."""
    names, types, within, size = set[Name](), set[str](), set[str](), 0
    for quad in store.quads_for_pattern(node, None, None, DEFAULT):
        kind = KIND_OF.get(quad.predicate.value)
        if kind is not None and isinstance(quad.object, Literal):
            names.add(_name(kind, quad.object.value, quad.object.language or ""))
        elif quad.predicate == SIZE and isinstance(quad.object, Literal):
            size = max(size, _size(quad.object.value))
        elif quad.predicate == RDF_TYPE and isinstance(quad.object, NamedNode):
            types.add(quad.object.value)
        elif quad.predicate == WITHIN and isinstance(quad.object, NamedNode):
            within.add(quad.object.value)
    if not names:
        return None
    special = classes.special(types)
    pointing = store.quads_for_pattern(None, None, node, DEFAULT)
    others = (quad for quad in pointing if quad.predicate.value not in ABOUT)
    leads = sum(1 for _ in islice(others, MOST_INCOMING)) + size
    weight = classes.weight(special, leads)
    return Thing(node.value, tuple(sorted(names)), special, min(within, default=""), weight)


def _all_names(store: pyoxigraph.Store) -> dict[str, set[Name]]:
    found: dict[str, set[Name]] = {}
    for prop, kind in KIND_OF.items():
        for thing, value in _table(store, VALUES % prop):
            iri, literal = _iri(thing), _literal(value)
            if iri and literal:
                found.setdefault(iri, set()).add(_name(kind, *literal))
    return found


def _all_within(store: pyoxigraph.Store) -> dict[str, str]:
    found: dict[str, str] = {}
    for part, whole in _table(store, WHOLES):
        found[_iri(part)] = min(_iri(whole), found.get(_iri(part), _iri(whole)))
    return found


def _all_types(store: pyoxigraph.Store, classes: Classes) -> dict[str, list[str]]:
    """The most special classes of every thing.

    From the lowest class up: where all instances of a class are known from those below it, there
    is nothing to read.
    """
    counted = {_iri(name): int(count) for name, count in _table(store, COUNTED_CLASSES)}
    instances: dict[str, set[str]] = {}
    found: dict[str, list[str]] = {}
    counted.pop("", None)
    for name in sorted(counted, key=lambda name: (-len(classes.above.get(name, ())), name)):
        covered = set[str]().union(
            *(instances[lower] for lower in classes.strictly_below(name) & instances.keys())
        )
        if len(covered) == counted[name]:
            continue
        instances[name] = {_iri(thing) for (thing,) in _table(store, INSTANCES % name)}
        for iri in instances[name] - covered:
            found.setdefault(iri, []).append(name)
    return found


def _all_sizes(store: pyoxigraph.Store) -> dict[str, int]:
    found: dict[str, int] = {}
    for thing, value in _table(store, VALUES % SIZE.value):
        iri, (text, _) = _iri(thing), _literal(value) or ("", "")
        found[iri] = max(_size(text), found.get(iri, 0))
    return found


def _all_incoming(store: pyoxigraph.Store, properties: Iterable[str] | None) -> dict[str, int]:
    """How many statements lead to each thing, their types apart.

    Property by property, those of literals passed over: the engine groups terms without reading
    them, and a filter would have it read each.
    """
    if properties is None:
        properties = [_iri(term) for (term,) in _table(store, USED_PROPERTIES)]
    found: dict[str, int] = {}
    for prop in properties:
        if prop in ABOUT or not store.query(ANY_THING % prop):
            continue
        for term, count in _table(store, INCOMING % prop):
            thing = _iri(term)
            found[thing] = found.get(thing, 0) + int(count)
    return found


def _table(store: pyoxigraph.Store, text: str) -> Iterator[list[str]]:
    """The rows of an answer, terms as N-Triples has them: a row as objects costs twice as much.

    https://www.w3.org/TR/sparql11-results-csv-tsv/#tsv
    """
    answer = store.query(text)
    assert isinstance(answer, pyoxigraph.QuerySolutions)
    content = answer.serialize(format=pyoxigraph.QueryResultsFormat.TSV)
    assert content is not None
    for line in content.decode().split("\n")[1:-1]:
        yield line.split("\t")


def _iri(term: str) -> str:
    """The IRI, "" where the term is none."""
    return term[1:-1] if term.startswith("<") and not term.startswith("<<") else ""


def _literal(term: str) -> tuple[str, str] | None:
    """The text of a literal and its language; None for what is no literal."""
    if term.startswith('"'):
        end = term.rindex('"')
        text, language = term[1:end], term[end + 1 :].partition("--")[0]
        if "\\" in text:
            (quad,) = parse(f"<x:> <x:> {term} .", format=RdfFormat.N_TRIPLES)
            text = cast(Literal, quad.object).value
        return text, language[1:] if language.startswith("@") else ""
    # Numbers and booleans are written bare.
    return None if term.startswith(("<", "_:")) else (term, "")


def _name(kind: int, text: str, language: str) -> Name:
    return Name(kind, "" if kind == CODE else language, text[:LONGEST_NAME])


def _size(text: str) -> int:
    """What a number of inhabitants counts for; anything else is no size."""
    whole = text.isascii() and text.isdecimal() and len(text) < 12
    return int(text) // PEOPLE_EACH if whole else 0
