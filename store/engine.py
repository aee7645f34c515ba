"""An engine answers operations. ``LocalEngine`` does so in this process, over pyoxigraph."""

from __future__ import annotations

import errno
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol, TypeVar

import pyoxigraph
from pyoxigraph import (
    DefaultGraph,
    NamedNode,
    QueryBoolean,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Triple,
    Variable,
)

from atlas.errors import (
    AtlasError,
    EngineFault,
    Forbidden,
    InstanceError,
    MalformedQuery,
    MalformedSource,
    NotAcceptable,
    UnknownFunction,
)
from store.answers import Answer, Operation, Term
from store.blanks import FUNCTIONS
from store.formats import BY_MEDIA_TYPE, SOLUTIONS, Format
from store.merge import Merges, graph
from store.rows import Rows, bounded
from store.sayable import sayable

Graphs = Iterable[str]
Results = QuerySolutions | QueryBoolean | QueryTriples
Wanted = TypeVar("Wanted")
# How the engine words a syntax error, and how much of its list of what it expected helps a reader.
PLACE = re.compile(r"error at (?P<line>\d+):(?P<column>\d+): (?P<reason>.*)", re.DOTALL)
REASON_LENGTH = 160
# Among what it expected may stand a sentence, which tells more; and classes, which tell nobody.
SENTENCE = re.compile(r"""(?<= )[A-Z][A-Za-z]+ [^,\["']*[a-z][^,\["']*""")
CHARACTERS = re.compile(r", \[(?:'[^']*'|[^\]'])*\]")
HINTS = {"Prefix not found": "the prefix is not declared; put PREFIX with its namespace first"}
# How the engine words what a process without sockets cannot do: connect, and ask for an address.
NO_NETWORK = ("os error 13", "failed to lookup address")
# And that a syntax has no words for a triple term.
NOT_HELD = re.compile("does not support RDF 1.2")
# How the engine says that a value was given for a variable that the query does not select.
NOT_PROJECTED = re.compile(r"does not contains? variable (\?\S+) in its SELECT projection")
NO_FUNCTION = re.compile(r"custom function (<[^>]*>) is not supported")


class Engine(Protocol):
    """What answers operations, here or in another process."""

    def query(
        self, operation: Operation, media_type: str, *, deadline: float | None = None
    ) -> Answer: ...


class LocalEngine:
    """An engine in this process: no deadline and no cap, so for queries of ours only.

    Strangers' queries go to ``WorkerPool``.
    """

    def __init__(
        self,
        path: Path | None = None,
        *,
        generation: int | None = None,
        store: pyoxigraph.Store | None = None,
        default_graphs: tuple[str, ...] = (),
    ) -> None:
        """Over a generation's store, read only; without a path, over an empty one in memory.

        Raises InstanceError where there is no store to open.
        """
        self.generation, self.default_graphs = generation, default_graphs
        if store is not None:
            self.store = store
        elif path is None:
            self.store = pyoxigraph.Store()
        else:
            self.store = _opened(path)
        self._merges = Merges(self.store, lasting=store is None and path is not None)

    @classmethod
    def over(cls, data: bytes) -> LocalEngine:
        """An engine over these N-Quads and nothing else."""
        engine = cls()
        # What other sites answered is taken as it is: an IRI may have a character it should not.
        engine.store.load(input=data, format=RdfFormat.N_QUADS, lenient=True)
        return engine

    def view(self, default_graphs: Graphs) -> LocalEngine:
        """The same data, where the default graph is the union of these ("" is its own)."""
        return LocalEngine(
            store=self.store, generation=self.generation, default_graphs=tuple(default_graphs)
        )

    def query(
        self,
        operation: Operation,
        media_type: str,
        *,
        deadline: float | None = None,
        limit: int | None = None,
    ) -> Answer:
        """The whole answer in this format; a ``deadline`` cannot be kept in this process.

        Raises MalformedQuery, AnswerTooBig, or NotAcceptable for a format that cannot hold it.
        """
        answer = Answer(media_type, limit=limit, generation=self.generation)
        try:
            self.write(operation, media_type, answer)
        except BaseException:
            answer.close()
            raise
        return answer

    def write(self, operation: Operation, media_type: str, stream: Any, *, rows: int = 0) -> None:
        """The answer in this format, into whatever has ``write``; ``rows``: at most so many.

        Raises as ``query`` does.
        """
        with translated():
            results = self.run(operation)
            syntax = writer(results, media_type)
            if isinstance(results, QueryTriples) and (rows or syntax == RdfFormat.RDF_XML):
                triples = sayable(results) if syntax == RdfFormat.RDF_XML else results
                said = bounded(triples, rows) if rows else triples
                pyoxigraph.serialize(said, stream, syntax)
                return
            if rows and isinstance(results, QuerySolutions):
                stream = Rows(stream, media_type, rows)
            results.serialize(stream, syntax)

    def run(self, operation: Operation) -> Results:
        """What pyoxigraph answers, unread. Raises MalformedQuery."""
        with translated():
            if operation.data is not None:
                return self.over(operation.data).run(replace(operation, data=None))
            merged = self._merges.of(operation)
            default = () if merged is not None else operation.default_graphs or self.default_graphs
            store = self.store if merged is None else merged
            return store.query(
                operation.text,
                base_iri=operation.base or None,
                substitutions={
                    Variable(name): term for name, term in operation.substitutions.items()
                }
                or None,
                custom_functions=FUNCTIONS if operation.blanks else None,
                **_dataset(default, operation.named_graphs),
            )

    def solutions(
        self,
        text: str,
        substitutions: Mapping[str, Term] | None = None,
        default_graphs: Graphs = (),
    ) -> Iterator[dict[str, Term]]:
        """The solutions of a SELECT; a variable that is not bound is not in its dict."""
        results = self._results(text, substitutions, default_graphs, QuerySolutions)
        names = [variable.value for variable in results.variables]
        with translated():
            for row in results:
                yield {
                    name: term for name, term in zip(names, row, strict=True) if term is not None
                }

    def triples(
        self,
        text: str,
        substitutions: Mapping[str, Term] | None = None,
        default_graphs: Graphs = (),
    ) -> Iterator[Triple]:
        """The triples of a CONSTRUCT or DESCRIBE."""
        results = self._results(text, substitutions, default_graphs, QueryTriples)
        with translated():
            yield from results

    def ask(
        self,
        text: str,
        substitutions: Mapping[str, Term] | None = None,
        default_graphs: Graphs = (),
    ) -> bool:
        """What an ASK answers."""
        return bool(self._results(text, substitutions, default_graphs, QueryBoolean))

    def match(
        self, subject: Term | None, predicate: Term | None, object: Term | None
    ) -> Iterator[Triple]:
        """The triples of the default graph that fit; where it is a union, each once."""
        seen: set[Triple] = set()
        graphs = self.default_graphs or ("",)
        for name in graphs:
            for quad in self.store.quads_for_pattern(subject, predicate, object, graph(name)):  # type: ignore[arg-type]
                triple = quad.triple
                if len(graphs) > 1:
                    if triple in seen:
                        continue
                    seen.add(triple)
                yield triple

    def load(self, data: bytes | Path, media_type: str, graph: str | None = None) -> None:
        """Load RDF: into ``graph``, or where it says (a dataset), or into the default graph.

        Raises MalformedSource.
        """
        source: dict[str, Any] = (
            {"path": str(data)} if isinstance(data, Path) else {"input": bytes(data)}
        )
        where = str(data) if isinstance(data, Path) else "the data"
        syntax = BY_MEDIA_TYPE[media_type].engine
        assert isinstance(syntax, RdfFormat)
        target: dict[str, Any] = {"to_graph": NamedNode(graph)} if graph else {}
        try:
            self.store.load(**source, format=syntax, **target)
        except (SyntaxError, ValueError) as error:
            raise MalformedSource(where, str(error), line=getattr(error, "lineno", None)) from error

    def update(self, text: str) -> None:
        """Run a SPARQL Update. Raises MalformedQuery."""
        with translated():
            self.store.update(text)

    def _results(
        self,
        text: str,
        substitutions: Mapping[str, Term] | None,
        default_graphs: Graphs,
        kind: type[Wanted],
    ) -> Wanted:
        operation = Operation(
            text, default_graphs=tuple(default_graphs), substitutions=substitutions or {}
        )
        results = self.run(operation)
        if not isinstance(results, kind):
            raise MalformedQuery(f"The query is not of the form that {kind.__name__} come from.")
        return results


def writer(results: Results, media_type: str) -> Any:
    """The engine's format for these results.

    Raises NotAcceptable where the format cannot hold them.
    """
    row: Format | None = BY_MEDIA_TYPE.get(media_type)
    solutions = isinstance(results, QuerySolutions | QueryBoolean)
    if row is None or (row.kind == SOLUTIONS) != solutions:
        what = "solutions" if solutions else "triples"
        raise NotAcceptable(f"{media_type} cannot hold the {what} that this query gives.").worded(
            f"refusal.cannot_hold.{what}", format=media_type
        )
    return row.engine


@contextmanager
def translated() -> Iterator[None]:
    """The one place where the engine's errors become ours."""
    try:
        yield
    except AtlasError:
        raise
    except (SyntaxError, ValueError) as error:
        raise malformed(str(getattr(error, "msg", None) or error)) from error
    except OSError as error:
        if error.errno == errno.EACCES or any(words in str(error) for words in NO_NETWORK):
            raise Forbidden("A query of this atlas may not call other sites.").worded(
                "refusal.no_calls"
            ) from error
        if NOT_HELD.search(str(error)):
            words = _sentence(str(error))
            raise NotAcceptable(f"{words} Ask for another format.").worded(
                "refusal.not_held", words=words
            ) from error
        raise _fault(error) from error
    except RuntimeError as error:
        if found := NOT_PROJECTED.search(str(error)):
            raise MalformedQuery(
                f"The query does not select {found[1]}, so it takes no value for it; "
                f"add {found[1]} to its SELECT."
            ).worded("refusal.not_projected", name=found[1]) from error
        if found := NO_FUNCTION.search(str(error)):
            raise UnknownFunction(
                f"The query calls {found[1]}, a function that this engine does not have; use one "
                "of SPARQL's own."
            ).worded("refusal.sparql_function", function=found[1]) from error
        raise _fault(error) from error


def malformed(message: str) -> MalformedQuery:
    """The engine's complaint, its place first, the long list of what it expected cut short."""
    found = PLACE.search(message)
    if found is None:
        words = _sentence(_cut(message))
        error = MalformedQuery(f"This is not valid SPARQL: {words}")
        return error.worded("refusal.sparql_wrong", words=words)
    line, column = found["line"], found["column"]
    words = _sentence(_cut(_readable(found["reason"])))
    error = MalformedQuery(f"This is not valid SPARQL at line {line}, column {column}: {words}")
    return error.worded("refusal.sparql_wrong_at", line=line, column=column, words=words)


def _fault(error: Exception) -> EngineFault:
    words = _sentence(str(error))
    fault = EngineFault(f"The engine could not answer: {words}")
    return fault.worded("refusal.engine", words=words)


def _readable(reason: str) -> str:
    """The engine's own sentence where it has one; else what it expected, without the classes of
    characters."""
    if said := SENTENCE.search(reason):
        return HINTS.get(said[0], said[0])
    return CHARACTERS.sub("", reason)


def _cut(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= REASON_LENGTH else f"{text[:REASON_LENGTH].rsplit(' ', 1)[0]} …"


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


def _opened(path: Path) -> pyoxigraph.Store:
    opening: Callable[[str], pyoxigraph.Store] = pyoxigraph.Store.read_only
    try:
        return opening(str(path))
    except OSError as error:
        raise InstanceError(
            f"{path} is not a store that can be read; run atlas build to make one."
        ) from error


def _dataset(default: Graphs, named: Graphs | None) -> dict[str, Any]:
    """The dataset in pyoxigraph's words; it takes named graphs only beside a default graph."""
    graphs = [graph(iri) for iri in dict.fromkeys(default)]
    if named is None:
        return {"default_graph": graphs} if graphs else {}
    return {
        "default_graph": graphs or [DefaultGraph()],
        "named_graphs": [NamedNode(iri) for iri in named],
    }
