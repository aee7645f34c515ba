"""The competency questions as tests: a small invented world, expected answers, named mutations.

Each query is run on ``competency/world.trig`` and must give ``{name}.expected.csv`` (``.ttl`` for
CONSTRUCT), reasoned out by hand. Then the world is changed by the query's mutation in
``competency/cases.toml`` and the answer must change exactly as stated there: a query that cannot
fail shows nothing. Terms are written as prefixed names of ``PREFIXES``, literals as their text.
"""

from __future__ import annotations

import csv
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse, serialize

from atlas.errors import AtlasError, MalformedSource
from atlas.namespaces import DC, DCTERMS, FOAF, OWL, RDF, RDFS, SKOS, XSD
from queries.library import DEFAULT_BASE, NamedQuery, library

FOLDER = Path(__file__).parent / "competency"
WORLD = FOLDER / "world.trig"
CASES = FOLDER / "cases.toml"
INFERRED = f"{DEFAULT_BASE}/graph/inferred"

# As in the real atlas: copyleft and illustrative sources are named graphs only.
NAMED_ONLY = ("world-schemes", "world-illustrative")

PREFIXES = {
    "id": f"{DEFAULT_BASE}/id/",
    "graph": f"{DEFAULT_BASE}/graph/",
    "v": f"{DEFAULT_BASE}/vocabulary/",
    "atlas": f"{DEFAULT_BASE}/ontology/",
    "igeo": "http://rdf.insee.fr/def/geo#",
    "dcterms": DCTERMS,
    "dc": DC,
    "foaf": FOAF,
    "skos": SKOS,
    "owl": OWL,
    "rdfs": RDFS,
    "rdf": RDF,
    "xsd": XSD,
}
DECLARATIONS = "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in PREFIXES.items())

Rows = Counter[tuple[str, ...]]
Infer = Callable[[Iterable[Triple]], Iterable[Triple]]


class Engine(Protocol):
    """What is asked of an engine here: an empty scratch store that can be loaded and changed."""

    def solutions(self, text: str) -> Iterator[dict[str, Any]]: ...
    def triples(self, text: str) -> Iterator[Triple]: ...
    def load(self, data: bytes, media_type: str, graph: str | None = None) -> None: ...
    def update(self, text: str) -> None: ...


@dataclass(frozen=True)
class Case:
    """How one query is tried on the world."""

    parameters: Mapping[str, str]
    mutation: str
    update: str
    adds: Rows
    removes: Rows


@dataclass(frozen=True)
class Failure:
    """One query that does not answer, or does not change, as expected."""

    query: str
    mutation: str | None
    message: str

    def __str__(self) -> str:
        where = f"after the mutation '{self.mutation}'" if self.mutation else "on the world"
        return f"{self.query} {where}: {self.message}"


def run(engine_factory: Callable[[], Engine], infer: Infer | None = None) -> list[Failure]:
    """The failures of all queries on the world and under their mutations; empty when all is well.

    ``engine_factory`` gives a new empty engine each time; ``infer`` as in ``prepare``.
    """
    failures: list[Failure] = []
    cases = read_cases()
    world = engine_factory()
    prepare(world, infer=infer)
    for name, query in questions().items():
        if name not in cases:
            failures.append(Failure(name, None, f"no case in {CASES.name}"))
            continue
        failures.extend(_tried(query, cases[name], world, engine_factory, infer))
    return failures


def questions() -> dict[str, NamedQuery]:
    """The named queries that answer a competency question."""
    return {name: query for name, query in library().items() if query.question is not None}


def _tried(
    query: NamedQuery,
    case: Case,
    world: Engine,
    engine_factory: Callable[[], Engine],
    infer: Infer | None,
) -> Iterator[Failure]:
    try:
        expected = read_expected(query)
        failure = _compared(query, None, answer(query, case.parameters, world), expected)
        if failure:
            yield failure
        changed = expected - case.removes + case.adds
        if case.removes - expected or changed == expected:
            yield Failure(query.name, case.mutation, "the case does not change the answer")
        mutated = engine_factory()
        prepare(mutated, infer=infer, mutation=case.update)
        failure = _compared(query, case.mutation, answer(query, case.parameters, mutated), changed)
        if failure:
            yield failure
    except AtlasError as error:
        yield Failure(query.name, None, str(error))


def _compared(
    query: NamedQuery, mutation: str | None, actual: Rows, expected: Rows
) -> Failure | None:
    if actual == expected:
        return None
    missing, unexpected = sorted(expected - actual), sorted(actual - expected)
    return Failure(query.name, mutation, f"missing {missing}, unexpected {unexpected}")


def prepare(engine: Engine, *, infer: Infer | None = None, mutation: str | None = None) -> None:
    """Load the world as a build publishes it: named graphs, inferred graph, merged default graph.

    Without ``infer`` the inferred graph is the one written by hand in the world; with it, that
    graph is replaced by what ``infer`` makes of the merged asserted triples.
    """
    engine.load(WORLD.read_bytes(), "application/trig")
    if mutation:
        engine.update(DECLARATIONS + mutation)
    kept_apart = ", ".join(f"graph:{name}" for name in NAMED_ONLY)
    merged = f"GRAPH ?graph {{ ?s ?p ?o }} FILTER(?graph NOT IN ({kept_apart}"
    if infer is not None:
        asserted = f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ {merged}, <{INFERRED}>)) }}"
        inferred = infer(engine.triples(DECLARATIONS + asserted))
        engine.update(f"CLEAR GRAPH <{INFERRED}>")
        data = serialize(inferred, format=RdfFormat.N_TRIPLES)
        engine.load(data or b"", "application/n-triples", INFERRED)
    engine.update(f"{DECLARATIONS}INSERT {{ ?s ?p ?o }} WHERE {{ {merged})) }}")


def answer(query: NamedQuery, parameters: Mapping[str, str], engine: Engine) -> Rows:
    """The answer as a multiset of rows in the order of the projected variables."""
    text = query.bind(parameters).text
    if query.form == "CONSTRUCT":
        return _triples(engine.triples(text))
    columns = columns_of(query)
    return Counter(
        tuple(written(row[column]) if column in row else "" for column in columns)
        for row in engine.solutions(text)
    )


def columns_of(query: NamedQuery) -> list[str]:
    """The columns of the expected answer, which are the variables that the query projects."""
    with (FOLDER / f"{query.name}.expected.csv").open(encoding="utf-8", newline="") as file:
        return next(csv.reader(_uncommented(file)))


def read_expected(query: NamedQuery) -> Rows:
    """The expected answer of ``query``. Raises MalformedSource where there is none."""
    suffix = "ttl" if query.form == "CONSTRUCT" else "csv"
    path = FOLDER / f"{query.name}.expected.{suffix}"
    if not path.is_file():
        raise MalformedSource(path, "no expected answer; write it by hand from the world")
    if suffix == "ttl":
        return _triples(quad.triple for quad in parse(path=path, format=RdfFormat.TURTLE))
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(_uncommented(file)))
    return Counter(tuple(row) for row in rows[1:])


def read_cases() -> dict[str, Case]:
    """The case of each query, by name."""
    with CASES.open("rb") as file:
        table = tomllib.load(file)
    return {
        name: Case(
            parameters=case.get("parameters", {}),
            mutation=case["mutation"],
            update=case["update"],
            adds=Counter(tuple(row) for row in case.get("adds", [])),
            removes=Counter(tuple(row) for row in case.get("removes", [])),
        )
        for name, case in table.items()
    }


def written(term: object) -> str:
    """The term as the expected answers write it: prefixed name, or the literal's text."""
    if isinstance(term, Literal):
        return term.value
    if not isinstance(term, NamedNode):
        return str(term)
    for prefix, iri in PREFIXES.items():
        if term.value.startswith(iri):
            return f"{prefix}:{term.value[len(iri) :]}"
    return term.value


def _triples(triples: Iterable[Triple]) -> Rows:
    return Counter(
        (written(triple.subject), written(triple.predicate), written(triple.object))
        for triple in triples
    )


def _uncommented(lines: Iterable[str]) -> Iterator[str]:
    return (line for line in lines if line.strip() and not line.startswith("#"))
