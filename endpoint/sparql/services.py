"""Queries with SERVICE: the partners are asked first, then the engine, over one generation."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from flask import Response, request

from atlas.errors import QueryTimeout
from endpoint.reading.protocol import Asked
from endpoint.refusals import refused
from endpoint.site import Site
from endpoint.wire.answers import bounded, send
from endpoint.wire.aside import apart
from endpoint.wire.clients import current_client
from endpoint.wire.disconnects import watch
from federation.plain.sources import parsed
from federation.rows import Rows
from federation.run import Run
from federation.service.bind_join import answerable, read_services
from store import Answer, Operation

SOLUTIONS = "application/sparql-results+json"
LEFT_OUT = "Atlas-Partial"


def send_with_partners(site: Site, operation: Operation, media_type: str, asked: Asked) -> Response:
    """The answer to a query with SERVICE. Nobody may keep it: partners change without a word.

    Raises what ``send`` and ``answerable`` raise.
    """
    with asking(site, asked) as here:
        asked_for = operation
        operation = answerable(
            operation,
            site.federation,
            here.rows,
            here.run,
            judge=lambda judged: here.query(judged, media_type).close(),
            reading=apart(lambda: read_services(asked_for), size=len(asked_for.text)),
        )
    return naming_left_out(here.answer(operation, media_type), here.run)


@contextmanager
def asking(site: Site, asked: Asked) -> Iterator[Here]:
    """A request's dealings with this atlas and with partners, ended when its client hangs up.

    Raises Overloaded while nothing is served.
    """
    generation = site.served.number if asked.generation is None else asked.generation
    client = current_client()
    with watch.over(request.environ) as cancelled:
        run = site.federation.run(
            bounded(site, asked.timeout),
            partial=asked.partial,
            cancelled=cancelled,
            client=client,
        )
        yield Here(site, generation, client, run)


def naming_left_out(response: Response, run: Run) -> Response:
    """The response, with the partners that are not in it."""
    for name in run.left_out:
        response.headers.add(LEFT_OUT, name)
    return response


def left(run: Run) -> float:
    """The seconds that are left. Raises QueryTimeout."""
    seconds = run.left
    if not seconds:
        raise refused(QueryTimeout, "refusal.time_over")
    return seconds


@dataclass(frozen=True)
class Here:
    """This atlas at one generation, asked on behalf of one request."""

    site: Site
    generation: int
    client: str
    run: Run

    def query(self, operation: Operation, media_type: str) -> Answer:
        return self.site.engine.query(
            operation,
            media_type,
            deadline=left(self.run),
            generation=self.generation,
            client=self.client,
            cancelled=self.run.cancelled,
        )

    def answer(self, operation: Operation, media_type: str) -> Response:
        """The answer of the same generation, which nobody may keep."""
        return send(
            self.site,
            operation,
            media_type,
            volatile=True,
            timeout=left(self.run),
            generation=self.generation,
        )

    def rows(self, operation: Operation) -> Rows:
        answer = self.query(operation, SOLUTIONS)
        try:
            return parsed(answer.read())
        finally:
            answer.close()
