"""LOAD: fetches a partner's document, through the gate, to be written as a body is that is sent.

https://www.w3.org/TR/sparql11-update/#load
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from atlas.errors import Forbidden, PartnerFailed, SparqlError
from endpoint.refusals import refused
from endpoint.site import Site
from endpoint.temporary import BODIES, own_folder
from endpoint.writing.graph_store import READ
from endpoint.writing.updates import LoadStep, Step
from federation.exchange import addresses
from federation.exchange.statuses import check_status, media_type
from federation.partner import HARVEST, Partner
from store import GraphStep, UpdateStep
from store.formats import BY_EXTENSION

ACCEPT = ", ".join(READ)


def allowed(site: Site) -> Callable[[str], bool]:
    """Whether what is at an address may be fetched now: a partner's that may be harvested."""
    partners = site.federation.partners.all()
    return lambda source: _whose(source, partners) is not None


@contextmanager
def loaded(
    site: Site, steps: Sequence[Step], *, timeout: float | None = None
) -> Iterator[list[UpdateStep | GraphStep]]:
    """The steps with each LOAD as the writing of what it names; all is fetched before any is done.

    Within the block the files are there. Raises what the gate raises, but under SILENT, where
    what cannot be fetched is left out.
    """
    limit: float = site.settings.write_timeout
    ends = time.monotonic() + min(timeout or limit, limit)
    with own_folder(BODIES) as folder:
        ready: list[UpdateStep | GraphStep] = []
        for number, step in enumerate(steps):
            if isinstance(step, UpdateStep):
                ready.append(step)
                continue
            try:
                ready.append(_fetched(site, step, folder / f"{number}", ends))
            except SparqlError:
                if not step.silent:
                    raise
        yield ready


def _fetched(site: Site, step: LoadStep, path: Path, ends: float) -> GraphStep:
    partner = _whose(step.source, site.federation.partners.all())
    if partner is None:
        raise refused(Forbidden, "refusal.load_gone", source=step.source)
    client = site.federation.client
    with (
        client.breakers.guard(partner),
        client.gate.fetch(
            partner,
            step.source,
            headers={"Accept": ACCEPT},
            ends=min(ends, time.monotonic() + partner.limits.seconds),
            limit=min(partner.limits.bytes, site.settings.write_bytes),
        ) as reply,
    ):
        check_status(partner, reply)
        with path.open("wb") as stream:
            for piece in reply.stream():
                stream.write(piece)
        syntax = _syntax(partner, step.source, media_type(reply))
    return GraphStep(step.graph, "merge", path, syntax, reply.url)


def _syntax(partner: Partner, source: str, said: str) -> str:
    """The media type that the partner says, else that of the ending of the address."""
    if said in READ:
        return said
    row = BY_EXTENSION.get(Path(urlsplit(source).path).suffix.removeprefix("."))
    if row is None or row.media_type not in READ:
        raise PartnerFailed(
            partner.name,
            f"serves {said or 'a file of no type'} at {source}, and that is no RDF that is read.",
        )
    return row.media_type


def _whose(source: str, partners: Mapping[str, Partner]) -> Partner | None:
    """The partner at whose addresses the source is, where it may be harvested."""
    try:
        target = addresses.read(source)
    except Forbidden:
        return None
    own = (p for p in partners.values() if HARVEST in p.uses and addresses.is_own(p, target))
    return next(own, None)
