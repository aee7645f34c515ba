"""Reads the quads of an update: the graphs that a template or a block of data names.

https://www.w3.org/TR/sparql11-query/#rQuads. Within these braces another brace opens a GRAPH block
or an annotation, nothing else: what a write reaches is known from its text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from endpoint.reading.cursor import Cursor

CLOSING = {"{": "}", "[": "]", "(": ")", "<<": ">>"}
PUNCTUATION = frozenset(".,;~")


@dataclass
class Quads:
    """What one block names: graphs, variables in the place of graphs, blank nodes.

    ``default``: triples stand outside of its GRAPH blocks. ``depth``: how far its brackets nest.
    """

    graphs: list[str] = field(default_factory=list)
    variables: list[str] = field(default_factory=list)
    labels: set[str] = field(default_factory=set)
    default: bool = False
    depth: int = 0


def read_quads(cursor: Cursor) -> Quads:
    """Take a block, its braces included. Raises MalformedQuery for what is not such a block."""
    quads = Quads()
    cursor.open()
    awaited = ["}"]  # what closes each bracket that is open
    inside = 0  # how many were open when the GRAPH block was
    while awaited:
        kind, text, _ = cursor.token
        if kind == "open":
            if text == "{" and cursor.follower != "|":
                raise cursor.malformed("expected GRAPH and its name before a brace")
            cursor.take()
            awaited.append(CLOSING[text])
        elif kind == "close":
            if text != awaited[-1]:
                raise cursor.malformed(f"expected {awaited[-1]}")
            cursor.take()
            awaited.pop()
            inside = 0 if len(awaited) < inside else inside
            continue
        elif kind == "mark":
            if text not in PUNCTUATION:
                raise cursor.malformed("expected a term")
            cursor.take()
            continue
        elif kind == "word" and len(awaited) == 1 and text.upper() == "GRAPH":
            cursor.take()
            read_name(cursor, quads)
            cursor.open()
            awaited.append("}")
            inside = len(awaited)
        else:
            cursor.take()
            if kind == "blank":
                quads.labels.add(text)
        quads.default |= not inside
        quads.depth = max(quads.depth, len(awaited))
    return quads


def read_name(cursor: Cursor, quads: Quads) -> None:
    """Take the name of a GRAPH block."""
    if cursor.token.kind == "variable":
        quads.variables.append(f"?{cursor.take().text[1:]}")
    else:
        quads.graphs.append(cursor.iri())


def targets(templates: Sequence[Quads], own: str) -> tuple[str, ...]:
    """The graphs that templates name; ``own``: the one that triples outside of GRAPH go to."""
    graphs = [graph for quads in templates for graph in quads.graphs]
    graphs += [own for quads in templates if quads.default]
    return tuple(dict.fromkeys(graphs))
