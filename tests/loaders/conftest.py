"""What the tests of the loaders share: sources written by hand, and the map that npm installed."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from atlas.settings import Settings
from loaders import extra
from loaders.readers import reader
from loaders.rows import Problems
from loaders.sources import Source
from tests.loaders.sites import Site, serving

BASE = "https://example.org/atlas"
REPOSITORY = Path(__file__).parents[2]

MakeSource = Callable[..., Source]


@pytest.fixture
def make_source() -> MakeSource:
    """A source with everything that a test does not speak of."""

    def make(**given: Any) -> Source:
        values: dict[str, Any] = {
            "name": "small",
            "kind": "france_map",
            "title": {"fr": "Petit", "en": "Small", "es": "Pequeño"},
            "paths": {},
            "version": "1",
            "licence": "https://example.org/licence",
            "licence_verified": True,
            "attribution": "Example",
            "base": BASE,
        }
        return Source(**values | given)

    return make


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as site:
        yield site


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """An instance of its own whose sources are none."""
    sources = tmp_path / "sources.toml"
    sources.write_text("")
    monkeypatch.setattr(extra, "SOURCES", sources)
    return Settings.load({}, home=tmp_path / "home", base=BASE)


@pytest.fixture
def triples() -> Callable[[Source], set[str]]:
    """What a source gives, as N-Triples lines with the instances' base cut to ``:``."""

    def read(source: Source) -> set[str]:
        module = reader(source.kind)
        rows = module.read_rows(source, Problems(source))
        quads = list(module.to_quads(rows, source))
        assert {quad.graph_name.value for quad in quads} == {source.graph}
        return {short(str(quad.triple)) for quad in quads}

    return read


SHORT = {
    f"<{BASE}/id/": ":",
    "<https://w3id.org/atlas-relationnel/ontology/": "atlas:",
    "<https://w3id.org/atlas-relationnel/vocabulary/": "vocabulary:",
    "<http://rdf.insee.fr/def/geo#": "igeo:",
    "<http://www.w3.org/2000/01/rdf-schema#": "rdfs:",
    "<http://www.w3.org/2004/02/skos/core#": "skos:",
    "<http://purl.org/dc/terms/": "dcterms:",
    "^^<http://www.w3.org/2001/XMLSchema#": "^^xsd:",
    "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>": "a",
}


def short(line: str) -> str:
    """N-Triples that a reader can read: known namespaces by their prefix."""
    for long, prefix in SHORT.items():
        line = line.replace(long, prefix)
    return line.replace(">", "")


@pytest.fixture(scope="session")
def node_modules() -> Path:
    """Where npm installed the map. Under CI its absence is a failure, elsewhere a skip."""
    folder = REPOSITORY / "node_modules"
    if (folder / "@etalab" / "decoupage-administratif").is_dir():
        return folder
    if os.environ.get("CI") == "true":
        pytest.fail("The map of France is not installed, and under CI it must be: run npm ci.")
    pytest.skip("The map of France is not installed: run npm ci.")


SOURCES = """
[[source]]
name = "map"
kind = "france_map"
title = {fr = "Carte", en = "Map", es = "Mapa"}
path = "map"
version = "1"
licence = "https://example.org/licence"
licence_verified = true
attribution = "Example"
options.vintage = "2026"

[[source]]
name = "notes"
kind = "rdf_file"
title = {fr = "Notes", en = "Notes", es = "Notas"}
path = "notes.ttl"
version = "1"
licence = "https://example.org/unverified"
licence_verified = false
attribution = ""

[[source]]
name = "shared"
kind = "rdf_file"
title = {fr = "Partage", en = "Shared", es = "Compartido"}
path = "shared.ttl"
version = "1"
licence = "https://example.org/share-alike"
licence_verified = true
attribution = "Example"
publish = "named"

[[source]]
name = "elsewhere"
kind = "tables"
title = {fr = "Ailleurs", en = "Elsewhere", es = "En otra parte"}
path = "elsewhere.csv"
version = "1"
licence = "https://example.org/unverified"
licence_verified = false
attribution = ""
required = false
"""
# Two communes in one grouping.
MAP = {
    "regions": [{"code": "84", "nom": "Auvergne-Rhône-Alpes"}],
    "departements": [{"code": "01", "nom": "Ain", "region": "84"}],
    "arrondissements": [],
    "communes": [
        {
            "type": "commune-actuelle",
            "code": code,
            "nom": name,
            "departement": "01",
            "siren": f"2101{code}",
            "population": 500,
        }
        for code, name in (("01001", "Val"), ("01002", "Mont"))
    ],
    "epci": [
        {
            "code": "200000172",
            "nom": "CC du Val",
            "type": "CC",
            "membres": [{"code": "01001", "siren": "210101001", "nom": "Val"}],
        }
    ],
}
PREFIXES = """
@prefix : <https://example.org/> .
@prefix atlas: <https://w3id.org/atlas-relationnel/ontology/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""


@pytest.fixture
def small_sources(tmp_path: Path) -> Path:
    """A sources.toml of a map, notes, a share-alike file and a table that is not there."""
    folder = tmp_path / "sources"
    (folder / "map").mkdir(parents=True)
    for name, rows in MAP.items():
        (folder / "map" / f"{name}.json").write_text(json.dumps(rows), encoding="utf-8")
    notes = ':note rdfs:label "Note"@fr ; rdfs:seeAlso :other .'
    (folder / "notes.ttl").write_text(PREFIXES + notes, encoding="utf-8")
    shared = ':club a atlas:CivilSocietyActor ; rdfs:label "Club"@fr .'
    (folder / "shared.ttl").write_text(PREFIXES + shared, encoding="utf-8")
    path = folder / "sources.toml"
    path.write_text(SOURCES, encoding="utf-8")
    return path


@pytest.fixture
def write_turtle(tmp_path: Path) -> Callable[[str, str], Path]:
    """A Turtle file beside the small sources, the usual prefixes in it."""

    def write(name: str, text: str) -> Path:
        path = tmp_path / "sources" / name
        path.write_text(PREFIXES + text, encoding="utf-8")
        return path

    return write
