"""A SERVICE inside a SERVICE, wherever it stands, answers as one store does, asked from here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from atlas.errors import NotFederable
from tests.federation.service_world import World, service_world

HERE = "ex:nancy ex:on ex:meurthe ."
TOWNS = """
ex:nancy ex:on ex:meurthe ; ex:name "Nancy" .
ex:metz ex:on ex:moselle ; ex:name "Metz" .
ex:toul ex:on ex:moselle .
ex:bar ex:on ex:ornain .
"""
RIVERS = """
ex:meurthe ex:song "une"@fr , "one"@en ; ex:to ex:moselle .
ex:moselle ex:song "deux"@fr ; ex:to ex:rhine .
"""
SONG = "SERVICE {1} { ?river ex:song ?song }"
NESTED = {
    "in an optional": f"?town ex:on ?river OPTIONAL {{ {SONG} }}",
    "in an optional with a filter": f"""?town ex:on ?river
        OPTIONAL {{ {SONG} FILTER(LANG(?song) = "fr" && ?town != ex:metz) }}""",
    "between two optionals": f"""?town ex:on ?river OPTIONAL {{ ?town ex:name ?name }}
        OPTIONAL {{ {SONG} }} OPTIONAL {{ ?other ex:on ?river FILTER(?other != ?town) }}""",
    "in one branch": f"?town ex:on ?river {{ {SONG} }} UNION {{ ?town ex:name ?name }}",
    "taken away": f"?town ex:on ?river MINUS {{ {SONG} ?town ex:name ?name }}",
    "in a group of its own": f"?town ex:on ?river {{ ?town ex:name ?name {SONG} }}",
    "before what is joined": f"OPTIONAL {{ {SONG} }} ?town ex:on ?river . ?town ex:name ?name",
    "before a taking away": f"?town ex:on ?river {SONG} MINUS {{ ?town ex:name ?name }}",
    "before an optional": f"?town ex:on ?river {SONG} OPTIONAL {{ ?town ex:name ?name }}",
    "before a binding": f"?town ex:on ?river OPTIONAL {{ {SONG} }} BIND(LANG(?song) AS ?tongue)",
    "two deep": """?town ex:on ?river OPTIONAL { SERVICE {1} { ?river ex:to ?next
        OPTIONAL { SERVICE {0} { ?more ex:on ?next } } } }""",
    "silent": "?town ex:on ?river OPTIONAL { SERVICE SILENT {1} { ?river ex:song ?song } }",
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with service_world(tmp_path_factory.mktemp("nested"), HERE, TOWNS, RIVERS) as found:
        yield found


@pytest.mark.parametrize("where", NESTED)
def test_it_answers_as_one_store_does_and_no_site_asks_another(where: str, world: World) -> None:
    world.forget()
    text = f"SELECT * {{ SERVICE {{0}} {{ {NESTED[where]} }} }}"
    assert world.ask(text) == world.truth(text) != Counter()
    assert not any("SERVICE" in asked for asked in world.asked())


@pytest.mark.parametrize(
    "inside",
    [
        "?town ex:on ?river FILTER EXISTS { SERVICE {1} { ?river ex:song ?song } }",
        "?town ex:on ?river { SELECT ?river { SERVICE {1} { ?river ex:song ?song } } }",
        "?town ex:on ?river GRAPH ?g { SERVICE {1} { ?river ex:song ?song } }",
    ],
)
def test_what_has_no_such_parts_is_refused(inside: str, world: World) -> None:
    world.forget()
    with pytest.raises(NotFederable, match="holds another SERVICE"):
        world.ask(f"SELECT * {{ SERVICE {{0}} {{ {inside} }} }}")
    assert world.asked() == []


def test_one_that_may_fail_is_not_taken_apart(world: World) -> None:
    """Under SILENT the failure of the inner one would leave nothing of the outer one."""
    with pytest.raises(NotFederable, match="holds another SERVICE"):
        world.ask(f"SELECT * {{ SERVICE SILENT {{0}} {{ ?town ex:on ?river {SONG} }} }}")
