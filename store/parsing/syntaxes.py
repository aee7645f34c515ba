"""The RDF syntaxes that are read, as one table, and the quads of a file in one of them."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyoxigraph import BlankNode, DefaultGraph, Quad, RdfFormat, Triple, parse

from atlas.errors import MalformedSource
from store.parsing import guards

# RDF 1.2 lets triples be about triples; a reader that recurses must not meet an abyss.
MAXIMUM_TRIPLE_DEPTH = 8
# The line is told with the file.
PLACE = re.compile(r"^Parser error at line \d+ (?=column|between)")


@dataclass(frozen=True)
class Syntax:
    """An RDF syntax: how the engine names it, and what its files must not hold.

    ``by_line``: the parser's errors have no line, so it is fed line by line and stops at the fault.
    """

    format: RdfFormat
    guard: Callable[[Path | str, bytes], bytes] = guards.text_syntax
    by_line: bool = False


# By extension: https://www.w3.org/TR/rdf11-new/#section-serializations and each syntax's own.
SYNTAXES = {
    "ttl": Syntax(RdfFormat.TURTLE),
    "nt": Syntax(RdfFormat.N_TRIPLES),
    "nq": Syntax(RdfFormat.N_QUADS),
    "trig": Syntax(RdfFormat.TRIG),
    "n3": Syntax(RdfFormat.N3),
    "rdf": Syntax(RdfFormat.RDF_XML, guards.rdf_xml, by_line=True),
    "owl": Syntax(RdfFormat.RDF_XML, guards.rdf_xml, by_line=True),
    "xml": Syntax(RdfFormat.RDF_XML, guards.rdf_xml, by_line=True),
    "jsonld": Syntax(RdfFormat.JSON_LD, guards.json_ld, by_line=True),
    "json": Syntax(RdfFormat.JSON_LD, guards.json_ld, by_line=True),
}


def quads_of(
    path: Path | str, content: bytes, syntax: Syntax, *, base: str, prefix: str
) -> Iterator[Quad]:
    """The quads of the file, its blank nodes named by their order after ``prefix``.

    Raises MalformedSource with the line for a file that is not what its syntax says.
    """
    content = syntax.guard(path, content)
    lines = LineByLine(content)
    source: Any = lines if syntax.by_line else content
    names = Names(path, prefix)
    try:
        quads = parse(source, format=syntax.format, base_iri=base or None)
        for quad in quads:
            if syntax.format == RdfFormat.N3 and quad.graph_name != DefaultGraph():
                raise MalformedSource(path, "holds N3 formulae, which are no RDF; write Turtle.")
            yield names.renamed(quad)
    except SyntaxError as error:
        line = error.lineno or (lines.delivered if syntax.by_line else None)
        reason = f"is not {syntax.format.name}: {PLACE.sub('', error.msg)}."
        raise MalformedSource(path, reason, line=line) from error


class LineByLine(io.RawIOBase):
    """Gives one line at a time: a parser that stops has been given no line after the fault."""

    def __init__(self, content: bytes) -> None:
        self.lines = io.BytesIO(content)
        self.delivered = 0
        self.left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self.left:
            self.left = self.lines.readline()
            self.delivered += bool(self.left)
        given, self.left = self.left[: len(buffer)], self.left[len(buffer) :]
        buffer[: len(given)] = given
        return len(given)


class Names:
    """Names blank nodes by a prefix and their order: no two prefixes share a node."""

    def __init__(self, path: Path | str, prefix: str) -> None:
        self.path, self.prefix = path, prefix
        self.nodes: dict[str, BlankNode] = {}

    def renamed(self, quad: Quad) -> Quad:
        triple, graph = quad.triple, quad.graph_name
        has_nodes = isinstance(triple.object, BlankNode | Triple)
        if has_nodes or isinstance(triple.subject, BlankNode):
            triple = self._triple(triple, 1)
        elif not isinstance(graph, BlankNode):
            return quad
        if isinstance(graph, BlankNode):
            graph = self._node(graph)
        return Quad(triple.subject, triple.predicate, triple.object, graph)

    def _triple(self, triple: Triple, depth: int) -> Triple:
        if depth > MAXIMUM_TRIPLE_DEPTH:
            reason = f"has triples about triples more than {MAXIMUM_TRIPLE_DEPTH} deep."
            raise MalformedSource(self.path, reason)
        subject, value = triple.subject, triple.object
        if isinstance(subject, BlankNode):
            subject = self._node(subject)
        if isinstance(value, BlankNode):
            value = self._node(value)
        elif isinstance(value, Triple):
            value = self._triple(value, depth + 1)
        return Triple(subject, triple.predicate, value)

    def _node(self, node: BlankNode) -> BlankNode:
        known = self.nodes.get(node.value)
        if known is None:
            known = self.nodes[node.value] = BlankNode(f"{self.prefix}_{len(self.nodes)}")
        return known
