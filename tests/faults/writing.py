"""Writes to a served atlas that may fail halfway, and what its store then holds."""

from __future__ import annotations

import subprocess
from pathlib import Path

from pyoxigraph import QuerySolutions, Store

from store import Generation, Generations, LoadJob
from tests.endpoint.serving import ATLAS, Reply, Served, environment
from tests.endpoint.world import ATLAS as TERMS
from tests.endpoint.world import BASE, PLACES, described

GRAPH = f"{BASE}/graph/written"
FIRST, SECOND = "urn:x-faults:first", "urn:x-faults:second"
WRITTEN = f"SELECT ?s ?p {{ GRAPH <{GRAPH}> {{ ?s ?p ?o }} }}"
MERGED = f"SELECT ?s ?p {{ ?s ?p ?o FILTER (?p IN (<{FIRST}>, <{SECOND}>)) }}"


def publish_valid_world(home: Path) -> None:
    """One generation in which the shapes find nothing to refuse."""
    source = home / "source.nt"
    source.write_text(described(PLACES, "Carte"), "utf-8")
    generations = Generations(home)
    with generations.stage() as staging:
        staging.load([LoadJob(source, PLACES, True)])
        generations.publish(staging, {})


def invalid(number: int) -> str:
    """An update that the shapes refuse: a commune of which nothing is said."""
    return f"INSERT DATA {{ GRAPH <{GRAPH}> {{ <urn:x-faults:{number}> a <{TERMS}Commune> }} }}"


def token(home: Path) -> str:
    """A token that may write every graph that may be written."""
    done = subprocess.run(
        [ATLAS, "token", "create", "--admin"],
        env=environment(home),
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return done.stdout.strip()


def bearer(secret: str, media_type: str = "application/sparql-update") -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}", "Content-Type": media_type}


def pair(number: int) -> str:
    """An update of two triples, which are there both or not at all."""
    subject = f"<urn:x-faults:{number}>"
    return (
        f"INSERT DATA {{ GRAPH <{GRAPH}> {{ {subject} <{FIRST}> {number} }} }} ;\n"
        f"INSERT DATA {{ GRAPH <{GRAPH}> {{ {subject} <{SECOND}> {number} }} }}"
    )


def update(served: Served, secret: str, text: str) -> Reply:
    return served.fetch("/sparql", "POST", body=text, headers=bearer(secret))


def whole(rows: set[tuple[str, ...]]) -> set[int]:
    """The numbers of the pairs; fails where one of a pair is missing."""
    halves = [{s for s, p in rows if p == half} for half in (FIRST, SECOND)]
    assert halves[0] == halves[1]
    return {int(subject.rsplit(":", 1)[1]) for subject in halves[0]}


def pairs_of(generation: Generation) -> set[int]:
    """The pairs that a generation on the disk holds, the same in its graph and in the merge."""
    store = Store.read_only(str(generation.store))
    found = []
    for query in (WRITTEN, MERGED):
        results = store.query(query)
        assert isinstance(results, QuerySolutions)
        found.append({(str(s.value), str(p.value)) for s, p in results})
    assert found[0] == found[1]
    return whole(found[0])


def unfinished(home: Path) -> list[str]:
    """What writers that were stopped left behind."""
    return [entry.name for entry in Generations(home).folder.iterdir() if ".tmp" in entry.name]
