"""All that leads to a thing by a property, page by page: there may be tens of thousands.

A list that is read whole is in the order of the names. A longer one is read in pieces, in the order
in which the engine finds them, and each page is sorted by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, request, url_for
from pyoxigraph import NamedNode
from werkzeug.datastructures import MultiDict

from atlas.errors import UnknownName, UsageError
from endpoint.language import translate
from endpoint.names import Names, Value, folded
from endpoint.page_addresses import here
from endpoint.refusals import refused
from endpoint.solutions import Solution
from endpoint.view import View, answer
from endpoint.web.thing import facts
from endpoint.web.thing.links import Group, Item, in_order
from endpoint.web.thing.names import names_of
from endpoint.web.thing.page import distinguish
from endpoint.web.thing.sources import Letters, legend, titled
from endpoint.web.thing.words import back_words, out_words, rule
from store.answers import Term

ON_A_PAGE = 100
RULES = "rules"
# The query that lists what sources state, and the one for what the rules alone say.
QUERIES = {"": "thing_incoming", RULES: "thing_incoming_inferred"}
# The query of a piece of a list, whoever says it; and how many statements the others read: all.
SOME, EVERY = "thing_incoming_some", 999_999_999
# Digits that the number of a page may have.
LONGEST = 6

blueprint = Blueprint("links", __name__)


@dataclass(frozen=True)
class Wanted:
    """What an address asks for. ``by``: "" for what sources state, RULES for what rules add."""

    thing: str
    predicate: str
    by: str
    page: int

    @property
    def query(self) -> str:
        return QUERIES[self.by]


@dataclass(frozen=True)
class Part:
    """The part of a list that a page shows: from the number ``first`` on, of ``total``."""

    total: int
    page: int

    @property
    def first(self) -> int:
        return (self.page - 1) * ON_A_PAGE + 1

    @property
    def last(self) -> int:
        return min(self.page * ON_A_PAGE, self.total)

    @property
    def pages(self) -> int:
        return pages(self.total)

    @property
    def whole(self) -> bool:
        """Whether the order of the names goes through all pages."""
        return self.total <= facts.MANY


@blueprint.get("/links")
def page() -> Response:
    return answer(lambda view: make(view, read(request.args)))


def read(given: MultiDict[str, str]) -> Wanted:
    """What the address asks for. Raises UsageError for what it cannot ask for."""
    by, number = given.get("by", ""), given.get("page") or "1"
    if by not in QUERIES:
        raise refused(UsageError, "refusal.parameter_or_none", name="by", value=by, takes=RULES)
    whole = number.isascii() and number.isdecimal() and len(number) <= LONGEST
    if not whole or int(number) < 1:
        raise refused(UsageError, "refusal.number_from", name="page", value=number, least=1)
    return Wanted(given.get("thing", ""), given.get("property", ""), by, int(number))


def make(view: View, wanted: Wanted) -> str:
    """The page. Raises UsageError for a page or an IRI that is none, UnknownName for no list."""
    total = counted(view, wanted)
    if not total:
        # What is no IRI is refused for that.
        view.ask(wanted.query, thing=wanted.thing, property=wanted.predicate, most=1)
        raise refused(
            UnknownName, "refusal.no_links", thing=wanted.thing, property=wanted.predicate
        )
    if wanted.page > pages(total):
        raise refused(
            UsageError,
            "refusal.number_between",
            name="page",
            value=wanted.page,
            least=1,
            most=pages(total),
        )
    return view.render("web/links.html", **shown(view, wanted, total))


def counted(view: View, wanted: Wanted) -> int:
    """How many things lead to the thing, as its own page counts them."""
    found = {one.predicate: one for one in facts.pointed(view, wanted.thing)}.get(wanted.predicate)
    if found is None:
        return 0
    return found.inferred if wanted.by else found.stated


def pages(total: int) -> int:
    return -(-total // ON_A_PAGE)


def shown(view: View, wanted: Wanted, total: int) -> dict[str, object]:
    """What the template shows, by name."""
    part = Part(total, wanted.page)
    ends = asked(view, wanted, part)
    iris = [end.value for end in ends if isinstance(end, NamedNode)]
    names = names_of(view, [wanted.thing, wanted.predicate, *iris])
    letters = Letters()
    items = [item(end, letters.of(graphs), names) for end, graphs in ends.items()]
    if part.pages == 1 or not part.whole:
        items.sort(key=lambda one: in_order(one, names))
    group = named(wanted, names, items, total)
    distinguish(names.of(wanted.thing), [group])
    sources = legend(view, letters)
    return {
        "thing": names.value(wanted.thing),
        "group": group,
        "part": part,
        "why": rule(wanted.predicate) if wanted.by else "",
        "sources": sources,
        "titled": titled(sources),
        "to": lambda number: here(page=number if number > 1 else None),
        "given": {"thing": wanted.thing, "property": wanted.predicate, "by": wanted.by},
        "file": lambda suffix: file(wanted, suffix),
    }


def asked(view: View, wanted: Wanted, part: Part) -> dict[Term, list[str]]:
    """What the page lists, with the graphs that state it."""
    given = {"thing": wanted.thing, "property": wanted.predicate}
    if part.whole:
        rows = sorted(view.ask(wanted.query, **given, most=EVERY), key=named_order)
        rows = rows[part.first - 1 : part.last]
        return {row["other"]: row.text("graphs").split() for row in rows}
    by = wanted.by or None
    ends: dict[Term, list[str]] = {}
    for row in view.ask(SOME, **given, by=by, skip=part.first - 1, most=ON_A_PAGE):
        ends.setdefault(row["other"], []).append(row.text("graph"))
    return ends


def named_order(row: Solution) -> tuple[bool, str, str]:
    """By the name in the answer; what has none comes last."""
    return "name" not in row, folded(row.text("name")), row.text("other")


def item(end: Term, letters: str, names: Names) -> Item:
    if isinstance(end, NamedNode):
        return Item(names.value(end.value), letters, end.value)
    return Item(Value(translate("doc.unnamed")), letters)


def named(wanted: Wanted, names: Names, items: Sequence[Item], total: int) -> Group:
    """The links of the page under their verb, in the words of the thing's own page."""
    spoken = out_words(wanted.predicate, names.of(wanted.predicate))
    words = back_words(wanted.predicate)
    verb = names.link(wanted.predicate, words or spoken)
    return Group(wanted.predicate, verb, spoken, "to", bool(words), items, total)


def file(wanted: Wanted, suffix: str) -> str:
    """The address of the whole list in a format, such as csv."""
    given: dict[str, Any] = {"thing": wanted.thing, "property": wanted.predicate, "most": EVERY}
    return url_for("named.run", name=f"{wanted.query}.{suffix}", **given)
