"""Partner sites: which are asked, what for, how they do, what they were found to hold.

The facts are those of ``/api/partners``, which tells nothing of a site at a private address.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from flask import Blueprint, Response
from markupsafe import Markup

from atlas.errors import UnknownName, Wording
from endpoint.api.partner_facts import CHECKS, check, counts, described
from endpoint.language import LANGUAGES, reader_language
from endpoint.names import Value
from endpoint.page_addresses import at
from endpoint.publishing.licences import licence_name
from endpoint.refusals import in_page, refused
from endpoint.site import current_site
from endpoint.view import View, answer
from endpoint.wire.addresses import on_the_web
from federation.exchange.breaker import CLOSED
from federation.federation import Federation
from federation.partner import Partner
from federation.sites.summaries import Summary

blueprint = Blueprint("partner_pages", __name__)
# Of the classes, and of the predicates, a page lists the largest.
LISTED = 100
# Characters of a note that are shown.
MOST_OF_A_NOTE = 400
# How a partner does, in the order in which the worst is said: words under ``partners.state``.
FAILED, PAUSED, UNCHECKED, WELL = "failed", "paused", "unchecked", "well"

Json = dict[str, Any]


@dataclass(frozen=True)
class Shown:
    """A partner as pages show it; ``facts`` is what the API says of it."""

    facts: Json
    title: str
    page: str
    licence: Value | None

    @property
    def state(self) -> str:
        checked = self.facts["checked"]
        if self.facts["breaker"] != CLOSED:
            return PAUSED
        if checked is None:
            return UNCHECKED
        return FAILED if checked["failed"] else WELL


@blueprint.get("/partners")
def listing() -> Response:
    """Every partner, and how a site becomes one."""
    found = all_partners(current_site().federation)
    return answer(
        lambda view: view.render("web/partners.html", partners=found), version=version(found)
    )


@blueprint.get("/partners/<name>")
def one(name: str) -> Response:
    """One partner, what it holds, its last checks. Raises UnknownName."""
    federation = current_site().federation
    partner = federation.partners.all().get(name)
    if partner is None:
        raise refused(UnknownName, "refusal.partner", name=name)
    summary = federation.partners.summary(name)
    history = [
        {**check(row), "notes": notes(row)}
        for row in reversed(federation.partners.history(name)[-CHECKS:])
    ]
    found = partner_shown(partner, federation)
    return answer(
        lambda view: view.render(
            "web/partners_one.html",
            partner=found,
            history=history,
            summary=summary,
            **holds(view, summary),
        ),
        version=f"{version([found])}-{digest(history)}",
    )


def all_partners(federation: Federation) -> list[Shown]:
    return [partner_shown(each, federation) for each in federation.partners.all().values()]


def partner_shown(partner: Partner, federation: Federation) -> Shown:
    facts = described(partner, federation)
    licence = facts["licence"]
    return Shown(
        facts=facts,
        title=titled(facts["title"], partner.name),
        page=at("partner_pages.one", name=partner.name),
        licence=Value(licence_name(licence), on_the_web(licence), True) if licence else None,
    )


def titled(titles: Mapping[str, str], name: str) -> str:
    """The title in the reader's language or in one there is, else the name."""
    for language in (reader_language(), *LANGUAGES):
        if titles.get(language):
            return titles[language]
    return next(iter(titles.values()), name)


def notes(row: Mapping[str, Any]) -> list[Markup]:
    """What a check noticed, in the reader's language; in English where it was made long ago."""
    found = (*(row.get("changes") or ()), *(row.get("remarks") or ()))
    return [
        in_page(Wording(note["key"], note["values"]))
        if note.get("key")
        else Markup('<span lang="en">{}</span>').format(note["text"][:MOST_OF_A_NOTE])
        for note in found
    ]


def holds(view: View, summary: Summary | None) -> dict[str, object]:
    """The largest classes and predicates, with what they are called here."""
    classes = largest(summary.classes if summary else {})
    predicates = largest(counts(summary))
    names = view.names((*classes, *predicates))
    return {
        "classes": [(names.value(iri), count) for iri, count in classes.items()],
        "predicates": [(names.value(iri), count) for iri, count in predicates.items()],
        "cut": LISTED,
    }


def largest(found: Mapping[str, int | None]) -> dict[str, int | None]:
    return dict(sorted(found.items(), key=lambda row: (-(row[1] or 0), row[0]))[:LISTED])


def version(found: Sequence[Shown]) -> str:
    """What pages about partners are a function of: a check or a breaker changes it."""
    return digest([each.facts for each in found])


def digest(content: object) -> str:
    return sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]
