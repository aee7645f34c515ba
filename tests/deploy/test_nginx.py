"""The shipped nginx site, really run in front of a served atlas."""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import ssl
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

import pytest

from tests.deploy.proxy import DEPLOY, needed, proxied
from tests.endpoint.serving import PATIENCE, Reply, Served, serving
from tests.endpoint.world import NANCY, publish_world
from tests.listening import free_port
from tests.waiting import LONG, until


def digests(side: int) -> str:
    """A query for side³ rows of hexadecimal digits, 129 bytes each, that pack to some half."""
    some = " ".join(map(str, range(side)))
    return f"""SELECT (SHA512(CONCAT(STR(?a), STR(?b), STR(?c))) AS ?digest) {{
      VALUES ?a {{ {some} }} VALUES ?b {{ {some} }} VALUES ?c {{ {some} }}
    }}"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("instance")
    publish_world(folder)
    return folder


@pytest.fixture(scope="module")
def direct(home: Path) -> Iterator[Served]:
    needed()
    with serving(home, ATLAS_WORKERS="2") as served:
        yield served


@pytest.fixture(scope="module")
def behind(direct: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The same server as its clients see it: through nginx."""
    with proxied(tmp_path_factory.mktemp("nginx") / "site", direct.address) as address:
        yield replace(direct, address=address)


def cached(reply: Reply) -> str | None:
    return reply.headers["X-Cache-Status"]


def ask_for(label: str) -> str:
    """The path of a query that nobody asked before."""
    return "/sparql?" + urlencode({"query": f'SELECT ("{label}" AS ?label) {{}}'})


def from_cache(
    behind: Served, path: str, method: str = "GET", headers: Mapping[str, str] | None = None
) -> Reply:
    """The answer once nginx has it: a client may have read it before it is filed in the cache."""
    found: list[Reply] = []

    def hit() -> bool:
        # After a second it is asked for again: a busy machine may take that long between two.
        found.append(behind.fetch(path, method, headers=headers))
        return cached(found[-1]) == "HIT"

    until(hit, lambda: cached(found[-1]))
    return found[-1]


def test_a_repeated_query_is_answered_from_the_cache(behind: Served) -> None:
    path = ask_for("repeated")
    first = behind.fetch(path)
    assert cached(first) == "MISS"
    second = from_cache(behind, path)
    assert first.body == second.body
    for name in ("ETag", "Content-Type", "Cache-Control", "Atlas-Generation", "Vary"):
        assert first.headers[name] == second.headers[name]


def test_after_a_second_the_atlas_is_asked_whether_it_is_still_right(behind: Served) -> None:
    path = ask_for("revalidated")
    first = behind.fetch(path)
    time.sleep(2.1)
    second = behind.fetch(path)
    assert cached(second) == "REVALIDATED"
    assert second.body == first.body


def test_a_conditional_request_gets_304_with_or_without_the_cache(behind: Served) -> None:
    path = ask_for("conditional")
    tag = behind.fetch(path).headers["ETag"]
    for _ in range(2):
        reply = behind.fetch(path, headers={"If-None-Match": tag})
        assert (reply.status, reply.body) == (304, b"")
        assert reply.headers["ETag"] == tag
    assert behind.fetch(path, headers={"If-None-Match": '"other"'}).status == 200


def test_each_format_language_and_packing_has_its_own_answer(behind: Served) -> None:
    path = ask_for("varied")
    types = ("text/csv", "application/sparql-results+json", "application/sparql-results+xml")
    for _ in range(2):
        for kind in types:
            assert behind.fetch(path, headers={"Accept": kind}).type == kind
    path = ask_for("packed " * 1000)
    packings = ("gzip", "zstd", "identity")
    tags = set()
    for packing in packings:
        accepted = {"Accept-Encoding": packing}
        assert cached(behind.fetch(path, headers=accepted)) == "MISS"
        reply = from_cache(behind, path, headers=accepted)
        assert reply.headers.get("Content-Encoding", "identity") == packing
        tags.add(reply.headers["ETag"])
    assert len(tags) == len(packings)


def test_head_is_answered_from_the_same_cache(behind: Served) -> None:
    path = ask_for("head")
    got = behind.fetch(path)
    head = from_cache(behind, path, "HEAD")
    assert (head.status, head.body) == (200, b"")
    assert head.headers["Content-Length"] == got.headers["Content-Length"]


def test_what_the_atlas_says_of_one_client_is_not_repeated_to_another(behind: Served) -> None:
    path = ask_for("limits")
    names = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")
    first, second = behind.fetch(path), from_cache(behind, path)
    assert cached(first) == "MISS"
    assert all(len(first.headers.get_all(name) or ()) == 1 for name in names)
    assert not any(name in second.headers for name in names)


def test_a_post_passes_and_is_never_kept(behind: Served) -> None:
    for _ in range(2):
        reply = behind.fetch(
            "/sparql",
            "POST",
            body="ASK {}",
            headers={"Content-Type": "application/sparql-query", "Accept": "text/csv"},
        )
        assert reply.status == 200
        assert cached(reply) is None


def test_what_may_not_be_kept_is_not(behind: Served) -> None:
    volatile = "/sparql?" + urlencode({"query": "SELECT (RAND() AS ?r) {}"})
    for path in (volatile, "/health", "/ready", "/queries/"):
        assert {cached(behind.fetch(path)) for _ in range(3)} == {"MISS"}
    assert behind.fetch(volatile).body != behind.fetch(volatile).body


def test_what_was_asked_with_credentials_is_neither_kept_nor_taken_from_the_cache(
    behind: Served,
) -> None:
    path = ask_for("credentials")
    credentials = {"Authorization": "Bearer none"}
    assert cached(behind.fetch(path, headers=credentials)) == "BYPASS"
    assert cached(behind.fetch(path)) == "MISS"
    assert cached(behind.fetch(path, headers=credentials)) == "BYPASS"


def test_a_new_generation_is_seen_soon(tmp_path: Path) -> None:
    publish_world(tmp_path / "home")
    path = "/sparql?" + urlencode({"query": f"SELECT ?o {{ <{NANCY}> <urn:new> ?o }}"})
    with (
        serving(tmp_path / "home", ATLAS_WORKERS="1") as served,
        proxied(tmp_path / "nginx", served.address) as address,
    ):
        behind = replace(served, address=address)
        assert b"yes" not in behind.fetch(path).body
        publish_world(tmp_path / "home", extra=f'<{NANCY}> <urn:new> "yes" .\n')
        published = time.monotonic()
        while b"yes" not in behind.fetch(path).body:
            # nginx counts in whole seconds, and a busy machine in more of them.
            assert time.monotonic() - published < 10
            time.sleep(0.05)
        assert behind.fetch(path).headers["Atlas-Generation"] == "2"


def test_a_problem_of_the_atlas_comes_through_as_it_is(behind: Served, direct: Served) -> None:
    for path in ("/sparql?query=SELECT", "/api/queries/none", "/sparql?query=a&query=b"):
        ours, theirs = behind.fetch(path), direct.fetch(path)
        assert ours.status == theirs.status >= 400
        assert ours.slug == theirs.slug
        assert ours.json["detail"] == theirs.json["detail"]


def test_every_answer_has_an_identifier_of_its_own_and_no_version_of_a_program(
    behind: Served,
) -> None:
    path = ask_for("identified")
    replies = [behind.fetch(path), behind.fetch(path), behind.fetch("/nowhere")]
    assert len({reply.headers["X-Request-Id"] for reply in replies}) == 3
    assert {reply.headers["Server"] for reply in replies} == {"nginx"}
    for reply in replies:
        assert len(reply.headers.get_all("X-Request-Id") or ()) == 1


def told(reply: Reply, status: int, slug: str) -> None:
    """That nginx refuses in the words of the atlas."""
    assert reply.status == status
    assert (reply.slug, reply.json["status"]) == (slug, status)
    assert reply.json["title"]
    assert reply.json["detail"]
    assert reply.headers["Access-Control-Allow-Origin"] == "*"
    assert reply.headers["Server"] == "nginx"


def test_a_body_that_is_too_large_is_refused_with_a_problem_document(behind: Served) -> None:
    split = urlsplit(behind.address)
    connection = http.client.HTTPConnection(split.hostname or "", split.port, timeout=PATIENCE)
    connection.putrequest("POST", "/sparql")
    connection.putheader("Content-Length", str(101 * 1024**2))
    connection.endheaders()
    response = connection.getresponse()
    told(Reply(response.status, response.headers, response.read()), 413, "too-large")
    connection.close()


def test_an_address_that_is_too_long_is_refused_and_one_of_eight_kilobytes_passes(
    behind: Served,
) -> None:
    def padded(size: int) -> str:
        start = "/sparql?query=" + quote("ASK {} #")
        return start + "x" * (size - len(start) - len("GET  HTTP/1.1"))

    assert behind.fetch(padded(8000)).status == 200
    told(behind.fetch(padded(9000)), 414, "too-large")


def test_too_many_requests_are_told_so(direct: Served, tmp_path: Path) -> None:
    slow = {"rate=200r/s": "rate=1r/m", "burst=400 nodelay": "burst=2 nodelay"}
    headers = {"Content-Type": "application/sparql-query"}
    with proxied(tmp_path / "nginx", direct.address, slow) as address:
        behind = replace(direct, address=address)
        replies = [
            behind.fetch("/sparql", "POST", body="ASK {}", headers=headers) for _ in range(4)
        ]
        assert [reply.status for reply in replies] == [200, 200, 200, 429]
        told(replies[-1], 429, "too-many-requests")
        assert replies[-1].headers["Retry-After"] == "1"
        # Reads are not counted.
        assert {behind.fetch("/health").status for _ in range(5)} == {200}


def test_metrics_are_for_this_machine_alone(behind: Served) -> None:
    assert behind.fetch("/metrics").status == 200
    split = urlsplit(behind.address)
    connection = http.client.HTTPConnection(
        split.hostname or "", split.port, source_address=("127.0.0.2", 0), timeout=PATIENCE
    )
    connection.request("GET", "/metrics")
    response = connection.getresponse()
    told(Reply(response.status, response.headers, response.read()), 403, "forbidden")
    connection.close()


def test_without_the_atlas_the_client_is_told_in_a_problem_document(
    direct: Served, tmp_path: Path
) -> None:
    with proxied(tmp_path / "nginx", f"http://127.0.0.1:{free_port()}") as address:
        told(replace(direct, address=address).fetch("/sparql?query=ASK{}"), 502, "overloaded")


@pytest.mark.slow
@pytest.mark.parametrize("packing", ["identity", "gzip", "zstd"])
def test_an_answer_that_breaks_off_breaks_off_for_the_client(tmp_path: Path, packing: str) -> None:
    """Packed it has still more bytes than the buffers of all sockets on the way take in."""
    curl = shutil.which("curl")
    assert curl, "curl is needed"
    publish_world(tmp_path / "home")
    patient = {"ATLAS_WORKERS": "1", "ATLAS_QUERY_TIMEOUT": "600"}
    with (
        serving(tmp_path / "home", **patient) as served,
        proxied(tmp_path / "nginx", served.address) as address,
    ):
        output = tmp_path / "answer"
        asking = subprocess.Popen(
            [
                *(curl, "--silent", "--show-error", "--limit-rate", "4M", "--output", output),
                *("--header", f"Accept-Encoding: {packing}", "--header", "Accept: text/csv"),
                *(
                    "--data-urlencode",
                    f"query={digests(80)}",
                    "--get",
                    "--dump-header",
                    tmp_path / "headers",
                ),
                f"{address}/sparql",
            ],
            stderr=subprocess.PIPE,
            text=True,
        )
        until(lambda: output.exists() and output.stat().st_size >= 100_000)
        assert asking.poll() is None, asking.communicate()
        # While the client reads nothing, the rest of the answer is not on its way yet.
        asking.send_signal(signal.SIGSTOP)
        for number, command in served.process.processes():
            if "serve" in command:
                os.kill(number, signal.SIGKILL)
        asking.send_signal(signal.SIGCONT)
        _, said = asking.communicate(timeout=LONG)
        assert asking.returncode != 0, (tmp_path / "headers").read_text()
        headers = (tmp_path / "headers").read_text().lower()
        assert "content-length" in headers
        assert said
        length = int(headers.split("content-length:")[1].split()[0])
        assert output.stat().st_size < length


def test_tls_is_one_file_more(direct: Served, tmp_path: Path) -> None:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed.")
    subprocess.run(
        [
            *(openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost"),
            *("-keyout", tmp_path / "privkey.pem", "-out", tmp_path / "fullchain.pem"),
        ],
        check=True,
        capture_output=True,
    )
    port = free_port()
    text = (DEPLOY / "nginx" / "tls.conf").read_text("utf-8")
    text = text.replace("listen 443", f"listen 127.0.0.1:{port}")
    text = text.replace("listen [::]:443 ssl http2;\n", "")
    text = text.replace("/etc/letsencrypt/live/atlas", str(tmp_path))
    (tmp_path / "tls.conf").write_text(text, "utf-8")
    include = {"server_name _;": f"server_name _; include {tmp_path}/tls.conf;"}
    with proxied(tmp_path / "nginx", direct.address, include):
        trusting = ssl.create_default_context(cafile=str(tmp_path / "fullchain.pem"))
        trusting.check_hostname = False
        connection = http.client.HTTPSConnection(
            "127.0.0.1", port, context=trusting, timeout=PATIENCE
        )
        connection.request("GET", "/sparql?" + urlencode({"query": "ASK {}"}))
        response = connection.getresponse()
        assert response.status == 200
        assert response.headers["Strict-Transport-Security"]
        connection.close()
