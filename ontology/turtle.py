"""The stable Turtle writer: no edit, no diff; a small edit, a small diff.

rdflib orders subjects by how often they are referred to, so one new reference moves whole blocks.
Here the order depends on what is said and on nothing else. In full:

- Prefixes: the fixed table of ``prefixes.ttl``, alphabetical, only those in use.
- Subjects: IRIs, then blank nodes that nothing refers to, then shared ones; within each by kind
  (ontology, annotation, object and datatype property, class, the rest), then by IRI or content.
- Predicates: ``a``, ``rdfs:label``, then by full IRI.
- Objects: one per line, by their N-Triples text; blank nodes last, by content.
- A blank node used once is written where it is used; lists keep their order.

A blank node used twice, or on a loop, needs a label and a block of its own. Its label is
numbered by content, yet an edit elsewhere can renumber it: give such a node an IRI.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import cast

from rdflib import OWL, RDF, RDFS, XSD, BNode, Graph, Literal, URIRef

from atlas.errors import DataError
from ontology.canonical import canonical
from ontology.namespaces import PREFIXES

Subject = URIRef | BNode
Term = URIRef | BNode | Literal
Triple = tuple[Subject, URIRef, Term]

KINDS = (
    OWL.Ontology,
    OWL.AnnotationProperty,
    OWL.ObjectProperty,
    OWL.DatatypeProperty,
    OWL.Class,
)
LINE = 100
STEP = "    "

# Narrower than Turtle's PN_LOCAL on purpose: what every parser reads without an escape.
LOCAL_NAME = re.compile(r"(?:[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_-])?)?")
BARE = {
    XSD.integer: re.compile(r"[+-]?[0-9]+"),
    XSD.decimal: re.compile(r"[+-]?[0-9]*\.[0-9]+"),
    XSD.boolean: re.compile(r"true|false"),
}
IRI_ESCAPES = re.compile(r'[\x00-\x20<>"{}|^`\\]')
STRING_ESCAPES = re.compile(r'[\x00-\x1f\x7f"\\]')
NAMED_ESCAPES = {"\t": "\\t", "\b": "\\b", "\n": "\\n", "\r": "\\r", "\f": "\\f"}
NAMED_ESCAPES |= {'"': '\\"', "\\": "\\\\"}


def serialise(graph: Graph, prefixes: Mapping[str, str] = PREFIXES) -> str:
    """The graph as Turtle that depends on its triples only.

    Raises DataError where blank nodes nest deeper than any person would write.
    """
    try:
        return StableWriter(graph, prefixes).document()
    except RecursionError as error:
        raise DataError("Blank nodes nest too deep to be written; give some an IRI.") from error


def shared_blank_nodes(graph: Graph) -> set[BNode]:
    """Blank nodes that cannot be written where they are used: referred to twice, or on a loop."""
    parents: dict[BNode, list[Subject]] = defaultdict(list)
    for subject, _, value in triples(graph):
        if isinstance(value, BNode):
            parents[value].append(subject)
    shared = {node for node, referrers in parents.items() if len(referrers) > 1}
    safe: set[BNode] = set()
    for node in parents:
        path: dict[BNode, None] = {}
        here: Subject = node
        while isinstance(here, BNode) and here in parents and not (here in shared or here in safe):
            if here in path:
                # All of the loop: where it was entered must not show.
                walked = list(path)
                shared.update(walked[walked.index(here) :])
                break
            path[here] = None
            here = parents[here][0]
        safe.update(path)
    return shared


def triples(graph: Graph) -> Iterator[Triple]:
    """What rdflib types as three nodes, as what RDF 1.1 allows."""
    yield from cast(Iterator[Triple], graph)


class StableWriter:
    """One document: what is said of each subject, which blank nodes need a label, how all looks."""

    def __init__(self, graph: Graph, prefixes: Mapping[str, str]) -> None:
        if shared_blank_nodes(graph):
            # Only a canonical labelling can tell apart shared nodes of the same content.
            graph = canonical(graph)
        self.prefixes = sorted(prefixes.items(), key=lambda item: -len(item[1]))
        self.used: set[str] = set()
        self.said: dict[Term, dict[URIRef, list[Term]]] = defaultdict(lambda: defaultdict(list))
        self.references: Counter[Term] = Counter()
        for subject, predicate, value in triples(graph):
            self.said[subject][predicate].append(value)
            self.references[value] += 1
        self.contents: dict[BNode, str] = {}
        self.shared = shared_blank_nodes(graph)
        by_content = sorted(self.shared, key=self.key)
        self.labels = {node: f"_:b{number}" for number, node in enumerate(by_content, start=1)}

    def document(self) -> str:
        """All of it: prefixes in use, an empty line, the blocks."""
        blocks = [self.block(subject) for subject in sorted(self.subjects(), key=self.place)]
        table = sorted((prefix, iri) for prefix, iri in self.prefixes if prefix in self.used)
        head = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in table)
        return "\n".join([head, *blocks] if head else blocks)

    def subjects(self) -> list[Subject]:
        """Those that get a block: all but the blank nodes written where they are used."""
        return [
            subject
            for subject in self.said
            if isinstance(subject, URIRef)
            or (isinstance(subject, BNode) and (subject in self.shared or self.unused(subject)))
        ]

    def unused(self, node: BNode) -> bool:
        return self.references[node] == 0

    def place(self, subject: Subject) -> tuple[int, int, str]:
        types = self.said[subject].get(RDF.type, [])
        kind = next((rank for rank, kind in enumerate(KINDS) if kind in types), len(KINDS))
        if isinstance(subject, URIRef):
            return 0, kind, str(subject)
        return 1 if self.unused(subject) else 2, kind, self.key(subject)

    def key(self, term: Term) -> str:
        """What a term is sorted by: its N-Triples text, or for a blank node its content."""
        if isinstance(term, BNode):
            return f"_:{self.content(term)}{term if term in self.shared else ''}"
        return iri_text(term) if isinstance(term, URIRef) else literal_text(term)

    def nested_key(self, term: Term) -> str:
        """As ``key``, but a shared node cuts the loop; its label is a canonical one."""
        return f"_:{term}" if term in self.shared else self.key(term)

    def content(self, node: BNode) -> str:
        """Everything a blank node says, nested ones expanded."""
        if node not in self.contents:
            members = self.members(node)
            if members is not None:
                self.contents[node] = f"( {' '.join(map(self.nested_key, members))} )"
            else:
                said = sorted(
                    f"{predicate} {self.nested_key(value)}"
                    for predicate, values in self.said.get(node, {}).items()
                    for value in values
                )
                self.contents[node] = f"[ {' ; '.join(said)} ]"
        return self.contents[node]

    def members(self, node: Term) -> list[Term] | None:
        """The members where the node heads a well-formed list that nothing else refers into."""
        members: list[Term] = []
        while node != RDF.nil:
            said = self.said.get(node, {})
            if not isinstance(node, BNode) or node in self.shared or self.unused(node):
                return None
            if said.keys() != {RDF.first, RDF.rest} or any(len(v) > 1 for v in said.values()):
                return None
            members.append(said[RDF.first][0])
            node = said[RDF.rest][0]
        return members

    def block(self, subject: Subject) -> str:
        unnamed = self.labels.get(subject, "[]") if isinstance(subject, BNode) else ""
        name = self.iri(subject) if isinstance(subject, URIRef) else unnamed
        return f"{name} {self.statements(subject, STEP)} .\n"

    def statements(self, subject: Subject, indent: str) -> str:
        """Predicates and objects, ``;`` between; the first goes on the caller's line."""
        said = self.said.get(subject, {})
        return f" ;\n{indent}".join(
            f"{'a' if predicate == RDF.type else self.iri(predicate)} "
            + f",\n{indent}{STEP}".join(
                self.value(value, indent + STEP) for value in sorted(said[predicate], key=self.key)
            )
            for predicate in sorted(said, key=predicate_place)
        )

    def value(self, node: Term, indent: str) -> str:
        if node == RDF.nil:
            return "()"
        if isinstance(node, URIRef):
            return self.iri(node)
        if isinstance(node, Literal):
            return self.literal(node)
        if node in self.labels:
            return self.labels[node]
        members = self.members(node)
        if members is not None:
            return self.collection(members, indent)
        if node not in self.said:
            return "[]"
        return f"[ {self.statements(node, indent + STEP)} ]"

    def collection(self, members: list[Term], indent: str) -> str:
        """On one line if that is short, else one member per line."""
        written = [self.value(member, indent + STEP) for member in members]
        line = f"( {' '.join(written)} )"
        if len(indent + line) <= LINE and "\n" not in line:
            return line
        separator = f"\n{indent}{STEP}"
        return f"({separator}{separator.join(written)} )"

    def literal(self, literal: Literal) -> str:
        bare = BARE.get(literal.datatype) if literal.datatype else None
        if bare and bare.fullmatch(literal):
            return str(literal)
        return literal_text(literal, datatype=self.iri)

    def iri(self, iri: URIRef) -> str:
        for prefix, namespace in self.prefixes:
            if iri.startswith(namespace) and LOCAL_NAME.fullmatch(iri, len(namespace)):
                self.used.add(prefix)
                return f"{prefix}:{iri[len(namespace) :]}"
        return iri_text(iri)


def predicate_place(predicate: URIRef) -> tuple[int, str]:
    first = (RDF.type, RDFS.label)
    return (first.index(predicate) if predicate in first else len(first)), str(predicate)


def iri_text(iri: URIRef) -> str:
    """<https://www.w3.org/TR/turtle/#grammar-production-IRIREF>"""
    return "<" + IRI_ESCAPES.sub(lambda found: f"\\u{ord(found[0]):04X}", iri) + ">"


def literal_text(literal: Literal, datatype: Callable[[URIRef], str] = iri_text) -> str:
    """<https://www.w3.org/TR/turtle/#grammar-production-RDFLiteral>; xsd:string is implied."""
    text = STRING_ESCAPES.sub(
        lambda found: NAMED_ESCAPES.get(found[0]) or f"\\u{ord(found[0]):04X}", literal
    )
    if literal.language:
        return f'"{text}"@{literal.language}'
    if literal.datatype and literal.datatype != XSD.string:
        return f'"{text}"^^{datatype(literal.datatype)}'
    return f'"{text}"'
