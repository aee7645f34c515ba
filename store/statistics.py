"""How much the default graph holds, counted once and kept in step with each write.

Also the description made of it, in the Vocabulary of Interlinked Datasets. https://www.w3.org/TR/void/
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, serialize

from atlas.namespaces import ATLAS, DCAT, DCTERMS, FOAF, RDF, VOID
from store import links
from store.engine import LocalEngine
from store.formats import FORMATS, SOLUTIONS
from store.links import Links

CLASSES = "SELECT ?name (COUNT(*) AS ?count) WHERE { ?entity a ?name } GROUP BY ?name"
PROPERTIES = "SELECT ?name (COUNT(*) AS ?count) WHERE { ?s ?name ?o } GROUP BY ?name"

SD = "http://www.w3.org/ns/sparql-service-description#"
LICENCE_VERIFIED = f"{ATLAS}licenceVerified"
RDF_TYPE = NamedNode(f"{RDF}type")

NAME = "void"
FILE = "void.nt"
LICENCE = "https://creativecommons.org/licenses/by/4.0/"
TITLE = {
    "fr": "Ce que contient l’atlas, compté (VoID)",
    "en": "What the atlas holds, counted (VoID)",
    "es": "Lo que contiene el atlas, contado (VoID)",
}
# A foreign thesaurus may bring a class per concept: the largest tell what the data is about.
PARTITIONS = 1000

Entry = Mapping[str, Any]
Name = TypeVar("Name", str, tuple[str, str])


@dataclass(frozen=True)
class Statistics:
    """Counts of the default graph: all triples, entities by class, triples by property, links.

    A class that is not an IRI is not counted; a count of zero is not kept.
    """

    triples: int = 0
    classes: dict[str, int] = field(default_factory=dict)
    properties: dict[str, int] = field(default_factory=dict)
    links: Links = field(default_factory=dict)

    @classmethod
    def of(cls, engine: LocalEngine) -> Statistics:
        """Counted whole, each kind in one pass of the engine."""
        classes, properties = (
            {
                _value(row["name"]): int(_value(row["count"]))
                for row in engine.solutions(text)
                if isinstance(row.get("name"), NamedNode)
            }
            for text in (CLASSES, PROPERTIES)
        )
        linking = {
            (_value(row["property"]), _value(row["authority"])): int(_value(row["count"]))
            for row in engine.solutions(links.COUNTED)
        }
        return cls.counted(classes, properties, linking)

    @classmethod
    def counted(
        cls, classes: Mapping[str, int], properties: Mapping[str, int], linking: Links
    ) -> Statistics:
        """Each triple has one property, so that these counts make the whole."""
        return cls(
            sum(properties.values()),
            _without_zeros(classes),
            _without_zeros(properties),
            _without_zeros(linking),
        )

    def after(self, added: Iterable[Triple], removed: Iterable[Triple]) -> Statistics:
        """The counts once these triples, that were not there, came, and these, that were, went."""
        classes, properties = Counter(self.classes), Counter(self.properties)
        linking = Counter(self.links)
        for change, triples in ((1, list(added)), (-1, list(removed))):
            for link, count in links.of_triples(triples).items():
                linking[link] += change * count
            for triple in triples:
                properties[triple.predicate.value] += change
                if triple.predicate == RDF_TYPE and isinstance(triple.object, NamedNode):
                    classes[triple.object.value] += change
        return Statistics.counted(classes, properties, linking)

    def to_json(self) -> dict[str, Any]:
        return {
            "triples": self.triples,
            "classes": self.classes,
            "properties": self.properties,
            "links": links.to_json(self.links),
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Statistics:
        return cls(
            content["triples"],
            dict(content["classes"]),
            dict(content["properties"]),
            links.from_json(content.get("links", {})),
        )


def void_graph(base: str) -> str:
    """The graph of the store that holds the description; it is not part of the default graph."""
    return f"{base}/graph/{NAME}"


def keep_void(
    statistics: Statistics, *, base: str, graphs: Sequence[Entry], folder: Path
) -> dict[str, Any]:
    """Write the description into the folder of a generation's graphs, as ``void.nt``.

    Returns what the generation's record says of its graph; loading the file is the caller's part.
    """
    triples = list(void_triples(statistics, base=base, graphs=graphs))
    (folder / FILE).write_bytes(serialize(triples, format=RdfFormat.N_TRIPLES) or b"")
    return {
        "graph": void_graph(base),
        "name": NAME,
        "kind": NAME,
        "file": FILE,
        "triples": len(triples),
        "publish": "named",
        "title": TITLE,
        "licence": LICENCE,
        "licence_verified": True,
    }


def void_triples(
    statistics: Statistics,
    *,
    base: str,
    graphs: Sequence[Entry],
    endpoint: str | None = None,
) -> Iterator[Triple]:
    """The description of the default graph and of the graphs published, illustrative ones not.

    ``graphs``: entries of a generation's record. ``endpoint``: the address of the SPARQL service,
    None where it is not known. Nothing is a blank node: all of it can be linked to.
    """
    document, dataset = NamedNode(void_graph(base)), void_dataset(base)
    shown = [entry for entry in graphs if _is_shown(entry, document)]
    yield from _document(document, dataset, shown)
    yield from _dataset(dataset, statistics, base)
    yield from _subsets(dataset, shown)
    yield from _partitions(dataset, "class", "entities", statistics.classes)
    yield from _partitions(dataset, "property", "triples", statistics.properties)
    yield from links.linksets(dataset, statistics.links, PARTITIONS)
    if endpoint:
        yield from _service(dataset, endpoint)


def void_dataset(base: str) -> NamedNode:
    """The default graph as a dataset that can be spoken of: where it is described, a fragment."""
    return NamedNode(f"{base}/.well-known/void#dataset")


def partition_of(dataset: NamedNode, kind: str, term: str) -> NamedNode:
    """The part of the dataset that uses a class or a property; ``kind`` says which of the two."""
    return NamedNode(f"{dataset.value}-{kind}-{quote(term, safe='')}")


def void_service(endpoint: str) -> NamedNode:
    """The service at this address: two sites may serve one dataset."""
    return NamedNode(f"{endpoint}#service")


def _document(
    document: NamedNode, dataset: NamedNode, entries: Sequence[Entry]
) -> Iterator[Triple]:
    yield Triple(document, RDF_TYPE, NamedNode(f"{VOID}DatasetDescription"))
    yield from _texts(document, f"{DCTERMS}title", TITLE)
    yield Triple(document, NamedNode(f"{DCTERMS}license"), NamedNode(LICENCE))
    yield Triple(document, NamedNode(LICENCE_VERIFIED), Literal(True))
    yield Triple(document, NamedNode(f"{FOAF}primaryTopic"), dataset)
    for entry in entries:
        yield Triple(document, NamedNode(f"{FOAF}topic"), NamedNode(entry["graph"]))


def _dataset(dataset: NamedNode, statistics: Statistics, base: str) -> Iterator[Triple]:
    for kind in (f"{VOID}Dataset", f"{DCAT}Dataset", f"{SD}Graph"):
        yield Triple(dataset, RDF_TYPE, NamedNode(kind))
    yield Triple(dataset, NamedNode(f"{DCTERMS}title"), Literal("Atlas relationnel", language="fr"))
    yield Triple(dataset, NamedNode(f"{VOID}uriSpace"), Literal(f"{base}/id/"))
    for name, count in (
        ("triples", statistics.triples),
        ("classes", len(statistics.classes)),
        ("properties", len(statistics.properties)),
    ):
        yield Triple(dataset, NamedNode(VOID + name), Literal(count))
    for row in FORMATS:
        if row.kind != SOLUTIONS:
            yield Triple(dataset, NamedNode(f"{VOID}feature"), NamedNode(row.iri))
    for vocabulary in _vocabularies(statistics):
        yield Triple(dataset, NamedNode(f"{VOID}vocabulary"), NamedNode(vocabulary))


def _vocabularies(statistics: Statistics) -> list[str]:
    """The namespaces of the terms used: what is before the last "#" or, without one, "/"."""
    namespaces = set()
    for term in (*largest(statistics.classes), *largest(statistics.properties)):
        cut = term.rfind("#") if "#" in term else term.rfind("/")
        namespaces.add(term[: cut + 1] or term)
    return sorted(namespaces)


def _subsets(dataset: NamedNode, entries: Sequence[Entry]) -> Iterator[Triple]:
    """The named graphs, parts of the dataset where they are merged into the default graph."""
    for entry in entries:
        if entry["publish"] == "default":
            yield Triple(dataset, NamedNode(f"{VOID}subset"), NamedNode(entry["graph"]))
    for entry in entries:
        yield from _named_graph(NamedNode(entry["graph"]), entry)


def _named_graph(graph: NamedNode, entry: Entry) -> Iterator[Triple]:
    yield Triple(graph, RDF_TYPE, NamedNode(f"{VOID}Dataset"))
    yield Triple(graph, NamedNode(f"{VOID}triples"), Literal(entry["triples"]))
    yield from _texts(graph, f"{DCTERMS}title", entry.get("title") or {})
    if entry.get("attribution"):
        yield Triple(graph, NamedNode(f"{DCTERMS}rights"), Literal(entry["attribution"]))
    for key, term in (("licence", "license"), ("source", "source")):
        if entry.get(key):
            yield Triple(graph, NamedNode(DCTERMS + term), named_or_said(entry[key]))


def _partitions(
    dataset: NamedNode, kind: str, measure: str, counts: Mapping[str, int]
) -> Iterator[Triple]:
    """https://www.w3.org/TR/void/#class-property-partitions"""
    partitions = {term: partition_of(dataset, kind, term) for term in largest(counts)}
    for partition in partitions.values():
        yield Triple(dataset, NamedNode(f"{VOID}{kind}Partition"), partition)
    for term, partition in partitions.items():
        yield Triple(partition, NamedNode(VOID + kind), NamedNode(term))
        yield Triple(partition, NamedNode(VOID + measure), Literal(counts[term]))


def _service(dataset: NamedNode, endpoint: str) -> Iterator[Triple]:
    service, address = void_service(endpoint), NamedNode(endpoint)
    yield Triple(dataset, NamedNode(f"{VOID}sparqlEndpoint"), address)
    yield Triple(service, RDF_TYPE, NamedNode(f"{SD}Service"))
    yield Triple(service, RDF_TYPE, NamedNode(f"{DCAT}DataService"))
    yield Triple(service, NamedNode(f"{SD}endpoint"), address)
    yield Triple(service, NamedNode(f"{DCAT}endpointURL"), address)
    yield Triple(service, NamedNode(f"{DCAT}servesDataset"), dataset)


def named_or_said(text: str) -> NamedNode | Literal:
    """An IRI where the text is one; a licence may also be given in words."""
    try:
        return NamedNode(text)
    except ValueError:
        return Literal(text)


def _texts(subject: NamedNode, predicate: str, texts: Mapping[str, str]) -> Iterator[Triple]:
    for language, text in texts.items():
        yield Triple(subject, NamedNode(predicate), Literal(text, language=language))


def largest(counts: Mapping[str, int]) -> list[str]:
    """The terms with the largest counts, at most PARTITIONS of them, in their own order."""
    return sorted(sorted(counts, key=lambda term: (-counts[term], term))[:PARTITIONS])


def _is_shown(entry: Entry, document: NamedNode) -> bool:
    return entry["publish"] != "illustrative" and entry["graph"] != document.value


def _without_zeros(counts: Mapping[Name, int]) -> dict[Name, int]:
    return {name: count for name, count in sorted(counts.items()) if count}


def _value(term: object) -> str:
    assert isinstance(term, NamedNode | Literal)
    return term.value
