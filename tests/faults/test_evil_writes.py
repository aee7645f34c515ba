"""Documents and updates made to break servers, sent by somebody who may write.

Each is written or refused: never a 500, never a hang, never more memory than the limits allow, no
file of the server read, no other address asked, and the next request is answered.
"""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from pyoxigraph import RdfFormat, parse

from tests.endpoint.serving import Reply, Served, serving
from tests.endpoint.world import ATLAS, publish_world
from tests.faults.conftest import content
from tests.faults.watching import MIB, Watch, is_clean, still_answers
from tests.faults.writing import GRAPH, bearer, token, update
from tests.waiting import LONG

WRITER_MEMORY = 512 * MIB
MEDIA_TYPES = {
    ".ttl": "text/turtle",
    ".nt": "application/n-triples",
    ".rdf": "application/rdf+xml",
    ".jsonld": "application/ld+json",
}
FOLDERS = ("turtle", "rdfxml", "jsonld", "real-malformed")
# What must not get in: it is not RDF, or it reaches for what is not in the document.
REFUSED = (
    "billion-laughs.rdf",
    "xxe-file.rdf",
    "truncated.rdf",
    "invalid-utf8.nt",
    "lone-surrogate-escape.nt",
    "iri-space-injection.nt",
    "unterminated-long-string.ttl.gz",
    "gzip-bomb-1GiB-comment.ttl.gz",
    "remote-context-loopback.jsonld",
    "context-file.jsonld",
)
PLACE = f"/data?graph={quote(GRAPH, safe='')}"
COUNT = "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("evil")
    publish_world(folder)
    return folder


@pytest.fixture(scope="module")
def secret(home: Path) -> str:
    return token(home)


@pytest.fixture(scope="module")
def written(home: Path, secret: str) -> Iterator[Served]:
    """An atlas with its shapes and rules, that takes writes within small limits."""
    limits = {
        "ATLAS_WORKERS": "2",
        "ATLAS_WRITER_MEMORY": str(WRITER_MEMORY),
        "ATLAS_WRITE_TIMEOUT": "60",
        "ATLAS_QUERY_TIMEOUT": "4",
    }
    with serving(home, **limits) as served:
        yield served


def documents(evil: Path) -> list[Path]:
    found = [
        path
        for folder in FOLDERS
        for path in sorted((evil / folder).iterdir())
        if path.suffix in (*MEDIA_TYPES, ".gz")
    ]
    assert len(found) > 20
    return found


def place(path: Path) -> str:
    """The address of a graph of the document's own."""
    return f"{PLACE}-{quote(path.name)}"


def send(served: Served, secret: str, path: Path, method: str) -> Reply:
    """The document as it is; a packed one as packed, which the wire allows."""
    packed = path.suffix == ".gz"
    media_type = MEDIA_TYPES[Path(path.stem).suffix if packed else path.suffix]
    headers = bearer(secret, media_type) | ({"Content-Encoding": "gzip"} if packed else {})
    return served.fetch(place(path), method, body=path.read_bytes(), headers=headers)


@pytest.mark.slow
def test_every_evil_document_is_written_or_refused_whole(
    written: Served, secret: str, evil: Path
) -> None:
    with Watch(written) as watch:
        for path in documents(evil):
            for method in ("PUT",) if path.suffix == ".gz" else ("PUT", "POST"):
                reply = send(written, secret, path, method)
                is_clean(reply)
                if path.name in REFUSED:
                    assert reply.status in (400, 413), path.name
                if reply.status // 100 == 2:
                    assert_reads_back(written, path)
                else:
                    assert written.fetch(place(path)).status == 404, path.name
                    assert reply.json["detail"], path.name
                still_answers(written)
    # The writer, three query workers, and the server's own process.
    assert watch.most < WRITER_MEMORY + 1024 * MIB


def assert_reads_back(served: Served, path: Path) -> None:
    """What was taken in comes out again in a syntax that every reader reads."""
    reply = served.fetch(place(path), headers={"Accept": "application/n-triples"})
    assert reply.status == 200, path.name
    assert list(parse(reply.body, RdfFormat.N_TRIPLES)), path.name


@pytest.mark.slow
def test_every_evil_update_of_somebody_who_may_write_is_done_or_refused_whole(
    written: Served, secret: str, evil: Path
) -> None:
    written.fetch(
        PLACE, "PUT", body="<urn:x:s> <urn:x:p> 1 .", headers=bearer(secret, "text/turtle")
    )
    before = written.rows(COUNT)
    paths = sorted((evil / "sparql-update").iterdir())
    assert paths
    for path in paths:
        reply = update(written, secret, content(path).decode())
        is_clean(reply)
        if reply.status // 100 != 2:
            assert written.rows(COUNT) == before, path.name
        before = written.rows(COUNT)
        still_answers(written)
    # The sources of the build are nobody's to change, whatever the token.
    assert written.ask(f"ASK {{ ?s a <{ATLAS}Commune> }}").json["boolean"] is True


def test_a_write_asks_no_other_address(written: Served, secret: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as bait:
        asked = threading.Event()
        thread = threading.Thread(target=caught, args=(bait, asked))
        thread.start()
        where = f"http://127.0.0.1:{bait.getsockname()[1]}"
        context = json.dumps({"@context": f"{where}/context", "@id": "urn:x:s", "name": "x"})
        entity = (
            f'<!DOCTYPE r [<!ENTITY e SYSTEM "{where}/entity">]><r:RDF '
            'xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:x="urn:x:">'
            '<r:Description r:about="urn:x:s"><x:p>&e;</x:p></r:Description></r:RDF>'
        )
        for body, media_type in ((context, "application/ld+json"), (entity, "application/rdf+xml")):
            reply = written.fetch(PLACE, "PUT", body=body, headers=bearer(secret, media_type))
            assert reply.status == 400, reply.text
        for text in (
            f"LOAD <{where}/load>",
            f"INSERT {{ GRAPH <{GRAPH}> {{ ?s ?p ?o }} }} "
            f"WHERE {{ SERVICE <{where}/> {{ ?s ?p ?o }} }}",
        ):
            assert update(written, secret, text).status in (400, 403)
        # SILENT is a success that loads nothing.
        silent = update(written, secret, f"LOAD SILENT <{where}/load> INTO GRAPH <{GRAPH}>")
        assert silent.status in (204, 403)
        assert not asked.is_set()
        socket.create_connection(bait.getsockname()).close()
        thread.join()


def caught(bait: socket.socket, asked: threading.Event) -> None:
    """Take one connection: the test's own, that ends the wait, says nothing."""
    connection, _ = bait.accept()
    with connection:
        if connection.recv(1):
            asked.set()


@pytest.mark.parametrize("framing", ["length", "chunked", "gzip"])
def test_a_body_that_breaks_off_writes_nothing(written: Served, secret: str, framing: str) -> None:
    """Its first half is a document too, so only its framing tells that it is one."""
    written.fetch(PLACE, "DELETE", headers=bearer(secret))
    half = b"<urn:x:s> <urn:x:p> 1 .\n" * 10
    frames = {
        "length": (b"Content-Length: %d" % (2 * len(half)), half),
        "chunked": (b"Transfer-Encoding: chunked", b"%x\r\n%s\r\n" % (len(half), half)),
        "gzip": (b"Transfer-Encoding: chunked\r\nContent-Encoding: gzip", b"3\r\n\x1f\x8b\x08\r\n"),
    }
    header, body = frames[framing]
    head = (
        f"PUT {PLACE} HTTP/1.1\r\nHost: atlas\r\nAuthorization: Bearer {secret}\r\n"
        "Content-Type: text/turtle\r\n"
    ).encode()
    split = urlsplit(written.address)
    with socket.create_connection((split.hostname, split.port), timeout=LONG) as connection:
        connection.sendall(head + header + b"\r\n\r\n" + body)
        connection.shutdown(socket.SHUT_WR)
        reply = b"".join(iter(lambda: connection.recv(1 << 16), b""))
    assert reply == b"" or reply.startswith(b"HTTP/1.1 400"), reply
    assert written.fetch(PLACE).status == 404
    still_answers(written)
