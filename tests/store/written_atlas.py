"""A small atlas that can be written to, and the words for its writes.

The real ontology, shapes and rules; a map of one region, one department and two communes; and an
illustrative source that speaks of them.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from pyoxigraph import NamedNode, RdfFormat
from rich.console import Console

from atlas.settings import Settings
from loaders.build import Built, build
from loaders.progress import Display
from loaders.sources import load_sources
from store import Generation, Generations, GraphStep, LocalEngine, UpdateStep, Write

BASE = "https://example.org/atlas"
GRAPH = f"{BASE}/graph/"
PARTNER = f"{GRAPH}partner"
INFERRED = f"{GRAPH}inferred"
ATLAS = "https://w3id.org/atlas-relationnel/ontology/"
LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
PREFIXES = f"""
PREFIX atlas: <{ATLAS}>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
PREFIX id: <{BASE}/id/>
PREFIX : <https://example.org/>
"""
SOURCES = """
[[source]]
name = "map"
kind = "rdf_file"
title = {fr = "Carte", en = "Map", es = "Mapa"}
path = "map.ttl"
version = "1"
licence = "https://example.org/licence"
licence_verified = true
attribution = "Example"

[[source]]
name = "example"
kind = "rdf_file"
title = {fr = "Exemple", en = "Example", es = "Ejemplo"}
path = "example.ttl"
version = "1"
licence = "https://example.org/licence"
licence_verified = true
attribution = "Example"
publish = "illustrative"
"""
MAP = """
PREFIX igeo: <http://rdf.insee.fr/def/geo#>
:france a atlas:Country ; rdfs:label "France"@fr ; atlas:countryCode "FR" .
:region a atlas:Region ; rdfs:label "Région"@fr ; igeo:codeINSEE "84" ;
    atlas:directlyPartOf :france ; atlas:recordedIn "2026"^^xsd:gYear .
:ain a atlas:Department ; rdfs:label "Ain"@fr ; igeo:codeINSEE "01" ;
    atlas:directlyPartOf :region ; atlas:recordedIn "2026"^^xsd:gYear .
:val a atlas:Commune ; rdfs:label "Val"@fr ; igeo:codeINSEE "01001" ;
    atlas:directlyPartOf :ain ; atlas:recordedIn "2026"^^xsd:gYear .
:mont a atlas:Commune ; rdfs:label "Mont"@fr ; igeo:codeINSEE "01002" ;
    atlas:directlyPartOf :ain ; atlas:recordedIn "2026"^^xsd:gYear .
"""
EXAMPLE = """
:imagined a atlas:Scheme ; rdfs:label "dispositif inventé"@fr ; atlas:appliesIn :val .
"""


def write_sources(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in (("map", MAP), ("example", EXAMPLE)):
        (folder / f"{name}.ttl").write_text(PREFIXES + text, encoding="utf-8")
    path = folder / "sources.toml"
    path.write_text(SOURCES, encoding="utf-8")
    return path


def settings(home: Path) -> Settings:
    return Settings.load({}, home=home, base=BASE)


def build_atlas(home: Path, *, force: bool = False) -> Built:
    """Build from the sources beside the home, as they are now."""
    sources = load_sources(home.parent / "sources" / "sources.toml", settings(home))
    return build(settings(home), sources, force=force, display=Display(Console(file=io.StringIO())))


def insert(triples: str, graph: str = PARTNER) -> UpdateStep:
    return UpdateStep(f"{PREFIXES} INSERT DATA {{ GRAPH <{graph}> {{ {triples} }} }}", (graph,))


def delete(triples: str, graph: str = PARTNER) -> UpdateStep:
    return UpdateStep(f"{PREFIXES} DELETE DATA {{ GRAPH <{graph}> {{ {triples} }} }}", (graph,))


def update(text: str, *graphs: str, **more: Any) -> UpdateStep:
    return UpdateStep(PREFIXES + text, graphs, **more)


def body(
    folder: Path, text: str, *, kind: str = "replace", graph: str | None = PARTNER, media: str = ""
) -> GraphStep:
    path = folder / "body"
    path.write_text(text if media else PREFIXES + text, encoding="utf-8")
    return GraphStep(graph, kind, path, media or "text/turtle", base="https://example.org/")


def asked(*steps: UpdateStep | GraphStep, **more: Any) -> Write:
    return Write(steps, **{"by": "partner", "graphs": None} | more)


def served(home: Path) -> Generation:
    generation = Generations(home).current()
    assert generation
    return generation


def holds(home: Path, pattern: str, graph: str | None = None) -> bool:
    """Whether the served default graph, or one of its named graphs, holds a pattern."""
    engine = LocalEngine(served(home).store)
    inside = f"GRAPH <{graph}> {{ {pattern} }}" if graph is not None else pattern
    return engine.ask(f"{PREFIXES} ASK {{ {inside} }}")


def entry(home: Path, graph: str = PARTNER) -> dict[str, Any]:
    found = [e for e in served(home).record["graphs"] if e["graph"] == graph]
    assert len(found) == 1
    return dict(found[0])


def lines(generation: Generation, graph: str | None = None) -> set[bytes]:
    """What the store holds of a graph, as N-Triples."""
    name = {"from_graph": NamedNode(graph)} if graph else {}
    store = LocalEngine(generation.store).store
    if not graph:
        triples = store.query("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }")
        return set(triples.serialize(format=RdfFormat.N_TRIPLES).splitlines())
    return set(store.dump(format=RdfFormat.N_TRIPLES, **name).splitlines())
