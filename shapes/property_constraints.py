"""Templates for constraints on the set of value nodes: counts, languages, pairs of properties.

https://www.w3.org/TR/shacl/#core-components-count
https://www.w3.org/TR/shacl/#core-components-property-pairs
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations

import rdflib
from rdflib.term import Node, URIRef

from shapes.failures import Context, Failure, Read, View, single
from shapes.paths import NotCompiled
from shapes.terms import sparql
from shapes.value_constraints import PLAIN, is_number, whole_number

# A pattern for n distinct values joins n times: past this many, a shorter one finds a few too many.
LARGEST = 4


def distinct(context: Context, view: View, number: int) -> tuple[list[str], str]:
    """Variables and pattern for ``number`` value nodes that are different terms."""
    variables = [context.fresh() for _ in range(number)]
    # Never !=, which has no answer for two literals of an unknown datatype.
    apart = " && ".join(f"!sameTerm({a}, {b})" for a, b in combinations(variables, 2))
    triples = " ".join(view.to(variable) for variable in variables)
    return variables, f"{triples} FILTER({apart})" if apart else triples


def min_count(context: Context, view: View, values: list[Node]) -> Iterator[Failure]:
    number = whole_number(values)
    needs_path(view)
    if number > LARGEST:
        yield Failure("", "true", exact=False)
    elif number:
        yield Failure("", f"NOT EXISTS {{ {distinct(context, view, number)[1]} }}")


def max_count(context: Context, view: View, values: list[Node]) -> Iterator[Failure]:
    number = whole_number(values)
    needs_path(view)
    _, pattern = distinct(context, view, min(number + 1, LARGEST))
    yield Failure(pattern, "true", number < LARGEST, _never_twice(view) if number else None)


def _never_twice(view: View) -> URIRef | None:
    return view.path.predicate if view.path else None


def has_value(context: Context, view: View, values: list[Node]) -> Iterator[Failure]:
    for value in values:
        constant = context.constant(value)
        if constant is None:
            yield Failure("", "true", exact=False)
        elif view.path:
            yield Failure("", f"NOT EXISTS {{ {view.to(constant)} }}")
        else:
            yield Failure("", f"!sameTerm({view.value}, {constant})")


def unique_lang(context: Context, view: View, values: list[Node]) -> Iterator[Failure]:
    flag = single(values)
    needs_path(view)
    if not (isinstance(flag, rdflib.Literal) and flag.value is True):
        return
    (one, two), pattern = distinct(context, view, 2)
    same = f'LANG({one}) != "" && LCASE(LANG({one})) = LCASE(LANG({two}))'
    yield Failure(pattern, f"COALESCE({same}, false)", impossible_if=_never_twice(view))


def equals(context: Context, view: View, values: list[Node]) -> Iterator[Failure]:
    for other, name in _others(context, view, values):
        triple = f"{view.focus} {name} {other} ."
        if view.path:
            yield Failure(view.pattern, f"NOT EXISTS {{ {view.focus} {name} {view.value} }}")
            yield Failure(triple, f"NOT EXISTS {{ {view.to(other)} }}")
        else:
            yield Failure("", f"NOT EXISTS {{ {view.focus} {name} {view.value} }}")
            yield Failure(triple, f"!sameTerm({other}, {view.value})")


def disjoint(context: Context, view: View, values: list[Node]) -> Iterator[Failure]:
    for _, name in _others(context, view, values):
        yield Failure(f"{view.pattern} {view.focus} {name} {view.value} .".strip(), "true")


def _less(context: Context, view: View, values: list[Node], comparison: str) -> Iterator[Failure]:
    needs_path(view)
    for other, name in _others(context, view, values):
        one = view.value
        numbers = f"{is_number(one)} && {is_number(other)}"
        dates = (
            f"datatype({one}) = datatype({other}) && {PLAIN.format(one)} && {PLAIN.format(other)}"
        )
        test = f"(({numbers}) || ({dates})) && {one} {comparison} {other}"
        triple = f"{view.focus} {name} {other} ."
        yield Failure(f"{view.pattern} {triple}", f"!COALESCE({test}, false)", exact=False)


def less_than(context: Context, view: View, values: list[Node]) -> Iterable[Failure]:
    return _less(context, view, values, "<")


def less_than_or_equals(context: Context, view: View, values: list[Node]) -> Iterable[Failure]:
    return _less(context, view, values, "<=")


def _others(context: Context, view: View, values: list[Node]) -> Iterator[tuple[str, str]]:
    """A variable and the written predicate for each property that the values are compared with."""
    for predicate in values:
        if not isinstance(predicate, URIRef):
            raise NotCompiled("a pair of properties, one without an IRI")
        context.needs_stored_hierarchy([predicate])
        context.reads.append(Read(view.route, predicate))
        yield context.fresh(), sparql(predicate)


def needs_path(view: View) -> None:
    """Raises NotCompiled on a node shape, where SHACL does not allow the constraint."""
    if view.path is None:
        raise NotCompiled("a constraint that a node shape cannot have")
