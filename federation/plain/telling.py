"""Rewrites a query so that each of its rows names the sites that its triples come from.

The data that it runs over has each site's triples also in a graph named by that site's IRI, so a
row's sites are those whose graph holds one of the triples that the row was made from.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pyoxigraph import Literal, Variable

from atlas.errors import NotFederable
from federation.query.parts import Group, Optional_, Query, Select, SubSelect, Triples, Union, walk
from federation.query.patterns import HIDDEN, Pattern, Term
from federation.query.scoping import shown
from federation.query.triples import Names, read_triples
from queries.lexer import lexemes

SOURCES = "sources"


def with_sources(query: Query, sites: Sequence[str]) -> str:
    """The text of the query with a column more: the IRIs of each row's sites, spaces between.

    Raises NotFederable where its rows have no triples of their own.
    """
    select = query.select
    if query.form != "SELECT" or select.grouped:
        raise NotFederable(
            "sources=1 is for SELECT without aggregates: only its rows have sources."
        )
    if SOURCES in shown(select, {}):
        raise NotFederable("sources=1 adds the column ?sources; call the query's own otherwise.")
    parts = list(evidence(query, select.where, {}, Names(query.base, query.prefixes)))
    tests = [(f"IF({test(parts, site)}, {Literal(site + ' ')}, '')") for site in sites]
    told = f'(REPLACE(CONCAT({", ".join(tests)}), " $", "") AS ?{SOURCES})' if parts else ""
    return put(query, told or f'("" AS ?{SOURCES})')


def put(query: Query, column: str) -> str:
    """The text with the column behind the others; ``*`` is written out."""
    text, select = query.text, query.select
    head = [t for t in lexemes(text) if query.opening <= t.start < select.where.start]
    worded = head[-1].kind == "word" and head[-1].text.upper() == "WHERE"
    end = head[-1].start if worded else select.where.start
    if select.plain is not None:
        return f"{text[:end]} {column} {text[end:]}"
    star = next(token for token in head if token.text == "*")
    listed = " ".join(f"?{name}" for name in sorted(shown(select, {})))
    return f"{text[: star.start]} {listed} {column} {text[end:]}"


def evidence(
    query: Query, group: Group, renamed: Mapping[str, str], names: Names
) -> Iterator[list[Pattern]]:
    """The patterns whose triples a row is made from, those together that share hidden variables."""
    found = []
    for element in group.elements:
        match element:
            case Triples():
                for pattern in read_triples(query.part(element), names):
                    if not isinstance(pattern, Pattern):
                        raise NotFederable(
                            "sources=1 cannot tell which triples a path with |, *, +, ? or ! goes "
                            "over; write it as triples, or leave sources=1 out."
                        )
                    found.append(Pattern(*(rename(term, renamed) for term in pattern.terms)))  # type: ignore[arg-type]
            case Group():
                yield from evidence(query, element, renamed, names)
            case Optional_(group=inner):
                yield from evidence(query, inner, renamed, names)
            case Union(branches=branches):
                for branch in branches:
                    yield from evidence(query, branch, renamed, names)
            case SubSelect(select=select):
                yield from evidence(query, select.where, hiding(select, renamed, names), names)
    yield from together(found)


def hiding(select: Select, renamed: Mapping[str, str], names: Names) -> dict[str, str]:
    """New names for the variables of a sub-select that are not seen outside of it."""
    if select.grouped:
        raise NotFederable("sources=1 is for SELECT without aggregates, in sub-selects too.")
    outside = shown(select, {})
    inside = {n for e in walk(select.where) if isinstance(e, Triples) for n in e.variables}
    return {**renamed, **{n: names.hidden().value for n in sorted(inside - outside)}}


def rename(term: Term, renamed: Mapping[str, str]) -> Term:
    if isinstance(term, Variable) and term.value in renamed:
        return Variable(renamed[term.value])
    return term


def hidden(pattern: Pattern) -> frozenset[str]:
    return frozenset(name for name in pattern.variables if name.startswith(HIDDEN))


def together(patterns: Sequence[Pattern]) -> list[list[Pattern]]:
    parts: list[list[Pattern]] = []
    for pattern in patterns:
        joined = [p for p in parts if any(hidden(other) & hidden(pattern) for other in p)]
        merged = [one for part in joined for one in part] + [pattern]
        parts = [part for part in parts if part not in joined] + [merged]
    return parts


def test(parts: Sequence[Sequence[Pattern]], site: str) -> str:
    """Whether a site holds a triple of the row. A row binds not all variables of an OPTIONAL."""
    tests = []
    for part in parts:
        for pattern in part:
            rest = " ".join(str(other) for other in part if other is not pattern)
            bound = [f"BOUND(?{n})" for n in pattern.variables if not n.startswith(HIDDEN)]
            exists = f"EXISTS {{ GRAPH <{site}> {{ {pattern} }} {rest} }}"
            tests.append(" && ".join([*bound, exists]))
    return " || ".join(f"({one})" for one in tests)
