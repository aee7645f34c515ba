"""The body of a graph's write: parsed under guard, as lines of N-Triples by graph."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Iterable, Mapping

from pyoxigraph import DefaultGraph, NamedNode, Quad, Triple

from atlas.errors import MalformedData, MalformedSource, UnsupportedMedia
from store import lines
from store.formats import BY_MEDIA_TYPE
from store.lines import Lines
from store.parsing.syntaxes import SYNTAXES, Syntax, quads_of
from store.writing.writes import GraphStep

NAME = "The body"
# Terms are large and lines are small: so many triples are terms at a time.
BATCH = 20_000

Body = Mapping[str, Lines]


def parse(step: GraphStep) -> Body:
    """What the body says of each graph, literals as they are written; "" is the default graph.

    Blank nodes get labels that nobody else has. A graph that is asked for is there even if empty.
    Raises MalformedData with the line, UnsupportedMedia for a syntax that is not read.
    """
    if step.body is None:
        return {}
    syntax = _syntax(step.media_type)
    content = step.body.read_bytes()
    # Two bodies never share a node, whatever the labels they use.
    prefix = f"w{secrets.token_hex(8)}"
    try:
        found = _by_graph(quads_of(NAME, content, syntax, base=step.base, prefix=prefix))
    except MalformedSource as error:
        raise MalformedData(str(error)).worded("refusal.body_wrong", words=str(error)) from error
    if step.graph is None:
        return found
    named = sorted(graph for graph in found if graph)
    if named:
        says = f"{NAME} says which graph its triples are in ({named[0]}), and the request names"
        if not step.graph:
            raise MalformedData(f"{says} the default graph; send one or the other.").worded(
                "refusal.body_graphs_default", named=named[0]
            )
        raise MalformedData(f"{says} {step.graph}; send one or the other.").worded(
            "refusal.body_graphs", named=named[0], graph=step.graph
        )
    return {step.graph: found.get("", lines.NOTHING)}


def _syntax(media_type: str) -> Syntax:
    row = BY_MEDIA_TYPE.get(media_type)
    if row is None or row.extension not in SYNTAXES:
        known = ", ".join(r.media_type for r in BY_MEDIA_TYPE.values() if r.extension in SYNTAXES)
        raise UnsupportedMedia(
            f"{media_type!r} is no RDF syntax read here; send one of: {known}."
        ).worded("refusal.body_unread", said=media_type, known=known)
    return SYNTAXES[row.extension]


def _by_graph(quads: Iterable[Quad]) -> dict[str, Lines]:
    waiting: dict[str, list[Triple]] = defaultdict(list)
    found: dict[str, set[bytes]] = defaultdict(set)
    for quad in quads:
        graph = _name(quad)
        triples = waiting[graph]
        triples.append(quad.triple)
        if len(triples) == BATCH:
            found[graph] |= lines.of(triples)
            triples.clear()
    for graph, triples in waiting.items():
        found[graph] |= lines.of(triples)
    return {graph: frozenset(held) for graph, held in found.items()}


def _name(quad: Quad) -> str:
    graph = quad.graph_name
    if isinstance(graph, NamedNode):
        return graph.value
    if graph == DefaultGraph():
        return ""
    raise MalformedData(
        f"{NAME} has a graph whose name is a blank node; name it with an IRI."
    ).worded("refusal.body_blank_graph")
