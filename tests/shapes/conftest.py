"""What the tests of shapes share."""

from __future__ import annotations

import pytest
import rdflib

import ontology


@pytest.fixture(scope="session")
def schema() -> rdflib.Graph:
    return ontology.load()


@pytest.fixture(params=["few", "many"])
def focus_nodes(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways of the sieve: from the focus nodes on, and from the properties on."""
    if request.param == "many":
        monkeypatch.setattr("shapes.sieve.FEW", 0)
    return str(request.param)
