"""The queries that go with a term: those of the library that use it, and one made for it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from endpoint.page_addresses import at
from endpoint.view import View
from endpoint.wire.representations import prefixes
from queries import NamedQuery

# Strings and comments come first, so that a name inside one is never taken for one.
TOKEN = re.compile(
    r'"(?:[^"\\\n]|\\.)*"'
    r"|'(?:[^'\\\n]|\\.)*'"
    r"|#[^\n]*"
    r'|<(?P<iri>[^<>"{}|^`\\\s]*)>'
    r"|(?<![\w.-])(?P<prefix>[A-Za-z][\w.-]*)?:(?P<name>[\w.-]*\w)"
)
# What only serves to show a page says little to somebody who looks for a question.
OF_PAGES = "pages"
NAMED = """\
  OPTIONAL {{
    {{ {0} rdfs:label {1} }} UNION {{ {0} skos:prefLabel {1} }} UNION {{ {0} dcterms:title {1} }}
    FILTER (LANG({1}) IN ("{2}", ""))
  }}
"""
# For each sort of term, the pattern and the names to find, from which its own query is made.
MADE = {
    "class": ("?thing", "  ?thing a {term} .\n", ("?thing",)),
    "property": ("?thing ?value", "  ?thing {term} ?value .\n", ("?thing", "?value")),
    "scheme": ("?concept", "  ?concept skos:inScheme {term} .\n", ("?concept",)),
    "concept": ("?thing ?property", "  ?thing ?property {term} .\n", ("?thing",)),
    "type": (
        "?relation ?source ?target",
        "  ?relation atlas:relationType {term} ;\n    atlas:relationSource ?source ;\n"
        "    atlas:relationTarget ?target .\n",
        ("?source", "?target"),
    ),
}


@dataclass(frozen=True)
class Link:
    """A query of the library: its title and the address of its page."""

    title: str
    href: str


@dataclass(frozen=True)
class Queries:
    """``made``: the SPARQL made for the term; ``run``: where it opens in an editor, or runs."""

    library: list[Link]
    made: str
    run: str


def queries_for(view: View, iri: str, kind: str, scheme: str = "") -> Queries:
    """What one may ask about a term. ``scheme``: of a concept, the vocabulary it is of."""
    text = made(iri, kind, view.language)
    return Queries(list(of_library(view, iri, scheme)), text, in_editor(text))


def in_editor(text: str) -> str:
    """The editor, filled in with a query."""
    return at("library.editor", query=text)


def of_library(view: View, iri: str, scheme: str) -> Iterator[Link]:
    """The questions that name the term, or take a concept of its vocabulary, filled in with it."""
    for query in view.site.library.values():
        if OF_PAGES in query.tags:
            continue
        given = {
            p.name: iri for p in query.parameters if p.scheme and scheme.endswith(f"/{p.scheme}")
        }
        asks_for = any(
            p.scheme and iri.endswith(f"/vocabulary/{p.scheme}") for p in query.parameters
        )
        if given or asks_for or iri in named_in(query.text):
            yield Link(
                title_of(query, view.language), at("library.query", name=query.name, **given)
            )


def title_of(query: NamedQuery, language: str) -> str:
    return query.title[language]


@cache
def named_in(text: str) -> frozenset[str]:
    """The IRIs that a query names."""
    return frozenset(_named(TOKEN.finditer(text)))


def _named(tokens: Iterable[re.Match[str]]) -> Iterator[str]:
    namespaces = prefixes()
    for token in tokens:
        if token["iri"]:
            yield token["iri"]
        elif token["name"] and token["prefix"] in namespaces:
            yield namespaces[token["prefix"]] + token["name"]


def made(iri: str, kind: str, language: str) -> str:
    """A query whose answer is every use of the term, with names in the reader's language."""
    variables, pattern, named = MADE[kind]
    labels = [f"{variable}Name" for variable in named]
    body = pattern.format(term=f"<{iri}>") + "".join(
        NAMED.format(variable, label, language)
        for variable, label in zip(named, labels, strict=True)
    )
    used = [p for p in ("atlas", "dcterms", "rdfs", "skos") if f" {p}:" in body]
    head = "".join(f"PREFIX {prefix}: <{prefixes()[prefix]}>\n" for prefix in used)
    return f"{head}\nSELECT {variables} {' '.join(labels)} WHERE {{\n{body}}}\nLIMIT 200"
