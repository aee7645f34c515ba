"""A manifest as a graph that is walked, not queried."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyoxigraph as ox
from pyoxigraph import NamedNode

Node = Any  # A term of any kind but a triple; who asks for one knows which.

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
RDFT = "http://www.w3.org/ns/rdftest#"
MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
QT = "http://www.w3.org/2001/sw/DataAccess/tests/test-query#"
UT = "http://www.w3.org/2009/sparql/tests/test-update#"
RS = "http://www.w3.org/2001/sw/DataAccess/tests/result-set#"


class Walk:
    """Triples, from subject to object."""

    def __init__(self, dataset: ox.Dataset) -> None:
        self.dataset = dataset

    def subjects(self, predicate: str) -> list[Node]:
        return [quad.subject for quad in self.dataset.quads_for_predicate(NamedNode(predicate))]

    def objects(self, subject: Node, predicate: str) -> list[Node]:
        return [
            quad.object
            for quad in self.dataset.quads_for_subject(subject)
            if quad.predicate.value == predicate
        ]

    def value(self, subject: Node, predicate: str) -> Node | None:
        return next(iter(self.objects(subject, predicate)), None)

    def one(self, subject: Node, predicate: str) -> Node:
        """The only value. Raises ValueError where there are none or more."""
        (value,) = self.objects(subject, predicate)
        return value

    def text(self, subject: Node, predicate: str) -> str | None:
        value = self.value(subject, predicate)
        return None if value is None else value.value

    def items(self, head: Node) -> Iterator[Node]:
        """The members of an RDF list."""
        while head.value != RDF + "nil":
            yield self.one(head, RDF + "first")
            head = self.one(head, RDF + "rest")


class Manifest(Walk):
    """One manifest file; its node is known by its IRI or, in some, by its type only."""

    def __init__(self, path: Path, base: str) -> None:
        quads = ox.parse(path=str(path), format=ox.RdfFormat.TURTLE, base_iri=base)
        super().__init__(ox.Dataset(quads))
        self.path = path
        self.node = next(
            quad.subject
            for quad in self.dataset.quads_for_object(NamedNode(MF + "Manifest"))
            if quad.predicate.value == RDF + "type"
        )

    def listed(self, predicate: str) -> list[Node]:
        head = self.value(self.node, predicate)
        return [] if head is None else list(self.items(head))
