"""Servers that can be written to, and requests that write."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote, urlencode

from pyoxigraph import CanonicalizationAlgorithm, Dataset, RdfFormat, Triple, parse

from endpoint.tokens import TokenFile
from tests.endpoint.serving import Reply, Served, serving
from tests.endpoint.world import BASE

UPDATE = "application/sparql-update"
FORM = "application/x-www-form-urlencoded"
TURTLE = "text/turtle"
PARTNER = f"{BASE}/graph/partner"


@dataclass
class Desk:
    """One who writes to a server with a token."""

    served: Served
    token: str | None

    def fetch(
        self, path: str, method: str = "GET", body: str | bytes | None = None, **headers: str
    ) -> Reply:
        """A request with the token; ``content_type`` stands for the header Content-Type."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token is not None:
            named.setdefault("Authorization", f"Bearer {self.token}")
        return self.served.fetch(path, method, body=body, headers=named)

    def update(self, text: str, query: Mapping[str, str] | None = None, **headers: str) -> Reply:
        path = f"/sparql?{urlencode(query)}" if query else "/sparql"
        return self.fetch(path, "POST", text, content_type=UPDATE, **headers)

    def put(self, graph: str, turtle: str, method: str = "PUT", **headers: str) -> Reply:
        return self.fetch(at(graph), method, turtle, content_type=TURTLE, **headers)

    def triples(self, graph: str) -> set[Triple]:
        """What a graph holds, blank nodes named alike wherever they are the same."""
        reply = self.served.fetch(at(graph), headers={"Accept": "application/n-triples"})
        assert reply.status == 200, reply.text
        return canonical(reply.body, RdfFormat.N_TRIPLES)


def at(graph: str) -> str:
    """The address of a graph, "" for the default graph."""
    return f"/data?graph={quote(graph, safe='')}" if graph else "/data?default"


def canonical(content: bytes | str, syntax: RdfFormat = RdfFormat.TURTLE) -> set[Triple]:
    dataset = Dataset(parse(content, syntax))
    dataset.canonicalize(CanonicalizationAlgorithm.UNSTABLE)
    return {quad.triple for quad in dataset}


@contextmanager
def scratch() -> Iterator[Desk]:
    """``atlas serve --scratch`` and the one who may write to it."""
    with serving(Path("nowhere"), "--scratch", "--token", "T", ATLAS_WORKERS="2") as served:
        yield Desk(served, "T")


def token(home: Path, *graphs: str, publish: str = "default") -> str:
    """A new token for these graphs; without any, for all."""
    return TokenFile(home).create(
        graphs or None, expires=timedelta(hours=1), publish=publish, name="test"
    )[1]
