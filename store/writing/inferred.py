"""The graphs of what is inferred: their names, and what each says of itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pyoxigraph import Literal, NamedNode, Triple

from atlas.namespaces import ATLAS, DCTERMS, PROV, RDF, VOID

Entry = Mapping[str, Any]

TYPE = NamedNode(f"{RDF}type")
DATASET = NamedNode(f"{VOID}Dataset")
ILLUSTRATIVE = NamedNode(f"{ATLAS}illustrative")
VERIFIED = NamedNode(f"{ATLAS}licenceVerified")

NAME = "inferred"
TITLE = {
    "fr": "Ce que les règles déduisent",
    "en": "What the rules infer",
    "es": "Lo que infieren las reglas",
}
FROM = {"fr": " de : ", "en": " from: ", "es": " de: "}


def graph_of(base: str, name: str) -> str:
    """Where what is inferred from the default graph (name empty) or from one graph goes."""
    return f"{base}/graph/{NAME}/{name}" if name else f"{base}/graph/{NAME}"


def file_of(name: str) -> str:
    return f"{NAME}-{name}.nt" if name else f"{NAME}.nt"


def entry(base: str, name: str, sources: Sequence[Entry], triples: int) -> dict[str, Any]:
    """What a generation's record says of such a graph. ``sources``: entries of what it is from."""
    return {
        "graph": graph_of(base, name),
        "name": f"{NAME}/{name}" if name else NAME,
        "file": file_of(name),
        "triples": triples,
        "publish": sources[0]["publish"],
        "inferred_from": [source["name"] for source in sources],
    }


def description(graph_iri: str, sources: Sequence[Entry]) -> Iterator[Triple]:
    """What such a graph says of itself: what it comes from, hence its licence.

    One source: its title is in the graph's. A graph is illustrative, or of a licence that nobody
    verified, where what it comes from is.
    """
    graph = NamedNode(graph_iri)
    yield Triple(graph, TYPE, NamedNode(f"{PROV}Entity"))
    yield Triple(graph, TYPE, DATASET)
    for language, words in TITLE.items():
        of = FROM[language] + sources[0]["title"][language] if len(sources) == 1 else ""
        yield Triple(graph, NamedNode(f"{DCTERMS}title"), Literal(words + of, language=language))
    for source in sources:
        yield Triple(graph, NamedNode(f"{PROV}wasDerivedFrom"), NamedNode(source["graph"]))
    verified = all(source["licence_verified"] for source in sources)
    yield Triple(graph, VERIFIED, Literal(verified))
    if any(source["publish"] == "illustrative" for source in sources):
        yield Triple(graph, ILLUSTRATIVE, Literal(True))
