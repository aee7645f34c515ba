"""The solutions of a query, read from its answer."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from pyoxigraph import Literal, QueryResultsFormat, QuerySolutions, Triple, parse_query_results

from store.answers import Term

# Digits of the largest number that is read.
DIGITS = 30


class Solution(dict[str, Term]):
    """One solution: the terms of its bound variables by name."""

    def text(self, name: str) -> str:
        """The IRI, or the text of the literal; "" where the variable is unbound."""
        term = self.get(name)
        return "" if term is None or isinstance(term, Triple) else str(term.value)

    def number(self, name: str) -> int:
        """The whole number; 0 where the variable is unbound, or bound to what is no number."""
        try:
            value = Decimal(self.text(name) or 0)
        except ArithmeticError:
            return 0
        # A few letters can write a number that no memory holds.
        return int(value) if value.is_finite() and value.adjusted() < DIGITS else 0

    def language(self, name: str) -> str:
        """The language of the text, "" where it has none."""
        term = self.get(name)
        return (term.language or "") if isinstance(term, Literal) else ""


def solutions_in(body: bytes) -> QuerySolutions:
    """Those of a SELECT, answered as SPARQL JSON, in the order of its variables."""
    results = parse_query_results(body, format=QueryResultsFormat.JSON)
    assert isinstance(results, QuerySolutions), "only the answer of a SELECT"
    return results


def by_name(results: QuerySolutions) -> Iterator[Solution]:
    """The same, one by one, each with its terms by name."""
    variables = [variable.value for variable in results.variables]
    for solution in results:
        yield Solution(
            (name, term) for name, term in zip(variables, solution, strict=True) if term is not None
        )
