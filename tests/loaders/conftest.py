"""What the tests of the loaders share: sources written by hand, and the map that npm installed."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from loaders.kinds import loader
from loaders.rows import Problems
from loaders.sources import Source

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
def triples() -> Callable[[Source], set[str]]:
    """What a source gives, as N-Triples lines with the instances' base cut to ``:``."""

    def read(source: Source) -> set[str]:
        module = loader(source.kind)
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
