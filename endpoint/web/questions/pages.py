"""The questions that professional communities share, with the documents of each side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, request

from atlas.errors import UnknownName
from endpoint.names import Value, folded
from endpoint.refusals import refused
from endpoint.solutions import Solution
from endpoint.view import View, answer
from endpoint.web.matrix.relations import sentences
from endpoint.web.questions.cards import COMMUNITY, Side, cards, sort_of

blueprint = Blueprint("questions", __name__)


@dataclass(frozen=True)
class Candidate:
    """A descriptor that several sites carry; ``counts`` are its documents, site by site."""

    value: Value
    sites: int
    counts: Sequence[int]


@dataclass(frozen=True)
class Listed:
    """A question or challenge that is named only, with its figures.

    ``sides``: those of the chosen ones that have documents of it.
    """

    value: Value
    relations: int
    documents: int
    sides: Sequence[Value] = ()


@blueprint.get("/questions")
def page() -> Response:
    return answer(make)


def make(view: View) -> str:
    """The page. Raises UnknownName for a side that is neither a community nor a site offered."""
    every = offered(view, request.args.getlist("with"))
    chosen = [side for side in every if side.chosen] or [side for side in every if side.community]
    ranked = ranking(view, chosen)
    least = min(2, len(chosen))
    shown = cards(view, [row for row in ranked if told(row, least)], chosen)
    fewer = [row for row in ranked if not told(row, least)]
    sites = sites_to_compare(every, chosen)
    return view.render(
        "web/questions.html",
        sides=every,
        chosen=chosen,
        sort=sort_of(chosen),
        picked=any(side.chosen for side in every),
        all_of_them=[card for card in shown if card.sides == len(chosen)],
        some_of_them=[card for card in shown if 0 < card.sides < len(chosen)],
        none_of_them=[card for card in shown if not card.sides],
        between=sentences(view, between(view, chosen)),
        one_side=listed(view, [row for row in fewer if row.number("sides")], chosen),
        challenges=listed(view, [row for row in fewer if not row.number("sides")]),
        sites=sites,
        candidates=candidates(view, sites),
    )


def offered(view: View, asked: Sequence[str]) -> list[Side]:
    """The communities and sites to choose between, communities first."""
    rows = view.ask("question_sides")
    names = view.names(row.text("side") for row in rows)
    known = {row.text("side") for row in rows}
    for iri in asked:
        if iri and iri not in known:
            raise refused(UnknownName, "refusal.side", side=iri)
    return [
        Side(
            row.text("side"),
            names.value(row.text("side")),
            row.text("kind") == COMMUNITY,
            row.number("questions"),
            row.number("documents"),
            row.number("descriptors"),
            row.text("side") in asked,
        )
        for row in sorted(rows, key=lambda row: row.text("kind") != COMMUNITY)
    ]


def ranking(view: View, chosen: Sequence[Side]) -> list[Solution]:
    """The questions and challenges, those that most of the chosen sides meet first."""
    if not chosen:
        return []
    return view.ask("question_ranking", sides=" ".join(side.iri for side in chosen))


def told(row: Solution, least: int) -> bool:
    """Whether a question is told at length: at least so many sides, or none but domains crossed."""
    sides = row.number("sides")
    return sides >= least if sides else row.text("kind").endswith("CrossCuttingQuestion")


def between(view: View, chosen: Sequence[Side]) -> list[Solution]:
    """What is said of the link between the chosen sides."""
    if len(chosen) < 2:
        return []
    return view.ask("question_between", sides=" ".join(side.iri for side in chosen))


def listed(view: View, rows: Sequence[Solution], sides: Sequence[Side] = ()) -> list[Listed]:
    """The questions and challenges by name, each with its sides among those given."""
    names = view.names(row.text("question") for row in rows)
    met = sides_of(view, rows, sides)
    found = [
        Listed(
            names.value(row.text("question")),
            row.number("relations"),
            row.number("documents"),
            [side.value for side in sides if side.iri in met.get(row.text("question"), ())],
        )
        for row in rows
    ]
    return sorted(found, key=lambda one: folded(one.value.text))


def sides_of(view: View, rows: Sequence[Solution], sides: Sequence[Side]) -> dict[str, set[str]]:
    """For each question of the rows the sides that have documents of it, all by their IRIs."""
    found: dict[str, set[str]] = {}
    if rows and sides:
        for row in view.ask(
            "question_documents",
            questions=" ".join(row.text("question") for row in rows),
            sides=" ".join(side.iri for side in sides),
        ):
            found.setdefault(row.text("question"), set()).add(row.text("side"))
    return found


def sites_to_compare(every: Sequence[Side], chosen: Sequence[Side]) -> list[Side]:
    """The sites chosen where there are two, else all of them."""
    picked = [side for side in chosen if not side.community]
    return picked if len(picked) > 1 else [side for side in every if not side.community]


def candidates(view: View, sites: Sequence[Side]) -> list[Candidate]:
    """The descriptors that at least two of the sites carry."""
    if len(sites) < 2:
        return []
    rows = view.ask("question_candidates", sites=" ".join(site.iri for site in sites))
    names = view.names(row.text("descriptor") for row in rows)
    found: dict[str, dict[str, int]] = {}
    for row in rows:
        found.setdefault(row.text("descriptor"), {})[row.text("site")] = row.number("documents")
    listed = [
        Candidate(names.value(iri), len(counts), [counts.get(site.iri, 0) for site in sites])
        for iri, counts in found.items()
    ]
    return sorted(listed, key=lambda one: (-one.sites, -sum(one.counts), folded(one.value.text)))
