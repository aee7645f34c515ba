"""This atlas and some partners on loopback, asked by SERVICE; and one store that is the oracle."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from federation.exchange.client import Client
from federation.federation import Federation
from federation.partner import Limits, Partner
from federation.rows import Rows
from federation.run import Run
from federation.service.bind_join import answerable
from federation.sites.partners import PartnerFolder
from store.answers import Operation
from store.engine import LocalEngine
from tests.federation.random_services import LOCAL_GRAPH, PREFIXES
from tests.federation.small_site import SmallSite, small_site


@dataclass
class World:
    """``here``: this atlas's engine. ``ran``: the books of the last query."""

    here: LocalEngine
    sites: list[SmallSite]
    federation: Federation
    locally: list[str] = field(default_factory=list)
    ran: Run | None = None

    def local(self, operation: Operation) -> Rows:
        self.locally.append(operation.text)
        results = self.here.run(operation)
        assert isinstance(results, ox.QuerySolutions)
        names = tuple(variable.value for variable in results.variables)
        return Rows(names, [tuple(row) for row in results])

    def rewritten(self, operation: Operation, *, partial: bool = False) -> Operation:
        self.ran = self.federation.run(60, partial=partial)

        def judge(judged: Operation) -> None:
            results = self.here.run(judged)
            if not isinstance(results, ox.QueryBoolean):
                list(results)

        return answerable(operation, self.federation, self.local, self.ran, judge=judge)

    def ask(self, text: str, *, partial: bool = False, **more: Any) -> Counter[Any]:
        """The answer as a bag; ``{0}`` in the text is the first site, and so on."""
        operation = Operation(self.filled(text), **more)
        return bag(self.here.run(self.rewritten(operation, partial=partial)))

    def filled(self, text: str) -> str:
        for number, site in enumerate(self.sites):
            text = text.replace(f"{{{number}}}", f"<{site.endpoint}>")
        return text if text.startswith(PREFIXES) else PREFIXES + text

    def truth(self, text: str) -> Counter[Any]:
        """What one store answers that holds each site in a graph of its name.

        The graph of this atlas that the tests use is only there for a query that names it.
        """
        merged = LocalEngine()
        for quad in self.here.store:
            merged.store.add(quad)
        names = [site.endpoint for site in self.sites]
        for site in self.sites:
            graph = ox.NamedNode(site.endpoint)
            for quad in site.data:
                merged.store.add(ox.Quad(quad.subject, quad.predicate, quad.object, graph))
        text = self.filled(text).replace("SERVICE SILENT", "GRAPH").replace("SERVICE", "GRAPH")
        named = (*names, *([LOCAL_GRAPH] if LOCAL_GRAPH in text else []))
        return bag(merged.run(Operation(text, default_graphs=("",), named_graphs=named)))

    def asked(self) -> list[str]:
        return [text for site in self.sites for text in site.asked]

    def forget(self) -> None:
        self.locally.clear()
        for site in self.sites:
            site.asked.clear()

    def entry(self, number: int, **more: Any) -> None:
        """Change the entry of a partner."""
        folder = self.federation.partners
        folder.add(replace(folder.get(f"site-{number}"), **more), replace=True)


def bag(results: Any) -> Counter[Any]:
    """An answer without an order; of blank nodes it only says that they are."""
    if isinstance(results, ox.QueryBoolean):
        return Counter([bool(results)])
    return Counter(tuple(map(shown, row)) for row in results)


def shown(term: object) -> str:
    return "blank" if isinstance(term, ox.BlankNode) else str(term)


@contextmanager
def service_world(home: Path, here: str, *there: str, **limits: Any) -> Iterator[World]:
    """Turtle of this atlas and of each partner, which the prefixes go before."""
    engine = LocalEngine()
    engine.load((PREFIXES + here).encode(), "text/turtle")
    folder = PartnerFolder(home)
    with ExitStack() as stack:
        sites = [stack.enter_context(small_site(PREFIXES + turtle)) for turtle in there]
        for number, site in enumerate(sites):
            folder.add(
                Partner(
                    f"site-{number}",
                    site.endpoint,
                    addresses=frozenset({"127.0.0.1"}),
                    limits=Limits(**limits),
                )
            )
        yield World(engine, sites, Federation(folder, Client(), 1_000_000, 1_000_000))
