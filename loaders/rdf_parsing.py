"""Parses one RDF file in a process of its own: whatever the file does to the parser, it does there.

``python -P -m loaders.rdf_parsing FILE EXTENSION BASE NUMBER OUTPUT`` writes the file's triples as
N-Triples, or says on its standard output, as JSON, what is wrong with the file.
"""

from __future__ import annotations

import errno
import io
import json
import re
import resource
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyoxigraph import BlankNode, DefaultGraph, Quad, RdfFormat, Triple, parse, serialize

from atlas.errors import MalformedSource
from loaders import rdf_guards
from loaders.rows import read_bytes
from store.confine import deny_network

MEMORY_BYTES = 1024**3
OUTPUT_BYTES = 1024**3
# Real files take a tenth of this.
CPU_SECONDS, CPU_SECONDS_PER_MIB = 10, 1
# RDF 1.2 lets triples be about triples; a reader that recurses must not meet an abyss.
MAXIMUM_TRIPLE_DEPTH = 8
# The engine's OSError has no errno, only its text.
TOO_LARGE = f"(os error {errno.EFBIG})"
# The line is told with the file.
PLACE = re.compile(r"^Parser error at line \d+ (?=column|between)")


@dataclass(frozen=True)
class Syntax:
    """An RDF syntax: how the engine names it, and what its files must not hold.

    ``by_line``: the parser's errors have no line, so it is fed line by line and stops at the fault.
    """

    format: RdfFormat
    guard: Callable[[Path, bytes], bytes] = rdf_guards.text_syntax
    by_line: bool = False


# By extension: https://www.w3.org/TR/rdf11-new/#section-serializations and each syntax's own.
SYNTAXES = {
    "ttl": Syntax(RdfFormat.TURTLE),
    "nt": Syntax(RdfFormat.N_TRIPLES),
    "nq": Syntax(RdfFormat.N_QUADS),
    "trig": Syntax(RdfFormat.TRIG),
    "n3": Syntax(RdfFormat.N3),
    "rdf": Syntax(RdfFormat.RDF_XML, rdf_guards.rdf_xml, by_line=True),
    "owl": Syntax(RdfFormat.RDF_XML, rdf_guards.rdf_xml, by_line=True),
    "xml": Syntax(RdfFormat.RDF_XML, rdf_guards.rdf_xml, by_line=True),
    "jsonld": Syntax(RdfFormat.JSON_LD, rdf_guards.json_ld, by_line=True),
    "json": Syntax(RdfFormat.JSON_LD, rdf_guards.json_ld, by_line=True),
}


def main() -> None:
    path, extension, base, number, output = sys.argv[1:]
    confine()
    try:
        content = read_bytes(Path(path))
        limit_time(content)
        syntax = SYNTAXES[extension]
        triples = triples_of(Path(path), content, syntax, base=base, number=int(number))
        serialize(triples, output, format=RdfFormat.N_TRIPLES)
    except MalformedSource as error:
        refuse(error.reason, error.line)
    except MemoryError as error:
        said = str(error) or f"more than {MEMORY_BYTES // 2**20} MiB"
        refuse(f"needs too much memory to be parsed ({said}); split it, or shorten its literals.")
    except OSError as error:
        if TOO_LARGE not in str(error):
            raise
        refuse(f"makes more than {OUTPUT_BYTES // 2**20} MiB of triples; split it.")


def confine() -> None:
    """Bound what this process may use, for good."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (OUTPUT_BYTES, OUTPUT_BYTES))
    # No parser of the engine calls out today; where the system can, none ever will.
    deny_network()


def limit_time(content: bytes) -> None:
    """Past this much of the processor's time the system ends this process."""
    seconds = CPU_SECONDS + CPU_SECONDS_PER_MIB * len(content) // 2**20
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))


def refuse(reason: str, line: int | None = None) -> None:
    print(json.dumps({"reason": reason, "line": line}))


def triples_of(
    path: Path, content: bytes, syntax: Syntax, *, base: str, number: int
) -> Iterator[Triple]:
    """The triples of all the file's graphs, blank nodes named after the file's number.

    Raises MalformedSource with the line for a file that is not what its syntax says.
    """
    content = syntax.guard(path, content)
    lines = LineByLine(content)
    source: Any = lines if syntax.by_line else content
    names = Names(path, number)
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
    """Names blank nodes by file and order: files share none, and every build gives the same."""

    def __init__(self, path: Path, number: int) -> None:
        self.path, self.number = path, number
        self.nodes: dict[str, BlankNode] = {}

    def renamed(self, quad: Quad) -> Triple:
        triple = quad.triple
        if isinstance(triple.object, BlankNode | Triple) or isinstance(triple.subject, BlankNode):
            return self._triple(triple, 1)
        return triple

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
            known = self.nodes[node.value] = BlankNode(f"f{self.number}_{len(self.nodes)}")
        return known


if __name__ == "__main__":
    main()
