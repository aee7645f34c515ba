"""A small atlas built from sources as a real one is: its record has all that a build says."""

from __future__ import annotations

import subprocess
from pathlib import Path

from loaders.sources import Source
from tests.endpoint.serving import ATLAS, environment

FIXTURES = Path(__file__).parent / "fixtures"
SITE = FIXTURES / "scrutari-by-hand.xml"
BASE = "https://w3id.org/atlas-relationnel"
SOURCE = """
[[source]]
name = "{name}"
kind = "{kind}"
title = {{fr = "{name} (fr)", en = "{name} (en)", es = "{name} (es)"}}
path = "{path}"
version = "1"
address = "https://example.org/{name}"
licence = "https://example.org/licence"
licence_verified = {verified}
attribution = "Example"
themes = ["REGI"]
publish = "{publish}"
on_error = "skip"
"""
OWN = """
@prefix atlas: <https://w3id.org/atlas-relationnel/ontology/> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix document: <https://w3id.org/atlas-relationnel/id/document/> .
document:panorama a atlas:Dossier ;
  dcterms:title "Panorama"@en , "Vue d'ensemble"@fr ; dcterms:language "fr" ;
  dcterms:description "Ce dont il s'agit."@fr ;
  skos:note "lieu: ici" .
<https://w3id.org/atlas-relationnel/id/descriptor/d> a skos:Concept ; skos:prefLabel "lien"@fr ;
  skos:exactMatch <http://eurovoc.europa.eu/1> , <http://eurovoc.europa.eu/2> ;
  owl:sameAs <http://example.org/d> ;
  skos:related <https://w3id.org/atlas-relationnel/id/descriptor/e> .
"""
INVENTED = """
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
<https://w3id.org/atlas-relationnel/id/thing/invented> rdfs:label "inventé"@fr .
"""


def build(home: Path, folder: Path) -> None:
    """One generation: a site that came as ScrutariData, our own notes, some that nobody verified,
    and invented ones."""
    folder.mkdir(parents=True)
    (folder / "own.ttl").write_text(OWN, "utf-8")
    (folder / "invented.ttl").write_text(INVENTED, "utf-8")
    entries = (
        ("rives", "scrutari", SITE, "true", "default"),
        ("own", "rdf_file", "own.ttl", "true", "default"),
        ("unverified", "rdf_file", "invented.ttl", "false", "named"),
        ("invented", "rdf_file", "invented.ttl", "true", "illustrative"),
    )
    sources = "".join(
        SOURCE.format(name=name, kind=kind, path=path, verified=verified, publish=publish)
        for name, kind, path, verified, publish in entries
    )
    (folder / "sources.toml").write_text(sources, "utf-8")
    done = subprocess.run(
        [ATLAS, "build", "--sources", str(folder / "sources.toml")],
        env=environment(home),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (folder / "said.txt").write_text(done.stdout, "utf-8")


def site(path: Path) -> Source:
    """The source of that site, from a file."""
    return Source(
        name="rives",
        kind="scrutari",
        title={},
        paths={"file": path},
        version="1",
        licence="",
        licence_verified=True,
        attribution="",
        base=BASE,
        on_error="skip",
    )
