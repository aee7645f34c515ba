"""Terms on both sides of the seam: rdflib for shapes and reports, pyoxigraph for the data."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Protocol

import pyoxigraph as ox
import rdflib
from rdflib import XSD
from rdflib.term import BNode, IdentifiedNode, Node, URIRef

from atlas.errors import DataError

# An ill-typed literal is what the report is about: rdflib's traceback in the log adds nothing.
logging.getLogger("rdflib.term").setLevel(logging.ERROR)

OxTerm = ox.NamedNode | ox.BlankNode | ox.Literal
UNTOUCHED = {str(XSD.string), "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString"}
BATCH = 500


class Engine(Protocol):
    """What a validator needs of a store: SPARQL SELECT and triple patterns over one graph."""

    def solutions(
        self, text: str, substitutions: Mapping[str, Any] | None = None, /
    ) -> Iterator[dict[str, Any]]: ...

    def match(
        self, subject: Any, predicate: ox.NamedNode | None, value: Any, /
    ) -> Iterator[ox.Triple]: ...


def to_rdflib(term: OxTerm | ox.Triple) -> IdentifiedNode | rdflib.Literal:
    """The same term for rdflib, its lexical form as it is (rdflib would write "01" as "1").

    Raises DataError for a triple term, which SHACL 1.0 does not know.
    """
    if isinstance(term, ox.Triple):
        raise DataError(f"{term} is a triple term, and SHACL 1.0 cannot judge what it is part of.")
    if isinstance(term, ox.NamedNode):
        return URIRef(term.value)
    if isinstance(term, ox.BlankNode):
        return BNode(term.value)
    if term.language:
        return rdflib.Literal(term.value, lang=term.language)
    datatype = term.datatype.value
    if datatype == str(XSD.string):
        # pySHACL compares terms with ==, and for rdflib "a" and "a"^^xsd:string are two terms.
        return rdflib.Literal(term.value)
    if datatype == str(XSD.boolean) and term.value not in BOOLEANS:
        return _ill_typed_boolean(term.value)
    return rdflib.Literal(term.value, datatype=URIRef(datatype), normalize=False)


BOOLEANS = {"true", "false", "1", "0"}


def _ill_typed_boolean(text: str) -> rdflib.Literal:
    # rdflib warns of these, and takes them for false.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return rdflib.Literal(text, datatype=XSD.boolean, normalize=False)


def to_oxigraph(term: Node) -> OxTerm:
    """The same term for the engine.

    Raises ValueError for what is no RDF term, an IRI with a space for instance.
    """
    if isinstance(term, URIRef):
        return ox.NamedNode(str(term))
    if isinstance(term, BNode):
        return ox.BlankNode(str(term))
    if isinstance(term, rdflib.Literal):
        if term.language:
            return ox.Literal(str(term), language=term.language)
        return ox.Literal(str(term), datatype=ox.NamedNode(str(term.datatype or XSD.string)))
    raise ValueError(f"{term!r} is no RDF term.")


def sparql(term: Node) -> str:
    """An IRI or a literal as SPARQL writes it. Raises ValueError for anything else."""
    if isinstance(term, BNode):
        raise ValueError("A blank node has no name in SPARQL.")
    return str(to_oxigraph(term))


def graph_of(triples: Iterable[ox.Triple | ox.Quad]) -> rdflib.Graph:
    """An rdflib graph of these triples, literals as written and blank nodes with their labels."""
    graph = rdflib.Graph()
    for triple in triples:
        graph.add(tuple(to_rdflib(term) for term in (*triple,)[:3]))  # type: ignore[arg-type]
    return graph


def stored_forms(engine: Engine, literals: Iterable[ox.Literal]) -> dict[ox.Literal, ox.Literal]:
    """Those of the literals that the engine writes differently, each with the engine's form.

    The engine is asked, so that no table of lexical rules has to follow its versions.
    """
    typed = iter({literal for literal in literals if literal.datatype.value not in UNTOUCHED})
    changed = {}
    while batch := list(islice(typed, BATCH)):
        rows = " ".join(f"({number} {literal})" for number, literal in enumerate(batch))
        for row in engine.solutions(f"SELECT ?i ?v {{ VALUES (?i ?v) {{ {rows} }} }}"):
            written, stored = batch[number(row["i"])], row["v"]
            if isinstance(stored, ox.Literal) and stored != written:
                changed[written] = stored
    return changed


def number(term: OxTerm | ox.Triple) -> int:
    """The integer that a query counted."""
    assert isinstance(term, ox.Literal)
    return int(term.value)


def stored(
    term: OxTerm | ox.Triple, changed: Mapping[ox.Literal, ox.Literal]
) -> OxTerm | ox.Triple:
    """What the engine gives back for the term."""
    return changed.get(term, term) if isinstance(term, ox.Literal) else term


def rewritten(engine: Engine, triples: Iterable[ox.Triple]) -> list[ox.Triple]:
    """The triples, as written, whose literal the engine would not give back as it is.

    With them come the triples that they fall together with: "01" and "1" are one literal in the
    store, and both are listed. Give a list, or anything that can be read twice.
    """
    triples = list(triples) if iter(triples) is triples else triples
    literals = (t.object for t in triples if isinstance(t.object, ox.Literal))
    changed = stored_forms(engine, literals)
    if not changed:
        return []

    def key(triple: ox.Triple) -> tuple[object, object, object]:
        return triple.subject, triple.predicate, stored(triple.object, changed)

    touched = {key(triple) for triple in triples if triple.object in changed}
    return list(
        {
            ox.Triple(triple.subject, triple.predicate, triple.object)
            for triple in triples
            if key(triple) in touched
        }
    )
