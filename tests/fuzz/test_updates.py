"""Updates over HTTP and on the bare engine: the same state, or the same refusal.

https://www.w3.org/TR/sparql11-update/
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pyoxigraph import QuerySolutions, Store

from tests.clients.tools import TOKEN
from tests.endpoint.serving import Reply, Served, serving
from tests.faults.watching import is_clean, still_answers

FEW = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
STATE = "SELECT ?g ?s ?p ?o { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }"
EMPTY = "DROP SILENT ALL"
GRAPHS = ("<urn:x:g>", "<urn:x:h>", "<urn:x:i>")

graph = st.sampled_from(GRAPHS)
term = st.sampled_from(("<urn:x:a>", "<urn:x:b>", '"é"@fr', "7", '"x"'))
subject = st.sampled_from(("<urn:x:a>", "<urn:x:b>"))
triple = st.builds("{} <urn:x:p> {} .".format, subject, term)
place = st.sampled_from(("DEFAULT", *(f"GRAPH {name}" for name in GRAPHS)))
silent = st.sampled_from(("", "SILENT "))
pattern = st.sampled_from(
    (
        "?s ?p ?o",
        "GRAPH ?g { ?s ?p ?o }",
        "GRAPH <urn:x:g> { ?s ?p ?o } FILTER (?o != 7)",
        "?s ?p ?o . OPTIONAL { GRAPH ?g { ?s ?q ?x } }",
        "{ SELECT ?s ?p ?o { ?s ?p ?o } LIMIT 1000 } BIND (<urn:x:h> AS ?g)",
        "VALUES (?s ?p ?o ?g) { (<urn:x:v> <urn:x:p> 1 <urn:x:i>) (<urn:x:w> <urn:x:p> 2 UNDEF) }",
    )
)
template = st.sampled_from(
    ("?s ?p ?o", "?s <urn:x:q> 1", "GRAPH ?g { ?s ?p ?o }", "GRAPH <urn:x:i> { ?s ?p ?o }", "")
)
data = st.builds(
    "{} {{ {} GRAPH {} {{ {} }} }}".format,
    st.sampled_from(("INSERT DATA", "DELETE DATA")),
    triple,
    graph,
    triple,
)
modify = st.builds(
    "{}DELETE {{ {} }} INSERT {{ {} }} {}WHERE {{ {} }}".format,
    st.sampled_from(("", "WITH <urn:x:g> ")),
    template,
    template,
    st.sampled_from(("", "USING <urn:x:h> ", "USING NAMED <urn:x:g> ")),
    pattern,
)
manage = st.builds(
    "{} {}{}".format,
    st.sampled_from(("CLEAR", "DROP")),
    silent,
    st.one_of(place, st.sampled_from(("ALL", "NAMED"))),
)
create = st.builds("CREATE {}GRAPH {}".format, silent, graph)
copy = st.builds(
    "{} {}{} TO {}".format, st.sampled_from(("COPY", "MOVE", "ADD")), silent, place, place
)
delete_where = st.just("DELETE WHERE { GRAPH ?g { ?s <urn:x:p> ?o } }")
operation = st.one_of(data, data, modify, manage, create, copy, delete_where)
request = st.lists(operation, min_size=1, max_size=4).map(" ;\n".join)


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("updates"), "--scratch", "--token", TOKEN) as served:
        yield served


def send(served: Served, text: str) -> Reply:
    headers = {"Content-Type": "application/sparql-update", "Authorization": f"Bearer {TOKEN}"}
    reply = served.fetch("/sparql", "POST", body=text, headers=headers)
    is_clean(reply)
    return reply


def done(store: Store, text: str) -> bool:
    """Whether the bare engine does the update."""
    try:
        store.update(text)
    except (SyntaxError, ValueError, RuntimeError, OSError):
        return False
    return True


def state(store: Store) -> set[tuple[str, ...]]:
    solutions = store.query(STATE)
    assert isinstance(solutions, QuerySolutions)
    return {tuple("" if term is None else term.value for term in row) for row in solutions}


@FEW
@given(requests=st.lists(request, min_size=1, max_size=4))
@example(requests=["CREATE GRAPH <urn:x:g>", "CREATE GRAPH <urn:x:g>"])
@example(requests=["INSERT DATA { <urn:x:a> <urn:x:p> 1 } ; CREATE GRAPH <urn:x:g> ; nonsense"])
@example(requests=["INSERT DATA { <urn:x:a> <urn:x:p> 1 } ; CLEAR GRAPH <urn:x:none>"])
@example(
    requests=["CREATE GRAPH <urn:x:g>", "COPY DEFAULT TO <urn:x:g>", "MOVE <urn:x:g> TO DEFAULT"]
)
def test_each_update_does_what_the_engine_does_or_nothing(
    scratch: Served, requests: list[str]
) -> None:
    assert send(scratch, EMPTY).status // 100 == 2
    store = Store()
    for text in requests:
        expected = done(store, text)
        reply = send(scratch, text)
        assert (reply.status // 100 == 2) is expected, (text, reply.status, reply.text)
        assert scratch.rows(STATE) == state(store), text


@FEW
@given(text=request, at=st.integers(0, 300), other=st.text(max_size=4))
@example(text="", at=0, other="")
@example(text="INSERT DATA { <urn:x:a> <urn:x:p> '\ud800' }", at=0, other="")
def test_an_update_that_is_cut_and_glued_is_survived(
    scratch: Served, text: str, at: int, other: str
) -> None:
    at %= len(text) + 1
    mangled = (text[:at] + other + text[at + 1 :]).encode("utf-8", "surrogatepass")
    headers = {"Content-Type": "application/sparql-update", "Authorization": f"Bearer {TOKEN}"}
    reply = scratch.fetch("/sparql", "POST", body=mangled, headers=headers)
    is_clean(reply)
    assert reply.status in (200, 201, 204, 400, 403, 404, 409, 422), reply.text
    still_answers(scratch)
