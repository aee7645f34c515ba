"""Data of the suite as quads, and what every store that is tested can do with them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pyoxigraph as ox
from pyoxigraph import DefaultGraph, NamedNode

from tests.conformance.answers import Answer, read_graph
from tests.conformance.suite import published
from tests.conformance.tasks import Data, Document

FROM = re.compile(r"\bFROM\s+(?:NAMED\s+)?<([^>]*)>", re.IGNORECASE)


class Refused(Exception):
    """The store did not do what it was asked; the message says what it answered.

    ``malformed``: because the text is none in its language, and for no other reason; ``status``:
    of HTTP, where the store is behind it.
    """

    def __init__(self, message: str, *, malformed: bool = False, status: int = 0) -> None:
        super().__init__(message)
        self.malformed = malformed
        self.status = status


class Store(Protocol):
    """What is tested: the engine alone, or a server."""

    root: Path

    def load(self, data: Data) -> None:
        """Make this the whole content."""

    def answers(self, text: str, base: str) -> Iterator[tuple[str, Answer]]:
        """The answer to a query, once per format that it was asked in. Raises Refused."""

    def update(self, text: str, base: str) -> None:
        """Raises Refused."""

    def state(self) -> ox.Dataset:
        """Everything in the store."""

    def is_malformed(self, text: str, *, update: bool, base: str) -> bool:
        """Whether the text is refused as outside the language."""

    def read(self, document: Document) -> ox.Dataset:
        """What the document says, once it was loaded. Raises Refused."""


def quads_of(root: Path, data: Data) -> Iterator[ox.Quad]:
    """All quads of these files, the default graph first; blank nodes are the files' own."""
    for path in data.default:
        yield from read_graph(path, published(root, path))
    for name, path in data.named:
        for quad in read_graph(path, published(root, path)):
            assert quad.graph_name == DefaultGraph()
            yield ox.Quad(quad.subject, quad.predicate, quad.object, NamedNode(name))


def with_its_from(root: Path, query: Path, data: Data) -> Data:
    """The data of a test whose query names its dataset: the suite expects those files there."""
    if data != Data():
        return data
    names = FROM.findall(query.read_text("utf-8"))
    files = {query.parent / name for name in names}
    return Data(named=tuple(sorted((published(root, file), file) for file in files)))
