"""The engine alone, in process: what the server is compared with."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pyoxigraph as ox
from pyoxigraph import NamedNode, QueryBoolean, QueryResultsFormat

from store.confine import deny_network
from tests.conformance.answers import Answer, csv_table, parsed
from tests.conformance.datasets import Refused, quads_of
from tests.conformance.suite import Case
from tests.conformance.tasks import Data, Document
from tests.conformance.verdicts import judge


def passed(root: Path, cases: list[Case]) -> set[str]:
    """The tests, by IRI, that the engine passes by itself; in a process without a network.

    SERVICE and LOAD of the engine fetch whatever a test names.
    """
    with ProcessPoolExecutor(1, get_context("spawn"), deny_network) as alone:
        return alone.submit(_passed, root, cases).result()


def _passed(root: Path, cases: list[Case]) -> set[str]:
    engine = BareEngine(root)
    return {case.iri for case in cases if judge(case, engine).passed}


class BareEngine:
    """pyoxigraph without a server."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.store = ox.Store()

    def load(self, data: Data) -> None:
        self.store = ox.Store()
        for name, _ in data.named:
            self.store.add_graph(NamedNode(name))
        self.store.extend(quads_of(self.root, data))

    def answers(self, text: str, base: str) -> Iterator[tuple[str, Answer]]:
        """The answer as it is read back from each format."""
        try:
            yield from self._answers(text, base)
        except (SyntaxError, RuntimeError, ValueError, OSError) as error:
            raise Refused(str(error)) from error

    def _answers(self, text: str, base: str) -> Iterator[tuple[str, Answer]]:
        for result_format in (QueryResultsFormat.JSON, QueryResultsFormat.CSV):
            results = self.store.query(text, base_iri=base)
            if isinstance(results, ox.QueryTriples):
                yield "RDF", ox.Dataset(ox.Quad(*triple) for triple in results)
                return
            if isinstance(results, QueryBoolean):
                yield "boolean", bool(results)
                return
            body = results.serialize(format=result_format) or b""
            if result_format == QueryResultsFormat.CSV:
                yield "CSV", csv_table(body)
            else:
                yield "JSON", parsed(body, result_format)

    def update(self, text: str, base: str) -> None:
        try:
            self.store.update(text, base_iri=base)
        except (SyntaxError, RuntimeError, ValueError, OSError) as error:
            raise Refused(str(error)) from error

    def state(self) -> ox.Dataset:
        return ox.Dataset(self.store)

    def is_malformed(self, text: str, *, update: bool, base: str) -> bool:
        self.store = ox.Store()
        try:
            if update:
                self.store.update(text, base_iri=base)
            else:
                self.store.query(text, base_iri=base)
        except SyntaxError:
            return True
        except (RuntimeError, ValueError, OSError):
            return False
        return False

    def read(self, document: Document) -> ox.Dataset:
        syntax = ox.RdfFormat.from_extension(document.document.suffix[1:])
        try:
            return ox.Dataset(
                ox.parse(path=str(document.document), format=syntax, base_iri=document.base)
            )
        except (SyntaxError, ValueError) as error:
            raise Refused(str(error), malformed=True) from error
