"""What may be asked of a writer, and what it says it did."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

# The stages of a write, as the process that makes it tells them.
PARSING, WAITING, REHEARSING, PUBLISHING = b"parsing", b"waiting", b"rehearsing", b"publishing"

# Nothing is ever stored under this name.
NO_GRAPH = "urn:x-atlas:no-graph"


@dataclass(frozen=True)
class UpdateStep:
    """One operation of a SPARQL Update request, runnable by itself on the engine.

    ``text``: prologue and operation, the protocol's graphs already woven in. ``graphs``: what its
    templates or its management clause name, "" is the default graph. ``selection``: a query whose
    solutions are the graph variables of its templates. ``every_graph``: it touches every named
    graph. ``reads_graphs``: it looks through graphs by a variable. ``names``: all IRIs in the text.
    ``selection_graph``: the default graph that the selection runs over (WITH), while GRAPH reaches
    every graph as ever; None: the store's own. The selection runs before the operation, always:
    where it has no variables it only proves to the engine that WHERE is one group and no more.
    ``variables``: those of templates in the place of a graph; ``where``: where in the text its
    last part, the group of WHERE, begins.

    https://www.w3.org/TR/sparql11-update/#updateLanguage
    """

    text: str
    graphs: tuple[str, ...]
    selection: str | None = None
    every_graph: bool = False
    reads_graphs: bool = False
    names: frozenset[str] = frozenset()
    selection_graph: str | None = None
    variables: tuple[str, ...] = ()
    where: int = 0

    def held_to(self, graphs: Iterable[str]) -> str:
        """The text, its graph variables held to these graphs.

        What the selection found is not all that the operation could find: RAND, UUID, NOW and a
        LIMIT without ORDER BY may give another graph each time.
        """
        if not self.variables:
            return self.text
        # To the engine IN () is an error, not false: the list always has a name that is no graph's.
        names = ", ".join(f"<{graph}>" for graph in (NO_GRAPH, *graphs) if graph)
        # What is no IRI names no graph, and its triples are left out; a blank node would name one.
        held = " ".join(
            f"FILTER (COALESCE(isLITERAL({name}) || {name} IN ({names}), true))"
            for name in self.variables
        )
        return f"{self.text[: self.where]}{{ {self.text[self.where :]}\n{held} }}"


@dataclass(frozen=True)
class GraphStep:
    """One write of the Graph Store Protocol: "replace" (PUT), "merge" (POST), "drop" (DELETE).

    ``graph``: an IRI, "" for the default graph, None for the graphs that the body, a dataset,
    names. ``body``: the spooled body, None for a drop. ``base``: its base IRI.

    https://www.w3.org/TR/sparql11-http-rdf-update/
    """

    graph: str | None
    kind: str
    body: Path | None = None
    media_type: str = ""
    base: str = ""


@dataclass(frozen=True)
class Write:
    """Steps that succeed together or not at all, and on whose behalf.

    ``graphs``: what may be written, IRIs or prefixes ending in "*"; None: every graph.
    ``publish``: how graphs that are new are published: default, named or illustrative.
    ``if_generation``: one of these must be the one served; None: no condition. ``if_exists``:
    whether each graph that a step of the graph store names must be there; None: no condition.
    """

    steps: tuple[UpdateStep | GraphStep, ...]
    by: str
    graphs: tuple[str, ...] | None
    publish: str = "default"
    if_generation: tuple[int, ...] | None = None
    if_exists: bool | None = None


@dataclass(frozen=True)
class Written:
    """What a write did. ``missing``: it dropped a graph that was not there."""

    generation: int
    created: tuple[str, ...]
    added: int
    removed: int
    missing: bool = False
