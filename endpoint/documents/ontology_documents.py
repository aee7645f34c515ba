"""``/ontology/``: the whole ontology as a document; ``/module/NAME``: one of its modules.

A program that asks as the OWL API does is given RDF/XML; a reader a way into what the ontology
speaks of, with what this atlas holds of it, and for a module the list of its terms.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import cast

from flask import Blueprint, Response, render_template, request
from pyoxigraph import Literal, NamedNode, Triple

from atlas.errors import UnknownName
from atlas.namespaces import SKOS
from endpoint.documents import ontology_files
from endpoint.language import LANGUAGES, reader_language
from endpoint.names import folded, in_language
from endpoint.refusals import refused
from endpoint.site import current_site
from endpoint.view import current_view
from endpoint.web.terms.ground import DEFINITIONS, NAMES
from endpoint.web.terms.overview import overview_page
from endpoint.wire.addresses import HTML, MODULES, ROOT, SUFFIXES, link, split_suffix
from endpoint.wire.representations import SYNTAX_NAMES, represent, wanted
from store.statistics import RDF_TYPE

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
        raise refused(UnknownName, "refusal.suffix", suffix=suffix, known=tuple(SUFFIXES))
    media_type, stem = wanted(SUFFIXES.get(suffix)), f"{request.script_root}/ontology"
    generation = current_site().generation
    # The page says how much there is of everything: it changes with the data, the document not.
    of_data = media_type == HTML
    return represent(
        media_type,
        triples=ontology_files.whole,
        page=partial(overview, generation, stem),
        stem=stem,
        generation=generation if of_data else None,
        version=f"{ontology_files.digest()}-{generation}" if of_data else ontology_files.digest(),
    )


def overview(generation: int | None, stem: str) -> str:
    """The way into the ontology. Raises Overloaded while no generation is served."""
    return overview_page(
        current_view(generation),
        whole=MODULES + ontology_files.WHOLE,
        modules=[MODULES + name for name in ontology_files.modules()],
        stem=stem,
    )


@blueprint.get("/module/<name>")
def module(name: str) -> Response:
    """One module as its file has it. Raises UnknownName."""
    name, suffix = split_suffix(name)
    if name not in ontology_files.modules():
        raise refused(UnknownName, "refusal.module", name=name)
    triples, stem = ontology_files.module(name), f"{request.script_root}/module/{name}"
    return represent(
        wanted(suffix),
        triples=lambda: triples,
        page=partial(listing, name, triples, stem),
        stem=stem,
        version=ontology_files.digest(),
    )


def listing(name: str, triples: Sequence[Triple], stem: str) -> str:
    language, base = reader_language(), current_site().settings.base
    header = MODULES + name
    texts = read_texts(triples)
    terms = {
        kind: sorted(
            (listed(iri, texts, language, base) for iri in iris), key=lambda term: folded(term.name)
        )
        for kind, iris in by_kind(triples).items()
    }
    return render_template(
        "ontology.html",
        title=chosen(texts, header, NAMES, language) or name,
        definition=chosen(texts, header, DEFINITIONS, language),
        iri=header,
        terms=terms,
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


def by_kind(triples: Sequence[Triple]) -> dict[str, list[str]]:
    """The project's own terms by kind; the kinds without a term left out."""
    types: dict[str, set[str]] = {}
    for triple in triples:
        if triple.predicate == RDF_TYPE and isinstance(triple.subject, NamedNode):
            types.setdefault(triple.subject.value, set()).add(cast(NamedNode, triple.object).value)
    grouped: dict[str, list[str]] = {}
    for iri, kinds in types.items():
        key = next((key for key, kind in KINDS.items() if kind in kinds), None)
        if key and iri.startswith(ROOT):
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
