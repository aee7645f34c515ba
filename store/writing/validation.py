"""A change validated by itself: what it concerns, with what the shapes see from there.

The rest of the graph is as it was when it was found valid. So the violations are those that a
validation of the whole would find, and the time goes with the change and not with the country.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from itertools import islice
from typing import Any

from pyoxigraph import Triple
from rdflib import SH

import ontology
import shapes
from atlas.errors import InvalidWrite
from store.engine import LocalEngine
from store.writing.neighbourhood import concerned, neighbourhood

# Focus nodes judged at a time: it bounds the memory that a large change takes.
BATCH = 2_000


class Validator:
    """The shapes, read and compiled once for many changes."""

    def __init__(self) -> None:
        self._shapes = shapes.Prepared(ontology.load(), shapes.load())

    def check(
        self,
        engine: LocalEngine,
        *,
        changed: set[Triple],
        hidden: Callable[[Triple], bool],
        rewritten: Collection[Triple] = (),
    ) -> None:
        """Nothing where no shape is violated by what ``changed``.

        ``engine``: the whole graph as it would be. ``changed``: what is asserted, or follows from
        the hierarchy, since the change or no more. ``hidden``: what SHACL must not see, derived
        only. ``rewritten``: triples as they were written, as ``shapes.rewritten`` lists them.
        To check no change at all makes the next check quick.

        Raises InvalidWrite with the report.
        """
        report = self.report(engine, changed=changed, hidden=hidden, rewritten=rewritten)
        if not report.conforms:
            raise _refusal(report)

    def report(
        self,
        engine: LocalEngine,
        *,
        changed: set[Triple],
        hidden: Callable[[Triple], bool],
        rewritten: Collection[Triple] = (),
    ) -> shapes.Report:
        """On the nodes that the change concerns, warnings and notes among it."""
        reach = self._shapes.reach(engine)
        results: list[Any] = []
        nodes = iter(concerned(engine, reach, changed))
        while batch := list(islice(nodes, BATCH)):
            around = neighbourhood(engine, reach, batch, hidden)
            written = _written(around, rewritten)
            focus = {shapes.to_rdflib(node) for node in batch}
            focus |= {shapes.to_rdflib(t.object) for t in written}
            results += self._shapes.results(around, written, focus)
        return self._shapes.report(results)


def _written(around: LocalEngine, rewritten: Collection[Triple]) -> list[Triple]:
    """Those of the triples that say as written what is at hand as stored."""
    if not rewritten:
        return []
    said = {(triple.subject, triple.predicate) for triple in around.match(None, None, None)}
    return [triple for triple in rewritten if (triple.subject, triple.predicate) in said]


def _refusal(report: shapes.Report) -> InvalidWrite:
    first = next(result for result in report.results if result.severity == SH.Violation)
    count = report.counts[SH.Violation]
    sentence = (
        f"The shapes refuse the data: {count:,} violation{'' if count == 1 else 's'}, such as "
        f"{first.focus}: {first.message('en')} Nothing was written."
    )
    said = report.graph.serialize(format="nt", encoding="utf-8")
    return InvalidWrite(sentence, said).worded(
        "refusal.shapes",
        count=count,
        focus=str(first.focus),
        said={language: first.message(language) for language in ("fr", "en", "es")},
    )
