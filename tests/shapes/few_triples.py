"""Engines over a few triples, as the tests of shapes need them."""

from __future__ import annotations

from collections.abc import Iterable

import pyoxigraph as ox

from store import LocalEngine

PREFIXES = """
@prefix atlas: <https://w3id.org/atlas-relationnel/ontology/> .
@prefix ex: <https://example.org/> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""


def triples(turtle: str) -> list[ox.Triple]:
    """The triples as written: "01" stays "01", and blank nodes keep their labels."""
    quads = ox.parse(PREFIXES + turtle, format=ox.RdfFormat.TURTLE)
    return [ox.Triple(quad.subject, quad.predicate, quad.object) for quad in quads]


def engine_of(data: Iterable[ox.Triple]) -> LocalEngine:
    """An engine that holds these triples, under the same blank node labels."""
    store = ox.Store()
    store.extend(ox.Quad(triple.subject, triple.predicate, triple.object) for triple in data)
    return LocalEngine(store=store)
