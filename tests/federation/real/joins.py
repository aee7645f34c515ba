"""Joins over two sites, made from what their data really share.

Each starts from a handful of things of one site, goes over a value that another site has too, and
reads something there. Which ones is the choice of a seed, so every run asks the same.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice, permutations, product
from pathlib import Path

import pyoxigraph as ox
from pyoxigraph import BlankNode, NamedNode, RdfFormat

from tests.federation.real.oracle import Oracle
from tests.federation.real.sites import OURS, iri

SEED = 4
# Things that a join starts from, and rows that it may have.
FEW, MOST = 40, 2_000
SHARED = 3
Position = tuple[str, str]  # A predicate, and the end of it where the value stands: "s" or "o".


@dataclass(frozen=True)
class Link:
    """Two sites, and where each has values that the other has too."""

    first: str
    leaving: str
    second: str
    arriving: Position
    values: tuple[str, ...]


@dataclass(frozen=True)
class Join:
    """One join, as a query with SERVICE and as a plain one over the federation."""

    sites: tuple[str, str]
    service: str
    plain: str


class Held:
    """What one site holds, by predicate."""

    def __init__(self, file: Path) -> None:
        self.pairs: dict[str, list[tuple[str, str]]] = defaultdict(list)
        self.facts: dict[str, list[tuple[str, str]]] = defaultdict(list)
        self.holders: dict[tuple[str, str], int] = defaultdict(int)
        for quad in ox.parse(path=file, format=RdfFormat.N_TRIPLES):
            subject, predicate, found = str(quad.subject), str(quad.predicate), str(quad.object)
            if isinstance(quad.subject, BlankNode) or isinstance(quad.object, BlankNode):
                continue
            self.pairs[predicate].append((subject, found))
            if isinstance(quad.object, NamedNode):
                self.facts[subject].append((predicate, found))
                self.holders[predicate, found] += 1
        self.subjects = {name: {s for s, _ in pairs} for name, pairs in self.pairs.items()}
        self.objects = {name: {o for _, o in pairs} for name, pairs in self.pairs.items()}

    def values(self, position: Position) -> set[str]:
        predicate, end = position
        return (self.subjects if end == "s" else self.objects)[predicate]


def links(held: Mapping[str, Held]) -> list[Link]:
    """Every way from one site to another, in a stable order."""
    found = []
    for first, second in permutations(sorted(held), 2):
        for leaving, (predicate, end) in product(
            sorted(held[first].objects), product(sorted(held[second].pairs), "so")
        ):
            theirs = held[second].values((predicate, end))
            shared = held[first].objects[leaving] & theirs
            if len(shared) >= SHARED:
                found.append(Link(first, leaving, second, (predicate, end), tuple(sorted(shared))))
    return found


def generate(files: Mapping[str, Path], oracle: Oracle, count: int) -> list[Join]:
    """So many joins, spread over the pairs of sites. Fewer where the data do not have them."""
    held = {name: Held(file) for name, file in files.items()}
    by_pair: dict[tuple[str, str], list[Link]] = defaultdict(list)
    for link in links(held):
        by_pair[link.first, link.second].append(link)
    chance = random.Random(SEED)
    joins: list[Join] = []
    for _ in range(count):
        for pair in sorted(by_pair):
            link = chance.choice(by_pair[pair])
            join = _join(link, held, chance, len(joins))
            if join and join not in joins and _fits(join, oracle):
                joins.append(join)
            if len(joins) == count:
                return joins
    return joins


def _fits(join: Join, oracle: Oracle) -> bool:
    """Whether it has rows, and not too many."""
    found = (oracle.service_query(join.service), oracle.plain_query(join.plain))
    return all(0 < sum(1 for _ in islice(rows, MOST + 1)) <= MOST for rows in found)


def _join(link: Link, held: Mapping[str, Held], chance: random.Random, number: int) -> Join | None:
    """A join over this link from things that have something in common; None where none has."""
    first = held[link.first]
    shared = set(link.values)
    starts = sorted({s for s, o in first.pairs[link.leaving] if o in shared})
    start = chance.choice(starts)
    anchors = [fact for fact in sorted(first.facts[start]) if first.holders[fact] <= FEW]
    if not anchors:
        return None
    anchor = chance.choice(anchors)
    here = f"?a {anchor[0]} {anchor[1]} ; {link.leaving} ?v ."
    predicate, end = link.arriving
    there = f"?v {predicate} ?w ." if end == "s" else f"?b {predicate} ?v ."
    more = list(_extras(link, held, chance))
    shape = SHAPES[number % len(SHAPES)]
    return Join((link.first, link.second), *shape(link, here, there, chance.choice(more)))


def _extras(link: Link, held: Mapping[str, Held], chance: random.Random) -> Iterator[str]:
    """What else the second site says of what was found there."""
    second = held[link.second]
    predicate, end = link.arriving
    what = "?v" if end == "s" else "?b"
    value = chance.choice(link.values)
    subjects = {s for s, o in second.pairs[predicate] if (s if end == "s" else o) == value}
    said = {name for name, known in sorted(second.subjects.items()) if subjects & known}
    for name in sorted(said):
        yield f"{what} {name} ?more ."


def _asked(link: Link, here: str, there: str) -> tuple[str, str]:
    """The two parts with SERVICE around what is not ours."""
    parts = ((link.first, here), (link.second, there))
    first, second = (
        part if site == OURS else f"SERVICE <{iri(site)}> {{ {part} }}" for site, part in parts
    )
    return first, second


def _plain(link: Link, here: str, there: str, more: str) -> tuple[str, str]:
    first, second = _asked(link, here, f"{there} {more}")
    return f"SELECT * {{ {first} {second} }}", f"SELECT * {{ {here} {there} {more} }}"


def _optional(link: Link, here: str, there: str, more: str) -> tuple[str, str]:
    first, second = _asked(link, here, f"{there} OPTIONAL {{ {more} }}")
    plain = f"SELECT * {{ {here} {there} OPTIONAL {{ {more} }} }}"
    return f"SELECT * {{ {first} {second} }}", plain


def _left(link: Link, here: str, there: str, more: str) -> tuple[str, str]:
    """The other site is asked for what it may not have."""
    first, second = _asked(link, here, there)
    plain = f"SELECT * {{ {here} OPTIONAL {{ {there} }} }}"
    return f"SELECT * {{ {first} OPTIONAL {{ {second} }} }}", plain


def _filtered(link: Link, here: str, there: str, more: str) -> tuple[str, str]:
    condition = "FILTER(STRLEN(STR(?more)) > 8)"
    first, second = _asked(link, here, f"{there} {more} {condition}")
    plain = f"SELECT * {{ {here} {there} {more} {condition} }}"
    return f"SELECT * {{ {first} {second} }}", plain


def _counted(link: Link, here: str, there: str, more: str) -> tuple[str, str]:
    first, second = _asked(link, here, there)
    head, tail = "SELECT ?a (COUNT(DISTINCT ?v) AS ?n)", "GROUP BY ?a"
    return f"{head} {{ {first} {second} }} {tail}", f"{head} {{ {here} {there} }} {tail}"


def _absent(link: Link, here: str, there: str, more: str) -> tuple[str, str]:
    """What of the first site the second knows nothing of."""
    first, second = _asked(link, here, there)
    plain = f"SELECT * {{ {here} MINUS {{ {there} }} }}"
    return f"SELECT * {{ {first} MINUS {{ {second} }} }}", plain


SHAPES = (_plain, _optional, _left, _filtered, _counted, _plain, _absent)
