"""Relations as sentences, each with its documents and the passages that say so."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from endpoint.names import Names, Value
from endpoint.solutions import Solution
from endpoint.view import View
from endpoint.web.passages import passage


@dataclass
class Evidence:
    """A document that says so; ``passages`` are where in it, as the source counts."""

    document: Value
    passages: list[str] = field(default_factory=list)


@dataclass
class Sentence:
    """A relation: who, verb, whom. ``said`` is how its source's reader worded the whole of it."""

    iri: str
    href: str | None
    source_iri: str
    source: Value
    type_iri: str
    verb: str
    target_iri: str
    target: Value
    status: str
    said: str
    documents: list[Evidence] = field(default_factory=list)


def iris(rows: Iterable[Solution]) -> set[str]:
    """What has to have a name before the rows can be told as sentences."""
    keys = ("relation", "source", "type", "target", "document")
    return {row.text(key) for row in rows for key in keys} - {""}


def sentences(view: View, rows: Sequence[Solution], names: Names | None = None) -> list[Sentence]:
    """The relations of the rows, each once, in their order.

    The rows have ?relation, ?source, ?type, ?target, ?status and, where there is one, ?document
    and ?locator: several rows for a relation with several documents.
    """
    names = names or view.names(iris(rows))
    found: dict[str, Sentence] = {}
    for row in rows:
        iri = row.text("relation")
        told = found.get(iri) or found.setdefault(iri, _sentence(row, names))
        if row.text("document"):
            _add(told.documents, names.value(row.text("document")), passage(row.text("locator")))
    return list(found.values())


def _sentence(row: Solution, names: Names) -> Sentence:
    iri = row.text("relation")
    return Sentence(
        iri,
        names.value(iri).href,
        row.text("source"),
        names.value(row.text("source")),
        row.text("type"),
        names.of(row.text("type")),
        row.text("target"),
        names.value(row.text("target")),
        row.text("status").rpartition("/")[2],
        unbroken(names.of(iri)),
    )


def _add(documents: list[Evidence], document: Value, where: str) -> None:
    known = next((one for one in documents if one.document == document), None)
    if known is None:
        known = Evidence(document)
        documents.append(known)
    if where and where not in known.passages:
        known.passages.append(where)


def unbroken(text: str) -> str:
    """The text with its French quotation marks held to what they enclose at the ends of lines."""
    return text.replace("« ", "«\u00a0").replace(" »", "\u00a0»")
