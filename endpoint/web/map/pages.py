"""What is related to what: a map of relations, and the same as a table.

The page is whole without scripts: a form, the neighbourhood as a drawing, the relations as a table
of sentences. The script draws the same relations as a map that can be opened and moved.
"""

from __future__ import annotations

from flask import Blueprint, Response, request

from endpoint.language import translate
from endpoint.page_addresses import at
from endpoint.publishing.licences import licence_name
from endpoint.site import current_site
from endpoint.view import View, answer
from endpoint.web.map.choices import choices, found_things
from endpoint.web.map.data import data
from endpoint.web.map.relations import Drawn, drawn
from endpoint.web.map.rows import rows
from endpoint.web.map.show import Shown, cut, shown
from endpoint.web.map.state import State, read
from endpoint.web.map.things import KINDS

blueprint = Blueprint("map", __name__)
SAID = (
    "map.js_one",
    "map.js_many",
    "map.js_none",
    "map.js_relation",
    "map.js_open",
    "map.js_opened",
    "map.js_fold",
    "map.js_centre",
    "map.js_page",
    "map.js_loading",
    "map.js_failed",
    "map.js_loaded",
    "map.js_nothing",
    "map.js_more",
    "map.js_from",
    "map.js_saved",
    "map.js_page_of",
    "map.js_too_many",
    "map.js_unreadable",
    "map.js_moved",
    "map.js_put_back",
)


@blueprint.get("/map")
def page() -> Response:
    state = read(request.args, current_site().settings.base)
    return answer(lambda view: make(view, state))


def make(view: View, state: State) -> str:
    """The page of a map. Raises what its queries raise."""
    found, more, near = found_things(view, state.words) if state.words else (None, False, [])
    result = drawn(view, state) if found is None else Drawn()
    figure = shown(view, state, result)
    return view.render(
        "web/map.html",
        state=state,
        choices=choices(view, state, result, figure),
        found=found,
        more=more,
        near=near,
        figure=figure,
        kinds=[kind for kind in KINDS if kind in figure.kinds],
        title=title(figure),
        address=lambda **changes: at("map.page", **state.at(view.base, **changes)),
        without=lambda iri: tuple(each for each in state.opened if each != iri),
        rows=rows(state, figure),
        data=data(view.base, state, figure),
        credit=credit(view, figure),
        legend_words=legend_words(figure),
        words=words(),
    )


def title(figure: Shown) -> str:
    if figure.centre:
        return translate("map.around", name=cut(figure.centre.text))
    return translate("map.title")


def credit(view: View, figure: Shown) -> str:
    """The sources of what is drawn, each with its licence: what a copy of the drawing must say."""
    graphs = view.site.catalogue(view.generation).graphs
    named = [graphs[iri] for iri in figure.graphs if iri in graphs]
    return translate("site.semicolon", view.language).join(
        f"{graph.title(view.language)} ({licence_name(graph.licence)})"
        if graph.licence
        else graph.title(view.language)
        for graph in named
    )


def legend_words(figure: Shown) -> dict[str, list[tuple[object, str]]]:
    """What a saved picture says of its shapes, lines and hues: each with its words."""
    return {
        "kinds": [(kind, translate(f"map.kind_{kind}")) for kind in KINDS if kind in figure.kinds],
        "statuses": [
            (status, translate(f"map.status_{status}") or status) for status in figure.statuses
        ],
        "components": [(number, value.text) for number, value in figure.components],
    }


def words() -> dict[str, str]:
    """What the script says, in the reader's language."""
    return {key.removeprefix("map.js_"): translate(key) for key in SAID}
