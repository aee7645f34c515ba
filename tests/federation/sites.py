"""Several sites for the tests of plain federation, and the one store that holds what all hold."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from federation.exchange.client import Client
from federation.federation import Federation
from federation.partner import Limits, Partner
from federation.plain.answering import PlainFederation
from federation.plain.sources import parsed
from federation.query.patterns import TYPE
from federation.rows import Rows
from federation.run import Run
from federation.sites.partners import PartnerFolder
from federation.sites.summaries import COUNTED, PredicateSummary, Summary, authority
from store.answers import Operation
from store.engine import LocalEngine
from tests.federation.small_site import SmallSite, small_site

PREFIXES = (
    "PREFIX ex: <http://example.org/>\nPREFIX other: <https://other.example.net/>\n"
    "PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>\n"
)
BASE = "https://atlas.example.org"
JSON = "application/sparql-results+json"


@dataclass
class World:
    """This atlas (``here``), its partners, and the merge of all."""

    here: LocalEngine
    partners: list[SmallSite]
    merge: ox.Store
    plain: PlainFederation
    last: Run | None = None
    state: str = "1"

    def local(self, operation: Operation) -> Rows:
        return parsed(self.here.query(operation, JSON).read())

    def run(self, *, partial: bool = False) -> Run:
        self.last = self.plain.federation.run(30, partial=partial)
        return self.last

    def answer(self, text: str, *, sources: bool = False, partial: bool = False) -> Any:
        run = self.run(partial=partial)
        planned = self.plain.planned(Operation(PREFIXES + text), self.local, run, state=self.state)
        operation = self.plain.answerable(planned, run, sources=sources)
        store = ox.Store()
        if operation.data is None:
            return self.here.run(operation)
        store.load(operation.data, ox.RdfFormat.N_QUADS)
        return store.query(operation.text)

    def bag(self, text: str) -> Counter[Any]:
        return bag(self.answer(text))

    def truth(self, text: str) -> Counter[Any]:
        return bag(self.merge.query(PREFIXES + text))

    def asked(self) -> int:
        return sum(len(site.asked) for site in self.partners)


def bag(results: Any) -> Counter[Any]:
    """The answer without an order, where blank nodes are told from other terms only."""
    if isinstance(results, ox.QueryBoolean):
        return Counter([bool(results)])
    return Counter(tuple(map(shown, row)) for row in results)


def shown(term: object) -> str:
    return "blank" if isinstance(term, ox.BlankNode) else str(term)


@contextmanager
def world(
    home: Path, *turtles: str, block: int = 500, summaries: bool = False, **more: Any
) -> Iterator[World]:
    """The first text is this atlas's, each other one is a partner's."""
    with ExitStack() as stack:
        here, merge = LocalEngine(), ox.Store()
        here.load(turtles[0].encode(), "text/turtle")
        merge.load(turtles[0].encode(), ox.RdfFormat.TURTLE)
        folder = PartnerFolder(home)
        sites = []
        for number, turtle in enumerate(turtles[1:]):
            site = stack.enter_context(small_site(turtle))
            merge.load(turtle.encode(), ox.RdfFormat.TURTLE)
            sites.append(site)
            partner = Partner(
                f"site-{number}",
                site.endpoint,
                addresses=frozenset(["127.0.0.1"]),
                **{"limits": Limits(block=block), **more},
            )
            folder.add(partner)
            if summaries:
                written = json.dumps(summary_of(site.data).to_json())
                (home / "partners" / f"{partner.name}.summary.json").write_text(written, "utf-8")
        federation = Federation(folder, Client(), 100_000, 10_000)
        yield World(here, sites, merge, PlainFederation(federation, BASE))


def summary_of(data: ox.Store) -> Summary:
    """What a check of a site that holds these triples finds, when it can count all of them."""
    rows: dict[str, list[ox.Quad]] = {}
    classes: Counter[str] = Counter()
    for quad in data:
        rows.setdefault(quad.predicate.value, []).append(quad)
        if quad.predicate == TYPE and isinstance(quad.object, ox.NamedNode):
            classes[quad.object.value] += 1
    return Summary(
        taken=datetime.now(UTC),
        triples=len(data),
        predicates={
            iri: PredicateSummary(
                len(quads),
                authorities(quad.subject for quad in quads),
                authorities(quad.object for quad in quads),
                any(isinstance(quad.object, ox.Literal) for quad in quads),
            )
            for iri, quads in rows.items()
        },
        classes=dict(classes),
        complete=True,
        classes_complete=True,
        source=COUNTED,
    )


def authorities(terms: Iterable[object]) -> frozenset[str]:
    return frozenset(authority(term.value) for term in terms if isinstance(term, ox.NamedNode))
