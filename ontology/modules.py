"""Where the ontology's files are, and their triples; nothing is ever fetched from the network."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from rdflib import Graph

from ontology.reader import read

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Files:
    """The files of one ontology folder, by what they are for."""

    folder: Path = FOLDER

    @property
    def modules(self) -> list[Path]:
        """OWL modules, ``prefixes.ttl`` (a table without a triple) left out."""
        return [path for path in sorted(self.folder.glob("*.ttl")) if path.name != "prefixes.ttl"]

    @property
    def vocabularies(self) -> list[Path]:
        return sorted(self.folder.glob("vocabularies/*.ttl"))

    @property
    def alignments(self) -> list[Path]:
        return sorted(self.folder.glob("alignments/*.ttl"))

    @property
    def imports(self) -> list[Path]:
        """Stubs: external terms declared with their type, never re-axiomatised."""
        return sorted(self.folder.glob("imports/*.ttl"))

    @property
    def catalog(self) -> Path:
        return self.folder / "catalog-v001.xml"

    def all(self) -> list[Path]:
        """Every file the stable writer looks after."""
        return [*self.modules, *self.vocabularies, *self.alignments, *self.imports]


def merge(paths: Iterable[Path]) -> Graph:
    """The triples of several files; raises MalformedSource for the first that is broken."""
    graph = Graph(bind_namespaces="none")
    for path in paths:
        graph += read(path)
    return graph


def files() -> list[Path]:
    """Every Turtle file: modules, vocabularies, alignments, import stubs."""
    return Files().all()


@cache
def load() -> Graph:
    """The modules and the vocabularies, merged. One graph per process: do not change it."""
    return merge([*Files().modules, *Files().vocabularies])


@cache
def alignments() -> Graph:
    """The alignments to other ontologies, merged. One graph per process: do not change it."""
    return merge(Files().alignments)
