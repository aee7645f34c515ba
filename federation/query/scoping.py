"""Which variables a part of a query binds, and what of it may be evaluated apart.

https://www.w3.org/TR/sparql11-query/#variableScope
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from federation.query.parts import (
    Bind,
    Element,
    Filter,
    Graph,
    Group,
    Lateral,
    Optional_,
    Select,
    Service,
    SubSelect,
    Triples,
    Union,
    Values,
    children,
)
from federation.rows import Rows

NONE: frozenset[str] = frozenset()
# The rows of parts that were evaluated already.
Tables = Mapping[Element, Rows]


def possible(element: Element, tables: Tables) -> frozenset[str]:
    """The variables that its solutions may bind."""
    if element in tables:
        return frozenset(tables[element].variables)
    match element:
        case Triples(variables=variables):
            return variables
        case Values(names=names):
            return frozenset(names)
        case Bind(name=name):
            return frozenset([name])
        case Graph(name=name, group=group) | Service(name=name, group=group):
            return possible(group, tables) | named(name)
        case Optional_(group=group) | Lateral(group=group):
            return possible(group, tables)
        case Union(branches=several) | Group(elements=several):
            return NONE.union(*(possible(one, tables) for one in several))
        case SubSelect(select=select):
            return shown(select, tables)
    return NONE


def shown(select: Select, tables: Tables) -> frozenset[str]:
    """The variables that a sub-select's solutions, or a query's, may bind."""
    trailing = frozenset(select.values.names) if select.values else NONE
    if select.plain is None:
        return possible(select.where, tables) | trailing
    return frozenset(select.names) | trailing


def certain(element: Element, tables: Tables) -> frozenset[str]:
    """The variables that each of its solutions binds."""
    if element in tables:
        return always(tables[element])
    match element:
        case Triples(variables=variables):
            return variables
        case Values(names=names, undefined=undefined):
            return NONE if undefined else frozenset(names)
        case Graph(name=name, group=group):
            return certain(group, tables) | named(name)
        case Service(silent=silent, group=group, variable=variable):
            found = NONE if silent else certain(group, tables)
            return found | named(f"?{variable}") if variable else found
        case Union(branches=branches):
            return frozenset.intersection(*(certain(branch, tables) for branch in branches))
        case Group(elements=elements):
            return together(elements, tables)
        case SubSelect(select=select):
            inside = certain(select.where, tables)
            return inside if select.plain is None else inside & select.plain
    return NONE


def together(elements: Iterable[Element], tables: Tables) -> frozenset[str]:
    """The variables that each solution of these elements, one after another, binds."""
    bound: frozenset[str] = NONE
    for element in elements:
        if isinstance(element, Bind):
            # One term that is there has a value; what is computed may fail.
            expression = element.expression
            if expression.terms == 1 and not expression.words and expression.variables <= bound:
                bound |= {element.name}
        else:
            bound |= certain(element, tables)
    return bound


def always(rows: Rows) -> frozenset[str]:
    """The variables that each row binds."""
    return frozenset(
        name
        for column, name in enumerate(rows.variables)
        if all(row[column] is not None for row in rows.rows)
    )


def named(name: str) -> frozenset[str]:
    """The variable that names a graph or a site, if it is one."""
    return frozenset([name[1:]]) if name[0] in "?$" else NONE


def settled(element: Element, tables: Tables) -> bool:
    """Whether all in it is here: no other site must be asked for it any more."""
    if element in tables:
        return True
    if isinstance(element, Service):
        return False
    return all(settled(inner, tables) for group in children(element) for inner in group.elements)


def steady(element: Element, tables: Tables) -> bool:
    """Whether it has the same solutions each time: no chance in it, no cut of an unsaid order."""
    if element in tables:
        return True
    match element:
        case SubSelect(select=select) if select.limited or not all(
            clause.steady for clause in select.clauses
        ):
            return False
        case Filter(expression=expression) | Bind(expression=expression):
            if not expression.steady:
                return False
    return all(steady(part, tables) for group in children(element) for part in group.elements)
