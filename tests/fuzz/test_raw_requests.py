"""Requests that no client sends: well-formed replies or a closed connection, and life goes on."""

from __future__ import annotations

from urllib.parse import quote

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.endpoint.serving import Served
from tests.faults.watching import still_answers
from tests.fuzz.wire import sent, statuses

FEW = settings(
    max_examples=120,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "CONNECT", "get")
PATHS = ("/sparql", "/data", "/api/queries/", "/doc/commune/54395", "/id/x", "/", "/health", "*")
NAMES = (
    "query",
    "update",
    "default-graph-uri",
    "named-graph-uri",
    "using-graph-uri",
    "format",
    "timeout",
    "generation",
    "graph",
    "default",
)
HEADERS = (
    "Accept",
    "Accept-Encoding",
    "Authorization",
    "Connection",
    "Content-Encoding",
    "Content-Length",
    "Content-Type",
    "Expect",
    "Host",
    "If-Match",
    "If-None-Match",
    "Range",
    "Transfer-Encoding",
    "Upgrade",
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "X-Forwarded-Proto",
)
KNOWN = (
    "application/sparql-query",
    "application/sparql-update",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "text/turtle; charset=utf-16",
    "chunked",
    "gzip, chunked",
    "gzip",
    "100-continue",
    "close",
    "keep-alive, Upgrade",
    "-1",
    "0",
    "5",
    "99999999999999999999",
    "*/*;q=0",
    "Bearer x",
    '"x", W/"y", *',
)
TEXTS = (
    "ASK {}",
    "ASK { ?s ?p ?o }",
    "CLEAR ALL",
    "SELECT",
    "<s> <p> <o> .",
    "3\r\nASK\r\n0\r\n\r\n",
)

noise = st.binary(max_size=40)
value = st.one_of(st.sampled_from(KNOWN), st.text(max_size=30)).map(
    lambda text: text.encode("utf-8", "surrogatepass")
)
field = st.tuples(st.sampled_from(NAMES), st.sampled_from(TEXTS) | st.text(max_size=20))
fields = st.lists(field, max_size=4).map(
    lambda pairs: "&".join(f"{n}={quote(v.encode('utf-8', 'replace'))}" for n, v in pairs).encode()
)
body = st.one_of(st.sampled_from(TEXTS).map(str.encode), fields, noise)


@st.composite
def requests(draw: st.DrawFn) -> bytes:
    """Nearly a request: each part right, or a little wrong."""
    target = draw(st.sampled_from(PATHS)).encode() + b"?" + draw(fields | noise)
    version = draw(st.sampled_from([b"HTTP/1.1", b"HTTP/1.0", b"HTTP/2.0", b"HTTP/9", b""]))
    headers = draw(st.lists(st.tuples(st.sampled_from(HEADERS), value), max_size=5))
    content = draw(body)
    if draw(st.booleans()):
        headers = [*headers, ("Content-Length", str(len(content)).encode())]
    lines = [b"Host: atlas", *(name.encode() + b": " + text for name, text in headers)]
    newline = draw(st.sampled_from([b"\r\n"] * 9 + [b"\n"]))
    start = b" ".join([draw(st.sampled_from(METHODS)).encode(), target, version])
    return newline.join([start, *lines, b"", content])


def is_survived(served: Served, request: bytes) -> None:
    found = statuses(sent(served, request), heads=b"HEAD" in request)
    assert 500 not in found, request
    still_answers(served)


@FEW
@given(request=st.binary(max_size=300))
@example(request=b"")
@example(request=b"\r\n" * 100)
@example(request=b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 100)
@example(request=b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
@example(request=b"GET " + b"a" * 100_000)
@example(request=b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 10_000)
@example(request=b"GET / HTTP/1.1\r\nHost: atlas\r\nX: " + b"y" * 100_000 + b"\r\n\r\n")
def test_any_bytes_are_survived(served: Served, request: bytes) -> None:
    is_survived(served, request)


@FEW
@given(request=requests())
@example(
    request=b"POST /sparql HTTP/1.1\r\nHost: atlas\r\nContent-Type: application/sparql-query\r\n"
    b"Transfer-Encoding: chunked\r\n\r\nzz\r\nASK {}\r\n0\r\n\r\n"
)
@example(
    request=b"POST /sparql HTTP/1.1\r\nHost: atlas\r\nContent-Type: application/sparql-query\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n6\r\nASK {}\r\n"
)
@example(
    request=b"POST /sparql HTTP/1.1\r\nHost: atlas\r\nContent-Type: application/sparql-query\r\n"
    b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n6\r\nASK {}\r\n0\r\n\r\n"
)
@example(
    request=b"POST /sparql HTTP/1.1\r\nHost: atlas\r\nContent-Type: application/sparql-query\r\n"
    b"Content-Length: 6\r\n\r\nASK {}GET /health HTTP/1.1\r\nHost: atlas\r\n\r\n"
)
@example(request=b'GET /sparql HTTP/1.1\r\nHost: a b"<>\r\nAccept: text/turtle\r\n\r\n')
@example(request=b"GET /id/x HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: \xff\r\n\r\n")
@example(request=b"GET http://other.example/sparql?query=ASK%7B%7D HTTP/1.1\r\nHost: atlas\r\n\r\n")
def test_nearly_a_request_is_survived(served: Served, request: bytes) -> None:
    is_survived(served, request)


@FEW
@given(
    request=requests(),
    cut=st.integers(0, 400),
    other=st.binary(min_size=1, max_size=6),
)
def test_a_request_that_is_cut_and_glued_is_survived(
    served: Served, request: bytes, cut: int, other: bytes
) -> None:
    at = cut % (len(request) + 1)
    is_survived(served, request[:at] + other + request[at:])
