"""What the routes of one application share: its settings, its engine, its named queries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

from flask import Flask, current_app

from atlas.errors import Overloaded
from atlas.settings import Settings
from endpoint.catalogue import Catalogue, read_catalogue
from queries import NamedQuery
from store import WorkerPool

KEY = "atlas"


@dataclass
class Site:
    settings: Settings
    engine: WorkerPool
    library: Mapping[str, NamedQuery]
    _catalogues: dict[int, Catalogue] = field(default_factory=dict)

    @property
    def generation(self) -> int | None:
        """The number of the generation served, None while there is none."""
        return self.engine.generation

    def catalogue(self) -> Catalogue:
        """The graphs of the generation served, read once per generation.

        Raises Overloaded while there is none.
        """
        number = self.generation
        if number is None:
            raise Overloaded("No generation is served yet; atlas build makes one.")
        if number not in self._catalogues:
            catalogue = read_catalogue(self.engine)
            self._catalogues = {number: catalogue}
        return self._catalogues[number]


def attach(app: Flask, site: Site) -> None:
    app.extensions[KEY] = site


def current_site() -> Site:
    return cast(Site, current_app.extensions[KEY])
