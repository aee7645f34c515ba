"""What the served generation holds: its graphs, and what each says of its source and licence."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

from atlas.namespaces import ATLAS, DCTERMS
from store import Answer, Operation
from store.links import COUNTED, Links
from store.statistics import CLASSES, PROPERTIES, Statistics
from store.writing.entries import WRITTEN

RESULTS = "application/sparql-results+json"

# A graph's description may stand in the graph itself or in another one: both are read, but of what
# others wrote, and of what follows from it, only what a graph says of itself.
DESCRIPTIONS = f"""
PREFIX atlas: <{ATLAS}>
PREFIX dcterms: <{DCTERMS}>
SELECT ?graph ?where ?property ?value WHERE {{
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


NOTHING: Mapping[str, Any] = {}


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
        """The title in the language, or in one there is, or the IRI."""
        for candidate in (language, "fr", "en", "es", ""):
            if candidate in self.titles:
                return self.titles[candidate]
        return self.iri


@dataclass
class Catalogue:
    """The graphs of one generation, by IRI."""

    graphs: Mapping[str, Graph]
    engine: Queries
    # What the build or the writer counted; where there is nothing, it is counted here.
    record: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def illustrative(self) -> frozenset[str]:
        said = {graph.iri for graph in self.graphs.values() if graph.illustrative}
        # A graph that was written to is illustrative where its writer said so, in the data or not.
        recorded = self.record.get("graphs", ())
        return frozenset(
            said | {g["graph"] for g in recorded if g.get("publish") == "illustrative"}
        )

    @cached_property
    def counts(self) -> dict[str, int]:
        """Triples per graph, counted when first asked for."""
        if recorded := self.record.get("graphs"):
            return {graph["graph"]: graph["triples"] for graph in recorded}
        rows = solutions(self.engine, COUNTS)
        return {row["graph"]["value"]: int(row["triples"]["value"]) for row in rows}

    @cached_property
    def total(self) -> int:
        """Triples of the default graph."""
        if "triples" in self.record:
            return int(self.record["triples"])
        return int(solutions(self.engine, TOTAL)[0]["triples"]["value"])

    @cached_property
    def statistics(self) -> Statistics:
        """The default graph by class and property, counted when first asked for."""
        if recorded := self.record.get("statistics"):
            return Statistics.from_json(recorded)
        return Statistics.counted(
            counts(self.engine, CLASSES), counts(self.engine, PROPERTIES), links(self.engine)
        )

    @property
    def unverified(self) -> list[Graph]:
        """Graphs whose licence nobody has verified: not to be served publicly."""
        return [graph for graph in self.graphs.values() if graph.licence_verified is False]


def read_catalogue(engine: Queries, record: Mapping[str, Any] = NOTHING) -> Catalogue:
    graphs: dict[str, Graph] = {}
    written = written_graphs(record)
    for row in solutions(engine, DESCRIPTIONS):
        iri = row["graph"]["value"]
        graph = graphs.setdefault(iri, Graph(iri))
        if "value" in row and row["where"]["value"] not in written - {iri}:
            describe(graph, row["property"]["value"], row["value"])
    return Catalogue(graphs, engine, record)


def written_graphs(record: Mapping[str, Any]) -> frozenset[str]:
    """The graphs that hold what was written over HTTP, or what is inferred from it too."""
    return frozenset(
        entry["graph"]
        for entry in record.get("graphs", ())
        if entry.get("kind") == WRITTEN or "inferred_from" in entry
    )


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


def counts(engine: Queries, text: str) -> dict[str, int]:
    """What a query counts by the name that it gives, where that is an IRI."""
    return {
        row["name"]["value"]: int(row["count"]["value"])
        for row in solutions(engine, text)
        if "name" in row and row["name"]["type"] == "uri"
    }


def links(engine: Queries) -> Links:
    """The links to other authorities, by property and authority."""
    return {
        (row["property"]["value"], row["authority"]["value"]): int(row["count"]["value"])
        for row in solutions(engine, COUNTED)
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
