"""The same names for the blank nodes of the same graph, whatever they were called before."""

from __future__ import annotations

from typing import cast

import pyoxigraph as ox
from rdflib import BNode, Graph, Literal, URIRef

from atlas.errors import DataError
from ontology.reader import term


def canonical(graph: Graph) -> Graph:
    """The graph with canonical blank nodes; two isomorphic graphs come out equal.

    rdflib's own labelling is not used: it differs between runs on symmetric graphs.
    Raises DataError for an IRI that no RDF syntax allows. https://www.w3.org/TR/rdf-canon/
    """
    try:
        dataset = ox.Dataset(quad(*triple) for triple in graph)
    except ValueError as error:
        raise DataError(f"An IRI cannot be written: {error}.") from error
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    result = Graph(bind_namespaces="none")
    for found in dataset:
        result.add((term(found.subject), term(found.predicate), term(found.object)))
    return result


def quad(subject: object, predicate: object, value: object) -> ox.Quad:
    return ox.Quad(
        cast(ox.NamedNode | ox.BlankNode, engine_term(subject)),
        cast(ox.NamedNode, engine_term(predicate)),
        engine_term(value),
    )


def engine_term(node: object) -> ox.NamedNode | ox.BlankNode | ox.Literal:
    """An rdflib term as pyoxigraph's, with its lexical form untouched."""
    if isinstance(node, BNode):
        return ox.BlankNode(node)
    if isinstance(node, Literal):
        if node.language:
            return ox.Literal(node, language=node.language)
        return ox.Literal(node, datatype=ox.NamedNode(node.datatype) if node.datatype else None)
    return ox.NamedNode(cast(URIRef, node))
