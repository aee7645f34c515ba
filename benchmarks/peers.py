"""SPARQL servers that can be measured in turn on the same data: this one and its peers.

A peer that is not on the machine is said to be missing, with what would bring it; the Python ones
are installed from the package index into an environment of their own, Fuseki from Maven Central.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from store import Generations, LoadJob

# The longest query of the mixed load; every server that has such a setting is given it.
TIMEOUT = 5
FUSEKI = "org.apache.jena:jena-fuseki-server:5.6.0"
START_SECONDS = 120
GRAPH = "https://example.org/graph/benchmark"
PYTHON_PEERS = ("oxigraph", "rdflib-endpoint", "uvicorn")


class Missing(Exception):
    """A peer that cannot run here, and what it lacks."""


@dataclass(frozen=True)
class Data:
    """One data set: its name, its triples as an N-Triples file, how many they are."""

    name: str
    path: Path
    triples: int


@dataclass(frozen=True)
class Command:
    """How to start a server: its command, where it answers, what it needs around it."""

    arguments: list[str]
    query: str
    environment: Mapping[str, str] = field(default_factory=dict)
    folder: Path | None = None


@dataclass(frozen=True)
class Peer:
    """One server. ``prepare`` loads the data into ``folder`` once; ``command`` starts it there.

    ``most``: triples above which it is not tried, 0 for no bound.
    """

    name: str
    prepare: Callable[[Data, Path], None]
    command: Callable[[Path, int], Command]
    most: int = 0


@contextmanager
def running(peer: Peer, data: Data, folder: Path) -> Iterator[str]:
    """The address of the server's SPARQL endpoint, until the block ends. Raises Missing."""
    if peer.most and data.triples > peer.most:
        raise Missing(f"not tried above {peer.most:,} triples")
    place = folder / data.name / peer.name.replace(" ", "-")
    ready = place / "ready"
    if not ready.exists():
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        peer.prepare(data, place)
        ready.touch()
    command = peer.command(place, free_port())
    with started(command, place):
        yield command.query


@contextmanager
def started(command: Command, place: Path) -> Iterator[None]:
    """A server that answers, until the block ends; its log is in ``place``. Raises Missing."""
    log = place / "server.log"
    with log.open("wb") as stream:
        process = subprocess.Popen(
            command.arguments,
            cwd=command.folder or place,
            env=os.environ | dict(command.environment),
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
            start_new_session=True,
        )
    try:
        wait(process, command.query, log)
        yield
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait(process: subprocess.Popen[bytes], address: str, log: Path) -> None:
    """Until the server answers. Raises Missing with the end of its log where it does not."""
    ends = time.monotonic() + START_SECONDS
    asked = f"{address}?{urlencode({'query': 'ASK {}'})}"
    while time.monotonic() < ends and process.poll() is None:
        try:
            with urllib.request.urlopen(asked, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    last = log.read_text("utf-8", errors="replace").strip().splitlines()[-1:]
    raise Missing(f"it did not start: {' '.join(last) or 'it says nothing'}")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def run(arguments: list[str | Path], folder: Path) -> None:
    """Run a preparation to its end. Raises Missing where it fails."""
    try:
        subprocess.run(arguments, cwd=folder, check=True, capture_output=True)
    except FileNotFoundError as error:
        raise Missing(f"{arguments[0]} is not installed") from error
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode("utf-8", errors="replace").strip().splitlines()[-1:]
        raise Missing(f"{Path(arguments[0]).name} failed: {' '.join(said)}") from error


def python_peers(folder: Path) -> Path:
    """The environment of the Python peers, made when first asked for."""
    environment = folder.parent.parent / "python"
    if not (environment / "ready").exists():
        run([sys.executable, "-m", "venv", environment], folder)
        run([environment / "bin" / "pip", "install", "--quiet", *PYTHON_PEERS], folder)
        (environment / "ready").touch()
    return environment / "bin"


def prepare_atlas(data: Data, folder: Path) -> None:
    generations = Generations(folder)
    with generations.stage() as staging:
        staging.load([LoadJob(data.path, GRAPH)])
        generations.publish(staging, {})


def atlas(folder: Path, port: int) -> Command:
    return Command(
        [
            str(Path(sys.executable).with_name("atlas")),
            "serve",
            "--port",
            str(port),
            "--processes",
            str(os.cpu_count() or 1),
        ],
        f"http://127.0.0.1:{port}/sparql",
        {
            "ATLAS_HOME": str(folder),
            "ATLAS_QUERY_TIMEOUT": str(TIMEOUT),
            "ATLAS_CLIENT_REQUESTS": "0",
        },
    )


def prepare_oxigraph(data: Data, folder: Path) -> None:
    program = python_peers(folder) / "oxigraph"
    run([program, "load", "--location", folder / "data", "--file", data.path], folder)


def oxigraph(folder: Path, port: int) -> Command:
    return Command(
        [
            str(python_peers(folder) / "oxigraph"),
            "serve-read-only",
            "--location",
            str(folder / "data"),
            "--bind",
            f"127.0.0.1:{port}",
        ],
        f"http://127.0.0.1:{port}/query",
    )


def oxigraph_with_timeout(folder: Path, port: int) -> Command:
    plain = oxigraph(folder, port)
    return Command([*plain.arguments, "--timeout-s", str(TIMEOUT)], plain.query)


def prepare_rdflib_endpoint(data: Data, folder: Path) -> None:
    python_peers(folder)
    shutil.copyfile(data.path, folder / "data.nt")


def rdflib_endpoint(folder: Path, port: int) -> Command:
    return Command(
        [
            str(python_peers(folder) / "rdflib-endpoint"),
            "serve",
            "--host",
            "127.0.0.1",
            "--port",
            str(port),
            "data.nt",
        ],
        f"http://127.0.0.1:{port}/",
    )


def prepare_fuseki(data: Data, folder: Path) -> None:
    library = folder.parent.parent / "fuseki"
    if not list(library.glob("*.jar")):
        run(
            [
                "mvn",
                "--quiet",
                "dependency:copy",
                f"-Dartifact={FUSEKI}",
                f"-DoutputDirectory={library}",
            ],
            folder,
        )
    (jar,) = library.glob("*.jar")
    run(["java", "-cp", jar, "tdb2.tdbloader", "--loc", folder / "data", data.path], folder)
    (folder / "fuseki.jar").symlink_to(jar)


def fuseki(folder: Path, port: int) -> Command:
    return Command(
        [
            "java",
            "-Xmx2G",
            "-jar",
            str(folder / "fuseki.jar"),
            "--localhost",
            f"--port={port}",
            f"--timeout={TIMEOUT * 1000}",
            "--tdb2",
            f"--loc={folder / 'data'}",
            "/atlas",
        ],
        f"http://127.0.0.1:{port}/atlas/sparql",
        {"FUSEKI_BASE": str(folder)},
    )


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
NumberOfBuffers = 100000
MaxDirtyBuffers = 75000
ThreadsPerQuery = 2
[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerThreads = 20
[SPARQL]
MaxQueryExecutionTime = {timeout}
ResultSetMaxRows = 10000000
DefaultGraph = {graph}
"""
VIRTUOSO_LOAD = """\
DB.DBA.TTLP_MT(file_to_string_output('data.nt'), '', '{graph}', 0);
checkpoint;
shutdown;
"""


def configure_virtuoso(folder: Path, port: int) -> list[str]:
    """The command over a configuration for this port."""
    text = VIRTUOSO.format(sql=free_port(), http=port, timeout=TIMEOUT, graph=GRAPH)
    (folder / "virtuoso.ini").write_text(text, "ascii")
    program = shutil.which("virtuoso-t")
    if program is None:
        raise Missing("virtuoso-t is not installed (Debian: virtuoso-opensource-7)")
    return [program, "+foreground", "+configfile", "virtuoso.ini"]


def prepare_virtuoso(data: Data, folder: Path) -> None:
    (folder / "data.nt").symlink_to(data.path.resolve())
    arguments = configure_virtuoso(folder, free_port())
    text = (folder / "virtuoso.ini").read_text("ascii")
    sql = next(line.rpartition(":")[2] for line in text.splitlines() if "ServerPort" in line)
    server = subprocess.Popen(
        arguments, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        ends = time.monotonic() + START_SECONDS
        while time.monotonic() < ends:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", int(sql))) == 0:
                    break
            time.sleep(0.5)
        program = shutil.which("isql-vt") or shutil.which("isql-v") or "isql-vt"
        run([program, sql, "dba", "dba", f"EXEC={VIRTUOSO_LOAD.format(graph=GRAPH)}"], folder)
        server.wait(START_SECONDS)
    finally:
        if server.poll() is None:
            server.kill()
            server.wait()


def virtuoso(folder: Path, port: int) -> Command:
    return Command(configure_virtuoso(folder, port), f"http://127.0.0.1:{port}/sparql")


ATLAS = Peer("this server", prepare_atlas, atlas)
PEERS = (
    ATLAS,
    Peer("oxigraph serve", prepare_oxigraph, oxigraph),
    Peer("oxigraph --timeout-s", prepare_oxigraph, oxigraph_with_timeout),
    Peer("Virtuoso 7", prepare_virtuoso, virtuoso),
    Peer("Fuseki 5.6", prepare_fuseki, fuseki),
    # It holds its data in memory as Python objects: 2 million triples take minutes to read.
    Peer("rdflib-endpoint", prepare_rdflib_endpoint, rdflib_endpoint, most=500_000),
)
