"""The other endpoints of the tests of SERVICE: each a small one on loopback, and a partner.

https://www.w3.org/TR/sparql11-federated-query/. The suite calls them by IRIs at example.org; those
are names of the partners, whose entries say where each answers.
"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pyoxigraph as ox

from federation.partner import Partner
from federation.sites.partners import PartnerFolder
from tests.conformance.datasets import quads_of
from tests.conformance.tasks import Data
from tests.federation.small_site import SmallSite, small_site

LOOPBACK = "127.0.0.1"


class Services(ExitStack):
    """The endpoints that one server's partners are, started when a test first calls for them."""

    def __init__(self, home: Path) -> None:
        super().__init__()
        self.partners = PartnerFolder(home)
        self._sites: dict[str, SmallSite] = {}

    def load(self, root: Path, data: Data) -> None:
        """Make what this test says of other endpoints the whole of them."""
        called = dict(data.services)
        for iri in self._sites.keys() | called:
            site = self._site(iri)
            held = Data((called[iri],)) if iri in called else Data()
            site.data = ox.Store()
            site.data.extend(quads_of(root, held))

    def _site(self, iri: str) -> SmallSite:
        site = self._sites.get(iri)
        if site is None:
            site = self._sites[iri] = self.enter_context(small_site())
            name = f"service-{len(self._sites)}"
            addresses = frozenset({LOOPBACK})
            self.partners.add(Partner(name, site.endpoint, (iri,), addresses=addresses))
        return site
