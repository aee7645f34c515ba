"""The class hierarchy: what the schema and the data say with rdfs:subClassOf, transitively."""

from __future__ import annotations

from collections import defaultdict
from copy import copy

import pyoxigraph as ox
import rdflib
from rdflib import RDFS
from rdflib.term import BNode, Node, URIRef

from shapes.terms import Engine, number, to_oxigraph, to_rdflib

SUBCLASS_OF = ox.NamedNode(str(RDFS.subClassOf))


class Hierarchy:
    """rdfs:subClassOf of schema and data together, which is what decides a SHACL instance.

    https://www.w3.org/TR/shacl/#terminology (SHACL subclass, SHACL instance)
    """

    def __init__(self, engine: Engine, schema: rdflib.Graph) -> None:
        self._engine = engine
        stored = {
            (to_rdflib(triple.subject), to_rdflib(triple.object))
            for triple in engine.match(None, SUBCLASS_OF, None)
        }
        declared = {
            (sub, sup)
            for sub, sup in schema.subject_objects(RDFS.subClassOf)
            if isinstance(sub, URIRef) and isinstance(sup, URIRef)
        }
        self.links = frozenset(stored | declared)
        self._below: dict[Node, set[Node]] = defaultdict(set)
        for sub, sup in self.links:
            self._below[sup].add(sub)
        self.missing = frozenset(declared - stored)
        """What the schema says and the data do not: the judge must be told."""

    @property
    def stored(self) -> bool:
        """Whether a query over rdfs:subClassOf sees the whole hierarchy."""
        return not self.missing

    def subclasses(self, cls: Node) -> list[URIRef]:
        """The class and all below it, in a stable order.

        Raises ValueError where a class below has no IRI, which no query could name.
        """
        found: set[Node] = set()
        waiting = [cls]
        while waiting:
            current = waiting.pop()
            if current not in found:
                found.add(current)
                waiting.extend(self._below.get(current, ()))
        if any(isinstance(name, BNode) for name in found):
            raise ValueError(f"A class below {cls} has no IRI.")
        return [URIRef(name) for name in sorted(map(str, found), key=lambda n: (n != str(cls), n))]

    def by_itself(self) -> Hierarchy:
        """The same classes without the engine, of whose data it can then say nothing."""
        alone = copy(self)
        del alone._engine
        return alone

    def is_materialised(self, cls: URIRef) -> bool:
        """Whether the data say of every instance of the class that it is one, subclasses' too."""
        names = " ".join(str(to_oxigraph(name)) for name in self.subclasses(cls))
        below = f"SELECT (COUNT(DISTINCT ?s) AS ?n) {{ VALUES ?c {{ {names} }} ?s a ?c }}"
        direct = f"SELECT (COUNT(*) AS ?n) {{ ?s a {to_oxigraph(cls)} }}"
        return self._count(below) == self._count(direct)

    def _count(self, query: str) -> int:
        return number(next(iter(self._engine.solutions(query)))["n"])
