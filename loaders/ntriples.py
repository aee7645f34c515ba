"""Writes the quads of one source as N-Triples, and apart those that the engine would change.

Oxigraph keeps numbers, dates and booleans as values: it gives ``"01"^^xsd:integer`` back as ``"1"``
and every derived integer type as ``xsd:integer``. Validation must judge the literal as written, so
each triple whose literal may come back changed is written a second time into its own file.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import BlankNode, Literal, Quad, RdfFormat, Triple, serialize

from store.parsing.literals import may_change


@dataclass(frozen=True)
class Written:
    """How many quads a source gave, how many triples they are, how many of them may change."""

    quads: int
    triples: int
    rewritten: int


def write(quads: Iterable[Quad], path: Path, rewritten: Path, *, name: str) -> Written:
    """Write the triples to ``path`` and those that may change to ``rewritten``, each file at once.

    Labels of blank nodes take the source's name in, so that two sources never share a node.
    """
    triples = Triples(quads, name)
    with whole(path) as temporary:
        serialize(iter(triples), str(temporary), format=RdfFormat.N_TRIPLES)
    with whole(rewritten) as temporary:
        serialize(triples.changed, str(temporary), format=RdfFormat.N_TRIPLES)
    return Written(triples.count, len(triples.seen), len(triples.changed))


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A temporary file beside ``path`` that takes its place once it is written and on the disk."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        yield temporary
        with temporary.open("rb") as stream:
            os.fsync(stream.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


class Triples:
    """The quads as triples, counted; those that may change are kept aside while they pass."""

    def __init__(self, quads: Iterable[Quad], name: str) -> None:
        self.quads, self.prefix = quads, re.sub(r"\W", "_", name)
        self.count = 0
        # Hashes of 64 bits: among a million triples, two that fall together are a wonder.
        self.seen: set[int] = set()
        self.changed: list[Triple] = []
        self.judged: dict[Literal, bool] = {}

    def __iter__(self) -> Iterator[Triple]:
        judged, see = self.judged, self.seen.add
        for quad in self.quads:
            self.count += 1
            triple, value = quad.triple, quad.object
            if isinstance(value, BlankNode | Triple) or isinstance(quad.subject, BlankNode):
                triple = self.renamed(triple)
            if isinstance(value, Literal) and value.language is None:
                changes = judged.get(value)
                if changes is None:
                    changes = judged[value] = may_change(value)
                if changes:
                    self.changed.append(triple)
            see(hash(triple))
            yield triple

    def renamed(self, triple: Triple) -> Triple:
        subject, value = triple.subject, triple.object
        if isinstance(subject, BlankNode):
            subject = BlankNode(f"{self.prefix}_{subject.value}")
        if isinstance(value, BlankNode):
            value = BlankNode(f"{self.prefix}_{value.value}")
        elif isinstance(value, Triple):
            value = self.renamed(value)
        return Triple(subject, triple.predicate, value)
