"""``/catalog``: the atlas's data sets, their licences, files and service, as a DCAT catalogue.

https://www.w3.org/TR/vocab-dcat-3/, as DCAT-AP 3.0.1 asks for it:
https://semiceu.github.io/DCAT-AP/releases/3.0.1/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from pyoxigraph import Literal, NamedNode, Triple

from atlas.namespaces import DCAT, DCTERMS, FOAF, PROV, SKOS, XSD
from endpoint.catalogue import Catalogue
from endpoint.language import LANGUAGES, reader_language, translate
from endpoint.names import Names, Value
from endpoint.publishing.discovery import catalog_iri
from endpoint.publishing.distributions import (
    AUTHORITY,
    PLACE,
    address_of,
    available,
    dcat,
    distributions,
    file_type,
    licence_of,
    listed,
    said,
    terms,
    titled,
    titles_of,
    typed,
)
from endpoint.publishing.licences import licence_name
from endpoint.publishing.void import entries
from endpoint.scrutari.bases import FORMAT, OWN
from endpoint.site import Site, current_site
from endpoint.wire.addresses import SUFFIXES
from endpoint.wire.representations import SYNTAX_NAMES, represent, wanted
from store.exports.dump_files import FORMS, PACKED, name_of
from store.statistics import LICENCE_VERIFIED, named_or_said, void_dataset, void_service
from store.themes import SCHEME, THEMES

blueprint = Blueprint("dcat", __name__)
LANGUAGE_NAMES = {"fr": "FRA", "en": "ENG", "es": "SPA"}
PUBLIC = NamedNode(f"{AUTHORITY}/access-right/PUBLIC")
PROTOCOL = "http://www.w3.org/TR/sparql11-protocol/"
DERIVED = NamedNode(f"{PROV}wasDerivedFrom")
DATE_TIME = NamedNode(f"{XSD}dateTime")

Entry = Mapping[str, Any]


@blueprint.get(PLACE)
@blueprint.get(f"{PLACE}.<any({', '.join(SUFFIXES)}):suffix>")
def catalog(suffix: str = "") -> Response:
    """The catalogue of the generation served."""
    site = current_site()
    generation, stem = site.generation, request.script_root + PLACE
    return represent(
        wanted(SUFFIXES.get(suffix)),
        triples=lambda: by_subject(described(site, generation)),
        page=lambda: page(site, generation, stem),
        stem=stem,
        generation=generation,
    )


def described(site: Site, generation: int | None) -> Iterator[Triple]:
    """The whole catalogue."""
    known, base = site.catalogue(generation), site.settings.base
    shown = [entry for entry in entries(known) if entry["publish"] != "illustrative"]
    yield from _catalog(base, known.record, shown)
    yield from _service(base, shown)
    yield from _whole(base)
    for entry in shown:
        yield from _dataset(entry, known, base)
    yield from distributions(site, generation)
    yield from _own_distributions(base)
    yield from _named(shown)


def by_subject(triples: Iterable[Triple]) -> Iterator[Triple]:
    """Each triple once, those of one subject together: they read as one description."""
    grouped: dict[object, dict[Triple, None]] = {}
    for triple in triples:
        grouped.setdefault(triple.subject, {})[triple] = None
    for about in grouped.values():
        yield from about


def _catalog(base: str, record: Mapping[str, Any], shown: Iterable[Entry]) -> Iterator[Triple]:
    node, publisher = catalog_iri(base), NamedNode(f"{base}{PLACE}#publisher")
    yield from typed(node, f"{DCAT}Catalog")
    yield from said(node, "title", "dcat.title")
    yield from said(node, "description", "dcat.lead")
    yield Triple(node, terms("publisher"), publisher)
    yield from typed(publisher, f"{FOAF}Agent")
    yield Triple(publisher, NamedNode(f"{FOAF}name"), Literal(translate("site.name", "fr")))
    home = NamedNode(url_for("home.home", _external=True))
    yield Triple(node, NamedNode(f"{FOAF}homepage"), home)
    yield from typed(home, f"{FOAF}Document")
    for language in LANGUAGES:
        name = NamedNode(f"{AUTHORITY}/language/{LANGUAGE_NAMES[language]}")
        yield Triple(node, terms("language"), name)
        yield from listed(name, f"{DCTERMS}LinguisticSystem")
    if published := record.get("published"):
        yield Triple(node, terms("modified"), Literal(published, datatype=DATE_TIME))
    yield Triple(node, dcat("themeTaxonomy"), NamedNode(SCHEME))
    yield Triple(node, dcat("service"), _service_node())
    yield Triple(node, dcat("dataset"), void_dataset(base))
    for entry in shown:
        yield Triple(node, dcat("dataset"), NamedNode(entry["graph"]))


def _service(base: str, shown: Iterable[Entry]) -> Iterator[Triple]:
    """https://www.w3.org/TR/vocab-dcat-3/#Class:Data_Service"""
    node, endpoint = _service_node(), NamedNode(url_for("sparql.sparql", _external=True))
    yield from typed(node, f"{DCAT}DataService")
    yield from said(node, "title", "dcat.service")
    yield from said(node, "description", "dcat.service_lead")
    yield Triple(node, dcat("endpointURL"), endpoint)
    yield Triple(node, dcat("endpointDescription"), endpoint)
    openapi = NamedNode(url_for("openapi.openapi", _external=True))
    yield Triple(node, dcat("endpointDescription"), openapi)
    yield Triple(node, terms("conformsTo"), NamedNode(PROTOCOL))
    yield from typed(NamedNode(PROTOCOL), f"{DCTERMS}Standard")
    yield from _public(node)
    yield Triple(node, dcat("servesDataset"), void_dataset(base))
    for entry in shown:
        yield Triple(node, dcat("servesDataset"), NamedNode(entry["graph"]))


def _whole(base: str) -> Iterator[Triple]:
    node = void_dataset(base)
    yield from typed(node, f"{DCAT}Dataset")
    yield from said(node, "title", "site.name")
    yield from said(node, "description", "dcat.whole")
    yield from _public(node)


def _dataset(entry: Entry, known: Catalogue, base: str) -> Iterator[Triple]:
    node = NamedNode(entry["graph"])
    yield from typed(node, f"{DCAT}Dataset")
    triples = entry["triples"]
    for language, title in titles_of(entry, known).items():
        text = translate("dcat.graph", language, title=title, triples=triples)
        yield Triple(node, terms("title"), Literal(title, language=language))
        yield Triple(node, terms("description"), Literal(text, language=language))
    yield from _public(node)
    yield from licence_of(node, entry)
    if "licence_verified" in entry:
        yield Triple(node, NamedNode(LICENCE_VERIFIED), Literal(bool(entry["licence_verified"])))
    if entry.get("source"):
        yield Triple(node, DERIVED, named_or_said(entry["source"]))
    for theme in entry.get("themes", ()):
        yield Triple(node, dcat("theme"), NamedNode(f"{SCHEME}/{theme}"))
    if entry["publish"] == "default":
        yield Triple(void_dataset(base), terms("hasPart"), node)
    if modified := entry.get("written") or entry.get("reading", {}).get("read_at"):
        yield Triple(node, terms("modified"), Literal(modified, datatype=DATE_TIME))


def _own_distributions(base: str) -> Iterator[Triple]:
    """What is had of the whole: answers of the SPARQL service, and its documents."""
    whole, sparql = void_dataset(base), url_for("sparql.sparql", _external=True)
    given = url_for("scrutari.base", name=OWN, _external=True)
    atom = url_for("feed.atom", _external=True)
    for name, address, key, about in (
        ("sparql", sparql, "dcat.service", {}),
        ("atom", atom, "feed.title", {}),
        ("xml", given, "scrutari.base", {"name": OWN}),
    ):
        node = NamedNode(f"{base}{PLACE}#{name}")
        yield Triple(whole, dcat("distribution"), node)
        yield from typed(node, f"{DCAT}Distribution")
        yield Triple(node, dcat("accessURL"), NamedNode(address))
        yield Triple(node, terms("format"), file_type(name))
        yield from listed(file_type(name), f"{DCTERMS}MediaTypeOrExtent")
        yield from said(node, "title", key, **about)
    yield Triple(NamedNode(f"{base}{PLACE}#sparql"), dcat("accessService"), _service_node())
    document = NamedNode(f"{base}{PLACE}#xml")
    yield Triple(document, dcat("downloadURL"), NamedNode(given))
    yield Triple(document, terms("conformsTo"), NamedNode(FORMAT))
    yield from typed(NamedNode(FORMAT), f"{DCTERMS}Standard")


def _named(shown: Iterable[Entry]) -> Iterator[Triple]:
    """What others name, said in words: themes, access rights."""
    yield from typed(NamedNode(SCHEME), f"{SKOS}ConceptScheme")
    yield Triple(NamedNode(SCHEME), terms("title"), Literal("Data theme", language="en"))
    for theme in sorted({theme for entry in shown for theme in entry.get("themes", ())}):
        node = NamedNode(f"{SCHEME}/{theme}")
        yield from listed(node, f"{SKOS}Concept")
        for language, label in THEMES[theme].items():
            yield Triple(node, NamedNode(f"{SKOS}prefLabel"), Literal(label, language=language))


def _public(node: NamedNode) -> Iterator[Triple]:
    yield Triple(node, terms("accessRights"), PUBLIC)
    yield from listed(PUBLIC, f"{DCTERMS}RightsStatement")


def _service_node() -> NamedNode:
    return void_service(url_for("sparql.sparql", _external=True))


def page(site: Site, generation: int | None, stem: str) -> str:
    known, language = site.catalogue(generation), reader_language()
    names = Names({}, language, site.settings.base)
    given = {graph["graph"] for graph in available(known.record)}
    return render_template(
        "catalog.html",
        datasets=[
            (
                names.link(entry["graph"], titled(entry, known.graphs, language)),
                entry.get("attribution", ""),
                names.link(entry["licence"], licence_name(entry["licence"]))
                if entry.get("licence")
                else None,
                [
                    Value(f"{name_of(entry)}.{form}{PACKED}", address_of(entry, form))
                    for form in FORMS
                ]
                if entry["graph"] in given
                else [],
            )
            for entry in entries(known)
            if entry["publish"] != "illustrative"
        ],
        sparql=url_for("sparql.sparql", _external=True),
        stem=stem,
        syntaxes=SYNTAX_NAMES,
    )
