"""A second atlas, harvested by what it publishes of itself: its catalogue, and its endpoint."""

from __future__ import annotations

from pathlib import Path

import pytest

from atlas.settings import Settings
from federation.partner import Limits, Partner
from loaders import extra
from loaders.build import build
from loaders.harvests.run import Harvested
from loaders.sources import load_sources
from store import LocalEngine
from tests.endpoint.serving import serving
from tests.loaders.harvesting import LOOPBACK, QUIET, harvested, served

MINE = "https://mine.example/atlas"
SUBJECTS = "SELECT ?s ?p ?o WHERE { ?s ?p ?o FILTER(isIRI(?s) && !isBlank(?o)) }"
# What a partner may not say here.
OURS = ("https://w3id.org/atlas-relationnel/ontology/", "https://w3id.org/atlas-relationnel/vocab")


@pytest.mark.slow
def test_an_atlas_is_harvested_by_its_catalogue_and_by_its_endpoint(
    tmp_path: Path, small_sources: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "none.toml").write_text("")
    monkeypatch.setattr(extra, "SOURCES", tmp_path / "none.toml")
    theirs = tmp_path / "theirs"
    settings = Settings.load({}, home=theirs, base="https://theirs.example/atlas")
    build(settings, load_sources(small_sources, settings), display=QUIET)

    def harvest(home: Path, **given: str) -> Harvested:
        settings = Settings.load({}, home=home, base=MINE)
        partner = Partner("theirs", addresses=LOOPBACK, limits=Limits(seconds=60), **given)
        return harvested(settings, partner)

    with serving(theirs, ATLAS_WORKERS="2") as site:
        by_catalogue = harvest(tmp_path / "one", dump=f"{site.address}/catalog")
        assert by_catalogue.kind == "dcat"
        assert harvest(tmp_path / "one", dump=f"{site.address}/catalog").changes is None
        by_endpoint = harvest(tmp_path / "two", endpoint=f"{site.address}/sparql")
        assert by_endpoint.kind == "sparql"
        assert harvest(tmp_path / "two", endpoint=f"{site.address}/sparql").changes is None

    def said(home: Path, *graphs: str) -> set[tuple[str, ...]]:
        rows = LocalEngine(served(home).store).solutions(SUBJECTS, default_graphs=list(graphs))
        found = {tuple(str(row[name]) for name in "spo") for row in rows}
        return {row for row in found if not row[0].startswith(tuple(f"<{iri}" for iri in OURS))}

    graph = f"{MINE}/graph/partner-theirs"
    whole = {
        row
        for row in said(theirs)
        if not row[0].startswith("<https://w3id.org/atlas-relationnel/module/")
    }
    taken = {row for row in said(tmp_path / "two", graph) if not row[0].startswith(f"<{graph}")}
    assert taken == whole
