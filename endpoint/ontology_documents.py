"""``/ontology/``: the whole ontology as a document; ``/module/NAME``: one of its modules.

A program that asks as the OWL API does is given RDF/XML; a reader a list of terms.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import cast

from flask import Blueprint, Response, render_template, request
from pyoxigraph import Literal, NamedNode, Triple

from atlas.errors import UnknownName, shown
from endpoint import ontology_files
from endpoint.addresses import SUFFIXES, link, split_suffix
from endpoint.language import LANGUAGES, reader_language
from endpoint.names import folded, in_language
from endpoint.representations import SYNTAX_NAMES, represent, wanted
from endpoint.site import current_site
from endpoint.thing_page import DEFINITIONS, RDFS, SKOS
from store.statistics import DCTERMS, RDF_TYPE

blueprint = Blueprint("ontology", __name__)
OWL = ontology_files.OWL
# What a module lists, in this order; a term of several kinds is listed under the first.
KINDS = {
    "ontology.classes": f"{OWL}Class",
    "ontology.object_properties": f"{OWL}ObjectProperty",
    "ontology.datatype_properties": f"{OWL}DatatypeProperty",
    "ontology.annotation_properties": f"{OWL}AnnotationProperty",
    "ontology.schemes": f"{SKOS}ConceptScheme",
    "ontology.concepts": f"{SKOS}Concept",
}
NAMES = (f"{RDFS}label", f"{SKOS}prefLabel", f"{DCTERMS}title")


@dataclass(frozen=True)
class Listed:
    """One term as the page lists it."""

    iri: str
    name: str
    definition: str
    href: str | None


@blueprint.get("/ontology/")
@blueprint.get("/ontology.<suffix>")
def whole(suffix: str = "") -> Response:
    """All modules as one ontology. Raises UnknownName for a suffix that names no format."""
    if suffix and suffix not in SUFFIXES:
        raise UnknownName(f"There is no format {shown(suffix)}; there are {', '.join(SUFFIXES)}.")
    triples = ontology_files.whole()
    return document(ontology_files.WHOLE, triples, "/ontology", SUFFIXES.get(suffix))


@blueprint.get("/module/<name>")
def module(name: str) -> Response:
    """One module as its file has it. Raises UnknownName."""
    stem, suffix = split_suffix(name)
    if stem not in ontology_files.modules():
        raise UnknownName(f"There is no module {shown(stem)}; /ontology/ lists them.")
    return document(stem, ontology_files.module(stem), f"/module/{stem}", suffix)


def document(name: str, triples: Sequence[Triple], stem: str, suffix: str | None) -> Response:
    return represent(
        wanted(suffix),
        triples=lambda: triples,
        page=partial(listing, name, triples, request.script_root + stem),
        stem=request.script_root + stem,
        version=ontology_files.digest(),
    )


def listing(name: str, triples: Sequence[Triple], stem: str) -> str:
    language, base = reader_language(), current_site().settings.base
    header = ontology_files.MODULES + name
    texts = read_texts(triples)
    terms = {
        kind: sorted(
            (listed(iri, texts, language, base) for iri in iris), key=lambda term: folded(term.name)
        )
        for kind, iris in by_kind(triples).items()
    }
    modules = [
        listed(ontology_files.MODULES + other, module_texts(), language, base)
        for other in ontology_files.modules()
    ]
    return render_template(
        "ontology.html",
        title=chosen(texts, header, NAMES, language) or name,
        definition=chosen(texts, header, DEFINITIONS, language),
        iri=header,
        terms=terms,
        modules=modules if name == ontology_files.WHOLE else [],
        stem=stem,
        syntaxes=SYNTAX_NAMES,
    )


Texts = dict[tuple[str, str], dict[str, str]]


def read_texts(triples: Iterable[Triple]) -> Texts:
    """The names and definitions in triples, by thing and property, then by language."""
    texts: Texts = {}
    for triple in triples:
        prop, text = triple.predicate.value, triple.object
        if prop in (*NAMES, *DEFINITIONS) and isinstance(text, Literal):
            subject = cast(NamedNode, triple.subject).value
            texts.setdefault((subject, prop), {})[text.language or ""] = text.value
    return texts


@cache
def module_texts() -> Texts:
    """What the modules say of themselves."""
    return read_texts(
        triple
        for name in ontology_files.modules()
        for triple in ontology_files.module(name)
        if triple.subject == NamedNode(ontology_files.MODULES + name)
    )


def by_kind(triples: Sequence[Triple]) -> dict[str, list[str]]:
    """The project's own terms by kind; the kinds without a term left out."""
    types: dict[str, set[str]] = {}
    for triple in triples:
        if triple.predicate == RDF_TYPE and isinstance(triple.subject, NamedNode):
            types.setdefault(triple.subject.value, set()).add(cast(NamedNode, triple.object).value)
    grouped: dict[str, list[str]] = {}
    for iri, kinds in types.items():
        key = next((key for key, kind in KINDS.items() if kind in kinds), None)
        if key and iri.startswith(ontology_files.ROOT):
            grouped.setdefault(key, []).append(iri)
    return {key: grouped[key] for key in KINDS if key in grouped}


def listed(iri: str, texts: Texts, language: str, base: str) -> Listed:
    return Listed(
        iri,
        chosen(texts, iri, NAMES, language) or iri.rsplit("/", 1)[-1],
        chosen(texts, iri, DEFINITIONS, language),
        in_language(link(iri, base)),
    )


def chosen(texts: Texts, iri: str, properties: Sequence[str], language: str) -> str:
    """The text of the first of these properties that has one, best in the reader's language."""
    for prop in properties:
        by_language = texts.get((iri, prop), {})
        for candidate in (language, *LANGUAGES, ""):
            if candidate in by_language:
                return by_language[candidate]
    return ""
