"""The cache of answers: what is kept, for how long, and what is asked only once."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from endpoint.cache import OVERHEAD, SHARE, Cache, Kept, Key
from tests.endpoint.serving import Served, serving
from tests.endpoint.world import publish_world
from tests.waiting import LONG, until

JSON = "application/sparql-results+json"


def key(name: str) -> Key:
    return Key(1, name, "")


def keep(cache: Cache, name: str, size: int) -> None:
    cache.put(key(name), Kept(b"x" * size, ""), size)


def test_the_least_recently_used_goes_first_and_the_bound_is_kept() -> None:
    cache = Cache(SHARE * 2 * OVERHEAD)
    for number in range(100):
        keep(cache, str(number), OVERHEAD)
        cache.get(key("0"))
        assert cache.size <= cache.limit
    assert cache.get(key("0"))
    assert cache.get(key("1")) is None
    assert cache.get(key("99"))
    assert len(cache) == SHARE


def test_an_answer_that_would_push_out_all_others_is_not_kept() -> None:
    cache = Cache(SHARE * 10_000)
    keep(cache, "small", 100)
    keep(cache, "large", 10_000)
    assert cache.get(key("large")) is None
    assert cache.get(key("small"))


def test_what_is_kept_again_counts_once() -> None:
    cache = Cache(1_000_000)
    for size in (10, 500, 20):
        keep(cache, "same", size)
    assert cache.size == 20 + OVERHEAD
    assert len(cache) == 1


def test_a_cache_of_no_bytes_keeps_nothing() -> None:
    cache = Cache(0)
    keep(cache, "any", 0)
    assert len(cache) == cache.size == 0


def test_a_question_is_asked_once_by_however_many_at_once() -> None:
    cache = Cache(1_000_000)
    asked: list[int] = []

    def ask(number: int) -> Kept:
        with cache.asking(key("q"), LONG):
            kept = cache.get(key("q"))
            if kept is None:
                asked.append(number)
                time.sleep(0.1)
                kept = Kept(b"answer", "")
                cache.put(key("q"), kept, 6)
        return kept

    with ThreadPoolExecutor(20) as threads:
        answers = list(threads.map(ask, range(20)))
    assert {kept.body for kept in answers} == {b"answer"}
    assert len(asked) == 1
    assert not cache._asking


def test_who_asks_and_fails_lets_the_next_one_ask() -> None:
    cache = Cache(1_000_000)
    begun, failing = threading.Event(), threading.Event()

    def fail() -> None:
        with cache.asking(key("q"), LONG):
            begun.set()
            failing.wait(LONG)
            raise KeyError

    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(fail)
        assert begun.wait(LONG)
        second = threads.submit(lambda: cache.asking(key("q"), LONG).__enter__())
        time.sleep(0.05)
        assert not second.done()
        failing.set()
        second.result(timeout=LONG)
        assert isinstance(first.exception(), KeyError)


def metric(served: Served, name: str) -> float:
    lines = served.fetch("/metrics").text.splitlines()
    values = [float(line.split()[-1]) for line in lines if line.startswith(name + " ")]
    return values[0] if values else 0.0


def test_a_repeated_query_is_answered_from_memory_with_the_same_headers(served: Served) -> None:
    query = "SELECT * { ?s ?p ?o } # repeated"
    hits = metric(served, "atlas_cache_hits_total")
    first, second, third = (served.ask(query, JSON) for _ in range(3))
    assert first.body == second.body == third.body
    ours = {name: value for name, value in first.headers.items() if name not in CHANGING}
    for reply in (second, third):
        assert {n: v for n, v in reply.headers.items() if n not in CHANGING} == ours
    assert metric(served, "atlas_cache_hits_total") == hits + 2


CHANGING = {"X-Request-Id", "Date", "RateLimit-Remaining"}


def test_the_same_question_in_other_words_is_one_question(served: Served) -> None:
    query = "SELECT * { ?s ?p ?o } # two ways"
    hits = metric(served, "atlas_cache_hits_total")
    by_accept = served.ask(query, JSON)
    by_format = served.ask(query, format="json")
    posted = served.fetch(
        "/sparql",
        "POST",
        body=query,
        headers={"Content-Type": "application/sparql-query", "Accept": JSON},
    )
    assert by_accept.body == by_format.body == posted.body
    assert by_accept.headers["ETag"] == by_format.headers["ETag"] == posted.headers["ETag"]
    assert metric(served, "atlas_cache_hits_total") == hits + 2


def test_what_is_no_function_of_the_data_is_never_kept(served: Served) -> None:
    for function in ("RAND()", "now()", "UUID()", "StrUUID()"):
        query = f"SELECT ({function} AS ?x) {{}}"
        hits = metric(served, "atlas_cache_hits_total")
        replies = [served.ask(query, JSON) for _ in range(3)]
        assert {reply.headers["Cache-Control"] for reply in replies} == {"no-store"}
        assert not any(reply.headers["ETag"] for reply in replies)
        assert metric(served, "atlas_cache_hits_total") == hits
        assert len({reply.body for reply in replies}) > 1


def test_an_error_is_not_kept(served: Served) -> None:
    for _ in range(2):
        assert served.ask("SELECT * { ?s ?p", JSON).status == 400


def test_a_new_generation_is_answered_from_at_once_and_an_older_one_is_immutable(
    tmp_path: Path,
) -> None:
    query = 'SELECT ?s { ?s ?p "une autre"@fr }'
    publish_world(tmp_path)
    with serving(tmp_path, ATLAS_WORKERS="2") as served:
        for _ in range(2):
            reply = served.ask(query, "text/csv")
            assert reply.headers["Atlas-Generation"] == "1"
            assert reply.headers["Cache-Control"] == "public, no-cache"
            assert reply.text.split() == ["s"]
        publish_world(tmp_path, extra='<urn:s> <urn:p> "une autre"@fr .\n')
        for _ in range(2):
            reply = served.ask(query, "text/csv")
            assert reply.headers["Atlas-Generation"] == "2"
            assert reply.text.split() == ["s", "urn:s"]
        for _ in range(2):
            older = served.ask(query, "text/csv", generation="1")
            assert older.headers["Atlas-Generation"] == "1"
            assert older.headers["Cache-Control"] == "public, max-age=31536000, immutable"
            assert older.text.split() == ["s"]


def test_equal_queries_at_once_run_once(served: Served) -> None:
    query = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } # at once"
    misses = metric(served, "atlas_cache_misses_total")
    with ThreadPoolExecutor(12) as threads:
        replies = list(threads.map(lambda _: served.ask(query, "text/csv"), range(12)))
    assert {reply.status for reply in replies} == {200}
    assert len({reply.body for reply in replies}) == 1
    assert metric(served, "atlas_cache_misses_total") == misses + 1


def test_who_waits_for_the_same_question_keeps_its_own_deadline(served: Served) -> None:
    runaway = "SELECT (COUNT(*) AS ?n) { " + " ".join(f"?a{n} ?b{n} ?c{n} ." for n in range(9))

    def ask(timeout: str) -> int:
        return served.ask(runaway + " }", JSON, timeout=timeout).status

    with ThreadPoolExecutor(4) as threads:
        first = threads.submit(ask, "4")
        until(lambda: served.fetch("/health").json["busy"] >= 1)
        assert list(threads.map(ask, ["0.5"] * 3)) == [503] * 3
        assert not first.done()
        assert first.result() == 503
