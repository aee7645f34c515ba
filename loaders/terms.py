"""RDF terms as the loaders write them: namespaces, literals, IRIs of instances.

Terms are made once and used again: making one costs more than the quad that holds it.
"""

from __future__ import annotations

from functools import cache
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode

from atlas import namespaces

XSD = namespaces.XSD
# What our data may hold: the engine gives these back as they were written.
DATE = NamedNode(f"{XSD}date")
DATE_TIME = NamedNode(f"{XSD}dateTime")
YEAR = NamedNode(f"{XSD}gYear")
YEAR_MONTH = NamedNode(f"{XSD}gYearMonth")
INTEGER = NamedNode(f"{XSD}integer")
ANY_URI = NamedNode(f"{XSD}anyURI")


class Namespace(dict[str, NamedNode]):
    """The terms of a namespace, made on first use: ``ATLAS["Commune"]``."""

    def __init__(self, iri: str) -> None:
        super().__init__()
        self.iri = iri

    def __missing__(self, name: str) -> NamedNode:
        term = self[name] = NamedNode(self.iri + name)
        return term


VOCABULARY = namespaces.VOCABULARY
ATLAS = Namespace(namespaces.ATLAS)
DC = Namespace(namespaces.DC)
DCTERMS = Namespace(namespaces.DCTERMS)
FOAF = Namespace(namespaces.FOAF)
IGEO = Namespace("http://rdf.insee.fr/def/geo#")
OWL = Namespace(namespaces.OWL)
PROV = Namespace(namespaces.PROV)
RDF = Namespace(namespaces.RDF)
RDFS = Namespace(namespaces.RDFS)
SKOS = Namespace(namespaces.SKOS)
VOID = Namespace(namespaces.VOID)

TYPE = RDF["type"]
LABEL = RDFS["label"]
TRUE = Literal(True)
FALSE = Literal(False)


@cache
def concept(scheme: str, slug: str) -> NamedNode:
    """A concept of the atlas's own vocabularies."""
    return NamedNode(f"{VOCABULARY}{scheme}/{slug}")


def instance(base: str, kind: str, key: str) -> NamedNode:
    """The IRI of an instance: ``{base}/id/{kind}/{key}``; other characters are %-encoded."""
    return NamedNode(f"{base}/id/{kind}/{quote(key, safe='')}")


class Instances(dict[tuple[str, str], NamedNode]):
    """The IRIs of instances under a base, each made once: ``instances["commune", "54395"]``."""

    def __init__(self, base: str) -> None:
        super().__init__()
        self.base = base

    def __missing__(self, key: tuple[str, str]) -> NamedNode:
        term = self[key] = instance(self.base, *key)
        return term


def text(value: str, language: str | None = None) -> Literal:
    return Literal(value, language=language)


@cache
def year(value: str) -> Literal:
    """A year, four digits or more (XML Schema's gYear)."""
    return Literal(value, datatype=YEAR)


def integer(value: int) -> Literal:
    return Literal(str(value), datatype=INTEGER)
