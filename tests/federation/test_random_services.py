"""Queries at random give what one store gives that holds all sites."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import pyoxigraph as ox
import pytest

from atlas.errors import Forbidden, MalformedQuery, NotFederable
from federation.partner import ALL, IRIS, NONE
from tests.federation.random_services import LOCAL_GRAPH, Chance, Dense
from tests.federation.service_world import World, service_world

SITES = 3
QUERIES, IN_ONE_TEST = 600, 100
# The oracle's engine does not bind ?a in GRAPH ?a {…} where no triple pattern stands inside.
BARE = re.compile(r"SERVICE \?a (?!\{ (?:\?|ex:))")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with service_world(tmp_path_factory.mktemp("home"), "", *[""] * SITES) as made:
        yield made


def prepare(world: World, kind: type[Chance], seed: int) -> str:
    """Other data on all sites, other entries of partners, and a query."""
    chance = kind(seed, [site.endpoint for site in world.sites])
    store = world.here.store
    store.clear()
    store.load(chance.data(18).encode(), ox.RdfFormat.TURTLE)
    store.load(chance.data(6).encode(), ox.RdfFormat.TURTLE, to_graph=ox.NamedNode(LOCAL_GRAPH))
    blanks = chance.random() < 0.3
    for number, site in enumerate(world.sites):
        site.data = ox.Store()
        site.load(chance.data(16, blanks=blanks))
        if seed % IN_ONE_TEST == 0:
            limits = world.federation.partners.get(f"site-{number}").limits
            block = chance.choice([1, 2, 3, 500])
            world.entry(
                number,
                sends=chance.choice([ALL, ALL, IRIS, NONE]),
                limits=type(limits)(block=block),
            )
    return chance.query()


@pytest.mark.parametrize("first", range(0, QUERIES, IN_ONE_TEST))
@pytest.mark.parametrize("kind", [Chance, Dense])
def test_random_queries_equal_the_oracle(world: World, kind: type[Chance], first: int) -> None:
    outcomes: Counter[str] = Counter()
    for seed in range(first, first + IN_ONE_TEST):
        text = prepare(world, kind, seed)
        outcomes[compare(world, text)] += 1
    assert outcomes["compared"] > IN_ONE_TEST / 3, outcomes


def compare(world: World, text: str) -> str:
    if "SERVICE ?a" in text and (LOCAL_GRAPH in text or BARE.search(text)):
        return "unclear"
    try:
        truth = world.truth(text)
    except MalformedQuery:
        return "malformed"
    try:
        answer = world.ask(text)
    except (NotFederable, Forbidden) as error:
        # EXISTS over what is not always bound; a value of ?a that is no partner.
        return type(error).__name__
    assert answer == truth, text
    return "compared"
