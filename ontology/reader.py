"""Turtle in: strict, with the line of an error, and literals exactly as they were written."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyoxigraph as ox
from rdflib import XSD, BNode, Graph, Literal, URIRef

from atlas.errors import MalformedSource


def read(path: Path) -> Graph:
    """The file's triples, nothing fetched, nothing normalised.

    Raises MalformedSource with file and line where it is not Turtle.
    """
    return parse(path.read_bytes(), path)


def parse(text: bytes, path: Path | str) -> Graph:
    """Turtle text, its own ``path`` for messages only; raises MalformedSource."""
    graph = Graph(bind_namespaces="none")
    try:
        with quiet_literals():
            for quad in ox.parse(text, ox.RdfFormat.TURTLE, rename_blank_nodes=True):
                graph.add((term(quad.subject), term(quad.predicate), term(quad.object)))
    except SyntaxError as error:
        raise MalformedSource(
            path, f"this is not Turtle: {error.msg}.", line=error.lineno
        ) from error
    except (ValueError, NotImplementedError) as error:
        raise MalformedSource(path, f"this cannot be read: {error}.") from error
    return graph


def prefixes(path: Path) -> dict[str, str]:
    """The prefixes a Turtle file declares."""
    parser = ox.parse(path.read_bytes(), ox.RdfFormat.TURTLE)
    for _ in parser:
        pass
    return dict(parser.prefixes)


def term(node: object) -> URIRef | BNode | Literal:
    """A pyoxigraph term as rdflib's, with its lexical form untouched.

    Raises NotImplementedError for a triple term, which OWL has no use for.
    """
    if isinstance(node, ox.NamedNode):
        return URIRef(node.value)
    if isinstance(node, ox.BlankNode):
        return BNode(node.value)
    if isinstance(node, ox.Literal):
        if node.language:
            return Literal(node.value, lang=node.language)
        datatype = URIRef(node.datatype.value)
        if datatype == XSD.string:
            return Literal(node.value)
        return Literal(node.value, datatype=datatype, normalize=False)
    raise NotImplementedError("a triple term cannot stand in an ontology")


@contextmanager
def quiet_literals() -> Iterator[None]:
    """rdflib logs a traceback per ill-typed literal; the checks say it in a sentence instead."""
    logger = logging.getLogger("rdflib.term")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)
