"""SERVICE with bind join: who is asked what, and what comes of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib

from atlas.errors import (
    Forbidden,
    MalformedQuery,
    NotFederable,
    PartnerFailed,
    PartnerLimit,
    SparqlError,
)
from federation.partner import HARVEST, IRIS, NONE, Limits
from federation.service.bind_join import MOST_SERVICES
from store.answers import Operation
from tests.federation.random_services import PREFIXES
from tests.federation.service_world import World, bag, service_world
from tests.federation.small_site import JSON
from tests.waiting import until

HERE = """
ex:nancy a ex:Town ; ex:code 54395 ; ex:name "Nancy"@fr .
ex:metz a ex:Town ; ex:code 57463 ; ex:name "Metz"@fr .
ex:epinal a ex:Town ; ex:code "88160" ; ex:part ex:vosges .
_:nowhere a ex:Town .
"""
RIVERS = """
ex:nancy ex:on ex:meurthe . ex:metz ex:on ex:moselle, ex:seille . ex:epinal ex:on ex:moselle .
ex:paris ex:on ex:seine . ex:meurthe ex:length 161 . ex:moselle ex:length 560 .
[] ex:on ex:moselle .
"""
SONGS = """
ex:moselle ex:song "Die Mosel"@de, "La Moselle"@fr . ex:meurthe ex:song "La Meurthe"@fr .
"""


@pytest.fixture(scope="module")
def module_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with service_world(tmp_path_factory.mktemp("home"), HERE, RIVERS, SONGS) as made:
        yield made


@pytest.fixture
def world(module_world: World) -> World:
    module_world.forget()
    return module_world


def test_a_partner_is_asked_once_about_the_values_that_are_here(world: World) -> None:
    text = "SELECT ?town ?river { ?town a ex:Town SERVICE {0} { ?town ex:on ?river } }"
    assert world.ask(text) == world.truth(text)
    (asked,) = world.asked()
    assert "VALUES (?town)" in asked
    assert "paris" not in asked
    assert world.ran is not None
    assert [(one.bindings, one.rows) for one in world.ran.exchanges] == [(3, 4)]


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { ?town ex:code ?c OPTIONAL { SERVICE {0} { ?town ex:on ?river } } }",
        "SELECT * { ?town ex:code ?c { SERVICE {0} { ?town ex:on ?r } } UNION { ?town ex:in ?r } }",
        "SELECT * { ?town ex:code ?c MINUS { SERVICE {0} { ?town ex:on ex:moselle } } }",
        "SELECT * { ?town ex:code ?c FILTER EXISTS { SERVICE {0} { ?town ex:on ex:seille } } }",
        "SELECT * { ?town ex:code ?c FILTER NOT EXISTS { SERVICE {0} { ?town ex:on ?r } } }",
        "SELECT * { { SELECT ?town { SERVICE {0} { ?town ex:on ?r } } } ?town ex:code ?c }",
        "SELECT * { { { SERVICE {0} { ?town ex:on ?river } } } ?town ex:code ?c }",
        "SELECT * { ?town ex:code ?c SERVICE {0} { SELECT ?town (COUNT(*) AS ?n) { ?town ex:on ?r }"
        " GROUP BY ?town } }",
        "SELECT * { SERVICE {0} { ?town ex:on ?river } } VALUES ?town { ex:nancy ex:epinal }",
        "SELECT * { BIND(ex:metz AS ?town) SERVICE {0} { ?town ex:on ?river } }",
        "SELECT (COUNT(?river) AS ?n) { ?town ex:code ?c SERVICE {0} { ?town ex:on ?river } }",
        "ASK { ?town ex:part ?d SERVICE {0} { ?town ex:on ex:moselle } }",
        "SELECT * { ?town ex:code ?c SERVICE {0} { ?town ex:on ?r OPTIONAL { ?r ex:length ?l } } }",
        "SELECT * { ?town ex:code ?c SERVICE {0} { SELECT ?town { ?town ex:on ?r } LIMIT 99 } }",
    ],
)
def test_values_reach_a_service_wherever_it_stands(world: World, text: str) -> None:
    assert world.ask(text) == world.truth(text)
    (asked,) = world.asked()
    assert "VALUES (?town)" in asked


@pytest.mark.parametrize(
    "text",
    [
        # What is bound in an OPTIONAL, or by what may fail, is bound for no certain solution.
        "SELECT * { OPTIONAL { ?town ex:part ?d } SERVICE {0} { ?town ex:on ?river } }",
        "SELECT * { BIND(IRI(1 / 0) AS ?town) SERVICE {0} { ?town ex:on ?river } }",
        # What stands behind an OPTIONAL chooses among what it has left.
        "SELECT * { VALUES ?x { 1 } OPTIONAL { SERVICE {0} { ?town ex:on ?r } } ?town ex:part ?d }",
        # A sub-select hides its other variables, and counts or cuts before it is joined.
        "SELECT * { ?r ex:part ?d { SELECT ?town { SERVICE {0} { ?town ex:on ?r } } } }",
        "SELECT * { ?town ex:part ?d"
        " { SELECT (COUNT(*) AS ?n) { SERVICE {0} { ?town ex:on ?r } } } }",
        "SELECT * { ?town ex:part ?d { SELECT * { SERVICE {0} { ?town ex:on ?r } }"
        " ORDER BY DESC(?town) ?r LIMIT 1 } }",
        # A variable that the body does not always bind joins anything.
        "SELECT * { ?r ex:part ?d SERVICE {0} { ?town ex:on ?x OPTIONAL { ?x ex:length ?r } } }",
        # A filter of one group does not see what another binds.
        "SELECT * { ?town ex:part ?d SERVICE {0} { ?a ex:on ?r FILTER(!BOUND(?town)) } }",
    ],
)
def test_values_go_nowhere_where_they_would_change_the_answer(world: World, text: str) -> None:
    assert world.ask(text) == world.truth(text)
    assert not any("VALUES" in asked for asked in world.asked())


def test_filters_on_what_a_partner_says_do_not_empty_what_it_is_asked(world: World) -> None:
    text = """SELECT * { ?town ex:code ?c SERVICE {0} { ?town ex:on ?r }
        FILTER(?r = ex:moselle) FILTER NOT EXISTS { ?town ex:closed ?r } FILTER(?c = "88160") }"""
    assert world.ask(text) == world.truth(text) != Counter()
    # That on what is here says for whom to ask.
    assert "nancy" not in world.asked()[0]


def test_a_later_service_is_asked_about_what_an_earlier_one_said(world: World) -> None:
    text = """SELECT * { SERVICE {1} { ?river ex:song ?song } ?town a ex:Town
        SERVICE {0} { ?town ex:on ?river } FILTER(LANG(?song) = "fr") }"""
    assert world.ask(text) == world.truth(text)
    assert [len(site.asked) for site in world.sites] == [1, 1]
    assert "moselle" in world.sites[1].asked[0]
    assert "seine" not in world.sites[1].asked[0]


def test_nobody_is_asked_where_nothing_here_could_join(world: World) -> None:
    text = "SELECT * { ?town ex:code 0 OPTIONAL { SERVICE {0} { ?town ex:on ?river } } }"
    assert world.ask(text) == Counter()
    assert world.ask("SELECT * { ?x ex:no ?y SERVICE {0} { ?town ex:on ?river } }") == Counter()
    assert world.asked() == []


def test_many_values_are_sent_in_blocks_and_too_many_are_not_sent(
    tmp_path: Path,
) -> None:
    here = " ".join(f"ex:t{number} a ex:Town ." for number in range(45))
    there = " ".join(f"ex:t{number} ex:on ex:r{number % 3}, ex:r9 ." for number in range(50))
    text = "SELECT * { ?town a ex:Town SERVICE {0} { ?town ex:on ?river } }"
    with service_world(tmp_path, here, there, block=10) as world:
        assert world.ask(text) == world.truth(text)
        assert len(world.asked()) == 5
        world.forget()
        world.entry(0, limits=Limits(block=2))
        assert world.ask(text) == world.truth(text)
        assert ["VALUES" in asked for asked in world.asked()] == [False]
        world.entry(0, limits=Limits(block=2, rows=60))
        with pytest.raises(PartnerLimit, match="site-0"):
            world.ask(text)


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("SELECT * { SERVICE {0} { ?town ex:on ?river } } LIMIT 2 OFFSET 1", 3),
        ("ASK { SERVICE {0} { ?town ex:on ?river } }", 1),
        ("SELECT DISTINCT ?river { SERVICE {0} { ?town ex:on ?river } } LIMIT 1", 6),
        ("SELECT * { SERVICE {0} { ?town ex:on ?river } } ORDER BY ?river LIMIT 1", 6),
        ("SELECT (COUNT(*) AS ?n) { SERVICE {0} { ?town ex:on ?river } } LIMIT 1", 6),
        ("SELECT * { SERVICE {0} { ?town ex:on ?river } FILTER(isBlank(?town)) } LIMIT 1", 6),
    ],
)
def test_no_more_rows_are_moved_than_a_limit_needs(world: World, text: str, rows: int) -> None:
    assert sum(world.ask(text).values()) == sum(world.truth(text).values())
    assert world.ran is not None
    assert [one.rows for one in world.ran.exchanges] == [rows]


def test_what_a_partner_may_not_be_sent_is_not_sent(tmp_path: Path) -> None:
    here = 'ex:a ex:code "secret" ; ex:at ex:place . _:b ex:code "other" ; ex:at ex:place2 .'
    there = 'ex:a ex:has "secret" . ex:c ex:has "public" .'
    text = "SELECT * { ?x ex:code ?code SERVICE {0} { ?x ex:has ?code } }"
    with service_world(tmp_path, here, there) as world:
        for sends, sent in ((IRIS, {"/a"}), (NONE, set())):
            world.forget()
            world.entry(0, sends=sends)
            assert world.ask(text) == world.truth(text) != Counter()
            (asked,) = world.asked()
            assert {word for word in ("/a", "secret", "_:", "urn:x-atlas") if word in asked} == sent


class Keeping:
    """A site whose engine keeps literals as they were written."""

    def __init__(self, turtle: str) -> None:
        self.graph = rdflib.Graph()
        self.graph.parse(data=turtle, format="turtle")

    def answer(self, text: str) -> tuple[int, str, bytes]:
        return 200, JSON, self.graph.query(text).serialize(format="json") or b""


def test_a_join_on_a_number_finds_it_however_a_partner_writes_it(tmp_path: Path) -> None:
    here = (
        'ex:a ex:year 2020 . ex:b ex:year "07"^^xsd:int . ex:c ex:year 3.50 . ex:d ex:year true .'
    )
    there = f"""{PREFIXES} ex:w ex:in "2020"^^xsd:short . ex:x ex:in "007"^^xsd:integer .
        ex:y ex:in "3.5"^^xsd:decimal . ex:z ex:in 1 . ex:b ex:in "1"^^xsd:boolean ."""
    text = "SELECT ?thing ?event { ?thing ex:year ?year SERVICE {0} { ?event ex:in ?year } }"
    with service_world(tmp_path, here, "") as world:
        world.sites[0].answer = Keeping(there).answer  # type: ignore[method-assign]
        for block in (500, 3):
            world.entry(0, limits=Limits(block=block))
            found = {(row[0][-2:-1], row[1][-2:-1]) for row in world.ask(text)}
            assert found == {("a", "w"), ("b", "x"), ("c", "y"), ("d", "b")}


def test_languages_and_types_come_through_as_they_are(tmp_path: Path) -> None:
    there = """ex:a ex:v "x"@fr-BE, "y", "2020-01-02"^^xsd:date, "q"^^ex:type, "1.50"^^xsd:decimal,
        '''a "quoted" } line\n and \\\\ more''' ."""
    with service_world(tmp_path, "ex:a a ex:Thing .", there) as world:
        text = "SELECT ?v { ?x a ex:Thing SERVICE {0} { ?x ex:v ?v } }"
        assert world.ask(text) == world.truth(text)
        assert len(world.ask(text)) == 6


def test_blank_nodes_of_partners_are_nodes_and_nobody_else_s(tmp_path: Path) -> None:
    there = "_:n ex:p ex:one, ex:two . _:m ex:p ex:one ."
    with service_world(tmp_path, "_:n ex:q ex:one .", there, there) as world:
        text = (
            "SELECT (COUNT(DISTINCT ?x) AS ?n) { SERVICE {0} { ?x ex:p ?y } FILTER(isBlank(?x)) }"
        )
        assert (
            world.ask(text)
            == world.truth(text)
            == Counter([('"2"^^<http://www.w3.org/2001/XMLSchema#integer>',)])
        )
        apart = "SELECT * { SERVICE {0} { ?x ex:p ?y } SERVICE {1} { ?x ex:p ?z } }"
        assert world.ask(apart) == Counter()
        same = "SELECT * { ?x ex:q ?y SERVICE {0} { ?x ex:p ?z } }"
        assert world.ask(same) == Counter()


def test_a_blank_node_in_two_blocks_is_one_node(tmp_path: Path) -> None:
    text = "SELECT (COUNT(DISTINCT ?n) AS ?all) { ?x a ex:T SERVICE {0} { ?n ex:p ?x } }"
    with service_world(tmp_path, "ex:a a ex:T . ex:b a ex:T .", "_:n ex:p ex:a, ex:b .") as world:
        world.entry(0, limits=Limits(block=1))
        assert world.ask(text) == world.truth(text)


def test_a_variable_names_partners(world: World) -> None:
    one, two = (ox.NamedNode(site.endpoint) for site in world.sites)
    for text in (
        f"SELECT * {{ VALUES ?site {{ {one} {two} }} SERVICE ?site {{ ?s ex:on|ex:song ?o }} }}",
        "SELECT * { SERVICE ?site { ?s ex:on|ex:song ?o } }",
        f"SELECT * {{ ?s ex:code ?c VALUES (?site ?s) {{ ({one} ex:nancy) ({two} ex:metz) }}"
        " SERVICE ?site { ?s ex:on ?o } }",
    ):
        world.forget()
        assert world.ask(text) == world.truth(text)
        assert [len(site.asked) for site in world.sites] == [1, 1]
    assert "nancy" in world.sites[0].asked[0]
    assert "metz" not in world.sites[0].asked[0]


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { SERVICE <http://127.0.0.1:1/sparql> { ?s ?p ?o } }",
        "SELECT * { SERVICE ?site { ?s ?p ?o } VALUES ?site { <http://127.0.0.1:1/sparql> } }",
        "SELECT * { ?s ex:code ?site SERVICE ?site { ?s ?p ?o } }",
        "SELECT * { ?s ex:no ?o SERVICE <http://127.0.0.1:1/sparql> { ?s ?p ?o } }",
    ],
)
def test_whoever_is_no_partner_is_not_asked(world: World, text: str) -> None:
    with pytest.raises(Forbidden, match="SERVICE"):
        world.ask(text)
    # SILENT passes over any error; what it gives then binds nothing, and nobody was asked.
    silent = text.replace("SERVICE", "SERVICE SILENT")
    assert sum(world.ask(silent).values()) == (0 if "ex:no" in text else 1 + ("code" in text) * 2)
    assert world.asked() == []


def test_a_partner_for_harvests_only_is_not_asked(tmp_path: Path) -> None:
    with service_world(tmp_path, "", "ex:a ex:b ex:c .") as world:
        world.entry(0, uses=frozenset({HARVEST}))
        with pytest.raises(Forbidden):
            world.ask("SELECT * { SERVICE {0} { ?s ?p ?o } }")
        assert world.asked() == []


def test_a_partner_that_fails_is_named_or_passed_over(tmp_path: Path) -> None:
    there = "ex:a ex:on ex:r . ex:b ex:on ex:r ."
    text = "SELECT ?x ?r { ?x a ex:Town SERVICE {0} { ?x ex:on ?r } }"
    with service_world(tmp_path, "ex:a a ex:Town . ex:b a ex:Town .", there, block=1) as world:
        world.sites[0].refuses = lambda asked: "/b>" in asked
        with pytest.raises(PartnerFailed, match="site-0"):
            world.ask(text)
        silent = text.replace("SERVICE", "SERVICE SILENT")
        assert sorted(row[1] for row in world.ask(silent)) == ["None", "None"]
        # Asked for, a partial answer has what was said, and says what is missing. After a failure
        # no more is asked, so this one comes when the other block has been asked about as well.
        site = world.sites[0]
        site.asked.clear()

        def fails(asked: str) -> bool:
            if "/b>" in asked:
                until(lambda: any("/a>" in other for other in site.asked))
            return "/b>" in asked

        site.refuses = fails
        assert [row[0] for row in world.ask(text, partial=True)] == ["<http://example.org/a>"]
        assert world.ran is not None
        assert world.ran.left_out.keys() == {"site-0"}


def test_values_of_a_request_bind_what_a_partner_is_asked(world: World) -> None:
    text = "SELECT ?town ?river { ?town a ex:Town SERVICE {0} { ?town ex:on ?river } }"
    nancy = ox.NamedNode("http://example.org/nancy")
    answer = world.ask(text, substitutions={"town": nancy})
    assert [row[0] for row in answer] == [str(nancy)]
    assert "metz" not in world.asked()[0]


def test_a_cut_sub_select_is_cut_once(tmp_path: Path) -> None:
    """Its solutions are chosen, the partner is asked about these, and they are in the answer."""
    here = " ".join(f"ex:t{number} a ex:Town ." for number in range(40))
    there = " ".join(f"ex:t{number} ex:on ex:r ." for number in range(40))
    with service_world(tmp_path, here, there) as world:
        text = "SELECT * { { SELECT ?t { ?t a ex:Town } LIMIT 5 } SERVICE {0} { ?t ex:on ?r } }"
        assert sum(world.ask(text).values()) == 5
        assert world.ran is not None
        assert [one.rows for one in world.ran.exchanges] == [5]


def test_graphs_triples_and_descriptions_are_answered_too(world: World) -> None:
    run = world.here.run
    made = "CONSTRUCT { ?town ex:near ?r } { ?town ex:code ?c SERVICE {0} { ?town ex:on ?r } }"
    assert len(list(run(world.rewritten(Operation(world.filled(made)))))) == 4
    described = "DESCRIBE ?town { ?town a ex:Town SERVICE {0} { ?town ex:on ex:seille } }"
    assert len(list(run(world.rewritten(Operation(world.filled(described)))))) == 3


def test_a_partner_gets_the_declarations_that_its_part_needs(world: World) -> None:
    text = """BASE <http://example.org/> PREFIX a: <urn:a:> PREFIX : <on-> PREFIX o: <o>
        SELECT * { <nancy> a:no [] . SERVICE {0} { <nancy> o:n ?r } }""".replace(
        "<nancy> a:no [] . ", ""
    )
    text = text.replace("{0}", f"<{world.sites[0].endpoint}>")
    found = bag(world.here.run(world.rewritten(Operation(text))))
    assert found == Counter([("<http://example.org/meurthe>",)])
    (asked,) = world.asked()
    assert "PREFIX o: <http://example.org/o>" in asked
    assert "urn:a:" not in asked


@pytest.mark.parametrize(
    "text",
    [
        "SELECT*{?t ex:code ?c SERVICE{0}{?t ex:on ?r}}",
        "SELECT * { ?t ex:code ?c SERVICESILENT{0}{ ?t ex:on ?r } }",
        "SELECT * { ?t ex:code 54395SERVICE{0}{ ?t ex:on ?r } }",
        "SELECT * { ?t ex:name 'Nancy'@fr.SERVICE # {0} { } \n {0}{ ?t ex:on ?r # } \n } }",
        'SELECT * { ?t ex:code ?c SERVICE {0} { ?t ex:on ?r FILTER("}" != """ { SERVICE """) } }',
        "SELECT * { ?t ex:code ?c OPTIONAL{SERVICE{0}{?t ex:on ?r FILTER(?r<?t&&?t>?r)}} }",
    ],
)
def test_text_is_read_as_the_engine_reads_it(world: World, text: str) -> None:
    assert world.ask(text) == world.truth(text.replace("SERVICESILENT", "SERVICE SILENT"))
    assert len(world.asked()) == 1


def test_a_prefix_may_be_called_as_the_keyword_is(world: World) -> None:
    site = world.sites[0].endpoint
    text = f"""PREFIX : <{site.removesuffix("sparql")}> PREFIX service: <http://example.org/>
        SELECT ?r {{ service:nancy service:code ?c
            SERVICE:sparql{{ service:nancy service:on ?r }} }}"""
    found = bag(world.here.run(world.rewritten(Operation(text))))
    assert found == Counter([("<http://example.org/meurthe>",)])


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        ("SELECT * { ?s ex:on ?o SERVICE {0} { ?s ex:on } }", MalformedQuery, "line 3"),
        ("SELECT ?x { SERVICE {0} { ?s ex:on ?x } BIND(1 AS ?x) }", MalformedQuery, "valid"),
        ("SELECT * { SERVICE {0} { ?s no:on ?o } }", MalformedQuery, "prefix"),
        (
            "SELECT * { ?s ex:code ?o LATERAL { SERVICE {0} { ?s ex:on ?r } } }",
            NotFederable,
            "LATERAL",
        ),
        (
            "SELECT * { SERVICE SILENT {0} { ?s ex:on ?r SERVICE {1} { ?r ex:song ?x } } }",
            NotFederable,
            "side by side",
        ),
        (
            "SELECT * { ?s ex:no ?c FILTER EXISTS { SERVICE {0} { ?s ex:on ?r FILTER(?c > 1) } } }",
            NotFederable,
            "name",
        ),
    ],
)
def test_what_cannot_be_answered_is_said_before_anybody_is_asked(
    world: World, text: str, error: type[SparqlError], said: str
) -> None:
    with pytest.raises(error, match=said):
        world.ask(text)
    assert world.asked() == []


def test_a_service_in_a_service_is_asked_from_here(world: World) -> None:
    nested = """SELECT * { SERVICE {0} { ?town ex:on ?river SERVICE {1} { ?river ex:song ?song }
        FILTER(?town != ex:metz) FILTER(LANG(?song) = "fr") } }"""
    beside = """SELECT * { SERVICE {0} { ?town ex:on ?river } SERVICE {1} { ?river ex:song ?song }
        FILTER(?town != ex:metz) FILTER(LANG(?song) = "fr") }"""
    assert world.ask(nested) == world.truth(beside) != Counter()
    assert not any("SERVICE" in asked for asked in world.asked())


def test_functions_that_only_a_partner_has_are_the_partner_s(world: World) -> None:
    """The engine here need not know them; what it says of others it says still."""
    text = "SELECT * { SERVICE SILENT {0} { ?s ex:on ?o FILTER(<urn:their-own>(?o)) } }"
    assert sum(world.ask(text).values()) == 1


def test_a_query_has_so_many_services_and_no_more(world: World) -> None:
    """For each one values are looked for here, again and again: that work is bounded."""
    text = " ".join(f"SERVICE {{0}} {{ ?x{n} ex:song ?y{n} }}" for n in range(MOST_SERVICES + 1))
    with pytest.raises(NotFederable, match=f"has {MOST_SERVICES + 1} SERVICEs; at most"):
        world.ask(f"SELECT * {{ {text} }}")
    nested = "SERVICE {0} { ?x ex:song ?y . " * (MOST_SERVICES + 1) + "}" * (MOST_SERVICES + 1)
    with pytest.raises(NotFederable, match="SERVICEs; at most"):
        world.ask(f"SELECT * {{ {nested} }}")
    assert world.asked() == []


def test_after_a_block_that_fails_no_other_is_asked(tmp_path: Path) -> None:
    here = " ".join(f"ex:c{number} a ex:City ." for number in range(12))
    with service_world(tmp_path, here, "ex:c1 ex:song 'one' .", block=1, concurrency=1) as world:
        world.sites[0].refuses = lambda text: "SELECT" in text
        with pytest.raises(PartnerFailed):
            world.ask("SELECT * { ?c a ex:City SERVICE {0} { ?c ex:song ?s } }")
        assert len(world.asked()) == 1
