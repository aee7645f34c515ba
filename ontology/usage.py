"""Which terms of the ontology a file names: a query, a shape, a module of Python, a table."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pyoxigraph as ox

from ontology.namespaces import ATLAS, PREFIXES

# Comments (a grlc header among them) and strings are passed over: to name is not to use.
TOKEN = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*"""'
    r"|'''(?:[^'\\]|\\.|'(?!''))*'''"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'(?:[^'\\\n]|\\.)*'"
    r'|<(?P<iri>[^<>"{}|^`\\\s]*)>'
    r"|#[^\n]*"
    r"|(?<![\w.-])(?P<prefix>[A-Za-z][\w.-]*)?:(?P<name>[\w.-]*\w)",
    re.DOTALL,
)


def used_terms(path: Path) -> set[str]:
    """The IRIs in the ontology's namespace that the file uses; none for another kind of file."""
    read = READERS.get(path.suffix, nothing)
    return {iri for iri in read(path) if iri.startswith(ATLAS) and iri != str(ATLAS)}


def nothing(path: Path) -> Iterator[str]:
    return iter(())


def in_query(path: Path) -> Iterator[str]:
    return in_sparql(path.read_text(encoding="utf-8"))


def in_sparql(text: str) -> Iterator[str]:
    """IRIs and prefixed names; the prefixes are those of the one table."""
    for token in TOKEN.finditer(text):
        if token["iri"]:
            yield token["iri"]
        elif token["name"] and token["prefix"] in PREFIXES:
            yield PREFIXES[token["prefix"]] + token["name"]


def in_rdf(path: Path) -> Iterator[str]:
    """IRIs in any place of a triple, and those inside SPARQL held in a literal (``sh:select``)."""
    for quad in ox.parse(path=path):
        for node in (quad.subject, quad.predicate, quad.object):
            if isinstance(node, ox.NamedNode):
                yield node.value
        if quad.predicate.value.startswith(PREFIXES["sh"]) and isinstance(quad.object, ox.Literal):
            yield from in_sparql(quad.object.value)


def in_python(path: Path) -> Iterator[str]:
    """``ATLAS["Commune"]``, ``ATLAS.Commune``, ``"atlas:Commune"``, ``"Commune"`` in a table."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), path)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if node.value.id == "ATLAS":
                yield ATLAS + node.attr
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from in_text(node.value)


def in_table(path: Path) -> Iterator[str]:
    """Every string of a TOML file, key or value."""
    yield from in_values(tomllib.loads(path.read_text(encoding="utf-8")))


def in_values(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield from in_text(value)
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from in_text(key)
            yield from in_values(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from in_values(inner)


def in_text(text: str) -> Iterable[str]:
    """A string is a term's name, its IRI, its prefixed name, or SPARQL that holds some."""
    if re.fullmatch(r"\w+", text):
        return [ATLAS + text]
    return in_sparql(text)


READERS: dict[str, Callable[[Path], Iterator[str]]] = {
    ".rq": in_query,
    ".ru": in_query,
    ".ttl": in_rdf,
    ".trig": in_rdf,
    ".nq": in_rdf,
    ".nt": in_rdf,
    ".py": in_python,
    ".toml": in_table,
}
