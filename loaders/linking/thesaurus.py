"""The keywords of one graph: what they are called, and by what else they may be known.

A keyword is what has a ``skos:prefLabel`` and is no scheme or collection. Things that carry an
INSEE code are read too, by their code alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from pyoxigraph import Literal, NamedNode, Triple

from loaders.terms import DCTERMS, IGEO, LABEL, OWL, SKOS, TYPE, XSD
from store import LocalEngine

PREFERRED, ALTERNATIVE = "preferred", "alternative"
LABELS: Mapping[NamedNode, str] = {
    SKOS["prefLabel"]: PREFERRED,
    SKOS["altLabel"]: ALTERNATIVE,
    SKOS["hiddenLabel"]: ALTERNATIVE,
}
NOT_KEYWORDS = frozenset(
    SKOS[name] for name in ("ConceptScheme", "Collection", "OrderedCollection")
)
# Kinds of identifiers: what somebody says is the same, a code of a list, a number of a catalogue.
SAME, NOTATION, IDENTIFIER, INSEE = "same", "notation", "identifier", "insee"
SAMENESS = (SKOS["exactMatch"], OWL["sameAs"])
# A relation that is stated already is not proposed again.
MATCHES = (
    *(SKOS[f"{kind}Match"] for kind in ("exact", "close", "broad", "narrow", "related")),
    OWL["sameAs"],
)
# No table holds a longer one.
LONGEST_IRI = 2_000
PLAIN = NamedNode(f"{XSD}string")
READ = (
    *LABELS,
    *SAMENESS,
    TYPE,
    LABEL,
    SKOS["notation"],
    SKOS["inScheme"],
    DCTERMS["identifier"],
    IGEO["codeINSEE"],
)
QUERY = """SELECT ?s ?p ?o WHERE {{ GRAPH <{graph}> {{
  {{ {marks} }} {{ VALUES ?p {{ {predicates} }} ?s ?p ?o }} FILTER(isIRI(?s)) }} }}"""


class Label(NamedTuple):
    """``language``: the primary subtag, "" for a label that says none."""

    text: str
    language: str
    kind: str


class Identifier(NamedTuple):
    """``list``: the scheme, the datatype or the class within which the value says who it is."""

    kind: str
    list: str
    value: str


@dataclass
class Keyword:
    """One keyword, or one place with a code: then it has no labels, only a ``name``."""

    iri: str
    labels: list[Label] = field(default_factory=list)
    identifiers: set[Identifier] = field(default_factory=set)
    is_concept: bool = False
    name: str = ""

    def called(self, languages: Iterable[str]) -> str:
        """What to call it in these languages, the first that there is."""
        preferred = [label for label in self.labels if label.kind == PREFERRED]
        for language in languages:
            for label in preferred:
                if label.language == language:
                    return label.text
        return preferred[0].text if preferred else self.name


@dataclass(frozen=True)
class Thesaurus:
    """The keywords of the graph of that name, by IRI."""

    name: str
    keywords: Mapping[str, Keyword]


def thesaurus(name: str, triples: Iterable[Triple]) -> Thesaurus:
    """The keywords that these triples describe."""
    found: dict[str, Keyword] = {}
    types: dict[str, set[str]] = defaultdict(set)
    schemes: dict[str, set[str]] = defaultdict(set)
    notations: list[tuple[str, Literal]] = []
    dropped: set[str] = set()
    for triple in triples:
        if not isinstance(triple.subject, NamedNode) or len(triple.subject.value) > LONGEST_IRI:
            continue
        subject, predicate, value = triple.subject.value, triple.predicate, triple.object
        if predicate == TYPE and isinstance(value, NamedNode):
            types[subject].add(value.value)
            if value in NOT_KEYWORDS:
                dropped.add(subject)
        elif predicate == SKOS["inScheme"] and isinstance(value, NamedNode):
            schemes[subject].add(value.value)
        elif predicate == SKOS["notation"] and isinstance(value, Literal):
            notations.append((subject, value))
        elif predicate in READ:
            keyword = found.get(subject) or found.setdefault(subject, Keyword(subject))
            _learn(keyword, predicate, value)
    for subject, value in notations:
        if subject in found:
            found[subject].identifiers |= _codes(value, schemes[subject])
    for subject, keyword in found.items():
        keyword.labels.sort()  # A store gives them in no order of its own.
        _class_codes(keyword, types[subject])
    kept = {
        iri: keyword
        for iri, keyword in sorted(found.items())
        if iri not in dropped and (keyword.is_concept or _has_code(keyword))
    }
    return Thesaurus(name, kept)


def read(engine: LocalEngine, name: str, graph: str) -> Thesaurus:
    """The keywords of a graph of a generation."""
    predicates = " ".join(str(predicate) for predicate in READ)
    marks = f"{{ ?s {SKOS['prefLabel']} ?mark }} UNION {{ ?s {IGEO['codeINSEE']} ?mark }}"
    query = QUERY.format(
        graph=graph, marks=f"SELECT DISTINCT ?s {{ {marks} }}", predicates=predicates
    )
    rows = engine.solutions(query)
    return thesaurus(name, (Triple(row["s"], row["p"], row["o"]) for row in rows))  # type: ignore[arg-type]


def has_keywords(engine: LocalEngine, graph: str) -> bool:
    return engine.ask(f"ASK {{ GRAPH <{graph}> {{ ?s {SKOS['prefLabel']} ?label }} }}")


def has_codes(engine: LocalEngine, graph: str) -> bool:
    return engine.ask(f"ASK {{ GRAPH <{graph}> {{ ?s {IGEO['codeINSEE']} ?code }} }}")


def _learn(keyword: Keyword, predicate: NamedNode, value: object) -> None:
    if isinstance(value, NamedNode) and predicate in (*SAMENESS, DCTERMS["identifier"]):
        kind = SAME if predicate in SAMENESS else IDENTIFIER
        keyword.identifiers.add(Identifier(kind, "", value.value))
    if not isinstance(value, Literal) or not value.value.strip():
        return
    if predicate in LABELS:
        language = (value.language or "").partition("-")[0].lower()
        keyword.labels.append(Label(value.value, language, LABELS[predicate]))
        keyword.is_concept |= predicate == SKOS["prefLabel"]
    elif predicate == LABEL:
        keyword.name = min(keyword.name or value.value, value.value)
    elif predicate == DCTERMS["identifier"]:
        keyword.identifiers.add(Identifier(IDENTIFIER, "", value.value.strip()))
    elif predicate == IGEO["codeINSEE"]:
        keyword.identifiers.add(Identifier(INSEE, "", value.value.strip()))


def _codes(value: Literal, schemes: Iterable[str]) -> set[Identifier]:
    """A notation means something within its list: its datatype's, else its keyword's scheme's."""
    lists = schemes if value.datatype == PLAIN or value.language else [value.datatype.value]
    return {Identifier(NOTATION, each, value.value.strip()) for each in lists}


def _class_codes(keyword: Keyword, classes: Iterable[str]) -> None:
    """Codes of two classes of places may be the same: 01 is a department and a region."""
    codes = [each.value for each in keyword.identifiers if each.kind == INSEE]
    keyword.identifiers |= {Identifier(INSEE, name, code) for name in classes for code in codes}


def _has_code(keyword: Keyword) -> bool:
    return any(each.kind == INSEE for each in keyword.identifiers)
