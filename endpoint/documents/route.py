"""``/id/`` leads to ``/doc/``; there, and at the address of a term, is what is said of it.

A thing is not a document, so its address answers 303; a term's own address is a document's, as the
namespace's redirection service has already told the two apart.
https://www.w3.org/TR/cooluris/#r303gendocument
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from urllib.parse import quote

from flask import Blueprint, redirect, request
from pyoxigraph import Literal, NamedNode, Triple
from werkzeug.wrappers import Response

from atlas.errors import UnknownName, UsageError
from atlas.namespaces import FOAF, RDFS, VOID
from endpoint.documents.apart import Apart, apart, is_apart
from endpoint.documents.things import MOST_INCOMING, MOST_OUTGOING, Said, is_known, said_of
from endpoint.language import translate
from endpoint.names import in_language
from endpoint.reading.protocol import Parameters, address
from endpoint.refusals import refused
from endpoint.site import current_site
from endpoint.view import View, current_view
from endpoint.web.terms import page as terms
from endpoint.web.thing import page as things
from endpoint.wire.addresses import (
    ABOUT,
    KEPT,
    ROOT,
    iris,
    link,
    nameable,
    own_path,
    sent_path,
    split_suffix,
)
from endpoint.wire.clients import current_client
from endpoint.wire.representations import represent, wanted
from queries.parameters import LONGEST
from store.statistics import RDF_TYPE, void_dataset

RDFS_COMMENT = NamedNode(f"{RDFS}comment")

KEPT_IN_QUERY = f"{KEPT}?"

# Makes the page about a thing, shown at an address without a suffix; none where nothing is said.
Page = Callable[[View, NamedNode, str], str | None]

blueprint = Blueprint("documents", __name__)


@blueprint.get("/id/<path:key>")
def thing(key: str) -> Response:
    """303 to the document about the thing. Raises UnknownName where nothing is said of it."""
    site, sent = current_site(), sent_path(request)
    reader = site.reader(current_client())
    for iri in iris(site.settings.base, sent):
        if is_known(reader, iri) or is_apart(current_view(reader.generation), iri):
            query, target = quote(request.query_string, safe=KEPT_IN_QUERY), document_path(sent)
            response = redirect(f"{target}?{query}" if query else target, 303)
            response.headers["Cache-Control"] = "no-cache"
            return response
    raise unknown(sent)


@blueprint.get("/doc/<path:key>")
def document(key: str) -> Response:
    """What the atlas says of a thing."""
    base = current_site().settings.base
    return answer(base, sent_path(request).replace("/doc/", "/id/", 1), things.page)


@blueprint.get(ABOUT)
def foreign() -> Response:
    """What the atlas says of a thing of another site, named by the parameter ``iri``.

    What is ours is led to its own document. Raises UsageError, UnknownName.
    """
    thing, base = asked_thing(), current_site().settings.base
    if own_path(thing.value, base):
        return redirect(in_language(link(thing.value, base)) or "/", 303)
    return respond((thing,), None, things.page, thing.value, "")


def asked_thing() -> NamedNode:
    """The thing of the web that the parameter ``iri`` names. Raises UsageError."""
    given = Parameters(address(request)).one("iri")
    if not given:
        raise refused(UsageError, "refusal.iri_missing")
    if len(given) >= LONGEST:
        raise refused(UsageError, "refusal.iri_long", count=len(given), most=LONGEST)
    try:
        thing = NamedNode(given)
    except ValueError as error:
        raise refused(UsageError, "refusal.iri", name="iri", value=given) from error
    if not nameable(given):
        raise refused(UsageError, "refusal.iri_of_the_web", name="iri", value=given)
    return thing


@blueprint.get("/ontology/<name>")
@blueprint.get("/vocabulary/<path:name>")
def term(name: str) -> Response:
    """What the default graph says of a term of the ontology, a scheme or a concept."""
    return answer(ROOT, sent_path(request), terms.page)


def answer(root: str, path: str, page: Page) -> Response:
    """The document about the thing that a path names under this root. Raises UnknownName.

    A key may end like a suffix: where nothing is said of the rest, the whole is the key.
    """
    stem, suffix = split_suffix(path)
    try:
        return about(root, stem, suffix, page)
    except UnknownName:
        if suffix is None:
            raise
    return about(root, path, None, page)


def about(root: str, path: str, suffix: str | None, page: Page) -> Response:
    """The document about what this path, its suffix taken off, names."""
    return respond(tuple(iris(root, path)), suffix, page, path, document_path(path))


def respond(
    spellings: Sequence[NamedNode], suffix: str | None, page: Page, called: str, stem: str
) -> Response:
    """The document about the first of these that the atlas speaks of. Raises UnknownName."""
    site = current_site()
    reader, base = site.reader(current_client()), site.settings.base

    def triples() -> Iterator[Triple]:
        """Read only where the client does not hold the document already."""
        for iri in spellings:
            found = said_of(reader, iri) or apart(current_view(reader.generation), iri)
            if found is not None:
                return described(found, base)
        raise unknown(called)

    def text() -> str:
        for iri in spellings:
            made = page(current_view(reader.generation), iri, stem)
            if made:
                return made
        raise unknown(called)

    return represent(
        wanted(suffix),
        triples=triples,
        page=text,
        stem=stem,
        generation=reader.generation,
        asked=str(spellings) if not stem else "",
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
    if isinstance(said, Apart):
        yield from said.origin(document)
    yield from said.triples()


def document_of(iri: str, base: str) -> str:
    """The IRI of the document about a thing; a suffix tells a term's document from the term."""
    ours = f"{base}/id/"
    if iri.startswith(ours):
        return f"{base}/doc/{iri.removeprefix(ours)}"
    if iri.startswith((f"{base}/", f"{ROOT}/")):
        return f"{iri}.ttl"
    return f"{base}{ABOUT}?iri={quote(iri, safe='')}"


def cuts(said: Said, language: str) -> list[str]:
    """What was left out, in sentences."""
    sentences = []
    if said.outgoing_cut:
        sentences.append(translate("doc.outgoing_cut", language, most=MOST_OUTGOING))
    if said.incoming_cut:
        sentences.append(translate("doc.incoming_cut", language, most=MOST_INCOMING))
    return sentences


def unknown(called: str) -> UnknownName:
    return refused(UnknownName, "refusal.unsaid", thing=called)
