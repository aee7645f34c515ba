"""What partners answer: terms as they wrote them, and anything else than results."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from atlas.errors import (
    PartnerFailed,
    PartnerLimit,
    PartnerRefused,
)
from federation.exchange.client import Client
from federation.partner import Limits
from tests.federation import faulty
from tests.federation.faulty import JSON, XML, Behaviour, Faulty, bnode, iri, literal
from tests.federation.fetching import PATIENCE, SELECT, rows, run, select

XSD = "http://www.w3.org/2001/XMLSchema#"
SPARQL_XML = (
    '<?xml version="1.0"?><sparql xmlns="http://www.w3.org/2005/sparql-results#">'
    '<head><variable name="s"/></head><results>{}</results></sparql>'
)


@pytest.fixture
def site() -> Iterator[Faulty]:
    with Faulty() as site:
        yield site


# What is read.


def test_terms_stay_as_the_partner_wrote_them(site: Faulty) -> None:
    site.script(
        faulty.results(
            ["a", "b"],
            [
                {"a": iri("http://example.org/é"), "b": literal("Bogotá", language="es")},
                {"a": literal("01", datatype=f"{XSD}int")},
                {"b": literal("1.50", datatype=f"{XSD}decimal")},
                {"b": literal("P1Y", datatype="http://example.org/own")},
                {"b": literal('"\n\\\u0000é')},
            ],
        )
    )
    answer = Client().select(site.partner(), SELECT, run())
    assert answer.variables == ("a", "b")
    assert answer.rows == [
        (NamedNode("http://example.org/é"), Literal("Bogotá", language="es")),
        (Literal("01", datatype=NamedNode(f"{XSD}int")), None),
        (None, Literal("1.50", datatype=NamedNode(f"{XSD}decimal"))),
        (None, Literal("P1Y", datatype=NamedNode("http://example.org/own"))),
        (None, Literal('"\n\\\u0000é')),
    ]


def test_results_in_xml_are_read_too(site: Faulty) -> None:
    rows = (
        "<result><binding name='s'><uri>http://example.org/1</uri></binding></result>"
        "<result><binding name='s'><bnode>nodeID://b1</bnode></binding></result>"
        "<result><binding name='s'><bnode>b2</bnode></binding></result>"
        "<result><binding name='s'><literal xml:lang='fr'>a &lt; b</literal></binding></result>"
    )
    site.script(faulty.reply(SPARQL_XML.format(rows).encode(), f"{XML}; charset=utf-8"))
    [one, two, three, four] = [row[0] for row in select(site.partner())]
    assert (one, four) == (NamedNode("http://example.org/1"), Literal("a < b", language="fr"))
    assert isinstance(two, BlankNode)
    assert isinstance(three, BlankNode)
    assert two != three


def test_no_two_answers_share_a_blank_node_and_one_answer_keeps_its_own(site: Faulty) -> None:
    nodes = [bnode("b0"), bnode("nodeID://b1"), bnode("a b/c"), bnode("b0")]
    site.script(faulty.results(["s"], [{"s": node} for node in nodes]))
    client, partner = Client(), site.partner()
    first = [row[0] for row in client.select(partner, SELECT, run()).rows]
    second = [row[0] for row in client.select(partner, SELECT, run()).rows]
    for answer in (first, second):
        assert answer[0] == answer[3]
        assert len(set(answer)) == 3
    assert not set(first) & set(second)


def test_a_string_that_speaks_of_blank_nodes_is_left_alone(site: Faulty) -> None:
    odd = '"type": "bnode", "value": "nodeID://b1"'
    site.script(faulty.results(["s"], [{"s": literal(odd)}, {"s": literal("nodeID://b1")}]))
    assert select(site.partner()) == [(Literal(odd),), (Literal("nodeID://b1"),)]


def test_triples_about_triples_are_read(site: Faulty) -> None:
    inner = {"subject": bnode("b"), "predicate": iri("http://p"), "object": literal("x")}
    site.script(
        faulty.results(["s", "b"], [{"s": {"type": "triple", "value": inner}, "b": bnode("b")}])
    )
    [(triple, node)] = select(site.partner())
    assert isinstance(triple, Triple)
    assert triple.subject == node


@pytest.mark.parametrize("value", [True, False])
def test_ask_is_answered_true_or_false(site: Faulty, value: bool) -> None:
    site.script(faulty.boolean(value))
    assert Client().ask(site.partner(), "ASK {}", run()) is value


def test_ask_is_answered_in_a_row_by_virtuoso(site: Faulty) -> None:
    yes = literal("1", datatype=f"{XSD}integer")
    no = literal("0", datatype=f"{XSD}integer")
    for row, answer in (
        ([{"__ASK_RETVAL": yes}], True),
        ([{"__ASK_RETVAL": no}], False),
        ([], False),
    ):
        site.script(faulty.results(["__ASK_RETVAL"], row))
        assert Client().ask(site.partner(), "ASK {}", run()) is answer


def test_construct_gives_triples(site: Faulty) -> None:
    turtle = '@prefix e: <http://e/> . e:s e:p "<<"@en, [ e:q _:x ], (1 2) . _:x e:p 1 .'
    for media_type, body in (
        ("text/turtle; charset=UTF-8", turtle),
        ("application/n-triples", '<http://e/s> <http://e/p> "<<"@en .\n'),
    ):
        site.script(faulty.reply(body.encode(), media_type))
        found = Client().construct(site.partner(), "CONSTRUCT WHERE { ?s ?p ?o }", run())
        assert Literal("<<", language="en") in [triple.object for triple in found]
    assert "application/n-triples" in site.seen[0].headers["accept"]


# What is no answer.

HTML = b"<!DOCTYPE html><html><body>Welcome</body></html>"
GOOD = faulty.solutions(["s"], [{"s": iri("http://example.org/1")}])
NOT_RESULTS: dict[str, tuple[Behaviour, str]] = {
    "500": (faulty.status(500, b"boom\x1b[31m at line 1"), "answers with status 500 (Internal"),
    "503": (faulty.status(503), "answers with status 503 (Service Unavailable)."),
    "429": (faulty.status(429), "answers with status 429 (Too Many Requests)."),
    "404": (faulty.status(404, HTML, "text/html"), "answers with status 404 (Not Found)."),
    "401": (faulty.status(401), "answers with status 401 (Unauthorized)."),
    "204": (faulty.status(204), "answers with status 204 (No Content)."),
    "206": (faulty.reply(GOOD, status=206), "answers with status 206"),
    "299": (faulty.status(299), "answers with status 299."),
    "300": (faulty.status(300), "answers with status 300"),
    "html": (faulty.html(), "answers 'text/html' where SPARQL results were asked for."),
    "html said to be results": (faulty.reply(HTML), "that cannot be read"),
    "html said to be xml": (faulty.reply(HTML, XML), "that cannot be read"),
    "no type": (
        faulty.steps(faulty.head(200, {"Content-Length": str(len(GOOD))}), GOOD),
        "answers without saying in which type where SPARQL results were asked for.",
    ),
    "csv": (faulty.reply(b"s\r\n", "text/csv"), "answers 'text/csv'"),
    "nothing": (faulty.reply(b""), "that cannot be read"),
    "another json": (faulty.reply(b'{"hello": 1}'), "that cannot be read"),
    "a list": (faulty.reply(b"[]"), "that cannot be read"),
    "no head": (faulty.reply(b'{"results": {"bindings": [{"s": 1}]}}'), "that cannot be read"),
    "a variable that was not named": (
        faulty.results(["s"], [{"z": iri("http://example.org/")}]),
        "that cannot be read: The variable z has not been defined in the header.",
    ),
    "a term that is none": (
        faulty.results(["s"], [{"s": {"type": "cat", "value": "x"}}]),
        "that cannot be read",
    ),
    "an iri that is none": (faulty.results(["s"], [{"s": iri("a b")}]), "that cannot be read"),
    "null": (faulty.results(["s"], [{"s": None}]), "that cannot be read"),
    "latin-1": (faulty.reply(GOOD.replace(b"example", b"ex\xe9mple")), "that cannot be read"),
    "cut short": (faulty.truncated(GOOD), "closed the connection before its answer was whole."),
    "cut short and unannounced": (
        faulty.steps(faulty.head(200, {"Content-Type": JSON}), GOOD[:-3]),
        "that cannot be read",
    ),
    "announced too small": (faulty.understated(GOOD), "that cannot be read"),
    "followed by more": (faulty.reply(GOOD + b"{}"), "that cannot be read"),
    "xml cut short": (
        faulty.reply(SPARQL_XML.format("<result/>").encode()[:-20], XML),
        "answers SPARQL results (XML) that stop midway.",
    ),
    "xml cut in a tag": (
        faulty.reply(SPARQL_XML.format("<result/>").encode()[:-3], XML),
        "answers SPARQL results (XML) that stop midway.",
    ),
    "xml with entities": (
        faulty.reply(
            b"<!DOCTYPE x [<!ENTITY e 'x'>]>"
            + SPARQL_XML.format(
                "<result><binding name='s'><literal>&e;</literal></binding></result>"
            ).encode()[21:],
            XML,
        ),
        "that cannot be read",
    ),
    "true where rows were asked for": (
        faulty.boolean(True),
        "answers true or false where rows were asked for.",
    ),
    "a string that never ends": (
        faulty.reply(b'{"head": "\\u0061' + b'\\"' * 500_000),
        "that cannot be read",
    ),
    "comments that never end": (
        faulty.reply(b"<sparql></sparql>" + b"<!---->" * 500 + b"x", XML),
        "that stop midway",
    ),
    "a redirect loop": (faulty.redirect("/sparql"), "redirects more than 5 times."),
    "a hundred thousand brackets": (
        faulty.reply(b'{"head": {"vars": []}, "x": ' + b"[" * 10**5 + b"]" * 10**5 + b"}"),
        "",
    ),
}


@pytest.mark.parametrize(("behaviour", "did"), NOT_RESULTS.values(), ids=NOT_RESULTS)
def test_anything_else_than_results_is_the_partner_s_failure(
    site: Faulty, behaviour: Behaviour, did: str
) -> None:
    site.script(behaviour)
    asked = run()
    with pytest.raises(PartnerFailed) as caught:
        Client().select(site.partner(), SELECT, asked)
    sentence = str(caught.value)
    assert sentence.startswith("The partner faulty ")
    assert did in sentence
    assert sentence.isprintable()
    assert [exchange.failed for exchange in asked.exchanges] == [caught.value.did]


def nested(depth: int, *, escaped: bool = False) -> bytes:
    """JSON results with triples about triples, so deep."""
    kind = b"tripl\\u0065" if escaped else b"triple"
    before = (
        b'{"type": "%s", "value": {"subject": {"type": "uri", "value": "http://a"}, '
        b'"predicate": {"type": "uri", "value": "http://a"}, "object": ' % kind
    )
    term = before * depth + b'{"type": "uri", "value": "http://a"}' + b"}}" * depth
    return b'{"head": {"vars": ["s"]}, "results": {"bindings": [{"s": %s}]}}' % term


def nested_xml(depth: int) -> bytes:
    before = (
        "<triple><subject><uri>http://a</uri></subject><predicate><uri>http://a</uri></predicate>"
    )
    term = f"{before}<object>" * depth + "<uri>http://a</uri>" + "</object></triple>" * depth
    return SPARQL_XML.format(f"<result><binding name='s'>{term}</binding></result>").encode()


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        (nested(9), JSON),
        (nested(40_000), JSON),
        (nested(40_000, escaped=True), JSON),
        (nested_xml(9), XML),
        (nested_xml(40_000), XML),
    ],
    ids=["9 in JSON", "40,000 in JSON", "40,000 in escaped JSON", "9 in XML", "40,000 in XML"],
)
def test_an_answer_that_nests_without_end_does_not_end_the_server(
    site: Faulty, body: bytes, media_type: str
) -> None:
    """The engine's readers recurse: unguarded, the process would be gone."""
    site.script(faulty.reply(body, media_type))
    with pytest.raises(PartnerFailed, match=r"nests|deeper"):
        select(site.partner())


@pytest.mark.parametrize("body", [b'{"a": "triple"}]]]', b"triple" + 101 * b"[", b"triple]]["])
def test_brackets_that_do_not_pair_are_too_deep(site: Faulty, body: bytes) -> None:
    site.script(faulty.reply(body))
    with pytest.raises(PartnerFailed, match="nests deeper"):
        select(site.partner())


def test_an_answer_of_many_variables_that_are_not_bound_takes_no_room(site: Faulty) -> None:
    """Each row is three bytes on the way, and a place for each variable here."""
    names = [f"v{number}" for number in range(1_000)]
    site.script(faulty.results(names, [{} for _ in range(5_001)]))
    with pytest.raises(PartnerFailed, match="more than 5,000,000 values"):
        select(site.partner(), rows=50_000)


def test_all_answers_to_a_query_have_no_more_bytes_than_one_query_may_have(
    site: Faulty, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("federation.run.BYTES", 1_000)
    site.script(faulty.results(["s"], [{"s": literal("x" * 300)}]))
    books, client = run(), Client()
    for _ in range(2):
        client.select(site.partner(), SELECT, books)
    with pytest.raises(PartnerLimit, match="more than 1,000 bytes for this query"):
        client.select(site.partner(), SELECT, books)
    client.select(site.partner(), SELECT, run())


NOT_TRIPLES: dict[str, tuple[Behaviour, str]] = {
    "results": (faulty.results(), "where triples were asked for."),
    "rdf/xml": (
        faulty.reply(b"<rdf:RDF/>", "application/rdf+xml"),
        "where triples were asked for.",
    ),
    "html": (faulty.html(), "where triples were asked for."),
    "broken": (faulty.reply(b"<http://a> <http://b> .", "text/turtle"), "that cannot be read"),
    "nested": (
        faulty.reply(
            b"<http://a> <http://b> " + b"<<( <http://a> <http://b> " * 50_000, "text/turtle"
        ),
        "nests deeper",
    ),
    "nested in a line": (
        faulty.reply(
            b"<http://a> <http://b> " + b"<<( <http://a> <http://b> " * 50_000,
            "application/n-triples",
        ),
        "nests deeper",
    ),
    "nested a little": (
        faulty.reply(
            b"<http://a> <http://b> "
            + b"<<( <http://a> <http://b> " * 9
            + b"<http://a>"
            + b" )>>" * 9
            + b" .",
            "text/turtle",
        ),
        "nests deeper",
    ),
}


@pytest.mark.parametrize(("behaviour", "did"), NOT_TRIPLES.values(), ids=NOT_TRIPLES)
def test_anything_else_than_triples_is_the_partner_s_failure(
    site: Faulty, behaviour: Behaviour, did: str
) -> None:
    site.script(behaviour)
    with pytest.raises(PartnerFailed) as caught:
        Client().construct(site.partner(), "CONSTRUCT WHERE { ?s ?p ?o }", run())
    assert did in str(caught.value)


def test_rows_where_true_or_false_was_asked_for_are_no_answer(site: Faulty) -> None:
    site.script(faulty.results(["s"], []))
    with pytest.raises(PartnerFailed, match="answers rows where true or false was asked for"):
        Client().ask(site.partner(), "ASK {}", run())


def test_what_a_partner_says_of_its_error_is_told_where_it_is_short(site: Faulty) -> None:
    problem = b'{"type": "about:blank", "detail": "Unknown prefix\\n ex."}'
    site.script(faulty.status(400, problem, "application/problem+json"))
    with pytest.raises(PartnerRefused) as caught:
        select(site.partner())
    assert str(caught.value) == (
        "The partner faulty answers with status 400 (Bad Request), saying: Unknown prefix ex."
    )
    site.script(faulty.status(500, b"x" * 5000))
    with pytest.raises(PartnerFailed) as failed:
        select(site.partner())
    assert len(str(failed.value)) < 400


def test_an_error_may_be_kept_and_dropped_by_another_thread(site: Faulty) -> None:
    """The engine's results may not, so no error may carry them along."""
    site.script(faulty.reply(GOOD.replace(b"uri", b"cat")), faulty.boolean(True), rows(9))
    partner, kept = site.partner(limits=Limits(rows=5)), []
    for _ in range(3):
        with pytest.raises((PartnerFailed, PartnerLimit)) as caught:
            select(partner)
        kept.append(caught.value)
    del caught
    dropping = threading.Thread(target=kept.clear)
    dropping.start()
    dropping.join(PATIENCE)
    gc.collect()


@pytest.mark.parametrize("status", [200, 500])
@pytest.mark.parametrize("name", ["X-SPARQL-MaxRows", "Content-Length"])
def test_a_number_that_is_longer_than_any_changes_nothing(
    site: Faulty, name: str, status: int
) -> None:
    """Python itself refuses to read it."""
    said = {"Content-Type": JSON if status == 200 else "text/plain", name: "9" * 5_000}
    site.script(faulty.steps(faulty.head(status, said), faulty.solutions(["s"], [])))
    if status == 200:
        assert select(site.partner()) == []
    else:
        with pytest.raises(PartnerFailed):
            select(site.partner())
