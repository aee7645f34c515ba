"""What the served generation holds: its graphs, and what each says of its source and licence."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

from store import Answer, Operation

ATLAS = "https://w3id.org/atlas-relationnel/ontology/"
DCTERMS = "http://purl.org/dc/terms/"
RESULTS = "application/sparql-results+json"

# A graph's description may stand in the graph itself or in another one: both are read.
DESCRIPTIONS = f"""
PREFIX atlas: <{ATLAS}>
PREFIX dcterms: <{DCTERMS}>
SELECT ?graph ?property ?value WHERE {{
  GRAPH ?graph {{}}
  OPTIONAL {{
    VALUES ?property {{
      dcterms:title dcterms:license dcterms:rights dcterms:source
      atlas:illustrative atlas:licenceVerified atlas:sourceVersion
    }}
    GRAPH ?where {{ ?graph ?property ?value }}
  }}
}}"""
COUNTS = """
SELECT ?graph (COUNT(*) AS ?triples) WHERE { GRAPH ?graph { ?s ?p ?o } } GROUP BY ?graph"""
TOTAL = "SELECT (COUNT(*) AS ?triples) WHERE { ?s ?p ?o }"


class Queries(Protocol):
    """An engine as this module needs it: the pool, or the engine in process."""

    def query(self, operation: Operation, media_type: str) -> Answer: ...


@dataclass
class Graph:
    """One named graph, as its description has it. What the data does not say stays empty."""

    iri: str
    titles: dict[str, str] = field(default_factory=dict)
    licence: str = ""
    rights: str = ""
    source: str = ""
    version: str = ""
    illustrative: bool = False
    licence_verified: bool | None = None

    def title(self, language: str) -> str:
        """The title in the language, or in one there is, or the last part of the IRI."""
        for candidate in (language, "fr", "en", "es", ""):
            if candidate in self.titles:
                return self.titles[candidate]
        return self.iri.rstrip("/").rsplit("/", 1)[-1]


@dataclass
class Catalogue:
    """The graphs of one generation, by IRI."""

    graphs: Mapping[str, Graph]
    engine: Queries

    @cached_property
    def illustrative(self) -> frozenset[str]:
        return frozenset(graph.iri for graph in self.graphs.values() if graph.illustrative)

    @cached_property
    def counts(self) -> dict[str, int]:
        """Triples per graph, counted when first asked for."""
        rows = solutions(self.engine, COUNTS)
        return {row["graph"]["value"]: int(row["triples"]["value"]) for row in rows}

    @cached_property
    def total(self) -> int:
        """Triples of the default graph."""
        return int(solutions(self.engine, TOTAL)[0]["triples"]["value"])

    @property
    def unverified(self) -> list[Graph]:
        """Graphs whose licence nobody has verified: not to be served publicly."""
        return [graph for graph in self.graphs.values() if graph.licence_verified is False]


def read_catalogue(engine: Queries) -> Catalogue:
    graphs: dict[str, Graph] = {}
    for row in solutions(engine, DESCRIPTIONS):
        iri = row["graph"]["value"]
        graph = graphs.setdefault(iri, Graph(iri))
        if "property" in row and "value" in row:
            describe(graph, row["property"]["value"], row["value"])
    return Catalogue(graphs, engine)


def describe(graph: Graph, prop: str, value: Mapping[str, str]) -> None:
    text = value["value"]
    if prop == f"{DCTERMS}title":
        graph.titles[value.get("xml:lang", "")] = text
    elif prop == f"{ATLAS}illustrative":
        graph.illustrative = text == "true"
    elif prop == f"{ATLAS}licenceVerified":
        graph.licence_verified = text == "true"
    else:
        setattr(graph, TEXTS[prop], text)


TEXTS = {
    f"{DCTERMS}license": "licence",
    f"{DCTERMS}rights": "rights",
    f"{DCTERMS}source": "source",
    f"{ATLAS}sourceVersion": "version",
}


def solutions(engine: Queries, text: str) -> list[dict[str, Any]]:
    """The rows of a SELECT as SPARQL JSON bindings."""
    answer = engine.query(Operation(text), RESULTS)
    try:
        with answer.open() as content:
            rows: list[dict[str, Any]] = json.load(content)["results"]["bindings"]
    finally:
        answer.close()
    return rows
