"""Updates over real HTTP: who may write what, what becomes of it, what is refused and why."""

from __future__ import annotations

import gzip
import os
import re
import signal
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from pyoxigraph import RdfFormat, parse

from tests.endpoint.serving import ATLAS as PROGRAM
from tests.endpoint.serving import Reply, Served, Server, address, environment, serving, stop
from tests.endpoint.test_refusals import pattern
from tests.endpoint.world import ATLAS, BASE, EXAMPLE, PLACES, TALK, publish_world
from tests.endpoint.writing import FORM, PARTNER, UPDATE, Desk, at, scratch, token
from tests.waiting import until

INSERT = f"INSERT DATA {{ GRAPH <{PARTNER}> {{ <urn:s> <urn:p> <urn:o> }} }}"
INVALID = f"INSERT DATA {{ GRAPH <{PARTNER}> {{ <urn:relation> a <{ATLAS}Relation> }} }}"


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("written")
    publish_world(folder)
    return folder


@pytest.fixture(scope="module")
def running(instance: Path) -> Iterator[Served]:
    settings = {"ATLAS_WORKERS": "2", "ATLAS_BODY_BYTES": "20000", "ATLAS_WRITE_BYTES": "60000"}
    with serving(instance, **settings) as served:
        yield served


@pytest.fixture
def admin(running: Served, instance: Path) -> Desk:
    return Desk(running, token(instance))


@pytest.fixture
def partner(running: Served, instance: Path) -> Desk:
    return Desk(running, token(instance, PARTNER, f"{PARTNER}/*"))


def generation(reply: Reply) -> int:
    return int(reply.headers["Atlas-Generation"])


def held(served: Served, graph: str) -> set[tuple[str, ...]]:
    return served.rows(f"SELECT ?s ?p ?o {{ GRAPH <{graph}> {{ ?s ?p ?o }} }}")


def test_a_write_is_served_once_it_is_answered(partner: Desk) -> None:
    before = generation(partner.served.ask("ASK {}"))
    reply = partner.update(INSERT)
    assert (reply.status, reply.body) in ((201, b""), (204, b""))
    assert generation(reply) == before + 1
    assert held(partner.served, PARTNER) == {("urn:s", "urn:p", "urn:o")}
    # The default graph is the merge of the graphs, the new one among them.
    assert partner.served.ask("ASK { <urn:s> <urn:p> <urn:o> }", "text/csv").text == "true"
    # An older generation is still there to be asked, and has an entity tag of its own.
    older = partner.served.ask("ASK { <urn:s> <urn:p> <urn:o> }", generation=str(before))
    assert older.json["boolean"] is False
    assert generation(older) == before
    assert partner.served.ask("ASK {}", generation="999999").status == 404


def test_a_form_and_a_packed_body_write_too(partner: Desk) -> None:
    body = urlencode({"update": INSERT.replace("urn:o", "urn:form")})
    assert partner.fetch("/sparql", "POST", body, content_type=FORM).status in (201, 204)
    packed = gzip.compress(INSERT.replace("urn:o", "urn:packed").encode())
    reply = partner.fetch("/sparql", "POST", packed, content_type=UPDATE, content_encoding="gzip")
    assert reply.status == 204
    objects = {row[2] for row in held(partner.served, PARTNER)}
    assert {"urn:form", "urn:packed"} <= objects


@pytest.mark.parametrize(
    "authorization", [None, "Bearer nobody", "Basic eDp5", f"Bearer atlas_00000000_{'A' * 43}"]
)
def test_without_a_valid_token_nothing_is_written(
    running: Served, authorization: str | None
) -> None:
    headers = {"Authorization": authorization} if authorization else {}
    for path, method, kind in (
        ("/sparql", "POST", UPDATE),
        (f"/data?graph={PARTNER}", "PUT", "text/turtle"),
        (f"/data?graph={PARTNER}", "POST", "text/turtle"),
        (f"/data?graph={PARTNER}", "DELETE", ""),
    ):
        body = "CLEAR ALL" if kind else None
        reply = running.fetch(path, method, body=body, headers={**headers, "Content-Type": kind})
        assert (reply.status, reply.slug) == (401, "unauthorized")
        assert reply.headers["WWW-Authenticate"].startswith("Bearer")
        assert "atlas token create" in reply.json["detail"]


def test_a_token_in_the_address_counts_for_nothing(admin: Desk) -> None:
    path = f"/sparql?access_token={admin.token}&token={admin.token}"
    reply = admin.served.fetch(path, "POST", body=INSERT, headers={"Content-Type": UPDATE})
    assert reply.status == 401


def test_a_revoked_token_is_refused_at_once(running: Served, instance: Path) -> None:
    from endpoint.tokens import TokenFile

    desk = Desk(running, token(instance, PARTNER))
    assert desk.update(INSERT).status in (201, 204)
    assert desk.token is not None
    TokenFile(instance).revoke(desk.token.split("_")[1])
    assert desk.update(INSERT).status == 401


@pytest.mark.parametrize(
    "text",
    [
        f"INSERT DATA {{ GRAPH <{BASE}/graph/other> {{ <urn:s> <urn:p> <urn:o> }} }}",
        f"CLEAR GRAPH <{PLACES}>",
        f"MOVE <{TALK}> TO <{PARTNER}>",
        f"COPY <{PARTNER}> TO <{PLACES}>",
        "CLEAR NAMED",
        "DELETE { GRAPH ?g { ?s ?p ?o } } WHERE { GRAPH ?g { ?s ?p ?o } }",
        f"INSERT {{ GRAPH ?g {{ <urn:s> <urn:p> 1 }} }} WHERE {{ BIND (<{PLACES}> AS ?g) }}",
        f"WITH <{PARTNER}> INSERT {{ GRAPH ?g {{ <urn:s> <urn:p> 1 }} }} "
        f"WHERE {{ BIND (<{PLACES}> AS ?g) }}",
        f"INSERT DATA {{ GRAPH <{PARTNER}> {{ <urn:s> <urn:p> 1 }} }} ; DROP GRAPH <{TALK}>",
    ],
)
def test_a_token_writes_only_the_graphs_it_covers(partner: Desk, text: str) -> None:
    before = partner.served.rows("SELECT ?g ?s ?p ?o { GRAPH ?g { ?s ?p ?o } }")
    reply = partner.update(text)
    assert (reply.status, reply.slug) == (403, "forbidden")
    assert partner.served.rows("SELECT ?g ?s ?p ?o { GRAPH ?g { ?s ?p ?o } }") == before


@pytest.mark.parametrize("text", [f"CLEAR GRAPH <{PLACES}>", f"DROP GRAPH <{EXAMPLE}>"])
def test_not_even_an_admin_changes_what_a_source_fills(admin: Desk, text: str) -> None:
    assert (reply := admin.update(text)).status == 403, reply.text


@pytest.mark.parametrize(
    "text",
    [
        "INSERT DATA { <urn:s> <urn:p> <urn:o> }",
        "DELETE WHERE { ?s ?p ?o }",
        "CLEAR DEFAULT",
        "DROP ALL",
        f"ADD <{PARTNER}> TO DEFAULT",
    ],
)
def test_a_write_to_no_graph_is_told_to_name_one(admin: Desk, text: str) -> None:
    reply = admin.update(text)
    assert (reply.status, reply.slug) == (403, "forbidden")
    assert "Name a graph" in reply.json["detail"]


COPY = "INSERT {{ GRAPH <{graph}> {{ <urn:copy> <urn:of> ?s }} }} WHERE {{ {where} }}"


def test_a_pattern_without_a_named_graph_reads_the_merge(partner: Desk) -> None:
    graph = f"{PARTNER}/copy"
    text = COPY.format(graph=graph, where=f"?s a <{ATLAS}Commune>")
    assert partner.update(text).status == 201
    assert len(held(partner.served, graph)) == 2


def test_a_dataset_in_the_request_is_where_the_pattern_looks(partner: Desk) -> None:
    graph = f"{PARTNER}/using"
    reply = partner.update(COPY.format(graph=graph, where="?s a ?class"), {"using-graph-uri": TALK})
    assert reply.status == 201
    assert len(held(partner.served, graph)) == 1
    text = f"WITH <{PARTNER}> DELETE {{ ?s ?p ?o }} WHERE {{ ?s ?p ?o }}"
    assert partner.update(text, {"using-graph-uri": TALK}).status == 400


def test_an_illustrative_graph_feeds_no_write_that_does_not_name_it(
    partner: Desk, instance: Path
) -> None:
    invented, graph = f"{BASE}/graph/invented", f"{PARTNER}/seen"
    inventor = Desk(partner.served, token(instance, invented, publish="illustrative"))
    assert inventor.put(invented, "<urn:invented> a <urn:Invented> .").status == 201
    hidden = COPY.format(graph=graph, where="GRAPH ?g { ?s a <urn:Invented> }")
    assert partner.update(hidden).status == 204
    assert held(partner.served, graph) == set()
    assert partner.update(hidden.replace("?g", f"<{invented}>")).status == 201
    assert len(held(partner.served, graph)) == 1


@pytest.mark.parametrize(
    ("text", "status", "slug"),
    [
        ("CLEAR XYZ", 400, "malformed-query"),
        (f"CREATE GRAPH <{PARTNER}/new> ; CREATE GRAPH <{PARTNER}/new>", 409, "conflict"),
        (f"DROP GRAPH <{PARTNER}/missing>", 409, "conflict"),
        (f"DELETE DATA {{ GRAPH <{PARTNER}> {{ ?s ?p ?o }} }}", 400, "malformed-query"),
        (f"INSERT {{ GRAPH <{PARTNER}> {{ ?s ?p 1 }} }} WHERE {{ ?s ?p }}", 400, "malformed-query"),
        ("LOAD <http://127.0.0.1:1/x>", 403, "forbidden"),
        (
            f"WITH <{PARTNER}> DELETE {{ ?s ?p 1 }} WHERE {{ SERVICE <urn:x> {{}} }}",
            403,
            "forbidden",
        ),
        ("ASK {}", 400, "malformed-query"),
    ],
)
def test_what_cannot_be_run_is_refused_with_a_reason(
    admin: Desk, text: str, status: int, slug: str
) -> None:
    reply = admin.update(text)
    assert (reply.status, reply.slug) == (status, slug), reply.text
    assert len(reply.json["detail"]) > 40


def test_no_play_with_quotes_reaches_further_than_the_token(partner: Desk) -> None:
    """The engine would read a string where the lexer reads an IRI, and then a second operation."""
    text = (
        f"INSERT {{ GRAPH <{PARTNER}> {{ <urn:s> <urn:p> 1 }} }} WHERE {{ FILTER (1<'#>'||'') }} ; "
        f"INSERT DATA {{ GRAPH <{BASE}/graph/victim> {{ <urn:s> <urn:p> 1 }} }} #'}}"
    )
    assert partner.update(text).status == 400
    assert held(partner.served, f"{BASE}/graph/victim") == set()


def test_no_game_of_chance_reaches_further_than_the_token(partner: Desk) -> None:
    victim = f"{BASE}/graph/victim"
    chance = f"IF (RAND() < 0.5, <{PARTNER}/chance>, <{victim}>)"
    text = f"INSERT {{ GRAPH ?g {{ <urn:s> <urn:p> 1 }} }} WHERE {{ BIND ({chance} AS ?g) }}"
    for _ in range(12):
        assert partner.update(text).status in (201, 204, 403)
    assert held(partner.served, victim) == set()


def test_an_update_is_never_sent_in_an_address(admin: Desk) -> None:
    path = "/sparql?" + urlencode({"update": INSERT})
    assert admin.fetch(path).status == 400
    assert admin.fetch(path, "POST", "", content_type=FORM).status == 400


def test_one_refused_operation_undoes_those_before_it(partner: Desk) -> None:
    graph = f"{PARTNER}/half"
    text = f"INSERT DATA {{ GRAPH <{graph}> {{ <urn:s> <urn:p> 1 }} }} ; CREATE GRAPH <{graph}>"
    assert partner.update(text).status == 409
    assert held(partner.served, graph) == set()


def test_what_the_shapes_refuse_is_422_with_a_summary(partner: Desk) -> None:
    before = generation(partner.served.ask("ASK {}"))
    reply = partner.update(INVALID)
    assert (reply.status, reply.slug) == (422, "invalid-data")
    first = reply.json["results"][0]
    assert first["focusNode"] == "urn:relation"
    assert first["message"]
    assert generation(partner.served.ask("ASK {}")) == before


@pytest.mark.parametrize(
    ("media_type", "syntax"),
    [
        ("text/turtle", RdfFormat.TURTLE),
        ("application/ld+json", RdfFormat.JSON_LD),
        ("application/n-triples", RdfFormat.N_TRIPLES),
    ],
)
def test_what_the_shapes_refuse_comes_with_the_report_in_the_syntax_asked_for(
    partner: Desk, media_type: str, syntax: RdfFormat
) -> None:
    reply = partner.update(INVALID, Accept=media_type)
    assert (reply.status, reply.type) == (422, media_type)
    objects = {quad.object for quad in parse(reply.body, syntax)}
    assert any(getattr(term, "value", "") == "urn:relation" for term in objects)


def test_of_many_findings_those_that_refuse_the_write_are_told_first(partner: Desk) -> None:
    relations = " ".join(f"<urn:r{n}> a <{ATLAS}Relation> ." for n in range(30))
    reply = partner.update(f"INSERT DATA {{ GRAPH <{PARTNER}> {{ {relations} }} }}")
    told = reply.json["results"]
    assert len(told) == 20
    assert {result["severity"].rpartition("#")[2] for result in told} == {"Violation"}
    assert all(list(result)[:2] == ["focusNode", "path"] for result in told)


def test_an_answer_without_a_body_has_no_type(partner: Desk) -> None:
    reply = partner.update(INSERT.replace("urn:o", "urn:no-type"))
    assert reply.body == b""
    assert "Content-Type" not in reply.headers


def test_a_graph_that_must_be_new_or_be_there_is_not_written_otherwise(partner: Desk) -> None:
    graph, turtle = f"{PARTNER}/new", "<urn:s> <urn:p> 1 ."
    assert partner.put(graph, turtle, If_Match="*").status == 412
    assert partner.put(graph, turtle, If_None_Match="*").status == 201
    refused = partner.put(graph, "<urn:s> <urn:p> 2 .", If_None_Match="*")
    assert (refused.status, refused.slug) == (412, "precondition-failed")
    assert "send its entity tag as If-Match" in refused.json["detail"]
    assert partner.put(graph, "<urn:s> <urn:p> 3 .", If_Match="*").status == 204
    assert held(partner.served, graph) == {("urn:s", "urn:p", "3")}
    assert partner.put(graph, turtle, If_None_Match='"12"').status == 400
    assert partner.put(graph, turtle, If_None_Match="*", If_Match="*").status == 400


def test_if_match_protects_from_a_lost_update(partner: Desk) -> None:
    reply = partner.served.ask("ASK {}")
    tag, number = reply.headers["ETag"], generation(reply)
    later = partner.update(INSERT.replace("urn:o", "urn:first"), If_Match=tag)
    assert later.status in (201, 204)
    refused = partner.update(INSERT.replace("urn:o", "urn:second"), If_Match=tag)
    assert (refused.status, refused.slug) == (412, "precondition-failed")
    for condition in (f'"{number}"', '"other"', f'W/"{generation(later)}-x"'):
        assert partner.update(INSERT, If_Match=condition).status == 412, condition
    for condition in (f'"{number}", "{generation(later)}"', "*"):
        text = INSERT.replace("urn:o", f"urn:{len(condition)}")
        assert partner.update(text, If_Match=condition).status == 204, condition
    for condition in ("12", '"12', "12-abc", ""):
        assert partner.update(INSERT, If_Match=condition).status == 400, condition


def test_a_browser_may_write_from_any_page(running: Served) -> None:
    for path in ("/sparql", f"/data?graph={PARTNER}"):
        headers = {"Origin": "https://example.org", "Access-Control-Request-Method": "PUT"}
        reply = running.fetch(path, "OPTIONS", headers=headers)
        assert reply.headers["Access-Control-Allow-Origin"] == "*"
        assert {"PUT", "DELETE"} <= set(reply.headers["Access-Control-Allow-Methods"].split(", "))
        allowed = reply.headers["Access-Control-Allow-Headers"]
        assert "Authorization" in allowed
        assert "If-Match" in allowed


def test_who_waits_for_a_turn_gets_it(partner: Desk) -> None:
    statuses: list[int] = []

    def write(number: int) -> None:
        statuses.append(partner.update(INSERT.replace("urn:o", f"urn:turn:{number}")).status)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [204] * 8
    objects = {row[2] for row in held(partner.served, PARTNER)}
    assert {f"urn:turn:{number}" for number in range(8)} <= objects


def test_bodies_are_bounded(partner: Desk, running: Served) -> None:
    large = INSERT + "#" * 30_000
    assert partner.update(large).status == 204
    assert partner.update(INSERT + "#" * 70_000).status == 413
    anonymous = running.fetch("/sparql", "POST", body=large, headers={"Content-Type": UPDATE})
    assert anonymous.status == 413


def test_a_secret_is_in_no_answer_and_in_no_log(instance: Path, tmp_path: Path) -> None:
    secret = token(instance, PARTNER)
    log = tmp_path / "access.log"
    with serving(instance, ATLAS_ACCESS_LOG=str(log), ATLAS_SLOW_QUERY="0.000001") as served:
        desk = Desk(served, secret)
        replies = [desk.update(INSERT), desk.update("CLEAR XYZ"), desk.update("CLEAR DEFAULT")]
        Desk(served, secret[:-1]).update(INSERT)
        assert all(secret[15:].encode() not in reply.body for reply in replies)
        served.process.terminate()
        served.process.wait(20)
        assert served.process.stdout
        assert secret[15:-1] not in served.process.stdout.read()
    assert secret[15:-1] not in log.read_text("utf-8")


@pytest.fixture(scope="module")
def empty() -> Iterator[Desk]:
    with scratch() as desk:
        yield desk


def test_a_scratch_store_is_empty_and_has_a_default_graph_of_its_own(empty: Desk) -> None:
    assert empty.update("CLEAR ALL").status == 204
    assert empty.served.rows("SELECT * { ?s ?p ?o }") == set()
    assert empty.update("INSERT DATA { <urn:s> <urn:p> <o> }").status in (201, 204)
    assert empty.served.rows("SELECT ?o { ?s ?p ?o }") == {(f"{empty.served.address}/o",)}
    # A graph that is not there is an empty one, in a query's dataset too.
    assert empty.served.rows("SELECT * FROM <urn:none> { ?s ?p ?o }") == set()
    assert empty.served.rows("SELECT * { ?s ?p ?o }", **{"default-graph-uri": "urn:none"}) == set()
    assert empty.update(INSERT).status == 201
    assert empty.served.rows("SELECT ?g { GRAPH ?g {} }") == {(PARTNER,)}
    assert empty.served.ask("ASK { <urn:s> <urn:p> <urn:o> }", "text/csv").text == "false"


def test_a_scratch_store_knows_no_shapes_and_one_token(empty: Desk) -> None:
    assert empty.update(INVALID).status in (201, 204)
    assert Desk(empty.served, "t").update(INSERT).status == 401


def test_a_scratch_store_leaves_nothing_behind(tmp_path: Path) -> None:
    with serving(tmp_path, "--scratch", "--token", "T", TMPDIR=str(tmp_path)) as served:
        assert Desk(served, "T").update(INSERT).status == 201
        assert list(tmp_path.glob("atlas-scratch-*"))
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_server_was_sent_is_swept_by_the_next(tmp_path: Path) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    options = ("--scratch", "--token", "T")
    server = Server(tmp_path, *options, TMPDIR=str(temporary))
    split = urlsplit(address(server))
    with socket.create_connection((split.hostname, split.port)) as connection:
        connection.sendall(
            b"PUT /data?graph=urn:g HTTP/1.1\r\nHost: atlas\r\nAuthorization: Bearer T\r\n"
            b"Content-Type: text/turtle\r\nContent-Length: 4000\r\n\r\n<urn:s> "
        )
        until(lambda: list(temporary.glob("atlas-body-*")))
        for number, _ in server.processes():
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        stop(server, signal.SIGKILL)
    (left,) = temporary.glob("atlas-body-*")
    os.utime(left, (0, 0))
    with serving(tmp_path, *options, TMPDIR=str(temporary)):
        assert not left.exists()


@pytest.mark.parametrize(
    "name",
    ["delete-everything-pattern", "drop-all", "insert-amplify", "load-file", "load-loopback"],
)
def test_evil_updates_are_survived(empty: Desk, atlas_data: Path, name: str) -> None:
    text = (atlas_data / "evil-inputs" / "sparql-update" / f"{name}.ru").read_text("utf-8")
    reply = empty.update(text, {"timeout": "5"})
    assert reply.status in (201, 204, 403, 503, 507), reply.text
    assert empty.served.ask("ASK {}").status == 200
    assert empty.update("CLEAR ALL").status == 204


@pytest.mark.slow
def test_an_update_of_two_hundred_thousand_triples_is_taken(empty: Desk, atlas_data: Path) -> None:
    folder = atlas_data / "evil-inputs" / "sparql-update"
    text = gzip.decompress((folder / "insert-200k-triples.ru.gz").read_bytes()).decode()
    assert empty.update(text).status in (201, 204)
    assert empty.served.rows("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }") == {("200000",)}
    assert empty.update("CLEAR ALL").status == 204


@pytest.mark.parametrize(
    "words", [("--scratch",), ("--token", "T"), ("--scratch", "--token", "two words")]
)
def test_a_scratch_store_is_served_with_a_token_only(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    done = subprocess.run(
        [PROGRAM, "serve", "--port", "0", *words],
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("atlas: ")
    assert done.stderr.count("\n") == 1


Ask = Callable[[Desk], Reply]
FRENCH = {"accept_language": "fr"}
# What a write is refused for, by who sends it, and the sentence that says so.
REFUSED: tuple[tuple[str, str, int, Ask], ...] = (
    ("token_missing", "nobody", 401, lambda desk: desk.update(INSERT, **FRENCH)),
    ("token_unknown", "somebody", 401, lambda desk: desk.update(INSERT, **FRENCH)),
    ("scope", "partner", 403, lambda desk: desk.update(f"CLEAR GRAPH <{TALK}>", **FRENCH)),
    ("scope", "partner", 403, lambda desk: desk.put(TALK, "", **FRENCH)),
    ("name_a_graph", "partner", 403, lambda desk: desk.update("CLEAR DEFAULT", **FRENCH)),
    ("graph_filled", "admin", 403, lambda desk: desk.update(f"CLEAR GRAPH <{TALK}>", **FRENCH)),
    ("graph_dots", "admin", 403, lambda desk: desk.put(f"{PARTNER}/../talk", "", **FRENCH)),
    ("load_foreign", "partner", 403, lambda desk: desk.update("LOAD <urn:x>", **FRENCH)),
    ("update_wrong_at", "partner", 400, lambda desk: desk.update("INSERT DATA", **FRENCH)),
    ("shapes[1]", "partner", 422, lambda desk: desk.update(INVALID, **FRENCH)),
    (
        "conflict",
        "partner",
        409,
        lambda desk: desk.update(f"DROP GRAPH <{PARTNER}/none>", **FRENCH),
    ),
    (
        "graph_none",
        "partner",
        404,
        lambda desk: desk.put(f"{PARTNER}/none", "", "DELETE", **FRENCH),
    ),
    ("if_match", "partner", 400, lambda desk: desk.put(PARTNER, "", if_match="x", **FRENCH)),
    (
        "generation_moved",
        "partner",
        412,
        lambda desk: desk.put(PARTNER, "", if_match='"999999"', **FRENCH),
    ),
    (
        "graph_absent",
        "partner",
        412,
        lambda desk: desk.put(f"{PARTNER}/none", "", if_match="*", **FRENCH),
    ),
    ("too_large.body", "partner", 413, lambda desk: desk.put(PARTNER, " " * 70_000, **FRENCH)),
    ("body_wrong", "partner", 400, lambda desk: desk.put(PARTNER, "<urn:s>", **FRENCH)),
    (
        "body_syntax",
        "partner",
        415,
        lambda desk: desk.fetch(at(PARTNER), "PUT", "a", content_type="text/plain", **FRENCH),
    ),
    (
        "body_type",
        "partner",
        415,
        lambda desk: desk.fetch("/sparql", "POST", "a", content_type="text/plain", **FRENCH),
    ),
    ("graph_which", "partner", 400, lambda desk: desk.fetch("/data", "DELETE", **FRENCH)),
)


@pytest.mark.parametrize(("key", "who", "status", "ask"), REFUSED, ids=[row[0] for row in REFUSED])
def test_a_write_is_refused_in_the_language_of_who_sends_it(
    running: Served, admin: Desk, partner: Desk, key: str, who: str, status: int, ask: Ask
) -> None:
    nobody, somebody = Desk(running, None), Desk(running, "atlas_0_x")
    desks = {"admin": admin, "partner": partner, "nobody": nobody, "somebody": somebody}
    reply = ask(desks[who])
    assert reply.status == status, reply.text
    problem = reply.json
    assert problem["translation"]["language"] == "fr"
    for language, said in (("en", problem["detail"]), ("fr", problem["translation"]["detail"])):
        assert re.fullmatch(pattern(f"refusal.{key}", language), " ".join(said.split()))
