"""The ontology, its vocabularies and its alignments as sources like any other."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import atlas
import shapes
import store
from loaders.readings import Planned
from loaders.sources import Source
from ontology.modules import Files

CC_BY = "https://creativecommons.org/licenses/by/4.0/"
TITLES = {
    "ontology": {
        "fr": "Ontologie et vocabulaires de l’atlas relationnel",
        "en": "Ontology and vocabularies of the relational atlas",
        "es": "Ontología y vocabularios del atlas relacional",
    },
    "alignments": {
        "fr": "Alignements de l’ontologie de l’atlas relationnel",
        "en": "Alignments of the ontology of the relational atlas",
        "es": "Alineamientos de la ontología del atlas relacional",
    },
}


def schema_sources(base: str) -> list[Source]:
    """Two sources: the modules with the vocabularies, and the alignments."""
    files = Files()
    inputs = {"ontology": [*files.modules, *files.vocabularies], "alignments": files.alignments}
    return [
        Source(
            name=name,
            kind="ontology",
            title=TITLES[name],
            paths={file.name: file for file in paths},
            version=atlas.__version__,
            licence=CC_BY,
            licence_verified=True,
            attribution="Atlas relationnel",
            base=base,
        )
        for name, paths in inputs.items()
    ]


def merged(plans: Sequence[Planned], path: Path) -> Path:
    """One N-Triples file of the triples of several sources."""
    with path.open("wb") as stream:
        for plan in plans:
            stream.write(plan.triples.read_bytes())
    return path


def rules_digest() -> str:
    """Changes with any shape or rule: what is published depends on them too."""
    digest = hashlib.sha256()
    for package, pattern in ((shapes, "*.ttl"), (store, "rules/*.rls"), (store, "rules/*.py")):
        for file in sorted(Path(str(package.__file__)).parent.glob(pattern)):
            digest.update(file.read_bytes())
    return digest.hexdigest()
