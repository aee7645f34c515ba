"""What all sites together must answer: the same query over their data merged in one store.

For SERVICE each site is a named graph, and ours the default graph; for a plain query over the
federation the default graph is the merge of all.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyoxigraph as ox
from pyoxigraph import NamedNode, QueryResultsFormat, RdfFormat

from tests.federation.real.sites import OURS, iri

SERVICE = re.compile(r"\bSERVICE(\s+SILENT)?(?=\s)", re.IGNORECASE)
# A row as it is compared: names with values, a blank node as just that.
Row = frozenset[tuple[str, str]]
Answer = Counter[Row] | bool


class Oracle:
    """The data of these sites, by name, in one store twice."""

    def __init__(self, files: Mapping[str, Path]) -> None:
        self.services, self.merged = ox.Store(), ox.Store()
        for name, file in files.items():
            self.services.bulk_load(
                path=file,
                format=RdfFormat.N_TRIPLES,
                to_graph=None if name == OURS else NamedNode(iri(name)),
            )
            self.merged.bulk_load(path=file, format=RdfFormat.N_TRIPLES)

    def service_query(self, text: str) -> Any:
        """What the engine finds for a query with SERVICE in it."""
        return self.services.query(SERVICE.sub("GRAPH", text))

    def plain_query(self, text: str) -> Any:
        """What the engine finds for a query over all sites."""
        return self.merged.query(text)

    def by_service(self, text: str) -> Answer:
        return answer(self.service_query(text))

    def federated(self, text: str) -> Answer:
        return answer(self.plain_query(text))


def answer(found: object) -> Answer:
    """Solutions as a bag of rows, or the truth."""
    if isinstance(found, ox.QueryBoolean):
        return bool(found)
    assert isinstance(found, ox.QuerySolutions)
    names = [variable.value for variable in found.variables]
    return Counter(
        frozenset(
            (name, "blank" if isinstance(term, ox.BlankNode) else str(term))
            for name in names
            if (term := solution[name]) is not None
        )
        for solution in found
    )


def parsed(body: bytes) -> Answer:
    """The same of an answer in JSON."""
    return answer(ox.parse_query_results(body, format=QueryResultsFormat.JSON))
