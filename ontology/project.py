"""The folders that the checks look at, read once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from rdflib import OWL, RDF, Graph, URIRef

from atlas.errors import MalformedSource
from ontology.modules import Files
from ontology.namespaces import ATLAS, PREFIXES, ROOT
from ontology.reader import read

PROPERTIES = (OWL.AnnotationProperty, OWL.ObjectProperty, OWL.DatatypeProperty)
TERMS = (*PROPERTIES, OWL.Class)


@dataclass(frozen=True)
class Project:
    """An ontology and what is written about it; a folder that is not there is empty.

    A file that cannot be parsed is left out of every graph: the check of syntax tells of it.
    """

    ontology: Files
    shapes: Path
    queries: Path
    loaders: Path

    @property
    def lint_shapes(self) -> Path:
        return self.shapes / "lint"

    @property
    def lint_queries(self) -> Path:
        return self.queries / "lint"

    @cached_property
    def _readings(self) -> dict[Path, Graph | MalformedSource]:
        return {path: reading(path) for path in self.ontology.all()}

    @property
    def broken(self) -> list[MalformedSource]:
        return [found for found in self._readings.values() if isinstance(found, MalformedSource)]

    @property
    def graphs(self) -> dict[Path, Graph]:
        """The ontology's files that can be read."""
        return {path: found for path, found in self._readings.items() if isinstance(found, Graph)}

    def merged(self, paths: Iterable[Path]) -> Graph:
        graph = Graph(bind_namespaces="none")
        for path in paths:
            graph += self.graphs.get(path, ())
        return graph

    @cached_property
    def everything(self) -> Graph:
        return self.merged(self.graphs)

    @cached_property
    def ours(self) -> Graph:
        """What house style is for: our own terms, without the kinds of class expressions."""
        graph = Graph(bind_namespaces="none")
        for subject, predicate, value in self.everything:
            named = isinstance(subject, URIRef)
            if str(subject).startswith(ROOT) if named else predicate != RDF.type:
                graph.add((subject, predicate, value))
        return graph

    @cached_property
    def terms(self) -> dict[URIRef, Path]:
        """Our classes and properties, with the module that declares each."""
        return {
            subject: path
            for path in self.ontology.modules
            for subject, kind in self.graphs.get(path, Graph()).subject_objects(RDF.type)
            if isinstance(subject, URIRef) and subject in ATLAS and kind in TERMS
        }

    @cached_property
    def homes(self) -> dict[str, Path]:
        """The file that says what kind of thing a term, concept or ontology of ours is."""
        return {
            str(subject): path
            for path, graph in self.graphs.items()
            for subject in graph.subjects(RDF.type)
            if isinstance(subject, URIRef)
        }


def reading(path: Path) -> Graph | MalformedSource:
    try:
        return read(path)
    except MalformedSource as error:
        return error


def short(iri: str) -> str:
    """The prefixed name where a prefix of the table fits, else the IRI."""
    fitting = [item for item in PREFIXES.items() if iri.startswith(item[1]) and iri != item[1]]
    if not fitting:
        return iri
    prefix, namespace = max(fitting, key=lambda item: len(item[1]))
    return f"{prefix}:{iri[len(namespace) :]}"
