"""Queries with SERVICE: the partners are asked first, then the engine, over one generation."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, request

from atlas.errors import Overloaded, QueryTimeout
from endpoint.answers import bounded, send
from endpoint.aside import apart
from endpoint.clients import current_client
from endpoint.disconnects import watch
from endpoint.protocol import Asked
from endpoint.site import Site
from federation.rows import Rows
from federation.run import Run
from federation.service import answerable, read_services
from federation.sources import parsed
from store import Answer, Operation

SOLUTIONS = "application/sparql-results+json"
LEFT_OUT = "Atlas-Partial"
OVER = (
    "The query's time was over before all of it could be answered (ATLAS_QUERY_TIMEOUT). "
    "Add a LIMIT or a more selective pattern."
)


def send_with_partners(site: Site, operation: Operation, media_type: str, asked: Asked) -> Response:
    """The answer to a query with SERVICE. Nobody may keep it: partners change without a word.

    Raises what ``send`` and ``answerable`` raise.
    """
    generation = site.generation if asked.generation is None else asked.generation
    if generation is None:
        raise Overloaded("No generation is served yet; atlas build makes one.")
    with watch.over(request.environ) as cancelled:
        run = site.federation.run(
            bounded(site, asked.timeout),
            partial=asked.partial,
            cancelled=cancelled,
            client=current_client(),
        )
        here = Here(site, generation, current_client(), run)
        asked_for = operation
        operation = answerable(
            operation,
            site.federation,
            here.rows,
            run,
            judge=lambda judged: here.query(judged, media_type).close(),
            reading=apart(lambda: read_services(asked_for), size=len(asked_for.text)),
        )
    response = send(
        site, operation, media_type, volatile=True, timeout=left(run), generation=asked.generation
    )
    for name in run.left_out:
        response.headers.add(LEFT_OUT, name)
    return response


def left(run: Run) -> float:
    """The seconds that are left. Raises QueryTimeout."""
    seconds = run.left
    if not seconds:
        raise QueryTimeout(OVER)
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

    def rows(self, operation: Operation) -> Rows:
        answer = self.query(operation, SOLUTIONS)
        try:
            return parsed(answer.read())
        finally:
            answer.close()
