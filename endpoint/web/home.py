"""The first page: a search, three doors into the atlas, its verbs, what is new."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response

from atlas.namespaces import ATLAS
from endpoint.names import Value
from endpoint.publishing.discovery import header
from endpoint.site import current_site
from endpoint.view import View, answer, plain

blueprint = Blueprint("home", __name__)


@dataclass(frozen=True)
class Door:
    """A way into the atlas: its words are ``home.{key}``, its figure counts things of a class."""

    key: str
    route: str
    counted: str


DOORS = (
    Door("relations", "map.page", "Relation"),
    Door("territories", "territories.page", "Commune"),
    Door("experiences", "experiences.page", "Experience"),
)


@dataclass(frozen=True)
class Verb:
    """A relation type, how often it is used, and one relation that shows it."""

    verb: Value
    relations: int
    source: Value
    target: Value
    status: str
    relation: str


@blueprint.get("/")
def home() -> Response:
    if current_site().generation is None:
        response = plain("web/home.html", counts=None)
    else:
        response = answer(lambda view: view.render("web/home.html", **content(view)))
    response.headers["Link"] = header()
    return response


def content(view: View) -> dict[str, object]:
    counts = {
        row.text("class").removeprefix(ATLAS): row.number("things")
        for row in view.ask("home_counts")
    }
    return {
        "counts": counts,
        "doors": DOORS,
        "verbs": verbs(view),
        "newest": view.ask("home_newest"),
        "questions": shared_questions(view),
    }


def verbs(view: View) -> list[Verb]:
    rows = view.ask("home_verbs")
    names = view.names(row.text(name) for row in rows for name in ("type", "source", "target"))
    return [
        Verb(
            names.value(row.text("type")),
            row.number("relations"),
            names.value(row.text("source")),
            names.value(row.text("target")),
            row.text("status").rpartition("/")[2],
            names.value(row.text("relation")).href or "",
        )
        for row in rows
    ]


def shared_questions(view: View) -> list[tuple[Value, list[Value]]]:
    """The questions that several communities share, each with its communities."""
    rows = view.ask("cq13_shared_questions")
    names = view.names(row.text(name) for row in rows for name in ("question", "community"))
    shared: dict[str, list[str]] = {}
    for row in rows:
        communities = shared.setdefault(row.text("question"), [])
        if row.text("community") not in communities:
            communities.append(row.text("community"))
    return [
        (names.value(question), [names.value(community) for community in communities])
        for question, communities in shared.items()
    ]
