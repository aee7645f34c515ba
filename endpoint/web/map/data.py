"""What the script draws: the things and relations of the table, with nothing said twice.

A map may have thousands of relations, so they are rows of numbers: a verb, a kind or a source is
said once, and meant by its place in its list. endpoint/assets/map/graph.js reads them.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

from endpoint.names import Value, in_language
from endpoint.web.map.show import Line, Shown, ShownThing
from endpoint.web.map.state import State, short
from endpoint.wire.addresses import link

# The number of a value in the list of that name.
Number = Callable[[str, Hashable], int]
LISTS = ("kinds", "classes", "verbs", "statuses", "sources", "documents")


@dataclass(frozen=True)
class Data:
    """``rows`` is for the script; of the other lists the page says each piece once, as markup."""

    rows: dict[str, Any]
    statuses: list[str]
    sources: list[list[Value]]
    documents: list[Value]


def data(base: str, state: State, figure: Shown) -> Data:
    """The map for its script: rows of numbers, and the lists in which these have their places.

    A thing is [key, label, kind, class, components, address?, external?]: the address only where it
    is not the key between the two parts of ``page``. A relation is [source, target, verb, status,
    step, sources, key, documents, address?]: the key and the documents of a described one only.
    """
    page = (in_language(link(f"{base}/id/", base)) or "").partition("?")
    usual = (page[0], "".join(page[1:]))
    once: dict[str, dict[Any, int]] = {name: {} for name in LISTS}

    def number(name: str, value: Hashable) -> int:
        return once[name].setdefault(value, len(once[name]))

    rows = {
        "centre": figure.index(state.centre),
        "selected": short(state.selected, base),
        "opened": [short(iri, base) for iri in state.opened],
        "page": usual,
        "things": [thing(shown, usual, number) for shown in figure.things],
        "relations": [relation(line, base, usual, number) for line in figure.lines],
        **{name: list(once[name]) for name in ("kinds", "classes", "verbs", "statuses")},
    }
    value = figure.names.value
    return Data(
        rows,
        statuses=list(once["statuses"]),
        sources=[[value(graph) for graph in graphs] for graphs in once["sources"]],
        documents=[value(document) for document in once["documents"]],
    )


def thing(shown: ShownThing, usual: tuple[str, str], number: Number) -> list[Any]:
    return [
        shown.key,
        shown.name.text,
        number("kinds", shown.thing.kind),
        number("classes", shown.says),
        list(shown.thing.components),
        *unusual(shown.name, shown.key, usual),
    ]


def relation(line: Line, base: str, usual: tuple[str, str], number: Number) -> list[Any]:
    """The row of a relation; ``verbs`` has texts with the address of those of plain facts."""
    one = line.relation
    row: list[Any] = [
        *line.numbers,
        number("verbs", (line.verb.text, None if one.iri else line.verb.href)),
        number("statuses", one.status),
        one.step,
        number("sources", one.graphs),
    ]
    if not one.iri:
        return row
    key = short(one.iri, base)
    documents = [number("documents", iri) for iri in one.documents]
    return [*row, key, documents, *unusual(line.verb, key, usual)]


def unusual(name: Value, key: str, usual: tuple[str, str]) -> list[Any]:
    """Where a name leads, unless it is to the page that its key says."""
    if name.href == key.join(usual):
        return []
    return [name.href, True] if name.external else [name.href]
