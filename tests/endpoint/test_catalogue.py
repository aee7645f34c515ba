"""What the catalogue believes of what graphs say of graphs."""

from __future__ import annotations

from endpoint.catalogue import ATLAS, DCTERMS, Catalogue, read_catalogue
from store import LocalEngine

OURS, PARTNER = "https://example.org/graph/ours", "https://example.org/graph/partner"
SAID = f"""
INSERT DATA {{
  GRAPH <{OURS}> {{ <{OURS}> <{DCTERMS}title> "Ours"@en . <{PARTNER}> <{DCTERMS}rights> "kept" }}
  GRAPH <{PARTNER}> {{
    <{OURS}> <{ATLAS}illustrative> true ; <{DCTERMS}title> "Taken over"@en .
    <{PARTNER}> <{ATLAS}illustrative> true ; <{DCTERMS}title> "A partner"@en
  }}
}}"""


def catalogue(kind: str) -> Catalogue:
    engine = LocalEngine()
    engine.update(SAID)
    return read_catalogue(engine, {"graphs": [{"graph": PARTNER, "kind": kind, "triples": 4}]})


def test_a_written_graph_describes_itself_and_no_other() -> None:
    found = catalogue("written")
    assert found.illustrative == {PARTNER}
    assert found.graphs[OURS].titles == {"en": "Ours"}
    assert found.graphs[PARTNER].titles == {"en": "A partner"}
    assert found.graphs[PARTNER].rights == "kept"


def test_a_source_of_the_build_may_describe_other_graphs() -> None:
    assert catalogue("rdf_file").illustrative == {OURS, PARTNER}
