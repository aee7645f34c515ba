"""The RDF syntaxes that are read, as one table, and the quads of a file in one of them."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyoxigraph import BlankNode, DefaultGraph, Quad, RdfFormat, parse

from atlas.errors import MalformedSource
from store.parsing import guards
from store.parsing.renaming import MAXIMUM_TRIPLE_DEPTH, Renaming

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
    names = Renaming(lambda number: BlankNode(f"{prefix}_{number}"), lambda: too_deep(path))
    try:
        quads = parse(source, format=syntax.format, base_iri=base or None)
        for quad in quads:
            if syntax.format == RdfFormat.N3 and quad.graph_name != DefaultGraph():
                raise MalformedSource(path, "holds N3 formulae, which are no RDF; write Turtle.")
            yield names.quad(quad)
    except SyntaxError as error:
        line = error.lineno or (lines.delivered if syntax.by_line else None)
        reason = f"is not {syntax.format.name}: {PLACE.sub('', error.msg)}."
        raise MalformedSource(path, reason, line=line) from error


def too_deep(path: Path | str) -> MalformedSource:
    reason = f"has triples about triples more than {MAXIMUM_TRIPLE_DEPTH} deep."
    return MalformedSource(path, reason)


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
