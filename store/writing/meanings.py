"""What a write may not say: that a class of the atlas lies below another one.

The rules read axioms of the ontology and the alignments alone, but SHACL takes rdfs:subClassOf from
all of the data (https://www.w3.org/TR/shacl/#terminology): in one partner's graph it would have
everybody's things of that class judged as what they are not. Below ours each may put his own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

import pyoxigraph
from pyoxigraph import NamedNode, Quad

from atlas.errors import Forbidden
from atlas.namespaces import ATLAS
from store import lines
from store.rules.axioms import SUB_CLASS
from store.writing.rehearsal import Change

OURS, BELOW = f"<{ATLAS}".encode(), f" {SUB_CLASS} ".encode()


def refuse_foreign(
    changes: Iterable[Change], store: pyoxigraph.Store, schema: Collection[str]
) -> None:
    """Raises Forbidden where a graph says so of our class and no graph of ``schema`` does."""
    for change in changes:
        likely = [line for line in change.added if line.startswith(OURS) and BELOW in line]
        for triple in lines.triples(likely):
            known = (
                Quad(triple.subject, triple.predicate, triple.object, NamedNode(graph)) in store
                for graph in schema
            )
            if triple.predicate == SUB_CLASS and not any(known):
                raise Forbidden(
                    f"{change.graph} says that {triple.subject} is a subclass of {triple.object}; "
                    "what the classes of the atlas mean is for its ontology to say. Use a class of "
                    "your own."
                ).worded(
                    "refusal.class_foreign",
                    graph=change.graph,
                    below=str(triple.subject),
                    above=str(triple.object),
                )
