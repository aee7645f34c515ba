"""The sites that a plain query is asked of: this atlas, and the partners that may be asked."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from pyoxigraph import QueryResultsFormat, QuerySolutions, parse_query_results

from atlas.errors import PartnerFailed, PartnerLimit
from federation.exchange.client import Client
from federation.partner import ALL, Limits, Partner
from federation.rows import Rows, unhurried
from federation.run import Exchange, Run
from federation.sites.summaries import Summary
from store.answers import Operation

# How this atlas is called among the sites; no partner can have this name.
HERE = "(this atlas)"
PRIVATE = "urn:x-atlas:partner:"
# Values that one query to this atlas may be given: they go no further than the next process.
OWN_BLOCK = 20_000
LIMITED = re.compile(r" LIMIT \d+$")


class Source(Protocol):
    """One site. ``iri`` names it in answers; ``summary`` is None where nothing is known of it."""

    @property
    def name(self) -> str: ...
    @property
    def iri(self) -> str: ...
    @property
    def summary(self) -> Summary | None: ...
    @property
    def sends(self) -> str: ...
    @property
    def limits(self) -> Limits: ...
    def select(self, text: str, run: Run, *, bindings: int = 0) -> Rows: ...


@dataclass(frozen=True)
class Here:
    """This atlas: its default graph, asked of its own engine; ``most``: rows of one answer."""

    iri: str
    local: Callable[[Operation], Rows]
    most: int
    name: str = HERE
    summary: Summary | None = None
    sends: str = ALL
    limits: Limits = field(default_factory=lambda: Limits(block=OWN_BLOCK))

    def select(self, text: str, run: Run, *, bindings: int = 0) -> Rows:
        """Its rows; they move nowhere, so that only their number is bounded.

        Raises PartnerLimit.
        """
        began = time.monotonic()
        limited = text if LIMITED.search(text) else f"{text} LIMIT {self.most + 1}"
        rows = self.local(Operation(limited))
        run.exchanged(Exchange(HERE, text, bindings, len(rows), 0, time.monotonic() - began))
        if len(rows) > self.most:
            raise PartnerLimit(
                f"The query needs more than {self.most:,} rows of this atlas at once "
                "(ATLAS_FEDERATION_ROWS). Add a more selective pattern, or ask /sparql."
            )
        return rows


@dataclass(frozen=True)
class There:
    """A partner, asked through the gate."""

    partner: Partner
    client: Client
    summary: Summary | None = None

    @property
    def name(self) -> str:
        return self.partner.name

    @property
    def iri(self) -> str:
        """Its endpoint; where that is on a private address, which is nobody's business, a name."""
        return PRIVATE + self.name if self.partner.addresses else self.partner.endpoint

    @property
    def sends(self) -> str:
        return self.partner.sends

    @property
    def limits(self) -> Limits:
        return self.partner.limits

    def select(self, text: str, run: Run, *, bindings: int = 0) -> Rows:
        """Raises PartnerFailed, PartnerLimit or Forbidden."""
        return self.client.select(self.partner, text, run, bindings=bindings)

    def ask(self, text: str, run: Run) -> bool:
        return self.client.ask(self.partner, text, run)


def parsed(content: bytes) -> Rows:
    """Rows of this atlas's engine, from SPARQL's JSON."""
    results = parse_query_results(content, format=QueryResultsFormat.JSON)
    assert isinstance(results, QuerySolutions)
    names = tuple(variable.value for variable in results.variables)
    return Rows(names, [tuple(row) for row in unhurried(results)])


def columns(source: Source, rows: Rows, names: Sequence[str]) -> list[int]:
    """Where each variable stands in the rows. Raises PartnerFailed where one is missing."""
    missing = [name for name in names if name not in rows.variables]
    if missing:
        raise PartnerFailed(source.name, f"answered without the variable ?{missing[0]}.")
    return [rows.variables.index(name) for name in names]
