"""A thing as a page: its statements in words, each name a link, what points at it below."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from flask import render_template
from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from endpoint.catalogue import Queries
from endpoint.language import LANGUAGES, reader_language, translate
from endpoint.names import Names, Row, Value, folded
from endpoint.representations import SYNTAX_NAMES
from endpoint.things import Said, labels, named_in
from store.statistics import DCTERMS, RDF_TYPE

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
ANY_URI = "http://www.w3.org/2001/XMLSchema#anyURI"
# Datatypes that a reader sees by the value itself.
PLAIN = (RDF, "http://www.w3.org/2001/XMLSchema#")
# Who is it, what kind of thing: said first. What it means stands above them.
FIRST = (f"{RDFS}label", f"{SKOS}prefLabel", f"{SKOS}altLabel", f"{DCTERMS}title", RDF_TYPE.value)
DEFINITIONS = (f"{SKOS}definition", f"{DCTERMS}description", f"{RDFS}comment")
DEEPEST = 8
LONGEST = 10_000

Term = NamedNode | BlankNode | Literal | Triple
Statements = Mapping[str, Sequence[Triple]]


def thing_page(reader: Queries, said: Said, cut: Sequence[str], *, base: str, stem: str) -> str:
    """The page about a thing; ``cut``: sentences about what was left out."""
    triples = (*said.outgoing, *said.incoming)
    language = reader_language()
    names = Names(labels(reader, [said.thing, *named_in(triples)]), language, base)
    statements = by_subject(said.outgoing)
    return render_template(
        "thing.html",
        title=names.of(said.thing.value),
        iri=said.thing.value,
        definition=definition(said, language),
        rows=rows(said.thing, statements, names),
        incoming=incoming(said, names),
        cut=cut,
        syntaxes=SYNTAX_NAMES,
        stem=stem,
    )


def by_subject(triples: Iterable[Triple]) -> Statements:
    grouped: dict[str, list[Triple]] = {}
    for triple in triples:
        grouped.setdefault(str(triple.subject), []).append(triple)
    return grouped


def rows(
    subject: NamedNode | BlankNode,
    statements: Statements,
    names: Names,
    path: tuple[str, ...] = (),
) -> list[Row]:
    """The statements about one subject by property; ``path``: the nodes that led here."""
    grouped: dict[str, list[Term]] = {}
    for triple in statements.get(str(subject), ()):
        grouped.setdefault(triple.predicate.value, []).append(triple.object)
    path = (*path, str(subject))
    return [
        Row(
            names.value(iri),
            sorted((value(term, statements, names, path) for term in terms), key=in_order),
        )
        for iri, terms in sorted(grouped.items(), key=lambda pair: rank(pair[0], names))
    ]


def rank(iri: str, names: Names) -> tuple[int, str, str]:
    place = FIRST.index(iri) if iri in FIRST else len(FIRST)
    return place, folded(names.of(iri)), iri


def in_order(value: Value) -> tuple[int, str, str]:
    """Texts in the order of the languages of the site, then by themselves."""
    known = value.language in LANGUAGES
    return (
        LANGUAGES.index(value.language) if known else len(LANGUAGES),
        folded(value.text),
        value.href or "",
    )


def value(term: Term, statements: Statements, names: Names, path: tuple[str, ...]) -> Value:
    if isinstance(term, NamedNode):
        return names.value(term.value)
    if isinstance(term, Literal):
        return literal(term, names)
    if isinstance(term, Triple):
        return Value(str(term))
    if str(term) in path or len(path) > DEEPEST:
        return Value("…")
    members = listed(term, statements)
    if members:
        inner = (*path, str(term))
        return Value(items=[value(member, statements, names, inner) for member in members])
    return Value(rows=rows(term, statements, names, path))


def literal(term: Literal, names: Names) -> Value:
    text = term.value if len(term.value) <= LONGEST else f"{term.value[:LONGEST]}…"
    datatype = term.datatype.value
    if datatype == ANY_URI and text.startswith(("https://", "http://")):
        return Value(text, text, external=True)
    shown = "" if datatype.startswith(PLAIN) else names.of(datatype)
    return Value(text, language=term.language or "", datatype=shown)


def listed(node: BlankNode, statements: Statements) -> list[Term]:
    """The members of an RDF list, none where the node is not one that ends.

    https://www.w3.org/TR/rdf-schema/#ch_collectionvocab
    """
    members: list[Term] = []
    seen: set[str] = set()
    current: Term = node
    while isinstance(current, BlankNode):
        here = {t.predicate.value: t.object for t in statements.get(str(current), ())}
        if str(current) in seen or not {f"{RDF}first", f"{RDF}rest"} <= here.keys():
            return []
        seen.add(str(current))
        members.append(here[f"{RDF}first"])
        current = here[f"{RDF}rest"]
    return members if current == NamedNode(f"{RDF}nil") else []


def incoming(said: Said, names: Names) -> list[Row]:
    """What points at the thing, by property; a thing's statement about itself is above already."""
    pointing = sorted(
        (t for t in said.incoming if t.subject != said.thing),
        key=lambda t: (rank(t.predicate.value, names), t.predicate.value),
    )
    return [
        Row(names.value(iri), sorted((subject(t, names) for t in triples), key=in_order))
        for iri, triples in groupby(pointing, key=lambda t: t.predicate.value)
    ]


def subject(triple: Triple, names: Names) -> Value:
    if isinstance(triple.subject, NamedNode):
        return names.value(triple.subject.value)
    return Value(translate("doc.unnamed"))


def definition(said: Said, language: str) -> str:
    """What the thing is, in the reader's language, or in one there is."""
    for iri in DEFINITIONS:
        texts = {
            t.object.language or "": t.object.value
            for t in said.outgoing
            if t.subject == said.thing
            and t.predicate.value == iri
            and isinstance(t.object, Literal)
        }
        for candidate in (language, *LANGUAGES, ""):
            if candidate in texts:
                return texts[candidate]
    return ""
