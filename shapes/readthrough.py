"""A read-only rdflib store over an engine: what is judged is read where it lies."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import Any

import pyoxigraph as ox
import rdflib
from rdflib import RDFS
from rdflib.store import Store
from rdflib.term import Node, URIRef

from shapes.hierarchy import Hierarchy
from shapes.terms import Engine, stored, stored_forms, to_oxigraph, to_rdflib

Pattern = tuple[Node | None, Node | None, Node | None]
Key = tuple[Node, Node, Node]


class ReadThrough(Store):
    """The engine's triples, with the literals that it changed as they were written.

    The schema's rdfs:subClassOf is there as well, whether the engine holds it or not.
    """

    def __init__(
        self, engine: Engine, hierarchy: Hierarchy, rewritten: Collection[ox.Triple] = ()
    ) -> None:
        self._prefixes: dict[str, URIRef] = {}
        super().__init__()
        self._engine = engine
        self._hierarchy = hierarchy
        self._written: dict[Key, list[Node]] = defaultdict(list)
        literals = (t.object for t in rewritten if isinstance(t.object, ox.Literal))
        changed = stored_forms(engine, literals)
        for triple in rewritten:
            subject, predicate = to_rdflib(triple.subject), to_rdflib(triple.predicate)
            form = to_rdflib(stored(triple.object, changed))
            self._written[subject, predicate, form].append(to_rdflib(triple.object))

    def __len__(self, context: Any = None) -> int:
        # rdflib and pySHACL ask for it and do nothing with the number; counting takes seconds.
        return 1

    def triples(
        self, triple_pattern: Pattern, context: Any = None
    ) -> Iterator[tuple[Key, Iterator[Any]]]:
        for triple in self._matches(triple_pattern):
            yield triple, iter(())

    def _matches(self, pattern: Pattern) -> Iterator[Key]:
        subject, predicate, wanted = pattern
        if isinstance(subject, rdflib.Literal) or not isinstance(predicate, URIRef | None):
            return
        name = None if predicate is None else ox.NamedNode(str(predicate))
        start, end = (None if term is None else to_oxigraph(term) for term in (subject, wanted))
        for triple in self._engine.match(start, name, end):
            found = to_rdflib(triple.subject), to_rdflib(triple.predicate)
            form = to_rdflib(triple.object)
            for written in self._written.get((*found, form), [form]):
                # The engine takes "01" and "1" for the same; who asks for one wants that one.
                if wanted is None or wanted == written:
                    yield (*found, written)
        if predicate in (None, RDFS.subClassOf):
            yield from self._missing(subject, wanted)

    def _missing(self, subject: Node | None, wanted: Node | None) -> Iterator[Key]:
        for sub, sup in self._hierarchy.missing:
            if subject in (None, sub) and wanted in (None, sup):
                yield sub, RDFS.subClassOf, sup

    # Prefixes are only for messages, and a graph expects its store to keep them.
    def bind(self, prefix: str, namespace: URIRef, override: bool = True) -> None:
        self._prefixes[prefix] = namespace

    def namespace(self, prefix: str) -> URIRef | None:
        return self._prefixes.get(prefix)

    def prefix(self, namespace: URIRef) -> str | None:
        return next((p for p, n in self._prefixes.items() if n == namespace), None)

    def namespaces(self) -> Iterator[tuple[str, URIRef]]:
        yield from list(self._prefixes.items())
