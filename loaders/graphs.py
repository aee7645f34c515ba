"""The graphs of a generation while it is staged: loaded, inferred, validated, recorded."""

from __future__ import annotations

import os
import shutil
from collections.abc import Container, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from pyoxigraph import NamedNode, RdfFormat, Triple, parse, serialize
from rdflib import SH
from rdflib.term import Node

import ontology
import shapes
from atlas.errors import InvalidData
from atlas.settings import Settings
from loaders import findings, kept, provenance
from loaders.apart import surroundings
from loaders.measures import Clock
from loaders.ntriples import whole
from loaders.readings import Planned
from loaders.schema import merged
from loaders.sources import Source
from store import LoadJob, LocalEngine, Staging, rules
from store.statistics import Statistics, keep_void
from store.writing import inferred
from store.writing.entries import WRITTEN

SCHEMA = ("ontology", "alignments")


class Stage:
    """One generation in the making, from the sources as read."""

    def __init__(
        self, staging: Staging, plans: Sequence[Planned], settings: Settings, *, clock: Clock
    ) -> None:
        self.staging, self.plans, self.settings, self.clock = staging, plans, settings, clock
        self.folder = staging.folder / "graphs"
        self.folder.mkdir()
        self.working = staging.folder / "working"
        self.working.mkdir()
        (staging.folder / kept.FOLDER).mkdir()
        self.inferences: dict[str, rules.Inference] = {}
        self.findings: dict[str, int] = {}
        self.findings_listed: list[findings.Finding] = []
        self.findings_apart: dict[str, dict[str, int]] = {}

    @property
    def default(self) -> list[Planned]:
        """The sources merged into the default graph."""
        return [plan for plan in self.plans if plan.source.publish == "default"]

    @property
    def apart(self) -> list[Planned]:
        """The sources published in their own graphs only."""
        return [plan for plan in self.plans if plan.source.publish != "default"]

    def inferred_graph(self, name: str) -> str:
        """Where what is inferred from the default graph (name empty) or from one graph goes."""
        return inferred.graph_of(self.settings.base, name)

    def load_and_infer(self) -> None:
        """Load what the sources assert while the rules run in a process of their own."""
        jobs = [
            LoadJob(plan.triples, plan.source.graph, plan.source.publish == "default")
            for plan in self.plans
        ]
        with ThreadPoolExecutor(1) as thread:
            inferring = thread.submit(self.infer)
            with self.clock.step("load"):
                self.staging.load(jobs)
            with self.clock.step("wait for the rules"):
                inferring.result()
        with self.clock.step("load the closure"):
            self.staging.load([*self.jobs("closure"), *self.descriptions()])

    def infer(self) -> None:
        """The default sources together; then each of the others by itself.

        What is published apart must not leak into the default graph, so it infers apart too.
        """
        schema = merged(
            [plan for plan in self.plans if plan.source.name in SCHEMA],
            self.working / "axioms.nt",
        )
        inputs = {"": self.default, **{plan.source.name: [plan] for plan in self.apart}}
        for name, plans in inputs.items():
            folder = self.working / name
            folder.mkdir(exist_ok=True)
            self.inferences[name] = rules.infer([plan.triples for plan in plans], schema, folder)

    def descriptions(self) -> list[LoadJob]:
        """Each inferred graph says what it is and what it comes from."""
        jobs = []
        for name in self.inferences:
            graph = NamedNode(self.inferred_graph(name))
            quads = provenance.inferred_to_quads(graph, self.inferred_from(name))
            path = self.description(name)
            triples = (quad.triple for quad in quads)
            path.write_bytes(serialize(triples, format=RdfFormat.N_TRIPLES) or b"")
            jobs.append(LoadJob(path, graph.value, name == ""))
        return jobs

    def description(self, name: str) -> Path:
        return self.working / name / "description.nt"

    def inferred_from(self, name: str) -> list[Source]:
        """The sources that an inferred graph comes from."""
        plans = [plan for plan in self.apart if plan.source.name == name] if name else self.default
        return [plan.source for plan in plans]

    def jobs(self, what: str) -> list[LoadJob]:
        return [
            LoadJob(getattr(inference, what), self.inferred_graph(name), name == "")
            for name, inference in self.inferences.items()
        ]

    def validate(self) -> None:
        """The default graph, then each of the other graphs with what it names.

        One that was written to was judged then: what others have said since is not its fault.
        Raises InvalidData with what was found and the path of the whole report.
        """
        with self.clock.step("validate"):
            report = self.check(self.staging.engine, self.default)
            self.findings = findings.counted(report)
            self.findings_listed = findings.listed(report)
            for plan in self.apart:
                if plan.source.kind == WRITTEN:
                    continue
                inference = self.inferences[plan.source.name]
                around = surroundings(self.staging.engine, [plan.triples, inference.closure])
                report = self.check(around.engine, [plan], focus=around.subjects)
                self.findings_apart[plan.source.name] = findings.counted(report)

    def check(
        self, engine: LocalEngine, plans: Sequence[Planned], focus: Container[Node] | None = None
    ) -> shapes.Report:
        report = shapes.validate(
            engine,
            ontology.load(),
            rewritten=rewritten(engine, plans),
            focus=focus,
        )
        if not report.conforms:
            raise InvalidData(_refusal(report, self.settings.home / "reports" / "build.ttl"))
        return report

    def derive(self) -> None:
        """Load what the rules derive beyond the closure: it is not for SHACL to see."""
        with self.clock.step("load what is derived"):
            self.staging.load(self.jobs("derived"))

    def record(self) -> dict[str, Any]:
        """What the generation is made of, its graphs' files beside it."""
        with self.clock.step("count"):
            statistics = Statistics.of(self.staging.engine)
        with self.clock.step("index names"):
            self.staging.index_names(statistics.properties)
        graphs = [self.keep(plan) for plan in self.plans]
        graphs += [self.keep_inferred(name) for name in self.inferences]
        graphs.append(self.describe(statistics, graphs))
        shutil.rmtree(self.working)
        return {
            "base": self.settings.base,
            "triples": statistics.triples,
            "statistics": statistics.to_json(),
            "graphs": graphs,
            "findings": self.findings,
            "findings_listed": self.findings_listed,
            "findings_apart": self.findings_apart,
            "seconds": self.clock.steps,
            "peak_memory": self.clock.memory.peak,
        }

    def keep(self, plan: Planned) -> dict[str, Any]:
        """Put the graph's triples, as written, into the generation."""
        graph = kept.describe(plan)
        _link(plan.triples, self.folder / graph["file"])
        _link(plan.rewritten, self.staging.folder / kept.FOLDER / graph["file"])
        return graph

    def describe(self, statistics: Statistics, graphs: Sequence[dict[str, Any]]) -> dict[str, Any]:
        """Load what the generation holds, counted, into a graph of its own."""
        entry = keep_void(statistics, base=self.settings.base, graphs=graphs, folder=self.folder)
        self.staging.load([LoadJob(self.folder / entry["file"], entry["graph"], merged=False)])
        return entry

    def keep_inferred(self, name: str) -> dict[str, Any]:
        """Put what was inferred into the generation, with the names of what it comes from."""
        inference, triples = self.inferences[name], 0
        with (self.folder / inferred.file_of(name)).open("wb") as stream:
            for part in (self.description(name), inference.closure, inference.derived):
                for line in _lines(part):
                    stream.write(line)
                    triples += 1
        sources = [provenance.summary(source) for source in self.inferred_from(name)]
        return inferred.entry(self.settings.base, name, sources, triples)


def rewritten(engine: LocalEngine, plans: Sequence[Planned]) -> list[Triple]:
    """The triples whose literal the engine has changed, and those they fall together with."""
    changed = [
        line
        for plan in plans
        if plan.reading and plan.reading.rewritten
        for line in _lines(plan.rewritten)
    ]
    if not changed:
        return []
    keys = {_subject_and_predicate(line) for line in changed}
    lines = [
        line
        for plan in plans
        for line in _lines(plan.triples)
        if _subject_and_predicate(line) in keys
    ]
    parsed = parse(b"".join(lines), format=RdfFormat.N_TRIPLES)
    return shapes.rewritten(engine, [quad.triple for quad in parsed])


def _lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        yield from stream


def _subject_and_predicate(line: bytes) -> bytes:
    """Of a line of N-Triples as the writer makes it: one space between terms."""
    return line[: line.index(b" ", line.index(b" ") + 1)]


def _refusal(report: shapes.Report, path: Path) -> str:
    """Write the report; the sentence that says where it is."""
    path.parent.mkdir(exist_ok=True)
    with whole(path) as temporary:
        report.graph.serialize(temporary, format="turtle")
    first = next(result for result in report.results if result.severity == SH.Violation)
    count = report.counts[SH.Violation]
    return (
        f"The shapes refuse the data: {count:,} violation{'' if count == 1 else 's'}, such as "
        f"{first.focus}: {first.message('en')} The whole report is {path}; nothing was published."
    )


def _link(file: Path, target: Path) -> None:
    """The generation keeps the file as it is now: reading the source again makes another file."""
    try:
        os.link(file, target)
    except OSError:
        shutil.copyfile(file, target)
