"""What a query may answer, read from any format."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pyoxigraph as ox
from pyoxigraph import BlankNode, Literal, NamedNode, QueryBoolean, QueryResultsFormat, RdfFormat

from tests.conformance.manifest import RDF, RS, Node, Walk

Term = NamedNode | BlankNode | Literal | ox.Triple
Row = Mapping[str, Term]
XSD = "http://www.w3.org/2001/XMLSchema#"
SOLUTIONS = {
    ".srx": QueryResultsFormat.XML,
    ".srj": QueryResultsFormat.JSON,
    ".tsv": QueryResultsFormat.TSV,
}
BLANK = re.compile(r"_:(\w+)")


@dataclass(frozen=True)
class Table:
    """Solutions; ``ordered`` where their order counts, ``lax`` where their number does not."""

    variables: frozenset[str]
    rows: tuple[Row, ...] = field(repr=False)
    ordered: bool = False
    lax: bool = False


Answer = Table | bool | ox.Dataset


def read_result(path: Path, base: str) -> Answer:
    """The answer that a file of the suite holds; every RDF syntax and result format."""
    if path.suffix in SOLUTIONS:
        return parsed(path.read_bytes(), SOLUTIONS[path.suffix])
    if path.suffix == ".csv":
        return csv_table(path.read_bytes())
    dataset = read_graph(path, base)
    walk = Walk(dataset)
    sets = [
        node
        for node in walk.subjects(RDF + "type")
        if NamedNode(RS + "ResultSet") in _types(walk, node)
    ]
    return _result_set(walk, sets[0]) if sets else dataset


def read_graph(path: Path, base: str) -> ox.Dataset:
    """The quads of a file, by its extension."""
    syntax = RdfFormat.from_extension(path.suffix[1:])
    return ox.Dataset(
        ox.parse(path=str(path), format=syntax, base_iri=base, rename_blank_nodes=True)
    )


def parsed(body: bytes, result_format: QueryResultsFormat) -> Table | bool:
    """An answer in one of the three formats that lose nothing."""
    results = ox.parse_query_results(body, format=result_format)
    return bool(results) if isinstance(results, QueryBoolean) else table(results)


def table(solutions: ox.QuerySolutions) -> Table:
    names = [variable.value for variable in solutions.variables]
    rows = [
        {name: term for name, term in zip(names, row, strict=True) if term is not None}
        for row in solutions
    ]
    return Table(frozenset(names), tuple(rows))


def csv_table(body: bytes) -> Table:
    """CSV keeps the text of a term, and that a blank node is one.

    https://www.w3.org/TR/sparql11-results-csv-tsv/#csv-terms
    """
    head, *lines = _csv_records(body.decode("utf-8"))
    rows = [
        {
            name: _csv_term(text)
            for name, text in zip(head, line or [""] * len(head), strict=True)
            if text
        }
        for line in lines
    ]
    return Table(frozenset(head), tuple(rows))


def as_csv(answer: Table) -> Table:
    """What is left of a table in CSV."""
    rows = [{name: _in_csv(term) for name, term in row.items()} for row in answer.rows]
    rows = [{name: term for name, term in row.items() if term != Literal("")} for row in rows]
    return Table(answer.variables, tuple(rows), answer.ordered, answer.lax)


def with_numbers(answer: Table) -> Table:
    """A table in which a text that looks like a number is that number."""
    rows = [{name: _number(term) for name, term in row.items()} for row in answer.rows]
    return Table(answer.variables, tuple(rows), answer.ordered, answer.lax)


def has_triple_terms(answer: Answer) -> bool:
    return isinstance(answer, Table) and any(
        isinstance(term, ox.Triple) for row in answer.rows for term in row.values()
    )


def _types(walk: Walk, node: Node) -> list[Node]:
    return walk.objects(node, RDF + "type")


def _result_set(walk: Walk, node: Node) -> Table | bool:
    """A result set in RDF; an index on its solutions means that their order counts.

    https://www.w3.org/2001/sw/DataAccess/tests/README.html
    """
    boolean = walk.value(node, RS + "boolean")
    if boolean is not None:
        return boolean.value == "true"
    solutions = walk.objects(node, RS + "solution")
    indexes = {solution: walk.text(solution, RS + "index") for solution in solutions}
    ordered = bool(solutions) and None not in indexes.values()
    if ordered:
        solutions.sort(key=lambda solution: int(indexes[solution] or 0))
    rows = [
        {
            walk.one(binding, RS + "variable").value: walk.one(binding, RS + "value")
            for binding in walk.objects(solution, RS + "binding")
        }
        for solution in solutions
    ]
    names = {name.value for name in walk.objects(node, RS + "resultVariable")}
    return Table(frozenset(names), tuple(rows), ordered)


def _csv_records(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


def _csv_term(text: str) -> Term:
    blank = BLANK.fullmatch(text)
    return BlankNode(blank[1]) if blank else Literal(text)


def _in_csv(term: Term) -> Term:
    """CSV has no text for triple terms."""
    assert not isinstance(term, ox.Triple)
    return term if isinstance(term, BlankNode) else Literal(term.value)


def _number(term: Term) -> Term:
    try:
        return Literal(float(term.value)) if isinstance(term, Literal) else term
    except ValueError:
        return term
