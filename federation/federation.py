"""The partners, and the one way to ask them: what a server or a command holds of federation."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from atlas.settings import Settings
from federation.exchange.client import Client
from federation.run import Run
from federation.sites.partners import PartnerFolder
from store.cancellation import Cancellation


@dataclass(frozen=True)
class Federation:
    """``rows``, ``requests``: what one query may move and ask at most, all partners together."""

    partners: PartnerFolder
    client: Client
    rows: int
    requests: int

    @classmethod
    def of(cls, settings: Settings, home: Path | None = None) -> Federation:
        """The partners of an instance folder, by default that of the settings."""
        return cls(
            PartnerFolder(home or settings.home),
            Client(),
            settings.federation_rows,
            settings.federation_requests,
        )

    def run(
        self,
        seconds: float,
        *,
        partial: bool = False,
        cancelled: Cancellation | None = None,
        client: str = "",
    ) -> Run:
        """The books of one query of a client that may take so long from now."""
        return Run(
            time.monotonic() + seconds,
            self.rows,
            self.requests,
            partial,
            cancelled or Cancellation(),
            client,
        )
