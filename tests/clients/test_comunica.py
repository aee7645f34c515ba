"""Comunica 4 against the served atlas: as a source that it recognises, and across two atlases.

https://comunica.dev/docs/query/
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.clients.tools import TOKEN, missing, tool
from tests.endpoint.serving import Served, serving
from tests.endpoint.test_sparql import CONSTRUCT, LABELS, SELECT
from tests.endpoint.world import ATLAS, NANCY, publish_world

FOLDER = Path(__file__).with_name("comunica")
Ask = Callable[..., Any]


@pytest.fixture(scope="session")
def comunica() -> Ask:
    """Asks one question; npm brings the Comunica that the lock file pins, once."""
    node, npm = tool("node", "nodejs"), tool("npm", "npm")
    installed = FOLDER / "node_modules" / "of-this-lock.json"
    lock = FOLDER / "package-lock.json"
    if not installed.is_file() or installed.read_bytes() != lock.read_bytes():
        done = subprocess.run(
            [npm, "ci", "--ignore-scripts", "--silent"],
            cwd=FOLDER,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        if done.returncode:
            missing(f"npm cannot bring Comunica: {done.stderr[-500:]}")
        shutil.copy(lock, installed)

    def ask(*sources: Any, **request: str) -> Any:
        done = subprocess.run(
            [node, "ask.mjs", json.dumps({"sources": sources, **request})],
            cwd=FOLDER,
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            check=True,
        )
        return json.loads(done.stdout)

    return ask


def endpoint(served: Served) -> dict[str, str]:
    """The source, said to be a SPARQL endpoint."""
    return {"type": "sparql", "value": f"{served.address}/sparql"}


@pytest.fixture(scope="session")
def other(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A second atlas, with a population that the first does not have."""
    folder = tmp_path_factory.mktemp("other")
    population = f'<{NANCY}> <{ATLAS}population> "104260" .\n'
    publish_world(folder, extra=population)
    with serving(folder, ATLAS_WORKERS="2") as server:
        yield server


@pytest.mark.parametrize("said", [True, False], ids=["said", "recognised"])
def test_it_reads_solutions_of_an_endpoint_that_it_is_told_of_or_recognises(
    served: Served, comunica: Ask, said: bool
) -> None:
    source = endpoint(served) if said else f"{served.address}/sparql"
    items = comunica(source, query=SELECT)["items"]
    assert {(row["s"], row["label"]) for row in items} == {(str(s), str(o)) for s, o in LABELS}


def test_it_reads_a_graph_and_truth(served: Served, comunica: Ask) -> None:
    source = endpoint(served)
    triples = comunica(source, query=CONSTRUCT)["items"]
    assert {(s, o) for s, _, o in triples} == {(str(s), str(o)) for s, o in LABELS}
    assert comunica(source, query="ASK { ?s ?s ?s }") == {"boolean": False}


def test_it_joins_over_two_atlases(served: Served, other: Served, comunica: Ask) -> None:
    label = "<http://www.w3.org/2000/01/rdf-schema#label>"
    query = (
        f"SELECT DISTINCT ?label ?people {{ ?place a <{ATLAS}Commune> ; {label} ?label . "
        f"?place <{ATLAS}population> ?people }}"
    )
    items = comunica(endpoint(served), endpoint(other), query=query)["items"]
    assert items == [{"label": "Nancy", "people": "104260"}]


def test_it_fails_on_a_refusal(served: Served, comunica: Ask) -> None:
    query = "SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }"
    assert "failed" in comunica(endpoint(served), query=query)


def test_it_updates_with_its_token(writable: Served, comunica: Ask) -> None:
    change = "INSERT DATA { GRAPH <urn:x-comunica:g> { <urn:x-comunica:s> <urn:x-comunica:p> 1 } }"
    assert comunica(endpoint(writable), update=change, token=TOKEN) == {}
    rows = writable.rows("SELECT ?s ?o { GRAPH <urn:x-comunica:g> { ?s ?p ?o } }")
    assert rows == {("urn:x-comunica:s", "1")}
