"""Things that only graphs apart speak of: sources kept out of the default graph by their licence.

They have a document like any other thing, which names the graphs and their licences.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pyoxigraph import NamedNode, Triple

from atlas.namespaces import DCTERMS, PROV
from endpoint.documents.things import Said
from endpoint.view import View
from endpoint.web.thing.said import MOST

LICENSE = NamedNode(f"{DCTERMS}license")
DERIVED = NamedNode(f"{PROV}wasDerivedFrom")


@dataclass(frozen=True)
class Apart(Said):
    """What graphs apart say of a thing, with the graphs and the licence of each, "" if none."""

    graphs: tuple[tuple[str, str], ...] = ()

    def origin(self, document: NamedNode) -> Iterator[Triple]:
        """That the document comes from these graphs, and under which licences."""
        for graph, licence in self.graphs:
            yield Triple(document, DERIVED, NamedNode(graph))
            if licence.startswith(("https://", "http://")):
                yield Triple(document, LICENSE, NamedNode(licence))


def is_apart(view: View, thing: NamedNode) -> bool:
    """Whether a graph apart says something of the thing."""
    return bool(view.ask("thing_graphs", thing=thing.value))


def apart(view: View, thing: NamedNode) -> Apart | None:
    """What the graphs apart say of a thing, None where they say nothing."""
    graphs = tuple(
        (row.text("graph"), row.text("licence"))
        for row in view.ask("thing_graphs", thing=thing.value)
    )
    if not graphs:
        return None
    triples = view.triples("thing_apart", thing=thing.value)
    outgoing = tuple(triple for triple in triples if triple.subject == thing)
    incoming = tuple(triple for triple in triples if triple.subject != thing)
    cut = len(triples) >= MOST
    return Apart(thing, outgoing, incoming, cut, cut, graphs)
