"""House style as SHACL shapes: each file of ``shapes/lint`` is one check."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pyshacl
from rdflib import SH, Graph, Literal
from rdflib.term import Node

from ontology.findings import ERROR, INFORMATION, WARNING, Finding
from ontology.project import Project
from ontology.reader import read

SEVERITIES: dict[Node | None, str] = {
    SH.Violation: ERROR,
    SH.Warning: WARNING,
    SH.Info: INFORMATION,
}


def conforms_to(name: str) -> Callable[[Project], Iterator[Finding]]:
    """The check that our terms conform to the shapes file of that name."""

    def find(project: Project) -> Iterator[Finding]:
        shapes = read(project.lint_shapes / f"{name}.ttl")
        _, report, _ = pyshacl.validate(project.ours, shacl_graph=shapes, inference="none")
        assert isinstance(report, Graph)
        # A property shape with several constraints says its one message once.
        results = (finding(project, report, result) for result in report.objects(None, SH.result))
        unique = {(str(found.file), found.term, str(found.message)): found for found in results}
        yield from (unique[key] for key in sorted(unique))

    return find


def finding(project: Project, report: Graph, result: Node) -> Finding:
    """One result of the report as a finding about its focus node."""
    focus = str(report.value(result, SH.focusNode))
    severity = SEVERITIES[report.value(result, SH.resultSeverity)]
    texts = {
        text.language: str(text)
        for text in report.objects(result, SH.resultMessage)
        if isinstance(text, Literal) and text.language
    }
    return Finding(texts, project.homes.get(focus), focus, severity)
