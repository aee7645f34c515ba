"""Files made to harm: each is one clear sentence or loads, in bounded time and memory."""

from __future__ import annotations

import resource
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from atlas.errors import MalformedSource
from loaders.readers import rdf_file, scrutari
from loaders.rows import Problems
from loaders.sources import Source
from store.parsing import alone

MakeSource = Callable[..., Source]
# Far less than any of them would take were it read as it asks to be, on a busy machine too.
SECONDS = 60.0
FOLDERS = ("turtle", "rdfxml", "jsonld", "real-malformed")
# How many triples each file that is valid gives; every other file must be refused.
VALID = {
    "bom.ttl": 1,
    "csv-formula-injection.nt": 3,
    "deep-bnodes-100k.ttl.gz": 100_001,
    "integer-100k-digits.ttl": 1,
    "nul-char.nt": 1,
    "prefixes-100k.ttl.gz": 1,
    "utf16-bom.rdf": 1,
    "proto-pollution.jsonld": 1,
}
# What the sentence must say, so that the reader knows what to do.
REASONS = {
    "billion-laughs.rdf": "DOCTYPE",
    "xxe-file.rdf": "DOCTYPE",
    "deep-nesting-50k.rdf.gz": "nests",
    "truncated.rdf": "not well-formed",
    "gzip-bomb-1GiB-comment.ttl.gz": "MiB",
    "invalid-utf8.nt": "UTF-8",
    "iri-space-injection.nt": "N-Triples",
    "script-injection.nt": "Invalid IRI",
    "lone-surrogate-escape.nt": "D800",
    "literal-20MB.ttl.gz": "memory",
    "unterminated-long-string.ttl.gz": "Unexpected end",
    "deep-20k.jsonld.gz": "nests",
    "context-file.jsonld": "no other file is read",
    "remote-context-loopback.jsonld": "no other file is read",
    "dup-keys.jsonld": "defined twice",
}


def loaded(source: Source) -> int:
    rows = rdf_file.read_rows(source, Problems(source))
    return sum(1 for _ in rdf_file.to_quads(rows, source))


@pytest.mark.slow
def test_every_hostile_file_loads_or_is_one_clear_sentence_in_bounded_time(
    atlas_data: Path, make_source: MakeSource
) -> None:
    files = [
        path
        for folder in FOLDERS
        for path in sorted((atlas_data / "evil-inputs" / folder).iterdir())
        if path.name != "LIST.json"
    ]
    assert len(files) > 25
    before = largest_child()
    for path in files:
        source = make_source(kind="rdf_file", paths={"file": path})
        began = time.monotonic()
        if path.name in VALID:
            assert loaded(source) == VALID[path.name], path.name
        else:
            with pytest.raises(MalformedSource, match=REASONS.get(path.name, "is not")) as caught:
                loaded(source)
            assert len(str(caught.value)) < 600
            assert "Traceback" not in str(caught.value)
        assert time.monotonic() - began < SECONDS, path.name
    # The parsers of this test kept well below their cap; other tests may have had larger children.
    assert largest_child() < max(2 * alone.MEMORY_BYTES, before + 1)


def largest_child() -> int:
    """The most bytes that a process held which this one started and that has ended."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024


def test_the_secret_of_an_external_entity_is_never_in_the_triples_nor_the_message(
    tmp_path: Path, make_source: MakeSource
) -> None:
    (tmp_path / "secret").write_text("the secret")
    doctype = f'<!DOCTYPE x [<!ENTITY x SYSTEM "file://{tmp_path}/secret">]>'
    for kind, module in (("rdf_file", rdf_file), ("scrutari", scrutari)):
        path = tmp_path / "a.rdf"
        path.write_text(f"<?xml version='1.0'?>{doctype}<base>&x;</base>")
        source = make_source(kind=kind, paths={"file": path})
        with pytest.raises(MalformedSource, match="DOCTYPE") as caught:
            list(module.read_rows(source, Problems(source)))
        assert "the secret" not in str(caught.value)


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


@pytest.mark.parametrize(
    "document",
    [
        '{"@context": "ADDRESS", "@id": "http://e/a", "p": "x"}',
        '{"@context": [{}, "ADDRESS"], "@id": "http://e/a", "p": "x"}',
        '{"@context": {"@import": "ADDRESS"}, "@id": "http://e/a", "p": "x"}',
        '{"@context": {"t": {"@id": "http://e/t", "@context": "ADDRESS"}}, "t": {"p": "x"}}',
        '{"@context": "ADDRESS", "@context": {}, "@id": "http://e/a", "http://e/p": "x"}',
    ],
)
def test_a_json_ld_context_elsewhere_is_never_asked_for(
    document: str, listener: socket.socket, tmp_path: Path, make_source: MakeSource
) -> None:
    address = f"http://127.0.0.1:{listener.getsockname()[1]}/context"
    path = tmp_path / "a.jsonld"
    path.write_text(document.replace("ADDRESS", address))
    with pytest.raises(MalformedSource, match=address):
        loaded(make_source(kind="rdf_file", paths={"file": path}))
    with pytest.raises(BlockingIOError):
        listener.accept()


def test_what_kills_the_parser_is_told_and_kills_nobody_else(
    tmp_path: Path, make_source: MakeSource
) -> None:
    depth = 300_000
    path = tmp_path / "a.ttl"
    path.write_text("<http://e/a> <http://e/p> " + "<<( <http://e/a> <http://e/p> " * depth)
    with path.open("a") as stream:
        stream.write("<http://e/b>" + " )>>" * depth + " .")
    with pytest.raises(MalformedSource, match="ended the parser"):
        loaded(make_source(kind="rdf_file", paths={"file": path}))


def test_triples_about_triples_nest_little(tmp_path: Path, make_source: MakeSource) -> None:
    path = tmp_path / "a.ttl"
    nested = "<<( <http://e/a> <http://e/p> " * 20 + "<http://e/b>" + " )>>" * 20
    path.write_text(f"<http://e/a> <http://e/p> {nested} .")
    with pytest.raises(MalformedSource, match="triples about triples"):
        loaded(make_source(kind="rdf_file", paths={"file": path}))


@pytest.mark.slow
def test_a_prefix_that_multiplies_a_small_file_is_stopped_before_it_fills_the_disk(
    tmp_path: Path, make_source: MakeSource
) -> None:
    path = tmp_path / "a.ttl"
    path.write_text(f"@prefix p: <http://e/{'y' * 1_000_000}/> .\n" + "p:a p:b p:c .\n" * 100_000)
    with pytest.raises(MalformedSource, match="MiB of triples"):
        loaded(make_source(kind="rdf_file", paths={"file": path}))


@pytest.mark.slow
def test_a_file_that_keeps_the_parser_busy_is_ended_by_the_clock(
    tmp_path: Path, make_source: MakeSource
) -> None:
    terms = ",".join(f'"a{number}": "http://e/{number}"' for number in range(50_000))
    scoped = f'{{"t": {{"@id": "http://e/t", "@context": {{{terms}}}}}}}'
    nodes = ",".join(['{"t": {"a1": "x"}}'] * 50_000)
    path = tmp_path / "a.jsonld"
    path.write_text(f'{{"@context": {scoped}, "@graph": [{nodes}]}}')
    with pytest.raises(MalformedSource, match="SIGXCPU"):
        loaded(make_source(kind="rdf_file", paths={"file": path}))


BOMB = """<?xml version="1.0"?><!DOCTYPE base [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>
<base><base-metadata><base-name>&b;</base-name></base-metadata></base>"""


@pytest.mark.parametrize(
    ("content", "line", "reason"),
    [
        (BOMB.encode(), 1, "DOCTYPE"),
        (b"<base>\n<base-metadata>\n<base-name>a", 3, "not well-formed"),
        ("<base>\n<base-metadata>é".encode("latin-1"), 2, "not UTF-8"),
        (b"<base>" + b"<corpus>" * 5000, 1, "nests"),
        (b"", 1, "no element"),
        (b"<base/>", None, "no base-metadata"),
        (b"{}", 1, "not well-formed"),
    ],
)
def test_a_hostile_or_broken_scrutari_file_is_one_sentence_with_its_line(
    content: bytes, line: int | None, reason: str, tmp_path: Path, make_source: MakeSource
) -> None:
    path = tmp_path / "a.xml"
    path.write_bytes(content)
    source = make_source(kind="scrutari", paths={"file": path})
    with pytest.raises(MalformedSource, match=reason) as caught:
        list(scrutari.read_rows(source, Problems(source)))
    assert line is None or caught.value.line == line
