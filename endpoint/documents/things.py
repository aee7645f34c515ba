"""What the default graph says of one thing: its own statements, and those that point at it.

Both are bounded: a country is pointed at by every commune. What was cut is told.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from pyoxigraph import NamedNode, RdfFormat, Triple, parse

from endpoint.catalogue import Queries
from store import Operation

MOST_OUTGOING = 2_000
MOST_INCOMING = 500
N_TRIPLES = "application/n-triples"


@dataclass(frozen=True)
class Said:
    """The statements about a thing and the statements that name it; whether each was cut short."""

    thing: NamedNode
    outgoing: tuple[Triple, ...]
    incoming: tuple[Triple, ...]
    outgoing_cut: bool = False
    incoming_cut: bool = False

    def triples(self) -> Iterator[Triple]:
        """All of them, each once."""
        yield from dict.fromkeys((*self.outgoing, *self.incoming))


def said_of(engine: Queries, thing: NamedNode) -> Said | None:
    """What is said of a thing, None where nothing is.

    The blank nodes that its statements lead to are described with it: the engine's DESCRIBE is a
    concise bounded description. https://www.w3.org/submissions/CBD/
    """
    outgoing, outgoing_cut = triples(engine, f"DESCRIBE {thing}", MOST_OUTGOING)
    incoming, incoming_cut = triples(
        engine,
        f"CONSTRUCT {{ ?thing ?points {thing} }} WHERE {{ ?thing ?points {thing} }} "
        f"LIMIT {MOST_INCOMING + 1}",
        MOST_INCOMING,
    )
    if not outgoing and not incoming:
        return None
    return Said(thing, outgoing, incoming, outgoing_cut, incoming_cut)


def is_known(engine: Queries, thing: NamedNode) -> bool:
    """Whether anything is said of a thing."""
    found, _ = triples(
        engine,
        f"CONSTRUCT WHERE {{ {thing} ?property ?value }} LIMIT 1",
        1,
    )
    if not found:
        found, _ = triples(engine, f"CONSTRUCT WHERE {{ ?thing ?points {thing} }} LIMIT 1", 1)
    return bool(found)


def triples(engine: Queries, text: str, most: int) -> tuple[tuple[Triple, ...], bool]:
    """The first triples of a query's answer, and whether there are more."""
    answer = engine.query(Operation(text), N_TRIPLES)
    try:
        with answer.open() as content:
            quads = islice(parse(content, format=RdfFormat.N_TRIPLES), most + 1)
            found = tuple(quad.triple for quad in quads)
    finally:
        answer.close()
    return found[:most], len(found) > most
