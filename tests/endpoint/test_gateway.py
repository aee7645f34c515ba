"""Requests that are refused before they are read: problems like all others."""

from __future__ import annotations

import json
import socket
import threading
import time
from urllib.parse import urlsplit

import pytest

from tests.endpoint.serving import Served
from tests.fuzz.wire import sent


@pytest.mark.parametrize(
    ("request_", "status", "slug"),
    [
        (b"nonsense\r\n\r\n", 400, "bad-request"),
        (b"GET / HTTP/1.1\r\nHost: atlas\r\nX Y: 1\r\n\r\n", 400, "bad-request"),
        (b"GET /sparql?query=" + b"a" * 9_000 + b" HTTP/1.1\r\n\r\n", 414, "uri-too-long"),
        (b"GET / HTTP/1.1\r\nX: " + b"a" * 9_000 + b"\r\n\r\n", 431, "headers-too-large"),
        (
            b"POST /sparql HTTP/1.1\r\nTransfer-Encoding: nonsense\r\n\r\n",
            501,
            "unsupported-transfer-coding",
        ),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_problem_that_a_page_may_read(
    served: Served, request_: bytes, status: int, slug: str
) -> None:
    head, _, body = sent(served, request_).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d " % status)
    assert b"Content-Type: application/problem+json" in head
    assert b"Content-Length: %d" % len(body) in head
    assert b"Access-Control-Allow-Origin: *" in head
    problem = json.loads(body)
    assert (problem["status"], problem["type"]) == (status, f"/problems/{slug}")
    assert problem["title"]
    assert served.fetch(problem["type"]).status == 200


LONG = "/local?m=" + "a" * 20_000
READER = "Accept: text/html,*/*;q=0.8\r\nAccept-Language: es,en;q=0.5\r\n"


@pytest.mark.parametrize(
    ("request_", "status", "language", "words"),
    [
        (
            f"GET {LONG} HTTP/1.1\r\nHost: atlas\r\n{READER}\r\n",
            414,
            "es",
            "se guarda como archivo",
        ),
        (f"GET {LONG}&lang=fr HTTP/1.1\r\n{READER}\r\n", 414, "fr", "s’enregistre comme fichier"),
        (f"GET / HTTP/1.1\r\nX: {'a' * 9_000}\r\n{READER}\r\n", 431, "es", "cabeceras"),
        (f"GET / HTTP/1.1\r\nX Y: 1\r\n{READER}\r\n", 400, "es", "estructura"),
        ("GET / HTTP/1.1\r\nX Y: 1\r\nAccept: text/html\r\n\r\n", 400, "fr", "sa structure"),
    ],
)
def test_who_reads_pages_is_told_in_a_page_in_their_language(
    served: Served, request_: str, status: int, language: str, words: str
) -> None:
    head, _, body = sent(served, request_.encode()).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d " % status)
    assert b"Content-Type: text/html; charset=utf-8" in head
    assert b"Content-Security-Policy: default-src 'none'" in head
    assert b"X-Frame-Options: DENY" in head
    assert b"Content-Length: %d" % len(body) in head
    page = body.decode()
    assert f'<html lang="{language}">' in page
    assert words in page
    assert not any(word in page for word in ("<script", "<link", "<style", "style=", "aaa"))


def test_a_program_that_says_its_language_is_told_in_it_too(served: Served) -> None:
    asked = f"GET {LONG} HTTP/1.1\r\nAccept-Language: fr\r\n\r\n".encode()
    problem = json.loads(sent(served, asked).partition(b"\r\n\r\n")[2])
    assert problem["detail"].startswith("The address is longer than 8,190 bytes.")
    assert problem["translation"]["language"] == "fr"
    assert "8\u202f190 octets" in problem["translation"]["detail"]


def test_a_reply_to_too_much_arrives_though_it_comes_in_pieces(served: Served) -> None:
    """The whole is read before the connection is closed: else the client hears of no reply."""
    address = urlsplit(served.address)
    with socket.create_connection((address.hostname or "", address.port or 0)) as connection:
        connection.sendall(b"GET /local?m=" + b"a" * 100_000)
        connection.sendall(f" HTTP/1.1\r\n{READER}\r\n".encode())
        received = b""
        while piece := connection.recv(1 << 16):
            received += piece
    assert received.startswith(b"HTTP/1.1 414 ")
    assert b'<html lang="es">' in received


def test_a_client_that_asks_without_a_pause_leaves_the_others_their_turn(served: Served) -> None:
    """Answers from memory wait for nothing: another client comes in between all the same."""
    path = "/sparql?query=ASK%20%7B%7D%20%23pipelined"
    assert served.fetch(path).status == 200
    address = urlsplit(served.address)
    request_ = f"GET {path} HTTP/1.1\r\nHost: {address.netloc}\r\n\r\n".encode()
    last = request_.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    answered: list[float] = []
    with socket.create_connection((address.hostname or "", address.port or 0)) as busy:

        def read() -> None:
            while busy.recv(1 << 20):
                pass
            answered.append(time.monotonic())

        reading = threading.Thread(target=read)
        reading.start()
        busy.sendall(request_ * 3_000 + last)
        assert served.fetch(path).status == 200
        other = time.monotonic()
        reading.join(120)
    assert other < answered[0]
