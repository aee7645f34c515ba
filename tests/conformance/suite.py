"""The W3C manifests as cases: what is run, over which data, with what expected.

https://w3c.github.io/rdf-tests/ and https://www.w3.org/2001/sw/DataAccess/tests/README.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pyoxigraph import NamedNode

from tests.conformance.manifest import MF, QT, RDF, RDFS, RDFT, UT, Manifest, Node
from tests.conformance.tasks import (
    Data,
    Description,
    Document,
    Evaluation,
    Exchange,
    Protocol,
    Script,
    Syntax,
    Task,
    Update,
)

PUBLISHED = "https://w3c.github.io/rdf-tests/"
SPARQL = ("sparql/sparql10/manifest.ttl", "sparql/sparql11/manifest-all.ttl")
# The manifest of the tests that graph-store-protocol/ replaced is no longer included anywhere.
ALONE = ("sparql/sparql11/http-rdf-update/manifest.ttl", "sparql/sparql12/manifest.ttl")
SYNTAXES = (
    *(f"rdf/rdf11/rdf-{name}/manifest.ttl" for name in ("turtle", "trig", "n-triples", "n-quads")),
    "rdf/rdf11/rdf-xml/manifest.ttl",
    *(f"rdf/rdf12/rdf-{name}/syntax/manifest.ttl" for name in ("turtle", "trig")),
    *(f"rdf/rdf12/rdf-{name}/syntax/manifest.ttl" for name in ("n-triples", "n-quads")),
    *(f"rdf/rdf12/rdf-{name}/eval/manifest.ttl" for name in ("turtle", "trig", "xml")),
)


@dataclass(frozen=True)
class Case:
    """One entry of a manifest."""

    iri: str
    name: str
    kind: str
    folder: str  # of its manifest, from the root of the suite
    task: Task


def cases(root: Path, manifests: tuple[str, ...] = (*SPARQL, *ALONE, *SYNTAXES)) -> list[Case]:
    """Every entry of these manifests and of those that they include, in their order."""
    found: dict[str, Case] = {}
    for name in manifests:
        for case in _cases(root, root / name):
            found.setdefault(case.iri, case)
    return list(found.values())


def published(root: Path, path: Path) -> str:
    """The IRI of a file of the suite, which relative IRIs in it are resolved against."""
    return PUBLISHED + path.relative_to(root).as_posix()


def _cases(root: Path, path: Path) -> Iterator[Case]:
    manifest = Manifest(path, published(root, path))
    for included in manifest.listed(MF + "include"):
        yield from _cases(root, _path(root, included))
    for entry in manifest.listed(MF + "entries"):
        yield _case(root, manifest, entry)


def _case(root: Path, manifest: Manifest, entry: Node) -> Case:
    reader = Reader(root, manifest, entry)
    kind = next(
        kind.value.removeprefix(prefix)
        for kind in manifest.objects(entry, RDF + "type")
        if isinstance(kind, NamedNode)
        for prefix in (MF, RDFT)
        if kind.value.startswith(prefix)
    )
    folder = manifest.path.parent.relative_to(root).as_posix()
    name = manifest.text(entry, MF + "name") or entry.value
    return Case(entry.value, name, kind, folder, KINDS[kind](reader))


def _path(root: Path, node: Node) -> Path:
    assert node.value.startswith(PUBLISHED), node
    return root / node.value.removeprefix(PUBLISHED)


@dataclass(frozen=True)
class Reader:
    """One entry, read as each kind of task."""

    root: Path
    manifest: Manifest
    entry: Node

    def evaluation(self) -> Evaluation:
        action = self.manifest.one(self.entry, MF + "action")
        query = self._file(action, QT + "query")
        cardinality = self.manifest.value(self.entry, MF + "resultCardinality")
        return Evaluation(
            query,
            self._data(action, QT),
            self._file(self.entry, MF + "result"),
            lax=cardinality == NamedNode(MF + "LaxCardinality"),
        )

    def update(self) -> Update:
        action = self.manifest.one(self.entry, MF + "action")
        result = self.manifest.one(self.entry, MF + "result")
        return Update(
            self._file(action, UT + "request"), self._data(action, UT), self._data(result, UT)
        )

    def syntax(self, *, positive: bool) -> Syntax:
        """Some updates are entered as syntax tests of queries: the file says what it is."""
        text = self._file(self.entry, MF + "action")
        return Syntax(text, update=text.suffix == ".ru", positive=positive)

    def document(self, *, positive: bool) -> Document:
        document = self._file(self.entry, MF + "action")
        assumed = self.manifest.value(self.manifest.node, MF + "assumedTestBase")
        below = document.relative_to(self.manifest.path.parent).as_posix()
        result = self.manifest.value(self.entry, MF + "result")
        return Document(
            document,
            assumed.value + below if assumed else published(self.root, document),
            positive,
            _path(self.root, result) if result else None,
        )

    def protocol(self) -> Protocol | Script:
        action = self.manifest.value(self.entry, MF + "action")
        if action is None:
            comments = [c.value for c in self.manifest.objects(self.entry, RDFS + "comment")]
            return Script(next(text for text in comments if "#### Request" in text))
        requests = self.manifest.one(action, HT + "requests")
        return Protocol(
            tuple(self._exchange(request) for request in self.manifest.items(requests)),
            self._data(self.entry, UT),
            self.manifest.text(action, HT + "connectionAuthority") or "",
        )

    def description(self) -> Description:
        return Description(self.entry.value.rsplit("#", 1)[-1])

    def _exchange(self, request: Node) -> Exchange:
        manifest = self.manifest
        response = manifest.one(request, HT + "resp")
        boolean = manifest.value(response, MF + "expectedBoolean")
        body, _ = self._body(request)
        _, expected_body = self._body(response)
        return Exchange(
            method=manifest.text(request, HT + "methodName") or "",
            path=manifest.text(request, HT + "absolutePath") or "",
            headers=self._headers(request),
            body=body,
            statuses=frozenset(
                status.value.rsplit("#", 1)[-1]
                for status in manifest.objects(response, MF + "expectedStatus")
            ),
            expected_headers=self._headers(response),
            expected_body=expected_body,
            boolean=None if boolean is None else boolean.value == "true",
            format=manifest.text(response, MF + "expectedFormat"),
            location=manifest.text(response, MF + "expectedLocation"),
        )

    def _headers(self, message: Node) -> tuple[tuple[str, str], ...]:
        headers = self.manifest.value(message, HT + "headers")
        if headers is None:
            return ()
        return tuple(
            (
                self.manifest.text(header, HT + "fieldName") or "",
                self.manifest.text(header, HT + "fieldValue") or "",
            )
            for header in self.manifest.items(headers)
        )

    def _body(self, message: Node) -> tuple[bytes | None, str | None]:
        """The content of a message, as the bytes that are sent and as text."""
        body = self.manifest.value(message, HT + "body")
        if body is None:
            return None, None
        text = self.manifest.text(body, CNT + "chars") or ""
        return text.encode(self.manifest.text(body, CNT + "characterEncoding") or "utf-8"), text

    def _file(self, subject: Node, predicate: str) -> Path:
        return _path(self.root, self.manifest.one(subject, predicate))

    def _data(self, subject: Node, vocabulary: str) -> Data:
        """Graphs are given as files, or (UT) as a file beside the name that it goes by."""
        named = []
        for graph in self.manifest.objects(subject, vocabulary + "graphData"):
            file = self.manifest.value(graph, UT + "graph") or graph
            name = self.manifest.text(graph, RDFS + "label") or file.value
            named.append((name, _path(self.root, file)))
        default = self.manifest.objects(subject, vocabulary + "data")
        services = [
            (self.manifest.one(service, QT + "endpoint").value, self._file(service, QT + "data"))
            for service in self.manifest.objects(subject, QT + "serviceData")
        ]
        files = sorted(_path(self.root, file) for file in default)
        return Data(tuple(files), tuple(sorted(named)), tuple(sorted(services)))


HT = "http://www.w3.org/2011/http#"
CNT = "http://www.w3.org/2011/content#"
KINDS: dict[str, Callable[[Reader], Task]] = {
    "QueryEvaluationTest": Reader.evaluation,
    "CSVResultFormatTest": Reader.evaluation,
    "UpdateEvaluationTest": Reader.update,
    "ProtocolTest": Reader.protocol,
    "GraphStoreProtocolTest": Reader.protocol,
    "ServiceDescriptionTest": Reader.description,
    **{
        f"{sign}{language}Test{version}": partial(Reader.syntax, positive=sign == "Positive")
        for sign in ("Positive", "Negative")
        for language in ("Syntax", "UpdateSyntax")
        for version in ("", "11")
    },
    **{
        f"Test{syntax}{what}": partial(Reader.document, positive=positive)
        for syntax in ("Turtle", "Trig", "NTriples", "NQuads", "XML")
        for what, positive in (
            ("Eval", True),
            ("PositiveSyntax", True),
            ("NegativeSyntax", False),
            ("NegativeEval", False),
        )
    },
}
