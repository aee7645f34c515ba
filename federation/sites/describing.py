"""What a partner says of itself: its service description and its VoID, each read where it is.

https://www.w3.org/TR/sparql11-service-description/ and https://www.w3.org/TR/void/#well-known
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import urljoin

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse

from atlas.errors import Forbidden, PartnerFailed, PartnerLimit
from federation.exchange.gate import Gate
from federation.exchange.statuses import NUMBER
from federation.partner import Partner
from federation.run import Run
from ontology.namespaces import PREFIXES

WELL_KNOWN = "/.well-known/void"
# Syntaxes that need nothing else to be read; JSON-LD may name a context that is elsewhere.
SYNTAXES = {
    "text/turtle": RdfFormat.TURTLE,
    "application/n-triples": RdfFormat.N_TRIPLES,
    "application/rdf+xml": RdfFormat.RDF_XML,
    "text/n3": RdfFormat.N3,
}
ACCEPT = {"Accept": "text/turtle, application/n-triples;q=0.9, application/rdf+xml;q=0.8"}

Node = NamedNode | BlankNode | Literal | Triple


@dataclass(frozen=True)
class Description:
    """What the documents say of the dataset behind the endpoint.

    ``triples``: of its default graph. ``properties``, ``classes``: triples by predicate, entities
    by class; empty where there are no partitions. ``found``: what was read, in words.
    """

    triples: int | None = None
    properties: Mapping[str, int] = field(default_factory=dict)
    classes: Mapping[str, int] = field(default_factory=dict)
    licences: tuple[str, ...] = ()
    vocabularies: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    found: tuple[str, ...] = ()


def describe(gate: Gate, partner: Partner, run: Run) -> Description:
    """Read both documents; one that is not there, or is not RDF, says nothing."""
    triples: list[Triple] = []
    found = []
    for name, url in documents(partner):
        read = fetch(gate, partner, url, run)
        if read:
            found.append(name)
            triples += read
    return understood(triples, partner.endpoint, tuple(dict.fromkeys(found)))


def documents(partner: Partner) -> Iterator[tuple[str, str]]:
    """Where they are: at the endpoint, and at the root of its host and of its home page's."""
    yield "a service description", partner.endpoint
    seen = set()
    for address in (partner.endpoint, partner.homepage):
        url = urljoin(address, WELL_KNOWN)
        if address and url not in seen:
            seen.add(url)
            yield "VoID", url


def fetch(gate: Gate, partner: Partner, url: str, run: Run) -> list[Triple]:
    """The triples of one document; none where it is not there or cannot be read."""
    ends = time.monotonic() + min(run.left, partner.limits.seconds)
    limit = partner.limits.bytes
    try:
        run.asking()
        with gate.fetch(partner, url, headers=ACCEPT, ends=ends, limit=limit) as reply:
            kind = reply.headers.get("Content-Type", "").partition(";")[0].strip().lower()
            if reply.status != 200 or kind not in SYNTAXES:
                return []
            return list(_parsed(reply.read(), kind, url))
    except (PartnerFailed, PartnerLimit, Forbidden):
        return []


def _parsed(content: bytes, kind: str, url: str) -> Iterator[Triple]:
    try:
        for quad in parse(content, SYNTAXES[kind], base_iri=url, rename_blank_nodes=True):
            yield quad.triple
    except (SyntaxError, ValueError):
        return  # What was said before the fault is true all the same.


def understood(
    triples: Iterable[Triple], endpoint: str, found: tuple[str, ...] = ()
) -> Description:
    """What the triples say of the dataset that this endpoint serves, and of no other."""
    said = _Said(triples)
    dataset = said.dataset(endpoint)
    service = said.service(endpoint)
    features = (*said.names(service, "sd:supportedLanguage"), *said.names(service, "sd:feature"))
    licensed = [dataset, *said.values(dataset, "void:subset")] if dataset else []
    return Description(
        triples=said.number(dataset, "void:triples"),
        properties=dict(said.partitions(dataset, "void:propertyPartition", "void:property")),
        classes=dict(said.partitions(dataset, "void:classPartition", "void:class")),
        licences=_once(name for part in licensed for name in said.names(part, "dcterms:license")),
        vocabularies=_once(said.names(dataset, "void:vocabulary")),
        features=_once(features),
        found=found,
    )


class _Said:
    """The triples of the documents, by subject and predicate."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        self._values: dict[tuple[Node, str], list[Node]] = {}
        for triple in triples:
            key = triple.subject, triple.predicate.value
            self._values.setdefault(key, []).append(triple.object)

    def values(self, subject: Node | None, name: str) -> list[Node]:
        if subject is None:
            return []
        return self._values.get((subject, _expanded(name)), [])

    def names(self, subject: Node | None, name: str) -> list[str]:
        return [
            value.value
            for value in self.values(subject, name)
            if isinstance(value, NamedNode | Literal)
        ]

    def number(self, subject: Node | None, name: str) -> int | None:
        for text in self.names(subject, name):
            if NUMBER.fullmatch(text):
                return int(text)
        return None

    def subjects(self, name: str) -> list[Node]:
        return [subject for subject, predicate in self._values if predicate == _expanded(name)]

    def service(self, endpoint: str) -> Node | None:
        services = [
            subject
            for subject in self.subjects("sd:endpoint")
            if endpoint in self.names(subject, "sd:endpoint")
        ]
        # Some services leave the endpoint out or write it relative: one alone is meant.
        alone = self.subjects("sd:supportedLanguage") or self.subjects("sd:resultFormat")
        return next(iter(services or (set(alone) if len(set(alone)) == 1 else ())), None)

    def dataset(self, endpoint: str) -> Node | None:
        """The dataset behind the endpoint: the one that names it, or the service's default graph,
        or the only one that is counted where none names an endpoint."""
        naming = self.subjects("void:sparqlEndpoint")
        for subject in naming:
            if endpoint in self.names(subject, "void:sparqlEndpoint"):
                return subject
        for whole in self.values(self.service(endpoint), "sd:defaultDataset"):
            for graph in self.values(whole, "sd:defaultGraph"):
                return graph
        counted = set(self.subjects("void:propertyPartition"))
        return counted.pop() if len(counted) == 1 and not naming else None

    def partitions(
        self, dataset: Node | None, partition: str, term: str
    ) -> Iterator[tuple[str, int]]:
        """Each term with its number: triples of a property, entities of a class."""
        for part in self.values(dataset, partition):
            number = (
                self.number(part, "void:entities") if term == "void:class" else None
            ) or self.number(part, "void:triples")
            for name in self.values(part, term):
                if isinstance(name, NamedNode) and number is not None:
                    yield name.value, number


def _once(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(names)))


def _expanded(name: str) -> str:
    prefix, _, local = name.partition(":")
    return PREFIXES[prefix] + local
