"""Experiences by domain, scale, territory, language, site, year and type; and documents likewise.

The page is made of two answers of named queries, all that is said of each experience and its texts:
it keeps the rows that a reader chose and counts them. ``experience_list`` says in one query which
experiences a choice keeps; each figure of the page is the number of its rows for that choice.
"""

from __future__ import annotations

from collections import Counter

from flask import Blueprint, Response, request

from endpoint.catalogue import RESULTS
from endpoint.language import language_name
from endpoint.view import Asked, View, answer
from endpoint.web.experiences.charts import columns
from endpoint.web.experiences.choice import ON_A_PAGE, Address, part, read_address
from endpoint.web.experiences.facets import EXPERIENCES, IRI, KINDS, Kind, Namer, Shown, shown
from endpoint.web.experiences.items import items
from endpoint.web.experiences.like import FACTORS, like, settled
from endpoint.web.experiences.meant import meant, mostly
from endpoint.web.experiences.table import (
    SORTS,
    UNSAID,
    Selection,
    Table,
    read_table,
    select,
)

blueprint = Blueprint("experiences", __name__)


@blueprint.get("/experiences")
def page() -> Response:
    return answer(make)


def make(view: View) -> str:
    """The page. Raises UsageError for parameters that ask for nothing there is."""
    address = settled(view, read_address(request.args))
    kind = address.kind
    table = everything(view, kind)
    selection = select(table, address.choice, view.language)
    on_page = part(selection.entries, address.page)
    namer = Namer(view.names(things(table, kind)), view.language)
    facets = facets_of(selection, address, namer)
    listed = Asked(
        view.site.library[kind.query("list")],
        address.asked(view.language),
        len(selection.entries),
    )
    view.asked.append(listed)
    return view.render(
        "web/experiences.html",
        address=address,
        asked=address.rest,
        kind=kind,
        kinds=KINDS.values(),
        total=len(selection.entries),
        every=len(table.entries),
        facets=facets.values(),
        meant=meant(table.entries, kind, address.choice.words, namer),
        mostly=foreign(mostly(table.entries), view.language),
        bars=facets[kind.bars],
        years=facets["year"],
        columns=columns(facets["year"]),
        sources=origins(table, kind, namer),
        items=items(view, kind, on_page, namer),
        listed=listed,
        first=(address.page - 1) * ON_A_PAGE + 1,
        pages=max(1, -(-len(selection.entries) // ON_A_PAGE)),
        sorts=SORTS,
        **(alike(view, address, table) if kind is EXPERIENCES else {}),
    )


def foreign(tag: str, language: str) -> str:
    """What a language is called, "" for the reader's own and for none."""
    return language_name(tag) if tag and tag != language else ""


def everything(view: View, kind: Kind) -> Table:
    """All experiences, or documents, as the generation has them."""
    values, texts = (view.site.library[kind.query(one)] for one in ("values", "texts"))
    table = read_table(
        view.answered(values, {}, RESULTS),
        view.answered(texts, {}, RESULTS),
        kind.subject,
        kind.keys,
    )
    view.asked += [Asked(values, {}, table.values), Asked(texts, {}, table.texts)]
    return table


def things(table: Table, kind: Kind) -> list[str]:
    """Whatever the facets name by its IRI: always the same, so that the names are kept too."""
    keys = [facet.key for facet in kind.facets if facet.values == IRI]
    found = {value for one in table.entries for key in keys for value in one.values[key]}
    return sorted(found - {UNSAID})


def facets_of(selection: Selection, address: Address, namer: Namer) -> dict[str, Shown]:
    return {
        facet.key: shown(
            facet,
            selection.counts.get(facet.key, {}),
            address.choice.values.get(facet.key, ()),
            namer,
        )
        for facet in address.kind.facets
    }


def origins(table: Table, kind: Kind, namer: Namer) -> Shown:
    """The sources of everything that is listed, whatever is chosen."""
    counts = Counter(value for one in table.entries for value in one.values["source"])
    return shown(kind.facet("source"), counts, (), namer)


def alike(view: View, address: Address, table: Table) -> dict[str, object]:
    """The part of the page about territories like the reader's.

    ``imprecise``: how many experiences name no territory more precise than a country.
    """
    return {
        "like": like(view, address, {one.iri: one for one in table.entries}),
        "factors": FACTORS,
        "imprecise": sum(UNSAID in one.values["place"] for one in table.entries),
    }
