"""The default graph is the RDF merge of the graphs merged into it."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import BlankNode, DefaultGraph, NamedNode

from atlas.errors import MalformedSource
from store import Generations, LoadJob

SHARED = "<urn:a> <urn:b> <urn:c> .\n"
COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
DISTINCT = """SELECT (COUNT(*) AS ?n) {
  SELECT DISTINCT ?s ?p ?o { VALUES ?g { <urn:g:one> <urn:g:two> } GRAPH ?g { ?s ?p ?o } } }"""


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_a_triple_of_two_graphs_counts_once_and_an_apart_graph_not_at_all(tmp_path: Path) -> None:
    with Generations(tmp_path).stage() as staging:
        staging.load(
            [
                LoadJob(
                    write(tmp_path / "1.nt", SHARED + "<urn:d> <urn:b> 'x' .\n".replace("'", '"')),
                    "urn:g:one",
                ),
                LoadJob(write(tmp_path / "2.nt", SHARED), "urn:g:two"),
                LoadJob(
                    write(tmp_path / "3.nt", "<urn:z> <urn:b> <urn:c> .\n"),
                    "urn:g:apart",
                    merged=False,
                ),
            ]
        )
        (default,) = staging.engine.solutions(COUNT)
        (distinct,) = staging.engine.solutions(DISTINCT)
        assert default == distinct
        assert default["n"].value == "2"
        assert staging.engine.ask("ASK { GRAPH <urn:g:apart> { <urn:z> ?p ?o } }")
        assert not staging.engine.ask("ASK { <urn:z> ?p ?o }")


def test_what_is_loaded_later_merges_with_what_is_there(tmp_path: Path) -> None:
    with Generations(tmp_path).stage() as staging:
        for graph in ("urn:g:one", "urn:g:two"):
            staging.load([LoadJob(write(tmp_path / "1.nt", SHARED), graph)])
        (default,) = staging.engine.solutions(COUNT)
        assert default["n"].value == "1"


def test_a_view_unites_graphs_with_the_default_graph(tmp_path: Path) -> None:
    with Generations(tmp_path).stage() as staging:
        staging.load(
            [
                LoadJob(write(tmp_path / "1.nt", SHARED), "urn:g:one"),
                LoadJob(
                    write(tmp_path / "2.nt", SHARED + "<urn:z> <urn:b> <urn:c> .\n"),
                    "urn:g:apart",
                    merged=False,
                ),
            ]
        )
        view = staging.engine.view(("", "urn:g:apart"))
        assert view.ask("ASK { <urn:z> ?p ?o . <urn:a> ?p ?o }")
        assert len(list(view.match(None, None, None))) == 2


def test_a_file_that_is_not_n_triples_is_named(tmp_path: Path) -> None:
    with (
        Generations(tmp_path / "home").stage() as staging,
        pytest.raises(MalformedSource, match=r"bad\.nt"),
    ):
        staging.load([LoadJob(write(tmp_path / "bad.nt", "<urn:a> <urn:b> .\n"), "urn:g")])


def test_a_blank_node_has_one_label_in_its_file_its_graph_and_the_default_graph(
    tmp_path: Path,
) -> None:
    path = tmp_path / "nodes.nt"
    path.write_text("_:here <urn:p> _:there .\n<urn:s> <urn:p> _:here .\n", "utf-8")
    with Generations(tmp_path / "home").stage() as staging:
        staging.load([LoadJob(path, "urn:g", merged=True)])
        store = staging.store
        for graph in (DefaultGraph(), NamedNode("urn:g")):
            (quad,) = store.quads_for_pattern(NamedNode("urn:s"), None, None, graph)
            assert quad.object == BlankNode("here")
