"""The project's namespaces, and the one table of prefixes (``prefixes.ttl``)."""

from __future__ import annotations

from pathlib import Path

from rdflib import Namespace

from ontology.reader import prefixes

FOLDER = Path(__file__).parent

ROOT = "https://w3id.org/atlas-relationnel/"
ATLAS = Namespace(f"{ROOT}ontology/")
MODULE = Namespace(f"{ROOT}module/")
VOCABULARY = Namespace(f"{ROOT}vocabulary/")
IGEO = Namespace("http://rdf.insee.fr/def/geo#")

PREFIXES = prefixes(FOLDER / "prefixes.ttl")
