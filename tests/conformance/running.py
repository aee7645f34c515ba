"""Runs the suite: every case that is claimed, on servers side by side."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import groupby
from pathlib import Path
from queue import SimpleQueue

from tests.conformance import description, exchanges, scripts
from tests.conformance.server import Server
from tests.conformance.services import Services
from tests.conformance.suite import Case
from tests.conformance.tasks import Description, Protocol, Script
from tests.conformance.verdicts import Verdict, judge
from tests.endpoint.serving import serving

SUITE = "w3c-rdf-tests"
SERVERS = 2


def run(cases: list[Case], servers: list[Server]) -> dict[str, Verdict]:
    """The verdict on each case, by its IRI. A manifest's cases run on one server, in order."""
    waiting: SimpleQueue[Server] = SimpleQueue()
    for server in servers:
        waiting.put(server)
    batches = [list(batch) for _, batch in groupby(cases, key=lambda case: case.folder)]
    with ThreadPoolExecutor(len(servers)) as threads:
        return {
            iri: verdict
            for verdicts in threads.map(partial(_batch, waiting), batches)
            for iri, verdict in verdicts.items()
        }


@contextmanager
def scratch_servers(root: Path, home: Path, count: int = SERVERS) -> Iterator[list[Server]]:
    """Servers with an empty store each, until the block ends."""
    with ExitStack() as stack:
        servers = []
        for number in range(count):
            token = secrets.token_urlsafe()
            folder = home / str(number)
            folder.mkdir()
            served = stack.enter_context(serving(folder, "--scratch", "--token", token))
            services = stack.enter_context(Services(folder))
            server = Server(root, served.address, token, services)
            stack.callback(server.close)
            servers.append(server)
        yield servers


def _batch(waiting: SimpleQueue[Server], cases: list[Case]) -> dict[str, Verdict]:
    server = waiting.get()
    try:
        return {case.iri: over_http(case, server) for case in cases}
    finally:
        waiting.put(server)


def over_http(case: Case, server: Server) -> Verdict:
    """Run a case on a server; three kinds are about HTTP itself."""
    match case.task:
        case Protocol():
            return exchanges.replay(case.task, server)
        case Script():
            return scripts.replay(case.iri, case.task, server)
        case Description():
            return description.judge(case.task, server)
    return judge(case, server)
