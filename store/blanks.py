"""Blank nodes in a query's text: SPARQL has no way to write one down, so a function makes it.

``<urn:x-atlas:blank:b1>`` stands for the node _:b1 until ``<urn:x-atlas:blank>`` is applied to it.
"""

from __future__ import annotations

from pyoxigraph import BlankNode, NamedNode

from store.answers import Term

FUNCTION = "urn:x-atlas:blank"
STANDS_FOR = f"{FUNCTION}:"


def stand_in(node: BlankNode) -> NamedNode:
    """The IRI that stands for a blank node in a query's text."""
    return NamedNode(STANDS_FOR + node.value)


def blank(term: Term) -> Term | None:
    """The blank node that an IRI stands for; None, an error to SPARQL, for any other term."""
    if not isinstance(term, NamedNode) or not term.value.startswith(STANDS_FOR):
        return None
    return BlankNode(term.value.removeprefix(STANDS_FOR))


FUNCTIONS = {NamedNode(FUNCTION): blank}
