"""Answers that are too big, and answers that are none."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator

import pytest

from atlas.errors import PartnerFailed, PartnerLimit
from tests.federation import faulty
from tests.federation.faulty import RESET, Behaviour, Faulty
from tests.federation.fetching import (
    BODY,
    LIMIT,
    fetch,
    refused,
    until,
)


@pytest.fixture
def site() -> Iterator[Faulty]:
    with Faulty(faulty.reply(BODY)) as site:
        yield site


# Size.

FLOODS: dict[str, Behaviour] = {
    "endless": faulty.endless(),
    "endless chunks": faulty.endless(piece=b" " * 1000),
    "bomb": faulty.bomb(50 * LIMIT),
    "bomb within a bomb's trailer": faulty.reply(
        gzip.compress(BODY) + gzip.compress(b" " * 50 * LIMIT),
        headers={"Content-Encoding": "gzip"},
    ),
    "many empty gzip members": faulty.reply(
        gzip.compress(b"") * (LIMIT // 10), headers={"Content-Encoding": "gzip"}
    ),
    "announced": faulty.hanging(faulty.head(200, {"Content-Length": str(10**30)})),
}


@pytest.mark.parametrize("behaviour", FLOODS.values(), ids=FLOODS)
def test_a_body_beyond_its_limit_is_not_read(site: Faulty, behaviour: Behaviour) -> None:
    site.script(behaviour)
    sentence = refused(PartnerLimit, site.partner())
    assert "The partner faulty sends more than 1,000,000 bytes" in sentence


def test_a_body_of_just_its_limit_is_read(site: Faulty) -> None:
    for behaviour in (faulty.reply(b" " * LIMIT), faulty.packed(b" " * LIMIT)):
        site.script(behaviour)
        with fetch(site.partner()) as reply:
            assert len(reply.read()) == reply.bytes == LIMIT


def test_a_body_comes_in_pieces_before_it_is_whole(site: Faulty) -> None:
    site.script(faulty.endless(piece=b"x" * 1000))
    with fetch(site.partner(), limit=10**9) as reply:
        assert next(iter(reply.stream())).startswith(b"x")


def test_gzip_of_several_members_is_unpacked_whole(site: Faulty) -> None:
    site.script(
        faulty.reply(
            gzip.compress(b"one ") + gzip.compress(b"") + gzip.compress(b"two" * 100_000),
            headers={"Content-Encoding": "x-gzip"},
        )
    )
    with fetch(site.partner()) as reply:
        assert reply.read() == b"one " + b"two" * 100_000


# Answers that are none.

CUT = "closed the connection before its answer was whole"
HEAD = "sent an answer whose head is too long or broken"
DAMAGED = "sent a compressed answer that is damaged or cut short"
BROKEN: dict[str, tuple[Behaviour, str]] = {
    "nothing": (faulty.steps(), "closed the connection without an answer"),
    "half a status": (faulty.steps(b"HTTP/1"), "does not answer in HTTP"),
    "another protocol": (faulty.steps(b"220 mail.example ESMTP\r\n"), "does not answer in HTTP"),
    "garbage": (faulty.steps(bytes(range(256)) * 10), "does not answer in HTTP"),
    "a status that is none": (faulty.steps(b"HTTP/1.1 9999 X\r\n\r\n"), "does not answer in HTTP"),
    "reset": (faulty.steps(RESET), CUT),
    "reset in the body": (
        faulty.steps(faulty.head(200, {"Content-Length": "9"}), b"1", RESET),
        CUT,
    ),
    "shorter than announced": (faulty.truncated(BODY), CUT),
    "chunks that end early": (
        faulty.steps(faulty.head(200, {"Transfer-Encoding": "chunked"}), b"5\r\nab"),
        CUT,
    ),
    "no last chunk": (
        faulty.steps(faulty.head(200, {"Transfer-Encoding": "chunked"}), b"2\r\nab\r\n"),
        CUT,
    ),
    "chunks that are none": (
        faulty.steps(faulty.head(200, {"Transfer-Encoding": "chunked"}), b"zz\r\nab\r\n"),
        CUT,
    ),
    "a transfer coding that nobody asked for": (
        faulty.reply(b"x", headers={"Transfer-Encoding": "gzip"}),
        HEAD,
    ),
    "two framings": (faulty.reply(b"0\r\n\r\n", headers={"Transfer-Encoding": "chunked"}), HEAD),
    "two lengths": (
        faulty.steps(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"),
        HEAD,
    ),
    "many headers": (faulty.steps(b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 5000), HEAD),
    "a long header": (faulty.steps(b"HTTP/1.1 200 OK\r\nA: " + b"b" * 10**6), HEAD),
    "a long status": (faulty.steps(b"HTTP/1.1 200 " + b"b" * 10**6), HEAD),
    "informational without end": (faulty.steps(faulty.head(100) * 100_000), HEAD),
    "early hints without end": (faulty.steps(faulty.head(103, {"Link": "x"}) * 100_000), HEAD),
    "gzip that is none": (faulty.reply(BODY, headers={"Content-Encoding": "gzip"}), DAMAGED),
    "gzip that is cut": (
        faulty.reply(gzip.compress(BODY)[:-9], headers={"Content-Encoding": "gzip"}),
        DAMAGED,
    ),
    "gzip with a wrong checksum": (
        faulty.reply(gzip.compress(BODY)[:-8] + b"\0" * 8, headers={"Content-Encoding": "gzip"}),
        DAMAGED,
    ),
    "gzip and garbage": (
        faulty.reply(gzip.compress(BODY) + b"garbage", headers={"Content-Encoding": "gzip"}),
        DAMAGED,
    ),
    "brotli": (faulty.reply(BODY, headers={"Content-Encoding": "br"}), "which nobody asked for"),
    "gzip twice": (
        faulty.reply(
            gzip.compress(gzip.compress(BODY)), headers={"Content-Encoding": "gzip, gzip"}
        ),
        "which nobody asked for",
    ),
}


@pytest.mark.parametrize(("behaviour", "did"), BROKEN.values(), ids=BROKEN)
def test_what_is_no_whole_answer_is_the_partner_s_failure(
    site: Faulty, behaviour: Behaviour, did: str
) -> None:
    site.script(behaviour)
    sentence = refused(PartnerFailed, site.partner())
    assert sentence.startswith("The partner faulty ")
    assert did in sentence


def test_early_hints_come_before_an_answer(site: Faulty) -> None:
    [*_, answer] = faulty.reply(BODY)(None)
    whole = faulty.head(200, {"Content-Length": str(len(BODY))}) + answer
    site.script(faulty.steps(faulty.head(100), faulty.head(103, {"Link": "</a>"}), whole))
    with fetch(site.partner()) as reply:
        assert (reply.status, reply.read()) == (200, BODY)


def test_a_body_without_a_length_ends_with_the_connection(site: Faulty) -> None:
    site.script(faulty.steps(faulty.head(), BODY))
    with fetch(site.partner()) as reply:
        assert reply.read() == BODY


def test_an_answer_that_has_no_body_is_whole_without_one(site: Faulty) -> None:
    with fetch(site.partner(), method="HEAD") as reply:
        assert (reply.status, reply.read()) == (200, b"")
    site.script(faulty.steps(faulty.head(304)))
    with fetch(site.partner(), headers={"If-None-Match": '"1"'}) as reply:
        assert (reply.status, reply.read()) == (304, b"")


def test_a_site_that_is_down_is_the_partner_s_failure(site: Faulty) -> None:
    with faulty.refusing() as port:
        sentence = refused(PartnerFailed, site.partner(endpoint=f"http://127.0.0.1:{port}/"))
        assert sentence == "The partner faulty refuses connections at its address."


def test_what_was_opened_is_closed_whatever_happens(site: Faulty) -> None:
    """Files and threads of a hundred requests, good, bad and abandoned, are all given back."""
    before = set(threading.enumerate())
    for _ in range(25):
        site.script(
            faulty.reply(BODY), faulty.steps(RESET), faulty.truncated(BODY), faulty.endless()
        )
        fetch(site.partner()).close()
        for kind in (PartnerFailed, PartnerFailed, PartnerLimit):
            refused(kind, site.partner())
    until(lambda: not [one for one in set(threading.enumerate()) - before if is_ours(one)])


def is_ours(thread: threading.Thread) -> bool:
    return isinstance(thread, threading.Timer)
