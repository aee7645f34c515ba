"""A running server as a store that is tested, through HTTP alone."""

from __future__ import annotations

import http.client
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pyoxigraph as ox
from pyoxigraph import DefaultGraph, NamedNode, QueryResultsFormat, RdfFormat

from tests.conformance.answers import Answer, Table, csv_table, parsed
from tests.conformance.datasets import Refused, quads_of
from tests.conformance.services import Services
from tests.conformance.tasks import Data, Document

QUERY, UPDATE = "application/sparql-query", "application/sparql-update"
ENDPOINT, GRAPHS = "/sparql", "/data"
CSV = QueryResultsFormat.CSV.media_type
# The names of the formats, in the order in which they are judged.
SOLUTIONS = {
    "JSON": QueryResultsFormat.JSON,
    "XML": QueryResultsFormat.XML,
    "TSV": QueryResultsFormat.TSV,
}
GRAPH_SYNTAXES = {
    "N-Triples": RdfFormat.N_TRIPLES,
    "Turtle": RdfFormat.TURTLE,
    "N-Quads": RdfFormat.N_QUADS,
    "TriG": RdfFormat.TRIG,
    "RDF/XML": RdfFormat.RDF_XML,
    "JSON-LD": RdfFormat.JSON_LD,
}
# Not every predicate is an XML name, and JSON-LD has no triple terms: a 406 is an honest answer.
NARROW = {"RDF/XML", "JSON-LD"}
MEDIA_TYPES = {
    ".ttl": RdfFormat.TURTLE,
    ".trig": RdfFormat.TRIG,
    ".nt": RdfFormat.N_TRIPLES,
    ".nq": RdfFormat.N_QUADS,
    ".rdf": RdfFormat.RDF_XML,
}
NAMES = "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }"
PATIENCE = 60
MALFORMED = 400


@dataclass(frozen=True)
class Reply:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def media_type(self) -> str:
        return self.headers.get_content_type()

    def refused(self) -> Refused:
        body = self.body.decode("utf-8", "replace")
        return Refused(
            f"{self.status} {body[:300]}", malformed=self.status == MALFORMED, status=self.status
        )


class Server:
    """``atlas serve --scratch``, with the token that writes everywhere."""

    def __init__(self, root: Path, address: str, token: str, services: Services) -> None:
        self.root = root
        self.services = services
        self.address = address
        self.authorisation = {"Authorization": f"Bearer {token}"}
        self.authority = urlsplit(address).netloc
        self.placeholders: dict[str, str] = {}  # What one script learns and the next one uses.
        self._connection = http.client.HTTPConnection(self.authority, timeout=PATIENCE)
        self._loaded: Data | None = None

    def close(self) -> None:
        self._connection.close()

    def request(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> Reply:
        """One request on the connection that is kept open."""
        self._loaded = None
        return self._send(method, path, {**self.authorisation, **headers}, body)

    def load(self, data: Data) -> None:
        if data != self._loaded:
            self.services.load(self.root, data)
            self._update(loading(list(quads_of(self.root, data)), [name for name, _ in data.named]))
            self._loaded = data

    def clear(self) -> None:
        self.load(Data())

    def answers(self, text: str, base: str) -> Iterator[tuple[str, Answer]]:
        """The answer in each format that can hold it; a format that cannot is a 406."""
        text = based(text, base)
        first = self._ask(
            text, f"{QueryResultsFormat.JSON.media_type}, {RdfFormat.N_TRIPLES.media_type};q=0.1"
        )
        if first.media_type != QueryResultsFormat.JSON.media_type:
            yield from self._graphs(text)
            return
        boolean = isinstance(parsed(first.body, QueryResultsFormat.JSON), bool)
        for name, result_format in SOLUTIONS.items():
            if not (boolean and name == "TSV"):
                reply = self._ask(text, result_format.media_type)
                yield name, parsed(reply.body, result_format)
        if not boolean:
            yield "CSV", csv_table(self._ask(text, CSV).body)

    def _graphs(self, text: str) -> Iterator[tuple[str, Answer]]:
        for name, syntax in GRAPH_SYNTAXES.items():
            try:
                yield name, _read(self._ask(text, syntax.media_type), syntax)
            except Refused as refusal:
                if name not in NARROW or refusal.status != http.client.NOT_ACCEPTABLE:
                    raise

    def update(self, text: str, base: str) -> None:
        self._update(based(text, base))

    def state(self) -> ox.Dataset:
        """Graph by graph; a blank node keeps its label from one response to the next."""
        names = parsed(self._ask(NAMES, QueryResultsFormat.JSON.media_type).body, SOLUTIONS["JSON"])
        assert isinstance(names, Table)
        quads = list(self.graph(None))
        for row in names.rows:
            name = row["g"]
            assert isinstance(name, NamedNode)
            quads += [
                ox.Quad(quad.subject, quad.predicate, quad.object, name)
                for quad in self.graph(name.value)
            ]
        return ox.Dataset(quads)

    def graph(self, name: str | None) -> ox.Dataset:
        """One graph, or the default graph."""
        media_type = RdfFormat.N_TRIPLES.media_type
        return _read(self._get(graph_path(name), media_type), RdfFormat.N_TRIPLES)

    def is_malformed(self, text: str, *, update: bool, base: str) -> bool:
        """The base is the server's own: the text is sent as it is."""
        media_type = UPDATE if update else QUERY
        headers = {"Content-Type": media_type}
        reply = self.request("POST", ENDPOINT, headers, text.encode("utf-8"))
        return reply.status == MALFORMED

    def read(self, document: Document) -> ox.Dataset:
        """One graph is put under the document's base, which its relative IRIs start from."""
        syntax = MEDIA_TYPES[document.document.suffix]
        body = document.document.read_bytes()
        if not syntax.supports_datasets:
            self._put("PUT", graph_path(document.base), syntax, body)
            return self.graph(document.base)
        if document.result is not None:
            self.clear()
            body = f"@base <{document.base}> .\n".encode() + body
        self._put("POST", GRAPHS, syntax, body)
        return self.state()

    def _put(self, method: str, path: str, syntax: RdfFormat, body: bytes) -> None:
        reply = self.request(method, path, {"Content-Type": syntax.media_type}, body)
        if not 200 <= reply.status < 300:
            raise reply.refused()

    def _ask(self, text: str, accept: str) -> Reply:
        headers = {"Content-Type": QUERY, "Accept": accept}
        reply = self._send("POST", ENDPOINT, headers, text.encode("utf-8"))
        if reply.status != http.client.OK:
            raise reply.refused()
        return reply

    def _get(self, path: str, accept: str) -> Reply:
        reply = self._send("GET", path, {"Accept": accept})
        if reply.status != http.client.OK:
            raise reply.refused()
        return reply

    def _update(self, text: str) -> None:
        reply = self.request("POST", ENDPOINT, {"Content-Type": UPDATE}, text.encode("utf-8"))
        if not 200 <= reply.status < 300:
            raise reply.refused()

    def _send(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> Reply:
        self._connection.request(method, path, body, dict(headers))
        response = self._connection.getresponse()
        return Reply(response.status, response.headers, response.read())


def graph_path(name: str | None) -> str:
    return f"{GRAPHS}?{urlencode({'graph': name})}" if name else f"{GRAPHS}?default"


def based(text: str, base: str) -> str:
    """A text whose relative IRIs are resolved as the suite means, whatever the server's base is.

    The added line replaces nothing: a BASE of the text's own comes after it and wins.
    """
    return f"BASE <{base}>\n{text}"


def loading(quads: list[ox.Quad], named: list[str]) -> str:
    """An update after which the store holds these quads, and these graphs even if empty."""
    graphs: dict[str, list[str]] = {}
    for quad in quads:
        name = "" if isinstance(quad.graph_name, DefaultGraph) else quad.graph_name.value
        graphs.setdefault(name, []).append(f"{quad.triple} .\n")
    blocks = [
        f"GRAPH <{name}> {{\n{''.join(lines)}}}\n" if name else "".join(lines)
        for name, lines in sorted(graphs.items())
    ]
    creations = [f"CREATE GRAPH <{name}>" for name in dict.fromkeys(named)]
    return " ;\n".join(["DROP ALL", *creations, f"INSERT DATA {{\n{''.join(blocks)}}}"])


def _read(reply: Reply, syntax: RdfFormat) -> ox.Dataset:
    return ox.Dataset(ox.parse(reply.body, format=syntax))
