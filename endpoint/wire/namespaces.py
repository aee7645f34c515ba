"""The prefixes of a document: RDF/XML and its readers want those that it uses and no others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pyoxigraph import Literal, NamedNode, Triple


def namespaces(triples: Iterable[Triple], prefixes: dict[str, str]) -> dict[str, str]:
    """The prefixes that the triples can make use of."""
    used = {_namespace(iri.value) for triple in triples for iri in _iris(triple)}
    return {prefix: namespace for prefix, namespace in prefixes.items() if namespace in used}


def _iris(triple: Triple) -> Iterator[NamedNode]:
    for term in (triple.subject, triple.predicate, triple.object):
        if isinstance(term, NamedNode):
            yield term
        elif isinstance(term, Literal):
            yield term.datatype


def _namespace(iri: str) -> str:
    cut = max(iri.rfind("#"), iri.rfind("/"))
    return iri[: cut + 1]
