"""Asks partners queries through the gate and counts what came of it.

https://www.w3.org/TR/sparql11-protocol/#query-operation
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sized
from typing import TypeVar
from urllib.parse import urlencode

from pyoxigraph import Triple

from atlas.errors import NotFederable, PartnerFailed, QueryTimeout, SparqlError
from federation.exchange import results
from federation.exchange.breaker import Breakers
from federation.exchange.gate import Gate, Reply
from federation.exchange.statuses import check_status, check_whole, media_type
from federation.exchange.turns import Turns
from federation.partner import Partner
from federation.rows import Rows
from federation.run import Exchange, Run

T = TypeVar("T")

FORM = "application/x-www-form-urlencoded"
# Of its seconds a partner must have had this part before the query's end is its fault.
FAIR = 0.5
# What any site that is well answers, and in how many seconds.
TRIVIAL, TRIVIAL_SECONDS = "ASK { ?s ?p ?o }", 3.0


class Client:
    """Safe to use from many threads. One for each process: it counts what partners are asked."""

    def __init__(self, gate: Gate | None = None, breakers: Breakers | None = None) -> None:
        self.gate = gate or Gate()
        self.breakers = breakers or Breakers()
        self._turns = Turns()

    def select(
        self,
        partner: Partner,
        text: str,
        run: Run,
        *,
        rows: int | None = None,
        bindings: int = 0,
    ) -> Rows:
        """The rows of a SELECT, at most ``rows`` and the partner's limit.

        ``bindings``: how many are in the text's VALUES, to be told. Raises PartnerFailed,
        PartnerLimit; QueryTimeout where the run's time is over; ClientGone.
        """
        limit = partner.limits.rows if rows is None else min(rows, partner.limits.rows)
        return self._exchange(
            _Question(partner, text, run, results.ACCEPT_RESULTS, bindings),
            lambda kind, body: results.solutions(partner, kind, body, limit),
        )

    def ask(self, partner: Partner, text: str, run: Run) -> bool:
        """The answer to an ASK. Raises as ``select``."""
        return self._exchange(
            _Question(partner, text, run, results.ACCEPT_RESULTS),
            lambda kind, body: results.boolean(partner, kind, body),
        )

    def construct(
        self, partner: Partner, text: str, run: Run, *, triples: int | None = None
    ) -> list[Triple]:
        """The triples of a CONSTRUCT, at most ``triples`` and the partner's limit of rows.

        Raises as ``select``.
        """
        limit = partner.limits.rows if triples is None else min(triples, partner.limits.rows)
        return self._exchange(
            _Question(partner, text, run, results.ACCEPT_GRAPH),
            lambda kind, body: results.triples(partner, kind, body, limit),
        )

    def _exchange(self, question: _Question, read: Callable[[str, bytes], T]) -> T:
        partner, run = question.partner, question.run
        if not partner.endpoint:
            raise NotFederable(f"The partner {partner.name} has no SPARQL endpoint to be asked.")
        guard = self.breakers.guard(partner, lambda: self._well(partner))
        with self._turns.turn(partner, run), guard, question:
            run.asking()
            try:
                with self._fetch(question) as reply:
                    check_status(partner, reply)
                    body = reply.read()
                    question.bytes = reply.bytes
                run.received(question.bytes)
                answer = read(media_type(reply), body)
            except PartnerFailed as error:
                if run.left or question.given >= FAIR * partner.limits.seconds:
                    raise
                raise QueryTimeout(
                    f"The time was over while the partner {partner.name} still answered."
                ).worded("refusal.partner_late", partner=partner.name) from error
            question.rows = len(answer) if isinstance(answer, Sized) else 1
            check_whole(partner, reply, question.rows)
            run.moved(question.rows)
            return answer

    def _well(self, partner: Partner) -> bool:
        """Whether the partner answers a trivial question soon."""
        run = Run(time.monotonic() + TRIVIAL_SECONDS, rows=1, requests=1)
        question = _Question(partner, TRIVIAL, run, results.ACCEPT_RESULTS)
        try:
            with question, self._fetch(question) as reply:
                check_status(partner, reply)
                results.boolean(partner, media_type(reply), reply.read())
        except SparqlError:
            return False
        return True

    def _fetch(self, question: _Question) -> Reply:
        partner, run = question.partner, question.run
        return self.gate.fetch(
            partner,
            partner.endpoint,
            method="POST",
            headers={"Accept": question.accept, "Content-Type": FORM},
            body=urlencode({"query": question.text}).encode(),
            ends=question.began + question.given,
            limit=partner.limits.bytes,
            cancelled=run.cancelled,
        )


class _Question:
    """One request and what came of it; as a block, it is told to the run when it ends."""

    def __init__(
        self, partner: Partner, text: str, run: Run, accept: str, bindings: int = 0
    ) -> None:
        self.partner, self.text, self.run = partner, text, run
        self.accept, self.bindings = accept, bindings
        self.rows = self.bytes = 0
        self.began = self.given = 0.0

    def __enter__(self) -> None:
        self.began = time.monotonic()
        self.given = min(self.partner.limits.seconds, self.run.left)

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        failed = ""
        if error is not None:
            failed = error.did if isinstance(error, PartnerFailed) else str(error)
        self.run.exchanged(
            Exchange(
                self.partner.name,
                self.text,
                self.bindings,
                self.rows,
                self.bytes,
                time.monotonic() - self.began,
                failed,
            )
        )
