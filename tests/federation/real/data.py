"""Real data, split over sites as it is in the world: each holds its own, and they share values.

IRIs lead from the experiences to the goals and the countries, and from the goals to EuroVoc; names
and keywords are what the map of France, EuroVoc, the UNESCO thesaurus and the lists of places and
countries have in common.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from atlas.settings import Settings
from loaders.readers import reader
from loaders.readers.france_rows import Body, Place
from loaders.rows import Problems
from loaders.sources import load_sources

REPOSITORY = Path(__file__).parents[3]
SOURCES = REPOSITORY / "loaders" / "sources.toml"
TYPE = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
LABEL = NamedNode("http://www.w3.org/2000/01/rdf-schema#label")
XSD = "http://www.w3.org/2001/XMLSchema#"
DCTERMS = "http://purl.org/dc/terms/"
SKOS = "http://www.w3.org/2004/02/skos/core#"
ATLAS = "https://w3id.org/atlas-relationnel/ontology/"
GOALS = "http://metadata.un.org/sdg/"
COUNTRY = "http://publications.europa.eu/resource/authority/country/"
LANGUAGES = {None, "fr", "en", "es"}
EXPERIENCES = 300
DEPARTMENT = "54"
# Of the thesauri and the lists: what is said from the other end too, and long texts.
LEFT_OUT = {
    SKOS + name
    for name in (
        "narrower",
        "hasTopConcept",
        "topConceptOf",
        "member",
        "definition",
        "scopeNote",
        "editorialNote",
        "historyNote",
        "changeNote",
    )
}


def france(data: Path) -> Iterator[Triple]:
    """Regions and departments, and the communes of one department with those that govern them."""
    source = _source("france-2026", data)
    module = reader(source.kind)
    rows = [row for row in module.read_rows(source, Problems(source)) if _near(row)]
    return (quad.triple for quad in module.to_quads(rows, source))


def _near(row: Any) -> bool:
    if isinstance(row, Place):
        return row.kind in ("region", "department") or row.code.startswith(DEPARTMENT)
    return isinstance(row, Body) and row.governs.startswith(DEPARTMENT)


def experiences(data: Path) -> Iterator[Triple]:
    """Pages of resource sites, and experiences with the goals and the countries that they name."""
    source = _source("resource-sheets", data)
    module = reader(source.kind)
    rows = module.read_rows(source, Problems(source))
    yield from (quad.triple for quad in module.to_quads(rows, source))
    countries = {
        triple.object.value: triple.subject
        for triple in _read(data / "eu-authority-tables/countries-skos.rdf.gz")
        if triple.predicate.value == SKOS + "prefLabel"
        and isinstance(triple.object, Literal)
        and triple.object.language == "en"
    }
    lines = _lines(data / "experience-undp-acclabs/undp-acclabs-70pct.jsonl.gz")
    told = [row for row in lines if row["sdgs"] and row["country"]]
    for row in told[:: len(told) // EXPERIENCES][:EXPERIENCES]:
        yield from _experience(row, countries)


def _experience(row: dict[str, Any], countries: dict[str, Any]) -> Iterator[Triple]:
    subject = NamedNode("https://experiences.example/id/" + quote(row["id"], safe=""))

    def said(predicate: str, value: Any) -> Triple:
        return Triple(subject, NamedNode(predicate), value)

    yield Triple(subject, TYPE, NamedNode(ATLAS + "Experience"))
    yield said(DCTERMS + "title", Literal(row["title"]))
    yield said(DCTERMS + "date", Literal(row["year"], datatype=NamedNode(XSD + "gYear")))
    for goal in row["sdgs"]:
        yield said(DCTERMS + "subject", NamedNode(GOALS + goal.split(".")[0]))
    for theme in row["thematic_areas"]:
        yield said("http://schema.org/keywords", Literal(theme))
    for name in row["country"]:
        yield said(DCTERMS + "coverage", Literal(name, language="en"))
        if name in countries:
            yield said(DCTERMS + "spatial", countries[name])
            # The list of countries says the same: in the merge of the sites it is one triple.
            label = NamedNode(SKOS + "prefLabel")
            yield Triple(countries[name], label, Literal(name, language="en"))


def goals(data: Path) -> Iterator[Triple]:
    """The goals, targets, indicators and series of the United Nations, with their subjects."""
    for name in ("goals-targets-indicators", "subject-mappings", "series-2019-Q2-G-01"):
        yield from _read(data / f"vocab-un-sdg/sdg-kos-{name}.ttl.gz")


def eurovoc(data: Path) -> Iterator[Triple]:
    return _kept(_read(data / "thesaurus-eurovoc-fr-en/eurovoc-fr-en-2021-06.nt.gz"))


def places(data: Path) -> Iterator[Triple]:
    """Countries, with the codes that they had elsewhere as blank nodes; places of two of them."""
    near = re.compile("/place/(FRA|BEL)_")
    for name in ("countries-skos", "continents-skos-ap-act"):
        yield from _kept(_read(data / f"eu-authority-tables/{name}.rdf.gz"))
    for triple in _kept(_read(data / "eu-authority-tables/places-skos.rdf.gz")):
        if isinstance(triple.subject, NamedNode) and near.search(triple.subject.value):
            yield triple


def unesco(data: Path) -> Iterator[Triple]:
    """The thesaurus, and citizens' assemblies whose participants are counted as xsd:int."""
    yield from _kept(_read(data / "thesaurus-unesco/unescothes.ttl.gz"))
    for row in _lines(data / "experience-uk-citizen-assemblies/assemblies.jsonl.gz"):
        subject = NamedNode("https://assemblies.example/id/" + quote(row["id"], safe=""))
        yield Triple(subject, LABEL, Literal(row["org_name"], language="en"))
        yield Triple(subject, NamedNode(DCTERMS + "type"), Literal(row["thematic_grouping"]))
        if row.get("number_participants", "").isdecimal():
            number = Literal(row["number_participants"], datatype=NamedNode(XSD + "int"))
            yield Triple(subject, NamedNode(ATLAS + "participants"), number)


def _source(name: str, data: Path) -> Any:
    settings = Settings.load({}, data=str(data))
    return next(source for source in load_sources(SOURCES, settings) if source.name == name)


def _read(path: Path) -> Iterator[Triple]:
    syntax = RdfFormat.from_extension(path.name.split(".")[-2])
    for quad in parse(gzip.decompress(path.read_bytes()), format=syntax, rename_blank_nodes=True):
        yield quad.triple


def _kept(triples: Iterable[Triple]) -> Iterator[Triple]:
    for triple in triples:
        language = triple.object.language if isinstance(triple.object, Literal) else None
        if language in LANGUAGES and triple.predicate.value not in LEFT_OUT:
            yield triple


def _lines(path: Path) -> list[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        return [json.loads(line) for line in stream]
