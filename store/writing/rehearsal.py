"""The steps of one write, run on a clone of what is served, and what they changed there.

Each graph that a step may touch is known before it runs: it is checked against what the write may
touch, and what it holds is kept, so that the difference shows afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyoxigraph
from pyoxigraph import BlankNode, NamedNode

from atlas.errors import Conflict, Forbidden
from store import disk, lines
from store.engine import LocalEngine, translated
from store.lines import NOTHING, Lines
from store.merge import graph as graph_name
from store.writing.bodies import Body
from store.writing.permission import Permission
from store.writing.writes import GraphStep, UpdateStep

# What the engine says of a graph that is not as the operation needs it.
# https://www.w3.org/TR/sparql11-update/#graphManagement
NOT_AS_NEEDED = re.compile(r"The graph .* (does not exist|already exists)$")

BULK = 50_000


@dataclass(frozen=True)
class State:
    """What a graph holds: ``stored`` as the engine has it, ``written`` with literals as written."""

    exists: bool
    stored: Lines = NOTHING
    written: Lines = NOTHING

    @classmethod
    def of(cls, stored: Lines, written: Lines) -> State:
        """Of a graph that exists; one object where both are the same, as they mostly are."""
        return cls(True, stored, stored if written == stored else written)

    @property
    def is_as_written(self) -> bool:
        return self.written is self.stored


@dataclass(frozen=True)
class Change:
    """One graph before and after the steps."""

    graph: str
    before: State
    after: State

    @property
    def added(self) -> Lines:
        return self.after.stored - self.before.stored

    @property
    def removed(self) -> Lines:
        return self.before.stored - self.after.stored

    @property
    def created(self) -> bool:
        return self.after.exists and not self.before.exists


class Rehearsal:
    """A clone, and the states of the graphs that were touched there."""

    def __init__(
        self,
        store: pyoxigraph.Store,
        permission: Permission,
        written: Mapping[str, Lines],
        home: Path,
    ) -> None:
        """``written``: the graphs whose file holds literals that the engine changed, whole."""
        self.store, self.permission, self.written, self.home = store, permission, written, home
        self.before: dict[str, State] = {}
        self.now: dict[str, State] = {}
        self.missing = False

    def changes(self) -> list[Change]:
        """The graphs that are not as they were."""
        changes = [Change(graph, self.before[graph], after) for graph, after in self.now.items()]
        return [change for change in changes if change.before != change.after]

    def update(self, step: UpdateStep) -> None:
        """Run one operation of SPARQL Update.

        Raises Forbidden, Conflict, MalformedQuery or EngineFault.
        """
        hidden = self._illustrative(step)
        with self._hidden(hidden):
            touched = self._touched(step)
            for graph in touched:
                if graph in hidden:
                    raise Forbidden(
                        f"{graph} is illustrative; name it in the request to use it."
                    ).worded("refusal.graph_illustrative", graph=graph)
                self._touch(graph)
            with self._words():
                self.store.update(step.held_to(touched))
        for graph in touched:
            self.now[graph] = self._updated(graph)

    def write(self, step: GraphStep, body: Body) -> None:
        """Replace, extend or drop graphs. Raises Forbidden."""
        if step.kind == "drop":
            assert step.graph is not None, "a drop names its graph"
            return self._drop(step.graph)
        for graph, said in body.items():
            before = self._touch(graph)
            with self._words():
                if step.kind == "replace":
                    self.store.clear_graph(graph_name(graph))
                if graph:
                    self.store.add_graph(graph_name(graph))
                # A bulk load writes files of its own, which so few triples are not worth.
                extend = self.store.extend if len(said) < BULK else self.store.bulk_extend
                extend(lines.quads(said, graph))
            kept = NOTHING if step.kind == "replace" else before.written
            self.now[graph] = State.of(lines.held(self.store, graph), said | kept)

    def _drop(self, graph: str) -> None:
        state = self._touch(graph)
        self.missing = self.missing or not state.exists
        with self._words():
            self.store.clear_graph(graph_name(graph))
            if graph:
                self.store.remove_graph(NamedNode(graph))
        self.now[graph] = State(exists=not graph)

    def _touched(self, step: UpdateStep) -> list[str]:
        """Every graph that the step may change, each once."""
        graphs = list(step.graphs)
        if step.selection is not None:
            graphs += self._selected(step.selection, step.selection_graph)
        if step.every_graph:
            graphs += [name.value for name in self.store.named_graphs()]
        return list(dict.fromkeys(graphs))

    def _selected(self, selection: str, default_graph: str | None) -> Iterator[str]:
        default = () if default_graph is None else (default_graph,)
        for solution in LocalEngine(store=self.store).solutions(selection, default_graphs=default):
            for term in solution.values():
                if isinstance(term, NamedNode):
                    yield term.value
                elif isinstance(term, BlankNode):
                    raise Forbidden(
                        "The name of a graph that is written to must be an IRI."
                    ).worded("refusal.graph_iri")

    def _touch(self, graph: str) -> State:
        """Keep what the graph holds, once it is known that it may be written."""
        if graph not in self.now:
            exists = not graph or self.store.contains_named_graph(NamedNode(graph))
            self.permission.check(graph, exists=exists)
            stored = lines.held(self.store, graph) if exists else NOTHING
            written = self.written.get(graph, stored)
            state = State.of(stored, written) if exists else State(exists=False)
            self.before[graph] = self.now[graph] = state
        return self.now[graph]

    def _updated(self, graph: str) -> State:
        """The state after an update: what it left is as it was written, what it added as stored."""
        before = self.now[graph]
        if graph and not self.store.contains_named_graph(NamedNode(graph)):
            return State(exists=False)
        stored = lines.held(self.store, graph)
        if before.is_as_written:
            return State.of(stored, stored)
        forms = lines.as_stored(before.written)
        left = {line for line in before.written if forms.get(line, line) in stored}
        return State.of(stored, frozenset(left | (stored - before.stored)))

    def _illustrative(self, step: UpdateStep) -> list[str]:
        """The illustrative graphs that a variable must not reach: all that are not named."""
        if not step.reads_graphs:
            return []
        entries: Iterable[Mapping[str, Any]] = self.permission.record.get("graphs", ())
        return [
            entry["graph"]
            for entry in entries
            if entry["publish"] == "illustrative" and entry["graph"] not in step.names
        ]

    @contextmanager
    def _hidden(self, graphs: list[str]) -> Iterator[None]:
        """Take these graphs out of the clone for a while."""
        held = {graph: lines.held(self.store, graph) for graph in graphs}
        for graph in graphs:
            self.store.remove_graph(NamedNode(graph))
        yield
        for graph, content in held.items():
            self.store.add_graph(NamedNode(graph))
            self.store.extend(lines.quads(content, graph))

    @contextmanager
    def _words(self) -> Iterator[None]:
        """The engine's errors as ours, a full disk told apart."""
        with translated():
            try:
                yield
            except OSError as error:
                if disk.is_full(error):
                    raise disk.unusable(self.home, error) from error
                raise
            except RuntimeError as error:
                if NOT_AS_NEEDED.search(str(error)):
                    raise Conflict(f"{error}; add SILENT to pass over that.").worded(
                        "refusal.conflict", words=str(error)
                    ) from error
                raise
