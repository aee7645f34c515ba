"""The formats the engine reads and writes, as one table.

Used by negotiation, by pages, by dumps and by the service description.
"""

from __future__ import annotations

from dataclasses import dataclass

from pyoxigraph import QueryResultsFormat, RdfFormat

SOLUTIONS = "solutions"
GRAPH = "graph"
DATASET = "dataset"


@dataclass(frozen=True)
class Format:
    """One row: what it is called on the wire, as a suffix, and by the engine.

    ``kind``: what it can hold, SOLUTIONS (SELECT; ASK where ``boolean``), GRAPH (CONSTRUCT,
    DESCRIBE) or DATASET (quads; it holds a graph too). ``iri``: its name in W3C's list of formats.
    """

    media_type: str
    extension: str
    name: str
    kind: str
    engine: QueryResultsFormat | RdfFormat
    iri: str
    aliases: tuple[str, ...] = ()
    boolean: bool = False


W3C = "http://www.w3.org/ns/formats/"
FORMATS = (
    Format(
        "application/sparql-results+json",
        "srj",
        "JSON",
        SOLUTIONS,
        QueryResultsFormat.JSON,
        f"{W3C}SPARQL_Results_JSON",
        ("application/json",),
        boolean=True,
    ),
    Format(
        "application/sparql-results+xml",
        "srx",
        "XML",
        SOLUTIONS,
        QueryResultsFormat.XML,
        f"{W3C}SPARQL_Results_XML",
        ("application/xml", "text/xml"),
        boolean=True,
    ),
    Format(
        "text/csv",
        "csv",
        "CSV",
        SOLUTIONS,
        QueryResultsFormat.CSV,
        f"{W3C}SPARQL_Results_CSV",
        boolean=True,
    ),
    Format(
        "text/tab-separated-values",
        "tsv",
        "TSV",
        SOLUTIONS,
        QueryResultsFormat.TSV,
        f"{W3C}SPARQL_Results_TSV",
        boolean=True,
    ),
    Format("text/turtle", "ttl", "Turtle", GRAPH, RdfFormat.TURTLE, f"{W3C}Turtle"),
    Format(
        "application/n-triples",
        "nt",
        "N-Triples",
        GRAPH,
        RdfFormat.N_TRIPLES,
        f"{W3C}N-Triples",
        ("text/plain",),
    ),
    Format("application/rdf+xml", "rdf", "RDF/XML", GRAPH, RdfFormat.RDF_XML, f"{W3C}RDF_XML"),
    Format("application/ld+json", "jsonld", "JSON-LD", DATASET, RdfFormat.JSON_LD, f"{W3C}JSON-LD"),
    Format("application/trig", "trig", "TriG", DATASET, RdfFormat.TRIG, f"{W3C}TriG"),
    Format("application/n-quads", "nq", "N-Quads", DATASET, RdfFormat.N_QUADS, f"{W3C}N-Quads"),
    Format("text/n3", "n3", "N3", GRAPH, RdfFormat.N3, f"{W3C}N3"),
)
BY_MEDIA_TYPE = {name: row for row in FORMATS for name in (row.media_type, *row.aliases)}
BY_EXTENSION = {row.extension: row for row in FORMATS}
