"""The hand-written queries: with SERVICE, and plain ones over the federation."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).with_name("rq")
PREFIXES = """\
PREFIX at: <http://publications.europa.eu/ontology/authority/>
PREFIX atlas: <https://w3id.org/atlas-relationnel/ontology/>
PREFIX dc: <http://purl.org/dc/elements/1.1/>
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX sdgo: <http://metadata.un.org/sdg/ontology#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
"""
SITE = re.compile(r"<https://(\w+)\.example/sparql>")


@dataclass(frozen=True)
class Query:
    """``sites``: those that the text names; none where it may ask any."""

    name: str
    text: str

    @property
    def sites(self) -> frozenset[str]:
        return frozenset(SITE.findall(self.text))


def written(kind: str) -> list[Query]:
    """The queries of one folder: "service" or "plain"."""
    return [
        Query(path.stem, PREFIXES + path.read_text("utf-8"))
        for path in sorted((FOLDER / kind).glob("*.rq"))
    ]
