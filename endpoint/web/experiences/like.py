"""Experiences of territories like the reader's: of the same kind, and of similar size."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from atlas.errors import UnknownName, UsageError
from atlas.namespaces import ATLAS
from endpoint.api.finding import find
from endpoint.names import Names, Value
from endpoint.refusals import refused
from endpoint.solutions import Solution
from endpoint.view import View
from endpoint.web.experiences.choice import INSEE, Address
from endpoint.web.experiences.table import Entry, Text
from store.labels.asked import Query
from store.labels.words import LONGEST_QUERY

FACTORS = (2, 3, 5, 10)
MOST_FACTOR = 1_000
# Beyond any size: every commune with an experience, the nearest in size first.
ANY_SIZE = 1_000_000
NEAREST = 5
FOUND = 12


@dataclass(frozen=True)
class Alike:
    """An experience of another territory, and how large that is."""

    experience: Value
    language: str
    place: Value
    population: int


@dataclass(frozen=True)
class Commune:
    """A commune that bears the name which the reader wrote; ``near``: one that is near to it."""

    name: str
    code: str
    within: str
    href: str
    near: bool


@dataclass(frozen=True)
class Like:
    """What is said under "like my territory"; ``recorded`` counts the experiences of other
    communes, ``own`` those of the reader's.

    ``nearest`` is there where nothing is ``alike``: the experiences nearest in size.
    """

    factor: int = FACTORS[0]
    mine: Value | None = None
    population: int = 0
    alike: list[Alike] = field(default_factory=list)
    nearest: list[Alike] = field(default_factory=list)
    recorded: int = 0
    own: int = 0
    iri: str = ""
    words: str = ""
    communes: list[Commune] = field(default_factory=list)

    @property
    def coded(self) -> bool:
        """Whether the reader wrote a code and no name."""
        return re.fullmatch(INSEE, self.words.upper()) is not None

    @property
    def least(self) -> int:
        """The smallest population that is similar."""
        return -(-self.population // self.factor)

    @property
    def largest(self) -> int:
        return self.population * self.factor


def settled(view: View, address: Address) -> Address:
    """The address, of which a written code is that of a commune, or else is words that find none.

    A postal code looks the same.
    """
    if not (address.commune and address.like):
        return address
    known = view.ask("experience_mine", insee=address.like)
    return replace(address, commune="") if known else replace(address, like="")


def like(view: View, address: Address, experiences: dict[str, Entry]) -> Like:
    """What the address asks for: a comparison, the communes of a name, or nothing yet.

    Raises UsageError for a code or a factor that is none, UnknownName for an unknown commune.
    """
    factor = factor_of(address.factor)
    if re.fullmatch(INSEE, address.like):
        return compared(view, address.like, factor, experiences)
    if address.like:
        raise refused(UsageError, "refusal.insee", name="like", value=address.like)
    if address.commune:
        return Like(factor, words=address.commune, communes=named(view, address, factor))
    return Like(factor)


def factor_of(text: str) -> int:
    if not text:
        return FACTORS[0]
    if not (text.isascii() and text.isdecimal() and 1 <= int(text[:9]) <= MOST_FACTOR):
        raise refused(
            UsageError,
            "refusal.number_between",
            name="factor",
            value=text,
            least=1,
            most=MOST_FACTOR,
        )
    return int(text[:9])


def compared(view: View, code: str, factor: int, experiences: dict[str, Entry]) -> Like:
    rows = view.ask("experience_mine", insee=code)
    if not rows:
        raise refused(UnknownName, "refusal.commune", insee=code)
    iri, population = rows[0].text("commune"), rows[0].number("population")
    names = Names({}, view.language, view.base)
    mine = names.link(iri, rows[0].text("name") or code)
    own = sum(iri in one.values["place"] for one in experiences.values())
    if not population:
        return Like(factor, mine, own=own, iri=iri)
    found = view.ask("cq08_similar_territories", insee=code, factor=factor)
    every = view.ask("cq08_similar_territories", insee=code, factor=ANY_SIZE)
    return Like(
        factor,
        mine,
        population,
        alike=[one(row, names, experiences, view.language) for row in once(found)],
        nearest=[
            one(row, names, experiences, view.language)
            for row in (once(every)[:NEAREST] if not found else ())
        ],
        recorded=len(once(every)),
        own=own,
        iri=iri,
    )


def once(rows: list[Solution]) -> list[Solution]:
    """Each experience of each place once: both may have several names."""
    return list(
        {(row.text("experience"), row.text("place")): row for row in reversed(rows)}.values()
    )[::-1]


def one(row: Solution, names: Names, experiences: dict[str, Entry], language: str) -> Alike:
    iri, place = row.text("experience"), row.text("place")
    known = experiences.get(iri)
    name = known.name(language) if known else Text(row.text("label") or iri)
    return Alike(
        names.link(iri, name.text, told=True),
        name.language,
        names.link(place, row.text("placeLabel") or names.of(place)),
        row.number("population"),
    )


def named(view: View, address: Address, factor: int) -> list[Commune]:
    """The communes whose names have the words; where there is none, those that come near.

    Raises UsageError for too long a name.
    """
    if len(address.commune) > LONGEST_QUERY:
        raise refused(
            UsageError,
            "refusal.too_long",
            name="commune",
            count=len(address.commune),
            most=LONGEST_QUERY,
        )
    query = Query(address.commune, view.language, f"{ATLAS}Commune", FOUND)
    found, _ = find(view.site, view.site.served, query)
    communes = []
    for hit in found.hits or found.near:
        code = next((code for code in hit.codes if re.fullmatch(INSEE, code)), "")
        label, within = hit.label or hit.match, found.labels.get(hit.within)
        if code:
            communes.append(
                Commune(
                    label.text if label else code,
                    code,
                    within.text if within else "",
                    address.to(like=code, factor=factor if factor != FACTORS[0] else ""),
                    hit in found.near,
                )
            )
    return communes
