"""The validation report: rows for programs, a graph for SHACL, a text for people.

https://www.w3.org/TR/shacl/#validation-report
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import rdflib
from rdflib import SH
from rdflib.collection import Collection as List
from rdflib.term import BNode, Node, URIRef

from shapes.paths import path_text

SEVERITIES = (SH.Violation, SH.Warning, SH.Info)
LANGUAGES = ("en", "fr", "es")


@dataclass(frozen=True)
class Words:
    """What the text of a report says of its own."""

    severities: Mapping[URIRef, tuple[str, str]]
    none: str
    more: str


WORDS = {
    "fr": Words(
        {
            SH.Violation: ("violation", "violations"),
            SH.Warning: ("avertissement", "avertissements"),
            SH.Info: ("remarque", "remarques"),
        },
        none="Rien à signaler.",
        more="… et {} de plus.",
    ),
    "en": Words(
        {
            SH.Violation: ("violation", "violations"),
            SH.Warning: ("warning", "warnings"),
            SH.Info: ("note", "notes"),
        },
        none="Nothing to report.",
        more="… and {} more.",
    ),
    "es": Words(
        {
            SH.Violation: ("infracción", "infracciones"),
            SH.Warning: ("advertencia", "advertencias"),
            SH.Info: ("nota", "notas"),
        },
        none="Nada que señalar.",
        more="… y {} más.",
    ),
}


@dataclass(frozen=True)
class Result:
    """One validation result. ``shape`` is the nearest shape that has an IRI."""

    focus: Node
    path: str
    value: Node | None
    severity: URIRef
    messages: Mapping[str, str] = field(compare=False)
    shape: Node
    constraint: URIRef

    def message(self, language: str) -> str:
        """In that language, or in one that there is."""
        for wanted in (language, *LANGUAGES, ""):
            if wanted in self.messages:
                return self.messages[wanted]
        return next(iter(self.messages.values()), "")


@dataclass(frozen=True)
class Report:
    """What the validation found. ``conforms``: no violation, so that it may be published.

    The graph's sh:conforms is SHACL's: false for a warning too.
    """

    graph: rdflib.Graph
    shapes: rdflib.Graph

    @cached_property
    def results(self) -> tuple[Result, ...]:
        """Violations first, then by shape and focus node."""
        nodes = self.graph.objects(None, SH.result)
        return tuple(sorted((self._result(node) for node in nodes), key=_order))

    @cached_property
    def counts(self) -> dict[URIRef, int]:
        """How many results of each severity; the three of SHACL are always there."""
        found = Counter(result.severity for result in self.results)
        return dict.fromkeys(SEVERITIES, 0) | dict(found)

    @property
    def conforms(self) -> bool:
        return self.counts[SH.Violation] == 0

    def text(self, language: str = "en", limit: int = 50) -> str:
        """The report for a reader: counts, then one line for each result, ``limit`` at most."""
        words = WORDS.get(language, WORDS["en"])
        if not self.results:
            return words.none
        lines = [self._summary(words)]
        lines += [self._line(result, language) for result in self.results[:limit]]
        if (more := len(self.results) - limit) > 0:
            lines.append(words.more.format(more))
        return "\n".join(lines)

    def _summary(self, words: Words) -> str:
        parts = []
        for severity, number in self.counts.items():
            one, many = words.severities.get(severity, (_name(severity), _name(severity)))
            if number:
                parts.append(f"{number} {one if number == 1 else many}")
        return f"{', '.join(parts)}."

    def _line(self, result: Result, language: str) -> str:
        parts = [_name(result.severity), self._n3(result.focus), result.path]
        if result.value is not None and result.value != result.focus:
            parts.append(self._n3(result.value))
        about = " ".join(part for part in parts if part)
        return f"{about}: {result.message(language)} [{_name(result.shape)}]"

    def _n3(self, term: Node) -> str:
        return str(term) if isinstance(term, URIRef) else term.n3()

    def _result(self, node: Node) -> Result:
        value, shapes = self.graph.value, self.shapes
        shape = value(node, SH.sourceShape)
        path = value(node, SH.resultPath)
        graph = shapes if path is not None and (path, None, None) in shapes else self.graph
        focus = value(node, SH.focusNode)
        assert shape is not None
        assert focus is not None
        return Result(
            focus=focus,
            path=path_text(graph, path),
            value=value(node, SH.value),
            severity=URIRef(str(value(node, SH.resultSeverity))),
            messages=dict(self._messages(node, shape)),
            shape=_named(shapes, shape),
            constraint=URIRef(str(value(node, SH.sourceConstraintComponent))),
        )

    def _messages(self, node: Node, shape: Node) -> Iterator[tuple[str, str]]:
        declared = [
            text
            for owner in (self.graph.value(node, SH.sourceConstraint), shape)
            if owner is not None
            for text in self.shapes.objects(owner, SH.message)
        ]
        for text in sorted(self.graph.objects(node, SH.resultMessage), key=str):
            yield _language(text, declared), str(text)


def _language(text: Node, declared: list[Node]) -> str:
    """The message's language: pySHACL drops the tag when it fills in the variables."""
    if isinstance(text, rdflib.Literal) and text.language:
        return text.language
    for template in declared:
        parts = re.split(r"\{[?$]\w+\}", str(template))
        pattern = ".*".join(re.escape(part) for part in parts)
        if isinstance(template, rdflib.Literal) and re.fullmatch(pattern, str(text), re.DOTALL):
            return template.language or ""
    return ""


OWNERS = (SH.property, SH.node, SH["not"], SH.qualifiedValueShape)
LISTS = (SH["and"], SH["or"], SH.xone)


def _named(shapes: rdflib.Graph, shape: Node) -> Node:
    """The shape itself if it has an IRI, else the first one above that has."""
    waiting, seen = [shape], set()
    while waiting:
        current = waiting.pop(0)
        if isinstance(current, URIRef):
            return current
        if current not in seen:
            seen.add(current)
            waiting += [owner for link in OWNERS for owner in shapes.subjects(link, current)]
            waiting += [o for o, link, ls in _lists(shapes) if current in List(shapes, ls)]
    return shape


def _lists(shapes: rdflib.Graph) -> Iterator[tuple[Node, Node, Node]]:
    for link in LISTS:
        for owner, members in shapes.subject_objects(link):
            yield owner, link, members


def _name(term: Node) -> str:
    """The last part of an IRI."""
    return re.split(r"[/#]", str(term))[-1] if isinstance(term, URIRef) else str(term)


def _order(result: Result) -> tuple[int, str, str, str, str, bool]:
    rank = SEVERITIES.index(result.severity) if result.severity in SEVERITIES else len(SEVERITIES)
    focus = isinstance(result.focus, BNode)
    return rank, str(result.shape), str(result.focus), result.path, str(result.value), focus
