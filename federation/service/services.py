"""The SERVICEs of a query: which they are, and what the rest of the query wants of them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from atlas.errors import NotFederable, shown
from federation.query.context import VARIABLE
from federation.query.parts import (
    Bind,
    Filter,
    Group,
    Lateral,
    Query,
    Service,
    SubSelect,
    children,
    everything,
    groups,
)
from federation.query.scoping import certain, named, possible

# LIMIT and OFFSET, and nothing that looks at more solutions.
LIMITS = re.compile(r"\s*((LIMIT|OFFSET)\s*[0-9]+\s*){1,2}", re.IGNORECASE)


def services(query: Query) -> list[Service]:
    """The SERVICEs of a query, which stand side by side. Raises NotFederable."""
    where, *clauses = groups(query.select)
    return [
        *_services(query, where),
        *(service for group in clauses for service in _services(query, group, correlated=True)),
    ]


def _services(query: Query, group: Group, *, correlated: bool = False) -> Iterator[Service]:
    for element in group.elements:
        if isinstance(element, Service):
            if correlated:
                refuse_correlated(query, element)
            yield element
            continue
        inside = correlated or isinstance(element, (Filter, Bind))
        for child in children(element):
            for service in _services(query, child, correlated=inside):
                if isinstance(element, Lateral):
                    raise NotFederable(
                        f"SERVICE {shown(service.name)} stands inside LATERAL, which would have it "
                        "asked for each solution; join it with the group around it instead."
                    )
                yield service


def refuse_correlated(query: Query, service: Service) -> None:
    """In EXISTS a solution's values are put into the pattern before it is evaluated.

    For variables that each row of the body binds that is a join; for others it is none.
    https://www.w3.org/TR/sparql11-query/#defn_substitute
    """
    body = query.part(service.group)
    outside = query.text[: service.start] + query.text[service.end :]
    shared = set(VARIABLE.findall(body)) & set(VARIABLE.findall(outside))
    unbound = sorted(shared - certain(service.group, {}))
    if unbound:
        raise NotFederable(
            f"In EXISTS, SERVICE {shown(service.name)} uses ?{unbound[0]}, which stands outside of "
            "it too and which it does not always bind; give one of them another name."
        )


def shows_all(query: Query, service: Service) -> bool:
    """Whether ``*`` shows the variables of this SERVICE."""
    if query.form == "DESCRIBE" and query.template is not None:
        start, end = query.template
        if "*" in query.text[start:end]:
            return True
    selects = [element.select for element in everything(query) if isinstance(element, SubSelect)]
    return any(
        select.plain is None and select.start <= service.start and service.end <= select.end
        for select in (query.select, *selects)
    )


def enough(query: Query, service: Service) -> int | None:
    """How many rows suffice where the query is one SERVICE and LIMIT, or ASK; None: all."""
    select = query.select
    alone = query.where.elements == [service] and select.values is None and not service.variable
    if not alone or select.distinct or select.grouped:
        return None
    if query.form == "ASK":
        return 1
    found = LIMITS.fullmatch(query.text, select.where.end, select.end)
    if found is None or "LIMIT" not in found[0].upper():
        return None
    return sum(map(int, re.findall(r"[0-9]+", found[0])))


def wanted(query: Query, service: Service) -> tuple[str, ...]:
    """The variables of the body that the rest of the query speaks of."""
    visible = possible(service.group, {})
    if not shows_all(query, service):
        outside = query.text[: service.start] + query.text[service.end :]
        visible &= frozenset(VARIABLE.findall(outside)) | named(service.name)
    return tuple(sorted(visible))
