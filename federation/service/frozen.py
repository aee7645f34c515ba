"""Sub-selects with LIMIT are evaluated once: another time they may choose other solutions.

Their rows then stand in the query in their place, and bind what a partner is asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from atlas.errors import AnswerTooBig
from federation.query.bindings import Local
from federation.query.parts import (
    Bind,
    Element,
    Filter,
    Graph,
    Group,
    Lateral,
    Query,
    Service,
    SubSelect,
    children,
)
from federation.query.scoping import Tables, named, settled, steady
from federation.query.writing import has_blanks, written
from federation.rows import Rows
from store.answers import Operation


def freeze(
    query: Query,
    operation: Operation,
    local: Local,
    tables: dict[Element, Rows],
    passed: set[Element],
    *,
    most: int,
) -> None:
    """Evaluate what can be, and add its rows to the tables.

    ``passed``: what was tried before. More rows than ``most``, or blank nodes, stay with the
    engine.
    """
    # Values that a request gives may reach into a sub-select.
    if operation.substitutions:
        return
    for element, graph in _limited(query.where, "", tables):
        if element in passed:
            continue
        passed.add(element)
        inner = f"{{ {written(query, element.start, element.end, tables)} }}"
        inner = f"GRAPH {graph} {{ {inner} }}" if graph else inner
        text = f"{query.prologue}SELECT * WHERE {{ {inner} }} LIMIT {most + 1}"
        try:
            rows = local(replace(operation, text=text, blanks=True))
        except AnswerTooBig:
            continue
        if len(rows) <= most and not has_blanks(rows.rows):
            tables[element] = rows


def _limited(group: Group, graph: str, tables: Tables) -> Iterator[tuple[SubSelect, str]]:
    """The outermost that can be evaluated apart, and the graph that they are matched in."""
    for element in group.elements:
        if element in tables or isinstance(element, (Service, Lateral, Filter, Bind)):
            continue
        if isinstance(element, Graph) and named(element.name):
            continue
        if isinstance(element, SubSelect) and _apart(element, tables):
            yield element, graph
            continue
        inside = element.name if isinstance(element, Graph) else graph
        for child in children(element):
            yield from _limited(child, inside, tables)


def _apart(element: SubSelect, tables: Tables) -> bool:
    select = element.select
    return (
        select.limited
        and settled(element, tables)
        and all(clause.steady for clause in select.clauses)
        and steady(select.where, tables)
    )
