"""The address of a map of relations: around what, how far, of which relations, and what is chosen.

Things stand in it by their path under ``/id/`` or under the site's root, else by their whole IRI.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from pyoxigraph import NamedNode
from werkzeug.datastructures import MultiDict

from atlas.errors import UsageError
from endpoint.refusals import refused
from endpoint.wire.addresses import ROOT
from store.labels.words import LONGEST_QUERY

MOST_OPENED = 40
LONGEST_IRI = 2000
SLUG = re.compile(r"[A-Za-z0-9]+([._-][A-Za-z0-9]+)*")
FILTERS = ("family", "type", "status", "source")
DEPTHS = ("1", "2")
PAGE = re.compile(r"[1-9][0-9]{0,3}")
TERMS = ("vocabulary/", "ontology/", "module/")


@dataclass(frozen=True)
class State:
    """What a map shows. An empty ``centre`` is the whole atlas; things are IRIs, filters slugs.

    ``page`` is which part of a long table is shown, 0 for the part that has what is selected. Where
    things stand and what is seen of them is behind the ``#``: endpoint/assets/map/arrangement.js.
    """

    centre: str = ""
    opened: tuple[str, ...] = ()
    depth: int = 1
    family: str = ""
    type: str = ""
    status: str = ""
    source: str = ""
    selected: str = ""
    words: str = ""
    page: int = 0

    @property
    def filters(self) -> dict[str, str]:
        return {name: getattr(self, name) for name in FILTERS if getattr(self, name)}

    def at(self, base: str, **changes: object) -> dict[str, object]:
        """The parameters of the address of this map, or of this map with changes.

        Which part of the table is shown is said only if it is among the changes.
        """
        state = replace(self, **{"page": 0, **changes})  # type: ignore[arg-type]
        return {
            "centre": short(state.centre, base),
            "open": [short(iri, base) for iri in state.opened],
            "depth": str(state.depth) if state.depth > 1 else None,
            **state.filters,
            "selected": short(state.selected, base),
            "page": str(state.page) if state.page else None,
        }


def read(parameters: MultiDict[str, str], base: str) -> State:
    """The map that an address asks for. Raises UsageError where it asks for none there can be."""
    depth = parameters.get("depth", "") or DEPTHS[0]
    if depth not in DEPTHS:
        raise refused(UsageError, "refusal.parameter", name="depth", value=depth, takes=DEPTHS)
    words = parameters.get("q", "").strip()
    if len(words) > LONGEST_QUERY:
        raise refused(
            UsageError, "refusal.too_long", name="q", count=len(words), most=LONGEST_QUERY
        )
    opened = tuple(dict.fromkeys(things(parameters.getlist("open"), "open", base)))
    if len(opened) > MOST_OPENED:
        raise refused(UsageError, "refusal.opened", count=len(opened), most=MOST_OPENED)
    return State(
        centre=thing(parameters.get("centre", ""), "centre", base),
        opened=opened,
        depth=int(depth),
        selected=thing(parameters.get("selected", ""), "selected", base),
        words=words,
        page=page(parameters.get("page", "").strip()),
        **{name: slug(parameters.get(name, ""), name) for name in FILTERS},
    )


def things(values: Iterable[str], name: str, base: str) -> list[str]:
    return [iri for value in values if (iri := thing(value, name, base))]


def thing(value: str, name: str, base: str) -> str:
    """The IRI of a thing written long or short, "" for none. Raises UsageError."""
    value = value.strip()
    if not value:
        return ""
    if value.startswith(("http://", "https://", "urn:")):
        iri = value
    else:
        iri = f"{ROOT}/{value}" if value.startswith(TERMS) else f"{base}/id/{value}"
    try:
        NamedNode(iri)
    except ValueError:
        iri = ""
    if not iri or len(iri) > LONGEST_IRI:
        raise refused(UsageError, "refusal.thing", name=name, value=value)
    return iri


def short(iri: str, base: str) -> str:
    """The thing as the address has it: ``thing`` gives the IRI again."""
    own = iri.removeprefix(f"{base}/id/")
    term = iri.removeprefix(f"{ROOT}/")
    if own != iri and not own.startswith((*TERMS, "http:", "https:", "urn:")):
        return own
    return term if term != iri and term.startswith(TERMS) else iri


def slug(value: str, name: str) -> str:
    """The last part of a term's or a graph's IRI. Raises UsageError for what cannot be one."""
    value = value.strip()
    if value and (len(value) > 100 or SLUG.fullmatch(value) is None):
        raise refused(UsageError, "refusal.term", name=name, value=value)
    return value


def page(value: str) -> int:
    """The number of a part of the table, 0 where none is asked for. Raises UsageError."""
    if value and PAGE.fullmatch(value) is None:
        raise refused(UsageError, "refusal.number_from", name="page", value=value, least=1)
    return int(value or 0)
