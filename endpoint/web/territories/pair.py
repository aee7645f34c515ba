"""Two candidates side by side: what the source says of each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from atlas.errors import UnknownName
from atlas.namespaces import ATLAS, DCTERMS, SKOS
from endpoint.language import translate
from endpoint.names import Names, folded
from endpoint.refusals import refused
from endpoint.solutions import Solution
from endpoint.view import View
from endpoint.web.territories.schemes import Scheme

DESCRIPTION = f"{DCTERMS}description"
NOTE = f"{SKOS}note"
PUBLIC = f"{ATLAS}servesPublic"
PLACES = (f"{ATLAS}appliesIn", f"{ATLAS}appliesToMembersOf")
EXCLUDED = f"{ATLAS}excludesMembersOf"
# Domains that stand for none (RFC 2606): a copy of a source that was stripped of addresses of
# people has these instead, to which nobody should write.
NO_ADDRESS = re.compile(r"[\w.+-]+@example\.(?:com|net|org)\b")
# A scheme may list hundreds of communes.
MOST_PLACES = 12


@dataclass(frozen=True)
class Side:
    """A scheme with all that its source says of it. Ages are texts, "" where it says none."""

    scheme: Scheme
    description: str
    minimum_age: str
    maximum_age: str
    publics: dict[str, str]
    notes: list[str]
    places: list[str]
    more_places: int
    excluded: list[str]


def sides(view: View, source: str, schemes: Sequence[Scheme]) -> list[Side]:
    rows = view.ask("here_pair", source=source, schemes=" ".join(one.iri for one in schemes))
    leads = (PUBLIC, *PLACES, EXCLUDED)
    names = view.names(row.text("value") for row in rows if row.text("property") in leads)
    return [
        side(one, [row for row in rows if row.text("scheme") == one.iri], names) for one in schemes
    ]


def side(scheme: Scheme, rows: Sequence[Solution], names: Names) -> Side:
    def text(row: Solution) -> str:
        value = row.text("value")
        return names.of(value) if value in names.known else row.text("valueLabel") or value

    def values(*properties: str) -> list[str]:
        texts = (text(row) for row in rows if row.text("property") in properties)
        return sorted(dict.fromkeys(texts), key=folded)

    def first(name: str) -> str:
        return next(iter(values(name)), "")

    places = values(*PLACES)
    return Side(
        scheme,
        legible(first(DESCRIPTION)),
        first(f"{ATLAS}minimumAge"),
        first(f"{ATLAS}maximumAge"),
        {row.text("value"): text(row) for row in rows if row.text("property") == PUBLIC},
        [legible(note) for note in values(NOTE)],
        places[:MOST_PLACES],
        max(0, len(places) - MOST_PLACES),
        values(EXCLUDED),
    )


def legible(text: str) -> str:
    """A text of the source, in which an address that is none is said to be missing."""
    return NO_ADDRESS.sub(translate("territories.pair.no_address"), text)


def chosen(view: View, rows: Sequence[Solution], slug: str, where: str) -> Solution:
    """The row of the candidate of a slug. Raises UnknownName where it is none of them."""
    for row in rows:
        if row.text("scheme") == f"{view.base}/id/scheme/{slug}":
            return row
    raise refused(UnknownName, "refusal.candidate", scheme=slug, place=where)
