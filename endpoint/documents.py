"""``/id/`` leads to ``/doc/``; there, and at the address of a term, is what is said of it.

A thing is not a document, so its address answers 303; a term's own address is a document's, as the
namespace's redirection service has already told the two apart.
https://www.w3.org/TR/cooluris/#r303gendocument
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from urllib.parse import quote

from flask import Blueprint, redirect, request
from pyoxigraph import Literal, NamedNode, Triple
from werkzeug.wrappers import Response

from atlas.errors import UnknownName, shown
from endpoint.addresses import KEPT, ROOT, iris, sent_path, split_suffix
from endpoint.clients import current_client
from endpoint.language import reader_language, translate
from endpoint.representations import represent, wanted
from endpoint.site import current_site
from endpoint.thing_page import thing_page
from endpoint.things import MOST_INCOMING, MOST_OUTGOING, Said, is_known, said_of
from store.statistics import FOAF, RDF_TYPE, VOID, void_dataset

RDFS_COMMENT = NamedNode("http://www.w3.org/2000/01/rdf-schema#comment")

KEPT_IN_QUERY = f"{KEPT}?"

blueprint = Blueprint("documents", __name__)


@blueprint.get("/id/<path:key>")
def thing(key: str) -> Response:
    """303 to the document about the thing. Raises UnknownName where nothing is said of it."""
    site, sent = current_site(), sent_path(request)
    for iri in iris(site.settings.base, sent):
        if is_known(site.reader(current_client()), iri):
            query, target = quote(request.query_string, safe=KEPT_IN_QUERY), document_path(sent)
            response = redirect(f"{target}?{query}" if query else target, 303)
            response.headers["Cache-Control"] = "no-cache"
            return response
    raise unknown(sent)


@blueprint.get("/doc/<path:key>")
def document(key: str) -> Response:
    """What the default graph says of a thing."""
    base = current_site().settings.base
    return answer(base, sent_path(request).replace("/doc/", "/id/", 1))


@blueprint.get("/ontology/<name>")
@blueprint.get("/vocabulary/<path:name>")
def term(name: str) -> Response:
    """What the default graph says of a term of the ontology, a scheme or a concept."""
    return answer(ROOT, sent_path(request))


def answer(root: str, path: str) -> Response:
    """The document about the thing that a path names under this root. Raises UnknownName.

    A key may end like a suffix: where nothing is said of the rest, the whole is the key.
    """
    stem, suffix = split_suffix(path)
    try:
        return about(root, stem, suffix)
    except UnknownName:
        if suffix is None:
            raise
    return about(root, path, None)


def about(root: str, path: str, suffix: str | None) -> Response:
    """The document about what this path, its suffix taken off, names."""
    site = current_site()
    reader, base = site.reader(current_client()), site.settings.base
    shown_at = document_path(path)

    @cache
    def said() -> Said:
        """Read only where the client does not hold the document already."""
        for iri in iris(root, path):
            found = said_of(reader, iri)
            if found is not None:
                return found
        raise unknown(path)

    return represent(
        wanted(suffix),
        triples=lambda: described(said(), base),
        page=lambda: thing_page(
            reader, said(), cuts(said(), reader_language()), base=base, stem=shown_at
        ),
        stem=shown_at,
        generation=reader.generation,
    )


def document_path(path: str) -> str:
    """The address of the document about what a path names, as a header or a page may have it."""
    return request.script_root + quote(path.replace("/id/", "/doc/", 1), safe=KEPT)


def described(said: Said, base: str) -> Iterator[Triple]:
    """The document's triples: what is said, and that it is this document that says it."""
    document = NamedNode(document_of(said.thing.value, base))
    yield Triple(document, RDF_TYPE, NamedNode(f"{FOAF}Document"))
    yield Triple(document, NamedNode(f"{FOAF}primaryTopic"), said.thing)
    yield Triple(document, NamedNode(f"{VOID}inDataset"), void_dataset(base))
    for sentence in cuts(said, "en"):
        yield Triple(document, RDFS_COMMENT, Literal(sentence, language="en"))
    yield from said.triples()


def document_of(iri: str, base: str) -> str:
    """The IRI of the document about a thing; a suffix tells a term's document from the term."""
    things = f"{base}/id/"
    if iri.startswith(things):
        return f"{base}/doc/{iri.removeprefix(things)}"
    return f"{iri}.ttl"


def cuts(said: Said, language: str) -> list[str]:
    """What was left out, in sentences."""
    sentences = []
    if said.outgoing_cut:
        sentences.append(translate("doc.outgoing_cut", language, most=MOST_OUTGOING))
    if said.incoming_cut:
        sentences.append(translate("doc.incoming_cut", language, most=MOST_INCOMING))
    return sentences


def unknown(path: str) -> UnknownName:
    return UnknownName(
        f"The atlas says nothing of {shown(path)}; /queries/ and /sparql find what it has."
    )
