"""Checks a partner: whether it answers and how fast, what it holds, and what has changed."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from statistics import median
from typing import Any

from atlas.errors import Forbidden, PartnerFailed
from federation.exchange.client import TRIVIAL, Client
from federation.partner import Partner
from federation.run import Run
from federation.sites.counting import UNANSWERED, summarise
from federation.sites.describing import describe
from federation.sites.drift import Note, drift, remarks
from federation.sites.partners import PartnerFolder
from federation.sites.summaries import Summary

# What one check may take and ask in all.
SECONDS, ROWS, REQUESTS = 120.0, 1_000_000, 600
ASKED = 5


@dataclass(frozen=True)
class Check:
    """What one check found. ``failed``: why it could not be made, in a sentence, else "".

    ``latency``: seconds, the median of a few trivial queries, None where none was answered.
    ``found``: the documents in which the partner describes itself.
    """

    at: datetime
    failed: str = ""
    latency: float | None = None
    summary: Summary | None = None
    found: tuple[str, ...] = ()
    changes: tuple[Note, ...] = ()
    remarks: tuple[Note, ...] = ()

    @property
    def bad(self) -> bool:
        """Whether somebody should look at it."""
        return bool(self.failed) or any(note.bad for note in (*self.changes, *self.remarks))

    def to_json(self) -> dict[str, Any]:
        """One line of the history."""
        summary = self.summary
        return {
            "at": self.at.isoformat(timespec="seconds"),
            "failed": self.failed,
            "latency": self.latency,
            "source": summary and summary.source,
            "triples": summary and summary.triples,
            "predicates": summary and len(summary.predicates),
            "classes": summary and len(summary.classes),
            "complete": summary and summary.complete,
            "found": list(self.found),
            "changes": [asdict(note) for note in self.changes],
            "remarks": [asdict(note) for note in self.remarks],
        }


@dataclass(frozen=True)
class Checker:
    """Checks the partners of one folder, and keeps there what it finds."""

    partners: PartnerFolder
    client: Client
    seconds: float = SECONDS

    def check(self, partner: Partner) -> Check:
        """Check the partner whole; its summary and history are written.

        A check that fails leaves the last summary as it is, and its age tells.
        """
        found = self._checked(partner)
        if found.summary is not None:
            self.partners.keep_summary(partner.name, found.summary)
        self.partners.remember(partner.name, found.to_json())
        return found

    def reach(self, partner: Partner) -> float:
        """Seconds that the partner takes to answer a trivial query, the median of a few.

        Raises an error of UNANSWERED; Forbidden where its address may not be reached.
        """
        return self._latency(partner, self._run())

    def _checked(self, partner: Partner) -> Check:
        at, run = datetime.now(UTC), self._run()
        try:
            latency = self._latency(partner, run)
            if not partner.endpoint:
                return Check(at, latency=latency)
            description = describe(self.client.gate, partner, run)
            summary = summarise(self.client, partner, description, run)
        except (*UNANSWERED, Forbidden) as error:
            return Check(at, failed=f"{error}")
        before = self.partners.summary(partner.name)
        return Check(
            at,
            latency=latency,
            summary=summary,
            found=description.found,
            changes=tuple(drift(before, summary)),
            remarks=tuple(remarks(partner, summary)),
        )

    def _run(self) -> Run:
        return Run(time.monotonic() + self.seconds, ROWS, REQUESTS)

    def _latency(self, partner: Partner, run: Run) -> float:
        if not partner.endpoint:
            return _timed(lambda: self._begin(partner, run))
        return median(_timed(lambda: self.client.ask(partner, TRIVIAL, run)) for _ in range(ASKED))

    def _begin(self, partner: Partner, run: Run) -> None:
        """Ask for what the partner publishes whole, and hang up once it begins to come."""
        run.asking()
        ends = time.monotonic() + partner.limits.seconds
        limit = partner.limits.bytes
        with self.client.gate.fetch(partner, partner.dump, ends=ends, limit=limit) as reply:
            if reply.status != 200:
                raise PartnerFailed(
                    partner.name, f"answered {reply.status} to a request for {partner.dump}."
                )


def _timed(step: Callable[[], object]) -> float:
    began = time.monotonic()
    step()
    return time.monotonic() - began
