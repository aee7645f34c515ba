"""The ontology as the other packages get it."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

import ontology
from ontology.modules import Files, merge
from ontology.namespaces import ATLAS, PREFIXES

SMALL = Path(__file__).parent / "small" / "ontology"


def test_files_are_sorted_by_what_they_are_for() -> None:
    names = [path.relative_to(SMALL).as_posix() for path in Files(SMALL).all()]
    assert names == ["core.ttl", "places.ttl", "vocabularies/scales.ttl", "imports/external.ttl"]


def test_loading_reads_once_and_reaches_for_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_network(*arguments: object) -> None:
        raise AssertionError("the ontology reached for the network")

    monkeypatch.setattr(socket.socket, "connect", no_network)
    first = ontology.load()
    assert ontology.load() is first
    assert ontology.alignments() is ontology.alignments()


def test_merging_keeps_the_triples_of_all_files() -> None:
    paths = Files(SMALL).modules
    assert len(merge(paths)) == sum(len(merge([path])) for path in paths)


def test_the_prefix_of_the_ontology_is_in_the_table() -> None:
    assert PREFIXES["atlas"] == str(ATLAS)
