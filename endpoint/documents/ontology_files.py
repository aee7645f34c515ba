"""The ontology's documents: each module as its own, and all of it as one.

Read from the files of the ``ontology`` package by their catalogue. The package itself is not
imported: its graphs are rdflib's, which a server process has no other use for.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from pathlib import Path
from xml.etree import ElementTree

from pyoxigraph import NamedNode, RdfFormat, Triple, parse

from atlas.namespaces import OWL
from endpoint.wire.addresses import MODULES
from store.statistics import RDF_TYPE

FOLDER = Path(__file__).parents[2] / "ontology"
CATALOGUE = FOLDER / "catalog-v001.xml"
WHOLE = "atlas"
ONTOLOGY = NamedNode(f"{OWL}Ontology")
IMPORTS = NamedNode(f"{OWL}imports")
# Alignments import both sides and stay apart; stubs of foreign terms are part of the whole.
APART = "alignment-"


@cache
def modules() -> dict[str, Path]:
    """The file of each module by its name, as the catalogue has them."""
    entries = ElementTree.parse(CATALOGUE).getroot()
    return {
        entry.attrib["name"].removeprefix(MODULES): FOLDER / entry.attrib["uri"]
        for entry in entries
        if entry.attrib["name"].startswith(MODULES)
    }


@cache
def module(name: str) -> tuple[Triple, ...]:
    """The triples of one module. Raises KeyError where there is no such module."""
    path = modules()[name]
    # Two files may use one label for two blank nodes.
    quads = parse(path=str(path), format=RdfFormat.TURTLE, rename_blank_nodes=True)
    return tuple(quad.triple for quad in quads)


@cache
def whole() -> tuple[Triple, ...]:
    """All modules and vocabularies as one ontology: one header, which imports none of its parts."""
    names = [name for name in modules() if not name.startswith(APART)]
    triples = dict.fromkeys(triple for name in names for triple in module(name))
    return tuple(_one_header(triples))


def _one_header(triples: dict[Triple, None]) -> Iterator[Triple]:
    headers = {t.subject for t in triples if t.predicate == RDF_TYPE and t.object == ONTOLOGY}
    parts = headers - {NamedNode(MODULES + WHOLE)}
    for triple in triples:
        part_imported = triple.predicate == IMPORTS and triple.object in parts
        if triple.subject not in parts and not part_imported:
            yield triple


@cache
def digest() -> str:
    """What tells these documents from those of another version."""
    content = sha256()
    for path in modules().values():
        content.update(path.read_bytes())
    return content.hexdigest()[:16]
