"""``/.well-known/sparql-examples``: the questions in RDF, for tools that offer examples.

The other named queries are what pages are made of, and no examples to learn from.

Each is a sh:SPARQLExecutable, as the SIB's collections have them.
https://www.w3.org/TR/shacl/#sparql-constraints-prefixes, https://www.w3.org/TR/shacl-af/
"""

from __future__ import annotations

from collections.abc import Iterator

from flask import Blueprint, Response, render_template, request, url_for
from pyoxigraph import Literal, NamedNode, Triple

import atlas
from atlas.namespaces import DCTERMS, RDFS, SH
from endpoint.site import Site, current_site
from endpoint.web.library.pages import listing
from endpoint.wire.addresses import SUFFIXES
from endpoint.wire.representations import represent, wanted
from queries import NamedQuery
from store.statistics import RDF_TYPE

blueprint = Blueprint("examples", __name__)
WELL_KNOWN = "/.well-known/sparql-examples"
SCHEMA = "https://schema.org/"
RDFS_LABEL = NamedNode(f"{RDFS}label")
RDFS_COMMENT = NamedNode(f"{RDFS}comment")


@blueprint.get(WELL_KNOWN)
@blueprint.get(f"{WELL_KNOWN}.<any({', '.join(SUFFIXES)}):suffix>")
def examples(suffix: str = "") -> Response:
    site = current_site()
    return represent(
        wanted(SUFFIXES.get(suffix)),
        triples=lambda: described(site),
        page=lambda: render_template("queries.html", **listing(questions(site))),
        stem=request.script_root + WELL_KNOWN,
        version=atlas.__version__,
    )


def questions(site: Site) -> list[NamedQuery]:
    """The named queries that answer a question."""
    return [query for query in site.library.values() if query.question is not None]


def described(site: Site) -> Iterator[Triple]:
    target = NamedNode(url_for("sparql.sparql", _external=True))
    for query in questions(site):
        address = NamedNode(url_for("named.run", name=query.name, _external=True))
        yield from example(query, address, target)


def example(query: NamedQuery, address: NamedNode, target: NamedNode) -> Iterator[Triple]:
    """One query, its parameters with a default in place: a text that runs as it is."""
    form = FORMS[query.form]
    yield Triple(address, RDF_TYPE, NamedNode(f"{SH}SPARQLExecutable"))
    yield Triple(address, RDF_TYPE, NamedNode(f"{SH}SPARQL{form}Executable"))
    for language, text in query.title.items():
        yield Triple(address, RDFS_LABEL, Literal(text, language=language))
    for language, text in query.description.items():
        yield Triple(address, RDFS_COMMENT, Literal(text, language=language))
    for tag in query.tags:
        yield Triple(address, NamedNode(f"{SCHEMA}keywords"), Literal(tag))
    yield Triple(address, NamedNode(f"{SH}{form.lower()}"), Literal(runnable(query)))
    yield Triple(address, NamedNode(f"{SCHEMA}target"), target)
    yield Triple(address, NamedNode(f"{DCTERMS}identifier"), Literal(query.name))


FORMS = {"SELECT": "Select", "ASK": "Ask", "CONSTRUCT": "Construct", "DESCRIBE": "Describe"}


def runnable(query: NamedQuery) -> str:
    """The text with each parameter's example, or its default where it needs none."""
    return query.bind(query.example).text
