"""What a harvest changes: the triples, and the things that they are about.

Two files of N-Triples are compared as sets of lines. A blank node has no name that lasts, so that
in a line it stands by what is said of it and by what leads to it, a few steps around.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from pyoxigraph import BlankNode, Literal, RdfFormat, Triple, parse
from rdflib import RDFS, URIRef

import ontology
from loaders.terms import ATLAS, DCTERMS, LABEL, SKOS, TYPE

# Steps around a blank node that tell it from others; beyond them two may be taken for one.
ROUNDS = 4
BLANK = b"_:"
TITLES = tuple(f" {name} ".encode() for name in (DCTERMS["title"], SKOS["prefLabel"], LABEL))
IS_A = f" {TYPE} ".encode()
# Classes of other vocabularies that sites of the field use for their documents and keywords.
DOCUMENTS = (
    "http://xmlns.com/foaf/0.1/Document",
    "http://purl.org/ontology/bibo/Document",
    "http://schema.org/CreativeWork",
    "https://schema.org/CreativeWork",
)
# Of titles in several languages the report, which is in English, gives one.
LANGUAGES = ("en", "", "fr", "es")
DOCUMENT, KEYWORD, OTHER = "documents", "keywords", "other things"


@dataclass
class Things:
    """IRIs, each with its title or ""."""

    new: dict[str, str] = field(default_factory=dict)
    changed: dict[str, str] = field(default_factory=dict)
    gone: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Changes:
    """``before`` and ``after``: triples; ``things`` by what they are, those alone that changed."""

    before: int
    after: int
    added: int
    removed: int
    things: Mapping[str, Things]

    def __bool__(self) -> bool:
        return bool(self.added or self.removed)


def compare(before: Path | None, after: Path, graph: str) -> Changes:
    """What the second file says otherwise than the first; what they say of the graph itself, such
    as when it was read, does not count."""
    old = _lines(before, graph) if before else frozenset()
    new = _lines(after, graph)
    added, removed = new - old, old - new
    touched = {subject for line in (*added, *removed) if (subject := _subject(line))}
    things: dict[str, Things] = defaultdict(Things)
    there, were = _described(new, touched), _described(old, touched)
    for subject in sorted(touched):
        now, then = there.get(subject), were.get(subject)
        lines = now or then or []
        found = things[_group(lines)]
        kind = found.changed if now and then else found.new if now else found.gone
        kind[subject[1:-1].decode()] = _title(lines)
    return Changes(len(old), len(new), len(added), len(removed), dict(things))


def _lines(path: Path, graph: str) -> frozenset[bytes]:
    own = f"<{graph}> ".encode()
    ground, others = set(), []
    with path.open("rb") as stream:
        for line in stream:
            if line.startswith(own):
                continue
            if BLANK in line:
                others.append(line)
            else:
                ground.add(line)
    return frozenset(ground.union(_recognisable(others)))


def _recognisable(lines: Iterable[bytes]) -> Iterator[bytes]:
    """The lines with each blank node named by its surroundings."""
    triples = [quad.triple for quad in parse(b"".join(lines), format=RdfFormat.N_TRIPLES)]
    names: dict[BlankNode, str] = {}
    for _ in range(ROUNDS):
        around: dict[BlankNode, list[str]] = defaultdict(list)
        for triple in triples:
            for end in (triple.subject, triple.object):
                if isinstance(end, BlankNode):
                    around[end].append(_named(triple, names, own=end))
        names = {node: _digest(sorted(said)) for node, said in around.items()}
    for triple in triples:
        yield f"{_named(triple, names)} .\n".encode()


def _named(triple: Triple, names: Mapping[BlankNode, str], own: BlankNode | None = None) -> str:
    def term(node: object) -> str:
        if isinstance(node, BlankNode):
            return "_:own" if node == own else f"_:{names.get(node, '')}"
        return f"<<( {_named(node, names, own)} )>>" if isinstance(node, Triple) else str(node)

    return f"{term(triple.subject)} {triple.predicate} {term(triple.object)}"


def _digest(texts: list[str]) -> str:
    return hashlib.blake2b("\n".join(texts).encode(), digest_size=16).hexdigest()


def _subject(line: bytes) -> bytes:
    """The IRI that a line is about, b"" where it is about a blank node: what leads there tells."""
    return line.split(b" ", 1)[0] if line.startswith(b"<") else b""


def _described(lines: Iterable[bytes], wanted: Collection[bytes]) -> dict[bytes, list[bytes]]:
    """The lines about each of the wanted."""
    found: dict[bytes, list[bytes]] = defaultdict(list)
    for line in lines:
        subject = _subject(line)
        if subject in wanted:
            found[subject].append(line)
    return found


def _group(lines: Iterable[bytes]) -> str:
    kinds = groups()
    types = {_value(line) for line in lines if IS_A in line}
    return next((group for group, classes in kinds.items() if types & classes), OTHER)


def _value(line: bytes) -> str:
    return line.rstrip(b" .\n").rpartition(b" ")[2].strip(b"<>").decode()


def _title(lines: Iterable[bytes]) -> str:
    """The title or label, in the first language of LANGUAGES that there is."""
    for predicate in TITLES:
        text = b"".join(sorted(line for line in lines if predicate in line))
        found = [quad.object for quad in parse(text, format=RdfFormat.N_TRIPLES)]
        literals = [value for value in found if isinstance(value, Literal)]
        if literals:
            return min(literals, key=_preference).value
    return ""


def _preference(literal: Literal) -> int:
    tag = (literal.language or "").partition("-")[0]
    return LANGUAGES.index(tag) if tag in LANGUAGES else len(LANGUAGES)


@cache
def groups() -> Mapping[str, frozenset[str]]:
    """The classes of what a report names apart."""
    below = {
        group: {
            str(name)
            for name in ontology.load().transitive_subjects(RDFS.subClassOf, URIRef(top.value))
        }
        for group, top in ((DOCUMENT, ATLAS["Document"]), (KEYWORD, SKOS["Concept"]))
    }
    return {
        DOCUMENT: frozenset(below[DOCUMENT].union(DOCUMENTS)),
        KEYWORD: frozenset(below[KEYWORD]),
    }
