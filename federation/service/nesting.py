"""A SERVICE inside a SERVICE becomes one beside it: no partner is asked to ask another site.

What is joined may be joined here as well as there, and a group is its elements in their order
whoever answers them. What has no such parts, such as EXISTS over both sites' data, is refused.
"""

from __future__ import annotations

from atlas.errors import NotFederable, shown
from federation.query.context import MANDATORY, VARIABLE
from federation.query.parts import (
    Bind,
    Element,
    Filter,
    Group,
    Minus,
    Optional_,
    Query,
    Service,
    Triples,
    Union,
    children,
    everything,
    walk,
)
from federation.query.scoping import NONE, possible, together
from federation.query.structure import read


def side_by_side(query: Query) -> Query:
    """The query, where no SERVICE stands inside another one. Raises NotFederable."""
    while outer := next(filter(_nests, everything(query)), None):
        assert isinstance(outer, Service)
        text = query.text
        text = text[: outer.start] + _apart(query, outer) + text[outer.end :]
        query = read(text, query.base)
    return query


def _nests(element: Element) -> bool:
    return isinstance(element, Service) and any(
        isinstance(inner, Service) for inner in walk(element.group)
    )


def _apart(query: Query, outer: Service) -> str:
    """A group with the outer SERVICE's own part, the inner ones and the filters over both."""
    elements = outer.group.elements
    inner = [element for element in elements if isinstance(element, Service)]
    own = [element for element in elements if not isinstance(element, (Service, Filter))]
    behind = elements[elements.index(inner[0]) :] if inner else elements
    joined = all(isinstance(element, (*MANDATORY, Filter)) for element in behind)
    deeper = any(
        isinstance(part, Service)
        for element in elements
        if not isinstance(element, Service)
        for group in children(element)
        for part in walk(group)
    )
    if outer.silent or outer.variable:
        raise _refused(outer)
    if not inner or not joined or deeper:
        return f"{{ {_in_turn(query, outer, outer.group)} }}"
    bound = together(own, {})
    foreign = NONE.union(*(possible(service, {}) for service in inner)) - bound
    here: list[Element] = []
    there = list(own)
    for element in elements:
        if isinstance(element, Filter):
            used = set(VARIABLE.findall(query.part(element)))
            if element.expression.groups and used & foreign:
                raise _refused(outer)
            (here if used - bound and not element.expression.groups else there).append(element)
    body = " .\n".join(query.part(element) for element in there)
    asked = [f"SERVICE {outer.name} {{ {body} }}"] if there else []
    return "{ " + "\n".join([*asked, *map(query.part, inner), *map(query.part, here)]) + " }"


def _in_turn(query: Query, outer: Service, group: Group) -> str:
    """The group element by element, with the outer SERVICE around each stretch of its own.

    A group is its elements in their order whoever answers them; what is computed needs no site.
    """
    said: list[str] = []
    own: list[str] = []

    def end_of_stretch() -> None:
        if own:
            said.append(f"SERVICE {outer.name} {{ {' '.join(own)} }}")
            own.clear()

    for element in group.elements:
        if isinstance(element, Filter):
            continue
        if _is_own(element, first=not said):
            # Two sentences need a full stop between them, and nothing minds one that is.
            own.append(query.part(element) + (" ." if isinstance(element, Triples) else ""))
        else:
            end_of_stretch()
            said.append(_taken_out(query, outer, element))
    end_of_stretch()
    filters = [element for element in group.elements if isinstance(element, Filter)]
    if any(element.expression.groups for element in filters):
        raise _refused(outer)
    return "\n".join([*said, *map(query.part, filters)])


def _is_own(element: Element, *, first: bool) -> bool:
    """Whether it is the outer site's alone, and may stand in a stretch.

    What works on the solutions before it must have all of them there: it is in the ``first`` one.
    """
    if any(isinstance(part, Service) for group in children(element) for part in walk(group)):
        return False
    if isinstance(element, Service):
        return False
    return first or isinstance(element, MANDATORY)


def _taken_out(query: Query, outer: Service, element: Element) -> str:
    """One element that is not the outer site's alone."""
    match element:
        case Service():
            return query.part(element)
        case Optional_(group=group):
            return f"OPTIONAL {{ {_in_turn(query, outer, group)} }}"
        case Minus(group=group):
            return f"MINUS {{ {_in_turn(query, outer, group)} }}"
        case Union(branches=branches):
            return " UNION ".join(f"{{ {_in_turn(query, outer, one)} }}" for one in branches)
        case Group():
            return f"{{ {_in_turn(query, outer, element)} }}"
        case Bind(expression=expression) if not expression.groups:
            return query.part(element)
    raise _refused(outer)


def _refused(outer: Service) -> NotFederable:
    return NotFederable(
        f"SERVICE {shown(outer.name)} holds another SERVICE, which that site would have to ask, in "
        "a place where it cannot be asked from here; put the two side by side."
    )
