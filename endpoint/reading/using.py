"""The dataset that WHERE reads in an update, and the query that finds the graphs it leads to.

https://www.w3.org/TR/sparql11-update/#deleteInsert
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Using:
    """The dataset of WHERE as the request has it, or as USING clauses do."""

    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()

    def clauses(self, keyword: str) -> str:
        """USING clauses, or FROM clauses."""
        default = [f"{keyword} <{iri}> " for iri in self.default_graphs]
        named = [f"{keyword} NAMED <{iri}> " for iri in self.named_graphs]
        return "".join(default + named)

    def __bool__(self) -> bool:
        return bool(self.default_graphs or self.named_graphs)


def selection(where: str, variables: Sequence[str], using: Using) -> str:
    """A query for the graphs that the variables of templates stand for.

    The engine, which reads WHERE here as the whole of a query, so proves that it is one group:
    quotes that it pairs in another way than the lexer could hide a second operation. Without
    variables that is all the query does: VALUES without a row leaves nothing to search.
    """
    chosen = f"DISTINCT {' '.join(variables)}" if variables else "*"
    tail = "" if variables else "\nVALUES () {}"
    return f"SELECT {chosen} {using.clauses('FROM')}WHERE {where}{tail}"
