"""A partner: another site that this atlas may ask, and what it may be asked and sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

# What a partner may be used for.
SERVICE, FEDERATION, HARVEST = "service", "federation", "harvest"
USES = (SERVICE, FEDERATION, HARVEST)
# Which values of ours may be sent in a query: all, IRIs only, none.
ALL, IRIS, NONE = "all", "iris", "none"
SENDS = (ALL, IRIS, NONE)


@dataclass(frozen=True)
class Limits:
    """What one partner is asked at most, for one query.

    ``seconds``: per request. ``bytes``, ``rows``: per answer. ``concurrency``: requests to it at a
    time, of one server process. ``block``: bindings in one VALUES block.
    """

    seconds: float = 10.0
    bytes: int = 20 * 1024 * 1024
    rows: int = 50_000
    concurrency: int = 4
    block: int = 500


@dataclass(frozen=True)
class Partner:
    """One entry of the list of partners.

    ``name``: lower-case letters, digits and hyphens. ``endpoint``: address of its SPARQL endpoint,
    "" where it has none. ``names``: other IRIs by which SERVICE may name it. ``dump``: address of
    what it publishes whole (RDF, a DCAT catalogue or ScrutariData), "" where nothing.
    ``addresses``: IP addresses that may be reached although they are private, each written out.
    """

    name: str
    endpoint: str = ""
    names: tuple[str, ...] = ()
    title: Mapping[str, str] = field(default_factory=dict)
    homepage: str = ""
    dump: str = ""
    licence: str = ""
    vocabularies: tuple[str, ...] = ()
    uses: frozenset[str] = frozenset(USES)
    sends: str = ALL
    addresses: frozenset[str] = frozenset()
    limits: Limits = Limits()

    @property
    def called(self) -> frozenset[str]:
        """Every IRI that SERVICE may call it by."""
        return frozenset(name for name in (self.endpoint, *self.names) if name)
