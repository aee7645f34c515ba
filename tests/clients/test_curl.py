"""curl against the served atlas: every way to ask, every wire, and an exit code that tells."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.clients.tools import TOKEN, tool
from tests.endpoint.serving import Served
from tests.endpoint.test_sparql import CONSTRUCT, LABELS, SELECT
from tests.endpoint.world import NANCY, PLACES

EXPECTED = sorted(f"{s},{label}" for s, label in LABELS)


@dataclass(frozen=True)
class Ran:
    """A run of curl: its exit code, and what it wrote, byte for byte."""

    code: int
    out: str
    said: str


def curl(*arguments: str, asked: str = "") -> Ran:
    """One run of curl; HTTP errors make it exit with 22."""
    done = subprocess.run(
        [tool("curl", "curl"), "-sS", "--fail-with-body", "--max-time", "20", *arguments],
        input=asked.encode(),
        capture_output=True,
        timeout=120,
        check=False,
    )
    return Ran(done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8"))


def lines(done: Ran) -> list[str]:
    """The rows of a CSV answer, in an order of their own."""
    assert done.code == 0, done.said
    return sorted(done.out.split("\r\n")[1:-1])


def headers(done: Ran) -> dict[str, str]:
    """The headers that ``curl --head`` or ``-D -`` printed."""
    pairs = (line.partition(":") for line in done.out.splitlines() if ":" in line)
    return {name.lower(): value.strip() for name, _, value in pairs}


@pytest.mark.parametrize(
    "way",
    [
        ("-G", "--data-urlencode", f"query={SELECT}"),
        ("--data-urlencode", f"query={SELECT}"),
        ("-H", "Content-Type: application/sparql-query", "--data-binary", SELECT),
    ],
    ids=["get", "form", "direct"],
)
def test_each_way_of_the_protocol_is_answered(served: Served, way: tuple[str, ...]) -> None:
    done = curl(*way, "-H", "Accept: text/csv", f"{served.address}/sparql")
    assert lines(done) == EXPECTED


def test_a_query_is_sent_from_a_file(served: Served) -> None:
    arguments = ["-H", "Content-Type: application/sparql-query", "--data-binary", "@-"]
    address = f"{served.address}/sparql?format=csv"
    assert lines(curl(*arguments, address, asked=SELECT)) == EXPECTED


@pytest.mark.parametrize(
    ("query", "media_type"),
    [
        (SELECT, "application/sparql-results+json"),
        (SELECT, "application/sparql-results+xml"),
        (SELECT, "text/csv"),
        (SELECT, "text/tab-separated-values"),
        (CONSTRUCT, "text/turtle"),
        (CONSTRUCT, "application/n-triples"),
        (CONSTRUCT, "application/rdf+xml"),
        (CONSTRUCT, "application/ld+json"),
        (CONSTRUCT, "application/trig"),
        (CONSTRUCT, "application/n-quads"),
    ],
)
@pytest.mark.parametrize("wire", [(), ("--compressed",)], ids=["plain", "compressed"])
def test_each_format_comes_back_as_asked(
    served: Served, query: str, media_type: str, wire: tuple[str, ...]
) -> None:
    done = curl(
        *wire,
        *("-w", "\n%{content_type}", "-H", f"Accept: {media_type}"),
        *("-G", "--data-urlencode", f"query={query}", f"{served.address}/sparql"),
    )
    assert done.code == 0, done.said
    body, _, content_type = done.out.rpartition("\n")
    assert content_type.split(";")[0] == media_type
    assert "54395" in body


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
def test_an_answer_that_is_worth_it_comes_compressed_and_whole(served: Served, coding: str) -> None:
    entries = " ".join(f"'entry number {number}'" for number in range(3000))
    query = f"SELECT ?n {{ VALUES ?n {{ {entries} }} }}"
    asked = ("-H", "Accept: text/csv", "--data-urlencode", f"query={query}")
    plain = curl(*asked, f"{served.address}/sparql")
    coded = ("--compressed", "-H", f"Accept-Encoding: {coding}")
    packed = curl(*coded, *asked, "-w", "\n%{size_download}", f"{served.address}/sparql")
    assert packed.code == 0, packed.said
    body, _, size = packed.out.rpartition("\n")
    assert body == plain.out
    assert int(size) < len(plain.out) / 3


def test_a_head_request_tells_the_length_and_sends_nothing(served: Served) -> None:
    asked = ("-G", "--data-urlencode", f"query={SELECT}", f"{served.address}/sparql?format=csv")
    told = headers(curl("--head", *asked))
    assert told["content-type"].startswith("text/csv")
    assert int(told["content-length"]) == len(curl(*asked).out.encode())


def test_nothing_is_sent_again_to_who_has_the_answer(served: Served, tmp_path: Path) -> None:
    etag, answer = tmp_path / "etag", tmp_path / "answer"
    asked = (
        *("-w", "%{http_code}", "-o", str(answer), "-G", "--data-urlencode", f"query={SELECT}"),
        f"{served.address}/sparql?format=csv",
    )
    assert curl("--etag-save", str(etag), *asked).out == "200"
    kept = answer.read_bytes()
    assert etag.read_text().startswith('"')
    assert curl("--etag-compare", str(etag), *asked).out == "304"
    assert answer.read_bytes() in (kept, b"")
    etag.write_text('"another"\n')
    assert curl("--etag-compare", str(etag), *asked).out == "200"


def test_a_refusal_makes_it_fail_and_says_why(served: Served) -> None:
    done = curl("--data-urlencode", "query=nonsense", f"{served.address}/sparql")
    assert done.code == 22
    problem = json.loads(done.out)
    assert problem["type"].endswith("/problems/malformed-query")
    assert problem["line"] == 1


def test_a_large_upload_that_is_refused_at_once_is_not_sent(served: Served, tmp_path: Path) -> None:
    big = tmp_path / "big.rq"
    big.write_bytes(b"#" * 12_000_000)
    done = curl(
        *("-H", "Content-Type: application/sparql-query", "--data-binary", f"@{big}"),
        *("-w", "\n%{http_code}", f"{served.address}/sparql"),
    )
    assert done.out.endswith("\n413"), done.said


def test_a_graph_is_read_written_and_removed(served: Served, writable: Served) -> None:
    read = curl("-G", "--data-urlencode", f"graph={PLACES}", f"{served.address}/data")
    assert NANCY in read.out
    code = ("-o", "/dev/null", "-w", "%{http_code}")
    bearer = ("-H", f"Authorization: Bearer {TOKEN}")
    turtle = ("-H", "Content-Type: text/turtle", "-T", "-")
    place = f"{writable.address}/data?graph=urn:x-curl:graph"
    sent = "<urn:x-curl:s> <urn:x-curl:p> 1 ."
    assert curl(*code, *turtle, place, asked=sent).out == "401"
    assert curl(*code, *bearer, *turtle, place, asked=sent).out == "201"
    assert curl(*code, *bearer, *turtle, place, asked=sent).out == "204"
    assert "urn:x-curl:s" in curl(place).out
    assert curl(*code, *bearer, "-X", "DELETE", place).out == "204"
    assert curl(*code, place).out == "404"
