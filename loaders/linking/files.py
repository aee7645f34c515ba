"""Proposals as files: CSV, in which a person decides, and Turtle, for machines.

In the Turtle each proposal is an ``rdf:Statement``: it describes a triple that nobody asserts. Its
score is ``sssom:confidence`` (https://mapping-commons.github.io/sssom/confidence/).
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, serialize

from atlas.errors import MalformedSource, shown
from loaders.linking.matching import Match
from loaders.linking.reasons import LANGUAGES, cut, reason
from loaders.linking.thesaurus import SAME
from loaders.ntriples import whole
from loaders.terms import FOAF, OWL, RDF, RDFS, SKOS, TYPE, XSD, Namespace, text
from store.labels.words import folded

SSSOM = Namespace("https://w3id.org/sssom/")
PREFIXES = {
    "owl": OWL.iri,
    "rdf": RDF.iri,
    "rdfs": RDFS.iri,
    "skos": SKOS.iri,
    "foaf": FOAF.iri,
    "sssom": SSSOM.iri,
    "xsd": XSD,
}
# What a person may choose in the column "relation".
RELATIONS: Mapping[str, NamedNode] = {
    "skos:exactMatch": SKOS["exactMatch"],
    "skos:closeMatch": SKOS["closeMatch"],
    "skos:broadMatch": SKOS["broadMatch"],
    "skos:narrowMatch": SKOS["narrowMatch"],
    "skos:relatedMatch": SKOS["relatedMatch"],
    "owl:sameAs": OWL["sameAs"],
    "foaf:focus": FOAF["focus"],
}
YES, NO = "yes", "no"
DECISIONS: Mapping[str, str] = {
    "": "",
    **dict.fromkeys(("yes", "y", "oui", "o", "si", "s", "accept", "accepted", "x"), YES),
    **dict.fromkeys(("no", "n", "non", "refuse", "refused"), NO),
}
COLUMNS = (
    "decision",
    "score",
    "relation",
    "subject_label",
    "object_label",
    *(f"reason_{language}" for language in LANGUAGES),
    "subject",
    "object",
    "subject_graph",
    "object_graph",
)
# Of what is remembered: who decided it, and on which day.
REMEMBERED = (*COLUMNS, "by", "on")
NEEDED = ("decision", "relation", "subject", "object", "subject_graph", "object_graph")
# A spreadsheet takes a text that begins so for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Row:
    """One proposal. ``decision``: YES, NO, or "" where nobody has decided; ``by`` and ``on`` say
    who did, and when (ISO 8601), where they said it."""

    subject: str
    object: str
    subject_graph: str
    object_graph: str
    relation: str = "skos:closeMatch"
    decision: str = ""
    score: float = 0.0
    labels: tuple[str, str] = ("", "")
    reasons: Mapping[str, str] = field(default_factory=dict)
    by: str = ""
    on: str = ""

    @property
    def pair(self) -> frozenset[str]:
        return frozenset((self.subject, self.object))

    @property
    def graphs(self) -> tuple[str, str]:
        one, other = sorted((self.subject_graph, self.object_graph))
        return one, other

    @property
    def triple(self) -> Triple:
        return Triple(NamedNode(self.subject), RELATIONS[self.relation], NamedNode(self.object))


def row(match: Match, graphs: tuple[str, str], languages: Sequence[str]) -> Row:
    """The proposal of a match: which relation, between what, and why."""
    ends = [(match.first, graphs[0]), (match.second, graphs[1])]
    concepts = [keyword.is_concept for keyword, _ in ends]
    if concepts == [False, True]:
        ends.reverse()  # A concept is of a place, not the place of a concept.
    (subject, subject_graph), (object, object_graph) = ends
    return Row(
        subject.iri,
        object.iri,
        subject_graph,
        object_graph,
        relation=_relation(match, concepts),
        score=round(match.score, 2),
        labels=(cut(subject.called(languages)), cut(object.called(languages))),
        reasons={language: reason(match, language) for language in LANGUAGES},
    )


def _relation(match: Match, concepts: list[bool]) -> str:
    if not all(concepts):
        return "foaf:focus" if any(concepts) else "owl:sameAs"
    if match.is_mention:
        return "skos:relatedMatch"
    is_said = any(evidence.kind == SAME for evidence in match.evidence)
    return "skos:exactMatch" if is_said else "skos:closeMatch"


def write_csv(rows: Iterable[Row], path: Path, columns: Sequence[str] = COLUMNS) -> None:
    """With a byte order mark, by which spreadsheets know UTF-8."""
    with whole(path) as temporary, temporary.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.DictWriter(stream, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(_cells(each) for each in rows)


def _cells(each: Row) -> dict[str, str]:
    cells = {name: str(getattr(each, name)) for name in (*NEEDED, "by", "on")}
    cells["score"] = f"{each.score:.2f}"
    cells["subject_label"], cells["object_label"] = each.labels
    cells |= {f"reason_{language}": each.reasons.get(language, "") for language in LANGUAGES}
    texts = [name for name in cells if name not in NEEDED]
    return cells | {name: _harmless(cells[name]) for name in texts}


def write_turtle(rows: Iterable[Row], path: Path, base: str) -> None:
    triples = [triple for each in rows for triple in _described(each, base)]
    with whole(path) as temporary:
        serialize(triples, str(temporary), format=RdfFormat.TURTLE, prefixes=PREFIXES)


def statement(each: Row, base: str) -> Iterator[Triple]:
    """The triple of a row as a thing of its own, of which more can be said."""
    parts = (each.subject, each.relation, each.object)
    key = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
    node, triple = NamedNode(f"{base}/id/match/{key}"), each.triple
    yield Triple(node, TYPE, RDF["Statement"])
    yield Triple(node, RDF["subject"], triple.subject)
    yield Triple(node, RDF["predicate"], triple.predicate)
    yield Triple(node, RDF["object"], triple.object)


def _described(each: Row, base: str) -> Iterator[Triple]:
    said = list(statement(each, base))
    yield from said
    node = said[0].subject
    score = Literal(f"{each.score:.2f}", datatype=NamedNode(f"{XSD}double"))
    yield Triple(node, SSSOM["confidence"], score)
    for language, sentence in each.reasons.items():
        yield Triple(node, RDFS["comment"], text(sentence, language))


def read_csv(path: Path) -> list[Row]:
    """The rows of a file of proposals, as a spreadsheet may have saved it.

    Raises MalformedSource with the line for what cannot be understood.
    """
    text = _text(path)
    header, _, _ = text.partition("\n")
    delimiter = max(",;\t", key=header.count)
    reader = csv.DictReader(StringIO(text, newline=""), delimiter=delimiter)
    try:
        missing = [name for name in NEEDED if name not in (reader.fieldnames or ())]
        if missing:
            raise MalformedSource(
                path,
                f"it has no column {', '.join(missing)}; give the CSV file that atlas link wrote.",
                line=1,
            )
        return [_read(record, path, reader.line_num) for record in reader if _is_filled(record)]
    except csv.Error as error:
        raise MalformedSource(path, f"is not CSV: {error}.", line=reader.line_num) from error


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise MalformedSource(path, f"cannot be read: {error.strerror}.") from error
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        # As spreadsheets on Windows save it where they are not asked for UTF-8.
        return content.decode("cp1252", errors="replace")


def _is_filled(record: Mapping[str, object]) -> bool:
    return any(isinstance(value, str) and value.strip() for value in record.values())


def _read(record: Mapping[str | None, str | None], path: Path, line: int) -> Row:
    cells = {name: (record.get(name) or "").strip() for name in REMEMBERED}
    decision = DECISIONS.get(folded(cells["decision"]))
    if decision is None:
        raise MalformedSource(
            path,
            f"the decision {shown(cells['decision'])} is neither yes nor no; leave it empty where "
            "there is none.",
            line=line,
        )
    if cells["relation"] not in RELATIONS:
        known = ", ".join(RELATIONS)
        raise MalformedSource(
            path,
            f"{shown(cells['relation'])} is no relation to accept; give one of: {known}.",
            line=line,
        )
    for name in ("subject", "object"):
        try:
            NamedNode(cells[name])
        except ValueError as error:
            raise MalformedSource(
                path, f"the {name} {shown(cells[name])} is no IRI.", line=line
            ) from error
    return Row(
        cells["subject"],
        cells["object"],
        cells["subject_graph"],
        cells["object_graph"],
        cells["relation"],
        decision,
        _score(cells["score"]),
        (cells["subject_label"], cells["object_label"]),
        {language: cells[f"reason_{language}"] for language in LANGUAGES},
        cells["by"],
        cells["on"],
    )


def _score(cell: str) -> float:
    """A spreadsheet may have written a comma; the score decides nothing any more."""
    try:
        return float(cell.replace(",", "."))
    except ValueError:
        return 0.0


def _harmless(value: str) -> str:
    """The text with an apostrophe before it where a spreadsheet would compute it."""
    return f"'{value}" if value.startswith(FORMULA) else value
