"""The triples that were gathered from several sites, and which site has which."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pyoxigraph import BlankNode, Triple, Variable

from federation.query.patterns import Pattern
from federation.query.triples import spelled
from federation.rows import unhurried
from store.answers import Term

# What a label of N-Quads may not hold everywhere.
ODD = re.compile(r"[^A-Za-z0-9]")
NOBODY: frozenset[str] = frozenset()


@dataclass
class Gathered:
    """Triples, each with the names of the sites that hold it."""

    triples: dict[Triple, frozenset[str]] = field(default_factory=dict)
    # Of each site: how many of its answers hold blank nodes.
    blank_answers: dict[str, int] = field(default_factory=dict)

    # The holders that triples have, each once: a set for every triple costs seconds to look after.
    _shared: dict[frozenset[str], frozenset[str]] = field(default_factory=dict)

    def add(self, triple: Triple, site: str) -> None:
        known = self.triples.get(triple, NOBODY)
        if site not in known:
            holders = known | {site}
            self.triples[triple] = self._shared.setdefault(holders, holders)

    def nodes(self) -> set[Term]:
        return {end for triple in self.triples for end in (triple.subject, triple.object)}

    def without_blanks_of(self, site: str) -> None:
        """Forget the triples of a site that hold blank nodes; nobody else can have the same."""
        self.triples = {
            triple: sites
            for triple, sites in self.triples.items()
            if not (site in sites and has_blank(triple))
        }


def maker(pattern: Pattern, places: Mapping[str, int]) -> Callable[[Sequence[Term | None]], Triple]:
    """Makes the pattern's triple of a row, whose variables stand at these places."""
    subject, predicate, object = (
        places[term.value] if isinstance(term, Variable) else term for term in pattern.terms
    )

    def make(row: Sequence[Term | None]) -> Triple:
        return Triple(
            row[subject] if isinstance(subject, int) else subject,  # type: ignore[arg-type]
            row[predicate] if isinstance(predicate, int) else predicate,  # type: ignore[arg-type]
            row[object] if isinstance(object, int) else object,  # type: ignore[arg-type]
        )

    return make


def has_blank(triple: Triple) -> bool:
    return isinstance(triple.subject, BlankNode) or isinstance(triple.object, BlankNode)


def lines(gathered: Gathered, sites: Mapping[str, str], *, apart: bool) -> Iterator[str]:
    """The triples as N-Quads: the default graph; where ``apart``, also a graph for each site.

    ``sites``: the IRI of each by name; what others hold is left out.
    """
    numbers = {name: number for number, name in enumerate(sites)}
    for triple, holders in unhurried(gathered.triples.items()):
        held = [site for site in holders if site in sites]
        if not held:
            continue
        own = numbers[held[0]]
        text = f"{said(triple.subject, own)} {triple.predicate} {said(triple.object, own)}"
        yield f"{text} .\n"
        if apart:
            for site in held:
                yield f"{text} <{sites[site]}> .\n"


def said(term: Term, site: int) -> str:
    """A term; a blank node's label is that of its site, so that no two sites share one."""
    if isinstance(term, BlankNode):
        return f"_:s{site}x{ODD.sub(spelled, term.value)}"
    return str(term)
