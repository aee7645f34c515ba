"""SPARQL engines of others, each as a server process on loopback over the triples it is given.

An engine that is not installed raises Missing with what would bring it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlencode

from tests.listening import free_port

FOLDER = Path(__file__).parent
LOOPBACK = "127.0.0.1"
PATIENCE = 90
# Small and quick to start: these sites are asked hundreds of small queries, then thrown away.
JAVA = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx384m")


class Missing(Exception):
    """An engine that cannot run here, and what it lacks."""


@dataclass(frozen=True)
class Command:
    """How to start a server: its command, the address of its endpoint, what follows its start."""

    arguments: list[str]
    endpoint: str
    afterwards: Callable[[], None] = lambda: None


# From a folder with data.nt in it, the command that serves it.
Engine = Callable[[Path], Command]


@contextmanager
def running(engine: Engine, folder: Path) -> Iterator[str]:
    """The address of the endpoint, until the block ends. Raises Missing."""
    command = engine(folder)
    log = folder / "server.log"
    with log.open("wb") as stream:
        process = subprocess.Popen(
            command.arguments,
            cwd=folder,
            env=os.environ | {"FUSEKI_BASE": str(folder)},
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
        )
    try:
        _wait(process, command, log)
        command.afterwards()
        yield command.endpoint
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def oxigraph(folder: Path) -> Command:
    """The server of Oxigraph, from the package index."""
    found = Path(sys.executable).with_name("oxigraph")
    program = str(found) if found.exists() else _program("oxigraph", "pip install oxigraph")
    _run([program, "load", "--location", "data", "--file", "data.nt"], folder)
    address = f"{LOOPBACK}:{free_port()}"
    serve = [program, "serve-read-only", "--location", "data", "--bind", address]
    return Command(serve, f"http://{address}/query")


VIRTUOSO = """\
[Database]
DatabaseFile = virtuoso.db
ErrorLogFile = virtuoso.log
LockFile = virtuoso.lck
TransactionFile = virtuoso.trx
xa_persistent_file = virtuoso.pxa
[TempDatabase]
DatabaseFile = virtuoso-temp.db
TransactionFile = virtuoso-temp.trx
[Parameters]
ServerPort = 127.0.0.1:{sql}
DirsAllowed = .
NumberOfBuffers = 20000
MaxDirtyBuffers = 15000
ThreadsPerQuery = 1
[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerThreads = 10
[SPARQL]
ResultSetMaxRows = 1000000
"""
# By default it answers from all graphs, those of its own included; a host can have another default.
VIRTUOSO_LOAD = """\
DB.DBA.TTLP(file_to_string_output('data.nt'), '', 'urn:x-site:data', 0);
INSERT INTO DB.DBA.SYS_SPARQL_HOST (SH_HOST, SH_GRAPH_URI) VALUES ('%', 'urn:x-site:data');
checkpoint;
"""


def virtuoso(folder: Path) -> Command:
    """Virtuoso 7 with its own configuration and files in the folder, and no system service."""
    brings = "Debian: virtuoso-opensource-7-bin"
    program = _program("virtuoso-t", brings)
    client = shutil.which("isql-vt") or _program("isql-v", brings)
    sql, http = free_port(), free_port()
    (folder / "virtuoso.ini").write_text(VIRTUOSO.format(sql=sql, http=http), "ascii")

    def load() -> None:
        _run([client, str(sql), "dba", "dba", f"EXEC={VIRTUOSO_LOAD}"], folder)

    return Command(
        [program, "+foreground", "+configfile", "virtuoso.ini"],
        f"http://{LOOPBACK}:{http}/sparql",
        load,
    )


def fuseki(folder: Path) -> Command:
    """Fuseki, from Maven Central, with the data in memory."""
    port = free_port()
    main = "org.apache.jena.fuseki.main.cmds.FusekiMainCmd"
    options = ["--localhost", f"--port={port}", "--file=data.nt", "/site"]
    return Command(
        [*java(FOLDER / "fuseki"), main, *options], f"http://{LOOPBACK}:{port}/site/sparql"
    )


def rdf4j(folder: Path) -> Command:
    """RDF4J's store and engine, from Maven Central, behind a small server of the tests' own."""
    _program("javac", "Debian: default-jdk-headless")
    port = free_port()
    command = [*java(FOLDER / "rdf4j"), str(FOLDER / "rdf4j" / "Server.java")]
    return Command([*command, str(port), "data.nt"], f"http://{LOOPBACK}:{port}/sparql")


@lru_cache
def java(project: Path) -> list[str]:
    """``java`` with the class path that Maven resolves into its own cache. Raises Missing."""
    program = _program("java", "Debian: default-jdk-headless")
    maven = _program("mvn", "Debian: maven")
    with tempfile.NamedTemporaryFile("r", encoding="utf-8") as resolved:
        wanted = ["dependency:build-classpath", f"-Dmdep.outputFile={resolved.name}"]
        done = subprocess.run(
            [maven, "-B", "-q", "-f", str(project / "pom.xml"), *wanted],
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        if done.returncode:
            raise Missing(f"Maven cannot bring {project.name}: {done.stdout[-300:]}")
        return [program, *JAVA, "-cp", Path(resolved.name).read_text("utf-8")]


def _wait(process: subprocess.Popen[bytes], command: Command, log: Path) -> None:
    """Until the server answers. Fails with the end of its log where it does not."""
    ends = time.monotonic() + PATIENCE
    asked = f"{command.endpoint}?{urlencode({'query': 'ASK {}'})}"
    while time.monotonic() < ends and process.poll() is None:
        try:
            with urllib.request.urlopen(asked, timeout=PATIENCE):
                return
        except urllib.error.HTTPError as error:
            error.close()
        except OSError:
            pass
        time.sleep(0.1)
    said = log.read_text("utf-8", errors="replace")[-1000:]
    raise AssertionError(f"{command.arguments[0]} did not start: {said}")


def _program(name: str, brings: str) -> str:
    path = shutil.which(name)
    if path is None:
        raise Missing(f"{name} is not installed ({brings}).")
    return path


def _run(arguments: list[str], folder: Path) -> None:
    done = subprocess.run(
        arguments, cwd=folder, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert done.returncode == 0, f"{arguments}: {done.stdout[-500:]} {done.stderr[-500:]}"
