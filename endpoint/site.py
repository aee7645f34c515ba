"""What the routes of one application share: its settings, its engine, its named queries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from flask import Flask, current_app

from atlas.errors import InstanceError, Overloaded, UnknownName
from atlas.settings import Settings
from endpoint.cache import SHARE, Cache, Recent
from endpoint.catalogue import Catalogue, read_catalogue
from endpoint.refusals import refused
from endpoint.tokens import Tokens
from federation.federation import Federation
from federation.plain.answering import PlainFederation
from federation.plain.selection import Sayings
from queries import NamedQuery
from store import Answer, Generation, Operation, WorkerPool, Writer
from store.labels.search import NameSearch

KEY = "atlas"
# Of so many generations are the graphs remembered: the one served, and older ones being asked. More
# than are kept, or whoever asks them one after another has them all read again and again.
CATALOGUES = 16


@dataclass
class Site:
    settings: Settings
    engine: WorkerPool
    library: Mapping[str, NamedQuery]
    writer: Writer
    tokens: Tokens
    cache: Cache
    federation: Federation
    sayings: Sayings = field(default_factory=Sayings)
    names: NameSearch = field(default_factory=NameSearch)
    # What things are called, by generation and IRI: pages name the same things again and again.
    labels: Recent[tuple[int, str], Mapping[str, str]] = field(init=False)
    _catalogues: dict[int, Catalogue] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.labels = Recent(self.cache.limit // SHARE)

    @property
    def generation(self) -> int | None:
        """The number of the generation served, None while there is none."""
        return self.engine.generation

    @property
    def served(self) -> Generation:
        """The generation served. Raises Overloaded while there is none."""
        found = self.engine.served
        if found is None:
            raise refused(Overloaded, "refusal.no_generation")
        return found

    @property
    def plain(self) -> PlainFederation:
        """This atlas and its partners, for queries that name no site."""
        return PlainFederation(self.federation, self.settings.base, self.sayings)

    @property
    def own_default_graph(self) -> bool:
        """Whether the default graph is a graph like any other; else it is the merge of graphs."""
        return self.record().get("default_graph") == "own"

    def record(self, generation: int | None = None) -> Mapping[str, Any]:
        """What the generation served, or another one, was made of; empty while there is none."""
        found = self.engine.served
        if generation is not None and (found is None or found.number != generation):
            found = self.engine.generations.get(generation)
        try:
            return found.record if found is not None else {}
        except InstanceError:
            return {}  # It was pruned in this moment; whoever reads it is told so.

    def named_query(self, name: str) -> NamedQuery:
        """The query of that name. Raises UnknownName."""
        if name not in self.library:
            raise refused(UnknownName, "refusal.query", name=name)
        return self.library[name]

    def reader(self, client: str = "") -> Reader:
        """Queries over the generation served now, on behalf of a client ("" is ourselves)."""
        return Reader(self.engine, self.generation, client)

    def catalogue(self, generation: int | None = None) -> Catalogue:
        """The graphs of the generation served, or of another one, read once for each.

        Raises Overloaded while there is none, UnknownName for one that is not kept.
        """
        number = self.served.number if generation is None else generation
        if number not in self._catalogues:
            catalogue = read_catalogue(Reader(self.engine, number), self.record(number))
            if len(self._catalogues) >= CATALOGUES:
                del self._catalogues[next(iter(self._catalogues))]
            self._catalogues[number] = catalogue
        return self._catalogues[number]


@dataclass(frozen=True)
class Reader:
    """The engine held to one generation, so that several queries see one state of the data."""

    engine: WorkerPool
    generation: int | None
    client: str = ""

    def query(self, operation: Operation, media_type: str) -> Answer:
        return self.engine.query(
            operation, media_type, generation=self.generation, client=self.client
        )


def attach(app: Flask, site: Site) -> None:
    app.extensions[KEY] = site


def site_of(app: Flask) -> Site:
    return cast(Site, app.extensions[KEY])


def current_site() -> Site:
    return site_of(current_app)
