"""Which names graphs that are written to get: their files are called so, and what they imply."""

from __future__ import annotations

import time
import timeit

import pytest

from store.writing.entries import Entry, name_of, replaced, titles
from store.writing.inferred import file_of

BASE = "https://example.org/atlas"
AT = f"{BASE}/graph/"


def test_a_graph_under_the_base_has_the_last_part_of_its_iri_for_a_name() -> None:
    assert name_of(f"{AT}partner-2", BASE) == "partner-2"


@pytest.mark.parametrize("graph", ["https://partner.example/data/one", "urn:x:foo", "urn:é"])
def test_nobody_takes_the_name_of_a_graph_that_is_elsewhere(graph: str) -> None:
    name = name_of(graph, BASE)
    assert name_of(f"{AT}{name}", BASE) != name


def test_nobody_takes_the_file_of_what_is_inferred_from_another_graph() -> None:
    assert f"{name_of(f'{AT}inferred-partner', BASE)}.nt" != file_of("partner")


@pytest.mark.parametrize("last", ["a" * 300, "ontology", "inferred", "void", "../x", "A", "x/y"])
def test_what_is_no_name_of_a_file_becomes_one(last: str) -> None:
    name = name_of(f"{AT}{last}", BASE)
    assert name != last
    assert len(name) < 100
    assert name.replace("-", "").isalnum()


def test_many_graphs_take_their_places_before_what_is_inferred() -> None:
    def added() -> list[Entry]:
        entries: list[Entry] = [{"graph": "inferred", "inferred_from": []}]
        for number in range(1_000):
            entries = replaced(entries, f"g{number}", {"graph": f"g{number}"})
        return entries

    assert [entry["graph"] for entry in added()][-2:] == ["g999", "inferred"]
    assert timeit.timeit(added, timer=time.thread_time, number=1) < 5


def test_a_graph_without_a_title_is_called_by_its_name_or_by_its_iri() -> None:
    for graph, title in ((f"{AT}partner", "partner"), ("https://partner.example/data/1", None)):
        found = titles(graph, name_of(graph, BASE), frozenset())
        assert set(found.values()) == {title or graph}
