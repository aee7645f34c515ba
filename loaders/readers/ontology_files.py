"""The ontology's own Turtle files: trusted, small and many, so parsed in this process."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pyoxigraph import NamedNode, Quad, RdfFormat, Triple, parse

from atlas.errors import MalformedSource
from loaders.rows import Problems
from loaders.sources import Source
from store.parsing.files import read_bytes


def read_rows(source: Source, problems: Problems) -> Iterator[Triple]:
    """The triples of every file. Raises MalformedSource with the line for one that is broken."""
    for path in source.files:
        try:
            for quad in parse(read_bytes(path), format=RdfFormat.TURTLE, rename_blank_nodes=True):
                yield quad.triple
        except SyntaxError as error:
            raise MalformedSource(path, str(error.msg), line=error.lineno) from error


def to_quads(rows: Iterable[Triple], source: Source) -> Iterator[Quad]:
    """The triples in the source's graph."""
    graph = NamedNode(source.graph)
    for row in rows:
        yield Quad(row.subject, row.predicate, row.object, graph)
