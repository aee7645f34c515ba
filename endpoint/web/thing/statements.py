"""The statements about a thing as they stand in the data, each name a link, for who reads RDF."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from atlas.namespaces import DCTERMS, RDF, RDFS, SKOS, XSD
from endpoint.language import LANGUAGES
from endpoint.names import Names, Row, Value, folded, shortened
from endpoint.web.thing.said import Told
from endpoint.web.thing.sources import Letters
from store.statistics import RDF_TYPE

ANY_URI = f"{XSD}anyURI"
# Datatypes that a reader sees by the value itself.
PLAIN = (RDF, XSD)
# Who is it, what kind of thing: said first. What it means stands above them.
FIRST = (f"{RDFS}label", f"{SKOS}prefLabel", f"{SKOS}altLabel", f"{DCTERMS}title", RDF_TYPE.value)
DEFINITIONS = (f"{SKOS}definition", f"{DCTERMS}description", f"{RDFS}comment")
DEEPEST = 8
# So many blank nodes of a page are described: where each leads to each, the ways have no end.
MOST_NODES = 300
LONGEST = 10_000

Term = NamedNode | BlankNode | Literal | Triple


class Statements(dict[str, list[Triple]]):
    """The statements about blank nodes, by node; ``left``: how many more of these are described."""

    left = MOST_NODES


def raw(
    told: Told, nodes: Iterable[Triple], names: Names, letters: Letters, most: int
) -> list[Row]:
    """The first statements by property, with their sources; ``nodes`` describe the blank nodes."""
    statements = by_subject(nodes)
    grouped: dict[str, list[Value]] = {}
    for said in told.sample[:most]:
        shown = value(said.value, statements, names, (told.thing,))
        shown.letters = letters.of(said.graphs)
        grouped.setdefault(said.predicate, []).append(shown)
    return [
        Row(property_name(iri, names), sorted(values, key=in_order))
        for iri, values in sorted(grouped.items(), key=lambda pair: rank(pair[0], names))
    ]


def property_name(iri: str, names: Names) -> Value:
    """The property in words, and as RDF has it."""
    named = names.value(iri)
    named.code = shortened(iri) if named.text != shortened(iri) else ""
    return named


def by_subject(triples: Iterable[Triple]) -> Statements:
    grouped = Statements()
    for triple in triples:
        grouped.setdefault(str(triple.subject), []).append(triple)
    return grouped


def rows(
    subject: BlankNode, statements: Statements, names: Names, path: tuple[str, ...] = ()
) -> list[Row]:
    """The statements about a blank node by property; ``path``: the nodes that led here."""
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
    if str(term) in path or len(path) > DEEPEST or not statements.left:
        return Value("…")
    statements.left -= 1
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


def terms_of(term: Term) -> Iterator[str]:
    """The IRIs by which a term is shown: its own, or that of its datatype."""
    if isinstance(term, NamedNode):
        yield term.value
    elif isinstance(term, Literal):
        yield term.datatype.value
