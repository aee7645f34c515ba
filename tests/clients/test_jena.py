"""Apache Jena against the served atlas: its command-line programs and its API.

https://jena.apache.org/documentation/query/
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.clients.tools import TOKEN, missing, tool
from tests.endpoint.serving import Served
from tests.endpoint.test_sparql import CONSTRUCT, LABELS, RUNAWAY, SELECT
from tests.endpoint.world import BASE, NANCY

pytestmark = pytest.mark.java
FOLDER = Path(__file__).with_name("jena")
EXPECTED = {(str(s), str(label)) for s, label in LABELS}


@pytest.fixture(scope="session")
def jena(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """``java`` with Jena's class path, which Maven resolves from Maven Central."""
    java, maven = tool("java", "default-jdk"), tool("mvn", "maven")
    resolved = tmp_path_factory.mktemp("jena") / "classpath"
    wanted = ("dependency:build-classpath", f"-Dmdep.outputFile={resolved}")
    done = subprocess.run(
        [maven, "-B", "-q", "-f", str(FOLDER / "pom.xml"), *wanted],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    if done.returncode:
        missing(f"Maven cannot bring Jena: {done.stdout[-500:]}")
    return [java, "-Xmx256m", "-cp", resolved.read_text("utf-8")]


class Shell(subprocess.Popen[str]):
    """Jena's API in one Java process, that every test here asks."""

    def ask(self, action: str, **fields: str) -> Any:
        assert self.stdin
        assert self.stdout
        self.stdin.write(json.dumps({"action": action, **fields}) + "\n")
        self.stdin.flush()
        answer = self.stdout.readline()
        assert answer, "Jena's process ended."
        return json.loads(answer)


@pytest.fixture(scope="session")
def shell(jena: list[str]) -> Iterator[Shell]:
    tool("javac", "default-jdk")
    process = Shell(
        [*jena, str(FOLDER / "Client.java")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
    )
    with process:
        yield process
        assert process.stdin
        process.stdin.close()
        assert process.wait(20) == 0


def rows(answer: Any) -> set[tuple[str, ...]]:
    found = json.loads(answer["rows"])
    names = found["head"]["vars"]
    return {tuple(row[name]["value"] for name in names) for row in found["results"]["bindings"]}


def rsparql(jena: list[str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*jena, "arq.rsparql", *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("method", [(), ("--post",)])
def test_its_command_line_client_reads_solutions(
    served: Served, jena: list[str], method: tuple[str, ...]
) -> None:
    address = f"{served.address}/sparql"
    done = rsparql(jena, "--service", address, *method, "--results=CSV", SELECT)
    assert done.returncode == 0, done.stderr
    assert {tuple(line.split(",")) for line in done.stdout.splitlines()[1:]} == EXPECTED


def test_its_command_line_client_fails_on_a_refusal(served: Served, jena: list[str]) -> None:
    address = f"{served.address}/sparql"
    done = rsparql(jena, "--service", address, "SELECT * { SERVICE <http://127.0.0.1:9/> { } }")
    assert done.returncode == 1
    assert "403" in done.stderr


@pytest.mark.parametrize(
    "accept",
    [
        "",
        "application/sparql-results+json",
        "application/sparql-results+xml",
        "text/tab-separated-values",
    ],
)
def test_its_api_reads_solutions_in_its_formats(served: Served, shell: Shell, accept: str) -> None:
    address = f"{served.address}/sparql"
    answer = shell.ask("select", address=address, text=SELECT, accept=accept)
    assert rows(answer) == EXPECTED


@pytest.mark.parametrize(
    "accept",
    ["", "text/turtle", "application/n-triples", "application/rdf+xml", "application/ld+json"],
)
def test_its_api_reads_graphs_in_its_formats(served: Served, shell: Shell, accept: str) -> None:
    address = f"{served.address}/sparql"
    answer = shell.ask("construct", address=address, text=CONSTRUCT, accept=accept)
    assert {line.split()[0] for line in answer["triples"].splitlines()} == {
        f"<{s}>" for s, _ in LABELS
    }


def test_its_api_reads_truth(served: Served, shell: Shell) -> None:
    address = f"{served.address}/sparql"
    assert shell.ask("ask", address=address, text="ASK { ?s ?p ?o }") == {"boolean": True}
    assert shell.ask("ask", address=address, text="ASK { ?s ?s ?s }") == {"boolean": False}


def test_a_question_to_us_from_within_its_own_query_is_answered(
    served: Served, shell: Shell
) -> None:
    query = (
        f"SELECT ?s ?label {{ VALUES ?s {{ <{NANCY}> }} SERVICE <{served.address}/sparql> "
        "{ ?s <http://www.w3.org/2000/01/rdf-schema#label> ?label } }"
    )
    assert rows(shell.ask("service", text=query)) == {(NANCY, "Nancy")}


def test_its_api_is_told_why_a_query_is_refused(served: Served, shell: Shell) -> None:
    answer = shell.ask("select", address=f"{served.address}/sparql?timeout=1", text=RUNAWAY)
    assert answer["status"] == 503
    assert json.loads(answer["body"])["type"].endswith("/problems/query-timeout")


def test_it_reads_a_graph_of_the_graph_store(served: Served, shell: Shell) -> None:
    graph = f"{BASE}/graph/places"
    answer = shell.ask("get", address=f"{served.address}/data", graph=graph)
    assert f"<{NANCY}>" in answer["triples"]


def test_its_api_updates_once_it_is_asked_for_its_token(writable: Served, shell: Shell) -> None:
    address = f"{writable.address}/sparql"
    change = "INSERT DATA { GRAPH <urn:x-jena:update> { <urn:x-jena:s> <urn:x-jena:p> 1 } }"
    assert shell.ask("update", address=address, text=change)["status"] == 401
    shell.ask("token", address=address, text=TOKEN)
    assert shell.ask("update", address=address, text=change) == {}
    rows = writable.rows("SELECT ?s ?o { GRAPH <urn:x-jena:update> { ?s ?p ?o } }")
    assert rows == {("urn:x-jena:s", "1")}


def test_its_api_writes_reads_and_deletes_a_graph(writable: Served, shell: Shell) -> None:
    place = {"address": f"{writable.address}/data", "graph": "urn:x-jena:graph"}
    shell.ask("token", text=TOKEN, **place)
    first, second = (f"<urn:x-jena:s> <urn:x-jena:p> <urn:x-jena:{name}> ." for name in "ab")
    assert shell.ask("put", text=first, **place) == {}
    assert shell.ask("post", text=second, **place) == {}
    assert set(shell.ask("get", **place)["triples"].splitlines()) == {first, second}
    assert shell.ask("put", text=second, **place) == {}
    assert shell.ask("get", **place)["triples"].splitlines() == [second]
    assert shell.ask("delete", **place) == {}
    assert shell.ask("get", **place)["status"] == 404
