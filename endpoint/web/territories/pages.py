"""Who does what here: the bodies, competences and schemes of a commune."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, request

from atlas.errors import UnknownName, UsageError
from endpoint.catalogue import Graph
from endpoint.language import reader_language
from endpoint.page_addresses import at, passed
from endpoint.publishing.licences import SHARE_ALIKE, licence_name
from endpoint.refusals import refused
from endpoint.view import View, answer, current_view
from endpoint.web.territories import bodies as territories_bodies
from endpoint.web.territories import pair as territories_pair
from endpoint.web.territories.levels import Level, competences, levels
from endpoint.web.territories.members import groupings, moved
from endpoint.web.territories.places import (
    CODE,
    COMMUNE,
    PARTS,
    VINTAGES,
    Place,
    kin,
    places,
    vintage_of,
)
from endpoint.web.territories.schemes import (
    SOURCE,
    Public,
    as_schemes,
    candidates,
    has_source,
    publics,
    source_graph,
)
from endpoint.web.territories.search import (
    code_in,
    communes,
    department_of,
    departments,
    departments_named,
    departments_of,
    searched,
)
from endpoint.web.territories.words import either, phrase, summary

blueprint = Blueprint("territories", __name__)

# A city, the capital, a code with a letter, an island of the ocean, one that is in no grouping.
EXAMPLES = (
    ("54395", "Nancy"),
    ("75056", "Paris"),
    ("2A004", "Ajaccio"),
    ("97411", "Saint-Denis"),
    ("29155", "Ouessant"),
)
# Where the invented schemes are.
INVENTED = ("illustrative-meurthe-et-moselle", "54395")


@blueprint.get("/territories")
def page() -> Response:
    code = code_in(request.args.get("q", ""))
    # A postal code looks the same, and is often the code of no place.
    if code and current_view().ask("here_places", insee=code):
        return leading(at("territories.commune", insee=code))
    return answer(choose)


def choose(view: View) -> str:
    """A commune is found by its name, in its department, or in its grouping."""
    text, code = request.args.get("q", "").strip(), request.args.get("department", "").upper()
    siren = request.args.get("grouping", "")
    groups = departments(view)
    department = department_of(groups, code) if code else None
    found, more, near = searched(view, text) if text else ([], False, [])
    coded = bool(code_in(text))
    # Five digits begin the numbers of many groupings, and are the number of none.
    named = text and not coded
    bodies, more_bodies = territories_bodies.named(view, text) if named else ([], False)
    return view.render(
        "web/territories.html",
        query=text,
        found=found,
        more=more,
        near=near,
        bodies=bodies,
        more_bodies=more_bodies,
        named=departments_named(groups, text) if text else [],
        postal=departments_of(groups, text) if coded else None,
        grouping=territories_bodies.listed(view, siren) if siren else None,
        examples=EXAMPLES,
        groups=groups,
        department=department,
        letters=communes(view, department.code) if department else [],
        year=VINTAGES[0],
    )


@blueprint.get("/territories/<insee>")
def commune(insee: str) -> Response:
    if insee != insee.upper() and CODE.fullmatch(insee.upper()):
        return leading(
            at("territories.commune", **{**passed(request.args), "insee": insee.upper()})
        )
    return answer(lambda view: here_is(view, insee))


def here_is(view: View, insee: str) -> str:
    """The page of a commune, or of what else the code is."""
    found = places(view, insee)
    asked = request.args.get("vintage")
    first = found[0]
    if first.kind != COMMUNE or not (VINTAGES[0] in first.vintages or asked):
        return elsewhere(view, found)
    return who_does_what(view, first, found[1:], vintage_of(asked, first))


def elsewhere(view: View, found: list[Place]) -> str:
    """A code that is no commune of today: what it is, and where to read on."""
    first = found[0]
    successors = kin(view, first.code, "successor") if first.kind == COMMUNE else []
    # Of many former communes the sources give the code alone; what became of them kept the name.
    name = next((one.label for one in found if one.label), first.code)
    wholes = {one.whole.code for one in found if one.kind in PARTS}
    former = first.kind == COMMUNE and not first.vintages
    if former and wholes and wholes >= {one.code for one in successors}:
        found = found[1:]
    return view.render(
        "web/territories_elsewhere.html",
        places=found,
        name=name,
        successors=successors,
        parts=PARTS,
        commune=COMMUNE,
        phrase=phrase,
    )


def who_does_what(view: View, place: Place, others: list[Place], year: str) -> str:
    rungs = levels(view, place.code, year)
    list_of = competences(view, place.code, year, rungs)
    members = groupings(view, place.code)
    return view.render(
        "web/territories_commune.html",
        place=place,
        others=others,
        year=year,
        vintages=VINTAGES,
        summary=summary(place, rungs, members, year=year, held=len(list_of.held)),
        rungs=rungs,
        competences=list_of,
        holders=list_of.holders,
        members=[one for one in members if one.of(year)],
        every_grouping=members,
        move=moved(members),
        either=either,
        predecessors=kin(view, place.code, "predecessor"),
        invented=INVENTED,
        **the_candidates(view, place, rungs),
        phrase=phrase,
    )


def the_candidates(view: View, place: Place, rungs: list[Level]) -> dict[str, object]:
    """The candidates with what is known of their source; none where the atlas lacks the usual one.

    Raises UnknownName for another source that it lacks.
    """
    source = request.args.get("source") or SOURCE
    if source == SOURCE and not has_source(view, source):
        return {"candidates": None}
    public = request.args.get("public", "")
    found = candidates(view, place.code, rungs, source=source, public=public)
    return {"candidates": found, **about(found.graph)}


@blueprint.get("/territories/<insee>/pair")
def pair(insee: str) -> Response:
    return answer(lambda view: side_by_side(view, insee))


def side_by_side(view: View, insee: str) -> str:
    """Two candidates, with what the source says of each.

    Raises UnknownName where the two are no candidates of the commune and public.
    """
    place = places(view, insee)[0]
    if place.kind != COMMUNE:
        raise refused(UnknownName, "refusal.commune", insee=insee)
    source = request.args.get("source") or SOURCE
    graph, public = source_graph(view, source), public_of(view, request.args.get("public"), source)
    rows = view.ask("cq01_unarticulated_schemes", insee=insee, public=public.slug, source=source)
    two = [
        territories_pair.chosen(view, rows, request.args.get(name, ""), place.name)
        for name in ("first", "second")
    ]
    schemes = as_schemes(view, two, levels(view, insee, VINTAGES[0]), source)
    if len(schemes) != 2:
        raise refused(UsageError, "refusal.pair")
    one, other = territories_pair.sides(view, source, schemes)
    return view.render(
        "web/territories_pair.html",
        place=place,
        public=public,
        candidates=len({row.text("scheme") for row in rows}),
        sides=(one, other),
        common=[label for iri, label in one.publics.items() if iri in other.publics],
        source=source,
        **about(graph),
        phrase=phrase,
    )


def public_of(view: View, slug: str | None, source: str) -> Public:
    """The public of a slug. Raises UnknownName where there is none."""
    for one in publics(view, source):
        if one.slug == slug:
            return one
    raise refused(UnknownName, "refusal.public", public=slug or "")


def about(graph: Graph) -> dict[str, object]:
    """The source of the schemes: its name, its licence, and whether it passes on to copies."""
    return {
        "graph": graph,
        "source_title": graph.title(reader_language()),
        "licence": licence_name(graph.licence),
        "copyleft": SHARE_ALIKE.search(graph.licence) is not None,
        "usual": SOURCE,
    }


def leading(address: str) -> Response:
    """Another address of this site. A code that is written otherwise is still that code."""
    response = redirect(address, code=303)
    assert isinstance(response, Response)
    response.headers["Cache-Control"] = "no-cache"
    response.vary.update(("Accept-Language",))
    return response
